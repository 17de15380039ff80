/*
 * mirror.h -- the mirrors of a feed, and what earlier runs saw of them (rows
 * of follow.db).
 *
 *	OWNED(mirror_list_clear) struct mirror_list mirrors = { 0 };
 *	mirror_load(db, feed, urls, count, &mirrors, f)
 *	mirror_order(&mirrors, now, seed);	best first
 *	... mirror_good(), mirror_behind(), mirror_failed() as they answer ...
 *
 * Health is a mirror's own: one that fails is put back, with back-off and
 * jitter, and is still asked when no other is left; one that asked for it by
 * Retry-After is not asked before that, or for a day.
 * Mirrors that are neither configured any more nor named by the network
 * document are forgotten.
 *
 * Polls without news write nothing: a success alone is saved once an hour.
 * What is written belongs to the caller's transaction; after a rollback
 * mirror_save() writes what memory knows.  A mirror without a row (id 0) is
 * never written.
 */
#ifndef FETCH_MIRROR_H
#define FETCH_MIRROR_H

#include "base/db.h"
#include "feeds/network.h"
#include "fetch/http.h"
#include "fetch/settings.h"

#define MIRROR_BACKOFF_MAX 86400 /* seconds */

/* SQL that makes the table; a migration of follow.db. */
extern const char mirror_schema[], mirror_quiet_schema[];

struct mirror {
	int64_t id;	 /* row */
	char *url;	 /* of the feed's folder, with a slash at the end */
	bool configured; /* by the administrator: may be a private address */
	bool peer;	 /* a wiki that follows the feed, too */
	char *notify;	 /* URL of its receiver, or NULL */
	char etag[HTTP_VALIDATOR_MAX]; /* of feed.atom, as it was accepted */
	char modified[HTTP_VALIDATOR_MAX];
	int64_t success;      /* seconds; 0: never */
	int64_t failure;      /* the last one; 0: never */
	char *cause;	      /* of it, or NULL */
	int64_t failures;     /* in a row */
	int64_t wait_until;   /* back-off or Retry-After; 0: none */
	int64_t quiet_until;  /* Retry-After alone; 0: none */
	int64_t behind_since; /* 0: not behind */
	int64_t behind_seen;  /* the last time; after some hours it is given
				another chance */
	int64_t serial;	      /* the newest that it was seen with */
	int64_t rate;	      /* bytes a second, a running mean; 0: not known */
	uint64_t lot;	      /* drawn by mirror_order() */
};

struct mirror_list {
	struct mirror *list;
	size_t count;
};

/* Those that are configured, and all that mirror_learn() kept. */
int mirror_load(struct db *db, int64_t feed, char *const *urls, size_t count,
    struct mirror_list *mirrors, struct fault *f)
    __attribute__((warn_unused_result));
void mirror_list_clear(struct mirror_list *mirrors);

/*
 * What a signed network document says: its mirrors, and as many of its peers
 * as are used, chosen by this wiki's own number.  Rows of those that it does
 * not name any more are forgotten, unless they are configured.
 */
int mirror_learn(struct db *db, int64_t feed, const struct network *n,
    uint64_t own, struct fault *f) __attribute__((warn_unused_result));

/*
 * The peers that are used (FORMAT section 8), by the mirror_number()s of all
 * that a document names: of many, those with the lowest lots, each drawn from
 * its number and this wiki's own: that of its own URL, or a random one where
 * it has none.  Two wikis draw the same lot for each other.  One that is named
 * itself uses those alone that use it as well, so whoever tells it something
 * is known to it; itself is not among them.  Pure.
 */
uint64_t mirror_number(const char *url);
struct mirror_peers {
	size_t place[PEERS_MAX]; /* in numbers */
	size_t count;
};
void mirror_choose(const uint64_t *numbers, size_t count, uint64_t own,
    struct mirror_peers *chosen);

/*
 * Where to ask in this run, best first: the configured mirrors, or instead of
 * them the folder from (--from; else NULL): a feed's, or a site's with the
 * feed's folder below.
 */
