/*
 * publisher.h -- the publisher's part of the configuration: [state],
 * [publish] and [feed NAME] (DESIGN section 4).
 */
#ifndef GEN_PUBLISHER_H
#define GEN_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/fault.h"
#include "base/words.h"
#include "feeds/network.h"
#include "feeds/signature.h"
#include "gen/scan.h"

struct feed_settings {
	const char *name; /* of the section; the feed's folder below site */
	char *title;
	char *url;	/* of the folder, with a slash at the end */
	char *wiki;	/* ENGINE:PLACE */
	char *underlay; /* moin, or NULL */
	struct scan_rules scan;
	int64_t expires;      /* seconds */
	int64_t every;	      /* seconds; 0: no limit */
	int64_t retention;    /* serials */
	struct words mirrors; /* URLs */
	struct words peers;   /* lines: URL, or URL and notify URL */
	char *hub;
};

struct publisher {
	char *state;	    /* folder */
	char *site;	    /* folder of the published trees */
	char *key;	    /* fingerprint, checked */
	char *home;	    /* GnuPG */
	struct words after; /* hook */
	struct feed_settings *feeds;
	size_t feed_count;
	struct config *config; /* names and files point into it */
};

/* file: of -c, or NULL for the usual places. */
int publisher_load(const char *file, struct publisher *s, struct fault *f)
    __attribute__((warn_unused_result));
void publisher_clear(struct publisher *s);

/* The same from a configuration that is read already; it is s's then. */
int publisher_take(struct config *config, struct publisher *s, struct fault *f)
    __attribute__((warn_unused_result));

/* The network document's content. */
int publisher_network(const struct feed_settings *feed, const char *id,
    struct network *network, struct fault *f)
    __attribute__((warn_unused_result));

/* Of all that a feed document shows of the settings: changed means re-sign. */
void publisher_digest(const struct feed_settings *feed, const char *key,
    struct digest *out);

#endif
