/* Receivers of notifications that asked for quiet. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fetch/book.h"
#include "fetch/quiet.h"
#include "tests/support/libscratch.h"

#define NOW 1795500000
#define DAY 86400

static struct announce_list list;
static struct announcement *a;
static struct fault f;

static int
enter(void **state)
{
	const struct notice notice = { .feed = "urn:uuid:1" };

	if (scratch_enter(state) == -1)
		return -1;
	return announce_add(&list, "news", &notice, &rumour_follower, &a, &f);
}

static int
leave(void **state)
{
	announce_clear(&list);
	return scratch_leave(state);
}

/* Receivers 0 to n - 1 of this host, which answered with that. */
static void
places(const char *host, size_t n, int64_t retry_after)
{
	OWNED_NETWORK struct network network = { .peers = NULL };
	char url[64], notify[80];
	size_t i;

	while (a->place_count > 0)
		announce_leave_out(a, 0);
	for (i = 0; i < n; i++) {
		(void)snprintf(url, sizeof(url), "https://%s%zu.example/", host,
		    i);
		(void)snprintf(notify, sizeof(notify), "%sn", url);
		assert_int_equal(network_add_peer(&network, url, notify, &f),
		    0);
	}
	assert_int_equal(announce_peers(a, &network, false, NULL, &f), 0);
	assert_int_equal(a->place_count, n);
	for (i = 0; i < n; i++)
		a->places[i].retry_after = retry_after;
}

/* How many of these may be told then. */
static size_t
told(const char *host, size_t n, int64_t now)
{
	OWNED(book_close) struct book book = BOOK_INIT;

	places(host, n, 0);
	assert_int_equal(book_open(scratch, 0, &book, &f), 0);
	assert_int_equal(quiet_spare(book.db, a, now, &f), 0);
	return a->place_count;
}

static void
who_asked_for_quiet_is_not_told_before_it_is_over(void **state)
{
	(void)state;
	places("a", 2, 0);
	a->places[1].retry_after = 60;
	quiet_keep(scratch, &list, NOW);
	assert_int_equal(told("a", 2, NOW + 59), 1);
	assert_string_equal(a->places[0].url, "https://a0.example/n");
	assert_int_equal(told("a", 2, NOW + 60), 2);
	/* Another clock wrote it. */
	assert_int_equal(told("a", 2, NOW - DAY), 2);
}

static void
nobody_asked_and_nothing_is_written(void **state)
{
	(void)state;
	places("a", 3, 0);
	quiet_keep(scratch, &list, NOW);
	assert_int_equal(scratch_count(""), 0);
}

static void
the_rows_are_few(void **state)
{
	OWNED(book_close) struct book book = BOOK_INIT;
	int64_t n;

	(void)state;
	places("a", QUIET_ROWS, 60);
	quiet_keep(scratch, &list, NOW);
	places("b", QUIET_ROWS / 2, 120);
	quiet_keep(scratch, &list, NOW);
	assert_int_equal(book_open(scratch, 0, &book, &f), 0);
	assert_int_equal(
	    db_one(book.db, 0, &n, &f, "SELECT count(*) FROM quiet", ""), 0);
	assert_int_equal(n, QUIET_ROWS);
	book_close(&book);
	assert_int_equal(told("b", QUIET_ROWS / 2, NOW + 1), 0);
	/* What is over goes. */
	places("c", 1, 120);
	quiet_keep(scratch, &list, NOW + 100);
	assert_int_equal(book_open(scratch, 0, &book, &f), 0);
	assert_int_equal(
	    db_one(book.db, 0, &n, &f, "SELECT count(*) FROM quiet", ""), 0);
	assert_int_equal(n, QUIET_ROWS / 2 + 1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(who_asked_for_quiet_is_not_told_before_it_is_over),
		T(nobody_asked_and_nothing_is_written),
		T(the_rows_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
