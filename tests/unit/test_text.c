#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/text.h"

static void
check_refused(const char *text, size_t n, const char *word)
{
	struct fault f = { 0 };

	assert_int_equal(text_check(text, n, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_non_null(strstr(f.text, word));
}

static void
content_has_no_bom_cr_nul_or_other_encoding(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(text_check("", 0, &f), 0);
	assert_int_equal(text_check("a\n\tb\x0c\n", 6, &f), 0);
	assert_int_equal(text_check("a\xef\xbb\xbf", 4, &f), 0);
	check_refused("\xef\xbb\xbf#acl x\n", 10, "byte order mark");
	check_refused("a\0b", 3, "NUL");
	check_refused("a\r\n", 3, "carriage return");
	check_refused("a\r", 2, "carriage return");
	check_refused("\xe9t\xe9\n", 4, "UTF-8");
	check_refused("a\xc0\xaf", 3, "UTF-8");
	check_refused("a\xed\xa0\x80", 4, "UTF-8");
	check_refused("a\xe2\x82", 3, "UTF-8");
}

static void
check_lf(const char *text, const char *want)
{
	OWNED_BUF struct buf out = BUF_INIT(1000);
	struct fault f = { 0 };

	assert_int_equal(text_to_lf(text, strlen(text), &out, &f), 0);
	assert_string_equal(out.data, want);
	assert_int_equal(out.len, strlen(want));
}

static void
cr_before_lf_goes_and_any_other_stays(void **state)
{
	(void)state;
	check_lf("", "");
	check_lf("a\r\nb\r\n", "a\nb\n");
	check_lf("a\nb", "a\nb");
	check_lf("a\r\r\nb", "a\nb");
	check_lf("a\rb\r\n", "a\rb\n");
	check_lf("a\r", "a\r");
	check_lf("a\r\r", "a\r\r");
	check_lf("\r\n", "\n");
	check_lf("\r\rb", "\r\rb");
}

static void
lf_to_crlf_and_back_is_the_identity(void **state)
{
	static const char *const texts[] = { "", "\n", "a", "a\n", "a\n\nb",
		"\n\n\n", "x\xc3\xa9\ny\n" };
	OWNED_BUF struct buf crlf = BUF_INIT(1000);
	OWNED_BUF struct buf lf = BUF_INIT(1000);
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		buf_reset(&crlf);
		buf_reset(&lf);
		assert_int_equal(
		    text_to_crlf(texts[i], strlen(texts[i]), &crlf, &f), 0);
		assert_int_equal(text_to_lf(crlf.data, crlf.len, &lf, &f), 0);
		assert_string_equal(lf.data, texts[i]);
	}
	buf_reset(&crlf);
	assert_int_equal(text_to_crlf("a\nb\n", 4, &crlf, &f), 0);
	assert_string_equal(crlf.data, "a\r\nb\r\n");
}

static const struct acl_row {
	const char *text;
	const char *without; /* NULL: has no #acl line, stays as it is */
} acl_rows[] = {
	{ "", NULL },
	{ "plain\n#acl All:read\n", NULL },
	{ "\n#acl All:read\n", NULL },
	{ " #acl All:read\n", NULL },
	{ "#acl All:read", "" },
	{ "#acl All:read\n", "" },
	{ "#acl", "" },
	{ "#ACL All:read\nx\n", "x\n" },
	{ "#aCl\nx\n", "x\n" },
	{ "##c\n#format wiki\n#acl A:read\n#language en\n#acl B:read\nx\n",
	    "##c\n#format wiki\n#language en\nx\n" },
	{ "#\n#acl All:read\n", NULL }, /* "#" alone ends the run */
	{ "##c\n#\n#acl All:read\n", NULL },
	{ "#acl A\n#\n#acl B\n", "#\n#acl B\n" },
	{ "# acl All:read\n", NULL },
	{ "##acl All:read\n", NULL },
	{ "#acls All:read\n", NULL },
	{ "#acl\tAll:read\n", NULL }, /* only a blank ends the verb */
	{ "#acl A\nx\n#acl B\n", "x\n#acl B\n" },
	{ "#acl A\nno end", "no end" },
	{ "#format x", NULL },
	/* Hidden from Moin's reader, in force after the next save there. */
	{ "##c\x0b#acl A\nx\n", "##c\x0b\nx\n" },
	{ "##c\x0c#acl A\n", "##c\x0c\n" },
	{ "##c\x1e#acl A\x1c#acl B\x1d##d\n", "##c\x1e##d\n" },
	{ "##c\xc2\x85#acl A\n", "##c\xc2\x85\n" },
	{ "##c\xe2\x80\xa8#ACL A\xe2\x80\xa9y\n", "##c\xe2\x80\xa8y\n" },
	{ "#acl A\x0b#\n#acl B\n", "#\n" },
	{ "#acl A\x0bx\n#acl B\ny\n", "x\ny\n" },
	{ "#\x0b#acl A\n", "#\x0b\n" },
	/* What is left must not swallow the line that ends the run. */
	{ "##c\x0b#acl A\n#\n#acl B\n", "##c\x0b\n#\n#acl B\n" },
	{ "##c\x0bplain\n", NULL },
	{ "x\x0b#acl A\n", NULL },
};
#define ACL_ROW_COUNT (sizeof(acl_rows) / sizeof(acl_rows[0]))

static void
acl_lines_are_found_at_the_top_only(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ACL_ROW_COUNT; i++)
		if (text_has_acl(acl_rows[i].text, strlen(acl_rows[i].text)) !=
		    (acl_rows[i].without != NULL))
			fail_msg("row %zu: '%s'", i, acl_rows[i].text);
}

