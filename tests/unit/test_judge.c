#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/judge.h"

#define NOW 1800000000
#define DAY 86400

static char id[] = "urn:uuid:6b1f1c56-0000-4000-8000-000000000001";
static const struct digest one = { { 1 } }, two = { { 2 } };

static struct judge_known
accepted(void)
{
	return (struct judge_known){ .id = id,
		.serial = 7,
		.state = one,
		.updated = NOW - 100,
		.trust = 1 };
}

/* The document that was accepted. */
static struct feed
document(void)
{
	struct feed feed = { .serial = 7,
		.state = one,
		.updated = NOW - 100,
		.trust = 1,
		.expires = NOW + 30 * DAY };

	memcpy(feed.id, id, sizeof(id));
	return feed;
}

static void
check(const struct judge_known *known, const struct feed *feed,
    enum judge_answer want, enum fault_kind kind, const char *words)
{
	enum judge_answer is = judge_feed(known, feed, NOW);
	struct fault f = { 0 };

	assert_int_equal(is, want);
	assert_int_equal(judge_refuse(is, known, feed, NOW, &f),
	    kind == FAULT_NONE ? 0 : -1);
	assert_int_equal(f.kind, kind);
	if (words != NULL)
		assert_non_null(strstr(f.text, words));
}

static void
good_documents_are_told_apart(void **state)
{
	struct judge_known known = accepted();
	struct feed feed = document();

	(void)state;
	check(&known, &feed, JUDGE_SAME, FAULT_NONE, NULL);
	feed.updated++;
	check(&known, &feed, JUDGE_RESIGNED, FAULT_NONE, NULL);
	feed = document();
	feed.trust = 2;
	check(&known, &feed, JUDGE_RESIGNED, FAULT_NONE, NULL);
	feed.serial = 8;
	feed.state = two;
	check(&known, &feed, JUDGE_NEWS, FAULT_NONE, NULL);
	feed.serial = known.serial + 1000000;
	check(&known, &feed, JUDGE_NEWS, FAULT_NONE, NULL);
}

static void
the_first_document_is_news(void **state)
{
	struct judge_known nothing = { 0 };
	struct feed feed = document();

	(void)state;
	check(&nothing, &feed, JUDGE_NEWS, FAULT_NONE, NULL);
	feed.serial = (int64_t)1 << 52; /* nothing to be ahead of */
	check(&nothing, &feed, JUDGE_NEWS, FAULT_NONE, NULL);
	nothing.id = id;
	feed.id[10] ^= 1;
	check(&nothing, &feed, JUDGE_FOREIGN, FAULT_FORMAT, "is followed");
}

static void
what_is_lower_in_anything_is_behind(void **state)
{
	struct judge_known known = accepted();
	struct feed feed = document();

	(void)state;
	feed.serial = 6;
	feed.updated = NOW;
	check(&known, &feed, JUDGE_BEHIND, FAULT_BEHIND,
	    "serial 6, where 7 is already accepted");
	feed = document();
	feed.updated--;
	check(&known, &feed, JUDGE_BEHIND, FAULT_BEHIND,
	    "signed 2027-01-15T07:58:19Z, where one of 2027-01-15T07:58:20Z");
	feed.serial = 8;
	check(&known, &feed, JUDGE_BEHIND, FAULT_BEHIND, "signed 2027");
	feed = document();
	feed.serial = 8;
	feed.trust = 0;
	check(&known, &feed, JUDGE_BEHIND, FAULT_BEHIND,
	    "trust document 0, where 1 is already accepted");
}

static void
two_states_of_a_serial_are_a_fork_whenever_signed(void **state)
{
	struct judge_known known = accepted();
	struct feed feed = document();

	(void)state;
	feed.state = two;
	check(&known, &feed, JUDGE_FORK, FAULT_FORK, "fork: serial 7");
	feed.updated = NOW - 10 * DAY;
	check(&known, &feed, JUDGE_FORK, FAULT_FORK, NULL);
	feed.updated = NOW + 10 * DAY;
	check(&known, &feed, JUDGE_FORK, FAULT_FORK, NULL);
}

/* A new trust document clears serial, state and time (FORMAT section 6). */
static void
a_new_trust_document_lets_a_feed_begin_again(void **state)
{
	struct judge_known known = { .id = id, .trust = 2 };
	struct feed feed = document();

	(void)state;
	check(&known, &feed, JUDGE_BEHIND, FAULT_BEHIND, "trust document 1");
	feed.trust = 2;
	feed.serial = 3;
	check(&known, &feed, JUDGE_NEWS, FAULT_NONE, NULL);
}

static void
the_future_is_refused_with_both_times(void **state)
{
	struct judge_known known = accepted();
	struct feed feed = document();

	(void)state;
	feed.updated = NOW + DAY;
	check(&known, &feed, JUDGE_RESIGNED, FAULT_NONE, NULL);
	feed.updated = NOW + DAY + 1;
	check(&known, &feed, JUDGE_FUTURE, FAULT_FORMAT,
	    "signed 2027-01-16T08:00:01Z");
	check(&known, &feed, JUDGE_FUTURE, FAULT_FORMAT, "(2027-01-15)");
	feed = document();
	feed.serial = known.serial + 1000001;
	check(&known, &feed, JUDGE_FAR, FAULT_LIMIT,
	    "more than 1000000 ahead of the accepted 7");
}

static void
the_clock_never_counts_below_what_was_accepted(void **state)
{
	(void)state;
	assert_int_equal(judge_now(0, NOW), NOW);
	assert_int_equal(judge_now(NOW + 1, NOW), NOW + 1);
}

static void
a_feed_expires_after_its_time(void **state)
{
	struct feed feed = document();

	(void)state;
	assert_false(judge_expired(&feed, feed.expires));
	assert_true(judge_expired(&feed, feed.expires + 1));
	feed.expires = feed.updated + 1000 * DAY; /* counts for 366 days */
	assert_false(judge_expired(&feed, feed.updated + 366 * DAY));
	assert_true(judge_expired(&feed, feed.updated + 366 * DAY + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_documents_are_told_apart),
		cmocka_unit_test(the_first_document_is_news),
		cmocka_unit_test(what_is_lower_in_anything_is_behind),
		cmocka_unit_test(
		    two_states_of_a_serial_are_a_fork_whenever_signed),
		cmocka_unit_test(a_new_trust_document_lets_a_feed_begin_again),
		cmocka_unit_test(the_future_is_refused_with_both_times),
		cmocka_unit_test(
		    the_clock_never_counts_below_what_was_accepted),
		cmocka_unit_test(a_feed_expires_after_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
