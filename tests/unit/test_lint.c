#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "items/lint.h"
#include "items/limits.h"
#include "items/patterns.h"
#include "items/text.h"

static struct fault f;

static struct lint *
start(void)
{
	struct lint *l = NULL;

	assert_int_equal(lint_new(&l, &f), 0);
	return l;
}

static void
add(struct lint *l, const char *pattern)
{
	assert_int_equal(lint_add(l, pattern, strlen(pattern), &f), 0);
}

/* A single pattern beside the innocent texts. */
static enum lint_answer
judge(const char *pattern)
{
	OWNED(lint_free) struct lint *l = start();

	add(l, pattern);
	assert_int_equal(lint_innocent(l, &f), 0);
	return lint_answer(l, 0);
}

static void
check(enum lint_answer wanted, const char *const *patterns)
{
	for (; *patterns != NULL; patterns++)
		if (judge(*patterns) != wanted)
			fail_msg("%s: %s, not %s", *patterns,
			    lint_text(judge(*patterns)), lint_text(wanted));
}

static void
ordinary_patterns_are_good(void **state)
{
	static const char *const patterns[] = { "spammer\\.example",
		"(buy|order)[\\w\\-_.]*cialis", "\\bviagra\\b", "ab\\.ru",
		"([\\w\\-_.]+\\.)?(l(so|os)tr)\\.[a-z]{2,}", "6x\\.to",
		"\xd1\x81\xd0\xbf\xd0\xb0\xd0\xbc", "(?i)casino-games", NULL };

	(void)state;
	check(LINT_GOOD, patterns);
}

static void
what_does_not_compile_or_differs_is_refused(void **state)
{
	static const char *const syntax[] = { "(", "spam[a", "*x", "spam\\",
		"(?P<", "(?<=a+)bspam", "spam)", NULL };
	static const char *const dialect[] = { "spammer\\K", "(?|spammer)",
		"spammer++", "\\hspammer", "(?x)spammer", "spammer{,3}",
		"spammer\\Z", "[[:alpha:]]spammer", "(?>spammer)",
		"spammer(?i)", NULL };

	(void)state;
	check(LINT_SYNTAX, syntax);
	check(LINT_DIALECT, dialect);
}

static void
what_matches_the_empty_string_is_refused(void **state)
{
	static const char *const patterns[] = { ".*", "a|", "|a", "()", "x*",
		"\\b", "^", "$", "(?:)", "(?=spammer)", "(spammer)?", NULL };

	(void)state;
	check(LINT_EMPTY, patterns);
}

static void
what_is_too_short_is_refused(void **state)
{
	static const char *const patterns[] = { "com", "http", "\\.", "e", ".",
		"[\\s\\S]", "[a-z]{20}", "\\.com", "a.b.c.d", NULL };

	(void)state;
	check(LINT_SHORT, patterns);
}

/* Also behind a word, which a probe must know to get there. */
static void
what_runs_away_is_refused(void **state)
{
	static const char *const patterns[] = { "(a+)+$", "(.*a){20}spam",
		"spammer(\\w|\\d)*x", "^(([a-z])+.)+[A-Z]spammer",
		"spammer(a|aa)+$", "([\\w.-]+\\.)*spammer", "spammer.*.*.*.*x",
		"spammer(.{1,200}){1,200}x", "spammer([a-c0]|[0-9])+x",
		"(x+x+)+y{5}spam", "spammer(a?){64}a{64}z", NULL };

	(void)state;
	check(LINT_RUNAWAY, patterns);
}

static void
control_characters_and_long_lines_are_refused(void **state)
{
	static const char *const patterns[] = { "spam\x01mer", "# a\x0bspammer",
		"spam\xe2\x80\xa8mer", "spammer\xff", "\xc2\xa0spammer", NULL };
	char line[PATTERN_MAX + 2];

	(void)state;
	check(LINT_CHARACTER, patterns);
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(judge(line), LINT_LONG);
	line[sizeof(line) - 2] = '\0';
	assert_int_equal(judge(line), LINT_GOOD);
}

static void
innocent_text_is_not_matched(void **state)
{
	static const char *const patterns[] = { "https?://", "www\\.\\w+\\.org",
		"moinmo\\.in", "example", "the lazy dog", "for free",
		"pars[a-z]+ when", NULL };

	(void)state;
	check(LINT_MATCHES, patterns);
}

