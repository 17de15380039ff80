/*
 * route.h -- the way to a server: through which proxy, and whose certificates
 * count.  A private part of fetch/transfer.c.
 */
#ifndef FETCH_ROUTE_H
#define FETCH_ROUTE_H

#include "fetch/transfer.h"

/* Is there a proxy for t->url?  One of the environment may spare its host. */
bool route_by_proxy(const struct transfer *t);

/* Set the options of t->easy; not CURLE_OK where memory is gone. */
int route_set(struct transfer *t) __attribute__((warn_unused_result));

#endif
