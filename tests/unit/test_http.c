#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/num.h"
#include "fetch/http.h"
#include "tests/support/libscratch.h"
#include "tests/support/libweb.h"

#define TEXT "hello, follower\n" /* 16 bytes */
#define MAX 64

static struct http *http;
static struct web web;
static int out = -1;

static int
enter(void **state)
{
	struct fault f = { 0 };

	if (scratch_enter(state) == -1)
		return -1;
	scratch_write("www/a", TEXT);
	web_rogue(&web, "rogue", scratch_path("www"));
	out = open(scratch_path("out"), O_RDWR | O_CREAT, 0600);
	return out == -1 ? -1 : http_open(&http, &f);
}

static int
leave(void **state)
{
	http_close(&http);
	(void)close(out);
	web_stop(&web);
	return scratch_leave(state);
}

static const char *
url_of(const struct web *server, const char *path)
{
	static char url[2048];

	(void)snprintf(url, sizeof(url), "%s%s", server->url, path);
	return url;
}

/* A job for a path of rogue, with limits that let no test wait. */
static struct http_job
job_for(const char *path)
{
	struct http_job job;

	http_job(&job, url_of(&web, path), out, MAX);
	job.configured = true;
	job.limits.total_ms = 5000;
	assert_int_equal(ftruncate(out, 0), 0);
	return job;
}

static void
get(struct http_job *job)
{
	struct fault f = { 0 };

	assert_int_equal(http_get(http, job, &f), 0);
	assert_int_not_equal(job->got.answer, HTTP_NONE);
	if (job->got.answer == HTTP_OK || job->got.answer == HTTP_PARTIAL ||
	    job->got.answer == HTTP_UNCHANGED)
		assert_int_equal(job->got.why.kind, FAULT_NONE);
	else
		assert_int_not_equal(job->got.why.kind, FAULT_NONE);
}

static void
assert_out(const char *text)
{
	OWNED_BUF struct buf b = BUF_INIT(1 << 20);
	struct fault f = { 0 };

	assert_int_equal(file_read_fd(out, &b, &f), 0);
	assert_string_equal(b.data, text);
}

static void
assert_refused(const char *path, enum http_answer answer, const char *why)
{
	struct http_job job = job_for(path);

	get(&job);
	if (job.got.answer != answer || strstr(job.got.why.text, why) == NULL)
		fail_msg("'%s': answer %d: %s", path, job.got.answer,
		    job.got.why.text);
}

/* ---- what goes well ---- */

static void
a_file_arrives_with_its_validators(void **state)
{
	struct http_job job = job_for("a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_int_equal(job.got.status, 200);
	assert_int_equal(job.got.size, 16);
	assert_string_equal(job.got.etag, "\"10-984300f9\"");
	assert_out(TEXT);
}

static void
an_empty_file_empties_what_was_there(void **state)
{
	struct http_job job;

	(void)state;
	scratch_write("www/empty", "");
	job = job_for("empty");
	assert_int_equal(ftruncate(out, 9), 0);
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_int_equal(job.got.size, 0);
	assert_out("");
}

static void
a_file_of_just_the_maximum_is_taken(void **state)
{
	struct http_job job = job_for("whole/a");

	(void)state;
	job.max = 16;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	job = job_for("cut-unknown=16/a");
	job.max = 16;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
}

static void
a_condition_gives_unchanged_and_touches_nothing(void **state)
{
	struct http_job job = job_for("a");

	(void)state;
	job.etag = "\"10-984300f9\"";
	assert_int_equal(write(out, "old", 3), 3);
	get(&job);
	assert_int_equal(job.got.answer, HTTP_UNCHANGED);
	assert_out("old");
	assert_int_equal(web_logged(&web, "If-None-Match: \"10-984300f9\"\r\n"),
	    1);
}

static void
a_date_is_a_condition_only_without_an_etag(void **state)
{
	struct http_job job = job_for("a");

	(void)state;
	job.etag = "\"x\"";
	job.modified = "Tue, 24 Nov 2026 06:25:33 GMT";
	get(&job);
	assert_int_equal(web_logged(&web, "If-Modified-Since"), 0);
	job.etag = "";
	get(&job);
	assert_int_equal(
	    web_logged(&web,
		"If-Modified-Since: Tue, 24 Nov 2026 06:25:33 GMT\r\n"),
	    1);
}

static void
a_request_says_no_more_than_it_must(void **state)
{
	struct http_job job = job_for("a");
	char head[512];

	(void)state;
	job.etag = "\"x\"";
	job.gzip = true;
	get(&job);
	(void)snprintf(head, sizeof(head),
	    "GET /a HTTP/1.1\r\n"
	    "Host: 127.0.0.1:%d\r\nUser-Agent: wikicast/" WIKICAST_VERSION
	    "\r\nAccept-Encoding: gzip\r\nIf-None-Match: \"x\"\r\n\r\n",
	    web.port);
	assert_int_equal(job.got.sent, strlen(head));
	assert_int_equal(web_logged(&web, head), 1);
}

static void
jobs_run_side_by_side_and_all_come_back(void **state)
{
	struct http_job jobs[20], *done;
	char urls[20][128];
	struct fault f = { 0 };
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < 20; i++) {
		(void)snprintf(urls[i], sizeof(urls[i]), "%s%s", web.url,
		    i % 3 == 0 ? "status=404/a" : "drip=1/a");
		http_job(&jobs[i], urls[i], -1, MAX);
		jobs[i].configured = true;
		jobs[i].owner = &jobs[i];
		assert_int_equal(http_add(http, &jobs[i], &f), 0);
	}
	while (http_next(http, &done, &f) == 0 && done != NULL) {
		i = (size_t)(done - jobs);
		assert_ptr_equal(done->owner, done);
		assert_int_equal(done->got.answer,
		    i % 3 == 0 ? HTTP_GONE : HTTP_OK);
		n++;
	}
	assert_int_equal(n, 20);
}

