/*
 * history.h -- which steps lead where, HISTORY_SERIALS serials a document
 * (FORMAT section 5).
 *
 * Document number d holds the serials 32(d-1)+1 to 32d and names d-1 and, for
 * every i >= 1 with 2^i dividing d, d-2^i.
 */
#ifndef FEEDS_HISTORY_H
#define FEEDS_HISTORY_H

#include "feeds/feed.h"

struct history_skip {
	int64_t to; /* number of an older document */
	struct digest digest;
	int64_t length;
};

struct history_row {
	int64_t serial;
	struct digest state;
	struct feed_file *steps; /* from set; sorted by from, falling */
	size_t step_count;
	struct feed_file snapshot; /* may be absent; may have pieces */
};

struct history {
	char feed[FEED_ID_TEXT];
	int64_t number;
	struct history_skip *skips; /* sorted by to, falling */
	size_t skip_count;
	struct history_row *rows; /* sorted by serial, rising */
	size_t row_count;
};

#define OWNED_HISTORY OWNED(history_clear)

void history_init(struct history *h);
void history_clear(struct history *h);

/* Number of the document that holds a serial. */
int64_t history_number(int64_t serial);

/* The numbers that document d names, falling; at most 64. Returns how many. */
size_t history_targets(int64_t number, int64_t out[64]);

int history_add_skip(struct history *h, const struct history_skip *skip,
    struct fault *f) __attribute__((warn_unused_result));
/*
 * Adds a row; *row is valid until the next call.  The order is for
 * history_check() to judge.
 */
int history_add_row(struct history *h, int64_t serial,
    const struct digest *state, struct history_row **row, struct fault *f)
    __attribute__((warn_unused_result));
int history_add_step(struct history_row *row, const struct feed_file *step,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Is the feed id one, are all rows those of this document, rising, all steps
 * and skips falling, all lengths within the limits?
 */
int history_check(const struct history *h, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * XML, not compressed; both ask history_check().  Whether it is the right
 * feed and document is the caller's to compare.  A document may have its rows,
 * steps and skips in any order: history_read sorts them.  h is untouched on
 * failure.
 */
int history_write(const struct history *h, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));
int history_read(const char *bytes, size_t n, struct history *h,
    struct fault *f) __attribute__((warn_unused_result));

#endif
