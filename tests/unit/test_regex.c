#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/regex.h"

static char denied[REGEX_DENIED];

static struct regex
parse(const char *pattern)
{
	struct regex r = REGEX_INIT;
	struct fault f = { 0 };

	assert_int_equal(regex_parse(pattern, strlen(pattern), &r, denied, &f),
	    0);
	return r;
}

static void
what_is_common_is_parsed(void **state)
{
	static const char *const patterns[] = { "", "a|b|", "a.b", "a\\.b",
		"[a-z]+x*y?", "a{3}b{2,}c{2,4}", "a{b", "{}", "a{1,b}", "]}",
		"(?:a)(b)(?P<name>c)", "(?=a)(?!b)(?<=ab|cd)(?<!e)f",
		"^a$\\b\\B\\A", "[]a]", "[^]a-]", "[a\\-z\\d_.]", "\\x41",
		"[\\x41-\\x5a\\b]", "(a)\\1", "(?i)a", "\\/\\_\\ \\-", "a+?b*?",
		"\xc3\xa9[\xc3\xa0-\xc3\xa9]", "[+--]", "[a-z-9]", "(()|a)" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		OWNED_REGEX struct regex r = parse(patterns[i]);

		if (denied[0] != '\0')
			fail_msg("%s: %s", patterns[i], denied);
		assert_true(r.count <= 2 * strlen(patterns[i]) + 4);
	}
}