static void
a_host_gets_no_more_than_four_connections(void **state)
{
	struct http_job jobs[12], *done = NULL;
	struct fault f = { 0 };
	bool idle = false;
	char url[128];
	size_t i;

	(void)state;
	(void)snprintf(url, sizeof(url), "%sstall=1/a", web.url);
	for (i = 0; i < 12; i++) {
		http_job(&jobs[i], url, -1, MAX);
		jobs[i].configured = true;
		assert_int_equal(http_add(http, &jobs[i], &f), 0);
	}
	assert_int_equal(http_wait(http, 200, &done, &idle, &f), 0);
	assert_null(done);
	assert_false(idle);
	assert_true(web_logged(&web, "GET") <= HTTP_HOST_CONNECTIONS);
	http_drop(http);
	assert_int_equal(http_wait(http, 200, &done, &idle, &f), 0);
	assert_true(idle);
}

static void
closing_gives_up_what_is_under_way(void **state)
{
	struct http_job job = job_for("stall=3/a");
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(http_add(http, &job, &f), 0);
	http_close(&http);
	assert_null(http);
	assert_int_equal(http_open(&http, &f), 0);
}

static void
a_form_is_posted_and_only_the_status_counts(void **state)
{
	struct http_job job = job_for("status=202/notify");

	(void)state;
	job.form = "feed=urn:uuid:1&serial=7";
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_int_equal(job.got.status, 202);
	assert_out("");
	assert_int_equal(web_logged(&web, "POST /status=202/notify HTTP"), 1);
	job = job_for("redirect/notify?/a");
	job.form = "feed=1";
	get(&job);
	assert_int_equal(job.got.answer, HTTP_NETWORK);
	assert_int_equal(web_logged(&web, "POST"), 1);
}

/* ---- no faster than was asked for ---- */

#define LARGE 16384

static void
jobs_together_keep_to_the_rate_and_have_time_for_it(void **state)
{
	struct http_way way = { .rate = 65536 };
	OWNED_MEM char *text = malloc(LARGE + 1);
	struct http_job jobs[4], *done;
	struct fault f = { 0 };
	int64_t began;
	char url[128];
	size_t i;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LARGE);
	text[LARGE] = '\0';
	scratch_write("www/large", text);
	(void)snprintf(url, sizeof(url), "%slarge", web.url);
	http_use(http, &way);
	began = time_ticks();
	for (i = 0; i < 4; i++) {
		http_job(&jobs[i], url, -1, LARGE);
		jobs[i].configured = true;
		jobs[i].limits.total_ms = 100;
		assert_int_equal(http_add(http, &jobs[i], &f), 0);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(http_next(http, &done, &f), 0);
		assert_int_equal(done->got.answer, HTTP_OK);
		assert_int_equal(done->got.size, LARGE);
	}
	/* 64 KiB and headers; the last bytes are not waited for. */
	assert_true(time_ticks() - began > 800);
}

static void
a_rate_is_shared_by_what_is_under_way(void **state)
{
	struct http_way way = { .rate = 80000 };
	struct http_job jobs[12];
	struct fault f = { 0 };
	char url[128];
	size_t i;

	(void)state;
	assert_int_equal(http_share(http), 0);
	http_use(http, &way);
	assert_int_equal(http_share(http), 80000);
	(void)snprintf(url, sizeof(url), "%sstall=1/a", web.url);
	for (i = 0; i < 12; i++) {
		http_job(&jobs[i], url, -1, MAX);
		jobs[i].configured = true;
		assert_int_equal(http_add(http, &jobs[i], &f), 0);
		if (i == 1)
			assert_int_equal(http_share(http), 40000);
	}
	assert_int_equal(http_share(http), 80000 / HTTP_CONNECTIONS);
	http_drop(http);
	assert_int_equal(http_share(http), 80000);
}

