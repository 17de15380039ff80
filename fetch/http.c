#include "fetch/http.h"

#include <assert.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/num.h"
#include "base/own.h"
#include "fetch/address.h"
#include "fetch/answer.h"
#include "fetch/local.h"
#include "fetch/route.h"
#include "fetch/sink.h"
#include "fetch/transfer.h"

#define HOPS_MAX 5     /* redirects of a job */
#define FLOOR_MS 30000 /* for any job, however small, and then ... */
#define RATE_MIN 8192  /* ... bytes a second */

struct http {
	CURLM *multi;
	struct http_way way;
	struct pace pace;
	struct transfer *transfers; /* under way or ready */
};

int
http_start(struct fault *f)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return fault_set(f, FAULT_SYSTEM, "cannot start libcurl");
	return 0;
}

int
http_open(struct http **out, struct fault *f)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL || (h->multi = curl_multi_init()) == NULL) {
		free(h);
		return fault_memory(f);
	}
	(void)curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
	    (long)HTTP_HOST_CONNECTIONS);
	(void)curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
	    (long)HTTP_CONNECTIONS);
	*out = h;
	return 0;
}

void
http_use(struct http *h, const struct http_way *way)
{
	h->way = *way;
	h->pace = (struct pace){ .rate = way->rate };
}

