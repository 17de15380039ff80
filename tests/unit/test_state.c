#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/state.h"

static char a[] = "A", long_name[] = "B/C", file[] = "x.png", moin[] = "moin",
	    en[] = "en", who[] = "Someone";

static void
check_digest(const struct digest *is, const char *text)
{
	struct digest want;

	digest_of(text, strlen(text), &want);
	assert_true(digest_equal(is, &want));
}

static void
no_items_are_the_digest_of_nothing(void **state)
{
	struct state_run run;
	struct digest d;

	(void)state;
	state_start(&run);
	state_end(&run, &d);
	check_digest(&d, "");
}

/* The lines are written out here, from FORMAT section 4. */
static void
each_item_is_a_line(void **state)
{
	struct item page = { .kind = ITEM_PAGE,
		.name = long_name,
		.format = moin,
		.lang = en,
		.author = who,
		.updated = 7,
		.size = 5 };
	struct item picture = { .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = a };
	struct item list = { .kind = ITEM_PATTERNS,
		.name = a,
		.format = moin,
		.size = 5 };
	struct state_run run;
	struct fault f = { 0 };
	struct digest d;

	(void)state;
	digest_of("hello", 5, &page.digest);
	digest_of("", 0, &picture.digest);
	digest_of("hello", 5, &list.digest);
	state_start(&run);
	assert_int_equal(state_add(&run, &picture, &f), 0);
	assert_int_equal(state_add(&run, &list, &f), 0);
	assert_int_equal(state_add(&run, &page, &f), 0);
	state_end(&run, &d);
	check_digest(&d,
	    "attachment e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991"
	    "b7852b855 0 - - items/A/attachments/x.png\n"
	    "patterns 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362"
	    "938b9824 5 moin - items/A/text\n"
	    "page 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b"
	    "9824 5 moin en items/B%2FC/text\n");
}

static void
sizes_are_decimal(void **state)
{
	static const struct {
		int64_t size;
		const char *line;
	} known[] = {
		{ 10,
		    "interwiki "
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852"
		    "b855 10 moin - items/A/text\n" },
		{ 9007199254740991,
		    "interwiki "
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852"
		    "b855 9007199254740991 moin - items/A/text\n" },
	};
	struct item item = { .kind = ITEM_INTERWIKI,
		.name = a,
		.format = moin };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	digest_of("", 0, &item.digest);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct state_run run;
		struct digest d;

		item.size = known[i].size;
		state_start(&run);
		assert_int_equal(state_add(&run, &item, &f), 0);
		state_end(&run, &d);
		check_digest(&d, known[i].line);
	}
}

static void
paths_must_rise(void **state)
{
	struct item first = { .kind = ITEM_PAGE, .name = long_name };
	struct item second = { .kind = ITEM_PATTERNS, .name = long_name };
	struct item third = { .kind = ITEM_PAGE, .name = a };
	struct state_run run;
	struct fault f = { 0 };

	(void)state;
	state_start(&run);
	assert_int_equal(state_add(&run, &first, &f), 0);
	assert_int_equal(state_add(&run, &second, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
	assert_int_equal(state_add(&run, &third, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
}

static void
the_longest_names_fit(void **state)
{
	char name[NAME_SPELT_MAX + 1], format[FORMAT_MAX + 1],
	    lang[LANG_MAX + 1];
	struct item item = { .kind = ITEM_ATTACHMENT,
		.name = name,
		.page = name,
		.format = format,
		.lang = lang,
		.size = (int64_t)1 << 53 };
	struct state_run run;
	struct fault f = { 0 };

	(void)state;
	memset(name, 'n', sizeof(name));
	memset(format, 'f', sizeof(format));
	memset(lang, 'l', sizeof(lang));
	name[NAME_SPELT_MAX] = format[FORMAT_MAX] = lang[LANG_MAX] = '\0';
	state_start(&run);
	assert_int_equal(state_add(&run, &item, &f), 0);
}

/* Of a database that is damaged: more than a line has room for. */
static void
longer_fields_do_not_fit(void **state)
{
	static char format[FORMAT_MAX + 2], lang[LANG_MAX + 2];
	struct item item = { .kind = ITEM_PAGE, .name = a, .format = format };
	struct state_run run;
	struct fault f = { 0 };

	(void)state;
	memset(format, 'f', FORMAT_MAX + 1);
	memset(lang, 'l', LANG_MAX + 1);
	state_start(&run);
	assert_int_equal(state_add(&run, &item, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
	item.format = moin;
	item.lang = lang;
	assert_int_equal(state_add(&run, &item, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
	item.lang = NULL;
	item.size = -1;
	assert_int_equal(state_add(&run, &item, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_items_are_the_digest_of_nothing),
		cmocka_unit_test(each_item_is_a_line),
		cmocka_unit_test(sizes_are_decimal),
		cmocka_unit_test(paths_must_rise),
		cmocka_unit_test(the_longest_names_fit),
		cmocka_unit_test(longer_fields_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