static void
who_asked_for_a_low_rate_has_patience(void **state)
{
	struct http_limits usual = http_limits_for(1 << 20), at;

	(void)state;
	at = http_limits_at(&usual, 1 << 20, 0);
	assert_memory_equal(&at, &usual, sizeof(at));
	at = http_limits_at(&usual, 1 << 20, 1024);
	/* With seven others that get as much: 128 bytes a second. */
	assert_true(at.total_ms >= usual.total_ms + 8192 * 1000);
	assert_in_range(at.slow_rate, 1, 127);
	assert_int_equal(at.slow_seconds, usual.slow_seconds);
	assert_int_equal(at.connect_ms, usual.connect_ms);
	at = http_limits_at(&usual, 1 << 20, 1 << 30);
	assert_int_equal(at.slow_rate, usual.slow_rate);
}

/* ---- resuming ---- */

static struct http_job
resume_for(const char *path)
{
	struct http_job job = job_for(path);

	assert_int_equal(pwrite(out, "HELLO", 5, 0), 5);
	job.start = 5;
	return job;
}

static void
a_part_is_resumed_behind_what_is_there(void **state)
{
	struct http_job job = resume_for("a");

	(void)state;
	job.if_range = "\"10-984300f9\"";
	get(&job);
	assert_int_equal(job.got.answer, HTTP_PARTIAL);
	assert_int_equal(job.got.size, 16);
	assert_out("HELLO, follower\n");
	assert_int_equal(web_logged(&web, "If-Range: \"10-984300f9\"\r\n"), 1);
}

static void
a_server_that_ignores_the_range_starts_from_zero(void **state)
{
	struct http_job job = resume_for("whole/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(TEXT);
}

static void
a_range_that_was_not_asked_for_is_refused(void **state)
{
	static const char *const paths[] = { "part=3/a", "part=0/a",
		"range/a?bytes%205-9/16", "range/a?", "range/a?bytes=5-9/16",
		"range/a?bytes", "multipart/a" };
	struct http_job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		job = resume_for(paths[i]);
		get(&job);
		if (job.got.answer != HTTP_REFUSED)
			fail_msg("'%s' gave %d", paths[i], job.got.answer);
		assert_out("HELLO");
	}
	assert_refused("part=3/a", HTTP_REFUSED, "not asked for");
}

/* ---- a part alone ---- */

/* TEXT is "hello, follower\n"; wanted is "follower". */
static struct http_job
piece_for(const char *path)
{
	struct http_job job = job_for(path);

	assert_int_equal(ftruncate(out, 0), 0);
	job.part = 7;
	job.max = 8;
	job.whole = 16;
	return job;
}

static void
a_part_of_a_file_is_had_alone_and_resumed(void **state)
{
	struct http_job job = piece_for("a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_PARTIAL);
	assert_out("follower");
	assert_int_equal(web_logged(&web, "Range: bytes=7-14\r"), 1);
	job = piece_for("a");
	assert_int_equal(pwrite(out, "FOL", 3, 0), 3);
	job.start = 3;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_PARTIAL);
	assert_int_equal(job.got.began, 3);
	assert_int_equal(job.got.size, 8);
	assert_out("FOLlower");
	assert_int_equal(web_logged(&web, "Range: bytes=10-14\r"), 1);
	job = piece_for("a");
	job.part = 0;
	get(&job);
	assert_out("hello, f");
}

static void
all_of_a_file_or_another_part_of_it_is_no_part(void **state)
{
	static const char *const paths[] = { "whole/a", "part=3/a", "part=7/a",
		"range/a?bytes+7-11/16", "range/a?bytes+7-13/16",
		"range/a?bytes+6-14/16", "range/a?bytes+7-15/*", "range/a?",
		"multipart/a" };
	struct http_job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		job = piece_for(paths[i]);
		get(&job);
		if (job.got.answer != HTTP_NO_RANGES)
			fail_msg("'%s' gave %d", paths[i], job.got.answer);
		assert_int_equal(job.got.why.kind, FAULT_NETWORK);
		assert_int_equal(job.got.began, -1);
		assert_out("");
	}
}