static void
acl_lines_are_taken_out_and_nothing_else(void **state)
{
	OWNED_BUF struct buf out = BUF_INIT(1000);
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ACL_ROW_COUNT; i++) {
		const struct acl_row *r = &acl_rows[i];
		const char *want = r->without != NULL ? r->without : r->text;

		buf_reset(&out);
		assert_int_equal(
		    text_replace_acl(r->text, strlen(r->text), NULL, &out, &f),
		    0);
		assert_string_equal(out.data, want);
		assert_false(text_has_acl(out.data, out.len));
	}
}

static void
own_acl_line_comes_first(void **state)
{
	static const char text[] = "##c\n#acl A:read\nx";
	OWNED_BUF struct buf out = BUF_INIT(1000);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(
	    text_replace_acl(text, sizeof(text) - 1, "#acl All:read", &out, &f),
	    0);
	assert_string_equal(out.data, "#acl All:read\n##c\nx");
	buf_reset(&out);
	assert_int_equal(text_replace_acl("", 0, "#acl All:read", &out, &f), 0);
	assert_string_equal(out.data, "#acl All:read\n");
}

static void
check_instruction(const char *text, const char *verb, const char *want)
{
	OWNED_BUF struct buf out = BUF_INIT(10);
	struct fault f = { 0 };

	assert_int_equal(buf_add_text(&out, "old", &f), 0);
	assert_int_equal(text_instruction(text, strlen(text), verb, &out, &f),
	    0);
	assert_string_equal(out.data, want);
}

static void
instructions_are_read_at_the_top_only(void **state)
{
	(void)state;
	check_instruction("#language en\nx\n", "language", "en");
	check_instruction("##c\n#LANGUAGE  de \n", "language", "de");
	check_instruction("#language en\n#language fr\n", "language", "fr");
	check_instruction("#language en", "language", "en");
	check_instruction("#language\n", "language", "");
	check_instruction("#languages en\n", "language", "");
	check_instruction("x\n#language en\n", "language", "");
	check_instruction("#\n#language en\n", "language", "");
	check_instruction("", "language", "");
	check_instruction("#format 0123456789\n", "format", "0123456789");
	check_instruction("#format 0123456789a\n", "format", "");
	check_instruction("#format\nlanguage en\n", "format", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_has_no_bom_cr_nul_or_other_encoding),
		cmocka_unit_test(cr_before_lf_goes_and_any_other_stays),
		cmocka_unit_test(lf_to_crlf_and_back_is_the_identity),
		cmocka_unit_test(acl_lines_are_found_at_the_top_only),
		cmocka_unit_test(acl_lines_are_taken_out_and_nothing_else),
		cmocka_unit_test(own_acl_line_comes_first),
		cmocka_unit_test(instructions_are_read_at_the_top_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
