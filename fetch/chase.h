/*
 * chase.h -- from the serial that the store has to the head: read history,
 * choose the cheapest way, fetch its files, apply them (FORMAT section 6,
 * points 4 to 6).
 *
 * Runs inside the caller's transaction; -1 leaves the caller to roll back.
 * Contents are checked by digest before the worker sees them, and by the
 * state digest before they count.
 */
#ifndef FETCH_CHASE_H
#define FETCH_CHASE_H

#include "feeds/path.h"
#include "fetch/book.h"
#include "fetch/download.h"
#include "fetch/worker.h"

struct chase {
	struct book *book;
	struct book_feed *feed;	   /* stored is moved to head->serial */
	const struct feed *head;   /* verified */
	struct download *download; /* the mirrors */
	struct worker *worker;
	int64_t now;
	int64_t steps, snapshots; /* applied */
	int64_t disputed;	  /* after FAULT_FORK: the serial */
	/* inside */
	struct path_edge *edges;
	size_t edge_count;
	int looked; /* how far for edges */
};

/*
 * FAULT_FORK: history names another state for a serial that was accepted.
 */
int chase_head(struct chase *c, struct fault *f)
    __attribute__((warn_unused_result));

/* Has the head's history a row of these serials? */
int chase_has_rows(struct chase *c, int64_t from, int64_t to, bool *has,
    struct fault *f) __attribute__((warn_unused_result));
void chase_clear(struct chase *c);

#endif
