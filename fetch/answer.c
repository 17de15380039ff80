#include "fetch/answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "fetch/sink.h"

#define YOUNG 2 /* seconds, of a date without an ETag */

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

static bool
given(const char *text)
{
	return text != NULL && *text != '\0';
}

static const char *
header(struct transfer *t, const char *name, size_t *amount)
{
	struct curl_header *h;

	*amount = 0;
	if (curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK)
		return NULL;
	*amount = h->amount;
	return h->value;
}

/* Keep what may be sent back in a later request: short, without controls. */
static void
keep_validator(struct transfer *t, const char *name,
    char out[HTTP_VALIDATOR_MAX])
{
	size_t amount, i, n;
	const char *value = header(t, name, &amount);

	*out = '\0';
	if (value == NULL || amount != 1)
		return;
	n = strlen(value);
	for (i = 0; i < n; i++)
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return;
	if (n < HTTP_VALIDATOR_MAX)
		memcpy(out, value, n + 1);
}

static time_t
date_of(struct transfer *t, const char *name)
{
	size_t amount;
	const char *value = header(t, name, &amount);

	return value == NULL ? -1 : curl_getdate(value, NULL);
}

/*
 * Two versions of one second have the same date: one that was asked for within
 * its second, or behind a cache of one, tells nothing of what came since (RFC
 * 9110 section 8.8.2.2).
 */
static bool
is_young(struct transfer *t)
{
	time_t changed = date_of(t, "Last-Modified"), now = date_of(t, "Date");

	return changed != -1 && now != -1 && now - changed < YOUNG &&
	    changed - now < YOUNG;
}

struct range {
	int64_t start, end, total; /* total -1: not told */
};

/* "bytes START-END/TOTAL" or "bytes START-END/" and a star; RFC 9110 14.4. */
static bool
parse_range(const char *value, struct range *r)
{
	struct fault ignored = { 0 };
	char text[96], *dash, *slash;

	if (strncasecmp(value, "bytes ", 6) != 0 ||
	    strlen(value) >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%s", value + 6);
	dash = strchr(text, '-');
	slash = strchr(text, '/');
	if (dash == NULL || slash == NULL || slash < dash)
		return false;
	*dash = *slash = '\0';
	r->total = -1;
	if (strcmp(slash + 1, "*") != 0 &&
	    num_parse(slash + 1, 0, NUM_MAX, &r->total, &ignored) == -1)
		return false;
	return num_parse(text, 0, NUM_MAX, &r->start, &ignored) == 0 &&
	    num_parse(dash + 1, r->start, NUM_MAX, &r->end, &ignored) == 0 &&
	    (r->total == -1 || r->end < r->total);
}

static int
another_part(struct http_job *job, const char *value)
{
	return sink_refuse(job, job->whole > 0 ? HTTP_NO_RANGES : HTTP_REFUSED,
	    FAULT_NETWORK,
	    "answers with another part of the file than was "
	    "asked for ('%.80s')",
	    value == NULL ? "" : value);
}

/* Is it the part that was asked for, of a file that is not too large? */
static int
check_range(struct transfer *t)
{
	struct http_job *job = t->job;
	struct range range;
	size_t amount;
	const char *value = header(t, "Content-Range", &amount);

	if (job->start == 0 && job->whole == 0)
		return sink_refuse(job, HTTP_REFUSED, FAULT_NETWORK,
		    "answers with a part of the file (206), which was not "
		    "asked for");
	if (value == NULL || amount != 1 || !parse_range(value, &range))
		return another_part(job, value);
	if (job->whole > 0 && range.total != -1 && range.total != job->whole)
		return sink_refuse(job, HTTP_REFUSED, FAULT_FORMAT,
		    "is %lld "
		    "bytes long, not %lld as signed",
		    (long long)range.total, (long long)job->whole);
	if (range.start != job->part + job->start ||
	    (job->whole > 0 && range.end != job->part + job->max - 1))
		return another_part(job, value);
	if (job->whole == 0 && range.total > job->max)
		return sink_refuse(job, HTTP_TOO_LARGE, FAULT_LIMIT,
		    "is larger than %lld bytes", (long long)job->max);
	return 0;
}

/*
 * libcurl undoes whatever encoding it knows as soon as one may be used, and
 * transfer encodings at any time: allow one by name.
 */
static int
check_encoding(struct transfer *t)
{
	struct http_job *job = t->job;
	size_t amount;
	const char *value = header(t, "Content-Encoding", &amount);

	if (value != NULL &&
	    (amount != 1 ||
		!(same(value, "identity") ||
		    (job->gzip &&
			(same(value, "gzip") || same(value, "x-gzip"))))))
		return sink_refuse(job, HTTP_REFUSED, FAULT_NETWORK,
		    "is encoded ('%.40s'), which was not asked for", value);
	value = header(t, "Transfer-Encoding", &amount);
	if (value != NULL && (amount != 1 || !same(value, "chunked")))
		return sink_refuse(job, HTTP_REFUSED, FAULT_NETWORK,
		    "has the transfer encoding '%.40s'", value);
	return 0;
}

/*
 * What the server says about the length: libcurl forgives several of them, and
 * one that is too large for a number.  What comes is counted anyway.
 */
static int
check_length(struct transfer *t, int64_t at)
{
	struct fault ignored = { 0 };
	int64_t length;
	size_t amount;
	const char *value = header(t, "Content-Length", &amount);

	if (value == NULL)
		return 0;
	if (amount > 1 || num_parse(value, 0, NUM_MAX, &length, &ignored) == -1)
		return sink_refuse(t->job, HTTP_REFUSED, FAULT_NETWORK,
		    "has no proper length ('%.40s', %zu of them)", value,
		    amount);
	if (length > t->job->max - at)
		return sink_refuse(t->job, HTTP_TOO_LARGE, FAULT_LIMIT,
		    "is larger than %lld bytes", (long long)t->job->max);
	return 0;
}

int
answer_begin(struct transfer *t)
{
	struct http_job *job = t->job;
	int64_t at = 0;

	t->begun = true;
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE,
	    &job->got.status);
	if (job->form != NULL ||
	    (job->got.status != 200 && job->got.status != 206)) {
		t->unwanted = true;
		return 0;
	}
	if (job->got.status == 200 && job->whole > 0)
		return sink_refuse(job, HTTP_NO_RANGES, FAULT_NETWORK,
		    "answers with all of the file where a part of it was "
		    "asked for");
	if (job->got.status == 206) {
		if (check_range(t) == -1)
			return -1;
		at = job->start;
	}
	if (check_encoding(t) == -1 || check_length(t, at) == -1)
		return -1;
	keep_validator(t, "ETag", job->got.etag);
	keep_validator(t, "Last-Modified", job->got.modified);
	if (job->got.etag[0] == '\0' && is_young(t))
		job->got.modified[0] = '\0';
	return sink_begin(job, at);
}