static void
a_part_of_a_file_of_another_length_is_a_lie(void **state)
{
	struct http_job job = piece_for("longer=1/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_int_equal(job.got.why.kind, FAULT_FORMAT);
	assert_out("");
	job = piece_for("truncate=12/a");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_string_equal(job.got.why.text,
	    "is 12 bytes long, not 16 as signed");
}

static void
a_part_of_a_file_that_is_too_large_is_refused(void **state)
{
	struct http_job job = resume_for("part=5/a");

	(void)state;
	job.max = 15;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_TOO_LARGE);
	assert_out("HELLO");
}

/* ---- what is too much ---- */

static void
a_body_is_cut_off_at_the_maximum_whatever_was_said(void **state)
{
	static const char *const paths[] = { "endless/a", "endless-chunked/a",
		"longer=49/a", "longer-unknown=49/a", "length=65/a",
		"length=9007199254740991/a" };
	struct stat st;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_refused(paths[i], HTTP_TOO_LARGE,
		    "is larger than 64 bytes");
		assert_int_equal(fstat(out, &st), 0);
		assert_true(st.st_size <= MAX);
	}
}

static void
headers_are_bounded(void **state)
{
	(void)state;
	assert_refused("headers=20000/a", HTTP_REFUSED, "bytes of headers");
	assert_refused("headers=2000000/a", HTTP_REFUSED, "bytes of headers");
	assert_refused("continues=1000/a", HTTP_REFUSED, "bytes of headers");
}

