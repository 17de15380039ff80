/*
 * judge.h -- what a verified feed document is, beside what was accepted; pure
 * (FORMAT section 6.3).
 */
#ifndef FEEDS_JUDGE_H
#define FEEDS_JUDGE_H

#include "feeds/feed.h"

enum judge_answer {
	JUDGE_NEWS,	/* a higher serial */
	JUDGE_RESIGNED, /* the same state, signed later */
	JUDGE_SAME,	/* the accepted document again */
	JUDGE_BEHIND,	/* lower in serial, updated or trust */
	JUDGE_FORK,	/* the same serial, another state */
	JUDGE_FOREIGN,	/* another feed id */
	JUDGE_FUTURE,	/* signed more than 24 hours ahead of the clock */
	JUDGE_FAR,	/* a serial more than 1,000,000 ahead */
};

struct judge_known {	/* what this follower accepted */
	const char *id; /* pinned, or NULL */
	int64_t serial; /* 0: nothing yet */
	struct digest state;
	int64_t updated;
	int64_t trust;
};

/*
 * A fork comes before everything but a foreign id: two signed states of one
 * serial are a fact, whatever the clock says and whichever was signed first.
 */
enum judge_answer judge_feed(const struct judge_known *known,
    const struct feed *feed, int64_t now);

/*
 * The time that counts: the clock, but never below the highest `updated`
 * that was accepted.
 */
int64_t judge_now(int64_t clock, int64_t highest_updated);

bool judge_expired(const struct feed *feed, int64_t now);

/*
 * 0 for NEWS, RESIGNED and SAME; else a fault in words: FAULT_BEHIND,
 * FAULT_FORK, FAULT_LIMIT (FAR), FAULT_FORMAT (FOREIGN, FUTURE).
 */
int judge_refuse(enum judge_answer answer, const struct judge_known *known,
    const struct feed *feed, int64_t now, struct fault *f)
    __attribute__((warn_unused_result));

#endif