static void
pages_and_their_names_are_not_matched_but_lists_may_be(void **state)
{
	OWNED(lint_free) struct lint *l = start();
	static const char text[] = "we sell Bicycles\nand bells";

	(void)state;
	add(l, "bicycle");
	add(l, "SellerPage");
	add(l, "bells$");
	add(l, "tricycle");
	add(l, "\\w+cycle-\\w+s"); /* no word to look for but "cycle-" */
	assert_int_equal(
	    lint_search_page(l, "BadContent", text, sizeof(text) - 1, &f), 0);
	assert_int_equal(lint_answer(l, 0), LINT_GOOD);
	assert_int_equal(
	    lint_search_page(l, "SellerPage", text, sizeof(text) - 1, &f), 0);
	assert_int_equal(lint_answer(l, 0), LINT_MATCHES);
	assert_string_equal(lint_reason(l, 0), "matches page 'SellerPage'");
	assert_int_equal(lint_answer(l, 1), LINT_MATCHES);
	assert_int_equal(lint_answer(l, 2), LINT_MATCHES);
	assert_int_equal(lint_answer(l, 3), LINT_GOOD);
	assert_int_equal(lint_answer(l, 4), LINT_GOOD);
	assert_string_equal(lint_reason(l, 3), "");
	assert_int_equal(lint_search(l, "again", text, sizeof(text) - 1, &f),
	    0);
	assert_string_equal(lint_reason(l, 0), "matches page 'SellerPage'");
}

static void
a_pattern_without_a_word_to_look_for_is_searched_for_too(void **state)
{
	OWNED(lint_free) struct lint *l = start();

	(void)state;
	add(l, "a.b.c.d.e");
	assert_int_equal(lint_search(l, "x", "-a1b2c3d4e-", 11, &f), 0);
	assert_int_equal(lint_answer(l, 0), LINT_MATCHES);
}

/* Each costs as much as is allowed; then the list has had its share. */
static void
a_list_that_costs_too_much_is_refused_not_endured(void **state)
{
	OWNED(lint_free) struct lint *l = start();
	size_t i;

	(void)state;
	for (i = 0; i < 520; i++)
		add(l, "spammer.*.*.*.*x");
	assert_int_equal(lint_answer(l, 0), LINT_RUNAWAY);
	assert_int_equal(lint_answer(l, 519), LINT_COSTLY);
	add(l, "plain\\.example"); /* which costs nothing */
	assert_int_equal(lint_answer(l, 520), LINT_GOOD);
}

/* The newest real list: what is left out of it, and why. */
static void
of_the_real_patterns_three_are_left_out(void **state)
{
	static const char *const bad[] = {
		"\\.[0-9]{5,}\\.(com|net|org|us|biz|cn|ru)", "6x.to",
		"v(27|29|3).(net|be)"
	};
	const char *shared = getenv("WIKICAST_SHARED");
	OWNED(lint_free) struct lint *l = start();
	OWNED_BUF struct buf raw = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	struct patterns_line line;
	struct patterns_walk walk;
	size_t i = 0, found = 0;
	char path[512];
	bool have;

	(void)state;
	(void)snprintf(path, sizeof(path),
	    "%s/data/badcontent/BadContent-moin19-84119.txt",
	    shared != NULL ? shared : "../shared");
	assert_int_equal(file_read(AT_FDCWD, path, &raw, &have, &f), 0);
	if (!have) {
		print_message("%s is not there\n", path);
		skip();
	}
	assert_int_equal(text_to_lf(raw.data, raw.len, &text, &f), 0);
	walk = patterns_walk(text.data, text.len);
	while (patterns_next(&walk, &line))
		if (line.size > 0)
			assert_int_equal(lint_add(l, line.text, line.size, &f),
			    0);
	assert_int_equal(lint_count(l), 4444);
	assert_int_equal(lint_innocent(l, &f), 0);
	walk = patterns_walk(text.data, text.len);
	while (patterns_next(&walk, &line)) {
		if (line.size == 0 || lint_answer(l, i++) == LINT_GOOD)
			continue;
		assert_true(found < 3);
		assert_int_equal(line.size, strlen(bad[found]));
		assert_memory_equal(line.text, bad[found++], line.size);
		assert_int_equal(lint_answer(l, i - 1), LINT_SHORT);
	}
	assert_int_equal(found, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_patterns_are_good),
		cmocka_unit_test(what_does_not_compile_or_differs_is_refused),
		cmocka_unit_test(what_matches_the_empty_string_is_refused),
		cmocka_unit_test(what_is_too_short_is_refused),
		cmocka_unit_test(what_runs_away_is_refused),
		cmocka_unit_test(control_characters_and_long_lines_are_refused),
		cmocka_unit_test(innocent_text_is_not_matched),
		cmocka_unit_test(
		    pages_and_their_names_are_not_matched_but_lists_may_be),
		cmocka_unit_test(
		    a_pattern_without_a_word_to_look_for_is_searched_for_too),
		cmocka_unit_test(
		    a_list_that_costs_too_much_is_refused_not_endured),
		cmocka_unit_test(of_the_real_patterns_three_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
