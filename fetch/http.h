/*
 * http.h -- files from web servers, several at a time (libcurl multi).
 *
 *	http_start(f)				once in a program
 *	http_open(&h, f)
 *	http_job(&job, url, fd, max);		then change what is not usual
 *	http_add(h, &job, f)			any number of jobs
 *	while (http_next(h, &done, f) == 0 && done != NULL)
 *		... done->got says what came of it; more may be added ...
 *	http_close(&h);
 *
 * The server is a stranger: it may lie, stall, drip, redirect anywhere or
 * send without end.  Nothing that it says is believed but the bytes, and those
 * only until their digest or signature is checked by the caller.  It never
 * names a file.  Connections are kept while h is open.  Certificate authorities
 * may be those of the environment (SSL_CERT_FILE, SSL_CERT_DIR).
 *
 * The program ignores SIGPIPE: libcurl's TLS may raise it.
 */
#ifndef FETCH_HTTP_H
#define FETCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define HTTP_VALIDATOR_MAX 160 /* bytes of an ETag or a date, with NUL */
#define HTTP_RETRY_MAX 86400   /* seconds that a server may make us wait */
#define HTTP_HOST_CONNECTIONS 4
#define HTTP_CONNECTIONS 8
#define HTTP_AGENT "wikicast/" WIKICAST_VERSION

enum http_answer {
	HTTP_NONE = 0,	/* not answered yet */
	HTTP_OK,	/* the whole file is in the descriptor */
	HTTP_PARTIAL,	/* so is it, and what was there before was kept */
	HTTP_UNCHANGED, /* 304, to a condition */
	HTTP_GONE,	/* 404, 410 */
	HTTP_BUSY,	/* 429, 503; see retry_after */
	HTTP_TOO_LARGE, /* more bytes than the job allows */
	HTTP_NETWORK,	/* unreachable, cut, too slow, another status */
	HTTP_TLS, /* certificate or handshake: another class, since a wrong
			   clock is among its causes */
	HTTP_NO_RANGES, /* all of the file where a part was asked for, or
			   another part: the server has no (proper) ranges */
	HTTP_REFUSED,	/* an answer that we do not accept: redirect, address,
			   encoding, range, 304 without a condition, headers */
	HTTP_LOCAL,	/* our own disk or memory */
};

struct http_limits {
	int64_t connect_ms;   /* name, connection and TLS, each try */
	int64_t total_ms;     /* everything, redirects included */
	int64_t slow_rate;    /* bytes a second; below it for so many ... */
	int64_t slow_seconds; /* ... seconds is a failure; 0: not looked at */
};

struct http_result {
	enum http_answer answer;
	long status;	  /* of the last answer, 0 if there was none */
	struct fault why; /* set unless OK, PARTIAL or UNCHANGED */
	char etag[HTTP_VALIDATOR_MAX];	   /* "" where there is none ... */
	char modified[HTTP_VALIDATOR_MAX]; /* ... or an unusable one */
	int64_t began;	     /* offset that the body was written from; -1: out
				was not touched */
	int64_t size;	     /* bytes of the file that are in out now, if so */
	int64_t retry_after; /* seconds, 0 to HTTP_RETRY_MAX */
	int64_t sent;	     /* bytes of headers and body, without TLS */
	int64_t received;
	int64_t ms;
};

struct http_job {
	/*
	 * The question.  Texts are borrowed until the job is done; NULL or ""
	 * is none.
	 */
	const char *url;      /* http, https; file: if configured */
	bool configured;      /* by the administrator: may be a private address,
				 and so may a redirect to the same host */
	const char *etag;     /* condition: If-None-Match, or else ... */
	const char *modified; /* ... If-Modified-Since */
	int64_t start;	      /* resume behind so many bytes, 0: all of it */
	/*
	 * A part of a file alone: its max bytes from offset part on, of a file
	 * of whole bytes.  out gets these only, and start counts in them.
	 * whole 0: all of the file.
	 */
	int64_t part, whole;
	const char *if_range; /* ETag of the bytes that are there already */
	const char *form;     /* POST these bytes, form encoded; any 2xx is
				 HTTP_OK, redirects are not followed */
	bool fresh;	      /* changes under its name: caches between here
				 and there are to ask for it */
	bool gzip;	      /* a gzip Content-Encoding is decoded; never with
				 start */
	int out;	      /* gets the body from offset start on, or from 0
				 after emptying; -1: forget the body */
	int64_t max;	      /* bytes of the file, or of the part of it, start
				 included; both encoded and decoded bytes keep
				 to it */
	struct http_limits limits;
	void *owner; /* the caller's own */

	struct http_result got; /* the answer */
};

struct http;

/* How servers are reached, for all jobs; zero is as usual. */
struct http_way {
	int64_t rate; /* at most so many bytes a second, of all jobs together */
	/*
	 * URL of the proxy for everything; "": none; NULL: those of the
	 * environment (http_proxy, https_proxy, all_proxy, no_proxy).
	 */
	const char *proxy;
	const char *no_proxy; /* with a proxy: configured hosts that are asked
				 without it, between commas; or NULL */
	const char *agent;    /* User-Agent; NULL: HTTP_AGENT */
};

/* The library's process-wide start. */
int http_start(struct fault *f) __attribute__((warn_unused_result));

int http_open(struct http **out, struct fault *f)
    __attribute__((warn_unused_result));
/* Jobs that are not done are given up; their descriptors stay open. */
void http_close(struct http **h);

/* For jobs that are added from now on; texts are borrowed. */
void http_use(struct http *h, const struct http_way *way);

/* Set a job up: everything else zero, limits by http_limits_for(max). */
void http_job(struct http_job *job, const char *url, int out, int64_t max);

/*
 * Half a minute, and a minimum rate for so many bytes: a byte every few
 * seconds passes each check for low speed.
 */
struct http_limits http_limits_for(int64_t size);

/*
 * The same limits where all jobs together get no more than rate bytes a second
 * (0: as many as come): who asked for that is patient.  Pure.
 */
struct http_limits http_limits_at(const struct http_limits *limits,
    int64_t size, int64_t rate);

/* Of the rate, what each job that is under way gets; 0: as much as comes. */
int64_t http_share(const struct http *h);

/*
 * Begin.  The job must stay where it is until http_next() gives it back.
 * Fails only for want of memory; a bad URL is an answer.
 */
int http_add(struct http *h, struct http_job *job, struct fault *f)
    __attribute__((warn_unused_result));

/* Wait for the next job that is done; NULL when none is under way. */
int http_next(struct http *h, struct http_job **done, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The same, but back after so many milliseconds, with NULL, to show progress:
 * got.size of a job under way grows.  *idle says that none is under way.
 */
int http_wait(struct http *h, int ms, struct http_job **done, bool *idle,
    struct fault *f) __attribute__((warn_unused_result));

/* Give one up; its answer stays HTTP_NONE, what came of the body is in out. */
void http_cancel(struct http *h, struct http_job *job);

/* Give up all jobs that are not done. */
void http_drop(struct http *h);

/* One job, start to end, when no other is under way. */
int http_get(struct http *h, struct http_job *job, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Does a body begin like a web page?  For the message only: the answer of a
 * captive portal is found out by its missing signature.
 */
bool http_looks_like_html(const void *bytes, size_t n);

#endif
