/*
 * Names as MoinMoin quotes and changes them.  The vectors of the shared
 * folder were made by MoinMoin's own functions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "wiki/moin_name.h"

static struct fault f;

static FILE *
open_vectors(const char *name)
{
	const char *shared = getenv("WIKICAST_SHARED");
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/data/%s",
	    shared != NULL ? shared : "../shared", name);
	return fopen(path, "r");
}

/* Undo \t, \\ and \xNN, in place. */
static char *
unescape(char *text)
{
	char *to = text, *p = text;
	unsigned int c;

	for (; *p != '\0'; p++) {
		if (*p != '\\') {
			*to++ = *p;
		} else if (*++p == 'x') {
			assert_int_equal(sscanf(p + 1, "%2x", &c), 1);
			*to++ = (char)c;
			p += 2;
		} else {
			*to++ = *p == 't' ? '\t' : *p;
		}
	}
	*to = '\0';
	return text;
}

static void
assert_quotes(const char *name, const char *folder)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf back = BUF_INIT(BUF_ANY);

	assert_int_equal(moin_name_quote(name, &out, &f), 0);
	assert_string_equal(out.data, folder);
	assert_int_equal(moin_name_unquote(folder, &back, &f), 0);
	assert_string_equal(back.data, name);
}

static void
assert_normalizes(const char *name, const char *normal)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

	assert_int_equal(moin_name_normalize(name, &out, &f), 0);
	assert_string_equal(out.data, normal);
}

static void
names_are_quoted_as_moin_does(void **state)
{
	FILE *fp = open_vectors("quote-vectors.tsv");
	char line[2000], *rest, *name, *folder;
	size_t count = 0;

	(void)state;
	if (fp == NULL)
		skip();
	while (fgets(line, sizeof(line), fp) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#')
			continue;
		rest = line;
		name = unescape(strsep(&rest, "\t"));
		folder = strsep(&rest, "\t");
		assert_string_equal(strsep(&rest, "\t"), "1");
		assert_quotes(name, folder);
		assert_normalizes(name, unescape(rest));
		count++;
	}
	(void)fclose(fp);
	assert_true(count > 40);
}

static void
every_page_of_a_real_wiki_can_be_shared(void **state)
{
	FILE *fp = open_vectors("underlay-names.tsv");
	char line[2000], *rest, *folder, *name;
	size_t count = 0;

	(void)state;
	if (fp == NULL)
		skip();
	while (fgets(line, sizeof(line), fp) != NULL) {
		OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

		if (*line == '#')
			continue;
		rest = line;
		folder = strsep(&rest, "\t");
		name = strsep(&rest, "\t");
		assert_quotes(name, folder);
		if (moin_name_of_folder(folder, &out, &f) == -1)
			fail_msg("%s: %s", folder, f.text);
		assert_string_equal(out.data, name);
		assert_int_equal(moin_name_check_page(name, &f), 0);
		count++;
	}
	(void)fclose(fp);
	assert_true(count > 1800);
}

static void
file_names_are_tainted_as_moin_does(void **state)
{
	FILE *fp = open_vectors("taint-vectors.tsv");
	char line[2000], *rest, *name;
	size_t count = 0;

	(void)state;
	if (fp == NULL)
		skip();
	while (fgets(line, sizeof(line), fp) != NULL) {
		OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

		line[strcspn(line, "\n")] = '\0';
		rest = line;
		name = unescape(strsep(&rest, "\t"));
		assert_int_equal(moin_name_taint(name, &out, &f), 0);
		assert_string_equal(out.data, rest);
		count++;
	}
	(void)fclose(fp);
	assert_true(count > 10);
}

static void
runs_of_bytes_share_one_pair_of_parentheses(void **state)
{
	(void)state;
	assert_quotes("A/B", "A(2f)B");
	assert_quotes("x()", "x(2829)");
	assert_quotes("(28)", "(28)28(29)");
	assert_quotes("a_b-c.d", "a_b(2d)c(2e)d");
	assert_quotes("Gr\xc3\xb6\xc3\x9f"
		      "e",
	    "Gr(c3b6c39f)e");
	assert_quotes("", "");
}

