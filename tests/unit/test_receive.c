/*
 * The receiver without a web server: its folder is the scratch folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "feeds/board.h"
#include "notify/memory.h"
#include "notify/receive.h"
#include "notify/request.h"
#include "tests/support/libscratch.h"

#define NOW 1800000000
#define ONE "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"
#define TWO "urn:uuid:6b1f1c56-0000-4000-8000-000000000002"
#define PEER "https://w1.example/f/"
#define ADDRESS "192.0.2.1"

static const struct digest seven = { { 7 } }, eight = { { 8 } };
static struct receive_answer got;

/* Feed one is at serial 7, and knows one peer. */
static int
enter(void **state)
{
	OWNED_BUF struct buf text = BUF_INIT(BOARD_MAX);
	OWNED_BOARD struct board b = { .every = 300, .jitter = 0 };
	struct board_feed *feed;
	struct fault f = { 0 };

	if (scratch_enter(state) != 0 ||
	    board_add(&b, ONE, 7, &seven, &feed, &f) == -1 ||
	    board_add_source(feed, PEER, &f) == -1 ||
	    board_write(&b, &text, &f) == -1)
		return -1;
	scratch_write("feeds", text.data);
	return mkdir(scratch_path("news"), 0700);
}

static struct notice
notice(const char *id, int64_t serial, const struct digest *state)
{
	struct notice n = { .serial = serial, .state = *state };

	memcpy(n.feed, id, FEED_ID_TEXT);
	return n;
}

static int
tell(const struct notice *n, const char *address, int64_t now)
{
	struct fault f = { 0 };

	if (receive_notice(scratch, address, n, now, &got, &f) == -1)
		fail_msg("%s", f.text);
	return got.status;
}

/* When fetch may run by a file of news; 0: there is none. */
static int64_t
due(const char *tag)
{
	char name[BOARD_NAME_MAX], path[BOARD_NAME_MAX + 8];
	struct stat st;

	board_name(ONE, tag, name);
	(void)snprintf(path, sizeof(path), "news/%s", name);
	if (lstat(scratch_path(path), &st) == -1)
		return 0;
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_size, 0);
	return st.st_mtime;
}

static void
news_leave_a_file_with_the_time(void **state)
{
	struct notice n = notice(ONE, 8, &eight);

	(void)state;
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(due(""), NOW);
	assert_int_equal(scratch_count("news"), 1);
	/* The same again is on its way. */
	assert_int_equal(tell(&n, ADDRESS, NOW + 1), 208);
	/* More of it waits for the next time. */
	n.serial = 9;
	assert_int_equal(tell(&n, ADDRESS, NOW + 1), 202);
	assert_int_equal(due(""), NOW + 300);
	assert_int_equal(scratch_count("news"), 1);
}

static void
a_known_source_is_named_by_its_tag(void **state)
{
	struct notice n = notice(ONE, 8, &eight);
	char tag[NOTICE_TAG_TEXT];

	(void)state;
	notice_tag(PEER, tag);
	memcpy(n.from, PEER, sizeof(PEER));
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(due(tag), NOW);
	assert_int_equal(due(""), 0);
	/* Another one is not. */
	n.serial = 9;
	n.from[8] = 'v';
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(due(""), NOW + 300);
	assert_int_equal(scratch_count("news"), 2);
}

static void
what_is_no_news_leaves_nothing(void **state)
{
	struct notice n = notice(ONE, 7, &seven);

	(void)state;
	assert_int_equal(tell(&n, ADDRESS, NOW), 208);
	n = notice(ONE, 6, &eight);
	assert_int_equal(tell(&n, ADDRESS, NOW), 208);
	n = notice(ONE, 7, &eight);
	assert_int_equal(tell(&n, ADDRESS, NOW), 409);
	n = notice(TWO, 8, &eight);
	assert_int_equal(tell(&n, ADDRESS, NOW), 404);
	assert_int_equal(scratch_count("news"), 0);
	/* A known source may have found a fork. */
	n = notice(ONE, 7, &eight);
	memcpy(n.from, PEER, sizeof(PEER));
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(scratch_count("news"), 1);
}