static void
end(struct transfer *t, enum http_answer answer, const char *text)
{
	(void)sink_refuse(t->job, answer,
	    answer == HTTP_LOCAL ? FAULT_SYSTEM : FAULT_NETWORK, "%s", text);
}

/* libcurl's and OpenSSL's words, without whose they are. */
static void
end_tls(struct transfer *t, const char *text)
{
	static const char *const starts[] = { "SSL certificate problem: ",
		"SSL: " };
	const char *reason = strstr(text, "::");
	size_t i;

	if (strncmp(text, "OpenSSL/", 8) == 0 && reason != NULL)
		text = reason + 2;
	for (i = 0; i < 2; i++)
		if (strncmp(text, starts[i], strlen(starts[i])) == 0)
			text += strlen(starts[i]);
	(void)sink_refuse(t->job, HTTP_TLS, FAULT_NETWORK, "TLS: %s", text);
}

static void
end_by_curl(struct transfer *t, CURLcode code)
{
	const char *text =
	    t->error[0] != '\0' ? t->error : curl_easy_strerror(code);

	switch (code) {
	case CURLE_OUT_OF_MEMORY:
		end(t, HTTP_LOCAL, "out of memory");
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		end_tls(t, text);
		return;
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WRITE_ERROR: /* what we refuse ourselves has its words */
		end(t, HTTP_REFUSED, "is not encoded as it says");
		return;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
		end(t, HTTP_REFUSED, text);
		return;
	default:
		end(t, HTTP_NETWORK, text);
	}
}

static void
end_by_status(struct transfer *t)
{
	struct http_job *job = t->job;
	long status = job->got.status;
	char text[64];

	(void)snprintf(text, sizeof(text), "answers %ld", status);
	switch (status) {
	case 200:
		job->got.answer = HTTP_OK;
		return;
	case 206:
		job->got.answer = HTTP_PARTIAL;
		return;
	case 304:
		if (given(job->etag) || given(job->modified))
			job->got.answer = HTTP_UNCHANGED;
		else
			end(t, HTTP_REFUSED,
			    "answers 304 Not Modified to a "
			    "request without a condition");
		return;
	case 404:
	case 410:
		end(t, HTTP_GONE, text);
		return;
	case 429:
	case 503:
		end(t, HTTP_BUSY, text);
		return;
	default:
		if (job->form != NULL && status >= 200 && status < 300)
			job->got.answer = HTTP_OK;
		else
			end(t, HTTP_NETWORK, text);
	}
}

void
answer_count(struct transfer *t)
{
	struct http_result *got = &t->job->got;
	curl_off_t down = 0, up = 0, us = 0, wait = 0;
	long request = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	(void)curl_easy_getinfo(t->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	(void)curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request);
	(void)curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
	(void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
	got->sent += request + up;
	t->body_bytes += down;
	got->received = t->header_bytes + t->body_bytes;
	got->ms += us / 1000;
	got->retry_after = wait < 0 ? 0 :
	    wait > HTTP_RETRY_MAX   ? HTTP_RETRY_MAX :
				      wait;
}

static bool
is_redirect(const struct transfer *t)
{
	switch (t->job->got.status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return t->job->form == NULL;
	default:
		return false;
	}
}

/* None came, or libcurl failed over its encoding before we saw a byte. */
static bool
no_body(const struct transfer *t, CURLcode code)
{
	return !t->begun &&
	    (code == CURLE_OK || code == CURLE_WRITE_ERROR ||
		code == CURLE_BAD_CONTENT_ENCODING);
}

int
answer_end(struct transfer *t, CURLcode code, char **redirect, struct fault *f)
{
	const char *url = NULL;

	*redirect = NULL;
	if (no_body(t, code) && answer_begin(t) == -1)
		code = CURLE_ABORTED_BY_CALLBACK;
	answer_count(t);
	(void)curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &url);
	(void)curl_multi_remove_handle(t->multi, t->easy);
	if (t->job->got.answer != HTTP_NONE)
		return 0; /* refused on the way */
	if (code != CURLE_OK && !t->enough) {
		if (t->closed)
			end(t, HTTP_REFUSED,
			    "leads to an address that is not "
			    "public, and was not configured here");
		else
			end_by_curl(t, code);
		return 0;
	}
	if (!is_redirect(t) || url == NULL) {
		end_by_status(t);
		return 0;
	}
	*redirect = strdup(url);
	return *redirect == NULL ? fault_memory(f) : 0;
}