static void
assert_unquotes(const char *folder, const char *name)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

	if (name == NULL) {
		assert_int_equal(moin_name_unquote(folder, &out, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_int_equal(out.len, 0);
		return;
	}
	assert_int_equal(moin_name_unquote(folder, &out, &f), 0);
	assert_string_equal(out.data, name);
}

static void
what_is_not_hex_in_parentheses_is_taken_literally(void **state)
{
	(void)state;
	assert_unquotes("(zz)", "(zz)");
	assert_unquotes("(20", "(20");
	assert_unquotes("A()B", "A()B");
	assert_unquotes("((20)", "( ");
	assert_unquotes("A(2F)B", "A/B");
	assert_unquotes("(abc)", NULL);
	assert_unquotes("(ff)", NULL);
	assert_unquotes("(00)", NULL);
	assert_unquotes("(eda080)", NULL); /* a surrogate */
}

static void
only_moins_own_spelling_of_a_folder_is_taken(void **state)
{
	static const char *const bad[] = { "A(2F)B", "A b", "(41)", "(2f2f)a",
		"A(20)", "(20)A", "A(2f)(2e2e)", "A(20)(20)B", "A()B", "(20",
		"Admin(2d)Group", "(c2a0)x", "a(e280ae)b", "(ff)", "(abc)",
		"A(2d)(2d)B", "My_Group", "" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

		f = (struct fault){ 0 };
		if (moin_name_of_folder(bad[i], &out, &f) == 0)
			fail_msg("%s is taken for '%s'", bad[i], out.data);
		assert_int_equal(f.kind, FAULT_FORMAT);
	}
}

static void
folders_of_letters_and_digits_are_named_as_their_pages(void **state)
{
	static const char *const good[] = { "HelpContents", "AdminGroup",
		"Group", "2f", "x" };
	char longest[257];
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_reset(&out);
		assert_int_equal(moin_name_check_page(good[i], &f), 0);
		assert_int_equal(moin_name_of_folder(good[i], &out, &f), 0);
		assert_string_equal(out.data, good[i]);
	}
	memset(longest, 'x', sizeof(longest));
	longest[256] = '\0';
	assert_int_equal(moin_name_of_folder(longest, &out, &f), -1);
	longest[255] = '\0';
	buf_reset(&out);
	assert_int_equal(moin_name_of_folder(longest, &out, &f), 0);
}

static void
names_that_moin_changes_are_refused(void **state)
{
	static const char *const bad[] = { "", " A", "A ", "A  B", "A//B", "/A",
		"A/", "A/ /B", "nbsp\xc2\xa0x",
		"a\xe3\x80\x80"
		"b",
		"Test-Group", "A/x.yGroup", "My_Group", "..", "A/./B",
		"\xe2\x80\xaax", "a\nb" };
	static const char *const good[] = { "A", "A B", "A/B c", "Group",
		"Admin-Groups", "My Admin-Group", "AdminGroup", "a/AdminGroup",
		"\xc3\x9c"
		"berGroup",
		"A-B", ".hidden", "C++", "\xe7\xae\xa1\xe7\x90\x86Group" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct fault){ 0 };
		if (moin_name_check_page(bad[i], &f) == 0)
			fail_msg("'%s' is taken", bad[i]);
		assert_int_equal(f.kind, FAULT_FORMAT);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (moin_name_check_page(good[i], &f) == -1)
			fail_msg("%s", f.text);
}

static void
groups_lose_all_but_letters_and_numbers(void **state)
{
	(void)state;
	assert_normalizes("x/Test-Group", "x/TestGroup");
	assert_normalizes("My_1-Group", "My1Group");
	/* A blank in it, and it is no group's name. */
	assert_normalizes("My Test-Group", "My Test-Group");
	assert_normalizes("-Group", "Group");
	/* A Thai vowel sign is no letter to Python. */
	assert_normalizes("\xe0\xb8\x81\xe0\xb8\xb4Group", "\xe0\xb8\x81Group");
	/* Nor is anything that needs two UTF-16 units. */
	assert_normalizes("\xf0\x9d\x90\x80Group", "Group");
}

static void
a_folder_has_at_most_255_bytes(void **state)
{
	char name[258];
	size_t i;

	(void)state;
	memset(name, 'x', sizeof(name));
	name[255] = '\0';
	assert_int_equal(moin_name_check_page(name, &f), 0);
	name[0] = '-';
	assert_int_equal(moin_name_check_page(name, &f), -1);
	assert_non_null(strstr(f.text, "258 bytes"));
	/* 42 characters of three bytes fit, 43 do not. */
	for (i = 0; i < 43 * 3; i += 3)
		memcpy(name + i, "\xe6\x97\xa5", 3);
	name[42 * 3] = '\0';
	assert_int_equal(moin_name_check_page(name, &f), 0);
	memcpy(name + i - 3, "\xe6\x97\xa5", 4);
	assert_int_equal(moin_name_check_page(name, &f), -1);
}

static void
file_names_that_moin_changes_or_hides_are_refused(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".htaccess", "a/b",
		"a:b", "a%2fb", "a\\b", "x\x01", "q?", "a|b", "\xff" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct fault){ 0 };
		if (moin_name_check_file(bad[i], &f) == 0)
			fail_msg("'%s' is taken", bad[i]);
		assert_int_equal(f.kind, FAULT_FORMAT);
	}
	assert_int_equal(moin_name_check_file("a b.txt", &f), 0);
	assert_int_equal(moin_name_check_file("-rf", &f), 0);
	assert_int_equal(moin_name_check_file("\xe6\x97\xa5.gif", &f), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_quoted_as_moin_does),
		cmocka_unit_test(every_page_of_a_real_wiki_can_be_shared),
		cmocka_unit_test(file_names_are_tainted_as_moin_does),
		cmocka_unit_test(runs_of_bytes_share_one_pair_of_parentheses),
		cmocka_unit_test(
		    what_is_not_hex_in_parentheses_is_taken_literally),
		cmocka_unit_test(only_moins_own_spelling_of_a_folder_is_taken),
		cmocka_unit_test(
		    folders_of_letters_and_digits_are_named_as_their_pages),
		cmocka_unit_test(names_that_moin_changes_are_refused),
		cmocka_unit_test(groups_lose_all_but_letters_and_numbers),
		cmocka_unit_test(a_folder_has_at_most_255_bytes),
		cmocka_unit_test(
		    file_names_that_moin_changes_or_hides_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
