#include "fetch/transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "base/own.h"
#include "fetch/address.h"
#include "fetch/answer.h"
#include "fetch/route.h"
#include "fetch/sink.h"

#define HEADERS_MAX 16384 /* bytes of a job's headers, 1xx included */
#define CHATTER_MAX 16384 /* bytes of a body that nobody wants */
#define BUFFER_MIN 1024	  /* libcurl's least ... */
#define BUFFER_MAX 16384  /* ... and usual one */

static void
free_url(CURLU **u)
{
	curl_url_cleanup(*u);
}

char *
transfer_url_part(const char *url, CURLUPart part, unsigned int flags)
{
	OWNED(free_url) CURLU *u = curl_url();
	char *text = NULL, *copy;

	if (u == NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, part, &text, flags) != CURLUE_OK)
		return NULL;
	copy = strdup(text);
	curl_free(text);
	return copy;
}

static bool
given(const char *text)
{
	return text != NULL && *text != '\0';
}

/* ---- what libcurl calls while bytes arrive ---- */

static size_t
on_header(char *line, size_t size, size_t n, void *user)
{
	struct transfer *t = user;

	(void)line;
	(void)size; /* always 1 */
	t->header_bytes += (int64_t)n;
	pace_spend(t->pace, (int64_t)n);
	if (t->header_bytes <= HEADERS_MAX)
		return n;
	(void)sink_refuse(t->job, HTTP_REFUSED, FAULT_NETWORK,
	    "sends more than %d bytes of headers", HEADERS_MAX);
	return 0;
}

/* Otherwise these bytes are spent. */
static bool
must_wait(struct transfer *t, int64_t n)
{
	t->held = pace_wait(t->pace, time_ticks()) > 0;
	if (!t->held)
		pace_spend(t->pace, n);
	return t->held;
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *user)
{
	struct transfer *t = user;

	(void)size; /* always 1 */
	if (!t->job->gzip && must_wait(t, (int64_t)n))
		return CURL_WRITEFUNC_PAUSE;
	if (!t->begun && answer_begin(t) == -1)
		return 0;
	if (!t->unwanted)
		return sink_add(t->job, bytes, n) == -1 ? 0 : n;
	t->unwanted_bytes += (int64_t)n;
	t->enough = t->unwanted_bytes > CHATTER_MAX;
	return t->enough ? 0 : n;
}

/* Bytes as they travel: many may decode to few, or to nothing at all. */
static int
on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
    curl_off_t up)
{
	struct transfer *t = user;

	(void)total;
	(void)up_total;
	(void)up;
	/* What is decoded is not held: libcurl would have to keep it all. */
	if (t->job->gzip)
		pace_spend(t->pace, now - t->paced);
	t->paced = now;
	if (t->job->got.answer != HTTP_NONE)
		return -1; /* what was refused first is the cause */
	if (t->unwanted || now <= t->job->max)
		return 0;
	return sink_refuse(t->job, HTTP_TOO_LARGE, FAULT_LIMIT,
	    "is larger than %lld bytes", (long long)t->job->max);
}

static bool
may_connect(const struct transfer *t)
{
	return t->configured || t->proxied;
}

static curl_socket_t
on_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = user;

	(void)purpose;
	if (!may_connect(t) && !address_is_public(&address->addr)) {
		t->closed = true;
		return CURL_SOCKET_BAD; /* it may have another address */
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* The same for a connection that another job opened. */
static int
on_request(void *user, char *remote, char *here, int remote_port, int port)
{
	struct transfer *t = user;
	bool literal;

	(void)here;
	(void)remote_port;
	(void)port;
	if (may_connect(t) || address_text_is_public(remote, &literal))
		return CURL_PREREQFUNC_OK;
	t->closed = true;
	return CURL_PREREQFUNC_ABORT;
}

/* ---- asking ---- */

static int
set_callbacks(struct transfer *t)
{
	CURL *easy = t->easy;
	int rc = curl_easy_setopt(easy, CURLOPT_PRIVATE, t);

	rc |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
	rc |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	rc |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	rc |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	rc |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	rc |= curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	rc |= curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	rc |= curl_easy_setopt(easy, CURLOPT_XFERINFODATA, t);
	rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	rc |= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
	rc |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
	rc |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
	return rc;
}

static int
set_limits(struct transfer *t)
{
	const struct http_limits *limits = &t->limits;
	int64_t left = limits->total_ms - t->job->got.ms;
	int rc = curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);

	rc |= curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	rc |= curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)limits->connect_ms);
	rc |= curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
	    (long)(left > 0 ? left : 1));
	rc |= curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT,
	    (long)limits->slow_rate);
	rc |= curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME,
	    (long)limits->slow_seconds);
	return rc;
}

