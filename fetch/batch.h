/*
 * batch.h -- items that are carried out together, by a thread of their own,
 * while others are looked at.
 *
 *	OWNED(batch_free) struct batch b = { 0 };
 *	batch_open(&b, wiki, f)
 *	batch_add(&b, path, &look, drop, origin, f)	until batch_full(&b)
 *	wiki_intend(wiki, b.jobs, b.count, f)
 *	... make the plans durable ...
 *	batch_start(&b)
 *	... fill another ...
 *	batch_wait(&b)
 *	... record b.jobs[i].outcome ...
 *	batch_clear(&b)
 *
 * Several may be under way at once: flushing one's files to the disk then
 * overlaps with making those of the other.
 */
#ifndef FETCH_BATCH_H
#define FETCH_BATCH_H

#include <pthread.h>

#include "fetch/look.h"

struct batch_item { /* what a job borrows */
	char *path;
	struct look look;
	char *author;
	char *comment;
};

struct batch {
	struct batch_item *items;
	struct wiki_job *jobs;
	size_t count;  /* of both */
	int64_t bytes; /* of contents */
	bool started;  /* until batch_clear() */
	int got;
	struct fault fault; /* if that is -1 */
	/* the rest is batch.c's */
	struct wiki *wiki;
	bool running; /* the thread is to be joined */
	pthread_t thread;
};

int batch_open(struct batch *b, struct wiki *wiki, struct fault *f)
    __attribute__((warn_unused_result));

bool batch_full(const struct batch *b);

/*
 * Takes what the look holds, with the content that is to be written; look is
 * empty then.  origin: where it comes from, for the history that people see.
 */
int batch_add(struct batch *b, const char *path, struct look *look, bool drop,
    const char *origin, struct fault *f) __attribute__((warn_unused_result));

/* Nothing of it may be touched until batch_wait(). */
void batch_start(struct batch *b);

/* Jobs have their outcomes then, and got is what wiki_carry_out() gave. */
void batch_wait(struct batch *b);

/* Empty it; waits first. */
void batch_clear(struct batch *b);
void batch_free(struct batch *b);

#endif
