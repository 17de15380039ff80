/*
 * takeover.h -- a publisher out of somebody's copy of a feed, for a key that
 * the followers trust already: the one that published it is gone.
 *
 *	takeover_open(&t, dir, home, key, f)	find the signer, read it all
 *	takeover_compare(&t, wiki, underlay, &rules, &d, f)
 *	... tell, ask, refuse ...
 *	takeover_keep(&t, state, name, f)	into the publisher's database
 *	takeover_fill(&t, wiki, f)		pages, where there are none yet
 *
 * Until takeover_keep() nothing is made but a folder for the moment, below
 * $TMPDIR.  A copy can be older than what followers have seen, and nobody can
 * tell: the next serial jumps ahead (FORMAT section 1), unless a person knows
 * better.
 */
#ifndef GEN_TAKEOVER_H
#define GEN_TAKEOVER_H

#include "feeds/network.h"
#include "gen/ledger.h"
#include "gen/publisher.h"

struct takeover {
	char *folder;		 /* for the moment */
	int copy;		 /* the folder of the copy */
	struct ledger ledger;	 /* for the moment, with the copy's state */
	struct ledger_feed feed; /* its row there */
	struct feed head;
	struct network network;
	char key[FINGERPRINT_TEXT]; /* that signed it */
	int64_t items;
	int64_t missing; /* files of old serials */
	int64_t after;	 /* the next serial comes after this one */
	bool jump;
	struct words patterns, interwiki; /* globs for just the copy's */
	bool has_pages;			  /* or attachments */
};

#define TAKEOVER_INIT \
	{ \
		.copy = -1, .ledger = LEDGER_INIT, .feed = LEDGER_FEED_INIT, \
		.patterns = WORDS_INIT, .interwiki = WORDS_INIT \
	}

void takeover_clear(struct takeover *t);

/*
 * home: GnuPG's folder; key: a fingerprint, or NULL for the one of the copy's
 * key.asc that signed it and is in home.  after: as a person said, 0: not.
 * FAULT_CONFIG, FAULT_UNSIGNED, FAULT_FORMAT say what is wrong with which.
 */
int takeover_open(struct takeover *t, const char *dir, const char *home,
    const char *key, int64_t after, struct fault *f)
    __attribute__((warn_unused_result));

#define TAKEOVER_NAMED 10 /* items of a kind that are named */

struct takeover_difference {
	int64_t changed, added, lacking; /* the wiki beside the copy */
	int64_t unchosen;   /* of those lacking: no glob takes them */
	struct words names; /* "page 'X' is lacking", the first of each */
};

/* What the first publication from that wiki would do to the feed. */
int takeover_compare(struct takeover *t, const char *wiki, const char *underlay,
    const struct scan_rules *rules, struct takeover_difference *d,
    struct fault *f) __attribute__((warn_unused_result));
void takeover_difference_clear(struct takeover_difference *d);

/*
 * Is the wiki a folder of files, perhaps still to be made, that has nothing
 * but items of the copy, as they are there?  *lacking: how many it lacks.
 */
int takeover_is_part(struct takeover *t, const char *wiki, bool *part,
    int64_t *lacking, struct fault *f) __attribute__((warn_unused_result));

/*
 * Into the publisher's database in the folder state; again is fine.
 * FAULT_CONFIG: it knows a feed of that name which this copy is not of, or
 * more of it than the copy does.
 */
int takeover_keep(struct takeover *t, const char *state, const char *name,
    const char *home, struct fault *f) __attribute__((warn_unused_result));

/* Write what a folder of files lacks into it; it is made if need be. */
int takeover_fill(struct takeover *t, const char *wiki, int64_t *written,
    struct fault *f) __attribute__((warn_unused_result));

#endif
