/*
 * answer.h -- what a notification is answered, and when fetch may run for it;
 * pure (FORMAT section 8).
 *
 * A sender stops when enough others answered that it was news to them.  So
 * what this wiki was told a moment ago counts as known, though it is not
 * fetched yet, but only for the very serial and state: who tells a false
 * one first keeps nobody from hearing the true one.
 */
#ifndef NOTIFY_ANSWER_H
#define NOTIFY_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"

enum answer {
	ANSWER_NEWS,  /* 202: fetch has been asked to run */
	ANSWER_KNOWN, /* 208: that serial and state, or a later one, is here or
			 on its way */
	ANSWER_OTHER, /* 409: another state is here, and who says so is not
			 known as a source */
};

/* A serial and its state; serial 0: none. */
struct answer_version {
	int64_t serial;
	struct digest state;
};

struct answer_question {
	struct answer_version said;  /* by the sender */
	struct answer_version store; /* what fetch has */
	struct answer_version told;  /* the last one that was news */
	int64_t due;	/* when fetch could run for that; seconds, 0: never */
	bool is_source; /* the sender is a mirror or peer that is known */
};

struct answer_pace {	/* seconds */
	int64_t every;	/* between two runs for a feed, at least */
	int64_t jitter; /* the longest wait, so that not all run at once */
};

/*
 * What was told counts for one `every` after fetch could run: if it had no
 * luck, or did not run, it is news again.
 */
enum answer answer_to(const struct answer_question *q,
    const struct answer_pace *pace, int64_t now);

/*
 * When fetch may run for news of now: together with a run that is to come;
 * else after a wait that is drawn, no sooner than `every` after the last run,
 * which was due then (0: never).  A time further ahead than can be is another
 * clock's, and not believed.
 */
int64_t answer_due(int64_t due, const struct answer_pace *pace, int64_t now,
    uint64_t draw);

/*
 * A limit of so many at once, and then one in period seconds.  *until is its
 * whole memory, 0 at first.  Gives 0, and counts this one; or how many seconds
 * to wait, and does not.
 */
struct answer_limit {
	int64_t burst;
	int64_t period; /* seconds */
};
int64_t answer_wait(const struct answer_limit *limit, int64_t *until,
    int64_t now);

#endif
