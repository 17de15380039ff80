/*
 * arrival.h -- when each state came to this wiki: which serials there are to
 * go back to, and how long a version of an item has been known here.
 *
 * A row for each serial that the store was brought to, for as long as the
 * store has that state.  Times are those of this machine's runs, in seconds
 * since 1970; what the publisher says about time plays no part.
 */
#ifndef FETCH_ARRIVAL_H
#define FETCH_ARRIVAL_H

#include "base/buf.h"
#include "base/db.h"

/* SQL that makes the table; a migration of follow.db. */
extern const char arrival_schema[];

int arrival_add(struct db *db, int64_t feed, int64_t serial, int64_t now,
    struct fault *f) __attribute__((warn_unused_result));
/* have is false: this state was never here, or is not any more. */
int arrival_time(struct db *db, int64_t feed, int64_t serial, int64_t *time,
    bool *have, struct fault *f) __attribute__((warn_unused_result));
/* The newest serial that came before a time; 0: there is none. */
int arrival_before(struct db *db, int64_t feed, int64_t time, int64_t *serial,
    struct fault *f) __attribute__((warn_unused_result));
/* The serials, for people: "3, 7, 8", the newest ones if they are many. */
int arrival_list(struct db *db, int64_t feed, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* States before oldest are forgotten: the store's are as well. */
int arrival_prune(struct db *db, int64_t feed, int64_t oldest, struct fault *f)
    __attribute__((warn_unused_result));
int arrival_forget(struct db *db, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
