#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/board.h"

#define ONE "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"
#define TWO "urn:uuid:6b1f1c56-0000-4000-8000-000000000002"

static const struct digest state_one = { { 1 } }, state_two = { { 2 } };
static char url[64];

static const char *
source(int n)
{
	(void)snprintf(url, sizeof(url), "https://w%d.example/f/", n);
	return url;
}

static struct board_feed *
add(struct board *b, const char *id, int64_t serial, const struct digest *state)
{
	struct board_feed *feed = NULL;
	struct fault f = { 0 };

	assert_int_equal(board_add(b, id, serial, state, &feed, &f), 0);
	return feed;
}

static bool
knows(const struct board_feed *feed, const char *place)
{
	char tag[NOTICE_TAG_TEXT];

	notice_tag(place, tag);
	return board_knows(feed, tag);
}

static void
what_is_written_is_read_again(void **state)
{
	OWNED_BUF struct buf text = BUF_INIT(BOARD_MAX);
	OWNED_BOARD struct board b = { .every = 300, .jitter = 0 };
	OWNED_BOARD struct board again = { .every = 1 };
	struct board_feed *feed;
	const struct board_feed *got;
	struct fault f = { 0 };
	int i;

	(void)state;
	feed = add(&b, ONE, 7, &state_one);
	for (i = 0; i < 80; i++)
		assert_int_equal(board_add_source(feed, source(i), &f), 0);
	(void)add(&b, TWO, 0, &state_two);
	assert_int_equal(board_write(&b, &text, &f), 0);
	if (board_read(text.data, text.len, &again, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(again.every, 300);
	assert_int_equal(again.jitter, 0);
	assert_int_equal(again.count, 2);
	got = board_find(&again, ONE);
	assert_non_null(got);
	assert_int_equal(got->serial, 7);
	assert_true(digest_equal(&got->state, &state_one));
	assert_int_equal(got->sources.count, 80);
	for (i = 0; i < 80; i++)
		assert_true(knows(got, source(i)));
	assert_false(knows(got, source(80)));
	got = board_find(&again, TWO);
	assert_non_null(got);
	assert_int_equal(got->sources.count, 0);
	assert_null(board_find(&again, "urn:uuid:other"));
}

static void
one_feed_of_two_sections_has_the_lower_serial(void **state)
{
	OWNED_BOARD struct board b = { .every = 300 };
	struct board_feed *feed;
	struct fault f = { 0 };

	(void)state;
	feed = add(&b, ONE, 7, &state_one);
	assert_int_equal(board_add_source(feed, source(1), &f), 0);
	feed = add(&b, ONE, 6, &state_two);
	assert_int_equal(board_add_source(feed, source(1), &f), 0);
	assert_int_equal(board_add_source(feed, source(2), &f), 0);
	(void)add(&b, ONE, 8, &state_one);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.feeds[0].serial, 6);
	assert_true(digest_equal(&b.feeds[0].state, &state_two));
	assert_int_equal(b.feeds[0].sources.count, 2);
}

static void
refused(const char *text, const char *words)
{
	OWNED_BOARD struct board b = { .every = 42 };
	struct fault f = { 0 };

	if (board_read(text, strlen(text), &b, &f) == 0)
		fail_msg("taken: %s", text);
	assert_int_equal(f.kind, FAULT_CONFIG);
	if (strstr(f.text, words) == NULL)
		fail_msg("'%s' is not about '%s'", f.text, words);
	assert_int_equal(b.every, 42);
}

static void
what_nobody_wrote_is_refused(void **state)
{
	(void)state;
	refused("", "[notify]");
	refused("[notify]\njitter = 1\n", "every");
	refused("[notify]\nevery = 0\njitter = 1\n", "every");
	refused("[notify]\nevery = 1\njitter = 1\n[feed x]\nserial = 1\n",
	    "state");
	refused("[notify]\nevery = 1\njitter = 1\n[feed x]\nserial = 1\n"
		"state = 0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef\n",
	    "feed id");
	refused("[notify]\nevery = 1\njitter = 1\n"
		"[feed 6b1f1c56-0000-4000-8000-000000000001]\nserial = 1\n"
		"state = 1\n",
	    "digest");
	refused("[other]\n", "other");
}

static void
a_name_says_which_feed_and_which_source(void **state)
{
	char name[BOARD_NAME_MAX], tag[NOTICE_TAG_TEXT];
	char other[BOARD_NAME_MAX + 1];

	(void)state;
	board_name(ONE, "", name);
	assert_string_equal(name, "6b1f1c56-0000-4000-8000-000000000001");
	assert_true(board_is_name(name, ONE, tag));
	assert_string_equal(tag, "");
	assert_false(board_is_name(name, TWO, tag));
	board_name(ONE, "0123456789abcdef", name);
	assert_true(board_is_name(name, ONE, tag));
	assert_string_equal(tag, "0123456789abcdef");
	assert_false(board_is_name(name, TWO, tag));
	(void)snprintf(other, sizeof(other), "%sx", name);
	assert_false(board_is_name(other, ONE, tag));
	name[strlen(name) - 1] = 'x';
	assert_false(board_is_name(name, ONE, tag));
	name[strlen(name) - 1] = '\0';
	assert_false(board_is_name(name, ONE, tag));
	assert_false(board_is_name(".", ONE, tag));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(one_feed_of_two_sections_has_the_lower_serial),
		cmocka_unit_test(what_nobody_wrote_is_refused),
		cmocka_unit_test(a_name_says_which_feed_and_which_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
