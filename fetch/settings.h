/*
 * settings.h -- the follower's part of the configuration: [state], [notify],
 * [network] and [follow NAME] (DESIGN section 4).
 */
#ifndef FETCH_SETTINGS_H
#define FETCH_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/words.h"
#include "feeds/network.h"
#include "feeds/signature.h"
#include "fetch/reach.h"
#include "items/edits.h"
#include "items/select.h"

enum acl_rule {
	ACL_DROP, /* install the text without its #acl lines */
	ACL_ACCEPT,
	ACL_REFUSE, /* skip a page that has one */
	ACL_SET,    /* this wiki's own line instead */
};

struct follow_settings {
	const char *name;
	struct words mirrors;	 /* URLs of the feed's folder, slash at the end;
				 those of peers are among them */
	struct words peer_lines; /* as written */
	struct network network;	 /* of those, the peers */
	char *id;		 /* pinned by the administrator, or NULL */
	struct words signer_lines; /* as written */
	int64_t threshold;
	struct signers signers; /* primaries and threshold; keys not filled */
	char *certificate;	/* file, or NULL */
	char *wiki;	/* ENGINE:PLACE, or NULL: only accept and serve */
	char *underlay; /* moin, or NULL */
	struct select_rules select;
	struct words acl_words; /* as written */
	enum acl_rule acl;
	const char *acl_line; /* ACL_SET: "#acl All:read"; borrowed */
	struct words allow;   /* patterns that are let in, whatever they are */
	struct words edit_words; /* as written */
	struct edits_rules edits;
	bool compact;	    /* merge plain patterns (items/compact.h) */
	int64_t max_drop;   /* percent */
	int64_t hold;	    /* seconds that a version waits; 0: none */
	char *serve;	    /* folder, or NULL */
	char *url;	    /* of that on the web, slash at the end, or NULL */
	struct words after; /* hook */
};

/* What is shared with the receiver of notifications (feeds/board.h). */
struct notify_settings {
	char *folder;	/* NULL: there is no receiver */
	int64_t every;	/* seconds */
	int64_t jitter; /* seconds */
};

struct settings {
	char *state; /* folder */
	struct notify_settings notify;
	struct reach reach;
	struct follow_settings *follows;
	size_t follow_count;
	struct config *config; /* names and files point into it */
};

/* file: of -c, or NULL for the usual places. */
int settings_load(const char *file, struct settings *s, struct fault *f)
    __attribute__((warn_unused_result));
void settings_clear(struct settings *s);

/* The same from a configuration that is read already; it is s's then. */
int settings_take(struct config *config, struct settings *s, struct fault *f)
    __attribute__((warn_unused_result));

/* By name; NULL if there is none. */
const struct follow_settings *settings_find(const struct settings *s,
    const char *name);

/* Of all that settle depends on: changed means look at every item again. */
void settings_digest(const struct follow_settings *follow, struct digest *out);

#endif
