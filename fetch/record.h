/*
 * record.h -- what wikicast installed in a wiki, what it is about to, and
 * what it left alone and why (tables of follow.db).
 *
 * A record says which content the feed had, which content was written (after
 * the #acl rule), and which revision of the wiki that became: so an edit by
 * the wiki's users is seen, and only that.
 *
 * A plan says what is being written: it is committed before the first write,
 * so that the run after a crash can finish it (wiki_finish).
 */
#ifndef FETCH_RECORD_H
#define FETCH_RECORD_H

#include "base/db.h"
#include "items/item.h"

/*
 * SQL that makes the tables; migrations of follow.db.  After the second one
 * the shelf forgets no content that a record or a plan names, so that a merge
 * has its base.
 */
extern const char record_schema[];
extern const char record_base_schema[];
extern const char record_prefix_schema[];

/* All rows of a feed (unfollow). */
int record_forget(struct db *db, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- installed items ---- */

struct record {
	bool have;
	enum item_kind kind;
	struct digest feed;  /* content in the feed's state */
	struct digest wrote; /* content that was written */
	char *revision;	     /* that it became; owned; NULL: not known, or
				another text stands: a merged one */
	int64_t serial;
};

#define OWNED_RECORD OWNED(record_clear)

void record_clear(struct record *r);
int record_get(struct db *db, int64_t feed, const char *path, struct record *r,
    struct fault *f) __attribute__((warn_unused_result));
int record_put(struct db *db, int64_t feed, const char *path,
    const struct record *r, struct fault *f)
    __attribute__((warn_unused_result));
int record_remove(struct db *db, int64_t feed, const char *path,
    struct fault *f) __attribute__((warn_unused_result));
int record_count(struct db *db, int64_t feed, int64_t *count, struct fault *f)
    __attribute__((warn_unused_result));

/* Has another feed been installed in the same wiki? */
int record_shared(struct db *db, int64_t feed, const char *wiki, bool *shared,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * The other feed that installed this path in the same wiki (its name, or
 * "" if none), and taking its record over.
 */
int record_owner(struct db *db, int64_t feed, const char *wiki,
    const char *path, struct buf *name, struct fault *f)
    __attribute__((warn_unused_result));
int record_take_over(struct db *db, int64_t feed, const char *wiki,
    const char *path, struct fault *f) __attribute__((warn_unused_result));
/*
 * Which wiki a feed's records are about; those about another one, which the
 * configuration named before, are forgotten; so are those with another prefix
 * (or NULL), of which it is said how many they were.
 */
int record_set_wiki(struct db *db, int64_t feed, const char *wiki,
    const char *prefix, int64_t *forgotten, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- plans ---- */

struct plan {
	char *path;
	char *intent;
	bool drop;
	char *merged;	      /* the text that is written is another one, and
				 what it is, for people; else NULL */
	struct record record; /* as it will be; not for drops */
};

void plan_clear(struct plan *p);
int plan_put(struct db *db, int64_t feed, const struct plan *p, struct fault *f)
    __attribute__((warn_unused_result));
/* Any plan of a feed; have is false if there is none. */
int plan_get(struct db *db, int64_t feed, struct plan *p, bool *have,
    struct fault *f) __attribute__((warn_unused_result));
/* All from one path to another, in their order. */
int plan_remove(struct db *db, int64_t feed, const char *first,
    const char *last, struct fault *f) __attribute__((warn_unused_result));

/* ---- items that are not as the feed has them, for status ---- */

enum note_answer {
	NOTE_SKIPPED,  /* not wanted, not granted, cannot be held */
	NOTE_CONFLICT, /* edited here and changed there */
	NOTE_EDITED,   /* edited here; it stands, perhaps merged */
	NOTE_HELD,     /* a removal that waits for a person */
	NOTE_LOCKED,   /* a wiki user holds it: the next run tries again */
	NOTE_WAITING,  /* `hold`: it has not been known here for long enough */
	NOTE_LEFT,     /* skipped, but was installed before: that stays */
};

const char *note_text(enum note_answer answer);

/* A note stays until the item is settled. */
int note_put(struct db *db, int64_t feed, const char *path,
    enum note_answer answer, const char *cause, struct fault *f)
    __attribute__((warn_unused_result));
int note_remove(struct db *db, int64_t feed, const char *path, struct fault *f)
    __attribute__((warn_unused_result));
/* Has it a note with this answer? */
int note_is(struct db *db, int64_t feed, const char *path,
    enum note_answer answer, bool *is, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * With the note of a conflict: which three texts could not be merged, until
 * the next note_put().  Without one all that is remembered is another digest.
 */
int note_tried(struct db *db, int64_t feed, const char *path,
    const struct digest *three, struct fault *f)
    __attribute__((warn_unused_result));
int note_was_tried(struct db *db, int64_t feed, const char *path,
    const struct digest *three, bool *was, struct fault *f)
    __attribute__((warn_unused_result));

/* Is there anything that settle has to come back to without news? */
int note_pending(struct db *db, int64_t feed, bool *pending, struct fault *f)
    __attribute__((warn_unused_result));

#endif
