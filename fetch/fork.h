/*
 * fork.h -- two documents, each with a good signature, say different things of
 * one serial (FORMAT section 6): both are kept, and nothing is installed until
 * a person resumes or the publisher jumps ahead of all that is in dispute.
 */
#ifndef FETCH_FORK_H
#define FETCH_FORK_H

#include "fetch/chase.h"

/* SQL for follow.db: which serials are in dispute. */
extern const char fork_schema[];

struct fork_seen {
	const char *name;	 /* of the feed's section */
	const struct feed *head; /* of the document that is no sequel */
	const struct buf *document;
	int64_t serial; /* the lowest that both speak of */
	int64_t now;
	const struct fault *why;
};

/*
 * Keep the accepted document and the other one in the state folder, as
 * evidence/<feed>-<serial>-<sha256 of the document>.atom, and mark the feed.
 * A transaction of its own.
 */
int fork_begin(struct book *book, struct book_feed *feed,
    const struct fork_seen *seen, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * A verified document that is behind may be of another past: then it is no
 * replay, but of somebody else who signs, and *why becomes FAULT_FORK.
 */
int fork_look(struct book *book, const struct book_feed *feed,
    const struct feed *head, int64_t now, struct fault *why, struct fault *f)
    __attribute__((warn_unused_result));

/* What is told of a feed that is marked.  Always returns -1. */
int fork_stands(const struct book_feed *feed, const char *name,
    struct fault *f);

/*
 * Does the verified document of a chase end it?  One that has jumped ahead of
 * all that is in dispute, and whose history has no row of that.
 */
int fork_is_over(struct chase *c, int64_t now, bool *over, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Forget what was accepted; the next good feed is as the first one.  The shelf
 * goes too: another state of the same serial could not stand beside what is
 * there.  What was installed is known from the records.
 */
int fork_end(struct book *book, struct book_feed *feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
