/*
 * reach.h -- how servers are reached: section [network] of the configuration,
 * for every verb that asks any.
 *
 *	OWNED(reach_clear) struct reach reach = REACH_INIT;
 *	reach_take(config, &reach, f)
 *	reach_open(&reach, &http, f)		reach stays until http_close()
 */
#ifndef FETCH_REACH_H
#define FETCH_REACH_H

#include "base/config.h"
#include "fetch/http.h"

#define REACH_RATE_MIN 1024 /* bytes a second; slower would be none at all */
#define REACH_RATE_HELP "download no more than so many bytes a second"

struct reach {
	struct http_way way; /* points into what follows */
	char *proxy;
	struct words no_proxy; /* hosts, as written */
	char *spared;	       /* the same, between commas */
	char *contact;
	char *agent;
};

#define REACH_INIT \
	{ \
		.way = { 0 } \
	}

void reach_clear(struct reach *reach);

/* From a configuration, which may be NULL or have no such section. */
int reach_take(const struct config *c, struct reach *reach, struct fault *f)
    __attribute__((warn_unused_result));

/* http_start(), and http_open() for servers that are reached so. */
int reach_open(const struct reach *reach, struct http **out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
