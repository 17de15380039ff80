/*
 * ledger.h -- publish.db: what the publisher knows of its own feeds.
 *
 * Beside the shelf (past states) it keeps for each feed its newest serial and
 * signed document, one row a serial, one a file of the tree with the time
 * until which it must stay, and the scan cache.  Losing it loses nothing that
 * matters: rebuild.h makes it anew from the published tree.
 */
#ifndef GEN_LEDGER_H
#define GEN_LEDGER_H

#include "base/db.h"
#include "feeds/feed.h"
#include "feeds/history.h"
#include "feeds/path.h"
#include "feeds/shelf.h"
#include "feeds/tree.h"

struct ledger {
	int folder; /* of the database, locked */
	int lock;
	struct db *db;
	struct shelf *shelf;
};

#define LEDGER_INIT \
	{ \
		-1, -1, NULL, NULL \
	}

/* Lock the folder (made 0700 if missing), open and migrate publish.db. */
int ledger_open(const char *folder, struct ledger *ledger, struct fault *f)
    __attribute__((warn_unused_result));
void ledger_close(struct ledger *ledger);

/* ---- feeds ---- */

struct ledger_feed {
	int64_t row;
	char id[FEED_ID_TEXT];
	int64_t serial;	   /* newest published; 0: none yet */
	int64_t ahead;	   /* the next one comes after this; 0: as usual */
	int64_t oldest;	   /* oldest serial whose state is on the shelf */
	int64_t published; /* when the newest serial was; seconds */
	int64_t updated;   /* of the newest document */
	int64_t expires;
	struct digest made_of; /* of the settings that the document shows */
	struct buf document;   /* the signed feed.atom; empty: none yet */
};

#define LEDGER_FEED_INIT \
	{ \
		.document = BUF_INIT(FEED_MAX) \
	}

void ledger_feed_clear(struct ledger_feed *feed);

/* Load by name; a new one has row > 0, id "" and serial 0. */
int ledger_feed_load(struct ledger *ledger, const char *name,
    struct ledger_feed *feed, struct fault *f)
    __attribute__((warn_unused_result));
int ledger_feed_save(struct ledger *ledger, const struct ledger_feed *feed,
    struct fault *f) __attribute__((warn_unused_result));

/* Forget all that is known of a feed but its name (before a rebuild). */
int ledger_feed_forget(struct ledger *ledger, struct ledger_feed *feed,
    struct fault *f) __attribute__((warn_unused_result));

/* ---- serials and files ---- */

struct ledger_serial {
	int64_t serial;
	struct digest state;
	int64_t published;
	const char *summary; /* what it brought, in a line */
	const char *changes; /* the same, a line an item; for people */
};

int ledger_add_serial(struct ledger *ledger, int64_t feed,
    const struct ledger_serial *s, struct fault *f)
    __attribute__((warn_unused_result));
/* What a serial brought, in a line; owned by the caller; "" if not known. */
int ledger_summary(struct ledger *ledger, int64_t feed, int64_t serial,
    char **summary, struct fault *f) __attribute__((warn_unused_result));
int ledger_serial_state(struct ledger *ledger, int64_t feed, int64_t serial,
    struct digest *state, struct fault *f) __attribute__((warn_unused_result));

/*
 * Note a file of the tree, named by the document in the making.  Of a step,
 * from and serial are its ends; of a piece table, serial is its snapshot's; of
 * a history document, its number; of a network document it is 0.
 */
int ledger_add_file(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    const struct feed_file *file, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Files of that sort and serial (-1: any) but the one to keep are not named
 * by the next document: they leave after the given time.
 */
int ledger_supersede(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    int64_t serial, const struct digest *keep, int64_t until, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Of the snapshots, and with them of the piece tables, only the newest `count`
 * stay beyond the given time.
 */
int ledger_keep_snapshots(struct ledger *ledger, int64_t feed, int64_t count,
    int64_t until, struct fault *f) __attribute__((warn_unused_result));

/* Steps and history up to a serial leave the retention window. */
int ledger_retire(struct ledger *ledger, int64_t feed, int64_t serial,
    int64_t until, struct fault *f) __attribute__((warn_unused_result));

/* The newest file of a sort (serial -1) or the one of that serial or number. */
int ledger_file(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    int64_t serial, struct feed_file *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Is the file of that name one that the ledger knows? */
int ledger_knows(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    const struct digest *d, bool *knows, struct fault *f)
    __attribute__((warn_unused_result));

/* Bytes of the one-serial steps after a serial. */
int ledger_step_bytes(struct ledger *ledger, int64_t feed, int64_t after,
    int64_t *bytes, struct fault *f) __attribute__((warn_unused_result));

/* Steps that start at a serial or later, as edges for path_choose(). */
int ledger_edges(struct ledger *ledger, int64_t feed, int64_t from,
    struct path_edge **edges, size_t *count, struct fault *f)
    __attribute__((warn_unused_result));

/* History document number d, from the tables. */
int ledger_history(struct ledger *ledger, int64_t feed, const char *id,
    int64_t number, struct history *h, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * A file whose time has come: it may leave the tree.  have is false if there
 * is none.  The caller removes it, then calls ledger_remove_file().
 */
int ledger_due(struct ledger *ledger, int64_t feed, int64_t now,
    enum tree_sort *sort, struct digest *d, bool *have, struct fault *f)
    __attribute__((warn_unused_result));
int ledger_remove_file(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    const struct digest *d, struct fault *f)
    __attribute__((warn_unused_result));

#endif
