#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void
numbers_are_decimal_without_frills(void **state)
{
	static const char *const bad[] = { "", " ", "0x2", "+2", "-1", "-0",
		"007", "00", " 7", "7 ", "7\n", "7e1", "7.0", "1_000", "1,000",
		"\xd9\xa7", "7\xc2\xa0", "infinity", "nan", "1a", "a",
		"9007199254740992", "18446744073709551616",
		"18446744073709551617",
		"9999999999999999999999999999999999999999",
		"0000000000000000000000000000000000000007" };
	struct fault f;
	int64_t n = -5;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(num_parse(bad[i], 0, NUM_MAX, &n, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_int_equal(n, -5);
	}
	assert_int_equal(num_parse("0", 0, NUM_MAX, &n, &f), 0);
	assert_int_equal(n, 0);
	assert_int_equal(num_parse("9007199254740991", 0, NUM_MAX, &n, &f), 0);
	assert_true(n == NUM_MAX);
}

static void
a_range_holds_both_its_ends(void **state)
{
	struct fault f = { 0 };
	int64_t n = -5;

	(void)state;
	assert_int_equal(num_parse("3", 3, 5, &n, &f), 0);
	assert_int_equal(num_parse("5", 3, 5, &n, &f), 0);
	assert_int_equal(num_parse("2", 3, 5, &n, &f), -1);
	assert_string_equal(f.text, "number 2 is not between 3 and 5");
	assert_int_equal(num_parse("6", 3, 5, &n, &f), -1);
	assert_int_equal(n, 5);
}

static void
times_go_there_and_back(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1972-02-29T23:59:59Z", 68255999 },
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "2000-03-01T00:00:00Z", 951868800 },
		{ "2001-09-09T01:46:40Z", 1000000000 },
		{ "2024-12-31T23:59:59Z", 1735689599 },
		{ "2038-01-19T03:14:07Z", 2147483647 },
		{ "2038-01-19T03:14:08Z", 2147483648 },
		{ "2100-02-28T23:59:59Z", 4107542399 },
		{ "2100-03-01T00:00:00Z", 4107542400 },
		{ "2106-02-07T06:28:16Z", 4294967296 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
	};
	struct fault f = { 0 };
	char text[TIME_TEXT];
	int64_t t;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(time_parse(good[i].text, &t, &f), 0);
		assert_true(t == good[i].seconds);
		time_format(t, text);
		assert_string_equal(text, good[i].text);
	}
	/* Every day of 400 years, and what lies between: an odd step. */
	for (t = 0; t < (int64_t)400 * 366 * 86400; t += 86400 + 3599) {
		int64_t back;

		time_format(t, text);
		assert_int_equal(time_parse(text, &back, &f), 0);
		assert_true(back == t);
	}
}

static void
what_is_not_exactly_a_time_is_refused(void **state)
{
	static const char *const bad[] = { "", "2024", "2024-01-01",
		"2024-01-01T00:00:00", "2024-01-01T00:00Z",
		"2024-01-01t00:00:00Z", "2024-01-01T00:00:00z",
		"2024-01-01 00:00:00Z", "2024-01-01T00:00:00+00:00",
		"2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00ZZ",
		" 2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z\n",
		"2024-01-01T24:00:00Z", "2024-01-01T23:60:00Z",
		"2016-12-31T23:59:60Z", "2024-00-01T00:00:00Z",
		"2024-13-01T00:00:00Z", "2024-01-00T00:00:00Z",
		"2024-01-32T00:00:00Z", "2024-04-31T00:00:00Z",
		"2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2024-02-30T00:00:00Z", "1969-12-31T23:59:59Z",
		"0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
		"+2024-01-01T00:00:00Z", "-024-01-01T00:00:00Z",
		"2024-1-01T00:00:00Z", "2024-01-01T0x:00:00Z",
		"20 4-01-01T00:00:00Z", "2024/01/01T00:00:00Z" };
	struct fault f;
	int64_t t = -5;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(time_parse(bad[i], &t, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_true(t == -5);
	}
}

static void
what_no_text_can_say_is_a_question_mark(void **state)
{
	char text[TIME_TEXT];

	(void)state;
	time_format(253402300800, text);
	assert_string_equal(text, "?");
	time_format(INT64_MAX, text);
	assert_string_equal(text, "?");
	time_format(INT64_MIN, text);
	assert_string_equal(text, "?");
}

static void
durations_have_one_unit(void **state)
{
	static const char *const bad[] = { "", "s", "5", "0s", "-1s", "+1s",
		"1.5h", "1 h", " 1h", "1h ", "1H", "1y", "1h30m", "01h", "1ms",
		"99999999999999999999d", "9007199254740991w",
		"123456789012345678901234567890s" };
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = { { "1s", 1 }, { "90s", 90 }, { "15m", 900 },
		{ "6h", 21600 }, { "30d", 2592000 }, { "2w", 1209600 },
		{ "14892855578w", 14892855578 * 604800 } };
	struct fault f;
	int64_t n = -5;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(duration_parse(bad[i], &n, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_true(n == -5);
	}
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(duration_parse(good[i].text, &n, &f), 0);
		assert_true(n == good[i].seconds);
	}
}

static void
sizes_are_bytes_or_have_one_unit(void **state)
{
	static const char *const bad[] = { "", "K", "0", "0K", "-1K", "+1K",
		"1.5M", "1 M", " 1M", "1M ", "1KB", "1KiB", "1T", "01K", "1KK",
		"9007199254740992", "8796093022208K",
		"123456789012345678901234567890K" };
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = { { "1", 1 }, { "500", 500 }, { "200K", 204800 },
		{ "200k", 204800 }, { "2M", 2097152 }, { "2m", 2097152 },
		{ "1G", 1073741824 }, { "1g", 1073741824 },
		{ "9007199254740991", NUM_MAX },
		{ "8796093022207K", INT64_C(8796093022207) << 10 } };
	struct fault f;
	int64_t n = -5;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(size_parse(bad[i], &n, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_true(n == -5);
	}
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(size_parse(good[i].text, &n, &f), 0);
		assert_true(n == good[i].bytes);
	}
}

static void
the_clock_is_of_this_century(void **state)
{
	(void)state;
	assert_true(time_now() > 1600000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_decimal_without_frills),
		cmocka_unit_test(a_range_holds_both_its_ends),
		cmocka_unit_test(times_go_there_and_back),
		cmocka_unit_test(what_is_not_exactly_a_time_is_refused),
		cmocka_unit_test(what_no_text_can_say_is_a_question_mark),
		cmocka_unit_test(durations_have_one_unit),
		cmocka_unit_test(sizes_are_bytes_or_have_one_unit),
		cmocka_unit_test(the_clock_is_of_this_century),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
