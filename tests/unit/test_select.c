#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/select.h"

static char help[] = "HelpOn*", draft[] = "*Draft*", bad[] = "BadContent";
static char group[] = "*Group", en[] = "en", zh[] = "zh-tw", any[] = "*";

/* A page of that name and language. */
static enum select_answer
ask(const struct select_rules *rules, const char *name, const char *lang,
    bool has_power)
{
	struct item item = { .kind = ITEM_PAGE };
	enum select_answer answer;

	item.name = strdup(name);
	item.lang = lang != NULL ? strdup(lang) : NULL;
	answer = select_item(rules, &item, has_power);
	item_clear(&item);
	return answer;
}

static void
without_rules_everything_but_power_is_wanted(void **state)
{
	struct select_rules none = { 0 };

	(void)state;
	assert_int_equal(ask(&none, "A/B", "de", false), SELECT_WANTED);
	assert_int_equal(ask(&none, "BadContent", NULL, true), SELECT_POWER);
}

static void
pages_choose_and_not_takes_away(void **state)
{
	char *pages[] = { help, bad }, *nots[] = { draft };
	struct select_rules r = { .pages = { pages, 2 },
		.not_pages = { nots, 1 } };

	(void)state;
	assert_int_equal(ask(&r, "HelpOnX", NULL, false), SELECT_WANTED);
	assert_int_equal(ask(&r, "BadContent", NULL, false), SELECT_WANTED);
	assert_int_equal(ask(&r, "Other", NULL, false), SELECT_NOT_CHOSEN);
	assert_int_equal(ask(&r, "HelpOnDrafts", NULL, false),
	    SELECT_NOT_CHOSEN);
	r.pages.count = 0;
	assert_int_equal(ask(&r, "Other", NULL, false), SELECT_WANTED);
	assert_int_equal(ask(&r, "Draft", NULL, false), SELECT_NOT_CHOSEN);
}

static void
languages_choose_by_prefix_of_the_tag(void **state)
{
	char *languages[] = { en, zh };
	struct select_rules r = { .languages = { languages, 2 } };

	(void)state;
	assert_int_equal(ask(&r, "A", "en", false), SELECT_WANTED);
	assert_int_equal(ask(&r, "A", "EN-gb", false), SELECT_WANTED);
	assert_int_equal(ask(&r, "A", "zh-TW", false), SELECT_WANTED);
	assert_int_equal(ask(&r, "A", NULL, false), SELECT_WANTED);
	assert_int_equal(ask(&r, "A", "eng", false), SELECT_LANGUAGE);
	assert_int_equal(ask(&r, "A", "e", false), SELECT_LANGUAGE);
	assert_int_equal(ask(&r, "A", "zh", false), SELECT_LANGUAGE);
	languages[1] = any;
	assert_int_equal(ask(&r, "A", "zh", false), SELECT_WANTED);
}

static void
power_needs_a_grant_that_names_it(void **state)
{
	char *grants[] = { bad, group };
	struct select_rules r = { .grants = { grants, 2 } };

	(void)state;
	assert_int_equal(ask(&r, "BadContent", NULL, true), SELECT_WANTED);
	assert_int_equal(ask(&r, "AdminGroup", NULL, true), SELECT_WANTED);
	assert_int_equal(ask(&r, "LocalBadContent", NULL, true), SELECT_POWER);
	/* A grant gives power, it does not choose. */
	r.not_pages = (struct words){ grants, 1 };
	assert_int_equal(ask(&r, "BadContent", NULL, true), SELECT_NOT_CHOSEN);
}

static void
attachments_are_judged_by_their_page(void **state)
{
	char *pages[] = { help }, *grants[] = { help };
	char page[] = "HelpOnX", file[] = "Draft.png", other[] = "X";
	struct select_rules r = { .pages = { pages, 1 },
		.grants = { grants, 1 } };
	struct item item = { .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = page };

	(void)state;
	assert_int_equal(select_item(&r, &item, true), SELECT_WANTED);
	item.page = other;
	item.name = page;
	assert_int_equal(select_item(&r, &item, false), SELECT_NOT_CHOSEN);
	r.pages.count = 0;
	assert_int_equal(select_item(&r, &item, true), SELECT_POWER);
}

static void
answers_have_words(void **state)
{
	(void)state;
	assert_string_equal(select_text(SELECT_NOT_CHOSEN), "not chosen");
	assert_string_equal(select_text(SELECT_LANGUAGE),
	    "its language is not chosen");
	assert_string_equal(select_text(SELECT_POWER), "gives power, no grant");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rules_everything_but_power_is_wanted),
		cmocka_unit_test(pages_choose_and_not_takes_away),
		cmocka_unit_test(languages_choose_by_prefix_of_the_tag),
		cmocka_unit_test(power_needs_a_grant_that_names_it),
		cmocka_unit_test(attachments_are_judged_by_their_page),
		cmocka_unit_test(answers_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
