#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "items/item.h"

static char name[] = "Help/Contents", file[] = "a.png", page[] = ".dot%";

static void
check_path(const struct item *item, const char *want)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
	OWNED_ITEM struct item back = { 0 };
	struct fault f = { 0 };

	assert_int_equal(item_path(item, &path, &f), 0);
	assert_string_equal(path.data, want);
	assert_int_equal(item_from_path(path.data, &back, &f), 0);
	assert_string_equal(back.name, item->name);
	assert_true((back.page == NULL) == (item->page == NULL));
	if (back.page != NULL)
		assert_string_equal(back.page, item->page);
	assert_int_equal(back.kind,
	    item->page != NULL ? ITEM_ATTACHMENT : ITEM_PAGE);
}

static void
paths_are_written_and_read_back(void **state)
{
	struct item item = { .kind = ITEM_PAGE, .name = name };

	(void)state;
	check_path(&item, "items/Help%2FContents/text");
	item.kind = ITEM_PATTERNS;
	check_path(&item, "items/Help%2FContents/text");
	item = (struct item){ .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = page };
	check_path(&item, "items/%2Edot%25/attachments/a.png");
}

static void
paths_that_no_item_has_are_refused(void **state)
{
	static const char *const bad[] = { "", "items", "items/", "items/A",
		"items/A/", "items/A/text/", "items/A/text/x", "items//text",
		"items/../text", "items/./text", "items/%2E/text",
		"items/%2E./text", "items/A%2F/text", "items/%2FA/text",
		"items/A%2F..%2FB/text", "items/.A/text", "items/A%41/text",
		"items/A/texts", "items/A/attachments", "items/A/attachments/",
		"items/A/attachments/b/c", "items/A/attachments/b%2Fc",
		"items/A/attachments/..", "items/A/attachments/%2E.",
		"items/%2E./attachments/b", "/items/A/text", "Items/A/text",
		"items/A/attachment/b", "items/A\x01/text", "manifest.xml",
		"items/\xff/text", "items/A/B/text" };
	char keep[] = "keep";
	struct item item = { .kind = ITEM_INTERWIKI, .name = keep };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f.kind = FAULT_NONE;
		if (item_from_path(bad[i], &item, &f) != -1)
			fail_msg("'%s'", bad[i]);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_int_equal(item.kind, ITEM_INTERWIKI);
		assert_ptr_equal(item.name, keep);
	}
}

static void
longest_path_fits(void **state)
{
	char longest[NAME_SPELT_MAX + 1], path[ITEM_PATH_MAX];
	struct item item = { .kind = ITEM_ATTACHMENT,
		.name = longest,
		.page = longest };

	(void)state;
	memset(longest, 'x', NAME_SPELT_MAX);
	longest[NAME_SPELT_MAX] = '\0';
	(void)snprintf(path, sizeof(path), "items/%s/attachments/%s", longest,
	    longest);
	check_path(&item, path);
}