static void
a_few_continues_do_no_harm(void **state)
{
	struct http_job job = job_for("continues=3/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(TEXT);
}

static void
an_error_page_without_end_is_still_that_error(void **state)
{
	struct http_job job = job_for("chatter/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_GONE);
	assert_true(job.got.received < 1 << 20);
	assert_out("");
}

/* ---- lengths and ends ---- */

static void
a_body_that_is_cut_is_a_failure_and_what_came_is_kept(void **state)
{
	struct http_job job = job_for("cut=7/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_NETWORK);
	assert_int_equal(job.got.size, 7);
	assert_out("hello, ");
	assert_refused("length=20/a", HTTP_NETWORK, "");
	assert_refused("huge-chunk/a", HTTP_NETWORK, "");
	assert_refused("reset/a", HTTP_NETWORK, "");
	assert_refused("babble/a", HTTP_REFUSED, "HTTP/0.9");
}

static void
lengths_that_are_no_lengths_are_refused(void **state)
{
	(void)state;
	assert_refused("length=-5/a", HTTP_NETWORK, "Content-Length");
	assert_refused("length=99999999999999999999/a", HTTP_REFUSED, "length");
	assert_refused("two-lengths/a", HTTP_REFUSED, "2 of them");
}

static void
slow_servers_run_out_of_time(void **state)
{
	static const char *const paths[] = { "stall=3/a", "stall=0/a",
		"drip=40/a", "drip-headers=40/a" };
	struct http_job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		job = job_for(paths[i]);
		job.limits.total_ms = 200;
		get(&job);
		assert_int_equal(job.got.answer, HTTP_NETWORK);
		assert_true(job.got.ms < 4000);
	}
}

static void
time_is_counted_over_all_redirects(void **state)
{
	struct http_job job = job_for("redirect/a?/redirect/b?/stall=0/a");

	(void)state;
	job.limits.total_ms = 200;
	get(&job);
	/* Without the limit it would never end. */
	assert_int_equal(job.got.answer, HTTP_NETWORK);
}

static void
a_larger_file_gets_more_time(void **state)
{
	(void)state;
	assert_int_equal(http_limits_for(0).total_ms, 30000);
	assert_true(http_limits_for((int64_t)1 << 30).total_ms > 3600000);
}

/* ---- answers that are refused ---- */

static void
unchanged_without_a_condition_is_refused(void **state)
{
	(void)state;
	assert_refused("unchanged/a", HTTP_REFUSED, "304");
}

static void
an_encoding_that_was_not_asked_for_is_refused(void **state)
{
	struct http_job job;

	(void)state;
	assert_refused("encoded=gzip/a", HTTP_REFUSED, "'gzip'");
	assert_refused("encoded=br/a", HTTP_REFUSED, "'br'");
	web_run("gzip", "-k", scratch_path("www/a"), NULL);
	assert_refused("transfer=gzip/a.gz", HTTP_REFUSED, "encoding");
	job = job_for("encoded=gzip,gzip/a");
	job.gzip = true;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	job = job_for("encoded=br/a");
	job.gzip = true;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_out("");
}

static void
an_encoding_that_is_none_is_fine(void **state)
{
	struct http_job job = job_for("encoded=identity/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
}

static void
gzip_is_decoded_where_it_may_be_and_bombs_stop_at_the_maximum(void **state)
{
	struct http_job job;
	struct stat st;

	(void)state;
	web_run("gzip", "-k", scratch_path("www/a"), NULL);
	job = job_for("encoded=gzip/a.gz");
	job.gzip = true;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(TEXT);

	web_run("truncate", "-s", "20M", scratch_path("www/bomb"), NULL);
	web_run("gzip", scratch_path("www/bomb"), NULL);
	job = job_for("encoded=gzip/bomb.gz");
	job.gzip = true;
	job.max = 40000; /* 20 KB encoded */
	get(&job);
	assert_int_equal(job.got.answer, HTTP_TOO_LARGE);
	assert_int_equal(fstat(out, &st), 0);
	assert_true(st.st_size <= 40000);

	job = job_for("encoded=gzip/a"); /* not gzip at all */
	job.gzip = true;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
}

static void
redirects_lead_only_to_the_web_and_not_for_ever(void **state)
{
	struct http_job job = job_for("redirects=5/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(TEXT);
	assert_refused("redirects=6/a", HTTP_REFUSED, "more than 5 times");
	assert_refused("loop/a", HTTP_REFUSED, "more than 5 times");
	assert_refused("redirect/a?file:///etc/passwd", HTTP_REFUSED,
	    "redirects to 'file:///etc/passwd'");
	assert_refused("redirect/a?ftp://127.0.0.1/a", HTTP_REFUSED, "'ftp:");
	assert_refused("redirect/a?gopher://127.0.0.1/a", HTTP_REFUSED, "");
	assert_refused("redirect/a?http://me:secret@127.0.0.1/a", HTTP_REFUSED,
	    "");
}

static void
validators_with_controls_are_not_kept(void **state)
{
	struct http_job job = job_for("inject/a");

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_string_equal(job.got.etag, "");
	assert_string_equal(job.got.modified, "");
}

static void
other_answers_are_told_apart(void **state)
{
	(void)state;
	assert_refused("nothing-here", HTTP_GONE, "answers 404");
	assert_refused("status=410/a", HTTP_GONE, "answers 410");
	assert_refused("status=403/a", HTTP_NETWORK, "answers 403");
	assert_refused("status=500/a", HTTP_NETWORK, "answers 500");
	assert_refused("status=204/a", HTTP_NETWORK, "answers 204");
	assert_refused("status=304/a", HTTP_REFUSED, "304");
}

static void
a_busy_server_is_left_alone_for_at_most_a_day(void **state)
{
	static const struct {
		const char *path;
		int64_t wait;
	} cases[] = { { "busy=120/a", 120 }, { "unavailable=7/a", 7 },
		{ "busy=1000000000000/a", 86400 }, { "busy=-5/a", 0 },
		{ "long-ago/a", 0 }, { "status=429/a", 0 } };
	struct http_job job;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		job = job_for(cases[i].path);
		get(&job);
		assert_int_equal(job.got.answer, HTTP_BUSY);
		assert_int_equal(job.got.retry_after, cases[i].wait);
	}
}

static void
a_captive_portal_is_recognised(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(1000);
	struct http_job job = job_for("html/a");
	struct fault f = { 0 };

	(void)state;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_int_equal(file_read_fd(out, &b, &f), 0);
	assert_true(http_looks_like_html(b.data, b.len));
	assert_true(http_looks_like_html("\xef\xbb\xbf<HTML>", 9));
	assert_false(http_looks_like_html("<?xml version='1.0'?>", 21));
	assert_false(http_looks_like_html("<htm", 4));
	assert_false(http_looks_like_html("", 0));
}

/* ---- addresses ---- */

static void
an_address_that_is_not_public_must_have_been_configured(void **state)
{
	struct http_job job = job_for("a");
	char url[64];

	(void)state;
	job.configured = false;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_non_null(strstr(job.got.why.text, "not public"));
	(void)snprintf(url, sizeof(url), "http://localhost:%d/a", web.port);
	job.url = url; /* a name: found out at connect */
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_non_null(strstr(job.got.why.text, "not public"));
	assert_int_equal(web_logged(&web, "GET"), 0);
}

static void
nor_may_a_connection_that_is_open_be_used_to_get_there(void **state)
{
	struct http_job job = job_for("a");
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://localhost:%d/a", web.port);
	job.url = url;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	job.configured = false;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_int_equal(web_logged(&web, "GET"), 1);
}

static void
a_redirect_to_another_host_is_not_configured(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "redirect/a?http://localhost:%d/a",
	    web.port);
	assert_refused(path, HTTP_REFUSED, "not public");
	(void)snprintf(path, sizeof(path), "redirect/a?http://127.1.1.1:%d/a",
	    web.port);
	assert_refused(path, HTTP_REFUSED, "not public");
	assert_refused("redirect/a?http://169.254.169.254/", HTTP_REFUSED,
	    "not public");
	assert_refused("redirect/a?http://2130706434/", HTTP_REFUSED,
	    "not public");
}

/* A stranger's URL for a proxy that would lead behind it. */
static void
assert_not_asked(const char *url)
{
	struct http_job job = job_for("a");

	job.url = url;
	job.configured = false;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_non_null(strstr(job.got.why.text, "not public"));
	assert_int_equal(web_logged(&web, "GET"), 0);
}

static void
a_proxy_is_used_even_for_what_no_proxy_would_spare(void **state)
{
	struct http_job job = job_for("a");
	char proxy[64];

	(void)state;
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", web.port);
	(void)setenv("http_proxy", proxy, 1);
	(void)setenv("no_proxy", "mirror.example", 1);
	job.url = "http://mirror.example/a";
	job.configured = false;
	get(&job);
	assert_int_equal(web_logged(&web, "GET http://mirror.example/a"), 1);
	/* But not to get at what stands behind it. */
	assert_not_asked("http://10.0.0.1/a");
	assert_not_asked("http://localhost/a");
	assert_not_asked("http://intranet./a");
	assert_not_asked("http://127.0.0.1./a");
	assert_not_asked("http://0x7f000001./a");
	(void)unsetenv("http_proxy");
	(void)unsetenv("no_proxy");
}

static void
a_proxy_of_the_configuration_goes_before_the_environment(void **state)
{
	struct http_way way = { .no_proxy = "mirror.example" };
	struct http_job job = job_for("a");
	char proxy[64];

	(void)state;
	(void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", web.port);
	way.proxy = proxy;
	http_use(http, &way);
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	job.url = "http://mirror.example/a";
	job.configured = false;
	get(&job);
	assert_int_equal(web_logged(&web, "GET http://mirror.example/a"), 1);
	assert_not_asked("http://localhost/a");
	/* The administrator's own is spared. */
	way.no_proxy = "127.0.0.1";
	http_use(http, &way);
	job = job_for("a");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_int_equal(web_logged(&web, "GET /a"), 1);
	way.proxy = "";
	http_use(http, &way);
	job = job_for("a");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	(void)unsetenv("http_proxy");
}

static void
what_is_no_web_address_is_refused_in_words(void **state)
{
	static const char *const urls[] = { "ftp://a.example/", "a b", "",
		"http://", "file:///etc/passwd", "javascript:1" };
	struct http_job job = job_for("a");
	size_t i;

	(void)state;
	job.configured = false;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		job.url = urls[i];
		get(&job);
		assert_int_equal(job.got.answer, HTTP_REFUSED);
		assert_non_null(
		    strstr(job.got.why.text, "is not a web address"));
	}
}

static void
nobody_at_home_is_the_network(void **state)
{
	struct http_job job = job_for("a");

	(void)state;
	web_stop(&web);
	get(&job);
	assert_int_equal(job.got.answer, HTTP_NETWORK);
	assert_int_equal(job.got.why.kind, FAULT_NETWORK);
	web_rogue(&web, "again", scratch_path("www"));
}

static void
a_full_disk_is_our_own_trouble(void **state)
{
	struct http_job job = job_for("a");
	int full = open("/dev/full", O_RDWR);

	(void)state;
	assert_true(full != -1);
	job.out = full;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_LOCAL);
	assert_int_equal(job.got.why.kind, FAULT_SYSTEM);
	(void)close(full);
}

/* ---- file: ---- */

static struct http_job
file_job(const char *name)
{
	static char url[512];
	struct http_job job = job_for("a");

	(void)snprintf(url, sizeof(url), "file://%s", scratch_path(name));
	job.url = url;
	return job;
}

static void
a_file_url_is_read_and_knows_when_nothing_changed(void **state)
{
	char etag[HTTP_VALIDATOR_MAX];
	struct http_job job;

	(void)state;
	scratch_write("www/b c", TEXT);
	job = file_job("www/b%20c");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(TEXT);
	memcpy(etag, job.got.etag, sizeof(etag));
	job = file_job("www/b%20c");
	job.etag = etag;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_UNCHANGED);
	scratch_write("www/b c", "news\n");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out("news\n");
}

