#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fetch/pace.h"

#define NOW INT64_C(5000000)

/* So many bytes in chunks that come as fast as they may; milliseconds. */
static int64_t
time_for(int64_t rate, int64_t bytes, int64_t chunk)
{
	struct pace p = { .rate = rate };
	int64_t now = NOW;

	for (; bytes > 0; bytes -= chunk) {
		now += pace_wait(&p, now);
		pace_spend(&p, chunk);
	}
	return now + pace_wait(&p, now) - NOW;
}

static void
chunks_of_any_size_take_their_time(void **state)
{
	static const int64_t chunks[] = { 1, 7, 100, 1024, 16384, 102400 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
		assert_in_range(time_for(10240, 102400, chunks[i]), 10000,
		    10000 + chunks[i]);
}

static void
without_a_rate_nothing_waits(void **state)
{
	(void)state;
	assert_int_equal(time_for(0, INT64_C(1) << 40, 1 << 30), 0);
}

static void
what_comes_at_first_comes_at_once(void **state)
{
	struct pace p = { .rate = 1024 };

	(void)state;
	assert_int_equal(pace_wait(&p, NOW), 0);
	pace_spend(&p, 512);
	assert_int_equal(pace_wait(&p, NOW), 500);
	assert_int_equal(pace_wait(&p, NOW + 400), 100);
	assert_int_equal(pace_wait(&p, NOW + 500), 0);
}

static void
time_that_was_not_used_is_not_saved_up(void **state)
{
	struct pace p = { .rate = 1024 };

	(void)state;
	assert_int_equal(pace_wait(&p, NOW), 0);
	pace_spend(&p, 1024);
	assert_int_equal(pace_wait(&p, NOW + 60000), 0);
	pace_spend(&p, 2048);
	assert_int_equal(pace_wait(&p, NOW + 60000), 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_of_any_size_take_their_time),
		cmocka_unit_test(without_a_rate_nothing_waits),
		cmocka_unit_test(what_comes_at_first_comes_at_once),
		cmocka_unit_test(time_that_was_not_used_is_not_saved_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
