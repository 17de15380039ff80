/*
 * splay.h -- a wait before a run that a clock began (`--splay`): cron starts
 * all wikis in the same second, and a mirror would get them all at once.
 *
 * Most of it is always the same for a machine and a state folder, so that many
 * spread and each keeps its beat; a quarter is drawn anew each time, so that
 * two that met once do not meet for ever.
 */
#ifndef FETCH_SPLAY_H
#define FETCH_SPLAY_H

#include <stdint.h>

#include "base/fault.h"

#define SPLAY_MAX 86400
#define SPLAY_HELP "not at a terminal: first wait up to so long, for cron"

/*
 * Wait, up to most seconds, unless a person is there.  Called before any lock
 * is taken; a signal that ends the program ends the wait.
 */
int splay_wait(const char *state, int64_t most, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Of one place (text that is its own) and one draw: seconds, 0 to most.
 * Pure.
 */
int64_t splay_seconds(const char *place, uint64_t lot, int64_t most);

#endif
