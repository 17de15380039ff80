/*
 * Every allocation while a notification is taken, and while one is got ready,
 * is made to fail in turn: what is told to be news has left its file, and what
 * failed has said so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "feeds/board.h"
#include "fetch/announce.h"
#include "notify/receive.h"
#include "tests/fault/allocator.h"
#include "tests/support/libscratch.h"

#if !defined(NO_ALLOCATOR)

#define ID "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"
#define PEER "https://a.example/f/ https://a.example/notify"
#define NOW 1800000000

static struct buf board_text = BUF_INIT(BOARD_MAX);
static struct notice notice = { .feed = ID,
	.serial = 8,
	.from = "https://b.example/f/" };

static int
write_board(struct fault *f)
{
	OWNED_BOARD struct board b = { .every = 300, .jitter = 30 };
	OWNED_BUF struct buf out = BUF_INIT(BOARD_MAX);
	struct digest state = { { 7 } };
	struct board_feed *feed;

	if (board_add(&b, ID, 7, &state, &feed, f) == -1 ||
	    board_add_source(feed, "https://a.example/f/", f) == -1 ||
	    board_add_source(feed, notice.from, f) == -1 ||
	    board_write(&b, &out, f) == -1)
		return -1;
	left = -1;
	if (board_text.len == 0)
		return buf_add(&board_text, out.data, out.len, f);
	assert_int_equal(out.len, board_text.len);
	assert_memory_equal(out.data, board_text.data, out.len);
	return 0;
}

static int
read_board(struct fault *f)
{
	OWNED_BOARD struct board b = { .every = 0 };

	if (board_read(board_text.data, board_text.len, &b, f) == -1)
		return -1;
	assert_int_equal(b.count, 1);
	assert_int_equal(b.feeds[0].sources.count, 2);
	return 0;
}

/* The state differs each time, so that it always is news. */
static int
take_notice(struct fault *f)
{
	static int64_t now = NOW;
	struct receive_answer answer;
	notice.state.bytes[0]++;
	now += 1000;
	if (receive_notice(scratch, "192.0.2.1", &notice, now, &answer, f) ==
	    -1)
		return -1;
	left = -1;
	assert_int_equal(answer.status, 202);
	assert_int_equal(scratch_count("news"), 1);
	return 0;
}

static int
prepare_announcement(struct fault *f)
{
	OWNED(announce_clear) struct announce_list list = { .list = NULL };
	OWNED_NETWORK struct network n = { .peers = NULL };
	OWNED_BUF struct buf form = BUF_INIT(NOTICE_MAX);
	struct announcement *a;

	if (network_add_line(&n, PEER, f) == -1 ||
	    announce_add(&list, "news", &notice, &rumour_follower, &a, f) ==
		-1 ||
	    announce_peers(a, &n, true, NULL, f) == -1 ||
	    notice_write(&notice, &form, f) == -1)
		return -1;
	assert_int_equal(a->place_count, 1);
	return 0;
}

static void
boards_without_memory(void **state)
{
	(void)state;
	every_failure_is_told_and_loses_nothing(write_board);
	every_failure_is_told_and_loses_nothing(read_board);
}

static void
notices_are_taken_without_memory(void **state)
{
	(void)state;
	scratch_write("feeds", board_text.data);
	assert_int_equal(mkdir(scratch_path("news"), 0700), 0);
	every_failure_is_told_and_loses_nothing(take_notice);
}

static void
announcements_are_prepared_without_memory(void **state)
{
	(void)state;
	every_failure_is_told_and_loses_nothing(prepare_announcement);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boards_without_memory),
		cmocka_unit_test_setup_teardown(
		    notices_are_taken_without_memory, scratch_enter,
		    scratch_leave),
		cmocka_unit_test(announcements_are_prepared_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
