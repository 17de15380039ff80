#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/utf8.h"

static void
each_length_decodes_to_its_character(void **state)
{
	uint32_t c;

	(void)state;
	assert_int_equal(utf8_next("a", 1, &c), 1);
	assert_int_equal(c, 'a');
	assert_int_equal(utf8_next("\xc3\xa9x", 3, &c), 2);
	assert_int_equal(c, 0xe9);
	assert_int_equal(utf8_next("\xe2\x82\xac", 3, &c), 3);
	assert_int_equal(c, 0x20ac);
	assert_int_equal(utf8_next("\xf0\x9f\x98\x80", 4, &c), 4);
	assert_int_equal(c, 0x1f600);
	assert_int_equal(utf8_next("\xf4\x8f\xbf\xbf", 4, &c), 4);
	assert_int_equal(c, 0x10ffff);
	assert_int_equal(utf8_next("\0", 1, &c), 1);
	assert_int_equal(c, 0);
}

static void
what_is_not_utf8_is_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc3",
		"\xc3(",
		"\xe2\x82",
		"\xff",
		"\xfe",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xf0\x9f\x98",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[16];
		int n = snprintf(text, sizeof(text), "ok%s", bad[i]);

		assert_false(utf8_valid(bad[i], strlen(bad[i])));
		assert_false(utf8_valid(text, (size_t)n));
	}
	for (i = 0; i < 40; i++) {
		char text[41] = "The quick brown fox\njumps over the dogs.";

		assert_true(utf8_valid(text, 40));
		text[i] = '\xbf';
		assert_false(utf8_valid(text, 40));
	}
	assert_true(utf8_valid("", 0));
	assert_true(utf8_valid("gr\xc3\xbc\xc3\x9f", 6));
	assert_false(utf8_valid("\xc3\xa9", 1));
}

static void
terminals_are_not_driven(void **state)
{
	char text[] = "a\x1b[2J\x7f\xc2\x9b|\xe2\x80\xae|\xe2\x80\xa8|\x9b|"
		      "\xe2\x82\xac\xc3\xa9\n\t";

	(void)state;
	utf8_defang(text);
	assert_string_equal(text, "a?[2J???|???|???|?|\xe2\x82\xac\xc3\xa9??");
}

static void
repair_keeps_controls(void **state)
{
	char text[] = "a\x1b\n\xff\xe2\x82";

	(void)state;
	utf8_repair(text);
	assert_string_equal(text, "a\x1b\n???");
}

static void
characters_are_counted_and_cut_whole(void **state)
{
	char text[] = "\xc3\xa9\xe2\x82\xac\xffx";

	(void)state;
	assert_int_equal(utf8_count(text), 4);
	utf8_cut(text, 9);
	assert_int_equal(strlen(text), 7);
	utf8_cut(text, 2);
	assert_string_equal(text, "\xc3\xa9\xe2\x82\xac");
	utf8_cut(text, 0);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_length_decodes_to_its_character),
		cmocka_unit_test(what_is_not_utf8_is_refused),
		cmocka_unit_test(terminals_are_not_driven),
		cmocka_unit_test(repair_keeps_controls),
		cmocka_unit_test(characters_are_counted_and_cut_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
