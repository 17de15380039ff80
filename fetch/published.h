/*
 * published.h -- a feed that is published on this machine, for telling others
 * of it.  Its folder is read as any mirror's copy is: by the worker, behind
 * the signature of the publisher's key.
 */
#ifndef FETCH_PUBLISHED_H
#define FETCH_PUBLISHED_H

#include "base/config.h"
#include "feeds/feed.h"
#include "feeds/network.h"

struct published {	  /* what is needed of the publisher's configuration */
	const char *name; /* borrowed from it */
	char *site;
	char *key; /* fingerprint */
	char *url; /* of the feed's folder */
	struct words peer_lines;
	struct network network; /* of those, the peers */
};

#define OWNED_PUBLISHED OWNED(published_clear)
void published_clear(struct published *p);

/* By the section's name; have is false where there is none such. */
int published_find(const struct config *config, const char *name,
    struct published *p, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/* state is the state folder.  FAULT_CONFIG: nothing is published yet. */
int published_head(const struct published *p, const char *state, int64_t now,
    struct feed *head, struct fault *f) __attribute__((warn_unused_result));

#endif