static void
a_file_url_is_resumed_if_it_is_still_the_same(void **state)
{
	struct http_job job = file_job("www/a");

	(void)state;
	assert_int_equal(pwrite(out, "HELLO", 5, 0), 5);
	job.start = 5;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_PARTIAL);
	assert_out("HELLO, follower\n");
	job.if_range = "\"other\"";
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(TEXT);
}

static void
a_file_url_has_parts(void **state)
{
	struct http_job job = file_job("www/a");

	(void)state;
	job.part = 7;
	job.max = 8;
	job.whole = 16;
	get(&job);
	assert_out("follower");
	assert_int_equal(job.got.received, 8);
	job.start = 6;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_PARTIAL);
	assert_int_equal(job.got.received, 2);
	assert_out("follower");
	job.whole = 17;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_int_equal(job.got.why.kind, FAULT_FORMAT);
}

static void
a_file_url_keeps_the_same_limits(void **state)
{
	struct http_job job = file_job("www/a");

	(void)state;
	job.max = 15;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_TOO_LARGE);
	job = file_job("www/none");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_GONE);
	job = file_job("www");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_int_equal(mkfifo(scratch_path("www/fifo"), 0600), 0);
	job = file_job("www/fifo");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
}

/* ---- as real servers do it ---- */

static void
nginx_answers_polls_ranges_and_gzip(void **state)
{
	char etag[HTTP_VALIDATOR_MAX], modified[HTTP_VALIDATOR_MAX];
	struct http_job job = job_for("a");
	struct web nginx;
	char text[4001];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	scratch_write("www/feed.atom", text);
	web_nginx(&nginx, "nginx", scratch_path("www"), NULL,
	    "gzip on; gzip_types application/atom+xml; gzip_min_length 100;");
	job.url = url_of(&nginx, "feed.atom");
	job.max = 4000;
	job.gzip = true;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(text);
	assert_true(job.got.received < 500); /* it was compressed */
	memcpy(etag, job.got.etag, sizeof(etag));
	memcpy(modified, job.got.modified, sizeof(modified));
	assert_string_not_equal(modified, "");

	job.etag = etag;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_UNCHANGED);
	assert_true(job.got.sent + job.got.received <= 330);
	print_message("a poll: %d bytes up, %d down\n", (int)job.got.sent,
	    (int)job.got.received);
	job.etag = NULL;
	job.modified = modified;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_UNCHANGED);

	job = resume_for("a");
	job.url = url_of(&nginx, "a");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_PARTIAL);
	assert_out("HELLO, follower\n");
	memcpy(etag, job.got.etag, sizeof(etag));
	job = resume_for("a");
	job.url = url_of(&nginx, "a");
	job.if_range = etag;
	get(&job);
	assert_int_equal(job.got.answer, HTTP_PARTIAL);
	job = resume_for("a");
	job.url = url_of(&nginx, "a");
	job.if_range = "\"another\"";
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	assert_out(TEXT);
	web_stop(&nginx);
}

