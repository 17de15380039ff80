#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "feeds/ladder.h"

static void
check_steps(int64_t n, int64_t oldest, size_t count, const int64_t *want)
{
	int64_t is[LADDER_MAX + 1];
	size_t i;

	assert_int_equal(ladder_steps(n, oldest, is), count);
	for (i = 0; i < count; i++)
		assert_int_equal(is[i], want[i]);
}

static void
steps_come_from_the_powers_that_divide(void **state)
{
	static const int64_t twelve[] = { 11, 10, 8 };
	static const int64_t full[] = { 4095, 4094, 4092, 4088, 4080, 4064,
		4032, 3968, 3840, 3584, 3072 };

	(void)state;
	check_steps(12, 1, 3, twelve);
	check_steps(13, 1, 1, (const int64_t[]){ 12 });
	check_steps(4096, 1, 11, full);
}

static void
no_step_comes_from_nothing_or_crosses_the_oldest_state(void **state)
{
	(void)state;
	check_steps(1, 0, 0, NULL);
	check_steps(1, 1, 0, NULL);
	check_steps(2, 0, 1, (const int64_t[]){ 1 });
	check_steps(8, 1, 3, (const int64_t[]){ 7, 6, 4 });
	check_steps(8, 5, 2, (const int64_t[]){ 7, 6 });
	check_steps(8, 8, 0, NULL); /* the first serial after a jump */
	check_steps(9, 8, 1, (const int64_t[]){ 8 });
}

/* Played through: what a step needs was never thrown away before. */
static void
the_states_that_are_kept_are_those_that_steps_need(void **state)
{
	static bool kept[3000];
	int64_t from[LADDER_MAX + 1], wanted[LADDER_MAX + 1], n, k;
	size_t count, i;

	(void)state;
	for (n = 1; n < 3000; n++) {
		count = ladder_steps(n, 1, from);
		for (i = 0; i < count; i++)
			assert_true(kept[from[i]]);
		kept[n] = true;
		count = ladder_states(n, wanted);
		assert_true(count >= 1 && wanted[0] == n);
		for (k = 1, i = count; k <= n; k++) {
			if (i > 0 && wanted[i - 1] == k)
				i--;
			else
				kept[k] = false;
		}
		assert_int_equal(i, 0);
	}
}

static void
a_long_step_must_save_a_quarter(void **state)
{
	(void)state;
	assert_true(ladder_keeps(65536, 10)); /* small: always */
	assert_true(ladder_keeps(75000, 100000));
	assert_false(ladder_keeps(75001, 100000));
	assert_true(ladder_keeps(TARBALL_MAX, 2 * TARBALL_MAX));
}

static void
a_snapshot_is_due_by_bytes_or_by_serials(void **state)
{
	(void)state;
	assert_true(ladder_snapshot_due(1, 0, 0, 0, false));
	assert_true(ladder_snapshot_due(900, 899, 1000000, 0, true));
	assert_false(ladder_snapshot_due(900, 899, 400000, 100000, false));
	assert_true(ladder_snapshot_due(900, 899, 400000, 100001, false));
	assert_false(ladder_snapshot_due(900, 899, 1000, 65536, false));
	assert_true(ladder_snapshot_due(900, 899, 1000, 65537, false));
	assert_false(ladder_snapshot_due(355, 100, 1000000, 0, false));
	assert_true(ladder_snapshot_due(356, 100, 1000000, 0, false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_come_from_the_powers_that_divide),
		cmocka_unit_test(
		    no_step_comes_from_nothing_or_crosses_the_oldest_state),
		cmocka_unit_test(
		    the_states_that_are_kept_are_those_that_steps_need),
		cmocka_unit_test(a_long_step_must_save_a_quarter),
		cmocka_unit_test(a_snapshot_is_due_by_bytes_or_by_serials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
