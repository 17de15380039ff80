#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "notify/answer.h"

#define NOW 1800000000

static const struct digest one = { { 1 } }, two = { { 2 } };
static const struct answer_pace pace = { .every = 300, .jitter = 30 };

/* Serial 8 is said where 7 is in the store. */
static struct answer_question
question(void)
{
	return (
	    struct answer_question){ .said = { 8, one }, .store = { 7, one } };
}

static void
a_higher_serial_is_news(void **state)
{
	struct answer_question q = question();

	(void)state;
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_NEWS);
	q.store.serial = 0;
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_NEWS);
}

static void
what_is_in_the_store_or_older_is_known(void **state)
{
	struct answer_question q = question();

	(void)state;
	q.store.serial = 8;
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_KNOWN);
	q.store.serial = 9;
	q.said.state = two;
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_KNOWN);
}

static void
another_state_of_a_serial_counts_from_a_known_source(void **state)
{
	struct answer_question q = question();

	(void)state;
	q.store = (struct answer_version){ 8, two };
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_OTHER);
	q.is_source = true;
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_NEWS);
}

static void
what_was_told_is_known_until_fetch_had_its_time(void **state)
{
	struct answer_question q = question();

	(void)state;
	q.told = q.said;
	q.due = NOW + 20;
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_KNOWN);
	assert_int_equal(answer_to(&q, &pace, NOW + 319), ANSWER_KNOWN);
	assert_int_equal(answer_to(&q, &pace, NOW + 320), ANSWER_NEWS);
	/* Another clock has set it. */
	q.due = NOW + 331;
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_NEWS);
	q.due = 0;
	assert_int_equal(answer_to(&q, &pace, 1), ANSWER_NEWS);
}

static void
a_false_word_does_not_hide_the_true_one(void **state)
{
	struct answer_question q = question();

	(void)state;
	q.due = NOW;
	q.told = (struct answer_version){ 8, two };
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_NEWS);
	q.told = (struct answer_version){ 9000, one };
	assert_int_equal(answer_to(&q, &pace, NOW), ANSWER_NEWS);
}

static void
fetch_may_run_after_a_wait_that_is_drawn(void **state)
{
	static const struct answer_pace at_once = { .every = 300 };

	(void)state;
	assert_int_equal(answer_due(0, &pace, NOW, 0), NOW);
	assert_int_equal(answer_due(0, &pace, NOW, 30), NOW + 30);
	assert_int_equal(answer_due(0, &pace, NOW, 31), NOW);
	assert_int_equal(answer_due(0, &pace, NOW, UINT64_MAX) <= NOW + 30, 1);
	assert_int_equal(answer_due(0, &at_once, NOW, 12345), NOW);
	assert_int_equal(answer_due(NOW - 10000, &pace, NOW, 7), NOW + 7);
}

static void
a_run_that_is_to_come_is_joined(void **state)
{
	(void)state;
	assert_int_equal(answer_due(NOW + 1, &pace, NOW, 9), NOW + 1);
	assert_int_equal(answer_due(NOW + 330, &pace, NOW, 9), NOW + 330);
	/* Another clock has set it. */
	assert_int_equal(answer_due(NOW + 331, &pace, NOW, 9), NOW + 9);
	assert_int_equal(answer_due(-5, &pace, NOW, 9), NOW + 9);
}

static void
two_runs_are_some_time_apart(void **state)
{
	(void)state;
	assert_int_equal(answer_due(NOW, &pace, NOW, 9), NOW + 300);
	assert_int_equal(answer_due(NOW - 299, &pace, NOW, 0), NOW + 1);
	assert_int_equal(answer_due(NOW - 299, &pace, NOW, 9), NOW + 9);
}

static void
a_limit_lets_some_through_at_once_and_then_one_in_a_while(void **state)
{
	static const struct answer_limit limit = { 3, 10 };
	int64_t until = 0;
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(answer_wait(&limit, &until, NOW), 0);
	assert_int_equal(answer_wait(&limit, &until, NOW), 10);
	assert_int_equal(answer_wait(&limit, &until, NOW + 9), 1);
	assert_int_equal(answer_wait(&limit, &until, NOW + 10), 0);
	assert_int_equal(answer_wait(&limit, &until, NOW + 10), 10);
	/* Whoever was refused has lost nothing by it. */
	assert_int_equal(answer_wait(&limit, &until, NOW + 20), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(answer_wait(&limit, &until, NOW + 900), 0);
	assert_int_equal(answer_wait(&limit, &until, NOW + 900), 10);
}

static void
a_clock_that_was_put_back_does_not_shut_out(void **state)
{
	static const struct answer_limit limit = { 3, 10 };
	int64_t until = NOW;

	(void)state;
	assert_int_equal(answer_wait(&limit, &until, NOW - 86400), 0);
	assert_int_equal(until, NOW - 86400 + 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_higher_serial_is_news),
		cmocka_unit_test(what_is_in_the_store_or_older_is_known),
		cmocka_unit_test(
		    another_state_of_a_serial_counts_from_a_known_source),
		cmocka_unit_test(
		    what_was_told_is_known_until_fetch_had_its_time),
		cmocka_unit_test(a_false_word_does_not_hide_the_true_one),
		cmocka_unit_test(fetch_may_run_after_a_wait_that_is_drawn),
		cmocka_unit_test(a_run_that_is_to_come_is_joined),
		cmocka_unit_test(two_runs_are_some_time_apart),
		cmocka_unit_test(
		    a_limit_lets_some_through_at_once_and_then_one_in_a_while),
		cmocka_unit_test(a_clock_that_was_put_back_does_not_shut_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