static void
assert_tls(const char *name, const char *address, int days, const char *trust,
    enum http_answer answer)
{
	struct http_job job = job_for("a");
	struct web nginx;

	web_certificate(name, address, days);
	web_nginx(&nginx, scratch_path(name) + strlen(scratch) + 1,
	    scratch_path("www"), name, NULL);
	(void)setenv("SSL_CERT_FILE", scratch_path(trust), 1);
	job.url = url_of(&nginx, "a");
	get(&job);
	if (job.got.answer != answer)
		fail_msg("'%s' gave %d: %s", name, job.got.answer,
		    job.got.why.text);
	(void)unsetenv("SSL_CERT_FILE");
	web_stop(&nginx);
}

static void
tls_troubles_are_a_class_of_their_own(void **state)
{
	struct http_job job = job_for("a");
	char url[64];

	(void)state;
	assert_tls("good", "127.0.0.1", 9, "good.crt", HTTP_OK);
	assert_tls("stranger", "127.0.0.1", 9, "good.crt", HTTP_TLS);
	assert_tls("expired", "127.0.0.1", -1, "expired.crt", HTTP_TLS);
	assert_tls("other", "127.0.0.2", 9, "other.crt", HTTP_TLS);
	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%d/a", web.port);
	job.url = url; /* a server without TLS */
	job.limits.total_ms = 1000;
	get(&job);
	assert_true(
	    job.got.answer == HTTP_TLS || job.got.answer == HTTP_NETWORK);
}

static void
a_folder_of_hashed_certificates_will_do(void **state)
{
	struct http_job job = job_for("a");
	struct web nginx;

	(void)state;
	web_certificate("tls", "127.0.0.1", 9);
	scratch_write("certs/x", "");
	web_run("cp", scratch_path("tls.crt"), scratch_path("certs"), NULL);
	web_run("openssl", "rehash", scratch_path("certs"), NULL);
	web_nginx(&nginx, "nginx", scratch_path("www"), "tls", NULL);
	(void)setenv("SSL_CERT_DIR", scratch_path("certs"), 1);
	job.url = url_of(&nginx, "a");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	(void)unsetenv("SSL_CERT_DIR");
	web_stop(&nginx);
}

