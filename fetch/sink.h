/*
 * sink.h -- where the body of an answer goes: into the job's descriptor,
 * counted against its maximum as it arrives, whatever the server said about
 * its length.  Between fetch/http.c and fetch/local.c, for nobody else.
 */
#ifndef FETCH_SINK_H
#define FETCH_SINK_H

#include "fetch/http.h"

/* End a job: not good.  Returns -1. */
int sink_refuse(struct http_job *job, enum http_answer answer,
    enum fault_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Begin at an offset (0: what is there is emptied), and add bytes.  Fails with
 * HTTP_LOCAL or HTTP_TOO_LARGE as the job's answer.
 */
int sink_begin(struct http_job *job, int64_t at)
    __attribute__((warn_unused_result));
int sink_add(struct http_job *job, const void *bytes, size_t n)
    __attribute__((warn_unused_result));

#endif
