#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fetch/splay.h"

static void
a_place_keeps_its_beat(void **state)
{
	int64_t first = splay_seconds("m\nh\n/s", 0, 600);

	(void)state;
	assert_int_equal(splay_seconds("m\nh\n/s", 0, 600), first);
	/* But for a quarter, which is drawn. */
	assert_int_equal(splay_seconds("m\nh\n/s", 1, 600), first + 1);
	assert_int_equal(splay_seconds("m\nh\n/s", 150, 600), first + 150);
	assert_int_equal(splay_seconds("m\nh\n/s", 151, 600), first);
}

static void
places_spread_over_all_of_the_time(void **state)
{
	int early = 0, late = 0, i;
	char place[] = "place-aa";

	(void)state;
	for (i = 0; i < 26 * 26; i++) {
		place[6] = (char)('a' + i / 26);
		place[7] = (char)('a' + i % 26);
		early += splay_seconds(place, 0, 600) < 225;
		late += splay_seconds(place, 150, 600) >= 375;
		assert_in_range(splay_seconds(place, UINT64_MAX, 600), 0, 600);
	}
	/* Half of 676 each; five times the deviation. */
	assert_in_range(early, 338 - 65, 338 + 65);
	assert_in_range(late, 338 - 65, 338 + 65);
}

static void
short_times_are_kept_too(void **state)
{
	uint64_t lot;
	int64_t most;

	(void)state;
	assert_int_equal(splay_seconds("p", 12345, 0), 0);
	for (most = 1; most < 9; most++)
		for (lot = 0; lot < 9; lot++)
			assert_in_range(splay_seconds("p", lot, most), 0, most);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_keeps_its_beat),
		cmocka_unit_test(places_spread_over_all_of_the_time),
		cmocka_unit_test(short_times_are_kept_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
