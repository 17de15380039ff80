/*
 * answer.h -- judging what a web server says: its headers before the first
 * byte of the body, and how it all ended.  A private part of fetch/http.c.
 */
#ifndef FETCH_ANSWER_H
#define FETCH_ANSWER_H

#include "fetch/transfer.h"

/*
 * All headers are there: decide what becomes of the body.  -1: refused, the
 * job has its answer.
 */
int answer_begin(struct transfer *t) __attribute__((warn_unused_result));

/* Count the bytes of this hop, and its time. */
void answer_count(struct transfer *t);

/*
 * libcurl is done with it: count bytes and time.  *redirect is the URL that
 * the server sends us to, for free(); else NULL, and the job has its answer.
 */
int answer_end(struct transfer *t, CURLcode code, char **redirect,
    struct fault *f) __attribute__((warn_unused_result));

#endif
