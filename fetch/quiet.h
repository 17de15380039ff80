/*
 * quiet.h -- receivers of notifications that asked for quiet by Retry-After
 * (FORMAT section 8: 429 and 503), kept in follow.db between runs.
 *
 * Mirrors have theirs in their own rows (fetch/mirror.h).  Whoever is named by
 * a network document is a stranger: the rows are few, and each counts for a
 * day at most.
 */
#ifndef FETCH_QUIET_H
#define FETCH_QUIET_H

#include "base/db.h"
#include "fetch/announce.h"

#define QUIET_ROWS 1000

/* SQL that makes the table; a migration of follow.db. */
extern const char quiet_schema[];

/* Leave out of what is to be told those that are quiet. */
int quiet_spare(struct db *db, struct announcement *a, int64_t now,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Keep who of those that were told asked for it.  Nobody is told with the
 * state folder locked, so it is opened anew; where another run has it, or it
 * cannot be written, that is no trouble of this run.
 */
void quiet_keep(const char *state, const struct announce_list *list,
    int64_t now);

#endif
