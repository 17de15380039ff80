/*
 * transfer.h -- one request to a web server: every option that is set, every
 * byte that is counted.  A private part of fetch/http.c, which keeps the list
 * of transfers and follows redirects; fetch/answer.c judges what comes back.
 */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include <curl/curl.h>

#include "fetch/http.h"
#include "fetch/pace.h"

struct transfer {
	struct http_job *job;
	const struct http_way *way;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	char *url; /* of this hop */
	int hops;
	bool configured; /* this hop may go to private addresses */
	bool proxied;	 /* a stranger's URL that goes through a proxy */
	bool closed;	 /* met an address that it may not connect to */
	bool begun;	 /* the status was looked at */
	bool unwanted;	 /* the body is forgotten: a redirect, an error page */
	bool enough;	 /* of such a body */
	bool held;	 /* until more bytes may come */
	bool ready;
	struct http_limits limits;
	struct pace *pace;    /* of all */
	int64_t paced;	      /* bytes of this hop's body that it knows of */
	int64_t header_bytes; /* of all hops */
	int64_t body_bytes;   /* the same */
	int64_t unwanted_bytes;
	char error[CURL_ERROR_SIZE];
	struct transfer *next;
};

/* Begin a request for t->url, with t->easy, in t->multi. */
int transfer_ask(struct transfer *t, struct fault *f)
    __attribute__((warn_unused_result));

/* What was held back, since bytes came too fast; -1: memory is gone. */
int transfer_go_on(struct transfer *t) __attribute__((warn_unused_result));

/*
 * One part of a URL, for free(); NULL: it is not a URL, it has no such part,
 * or memory is gone.
 */
char *transfer_url_part(const char *url, CURLUPart part, unsigned int flags);

#endif
