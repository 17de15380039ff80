/*
 * pace.h -- bytes a second, of all transfers together.  Pure.
 *
 * What came is spent at once; the next may come when it is paid for.  A second
 * that was not used is not saved up.
 */
#ifndef FETCH_PACE_H
#define FETCH_PACE_H

#include <stdint.h>

struct pace {
	int64_t rate;  /* bytes a second; 0: any number */
	int64_t since; /* milliseconds of time_ticks() ... */
	int64_t spent; /* ... and bytes that came since */
};

void pace_spend(struct pace *p, int64_t bytes);

/* Milliseconds until more may come. */
int64_t pace_wait(struct pace *p, int64_t now);

#endif
