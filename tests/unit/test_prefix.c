#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/prefix.h"

static struct fault f;

/* Where a feed's item is here, as a path. */
static char *
place(const char *prefix, enum item_kind kind, const char *path)
{
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

	assert_int_equal(item_from_path(path, &item, &f), 0);
	item.kind = kind;
	assert_int_equal(prefix_path(prefix, &item, &out, &f), 0);
	return buf_take(&out);
}

static void
is_at(const char *prefix, enum item_kind kind, const char *path,
    const char *want)
{
	OWNED_BUF struct buf back = BUF_INIT(BUF_ANY);
	OWNED_MEM char *is = place(prefix, kind, path);

	assert_string_equal(is, want);
	assert_int_equal(prefix_strip_path(prefix, is, &back, &f), 0);
	assert_string_equal(back.data, path);
}

static void
without_a_prefix_everything_has_its_name(void **state)
{
	(void)state;
	is_at(NULL, ITEM_PAGE, "items/A/text", "items/A/text");
	is_at(NULL, ITEM_PATTERNS, "items/A/text", "items/A/text");
	is_at(NULL, ITEM_ATTACHMENT, "items/A/attachments/x",
	    "items/A/attachments/x");
	assert_string_equal(prefix_strip(NULL, "Shared/A"), "Shared/A");
}

static void
pages_and_attachments_are_below_it(void **state)
{
	(void)state;
	is_at("Shared/", ITEM_PAGE, "items/A%2FB/text",
	    "items/Shared%2FA%2FB/text");
	is_at("Shared/", ITEM_ATTACHMENT, "items/A/attachments/Shared",
	    "items/Shared%2FA/attachments/Shared");
	is_at("S ", ITEM_PAGE, "items/%2EA/text", "items/S .A/text");
	assert_string_equal(prefix_strip("Shared/", "Shared/A"), "A");
	assert_string_equal(prefix_strip("Shared/", "A"), "A");
}

static void
lists_and_maps_keep_their_names(void **state)
{
	(void)state;
	is_at("Shared/", ITEM_PATTERNS, "items/BadContent/text",
	    "items/BadContent/text");
	is_at("Shared/", ITEM_INTERWIKI, "items/InterWikiMap/text",
	    "items/InterWikiMap/text");
}

/* Else the page X and a list Shared/X were in one place. */
static void
no_two_items_have_one_place(void **state)
{
	(void)state;
	is_at("Shared/", ITEM_PAGE, "items/X/text", "items/Shared%2FX/text");
	is_at("Shared/", ITEM_PATTERNS, "items/Shared%2FX/text",
	    "items/Shared%2FShared%2FX/text");
	is_at("Shared/", ITEM_PAGE, "items/Shared%2FX/text",
	    "items/Shared%2FShared%2FX/text");
}

static void
a_name_that_would_be_too_long_is_not_changed(void **state)
{
	OWNED_ITEM struct item item = { .kind = ITEM_PAGE };
	char name[NAME_SPELT_MAX + 1];
	OWNED_MEM char *path = NULL;
	OWNED_MEM char *is = NULL;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	item.name = strdup(name);
	assert_int_equal(prefix_apply("S/", &item, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_string_equal(item.name, name);
	assert_true(asprintf(&path, "items/%s/text", name) > 0);
	is = place("S/", ITEM_PAGE, path);
	assert_string_equal(is, path);
	/* "/" is spelt with three bytes: the longest that fits. */
	item.name[NAME_SPELT_MAX - 4] = '\0';
	assert_int_equal(prefix_apply("S/", &item, &f), 0);
	assert_memory_equal(item.name, "S/nn", 4);
}

static void
a_prefix_is_the_beginning_of_a_name(void **state)
{
	(void)state;
	assert_int_equal(prefix_check("Shared/", &f), 0);
	assert_int_equal(prefix_check("Shared", &f), 0);
	assert_int_equal(prefix_check("", &f), -1);
	assert_int_equal(prefix_check("/Shared/", &f), -1);
	assert_int_equal(prefix_check("Shared//", &f), -1);
	assert_int_equal(prefix_check("../", &f), -1);
	assert_int_equal(prefix_check("a\nb", &f), -1);
	assert_int_equal(prefix_check("a\xff", &f), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_prefix_everything_has_its_name),
		cmocka_unit_test(pages_and_attachments_are_below_it),
		cmocka_unit_test(lists_and_maps_keep_their_names),
		cmocka_unit_test(no_two_items_have_one_place),
		cmocka_unit_test(a_name_that_would_be_too_long_is_not_changed),
		cmocka_unit_test(a_prefix_is_the_beginning_of_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
