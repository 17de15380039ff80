#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/file.h"
#include "fetch/download.h"
#include "tests/support/libscratch.h"
#include "tests/support/libweb.h"

#define NOW ((int64_t)1790000000)
#define FILES 12

static struct http *http;
static struct db *db;
static struct web web;
static struct mirror_list mirrors;
static struct download *download;
static struct http_limits limits;
static struct download_file files[FILES];

static int
enter(void **state)
{
	const char *migrations[] = { mirror_schema, mirror_quiet_schema };
	struct fault f = { 0 };

	if (scratch_enter(state) == -1 ||
	    db_open(scratch_path("follow.db"), migrations, 2, &db, &f) == -1)
		return -1;
	scratch_write("www/x", "");
	web_rogue(&web, "rogue", scratch_path("www"));
	limits = http_limits_for(100);
	limits.total_ms = 5000;
	return http_open(&http, &f);
}

static int
leave(void **state)
{
	size_t i;

	for (i = 0; i < FILES; i++) {
		own_close_fd(&files[i].fd);
		files[i].fd = -1;
	}
	download_close(&download);
	mirror_list_clear(&mirrors);
	http_close(&http);
	db_close_p(&db);
	web_stop(&web);
	return scratch_leave(state);
}

/* A file of the published tree; sets up files[i]. */
static void
publish(size_t i, enum tree_sort sort, const char *text)
{
	char name[TREE_NAME_MAX], path[TREE_NAME_MAX + 16];

	files[i] = (struct download_file){ .sort = sort,
		.fd = -1,
		.length = (int64_t)strlen(text) };
	digest_of(text, strlen(text), &files[i].digest);
	tree_name(sort, &files[i].digest, name);
	(void)snprintf(path, sizeof(path), "www/%s", name);
	scratch_write(path, text);
	(void)snprintf(path, sizeof(path), "www/%s.other", name);
	scratch_write(path, "something else");
}

/* Text number i. */
static const char *
text_of(size_t i)
{
	static char text[64];

	(void)snprintf(text, sizeof(text), "the text of file number %zu", i);
	return text;
}

enum { MIRRORS = 0, PEERS = 1, SPARE = 2 };

/*
 * Mirrors of rogue by mode, or of a whole URL, in this order.  PEERS: the
 * second one gave the feed, and is a peer; as the first, unless SPARE.
 */
static void
follow_as(const char *first, const char *second, int how)
{
	const char *words[] = { first, second };
	struct download_where where = { .http = http,
		.db = db,
		.mirrors = &mirrors,
		.folder = scratch_fd,
		.now = NOW,
		.label = "test",
		.limits = &limits };
	char urls[2][256];
	char *list[] = { urls[0], urls[1] };
	struct fault f = { 0 };
	size_t i;

	for (i = 0; i < 2 && words[i] != NULL; i++)
		(void)snprintf(urls[i], sizeof(urls[i]), "%s%s",
		    strstr(words[i], "://") != NULL ? "" : web.url, words[i]);
	download_close(&download);
	mirror_list_clear(&mirrors);
	assert_int_equal(mirror_load(db, 1, list, i, &mirrors, &f), 0);
	where.spare = (how & SPARE) != 0;
	if ((how & PEERS) != 0) {
		where.giver = urls[1];
		mirrors.list[0].peer = !where.spare;
		mirrors.list[1].peer = true;
	}
	assert_int_equal(download_open(&where, &download, &f), 0);
}

static void
follow(const char *first, const char *second)
{
	follow_as(first, second, MIRRORS);
}

static void
assert_got(size_t i, const char *text)
{
	OWNED_BUF struct buf b = BUF_INIT(1000);
	struct fault f = { 0 };

	assert_true(files[i].fd != -1);
	assert_int_equal(files[i].why.kind, FAULT_NONE);
	assert_int_equal(lseek(files[i].fd, 0, SEEK_CUR), 0);
	assert_int_equal(file_read_fd(files[i].fd, &b, &f), 0);
	assert_string_equal(b.data, text);
}