static void
a_sender_that_asks_too_often_waits(void **state)
{
	struct notice n = notice(ONE, 7, &seven);
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		assert_int_equal(tell(&n, ADDRESS, NOW), 208);
	n = notice(ONE, 8, &eight);
	assert_int_equal(tell(&n, ADDRESS, NOW), 429);
	assert_int_equal(got.retry_after, 15);
	assert_int_equal(scratch_count("news"), 0);
	assert_int_equal(tell(&n, "::ffff:" ADDRESS, NOW), 429);
	assert_int_equal(tell(&n, ADDRESS, NOW + 15), 202);
}

static void
a_subscriber_of_ipv6_is_one_sender(void **state)
{
	struct notice n = notice(ONE, 7, &seven);
	char address[64];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		(void)snprintf(address, sizeof(address), "2001:db8:1:2::%x",
		    i + 1);
		assert_int_equal(tell(&n, address, NOW), 208);
	}
	assert_int_equal(tell(&n, "2001:db8:1:2:ffff::1", NOW), 429);
}

static void
a_feed_that_is_told_too_often_of_waits(void **state)
{
	struct notice n = notice(ONE, 8, &eight);
	char address[32];
	int i, told = 0;

	(void)state;
	for (i = 0; i < 31; i++) {
		n.serial++;
		(void)snprintf(address, sizeof(address), "192.0.2.%d", i + 1);
		told += tell(&n, address, NOW) == 202;
	}
	assert_int_equal(told, 30);
	assert_int_equal(got.status, 429);
	assert_int_equal(got.retry_after, 10);
	/* The other answers go on. */
	n = notice(ONE, 7, &seven);
	assert_int_equal(tell(&n, ADDRESS, NOW), 208);
}