static void
what_readers_take_differently_is_denied_by_name(void **state)
{
	static const char *const patterns[][2] = {
		{ "a\\Z", "the escape '\\Z'" },
		{ "\\K", "the escape '\\K'" },
		{ "\\Q.\\E", "the escape '\\Q'" },
		{ "[\\h]", "the escape '\\h'" },
		{ "\\e", "the escape '\\e'" },
		{ "\\0", "an octal escape or an unknown group" },
		{ "\\1(a)", "an octal escape or an unknown group" },
		{ "(a)\\12", "an octal escape or an unknown group" },
		{ "(a\\1)", "an octal escape or an unknown group" },
		{ "\\x4", "'\\x' without two hex digits" },
		{ "\\x{41}", "'\\x' without two hex digits" },
		{ "a(?i)", "the group '(?i'" },
		{ "(?x)a", "the group '(?x'" },
		{ "(?>a)", "the group '(?>'" },
		{ "(?|a)", "the group '(?|'" },
		{ "(?(1)a)", "the group '(?('" },
		{ "(?#a)", "the group '(?#'" },
		{ "(?P=n)", "the group '(?P'" },
		{ "(*ANY)a", "a '(*'" },
		{ "a++", "a possessive repeat" },
		{ "a{2}+", "a possessive repeat" },
		{ "a**", "a repeat of a repeat" },
		{ "a{2}{3}", "a repeat of a repeat" },
		{ "a??*", "a repeat of a repeat" },
		{ "^*", "a repeat of what has no width" },
		{ "\\b+", "a repeat of what has no width" },
		{ "(?=a)*", "a repeat of what has no width" },
		{ "|*", "a repeat of nothing" },
		{ "{2}", "a repeat of nothing" },
		{ "a{,3}", "'{,n}'" },
		{ "a{,}", "'{,n}'" },
		{ "a{3,2}", "a repeat that is the wrong way round" },
		{ "[[:alpha:]]", "a POSIX class" },
		{ "[[.a.]]", "a POSIX class" },
		{ "[\\w-x]", "a class at the end of a range" },
		{ "[a-\\d]", "a class at the end of a range" },
		{ "[z-a]", "a range that is the wrong way round" },
		{ "(?<=a|bc)d", "a look-behind of varying width" },
		{ "(?<=a*)d", "a look-behind of varying width" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		OWNED_REGEX struct regex r = parse(patterns[i][0]);

		if (strcmp(denied, patterns[i][1]) != 0)
			fail_msg("%s: '%s'", patterns[i][0], denied);
	}
}

static void
literals_are_those_of_the_poorest_match(void **state)
{
	static const struct {
		const char *pattern;
		int64_t literals, width;
	} rows[] = { { "spam\\.com", 8, 8 }, { "sp.m", 3, 4 },
		{ "(casino|bet)s?", 3, 3 }, { "[a-z]{5}", 0, 5 },
		{ "(ab){3}c*", 6, 6 }, { "[ab]c", 2, 2 }, { "a|", 0, 0 },
		{ "\\bab\\b", 2, 2 }, { "\xd1\x81\xd0\xbf", 4, 2 },
		{ "(?=spam)x", 1, 1 },
		{ "(x{1000}){1000}", 1000000, 1000000 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		OWNED_REGEX struct regex r = parse(rows[i].pattern);

		assert_int_equal(regex_literals(&r), rows[i].literals);
		assert_int_equal(regex_width(&r), rows[i].width);
	}
}

static void
a_host_is_a_name_a_dot_and_letters(void **state)
{
	static const char *const hosts[] = { "ab\\.to", "sms\\w*\\.[a-z]{2,}",
		"(www\\.)?ab\\.(de|ru)", "ab[.]cn/" };
	static const char *const others[] = { "\\.com", "ab.to", "a\\.to",
		"ab\\.", "ab\\.\\w+", "(ab\\.to)?x", "ab\\.(de|x)", "abc" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		OWNED_REGEX struct regex r = parse(hosts[i]);

		if (!regex_is_host(&r))
			fail_msg("%s is no host", hosts[i]);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		OWNED_REGEX struct regex r = parse(others[i]);

		if (regex_is_host(&r))
			fail_msg("%s is a host", others[i]);
	}
}

static void
a_repeat_of_nothing_but_a_repeat_is_nested(void **state)
{
	static const char *const nested[] = { "(a+)+", "(a*)*", "((a+))*b",
		"(a+b?)+", "(x|a+)*", "(?:(a+)?)+", "(a+){2,}" };
	static const char *const others[] = { "(a+b)+", "(a+)?", "(a+){3}",
		"a+b+", "(ab)+", "(a?)+" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nested) / sizeof(nested[0]); i++) {
		OWNED_REGEX struct regex r = parse(nested[i]);

		if (!regex_is_nested(&r))
			fail_msg("%s is not nested", nested[i]);
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		OWNED_REGEX struct regex r = parse(others[i]);

		if (regex_is_nested(&r))
			fail_msg("%s is nested", others[i]);
	}
}

/* The words, with "|" between them, "!" in front if they are all. */
static void
check_need(const char *pattern, const char *wanted)
{
	OWNED_REGEX struct regex r = parse(pattern);
	struct regex_need need;
	char text[1024] = "";
	size_t i;

	regex_need(&r, &need);
	if (need.whole)
		strncat(text, "!", 2);
	for (i = 0; i < need.count; i++) {
		if (i > 0)
			strncat(text, "|", 2);
		strncat(text, need.word[i].text, need.word[i].size);
	}
	if (strcmp(text, wanted) != 0)
		fail_msg("%s needs '%s'", pattern, text);
}

static void
a_match_needs_one_of_some_words(void **state)
{
	(void)state;
	check_need("Spam\\.COM", "!spam.com");
	check_need("\\bspam\\b", "spam");
	check_need("\\w+spam\\w*eggs!", "eggs!");
	check_need("\\w*l(so|os)tr\\.", "lsotr.|lostr.");
	check_need("(casino|poker)", "!casino|poker");
	check_need("(casino\\d|poker)x*", "casino|poker");
	check_need("(casino|\\d+)", "");
	check_need("spams?x", "!spamsx|spamx");
	check_need("[ab][cd]e", "!ace|ade|bce|bde");
	check_need("(spam)*", "");
	check_need("(spam){2}", "!spamspam");
	check_need("(spam){2,}", "spam");
	check_need("\xc3\xbc"
		   "ber",
	    "ber");
	check_need("a[^b]c", "a");
	check_need("(?!spam)eggs", "eggs");
	check_need("x{64}y",
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxx");
}

static void
probes_lead_to_each_long_repeat(void **state)
{
	OWNED_REGEX struct regex r = parse("xy(ab+|\\d)+z{1,2}");
	OWNED_BUF struct buf probe = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	bool have = true, inner = false, outer = false;
	size_t k;

	(void)state;
	for (k = 0; have; k++) {
		assert_int_equal(regex_probe(&r, k, 20, &probe, &have, &f), 0);
		if (!have)
			break;
		assert_memory_equal(probe.data, "xy", 2);
		inner |= strstr(probe.data, "abbbbbbbbbb") != NULL;
		outer |= strstr(probe.data, "xyabababab") != NULL;
		assert_true(probe.len >= 20 && probe.len < 64);
	}
	assert_true(inner && outer);
	assert_int_equal(k, 12); /* six for each of two repeats */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_common_is_parsed),
		cmocka_unit_test(
		    what_readers_take_differently_is_denied_by_name),
		cmocka_unit_test(literals_are_those_of_the_poorest_match),
		cmocka_unit_test(a_host_is_a_name_a_dot_and_letters),
		cmocka_unit_test(a_repeat_of_nothing_but_a_repeat_is_nested),
		cmocka_unit_test(a_match_needs_one_of_some_words),
		cmocka_unit_test(probes_lead_to_each_long_repeat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
