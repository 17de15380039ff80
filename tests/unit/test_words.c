#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/words.h"

/* The words of a line, each in angle brackets. */
static const char *
split(const char *line)
{
	static char out[256];
	OWNED_WORDS struct words w = WORDS_INIT;
	static struct fault f;
	size_t i, n = 0;

	if (words_split(line, &w, &f) == -1)
		return f.text;
	assert_null(w.word[w.count]);
	out[0] = '\0';
	for (i = 0; i < w.count; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "<%s>",
		    w.word[i]);
	return out;
}

static void
blanks_part_words_and_quotes_keep_them(void **state)
{
	(void)state;
	assert_string_equal(split(""), "");
	assert_string_equal(split(" \t "), "");
	assert_string_equal(split("a  b\tc "), "<a><b><c>");
	assert_string_equal(split("\"a b\" c"), "<a b><c>");
	assert_string_equal(split("--rsh=\"ssh -i k\" x"),
	    "<--rsh=ssh -i k><x>");
	assert_string_equal(split("\"\" \"\"x\"\""), "<><x>");
	assert_string_equal(split("a\"b c\"d"), "<ab cd>");
}

static void
a_backslash_is_special_only_before_quote_or_backslash_in_quotes(void **state)
{
	(void)state;
	assert_string_equal(split("\"a\\\"b\""), "<a\"b>");
	assert_string_equal(split("\"a\\\\\" b"), "<a\\><b>");
	assert_string_equal(split("\"a\\d\""), "<a\\d>");
	assert_string_equal(split("a\\ b\\\\"), "<a\\><b\\\\>");
}

static void
an_open_quote_is_refused(void **state)
{
	(void)state;
	assert_string_equal(split("a \"b"), "a quote is not closed");
	assert_string_equal(split("\""), "a quote is not closed");
	assert_string_equal(split("\"a\\\""), "a quote is not closed");
}

static void
quoting_is_the_reverse_of_splitting(void **state)
{
	static const char *const words[] = { "", "a", "a b", "\"", "\\", "\\\"",
		"a\tb", "# a", "a ; b", ";", " ;\" \\;", "x\\y z", "\\\\ " };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		OWNED_BUF struct buf b = BUF_INIT(100);
		OWNED_WORDS struct words w = WORDS_INIT;
		struct fault f = { 0 };

		assert_int_equal(words_quote(words[i], &b, &f), 0);
		/* Where a file has a comment. */
		assert_null(strstr(b.data, " ;"));
		assert_int_equal(words_split(b.data, &w, &f), 0);
		assert_int_equal(w.count, 1);
		assert_string_equal(w.word[0], words[i]);
	}
}

static void
many_words_are_kept_in_order_and_too_many_refused(void **state)
{
	OWNED_WORDS struct words w = WORDS_INIT;
	struct fault f = { 0 };
	char number[16];
	int i;

	(void)state;
	for (i = 0; i < WORDS_MAX; i++) {
		(void)snprintf(number, sizeof(number), "%d", i);
		assert_int_equal(words_add(&w, number, &f), 0);
		assert_null(w.word[w.count]);
	}
	assert_string_equal(w.word[0], "0");
	assert_string_equal(w.word[12345], "12345");
	assert_int_equal(words_add(&w, "x", &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(w.count, WORDS_MAX);
	words_clear(&w);
	assert_int_equal(w.count, 0);
	assert_null(w.word[0]);
}

static void
an_all_zero_list_works(void **state)
{
	struct words w = { 0 };
	struct fault f = { 0 };

	(void)state;
	words_clear(&w);
	w = (struct words){ 0 };
	assert_int_equal(words_add(&w, "x", &f), 0);
	assert_string_equal(w.word[0], "x");
	words_clear(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_part_words_and_quotes_keep_them),
		cmocka_unit_test(
		    a_backslash_is_special_only_before_quote_or_backslash_in_quotes),
		cmocka_unit_test(an_open_quote_is_refused),
		cmocka_unit_test(quoting_is_the_reverse_of_splitting),
		cmocka_unit_test(
		    many_words_are_kept_in_order_and_too_many_refused),
		cmocka_unit_test(an_all_zero_list_works),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
