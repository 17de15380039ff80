/*
 * peering.h -- `wikicast mirror --peer-line`: the line by which a publisher
 * lists this copy as a peer, to be sent to him by its administrator.
 */
#ifndef FETCH_PEERING_H
#define FETCH_PEERING_H

#include "base/options.h"

struct peering {
	const char *url;    /* of the copy on the web, or NULL: as configured */
	const char *notify; /* where it takes notifications, or NULL: nowhere */
};

/*
 * o has one argument, the copy's folder or the name of a [follow] section.
 * The line goes to stdout; that the copy is not to be seen at the URL is only
 * said, since a web server need not be reached from its own machine.
 */
int peering_show(const struct options *o, const struct peering *given,
    struct fault *f) __attribute__((warn_unused_result));

#endif
