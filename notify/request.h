/*
 * request.h -- what a web server tells a CGI program (RFC 3875), judged before
 * a byte of the body is read; and reading the body.
 */
#ifndef NOTIFY_REQUEST_H
#define NOTIFY_REQUEST_H

#include <stddef.h>

#include "base/buf.h"

/* Meta-variables; NULL: not set.  Strangers choose what is in them. */
struct request {
	const char *method;	  /* REQUEST_METHOD */
	const char *content_type; /* CONTENT_TYPE */
	const char *length;	  /* CONTENT_LENGTH */
	const char *address;	  /* REMOTE_ADDR */
};

/*
 * 0 if it is a form by POST of at most NOTICE_MAX bytes; else the HTTP status
 * to refuse it with.  *length is that of the body, 0 if there is none.
 */
int request_refusal(const struct request *r, size_t *length);

/* Read so many bytes; FAULT_FORMAT if there are fewer. */
int request_body(int fd, size_t length, struct buf *body, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Read a body that is not wanted, up to 64 KiB: fcgiwrap takes a program that
 * ends before it for one that has failed.
 */
void request_drain(int fd, size_t length);

#endif