static void
get_one(const char *text)
{
	struct fault f = { 0 };

	if (download_one(download, &files[0], &f) == -1)
		fail_msg("%s", f.text);
	assert_got(0, text);
}

static void
assert_missing(enum fault_kind kind, const char *words)
{
	struct fault f = { 0 };

	assert_int_equal(download_one(download, &files[0], &f), -1);
	assert_int_equal(files[0].fd, -1);
	assert_int_equal(files[0].why.kind, kind);
	assert_int_equal(f.kind, kind);
	if (strstr(f.text, words) == NULL)
		fail_msg("'%s'", f.text);
}

static void
write_part(const char *text)
{
	char name[DIGEST_TEXT], path[DIGEST_TEXT + 8];

	digest_format(&files[0].digest, name);
	(void)snprintf(path, sizeof(path), "partial/%s", name);
	scratch_write(path, text);
}

/* ---- what goes well ---- */

static void
files_come_from_all_mirrors_at_once(void **state)
{
	struct fault f = { 0 };
	struct download_count count;
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++)
		publish(i, i % 2 == 0 ? TREE_STEP : TREE_HISTORY, text_of(i));
	follow("plain/", "whole/");
	assert_int_equal(download_all(download, files, FILES, &f), 0);
	for (i = 0; i < FILES; i++)
		assert_got(i, text_of(i));
	assert_int_equal(download_refusals(download), 0);
	download_count(download, &count);
	assert_int_equal(count.requests, FILES);
	assert_true(count.sent > 0 && count.received > 0);
	assert_int_equal(web_logged(&web, "GET /plain/"), FILES / 2);
}

static void
a_file_comes_from_the_peer_that_gave_the_feed(void **state)
{
	struct download_count count;

	(void)state;
	publish(0, TREE_STEP, "here");
	follow_as("plain/", "whole/", PEERS);
	get_one("here");
	download_count(download, &count);
	assert_int_equal(count.requests, 1);
	assert_int_equal(web_logged(&web, "GET /whole/"), 1);
}

static void
many_files_come_from_other_peers_too(void **state)
{
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++)
		publish(i, TREE_STEP, text_of(i));
	follow_as("plain/", "whole/", PEERS);
	assert_int_equal(download_all(download, files, FILES, &f), 0);
	assert_true(web_logged(&web, "GET /plain/") > 0);
}

static void
a_mirror_is_spared_though_no_peer_has_the_file(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "here");
	follow_as("plain/", "status=404/", PEERS | SPARE);
	assert_missing(FAULT_NETWORK, "answers 404");
	assert_int_equal(web_logged(&web, "GET /plain/"), 0);
	follow_as("plain/", "status=404/", PEERS);
	get_one("here");
}

static void
what_is_asked_for_twice_comes_twice_by_one_request(void **state)
{
	struct fault f = { 0 };

	(void)state;
	publish(0, TREE_STEP, "twin");
	publish(1, TREE_STEP, "other");
	publish(2, TREE_STEP, "twin");
	follow("plain/", NULL);
	assert_int_equal(download_all(download, files, 3, &f), 0);
	assert_got(0, "twin");
	assert_got(1, "other");
	assert_got(2, "twin");
	assert_int_equal(web_logged(&web, "GET"), 2);
}

static void
an_empty_file_needs_no_request(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "");
	follow("plain/", NULL);
	get_one("");
	assert_int_equal(web_logged(&web, "GET"), 0);
}

static void
a_mirror_may_be_a_folder(void **state)
{
	char url[128];

	(void)state;
	publish(0, TREE_SNAPSHOT, "from a stick");
	(void)snprintf(url, sizeof(url), "file://%s/", scratch_path("www"));
	follow(url, NULL);
	get_one("from a stick");
}

