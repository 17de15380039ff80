/*
 * learn.h -- mirrors and peers from the signed network document (FORMAT
 * sections 5 and 8), for the runs after this one.
 *
 *	learn_due(db, feed, &head, &due, f)
 *	learn_network(&learn, &head, f)
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
extern const char learn_peers_schema[]; /* a later one */

/* Is the document that the head names another one than was learnt from? */
int learn_due(struct db *db, int64_t feed, const struct feed *head, bool *due,
    struct fault *f) __attribute__((warn_unused_result));

/* How many peers did the document name that was learnt from?  0: none. */
int learn_peers(struct db *db, int64_t feed, int64_t *count, struct fault *f)
    __attribute__((warn_unused_result));

struct learn {
	struct db *db;
	int64_t feed;
	const char *url; /* of this wiki's own copy, or NULL: chooses peers */
	struct download *download;
	struct worker *worker;
};

/*
 * Inside the caller's transaction, that of the head itself: else a crash
 * between the two would leave the document unread until the next head.  Only
 * after a failure that is not the mirrors' has anything been written.
 */
int learn_network(const struct learn *l, const struct feed *head,
    struct fault *f) __attribute__((warn_unused_result));

/* All rows of a feed. */
int learn_forget(struct db *db, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
