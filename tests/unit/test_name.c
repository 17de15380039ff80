#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/name.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A250 A50 A50 A50 A50 A50

/* A name and its one spelling. */
static const struct {
	const char *name;
	const char *spelt;
} spellings[] = {
	{ "FrontPage", "FrontPage" },
	{ "A/B", "A%2FB" },
	{ "A/B/C", "A%2FB%2FC" },
	{ "100%", "100%25" },
	{ "%2F", "%252F" },
	{ ".hidden", "%2Ehidden" },
	{ "...", "%2E.." },
	{ "a.b", "a.b" },
	{ "A/.b", "A%2F.b" },
	{ "Gr\xc3\xb6\xc3\x9f\x65/\xc3\x9c",
	    "Gr\xc3\xb6\xc3\x9f\x65%2F\xc3\x9c" },
	{ "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
	{ "e\xcc\x81", "e\xcc\x81" },
	{ "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7" },
	{ " a  b ", " a  b " },
	{ "a\\b:c*?", "a\\b:c*?" },
	{ "text", "text" },
};
#define SPELLING_COUNT (sizeof(spellings) / sizeof(spellings[0]))

static void
names_are_spelt_and_read_back(void **state)
{
	OWNED_BUF struct buf spelt = BUF_INIT(NAME_SPELT_MAX);
	OWNED_BUF struct buf name = BUF_INIT(NAME_SPELT_MAX);
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < SPELLING_COUNT; i++) {
		buf_reset(&spelt);
		buf_reset(&name);
		assert_int_equal(name_check_page(spellings[i].name, &f), 0);
		assert_int_equal(name_spell(spellings[i].name, &spelt, &f), 0);
		assert_string_equal(spelt.data, spellings[i].spelt);
		assert_int_equal(name_unspell(spelt.data, spelt.len, &name, &f),
		    0);
		assert_string_equal(name.data, spellings[i].name);
	}
}

static void
other_spellings_are_refused_and_add_nothing(void **state)
{
	static const char *const bad[] = { "%", "a%", "a%2", "%2", "%2f", "%41",
		"%00", "%2e", "a%2Eb", "%2E%2E", "a/b", "/", ".a", ".", "%%25",
		"%2G", "a%20b" };
	OWNED_BUF struct buf name = BUF_INIT(NAME_SPELT_MAX);
	struct fault f = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(buf_add_text(&name, "kept", &f), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.kind = FAULT_NONE;
		assert_int_equal(
		    name_unspell(bad[i], strlen(bad[i]), &name, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_string_equal(name.data, "kept");
	}
	assert_int_equal(name_unspell("a\0b", 3, &name, &f), -1);
	assert_int_equal(name.len, 4);
}

static void
unspelling_stops_at_its_length(void **state)
{
	OWNED_BUF struct buf name = BUF_INIT(NAME_SPELT_MAX);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(name_unspell("a%2Fb", 5, &name, &f), 0);
	assert_string_equal(name.data, "a/b");
	/* "%2" cut off from its F is not completed by what lies behind. */
	assert_int_equal(name_unspell("a%2Fb", 3, &name, &f), -1);
}

static void
check_both(const char *name, int page, int file)
{
	struct fault f = { 0 };

	assert_int_equal(name_check_page(name, &f), page);
	assert_int_equal(f.kind, page == 0 ? FAULT_NONE : FAULT_FORMAT);
	f = (struct fault){ 0 };
	assert_int_equal(name_check_file(name, &f), file);
	assert_int_equal(f.kind, file == 0 ? FAULT_NONE : FAULT_FORMAT);
}

static void
parts_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".",
		"..", "a/.", "a/..", "../a", "./a", "a/../b", "a/./b", "//" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_both(bad[i], -1, -1);
	check_both("a/..b", 0, -1);
	check_both("a/b../c", 0, -1);
	check_both("a/...", 0, -1);
	check_both("..a", 0, 0);
	check_both("...", 0, 0);
	check_both("b.png", 0, 0);
}

/* One character between two letters, as UTF-8 would write it. */
static const char *
around(uint32_t c)
{
	static char text[8];
	char *p = text;

	*p++ = 'a';
	if (c < 0x80) {
		*p++ = (char)c;
	} else if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
		*p++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*p++ = (char)(0xe0 | c >> 12);
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	} else {
		*p++ = (char)(0xf0 | c >> 18);
		*p++ = (char)(0x80 | (c >> 12 & 0x3f));
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	}
	*p++ = 'b';
	*p = '\0';
	return text;
}

static void
every_forbidden_character_is_refused_and_no_other(void **state)
{
	static const uint32_t ranges[][2] = { { 0x01, 0x1f }, { 0x7f, 0x9f },
		{ 0x2028, 0x2029 }, { 0x202a, 0x202e }, { 0x2066, 0x2069 },
		{ 0xd800, 0xdfff }, { 0xfffe, 0xffff },
		{ 0x110000, 0x110010 } };
	struct fault f = { 0 };
	size_t i;
	uint32_t c;

	(void)state;
	for (c = 1; c <= 0x110010; c++) {
		int want = 0;

		for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
			if (c >= ranges[i][0] && c <= ranges[i][1])
				want = -1;
		if (name_check_note(around(c), 100, &f) != want)
			fail_msg("U+%04X", (unsigned int)c);
	}
}

