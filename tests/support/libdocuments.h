/*
 * libdocuments.h -- good documents of the published format, for tests to write,
 * bend and break.
 */
#ifndef TESTS_LIBDOCUMENTS_H
#define TESTS_LIBDOCUMENTS_H

#include "feeds/feed.h"
#include "feeds/history.h"
#include "feeds/manifest.h"
#include "feeds/network.h"

#define SAMPLE_ID "urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a10"

/* Names and notes that FORMAT section 3 allows and that are a trial. */
extern const char *const sample_hostile[];
extern const size_t sample_hostile_count;

/* Serial 123 of the standard case of DESIGN section 7, with its step inside. */
void sample_feed(struct feed *feed);
/* Document 4, with two skips and the serials 97 to 123. */
void sample_history(struct history *h);
void sample_network(struct network *n);
/* The step from 122 to 123, or a snapshot of 123; sizes and digests set. */
void sample_manifest(struct manifest *m, bool step);

/* Add a page (in path order). */
void sample_add_page(struct manifest *m, const char *name, const char *comment);

/* An item of a published folder: its digest is that of the text what. */
struct feed_file sample_file(const char *what, int64_t length,
    int64_t unpacked);

/*
 * The text with the first occurrence of one piece put in the place of
 * another, to be freed.  Ends the test if it is not there.
 */
char *sample_replace(const char *text, const char *old, const char *new);

/*
 * Each text with one piece replaced is read: it must be refused with
 * FAULT_FORMAT and those words, or be taken where there are none.  What is
 * otherwise ends the test.
 */
struct sample_bend {
	const char *old;
	const char *new;
	const char *because; /* NULL: it is read all the same */
};
typedef int sample_reader(const char *text, size_t n, struct fault *f);
void sample_bend_all(const char *text, const struct sample_bend *bends,
    size_t n, sample_reader *read);
#define SAMPLE_BEND(text, bends, read) \
	sample_bend_all(text, bends, sizeof(bends) / sizeof((bends)[0]), read)

/* Both NULL, or the same text.  Ends the test if they are not. */
void sample_same(const char *a, const char *b);

#endif
