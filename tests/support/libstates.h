/*
 * libstates.h -- snapshots and steps of a few short pages, right or wrong as a
 * test wants them: what a step names is said apart from what it should.
 *
 *	const struct page was[] = { { "A", "old" }, { NULL } };
 *	const struct page is[] = { { "A", "new" }, { "B", "b" }, { NULL } };
 *	states_snapshot(out, 1, was, &file);
 *	states_step(out, &(struct states_step){ .from = 1, .was = was,
 *	    .serial = 2, .is = is, .put = is }, &file);
 *
 * Lists are in the order of their names and end with a NULL.  Failures end
 * the test.  Feeds have the id SAMPLE_ID of libdocuments.h.
 */
#ifndef TESTS_LIBSTATES_H
#define TESTS_LIBSTATES_H

#include "feeds/feed.h"

struct page {
	const char *name;
	const char *text;
};

void states_digest(const struct page *pages, struct digest *out);

/* Write to a new file; *file tells what history would say of it. */
void states_snapshot(int out, int64_t serial, const struct page *pages,
    struct feed_file *file);

struct states_step {
	int64_t from, serial;
	const struct page *was, *is;   /* the states */
	const struct page *put, *drop; /* what it names; NULL: nothing */
};
void states_step(int out, const struct states_step *s, struct feed_file *file);

/* The bytes of the entries that a step names and that its base has. */
void states_prefix(const struct states_step *s, struct buf *out);

#endif