/* What is read at once is, of all together, about a second's. */
static int
set_pace(struct transfer *t)
{
	int64_t room = t->pace->rate / HTTP_CONNECTIONS;

	if (t->pace->rate == 0 || room > BUFFER_MAX)
		return CURLE_OK;
	return curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE,
	    (long)(room > BUFFER_MIN ? room : BUFFER_MIN));
}

static int
add_header(struct transfer *t, const char *name, const char *value)
{
	OWNED_MEM char *line = NULL;
	struct curl_slist *more;

	if (asprintf(&line, "%s:%s%s", name, *value == '\0' ? "" : " ",
		value) == -1) {
		line = NULL;
		return CURLE_OUT_OF_MEMORY;
	}
	more = curl_slist_append(t->headers, line);
	if (more == NULL)
		return CURLE_OUT_OF_MEMORY;
	t->headers = more;
	return CURLE_OK;
}

static bool
set_range(const struct http_job *job, char *out, size_t size)
{
	int64_t from = job->part + job->start, to = job->part + job->max - 1;

	if (job->whole > 0)
		(void)snprintf(out, size, "%" PRId64 "-%" PRId64, from, to);
	else
		(void)snprintf(out, size, "%lld-", (long long)job->start);
	return job->whole > 0 || job->start > 0;
}

/*
 * As few bytes as possible: most requests are polls that end in a 304
 * (DESIGN section 7).
 */
static int
set_request(struct transfer *t)
{
	const struct http_job *job = t->job;
	char range[48];
	int rc = add_header(t, "Accept", ""); /* takes libcurl's away */

	if (given(job->etag))
		rc |= add_header(t, "If-None-Match", job->etag);
	else if (given(job->modified))
		rc |= add_header(t, "If-Modified-Since", job->modified);
	if (set_range(job, range, sizeof(range))) {
		rc |= curl_easy_setopt(t->easy, CURLOPT_RANGE, range);
		if (given(job->if_range))
			rc |= add_header(t, "If-Range", job->if_range);
	}
	if (job->fresh && route_by_proxy(t))
		rc |= add_header(t, "Cache-Control", "no-cache");
	if (job->gzip)
		rc |=
		    curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (job->form != NULL)
		rc |= curl_easy_setopt(t->easy, CURLOPT_COPYPOSTFIELDS,
		    job->form);
	rc |= curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	rc |= curl_easy_setopt(t->easy, CURLOPT_USERAGENT,
	    t->way->agent != NULL ? t->way->agent : HTTP_AGENT);
	return rc;
}

int
transfer_ask(struct transfer *t, struct fault *f)
{
	int rc;

	t->begun = t->unwanted = t->enough = t->closed = t->held = false;
	t->unwanted_bytes = t->paced = 0;
	t->error[0] = '\0';
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	curl_easy_reset(t->easy);
	rc = set_callbacks(t) | set_limits(t) | set_pace(t) | set_request(t) |
	    route_set(t);
	rc |= curl_easy_setopt(t->easy, CURLOPT_URL, t->url);
	if (rc != CURLE_OK ||
	    curl_multi_add_handle(t->multi, t->easy) != CURLM_OK)
		return fault_memory(f);
	return 0;
}

int
transfer_go_on(struct transfer *t)
{
	t->held = false;
	/* Calls on_body() with what was there already. */
	return curl_easy_pause(t->easy, CURLPAUSE_CONT) == CURLE_OK ? 0 : -1;
}
