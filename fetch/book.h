/*
 * book.h -- follow.db: what the follower knows.
 *
 * One row a followed feed, the shelf (all items of the accepted state and the
 * states before it), mirrors' health, what was installed where, what is
 * planned, what a person must look at, and what happened.  Losing it loses
 * nothing that matters: a snapshot and the wiki give it back (a text that
 * equals the shared one is adopted, another one is a local edit).
 *
 * A run holds the lock from book_open() to book_close(); `status` and `log`
 * read without it.
 */
#ifndef FETCH_BOOK_H
#define FETCH_BOOK_H

#include "base/db.h"
#include "feeds/feed.h"
#include "feeds/shelf.h"
#include "feeds/signature.h"

struct book {
	int folder;
	int lock;
	struct db *db;
	struct shelf *shelf;
};

#define BOOK_INIT \
	{ \
		-1, -1, NULL, NULL \
	}

/* seconds: how long to wait for the lock (DESIGN section 3: exit 7). */
int book_open(const char *folder, int seconds, struct book *book,
    struct fault *f) __attribute__((warn_unused_result));
/* Without lock, for reading; have is false where nothing was ever followed. */
int book_open_readonly(const char *folder, struct book *book, bool *have,
    struct fault *f) __attribute__((warn_unused_result));
void book_close(struct book *book);

/* ---- followed feeds ---- */

struct book_feed {
	int64_t row;
	char id[FEED_ID_TEXT]; /* pinned; "" before the first feed */
	int64_t serial;	       /* accepted; 0: none yet */
	struct digest state;
	int64_t updated; /* of the accepted document */
	int64_t expires; /* of it, capped */
	int64_t trust;
	int64_t newest;	 /* highest `updated` ever: a bound for "now" */
	int64_t stored;	 /* serial that the shelf has; 0: none */
	int64_t held_at; /* a rollback keeps the wiki there; 0: at stored */
	int64_t settled; /* serial that settle has carried out; 0: none */
	struct digest settings; /* as of that settle */
	bool pending;		/* settle has to come back to something */
	bool forked;		/* until resume, or a jump */
	int64_t disputed;	/* the serials that a fork is about */
	int64_t disputed_to;
	int64_t allowed;	/* serial up to which a person let held
				  removals pass (resume) */
	int64_t success;	/* last run that could judge a feed; seconds */
	int64_t keys_checked;	/* key.asc last fetched; seconds */
	struct buf head;	/* parcel of the accepted feed; empty: none */
	struct buf document;	/* the signed document itself, for serving */
	struct buf keyring;	/* certificates of the pinned signers */
	struct signers signers; /* with their keys; threshold as configured */
};

#define BOOK_FEED_INIT \
	{ \
		.head = BUF_INIT(4 * FEED_MAX), \
		.document = BUF_INIT(FEED_MAX), \
		.keyring = BUF_INIT(4 * KEY_MAX) \
	}

void book_feed_clear(struct book_feed *feed);

/* By the section's name; a new row where there is none (row > 0). */
int book_feed_load(struct book *book, const char *name, struct book_feed *feed,
    struct fault *f) __attribute__((warn_unused_result));
int book_feed_find(struct book *book, const char *name, struct book_feed *feed,
    bool *have, struct fault *f) __attribute__((warn_unused_result));
int book_feed_save(struct book *book, const struct book_feed *feed,
    struct fault *f) __attribute__((warn_unused_result));
/* unfollow: all rows of it; pages stay in the wiki. */
int book_feed_forget(struct book *book, struct book_feed *feed, struct fault *f)
    __attribute__((warn_unused_result));

/* The serial that the wiki should have; 0: none yet. */
int64_t book_goal(const struct book_feed *feed);

/* (serial, state) of all that was accepted: another state is a fork. */
int book_accept_state(struct book *book, int64_t feed, int64_t serial,
    const struct digest *state, struct fault *f)
    __attribute__((warn_unused_result));
int book_accepted_state(struct book *book, int64_t feed, int64_t serial,
    struct digest *state, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- what happened (wikicast log) ---- */

/* path, cause and mirror may be NULL.  what: one word such as "installed". */
int book_event(struct book *book, int64_t feed, int64_t now, int64_t serial,
    const char *path, const char *what, const char *cause, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Something a person should hear of once: true the first time that a subject
 * (a path, "", a mirror's URL) has this cause; book_heard() forgets it.
 */
int book_tell(struct book *book, int64_t feed, const char *subject,
    const char *cause, bool *first, struct fault *f)
    __attribute__((warn_unused_result));
int book_heard(struct book *book, int64_t feed, const char *subject,
    struct fault *f) __attribute__((warn_unused_result));

#endif
