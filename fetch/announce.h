/*
 * announce.h -- telling others that a feed has a new serial (FORMAT section
 * 8): decisions are rumour.h's, the network is http.h's.
 *
 *	OWNED(announce_clear) struct announce_list list = { 0 };
 *	announce_add(&list, name, &notice, &rumour_follower, &a, f)
 *	announce_peers(a, &network, configured, &told, f)	whom, any number
 *	announce_send(a, http, f)	after all that is locked was given back
 *
 * Those who are told are other people's servers: each gets a few seconds, and
 * what it does is no reason for anything here to fail.
 */
#ifndef FETCH_ANNOUNCE_H
#define FETCH_ANNOUNCE_H

#include "feeds/notice.h"
#include "fetch/mirror.h"
#include "fetch/rumour.h"

struct announce_place {
	char *url;	 /* owned; of a receiver */
	bool configured; /* by the administrator: may be a private address */
	int64_t retry_after; /* answer: seconds of quiet that it asked for */
};

struct announcement {
	const char *name; /* of the feed, borrowed */
	struct notice notice;
	const struct rumour_rule *rule;
	struct announce_place *places;
	size_t place_count;
	/* what came of it */
	int asked, news, known, refused, silent;
};

struct announce_list {
	struct announcement *list;
	size_t count;
};

void announce_clear(struct announce_list *list);

/* *out is good until the next one is added. */
int announce_add(struct announce_list *list, const char *name,
    const struct notice *notice, const struct rumour_rule *rule,
    struct announcement **out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Add the peers of a network that take notifications, but not this wiki
 * itself (notice.from), nor those whose tags are in told: they told it.  The
 * first that names a receiver counts.
 */
int announce_peers(struct announcement *a, const struct network *network,
    bool configured, const struct words *told, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * All of a followed feed's peers: those of the configuration, and those of the
 * network document.
 */
int announce_followed(struct announcement *a, struct db *db, int64_t feed,
    const struct follow_settings *follow, const struct words *told,
    struct fault *f) __attribute__((warn_unused_result));

/* Leave out the place with this index; another one takes it. */
void announce_leave_out(struct announcement *a, size_t i);

/* Tell them, in random order, until the rule is met.  Fails for ours alone. */
int announce_send(struct announcement *a, struct http *http, struct fault *f)
    __attribute__((warn_unused_result));

/* The limits of one notification. */
struct http_limits announce_limits(void);

/* All of them; whatever becomes of it is no trouble of this run. */
void announce_all(struct announce_list *list, struct http *http);

#endif
