/*
 * learn.h -- mirrors and peers from the signed network document (FORMAT
 * sections 5 and 8), for the runs after this one.
 *
 *	learn_due(db, feed, &head, &due, f)
 *	learn_network(db, feed, &head, download, worker, f)	a transaction
 *
 * What a publisher names are strangers' servers: their addresses are judged
 * when they are connected to (address.h), their files as those of any mirror.
 * Without the document all goes on as before.
 */
#ifndef FETCH_LEARN_H
#define FETCH_LEARN_H

#include "base/db.h"
#include "feeds/feed.h"
#include "fetch/download.h"
#include "fetch/worker.h"

/* SQL that makes the tables; a migration of follow.db. */
extern const char learn_schema[];

/* Is the document that the head names another one than was learnt from? */
int learn_due(struct db *db, int64_t feed, const struct feed *head, bool *due,
    struct fault *f) __attribute__((warn_unused_result));

/* After a failure nothing is changed. */
int learn_network(struct db *db, int64_t feed, const struct feed *head,
    struct download *download, struct worker *worker, struct fault *f)
    __attribute__((warn_unused_result));

/* This wiki's own random number: which peers it chooses (mirror.h). */
int learn_own(struct db *db, uint64_t *own, struct fault *f)
    __attribute__((warn_unused_result));

/* All rows of a feed. */
int learn_forget(struct db *db, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
