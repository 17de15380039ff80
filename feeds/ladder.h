/*
 * ladder.h -- which steps and snapshots a publisher makes (FORMAT section 5),
 * as pure arithmetic.
 */
#ifndef FEEDS_LADDER_H
#define FEEDS_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "items/limits.h"

/*
 * The serials from which a step to n is due, falling: n-1, and n-2^j for
 * every j >= 1 with 2^j dividing n (j <= LADDER_MAX).  oldest is the oldest
 * serial whose state is still kept; a step never crosses it, so that the
 * first serial after a jump has none (oldest is then n).
 */
size_t ladder_steps(int64_t n, int64_t oldest, int64_t out[LADDER_MAX + 1]);

/*
 * The states, falling from n's own, that steps to serials after n will start
 * from, and no other: for each j the newest multiple of 2^j.
 */
size_t ladder_states(int64_t n, int64_t out[LADDER_MAX + 1]);

/*
 * Is a longer step of that many bytes worth its place, where the path it
 * replaces has so many?
 */
bool ladder_keeps(int64_t length, int64_t path_length);

/*
 * Is a snapshot due at serial n?  last is the serial of the newest one (0:
 * none), last_length its bytes, since the bytes of the one-serial steps since.
 */
bool ladder_snapshot_due(int64_t n, int64_t last, int64_t last_length,
    int64_t since, bool jumped);

#endif
