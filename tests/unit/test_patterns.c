#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/patterns.h"
#include "items/sieve.h"

/* All patterns of a list, each in its brackets. */
static void
check_list(const char *list, const char *wanted)
{
	struct patterns_walk walk = patterns_walk(list, strlen(list));
	struct patterns_line line;
	char text[256] = "";
	size_t number = 0;

	while (patterns_next(&walk, &line)) {
		assert_int_equal(line.number, ++number);
		if (line.size == 0)
			continue;
		strncat(text, "[", 2);
		strncat(text, line.text, line.size);
		strncat(text, "]", 2);
	}
	assert_string_equal(text, wanted);
}

static void
lines_are_read_as_moin_reads_them(void **state)
{
	(void)state;
	check_list("", "");
	check_list("a\n\nb", "[a][b]");
	check_list("#format plain\n  # x\n ab c \t\n", "[ab c]");
	check_list("a # comment # more\nb#c\nnb#\n # x\n", "[a][b#c][nb#]");
	check_list("{{{\n== Title ==\n", "[{{{][== Title ==]");
}

static void
a_pattern_cannot_hide_in_a_comment(void **state)
{
	(void)state;
	check_list("# a\x0bspam\n", "[# a\x0bspam]");
	check_list("# a\xc2\x85spam\n", "[# a\xc2\x85spam]");
	check_list("# a\xe2\x80\xa8spam\n", "[# a\xe2\x80\xa8spam]");
	assert_false(patterns_is_clean("# a\x0bspam", 8));
	assert_false(patterns_is_clean("a\xff", 2));
	assert_false(patterns_is_clean("\xc2\xa0"
				       "a",
	    3));
	assert_false(patterns_is_clean("a\xe3\x80\x80", 4));
	assert_true(patterns_is_clean("a\xc2\xa0\t\xc3\xa9", 6));
}

static void
lists_and_what_is_below_them_are_lists(void **state)
{
	(void)state;
	assert_true(patterns_is_list("BadContent"));
	assert_true(patterns_is_list("LocalBadContent"));
	assert_true(patterns_is_list("BadContent/Originals"));
	assert_false(patterns_is_list("BadContentTalk"));
	assert_false(patterns_is_list("Help"));
}

static void
a_sieve_finds_every_word_in_any_case(void **state)
{
	static const char *const words[] = { "casino", "sino", "Example.COM",
		"aaaa", "aaaaa" };
	static const char text[] = "xCaSiNo, example.com; aaaaa";
	OWNED_SIEVE struct sieve s = SIEVE_INIT;
	struct sieve_scan scan = sieve_scan(&s, text, sizeof(text) - 1);
	struct fault f = { 0 };
	int found[5] = { 0 };
	uint32_t id;
	size_t i;

	(void)state;
	assert_false(sieve_next(&scan, &id)); /* none are looked for */
	for (i = 0; i < 5; i++)
		assert_int_equal(
		    sieve_add(&s, words[i], strlen(words[i]), (uint32_t)i, &f),
		    0);
	scan = sieve_scan(&s, text, sizeof(text) - 1);
	while (sieve_next(&scan, &id))
		found[id]++;
	assert_int_equal(found[0], 1);
	assert_int_equal(found[1], 1);
	assert_int_equal(found[2], 1);
	assert_int_equal(found[3], 2);
	assert_int_equal(found[4], 1);
	scan = sieve_scan(&s, "cas", 3);
	assert_false(sieve_next(&scan, &id));
	scan = sieve_scan(&s, "ino", 0);
	assert_false(sieve_next(&scan, &id));
}

/* Against a plain search, for words and texts of few letters. */
static void
a_sieve_finds_what_a_plain_search_finds(void **state)
{
	unsigned int seed = 1;
	size_t round, i;

	(void)state;
	for (round = 0; round < 300; round++) {
		OWNED_SIEVE struct sieve s = SIEVE_INIT;
		char words[20][9] = { "" }, text[80] = "";
		bool found[20] = { false };
		struct sieve_scan scan;
		struct fault f = { 0 };
		uint32_t id;

		for (i = 0; i < sizeof(text) - 1; i++)
			text[i] = (char)('a' + rand_r(&seed) % 2);
		for (i = 0; i < 20; i++) {
			size_t n = 4 + (size_t)rand_r(&seed) % 5, k;

			for (k = 0; k < n; k++)
				words[i][k] = (char)('a' + rand_r(&seed) % 2);
			assert_int_equal(
			    sieve_add(&s, words[i], n, (uint32_t)i, &f), 0);
		}
		scan = sieve_scan(&s, text, sizeof(text) - 1);
		while (sieve_next(&scan, &id))
			found[id] = true;
		for (i = 0; i < 20; i++)
			assert_int_equal(found[i],
			    strstr(text, words[i]) != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_as_moin_reads_them),
		cmocka_unit_test(a_pattern_cannot_hide_in_a_comment),
		cmocka_unit_test(lists_and_what_is_below_them_are_lists),
		cmocka_unit_test(a_sieve_finds_every_word_in_any_case),
		cmocka_unit_test(a_sieve_finds_what_a_plain_search_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