static void
free_transfer(struct transfer **p)
{
	struct transfer *t = own_give(p);

	if (t == NULL)
		return;
	if (t->easy != NULL) {
		(void)curl_multi_remove_handle(t->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->headers);
	free(t->url);
	free(t);
}

void
http_drop(struct http *h)
{
	struct transfer *t;

	while ((t = h->transfers) != NULL) {
		h->transfers = t->next;
		free_transfer(&t);
	}
}

void
http_cancel(struct http *h, struct http_job *job)
{
	struct transfer **at = &h->transfers, *t;

	while (*at != NULL && (*at)->job != job)
		at = &(*at)->next;
	t = *at;
	if (t == NULL)
		return;
	*at = t->next;
	if (t->easy != NULL && !t->ready)
		answer_count(t);
	free_transfer(&t);
}

void
http_close(struct http **h)
{
	if (*h == NULL)
		return;
	http_drop(*h);
	(void)curl_multi_cleanup((*h)->multi);
	free(*h);
	*h = NULL;
}

struct http_limits
http_limits_for(int64_t size)
{
	struct http_limits limits = {
		.connect_ms = 15000,
		.total_ms = FLOOR_MS + size * 1000 / RATE_MIN,
		.slow_rate = 200,
		.slow_seconds = 20,
	};

	return limits;
}

/* As if every job had to share with as many others as there may be. */
struct http_limits
http_limits_at(const struct http_limits *limits, int64_t size, int64_t rate)
{
	struct http_limits at = *limits;

	if (rate == 0)
		return at;
	at.total_ms += size * 1000 / rate * HTTP_CONNECTIONS;
	if (at.slow_rate > rate / HTTP_CONNECTIONS / 2)
		at.slow_rate = rate / HTTP_CONNECTIONS / 2;
	return at;
}

void
http_job(struct http_job *job, const char *url, int out, int64_t max)
{
	*job = (struct http_job){
		.url = url,
		.out = out,
		.max = max,
		.limits = http_limits_for(max),
	};
}

bool
http_looks_like_html(const void *bytes, size_t n)
{
	static const char *const begins[] = { "<!doctype html", "<html",
		"<head", "<body", "<script", "<title" };
	const char *p = bytes;
	size_t i;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	while (n > 0 && (*p == ' ' || (*p >= '\t' && *p <= '\r'))) {
		p++;
		n--;
	}
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (n >= strlen(begins[i]) &&
		    strncasecmp(p, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

static bool
may_be_public(const struct transfer *t, const char *host)
{
	bool literal;

	return t->proxied ? address_host_is_public(host) :
			    address_text_is_public(host, &literal);
}

/*
 * May this URL be asked?  Once here for its words; what its name leads to is
 * seen at each connection (transfer.c), unless it is a proxy that connects.
 */
static int
check_url(struct transfer *t)
{
	OWNED_MEM char *scheme = transfer_url_part(t->url, CURLUPART_SCHEME, 0);
	OWNED_MEM char *host = transfer_url_part(t->url, CURLUPART_HOST, 0);

	t->proxied = !t->configured && route_by_proxy(t);
	if (host == NULL || (!same(scheme, "http") && !same(scheme, "https")))
		return sink_refuse(t->job, HTTP_REFUSED, FAULT_NETWORK,
		    "'%.200s' is not a web address", t->url);
	if (!t->configured && !may_be_public(t, host))
		return sink_refuse(t->job, HTTP_REFUSED, FAULT_NETWORK,
		    "leads to an address that is not public, and was not "
		    "configured here");
	return 0;
}

/* A file: URL, if it is one and may be one; its path, for free(). */
static char *
local_path(const struct http_job *job)
{
	OWNED_MEM char *scheme =
	    transfer_url_part(job->url, CURLUPART_SCHEME, 0);

	if (!job->configured || !same(scheme, "file"))
		return NULL;
	return transfer_url_part(job->url, CURLUPART_PATH, CURLU_URLDECODE);
}

int
http_add(struct http *h, struct http_job *job, struct fault *f)
{
	OWNED(free_transfer) struct transfer *t = calloc(1, sizeof(*t));
	OWNED_MEM char *path = local_path(job);

	assert(!(job->gzip && job->start > 0));
	job->got = (struct http_result){ .began = -1 };
	if (t == NULL || (t->url = strdup(job->url)) == NULL)
		return fault_memory(f);
	t->job = job;
	t->multi = h->multi;
	t->way = &h->way;
	t->pace = &h->pace;
	t->configured = job->configured;
	t->limits = http_limits_at(&job->limits, job->max, h->way.rate);
	if (path != NULL)
		local_get(job, path);
	if (path != NULL || check_url(t) == -1) {
		t->ready = true;
	} else {
		t->easy = curl_easy_init();
		if (t->easy == NULL)
			return fault_memory(f);
		if (transfer_ask(t, f) == -1)
			return -1;
	}
	t->next = h->transfers;
	h->transfers = own_give(&t);
	return 0;
}

/*
 * May the server send us there?  If so, t->configured says for the new URL
 * what it said for the old one.
 */
static int
check_redirect(struct transfer *t, const char *next)
{
	OWNED_MEM char *was = transfer_url_part(t->url, CURLUPART_SCHEME, 0);
	OWNED_MEM char *is = transfer_url_part(next, CURLUPART_SCHEME, 0);
	OWNED_MEM char *user = transfer_url_part(next, CURLUPART_USER, 0);
	OWNED_MEM char *host = transfer_url_part(next, CURLUPART_HOST, 0);
	OWNED_MEM char *first =
	    transfer_url_part(t->job->url, CURLUPART_HOST, 0);

	t->configured = t->job->configured && same(host, first);
	if (user != NULL || (!same(is, "http") && !same(is, "https")) ||
	    (same(was, "https") && !same(is, "https")))
		return sink_refuse(t->job, HTTP_REFUSED, FAULT_NETWORK,
		    "redirects to '%.200s'", next);
	if (++t->hops > HOPS_MAX)
		return sink_refuse(t->job, HTTP_REFUSED, FAULT_NETWORK,
		    "redirects more than %d times", HOPS_MAX);
	return 0;
}

/* Go where the server says, unless that is refused; takes next. */
static int
follow(struct transfer *t, char *next, struct fault *f)
{
	bool good = check_redirect(t, next) == 0;

	free(t->url);
	t->url = next;
	t->ready = !good || check_url(t) == -1;
	return t->ready ? 0 : transfer_ask(t, f);
}

/* What libcurl is done with is ready, or goes on at another URL. */
static int
collect(struct http *h, struct fault *f)
{
	struct transfer *t;
	CURLMsg *message;
	char *redirect;
	int left;

	while ((message = curl_multi_info_read(h->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
		    &t);
		if (answer_end(t, message->data.result, &redirect, f) == -1)
			return -1;
		if (redirect == NULL)
			t->ready = true;
		else if (follow(t, redirect, f) == -1)
			return -1;
	}
	return 0;
}

/* Take a ready transfer off the list; its job, or NULL. */
static struct http_job *
take_ready(struct http *h)
{
	struct transfer **at = &h->transfers;
	struct http_job *job;
	struct transfer *t;

	while (*at != NULL && !(*at)->ready)
		at = &(*at)->next;
	t = *at;
	if (t == NULL)
		return NULL;
	*at = t->next;
	job = t->job;
	free_transfer(&t);
	return job;
}

static bool
is_under_way(const struct transfer *t)
{
	return t->easy != NULL && !t->ready;
}

int64_t
http_share(const struct http *h)
{
	const struct transfer *t;
	int64_t n = 0;

	for (t = h->transfers; t != NULL && n < HTTP_CONNECTIONS; t = t->next)
		n += is_under_way(t);
	return n > 1 ? h->way.rate / n : h->way.rate;
}

/* Bytes may come again: what is held is let go on. */
static int
let_go_on(struct http *h)
{
	struct transfer *t;

	for (t = h->transfers; t != NULL; t = t->next)
		if (t->held && !t->ready && transfer_go_on(t) == -1)
			return -1;
	return 0;
}

/* Let libcurl work until a job is ready, or so long. */
static int
work(struct http *h, int ms, struct fault *f)
{
	int64_t early;
	int running;

	if (pace_wait(&h->pace, time_ticks()) == 0 && let_go_on(h) == -1)
		return fault_memory(f);
	if (curl_multi_perform(h->multi, &running) != CURLM_OK)
		return fault_memory(f);
	if (collect(h, f) == -1)
		return -1;
	early = pace_wait(&h->pace, time_ticks());
	if (early > 0 && early < ms)
		ms = (int)early;
	if (running > 0 &&
	    curl_multi_poll(h->multi, NULL, 0, ms, NULL) != CURLM_OK)
		return fault_memory(f);
	return 0;
}

int
http_wait(struct http *h, int ms, struct http_job **done, bool *idle,
    struct fault *f)
{
	int64_t until = time_ticks() + ms, left = ms;

	for (;;) {
		*done = take_ready(h);
		*idle = *done == NULL && h->transfers == NULL;
		if (*done != NULL || *idle || left < 0)
			return 0;
		if (work(h, (int)left, f) == -1)
			return -1;
		left = until - time_ticks();
	}
}

int
http_next(struct http *h, struct http_job **done, struct fault *f)
{
	bool idle = false;

	do
		if (http_wait(h, 1000, done, &idle, f) == -1)
			return -1;
	while (*done == NULL && !idle);
	return 0;
}

int
http_get(struct http *h, struct http_job *job, struct fault *f)
{
	struct http_job *done;

	assert(h->transfers == NULL);
	if (http_add(h, job, f) == -1)
		return -1;
	return http_next(h, &done, f);
}