static void
a_signature_is_bounded_and_not_checked(void **state)
{
	char path[TREE_NAME_MAX + 16], name[TREE_NAME_MAX];

	(void)state;
	publish(0, TREE_SNAPSHOT, "snapshot");
	files[0].sort = TREE_SIGNATURE;
	tree_name(TREE_SIGNATURE, &files[0].digest, name);
	(void)snprintf(path, sizeof(path), "www/%s", name);
	scratch_write(path, "sig");
	follow("plain/", NULL);
	get_one("sig");
	own_close_fd(&files[0].fd);
	files[0].length = 2;
	follow("plain/", NULL);
	assert_missing(FAULT_LIMIT, "is larger than 2 bytes");
}

/* ---- other copies ---- */

static void
a_lie_is_replaced_by_the_next_mirrors_copy(void **state)
{
	static const struct {
		const char *mode, *words;
	} lies[] = { { "flip=3/", "another digest" },
		{ "swap/", "is 14 bytes long" },
		{ "truncate=4/", "is 4 bytes" },
		{ "longer=1/", "is larger than" }, { "html/", "is larger" },
		{ "longer-unknown=1/", "is larger than" },
		{ "encoded=gzip/", "is encoded" },
		{ "endless-chunked/", "is larger than" },
		{ "cut-unknown=7/", "is 7 bytes long" }, { "redirect/", "302" },
		{ "unchanged/", "304" } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		publish(0, TREE_STEP, text_of(i));
		follow(lies[i].mode, "plain/");
		get_one(text_of(i));
		own_close_fd(&files[0].fd);
		files[0].fd = -1;
		assert_int_equal(download_refusals(download), 1);
		if (strstr(download_refusal(download, 0), lies[i].words) ==
		    NULL)
			fail_msg("'%s'", download_refusal(download, 0));
		assert_int_equal(mirrors.list[0].failures, 1);
		assert_int_equal(mirrors.list[1].failures, 0);
	}
}

static void
a_refusal_names_mirror_file_and_cause(void **state)
{
	char line[512], name[TREE_NAME_MAX];

	(void)state;
	publish(0, TREE_STEP, "something");
	follow("flip=3/", "plain/");
	get_one("something");
	tree_name(TREE_STEP, &files[0].digest, name);
	(void)snprintf(line, sizeof(line),
	    "mirror '%sflip=3/': '%s': has "
	    "another digest than was signed",
	    web.url, name);
	assert_string_equal(download_refusal(download, 0), line);
	assert_string_equal(mirrors.list[0].cause,
	    "has another digest than was signed");
}

static void
a_file_that_one_mirror_lacks_comes_from_another(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "here");
	follow("status=404/", "plain/");
	get_one("here");
	/* It may only not be complete yet. */
	assert_int_equal(mirrors.list[0].failures, 0);
	assert_int_equal(download_refusals(download), 1);
}

static void
a_mirror_that_stalls_is_left(void **state)
{
	(void)state;
	limits.total_ms = 200;
	publish(0, TREE_STEP, "stalled");
	follow("stall=3/", "plain/");
	get_one("stalled");
	assert_int_equal(web_logged(&web, "Range: bytes=3-"), 1);
}

static void
no_good_copy_is_a_refusal_and_nobody_there_is_the_network(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "wanted");
	follow("flip=3/", "truncate=2/");
	assert_missing(FAULT_FORMAT, "");
	follow("status=404/", "status=500/");
	assert_missing(FAULT_NETWORK, "answers 500");
	follow("flip=3/", "status=500/");
	assert_missing(FAULT_FORMAT, "another digest");
	follow("status=500/", "flip=3/");
	assert_missing(FAULT_FORMAT, "another digest");
	follow("http://127.0.0.1:1/", NULL);
	assert_missing(FAULT_NETWORK, "mirror 'http://127.0.0.1:1/'");
}