static void
https_is_never_left_for_http(void **state)
{
	struct http_job job = job_for("a");
	char lines[128];
	struct web nginx;

	(void)state;
	(void)snprintf(lines, sizeof(lines),
	    "location /away { return 302 http://127.0.0.1:%d/a; } "
	    "location /here { return 302 https://$http_host/a; }",
	    web.port);
	web_certificate("tls", "127.0.0.1", 9);
	web_nginx(&nginx, "nginx", scratch_path("www"), "tls", lines);
	(void)setenv("SSL_CERT_FILE", scratch_path("tls.crt"), 1);
	job.url = url_of(&nginx, "away");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_REFUSED);
	assert_non_null(strstr(job.got.why.text, "redirects to 'http:"));
	assert_int_equal(web_logged(&web, "GET"), 0);
	job = job_for("a");
	job.url = url_of(&nginx, "here");
	get(&job);
	assert_int_equal(job.got.answer, HTTP_OK);
	(void)unsetenv("SSL_CERT_FILE");
	web_stop(&nginx);
}

static int
start(void **state)
{
	struct fault f = { 0 };

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("http_proxy");
	(void)unsetenv("https_proxy");
	(void)unsetenv("all_proxy");
	(void)unsetenv("SSL_CERT_FILE");
	(void)unsetenv("SSL_CERT_DIR");
	return http_start(&f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_arrives_with_its_validators),
		T(an_empty_file_empties_what_was_there),
		T(a_file_of_just_the_maximum_is_taken),
		T(a_condition_gives_unchanged_and_touches_nothing),
		T(a_date_is_a_condition_only_without_an_etag),
		T(a_request_says_no_more_than_it_must),
		T(jobs_run_side_by_side_and_all_come_back),
		T(a_host_gets_no_more_than_four_connections),
		T(closing_gives_up_what_is_under_way),
		T(a_form_is_posted_and_only_the_status_counts),
		T(jobs_together_keep_to_the_rate_and_have_time_for_it),
		T(a_rate_is_shared_by_what_is_under_way),
		T(who_asked_for_a_low_rate_has_patience),
		T(a_part_is_resumed_behind_what_is_there),
		T(a_server_that_ignores_the_range_starts_from_zero),
		T(a_range_that_was_not_asked_for_is_refused),
		T(a_part_of_a_file_is_had_alone_and_resumed),
		T(all_of_a_file_or_another_part_of_it_is_no_part),
		T(a_part_of_a_file_of_another_length_is_a_lie),
		T(a_part_of_a_file_that_is_too_large_is_refused),
		T(a_body_is_cut_off_at_the_maximum_whatever_was_said),
		T(headers_are_bounded),
		T(a_few_continues_do_no_harm),
		T(an_error_page_without_end_is_still_that_error),
		T(a_body_that_is_cut_is_a_failure_and_what_came_is_kept),
		T(lengths_that_are_no_lengths_are_refused),
		T(slow_servers_run_out_of_time),
		T(time_is_counted_over_all_redirects),
		T(a_larger_file_gets_more_time),
		T(unchanged_without_a_condition_is_refused),
		T(an_encoding_that_was_not_asked_for_is_refused),
		T(an_encoding_that_is_none_is_fine),
		T(gzip_is_decoded_where_it_may_be_and_bombs_stop_at_the_maximum),
		T(redirects_lead_only_to_the_web_and_not_for_ever),
		T(validators_with_controls_are_not_kept),
		T(other_answers_are_told_apart),
		T(a_busy_server_is_left_alone_for_at_most_a_day),
		T(a_captive_portal_is_recognised),
		T(an_address_that_is_not_public_must_have_been_configured),
		T(nor_may_a_connection_that_is_open_be_used_to_get_there),
		T(a_redirect_to_another_host_is_not_configured),
		T(a_proxy_is_used_even_for_what_no_proxy_would_spare),
		T(a_proxy_of_the_configuration_goes_before_the_environment),
		T(what_is_no_web_address_is_refused_in_words),
		T(nobody_at_home_is_the_network),
		T(a_full_disk_is_our_own_trouble),
		T(a_file_url_is_read_and_knows_when_nothing_changed),
		T(a_file_url_is_resumed_if_it_is_still_the_same),
		T(a_file_url_has_parts),
		T(a_file_url_keeps_the_same_limits),
		T(nginx_answers_polls_ranges_and_gzip),
		T(tls_troubles_are_a_class_of_their_own),
		T(a_folder_of_hashed_certificates_will_do),
		T(https_is_never_left_for_http),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