static void
a_folder_where_fetch_was_not_follows_nothing(void **state)
{
	struct notice n = notice(ONE, 8, &eight);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(unlink(scratch_path("feeds")), 0);
	assert_int_equal(tell(&n, ADDRESS, NOW), 404);
	assert_int_equal(
	    receive_notice(scratch_path("none"), ADDRESS, &n, NOW, &got, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
}

static void
news_that_cannot_be_left_are_our_trouble(void **state)
{
	struct notice n = notice(ONE, 8, &eight);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(rmdir(scratch_path("news")), 0);
	assert_int_equal(receive_notice(scratch, ADDRESS, &n, NOW, &got, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	/* Nothing was told, then. */
	assert_int_equal(mkdir(scratch_path("news"), 0700), 0);
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(due(""), NOW);
}

static void
a_link_is_not_followed(void **state)
{
	struct notice n = notice(ONE, 8, &eight);
	char name[BOARD_NAME_MAX], path[BOARD_NAME_MAX + 8];
	struct fault f = { 0 };
	char *text;

	(void)state;
	scratch_write("precious", "mine");
	board_name(ONE, "", name);
	(void)snprintf(path, sizeof(path), "news/%s", name);
	assert_int_equal(symlink("../precious", scratch_path(path)), 0);
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(due(""), NOW);
	assert_int_equal(unlink(scratch_path("memory")), 0);
	assert_int_equal(symlink("precious", scratch_path("memory")), 0);
	assert_int_equal(receive_notice(scratch, ADDRESS, &n, NOW, &got, &f),
	    -1);
	text = scratch_read("precious");
	assert_string_equal(text, "mine");
	free(text);
}

static void
a_memory_that_is_not_one_is_begun_anew(void **state)
{
	struct notice n = notice(ONE, 8, &eight);
	char *large = calloc(1, 40001);
	struct stat st;

	(void)state;
	assert_non_null(large);
	memset(large, 'x', 40000);
	scratch_write("memory", large);
	free(large);
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(stat(scratch_path("memory"), &st), 0);
	assert_int_equal(st.st_size, sizeof(struct memory_page));
	assert_int_equal(truncate(scratch_path("memory"), 100), 0);
	assert_int_equal(tell(&n, ADDRESS, NOW), 202);
	assert_int_equal(tell(&n, ADDRESS, NOW), 208);
}

static void
the_feed_that_is_least_recent_makes_room(void **state)
{
	OWNED(memory_close) struct memory memory = MEMORY_INIT;
	struct fault f = { 0 };
	char id[FEED_ID_TEXT];
	int i;

	(void)state;
	assert_int_equal(memory_open(scratch_fd, &memory, &f), 0);
	for (i = 0; i < MEMORY_FEEDS; i++) {
		(void)snprintf(id, sizeof(id), "feed %d", i);
		memory_feed(&memory, id)->due = NOW + (i + 10) % MEMORY_FEEDS;
	}
	assert_int_equal(memory_feed(&memory, "feed 3")->due, NOW + 13);
	assert_int_equal(memory_feed(&memory, "another")->due, 0);
	memory_feed(&memory, "another")->due = NOW + 100;
	/* It was the one that had been due first. */
	(void)snprintf(id, sizeof(id), "feed %d", MEMORY_FEEDS - 10);
	for (i = 0; i < MEMORY_FEEDS; i++)
		if (i != MEMORY_FEEDS - 10) {
			char other[FEED_ID_TEXT];

			(void)snprintf(other, sizeof(other), "feed %d", i);
			assert_int_not_equal(memory_feed(&memory, other)->due,
			    0);
		}
	assert_int_equal(memory_feed(&memory, id)->due, 0);
}

/* ---- requests ---- */

static int
refusal(const char *method, const char *type, const char *length)
{
	struct request r = { .method = method,
		.content_type = type,
		.length = length };
	size_t n = 0;

	return request_refusal(&r, &n);
}

static void
a_request_that_is_no_form_is_refused(void **state)
{
	static const char form[] = "application/x-www-form-urlencoded";

	(void)state;
	assert_int_equal(refusal("POST", form, "10"), 0);
	assert_int_equal(refusal("POST",
			     "Application/X-WWW-Form-urlencoded; charset=UTF-8",
			     "4096"),
	    0);
	assert_int_equal(refusal("GET", form, "10"), 405);
	assert_int_equal(refusal("post", form, "10"), 405);
	assert_int_equal(refusal(NULL, form, "10"), 405);
	assert_int_equal(refusal("POST", form, NULL), 411);
	assert_int_equal(refusal("POST", form, ""), 411);
	assert_int_equal(refusal("POST", form, "-1"), 400);
	assert_int_equal(refusal("POST", form, "1e3"), 400);
	assert_int_equal(refusal("POST", form, "4097"), 413);
	assert_int_equal(refusal("POST", NULL, "10"), 415);
	assert_int_equal(refusal("POST", "text/plain", "10"), 415);
	assert_int_equal(
	    refusal("POST", "application/x-www-form-urlencodedx", "10"), 415);
}

static void
a_body_that_is_refused_is_read_to_its_length(void **state)
{
	struct request r = { .method = "PUT", .length = "6" };
	char byte;
	size_t n = 0;
	int fds[2];

	(void)state;
	assert_int_equal(request_refusal(&r, &n), 405);
	assert_int_equal(n, 6);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "feed=x&more", 11), 11);
	request_drain(fds[0], n);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(byte, '&');
	(void)close(fds[1]);
	request_drain(fds[0], 1000);
	(void)close(fds[0]);
}

static void
a_body_is_read_to_its_length(void **state)
{
	OWNED_BUF struct buf body = BUF_INIT(NOTICE_MAX);
	struct fault f = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "feed=x&more", 11), 11);
	assert_int_equal(request_body(fds[0], 6, &body, &f), 0);
	assert_string_equal(body.data, "feed=x");
	(void)close(fds[1]);
	buf_reset(&body);
	assert_int_equal(request_body(fds[0], 6, &body, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	(void)close(fds[0]);
}

#define IN_SCRATCH(t) cmocka_unit_test_setup_teardown(t, enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(news_leave_a_file_with_the_time),
		IN_SCRATCH(a_known_source_is_named_by_its_tag),
		IN_SCRATCH(what_is_no_news_leaves_nothing),
		IN_SCRATCH(a_sender_that_asks_too_often_waits),
		IN_SCRATCH(a_subscriber_of_ipv6_is_one_sender),
		IN_SCRATCH(a_feed_that_is_told_too_often_of_waits),
		IN_SCRATCH(a_folder_where_fetch_was_not_follows_nothing),
		IN_SCRATCH(news_that_cannot_be_left_are_our_trouble),
		IN_SCRATCH(a_link_is_not_followed),
		IN_SCRATCH(a_memory_that_is_not_one_is_begun_anew),
		IN_SCRATCH(the_feed_that_is_least_recent_makes_room),
		cmocka_unit_test(a_request_that_is_no_form_is_refused),
		cmocka_unit_test(a_body_is_read_to_its_length),
		cmocka_unit_test(a_body_that_is_refused_is_read_to_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