static void
a_url_is_asked_at_most_twice_a_run(void **state)
{
	struct fault f = { 0 };

	(void)state;
	publish(0, TREE_STEP, "never whole");
	follow("cut=5/", NULL);
	assert_missing(FAULT_NETWORK, "");
	assert_int_equal(web_logged(&web, "GET"), 2);
	/* Nor by another call of the same run. */
	assert_int_equal(download_one(download, &files[0], &f), -1);
	assert_int_equal(web_logged(&web, "GET"), 0);
	assert_int_equal(f.kind, FAULT_NETWORK);
	publish(0, TREE_STEP, "never right");
	follow("flip=3/", NULL);
	assert_missing(FAULT_FORMAT, "");
	assert_int_equal(web_logged(&web, "GET"), 1);
}

static void
a_busy_mirror_is_left_alone_as_long_as_it_said(void **state)
{
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++)
		publish(i, TREE_STEP, text_of(i));
	follow("busy=7200/", "plain/");
	assert_int_equal(download_all(download, files, FILES, &f), 0);
	/* At most those that were under way already. */
	assert_true(web_logged(&web, "GET /busy") <= HTTP_HOST_CONNECTIONS);
	assert_int_equal(mirrors.list[0].failures, 1);
	assert_int_equal(mirrors.list[0].wait_until, NOW + 7200);
	/* Nor is it asked by the next run, though nobody else is left. */
	publish(0, TREE_STEP, "one more");
	follow("busy=7200/", NULL);
	(void)web_logged(&web, "GET");
	assert_int_equal(download_one(download, &files[0], &f), -1);
	assert_int_equal(f.kind, FAULT_NETWORK);
	assert_int_equal(web_logged(&web, "GET /busy"), 0);
}

static void
a_mirror_that_is_not_there_does_not_cost_each_file_a_try(void **state)
{
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++)
		publish(i, TREE_STEP, text_of(i));
	follow("reset/", "plain/");
	assert_int_equal(download_all(download, files, FILES, &f), 0);
	assert_true(download_refusals(download) <= HTTP_HOST_CONNECTIONS + 1);
	assert_int_equal(mirrors.list[0].failures, 1);
}

static void
files_that_came_are_kept_when_another_is_missing(void **state)
{
	struct fault f = { 0 };

	(void)state;
	publish(0, TREE_STEP, "first");
	publish(1, TREE_STEP, "second");
	files[2] = files[1];
	files[2].digest.bytes[0] ^= 1;
	follow("plain/", NULL);
	assert_int_equal(download_all(download, files, 3, &f), -1);
	assert_got(0, "first");
	assert_got(1, "second");
	assert_int_equal(files[2].fd, -1);
	/* and the next run need not fetch them again */
	assert_int_equal(web_logged(&web, "GET"), 3);
	own_close_fd(&files[0].fd);
	own_close_fd(&files[1].fd);
	follow("plain/", NULL);
	assert_int_equal(download_all(download, files, 2, &f), 0);
	assert_got(0, "first");
	assert_got(1, "second");
	assert_int_equal(web_logged(&web, "GET"), 0);
	download_close(&download);
	assert_int_equal(scratch_count("partial"), 1); /* the empty third */
}

/* ---- parts ---- */

static void
a_part_is_resumed_from_the_next_mirror(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "cut in two");
	follow("cut=4/", "plain/");
	get_one("cut in two");
	assert_int_equal(web_logged(&web, "Range: bytes=4-"), 1);
	assert_int_equal(mirrors.list[0].failures, 1);
}

static void
the_same_mirror_resumes_if_its_file_is_the_same(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "cut in two");
	follow("once-cut=4/", NULL);
	get_one("cut in two");
	assert_int_equal(web_logged(&web, "If-Range: \""), 1);
}

static void
a_part_of_an_earlier_run_is_resumed(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "long ago");
	write_part("long ");
	follow("plain/", NULL);
	get_one("long ago");
	assert_int_equal(web_logged(&web, "Range: bytes=5-"), 1);
	download_close(&download);
	assert_int_equal(scratch_count("partial"), 0);
}

