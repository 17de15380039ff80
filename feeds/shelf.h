/*
 * shelf.h -- past states of feeds in a database: rows with the serials for
 * which they hold, and contents by digest (DESIGN section 5).
 *
 * State n is the rows with first <= n and n < until (or no until).  A change
 * is made inside the caller's transaction:
 *
 *	shelf_put(shelf, feed, serial, &item, f)   after shelf_keep()
 *	shelf_drop(shelf, feed, serial, path, f)
 *
 * Contents up to 1 MiB are in the database, larger ones are files in the
 * folder `contents` beside it ("contents/aa/<sha256>"), put there and flushed
 * before the transaction commits; a rolled back transaction leaves at most
 * such a file, which a later shelf_prune() removes.  Both ends use it:
 * publish.db and follow.db.
 *
 * Costs: a change, a look-up and a difference go with the rows that change
 * and the logarithm of all; a walk with the rows of the feed; memory with
 * neither.
 */
#ifndef FEEDS_SHELF_H
#define FEEDS_SHELF_H

#include "base/db.h"
#include "items/item.h"

/* SQL that makes the tables; a migration of the program's database. */
extern const char shelf_schema[];

struct shelf;

/* folder: where the database is; borrowed descriptor. */
int shelf_open(struct db *db, int folder, struct shelf **out, struct fault *f)
    __attribute__((warn_unused_result));
void shelf_close(struct shelf **shelf);

/* ---- contents ---- */

/*
 * Keep bytes (n of them, at offset at of fd), known by their digest, which is
 * checked: another one is FAULT_FORMAT.  What no row names when
 * shelf_prune() comes goes again.
 */
int shelf_keep(struct shelf *shelf, const struct digest *digest, int fd,
    int64_t at, int64_t n, struct fault *f) __attribute__((warn_unused_result));
int shelf_keep_bytes(struct shelf *shelf, const struct digest *digest,
    const void *bytes, size_t n, struct fault *f)
    __attribute__((warn_unused_result));

/* Is it here? */
int shelf_has(struct shelf *shelf, const struct digest *digest, bool *have,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Append a content to out; its digest is checked again, and after a failure
 * out may hold a part of it.  Missing: FAULT_BUG.  Damaged: FAULT_SYSTEM.
 */
int shelf_content(struct shelf *shelf, const struct digest *digest,
    int64_t size, int out, struct fault *f) __attribute__((warn_unused_result));
int shelf_content_bytes(struct shelf *shelf, const struct digest *digest,
    struct buf *out, struct fault *f) __attribute__((warn_unused_result));

/* ---- rows ---- */

/*
 * feed is the caller's number for a feed (a row id of a table of its own).
 * Serials may not fall for a path (FAULT_BUG); the last word of a serial
 * counts.  A content that was not kept is FAULT_BUG, a drop of what is not
 * there FAULT_FORMAT, since a stranger's step may say so.
 */
int shelf_put(struct shelf *shelf, int64_t feed, int64_t serial,
    const struct item *item, struct fault *f)
    __attribute__((warn_unused_result));
int shelf_drop(struct shelf *shelf, int64_t feed, int64_t serial,
    const char *path, struct fault *f) __attribute__((warn_unused_result));

/* Nothing is there any more at a serial: before a snapshot is put. */
int shelf_drop_all(struct shelf *shelf, int64_t feed, int64_t serial,
    struct fault *f) __attribute__((warn_unused_result));

/* The item at a path at a serial; have is false if there is none. */
int shelf_get(struct shelf *shelf, int64_t feed, int64_t serial,
    const char *path, struct item *item, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The serial of the last change at a path up to a serial: its content came, or
 * it went.  0: it was never there.
 */
int shelf_since(struct shelf *shelf, int64_t feed, int64_t serial,
    const char *path, int64_t *since, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Walk a state in path order.  Item and path belong to the walk and live
 * until the next call.  Nothing may be changed in the shelf meanwhile.
 */
struct shelf_walk;
int shelf_walk_open(struct shelf *shelf, int64_t feed, int64_t serial,
    struct shelf_walk **out, struct fault *f)
    __attribute__((warn_unused_result));
int shelf_walk_next(struct shelf_walk *walk, const struct item **item,
    const char **path, bool *have, struct fault *f)
    __attribute__((warn_unused_result));
void shelf_walk_close(struct shelf_walk **walk);

/*
 * What differs between two states (from 0: the empty one), in path order:
 * was and is, either with kind ITEM_NONE if absent there.  Author, comment
 * and time alone are no difference.  from may be the later one.
 */
struct shelf_diff;
int shelf_diff_open(struct shelf *shelf, int64_t feed, int64_t from, int64_t to,
    struct shelf_diff **out, struct fault *f)
    __attribute__((warn_unused_result));
int shelf_diff_next(struct shelf_diff *diff, const struct item **was,
    const struct item **is, const char **path, bool *have, struct fault *f)
    __attribute__((warn_unused_result));
void shelf_diff_close(struct shelf_diff **diff);

/* The state digest at a serial, and the number of its items. */
int shelf_state(struct shelf *shelf, int64_t feed, int64_t serial,
    struct digest *out, int64_t *count, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Forget states before oldest, and contents that no row names any more; large
 * ones are gone from the disk after the next run, when it is certain that
 * this transaction was committed.
 */
int shelf_prune(struct shelf *shelf, int64_t feed, int64_t oldest,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Of the states that are past, keep only the contents of these serials.  Rows
 * stay, so that differences can still be told; a content that only other
 * states have is gone, and shelf_content() then says that it was not kept.
 */
int shelf_thin(struct shelf *shelf, int64_t feed, const int64_t *serials,
    size_t count, struct fault *f) __attribute__((warn_unused_result));

/* Forget a feed, and contents that no row names any more. */
int shelf_forget(struct shelf *shelf, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