static void
bytes_that_are_not_utf8_are_refused(void **state)
{
	static const char *const bad[] = { "\xff", "a\x80", "\xc3", "\xc0\xaf",
		"\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xe4\xbd" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_both(bad[i], -1, -1);
}

static void
length_counts_as_spelt(void **state)
{
	(void)state;
	check_both(A250 "aaaaa", 0, 0);	   /* 255 */
	check_both(A250 "aaaaaa", -1, -1); /* 256 */
	check_both(A250 "aa%", 0, 0);	   /* 253 bytes, 255 spelt */
	check_both(A250 "aaa%", -1, -1);   /* 254 bytes, 256 spelt */
	check_both(A250 "a/a", 0, -1);
	check_both(A250 "aa/a", -1, -1);
	check_both("." A250 "aa", 0, 0);
	check_both("." A250 "aaa", -1, -1);
	check_both("." A250 "a%", -1, -1);
}

static void
notes_may_be_empty_but_not_long(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(name_check_note("", 4, &f), 0);
	assert_int_equal(name_check_note("abcd", 4, &f), 0);
	assert_int_equal(name_check_note("abcde", 4, &f), -1);
	assert_int_equal(name_check_note("a/../%", 10, &f), 0);
	assert_int_equal(name_check_note("a\tb", 10, &f), -1);
	assert_int_equal(name_check_note("a\nb", 10, &f), -1);
}

static void
language_tags_have_the_shape_of_bcp47(void **state)
{
	static const char *const good[] = { "en", "de-AT", "zh-Hant-TW",
		"pt-br", "sl-rozaj-1994", "ast",
		"de-12345678-12345678-12345678-12345" };
	static const char *const bad[] = { "", "e", "1a", "en-", "-en",
		"en--us", "en_US", "en US", "abcdefghi", "en-123456789",
		"d\xc3\xa9", "en-\xc3\xa9",
		"de-12345678-12345678-12345678-123456" };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (name_check_lang(good[i], &f) != 0)
			fail_msg("%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (name_check_lang(bad[i], &f) != -1)
			fail_msg("%s", bad[i]);
}

static void
formats_are_short_lower_case_words(void **state)
{
	static const char *const bad[] = { "", "Moin", "a b", "a.b", "a_b",
		"m\xc3\xb6in", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a\n" };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(name_check_format("moin", &f), 0);
	assert_int_equal(name_check_format("x-1", &f), 0);
	assert_int_equal(
	    name_check_format("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &f), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(name_check_format(bad[i], &f), -1);
}

static void
globs_match_whole_names(void **state)
{
	static const struct {
		const char *glob, *name;
		bool want;
	} rows[] = {
		{ "A", "A", true },
		{ "A", "a", false },
		{ "A", "AB", false },
		{ "A", "", false },
		{ "", "", true },
		{ "*", "", true },
		{ "*", "A/B", true },
		{ "HelpOn*", "HelpOnEditing", true },
		{ "HelpOn*", "HelpOn", true },
		{ "HelpOn*", "xHelpOn", false },
		{ "*Draft*", "A/MyDraft2", true },
		{ "*Draft*", "Draf", false },
		{ "*Group", "AGroupBGroup", true },
		{ "*Group", "Groups", false },
		{ "A?C",
		    "A\xc3\xa9"
		    "C",
		    true },
		{ "A?C", "AC", false },
		{ "?", "\xf0\x9f\x90\xa7", true },
		{ "??", "\xc3\xa9", false },
		{ "a*b*c", "axxbyybzzc", true },
		{ "a*b*c", "axxbyybzz", false },
		{ "*a", "ba/a", true },
		{ "[ab]", "a", false },
		{ "[ab]", "[ab]", true },
		{ "\\*", "\\anything", true },
		{ "**", "x", true },
		{ "a**b", "ab", true },
		{ "*\xa9", "\xc3\xa9", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (name_matches(rows[i].glob, rows[i].name) != rows[i].want)
			fail_msg("'%s' and '%s'", rows[i].glob, rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_spelt_and_read_back),
		cmocka_unit_test(other_spellings_are_refused_and_add_nothing),
		cmocka_unit_test(unspelling_stops_at_its_length),
		cmocka_unit_test(parts_that_lead_elsewhere_are_refused),
		cmocka_unit_test(
		    every_forbidden_character_is_refused_and_no_other),
		cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
		cmocka_unit_test(length_counts_as_spelt),
		cmocka_unit_test(notes_may_be_empty_but_not_long),
		cmocka_unit_test(language_tags_have_the_shape_of_bcp47),
		cmocka_unit_test(formats_are_short_lower_case_words),
		cmocka_unit_test(globs_match_whole_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