static void
a_part_that_does_not_fit_is_asked_for_from_zero(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "long ago");
	write_part("wrong");
	follow("plain/", NULL);
	get_one("long ago");
	assert_int_equal(web_logged(&web, "Range"), 1);
	assert_int_equal(download_refusals(download), 1);
	assert_int_equal(mirrors.list[0].failures, 0); /* who knows whose */
	files[0].fd = -1;

	publish(0, TREE_STEP, "as long as it should be");
	write_part("as long as it Should be");
	get_one("as long as it should be");
	files[0].fd = -1;
	publish(0, TREE_STEP, "longer");
	write_part("much longer");
	get_one("longer");
}

static void
from_zero_means_from_one_mirror(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "in two parts");
	write_part("in tw");
	/* The first mirror's part is wrong, and then it is cut. */
	follow("flip=8/", "cut=4/");
	assert_missing(FAULT_FORMAT, "");
	/* Neither resumed what the other left. */
	assert_int_equal(web_logged(&web, "Range: "), 1);
}

static void
a_whole_part_needs_no_request(void **state)
{
	(void)state;
	publish(0, TREE_STEP, "all there");
	write_part("all there");
	follow("plain/", NULL);
	get_one("all there");
	assert_int_equal(web_logged(&web, "GET"), 0);
}

static void
a_part_that_nobody_wants_goes_after_a_week(void **state)
{
	struct timespec times[2] = { { NOW - 8 * 86400, 0 },
		{ NOW - 8 * 86400, 0 } };

	(void)state;
	publish(0, TREE_STEP, "x");
	scratch_write("partial/old", "x");
	scratch_write("partial/new", "x");
	assert_int_equal(
	    utimensat(AT_FDCWD, scratch_path("partial/old"), times, 0), 0);
	times[1].tv_sec = NOW - 6 * 86400;
	assert_int_equal(
	    utimensat(AT_FDCWD, scratch_path("partial/new"), times, 0), 0);
	follow("plain/", NULL);
	get_one("x");
	download_close(&download);
	assert_int_equal(access(scratch_path("partial/old"), F_OK), -1);
	assert_int_equal(access(scratch_path("partial/new"), F_OK), 0);
}

static void
trouble_of_our_own_ends_it(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("partial", "no folder");
	publish(0, TREE_STEP, "x");
	publish(1, TREE_STEP, "y");
	follow("plain/", NULL);
	assert_int_equal(download_all(download, files, 2, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(web_logged(&web, "GET"), 0);
	assert_int_equal(mirrors.list[0].failures, 0);
}

static int
start(void **state)
{
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < FILES; i++)
		files[i].fd = -1;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
	return http_start(&f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(files_come_from_all_mirrors_at_once),
		T(a_file_comes_from_the_peer_that_gave_the_feed),
		T(many_files_come_from_other_peers_too),
		T(a_mirror_is_spared_though_no_peer_has_the_file),
		T(what_is_asked_for_twice_comes_twice_by_one_request),
		T(an_empty_file_needs_no_request),
		T(a_mirror_may_be_a_folder),
		T(a_signature_is_bounded_and_not_checked),
		T(a_lie_is_replaced_by_the_next_mirrors_copy),
		T(a_refusal_names_mirror_file_and_cause),
		T(a_file_that_one_mirror_lacks_comes_from_another),
		T(a_mirror_that_stalls_is_left),
		T(no_good_copy_is_a_refusal_and_nobody_there_is_the_network),
		T(a_url_is_asked_at_most_twice_a_run),
		T(a_busy_mirror_is_left_alone_as_long_as_it_said),
		T(a_mirror_that_is_not_there_does_not_cost_each_file_a_try),
		T(files_that_came_are_kept_when_another_is_missing),
		T(a_part_is_resumed_from_the_next_mirror),
		T(the_same_mirror_resumes_if_its_file_is_the_same),
		T(a_part_of_an_earlier_run_is_resumed),
		T(a_part_that_does_not_fit_is_asked_for_from_zero),
		T(from_zero_means_from_one_mirror),
		T(a_whole_part_needs_no_request),
		T(a_part_that_nobody_wants_goes_after_a_week),
		T(trouble_of_our_own_ends_it),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