int mirror_find(struct db *db, int64_t feed,
    const struct follow_settings *follow, const char *from, int64_t now,
    struct mirror_list *mirrors, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Sort what mirror_order() sorted for news that this wiki was told of, since
 * a place without them is no answer then: those whose tags (feeds/notice.h)
 * are among these, some peers, mirrors, and the others.  Returns how many of
 * them are worth asking.  Pure.
 */
#define MIRROR_TOLD_PEERS 8
size_t mirror_told(struct mirror_list *mirrors, const struct words *tags,
    int64_t now) __attribute__((warn_unused_result));

/* Is it one of those that told it? */
bool mirror_told_it(const struct mirror *m, const struct words *tags);

/*
 * How good it is to ask for a file, less is better: files need no trust, so
 * other wikis' copies spare the publisher's, and the one that gave the feed
 * has all of them.  Pure.
 */
int mirror_file_rank(const struct mirror *m, bool gave, int64_t now);

/*
 * Are the files of news left to the peers in this run, where the mirrors have
 * them?  Else all that come by before the peers have them would ask the
 * publisher; of all wikis only about MIRROR_SEEDS may (FORMAT section 8).
 * Pure.
 */
#define MIRROR_SEEDS 4
struct mirror_news {
	bool by_clock; /* nobody waits for it */
	bool serves;   /* it will have a copy that others can ask */
	bool follows;  /* an earlier serial is here */
	bool again;    /* a former run found no files, and will have told it */
	bool told;     /* by the mirror that gave it, or by one unknown */
	int64_t peers; /* that the network document names */
	uint64_t lot;  /* random */
};
bool mirror_spares(const struct mirror_news *news);

/* Add the URLs of all that are known of a feed. */
int mirror_urls(struct db *db, int64_t feed, struct words *urls,
    struct fault *f) __attribute__((warn_unused_result));

/* Add the peers that take notifications, as the network document has them. */
int mirror_peers(struct db *db, int64_t feed, struct network *n,
    struct fault *f) __attribute__((warn_unused_result));

enum mirror_state {
	MIRROR_HEALTHY,
	MIRROR_BEHIND,	/* was so some hours ago or less */
	MIRROR_RESTING, /* back-off: asked when no other is left */
	MIRROR_QUIET,	/* it asked for that by Retry-After: not asked at all */
};
enum mirror_state mirror_state(const struct mirror *m, int64_t now);

/*
 * Sort for trying: healthy ones in random order by the seed, then those known
 * to be behind, then those in back-off by the end of it; of each sort mirrors
 * in front of peers or, as often, behind them.  Pure.
 */
void mirror_order(struct mirror_list *mirrors, int64_t now, uint64_t seed);

/*
 * What it did; each saves the row.  A mirror that is behind also loses its
 * validators: they are those of another document than it has now.
 */
int mirror_good(struct db *db, struct mirror *m, int64_t serial, int64_t now,
    struct fault *f) __attribute__((warn_unused_result));
int mirror_behind(struct db *db, struct mirror *m, int64_t serial, int64_t now,
    struct fault *f) __attribute__((warn_unused_result));
/* retry_after: seconds that it asked for, or 0. */
int mirror_failed(struct db *db, struct mirror *m, const char *cause,
    int64_t retry_after, int64_t now, struct fault *f)
    __attribute__((warn_unused_result));
/* A file came through: bytes in ms milliseconds. */
int mirror_speed(struct db *db, struct mirror *m, int64_t bytes, int64_t ms,
    struct fault *f) __attribute__((warn_unused_result));

/* Only together with a feed that was accepted; "" clears. */
int mirror_validators(struct db *db, struct mirror *m, const char *etag,
    const char *modified, struct fault *f) __attribute__((warn_unused_result));

/* Write all rows as memory has them. */
int mirror_save(struct db *db, const struct mirror_list *mirrors,
    struct fault *f) __attribute__((warn_unused_result));

/* All rows of a feed. */
int mirror_forget(struct db *db, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