static void
a_path_that_does_not_fit_adds_nothing(void **state)
{
	struct item item = { .kind = ITEM_PAGE, .name = name };
	OWNED_BUF struct buf path = BUF_INIT(20);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(item_path(&item, &path, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(path.len, 0);
}

static void
kinds_have_words(void **state)
{
	int kind;

	(void)state;
	for (kind = ITEM_PAGE; kind <= ITEM_INTERWIKI; kind++)
		assert_int_equal(
		    item_kind_parse(item_kind_text((enum item_kind)kind)),
		    kind);
	assert_string_equal(item_kind_text(ITEM_PATTERNS), "patterns");
	assert_int_equal(item_kind_parse("none"), ITEM_NONE);
	assert_int_equal(item_kind_parse("Page"), ITEM_NONE);
	assert_int_equal(item_kind_parse(""), ITEM_NONE);
	assert_true(item_is_text(ITEM_INTERWIKI));
	assert_false(item_is_text(ITEM_ATTACHMENT));
}

static void
refuse(const struct item *item, const char *word)
{
	struct fault f = { 0 };

	assert_int_equal(item_check(item, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	if (strstr(f.text, word) == NULL)
		fail_msg("no '%s' in '%s'", word, f.text);
}

static void
every_field_is_checked(void **state)
{
	char fine[] = "x", bad[] = "x\ny", up[] = "..", empty[] = "";
	char sub[] = "a/b", late[1026];
	struct item good = { .kind = ITEM_PAGE, .name = name, .format = fine };
	struct item it = good;
	struct fault f = { 0 };

	(void)state;
	memset(late, 'x', 1025);
	late[1025] = '\0';
	assert_int_equal(item_check(&good, &f), 0);
	it.kind = ITEM_NONE, refuse(&it, "kind"), it = good;
	it.name = NULL, refuse(&it, "name"), it = good;
	it.name = up, refuse(&it, ".."), it = good;
	it.page = page, refuse(&it, "page"), it = good;
	it.author = bad, refuse(&it, "'Help/Contents': author"), it = good;
	it.author = empty, assert_int_equal(item_check(&it, &f), 0);
	it.comment = bad, refuse(&it, "comment"), it = good;
	it.comment = late, refuse(&it, "comment"), it = good;
	it.lang = empty, refuse(&it, "language"), it = good;
	it.lang = fine, refuse(&it, "language"), it = good;
	it.format = up, refuse(&it, "format"), it = good;
	it.updated = -1, refuse(&it, "updated"), it = good;
	it.updated = UPDATED_MAX, assert_int_equal(item_check(&it, &f), 0);
	it.updated++, refuse(&it, "updated"), it = good;
	it.kind = ITEM_ATTACHMENT, refuse(&it, "page");
	it.page = page, it.name = sub, refuse(&it, "'/'");
	it.name = fine, it.page = up, refuse(&it, "..");
	it.page = sub, assert_int_equal(item_check(&it, &f), 0);
}

static void
same_state_is_what_the_state_digest_sees(void **state)
{
	char en[] = "en", de[] = "de", text[] = "text";
	struct item a = { .kind = ITEM_PAGE,
		.size = 3,
		.lang = en,
		.author = de,
		.updated = 5 };
	struct item b = a;

	(void)state;
	b.author = NULL, b.updated = 6, b.comment = de;
	assert_true(item_same_state(&a, &b));
	b = a, b.kind = ITEM_PATTERNS;
	assert_false(item_same_state(&a, &b));
	b = a, b.size = 4;
	assert_false(item_same_state(&a, &b));
	b = a, b.digest.bytes[31] = 1;
	assert_false(item_same_state(&a, &b));
	b = a, b.lang = de;
	assert_false(item_same_state(&a, &b));
	b = a, b.lang = NULL;
	assert_false(item_same_state(&a, &b));
	b = a, b.format = text;
	assert_false(item_same_state(&a, &b));
}

static void
a_copy_stands_alone(void **state)
{
	char note[] = "note";
	struct item from = { .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = page,
		.comment = note,
		.updated = 7,
		.size = 8 };
	OWNED_ITEM struct item to = { 0 };
	struct fault f = { 0 };

	(void)state;
	from.digest.bytes[0] = 9;
	assert_int_equal(item_copy(&from, &to, &f), 0);
	assert_true(to.name != from.name);
	note[0] = 'N';
	assert_string_equal(to.name, "a.png");
	assert_string_equal(to.page, ".dot%");
	assert_string_equal(to.comment, "note");
	assert_null(to.lang);
	assert_int_equal(to.updated, 7);
	assert_true(item_same_state(&from, &to));
	item_clear(&to);
	assert_int_equal(to.kind, ITEM_NONE);
	assert_null(to.name);
}

static void
descriptions_name_the_kind(void **state)
{
	OWNED_BUF struct buf out = BUF_INIT(200);
	struct item item = { .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = name };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(item_describe(&item, &out, &f), 0);
	assert_string_equal(out.data, "attachment 'a.png' of 'Help/Contents'");
	buf_reset(&out);
	item = (struct item){ .kind = ITEM_PATTERNS, .name = name };
	assert_int_equal(item_describe(&item, &out, &f), 0);
	assert_string_equal(out.data, "pattern list 'Help/Contents'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_written_and_read_back),
		cmocka_unit_test(paths_that_no_item_has_are_refused),
		cmocka_unit_test(longest_path_fits),
		cmocka_unit_test(a_path_that_does_not_fit_adds_nothing),
		cmocka_unit_test(kinds_have_words),
		cmocka_unit_test(every_field_is_checked),
		cmocka_unit_test(same_state_is_what_the_state_digest_sees),
		cmocka_unit_test(a_copy_stands_alone),
		cmocka_unit_test(descriptions_name_the_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
