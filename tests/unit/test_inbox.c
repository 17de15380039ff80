/*
 * Fetch's side of the folder that it shares with the receiver, which is the
 * scratch folder's "box".
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

#include "base/own.h"
#include "feeds/board.h"
#include "fetch/inbox.h"
#include "tests/support/libscratch.h"

#define NOW 1800000000
#define ONE "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"
#define TWO "urn:uuid:6b1f1c56-0000-4000-8000-000000000002"

static char folder[128];
static struct settings settings;

static int
enter(void **state)
{
	if (scratch_enter(state) != 0)
		return -1;
	(void)snprintf(folder, sizeof(folder), "%s", scratch_path("box"));
	settings.notify = (struct notify_settings){ .folder = folder,
		.every = 300,
		.jitter = 30 };
	settings.state = scratch;
	return 0;
}

static void
news(const char *id, const char *tag, int64_t due)
{
	struct timespec times[2] = { { .tv_sec = (time_t)due },
		{ .tv_sec = (time_t)due } };
	char name[BOARD_NAME_MAX], path[BOARD_NAME_MAX + 16];

	board_name(id, tag, name);
	(void)snprintf(path, sizeof(path), "box/news/%s", name);
	scratch_write(path, "");
	assert_int_equal(utimensat(scratch_fd, path, times, 0), 0);
}

/* Take what there is; how many files were taken. */
static size_t
take(struct inbox *inbox, bool due)
{
	struct fault f = { 0 };

	if (inbox_take(&settings, NOW, due, inbox, &f) == -1)
		fail_msg("%s", f.text);
	return inbox->names.count;
}

static void
no_receiver_and_no_folder_are_no_news(void **state)
{
	OWNED(inbox_clear) struct inbox inbox = INBOX_INIT;
	struct fault f = { 0 };
	bool told = true;

	(void)state;
	assert_int_equal(take(&inbox, false), 0);
	assert_int_equal(inbox_wait(&settings, &told, &f), 0);
	assert_false(told);
	settings.notify.folder = NULL;
	assert_int_equal(take(&inbox, false), 0);
}

static void
what_is_not_due_is_left(void **state)
{
	OWNED(inbox_clear) struct inbox inbox = INBOX_INIT;
	OWNED(inbox_clear) struct inbox rest = INBOX_INIT;

	(void)state;
	news(ONE, "", NOW);
	news(ONE, "0123456789abcdef", NOW + 1);
	news(TWO, "", NOW + 330);
	assert_int_equal(take(&inbox, true), 1);
	assert_int_equal(scratch_count("box/news"), 2);
	/* A run that was going to happen anyway takes all. */
	assert_int_equal(take(&rest, false), 2);
	assert_int_equal(scratch_count("box/news"), 0);
}

static void
another_clock_does_not_hold_news_back(void **state)
{
	(void)state;
	assert_int_equal(inbox_due(NOW - 5, &settings.notify, NOW), NOW - 5);
	assert_int_equal(inbox_due(NOW + 330, &settings.notify, NOW),
	    NOW + 330);
	assert_int_equal(inbox_due(NOW + 331, &settings.notify, NOW), NOW);
}

static void
news_say_of_which_feed_and_by_whom(void **state)
{
	OWNED(inbox_clear) struct inbox inbox = INBOX_INIT;
	OWNED_WORDS struct words sources = WORDS_INIT;
	struct fault f = { 0 };
	bool told;

	(void)state;
	news(ONE, "", NOW);
	news(ONE, "0123456789abcdef", NOW);
	scratch_write("box/news/.hidden", "");
	scratch_write("box/news/nonsense", "");
	assert_int_equal(take(&inbox, false), 3);
	assert_int_equal(inbox_sources(&inbox, ONE, &sources, &told, &f), 0);
	assert_true(told);
	assert_int_equal(sources.count, 1);
	assert_string_equal(sources.word[0], "0123456789abcdef");
	assert_int_equal(inbox_sources(&inbox, TWO, &sources, &told, &f), 0);
	assert_false(told);
	/* A feed that was never fetched has no id yet. */
	assert_int_equal(inbox_sources(&inbox, "", &sources, &told, &f), 0);
	assert_false(told);
	assert_int_equal(sources.count, 1);
}

static void
a_flood_of_files_is_taken_in_parts(void **state)
{
	OWNED(inbox_clear) struct inbox inbox = INBOX_INIT;
	char name[32];
	int i;

	(void)state;
	for (i = 0; i < 1100; i++) {
		(void)snprintf(name, sizeof(name), "box/news/%d", i);
		scratch_write(name, "");
	}
	assert_int_equal(take(&inbox, false), 1024);
	assert_int_equal(scratch_count("box/news"), 76);
}

static void
the_receiver_is_told_of_what_is_in_the_store(void **state)
{
	OWNED(book_close) struct book book = BOOK_INIT;
	OWNED(book_feed_clear) struct book_feed feed = BOOK_FEED_INIT;
	struct follow_settings follow = { .name = "news",
		.mirrors = WORDS_INIT };
	OWNED_BOARD struct board board = { .feeds = NULL };
	struct fault f = { 0 };
	char *text, tag[NOTICE_TAG_TEXT];
	struct stat st;

	(void)state;
	assert_int_equal(words_add(&follow.mirrors, "https://a.example/f/", &f),
	    0);
	settings.follows = &follow;
	settings.follow_count = 1;
	assert_int_equal(book_open(scratch, 0, &book, &f), 0);
	assert_int_equal(book_feed_load(&book, "news", &feed, &f), 0);
	memcpy(feed.id, ONE, sizeof(ONE));
	/* The head is accepted, but its files could not be had. */
	feed.serial = 8;
	feed.stored = 7;
	feed.state.bytes[0] = 8;
	assert_int_equal(book_accept_state(&book, feed.row, 7,
			     &(struct digest){ { 7 } }, &f),
	    0);
	assert_int_equal(book_feed_save(&book, &feed, &f), 0);
	if (inbox_publish(&settings, &book, &f) == -1)
		fail_msg("%s", f.text);
	text = scratch_read("box/feeds");
	assert_int_equal(board_read(text, strlen(text), &board, &f), 0);
	free(text);
	assert_int_equal(board.every, 300);
	assert_int_equal(board.count, 1);
	assert_int_equal(board.feeds[0].serial, 7);
	assert_int_equal(board.feeds[0].state.bytes[0], 7);
	notice_tag("https://a.example/f/", tag);
	assert_true(board_knows(&board.feeds[0], tag));
	assert_int_equal(stat(scratch_path("box/memory"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(stat(scratch_path("box/news"), &st), 0);
	words_clear(&follow.mirrors);
	settings.follow_count = 0;
}

#define IN_SCRATCH(t) cmocka_unit_test_setup_teardown(t, enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(no_receiver_and_no_folder_are_no_news),
		IN_SCRATCH(what_is_not_due_is_left),
		IN_SCRATCH(another_clock_does_not_hold_news_back),
		IN_SCRATCH(news_say_of_which_feed_and_by_whom),
		IN_SCRATCH(a_flood_of_files_is_taken_in_parts),
		IN_SCRATCH(the_receiver_is_told_of_what_is_in_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
