/* What an edit of the wiki's own people is worth: the whole table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/edits.h"

/*
 * A letter is a text, '-' is absent; base '?' is without a record.  Up to the
 * names of texts these are all cases; where the three policies agree it is
 * the answer of decide_item().
 */
static const struct {
	const char *sides; /* base, ours, theirs */
	enum decide_answer merge, keep, overwrite;
} rows[] = {
	{ "?--", DECIDE_NOTHING, DECIDE_NOTHING, DECIDE_NOTHING },
	{ "?-A", DECIDE_PUT, DECIDE_PUT, DECIDE_PUT }, /* new there */
	{ "?A-", DECIDE_NOTHING, DECIDE_NOTHING, DECIDE_NOTHING },
	{ "?AA", DECIDE_ADOPT, DECIDE_ADOPT, DECIDE_ADOPT },
	/* it was here before the feed brought it */
	{ "?AB", DECIDE_CONFLICT, DECIDE_KEEP, DECIDE_PUT },

	{ "AAA", DECIDE_NOTHING, DECIDE_NOTHING, DECIDE_NOTHING },
	{ "AAB", DECIDE_PUT, DECIDE_PUT, DECIDE_PUT },
	{ "AA-", DECIDE_DROP, DECIDE_DROP, DECIDE_DROP },
	{ "ABA", DECIDE_KEEP, DECIDE_KEEP, DECIDE_PUT },
	{ "ABB", DECIDE_ADOPT, DECIDE_ADOPT, DECIDE_ADOPT },
	{ "ABC", DECIDE_MERGE, DECIDE_KEEP, DECIDE_PUT },
	/* edited here, dropped there */
	{ "AB-", DECIDE_CONFLICT, DECIDE_KEEP, DECIDE_DROP },
	/* deleted here */
	{ "A-A", DECIDE_KEEP, DECIDE_KEEP, DECIDE_PUT },
	{ "A-B", DECIDE_CONFLICT, DECIDE_KEEP, DECIDE_PUT },
	{ "A--", DECIDE_FORGET, DECIDE_FORGET, DECIDE_FORGET },

	{ "---", DECIDE_FORGET, DECIDE_FORGET, DECIDE_FORGET },
	{ "--A", DECIDE_PUT, DECIDE_PUT, DECIDE_PUT },
	{ "-A-", DECIDE_LEAVE, DECIDE_LEAVE, DECIDE_LEAVE },
	{ "-AA", DECIDE_ADOPT, DECIDE_ADOPT, DECIDE_ADOPT },
	{ "-AB", DECIDE_CONFLICT, DECIDE_KEEP, DECIDE_PUT },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static struct decide_side
side(char letter)
{
	struct decide_side s = { .present = letter != '-' && letter != '?' };

	/* The digest of what is absent must not matter. */
	s.digest.bytes[5] = (uint8_t)letter;
	return s;
}

static struct decide_case
case_of(const char *sides, bool wanted)
{
	return (struct decide_case){
		.known = sides[0] != '?',
		.base = side(sides[0]),
		.ours = side(sides[1]),
		.theirs = side(sides[2]),
		.wanted = wanted,
	};
}

static void
every_case_under_every_policy_is_in_the_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ROW_COUNT; i++) {
		struct decide_case c = case_of(rows[i].sides, true);

		if (edits_decide(&c, EDITS_MERGE, EDITS_TEXT) != rows[i].merge)
			fail_msg("%s: merge", rows[i].sides);
		if (edits_decide(&c, EDITS_KEEP, EDITS_TEXT) != rows[i].keep)
			fail_msg("%s: keep", rows[i].sides);
		if (edits_decide(&c, EDITS_OVERWRITE, EDITS_TEXT) !=
		    rows[i].overwrite)
			fail_msg("%s: overwrite", rows[i].sides);
	}
}

static void
attachments_are_never_merged(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ROW_COUNT; i++) {
		struct decide_case c = case_of(rows[i].sides, true);
		enum decide_answer want = rows[i].merge;

		if (want == DECIDE_MERGE)
			want = DECIDE_CONFLICT;
		assert_int_equal(edits_decide(&c, EDITS_MERGE, EDITS_FILE),
		    want);
		assert_int_equal(edits_decide(&c, EDITS_OVERWRITE, EDITS_FILE),
		    rows[i].overwrite);
	}
}

static void
what_cannot_be_had_again_is_not_written_over(void **state)
{
	static const enum edits_policy all[] = { EDITS_MERGE, EDITS_KEEP,
		EDITS_OVERWRITE };
	size_t i, k;

	(void)state;
	for (i = 0; i < ROW_COUNT; i++)
		for (k = 0; k < 3; k++) {
			struct decide_case c = case_of(rows[i].sides, true);
			enum decide_answer a =
			    edits_decide(&c, all[k], EDITS_FRAGILE);

			assert_int_not_equal(a, DECIDE_MERGE);
			if (a == DECIDE_PUT || a == DECIDE_DROP)
				assert_true(rows[i].sides[1] == '-' ||
				    rows[i].sides[1] == rows[i].sides[0]);
		}
}

static void
no_policy_touches_what_is_not_wanted(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ROW_COUNT; i++) {
		struct decide_case c = case_of(rows[i].sides, false);

		assert_int_equal(edits_decide(&c, EDITS_OVERWRITE, EDITS_TEXT),
		    rows[i].sides[0] == '?' ? DECIDE_NOTHING : DECIDE_LEAVE);
	}
}

static enum edits_policy
policy(const struct edits_rules *rules, const char *name)
{
	char page[32];
	struct item item = { .kind = ITEM_PAGE, .name = page };

	(void)strncpy(page, name, sizeof(page) - 1);
	page[sizeof(page) - 1] = '\0';
	return edits_policy(rules, &item);
}

static void
lists_of_pages_go_before_the_rule_for_all(void **state)
{
	static char help[] = "Help*", start[] = "Start", all[] = "*";
	static char *keep[] = { help, NULL }, *merge[] = { start, NULL },
		    *overwrite[] = { all, NULL };
	struct edits_rules rules = { .policy = EDITS_MERGE,
		.keep = { keep, 1 } };
	static char file[] = "a.png", page[] = "HelpOnX";
	struct item item = { .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = page };

	(void)state;
	assert_int_equal(policy(&rules, "HelpOnX"), EDITS_KEEP);
	assert_int_equal(policy(&rules, "Start"), EDITS_MERGE);
	rules.policy = EDITS_OVERWRITE;
	assert_int_equal(policy(&rules, "Start"), EDITS_OVERWRITE);
	/* An attachment is its page's. */
	assert_int_equal(edits_policy(&rules, &item), EDITS_KEEP);
	/* The most careful one counts. */
	rules.overwrite = (struct words){ overwrite, 1 };
	rules.policy = EDITS_KEEP;
	rules.merge = (struct words){ merge, 1 };
	assert_int_equal(policy(&rules, "HelpOnX"), EDITS_KEEP);
	assert_int_equal(policy(&rules, "Start"), EDITS_MERGE);
	assert_int_equal(policy(&rules, "Another"), EDITS_OVERWRITE);
}

static struct digest
digest_rules(const struct edits_rules *rules)
{
	struct digest_run run;
	struct digest d;

	digest_start(&run);
	edits_digest(rules, &run);
	digest_end(&run, &d);
	return d;
}

static void
other_rules_have_another_digest(void **state)
{
	static char help[] = "Help*";
	static char *globs[] = { help, NULL };
	struct edits_rules rules[5] = { { .policy = EDITS_MERGE },
		{ .policy = EDITS_KEEP }, { .keep = { globs, 1 } },
		{ .merge = { globs, 1 } }, { .overwrite = { globs, 1 } } };
	size_t i, k;

	(void)state;
	for (i = 0; i < 5; i++)
		for (k = 0; k < i; k++) {
			struct digest a = digest_rules(&rules[i]);
			struct digest b = digest_rules(&rules[k]);

			assert_false(digest_equal(&a, &b));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_under_every_policy_is_in_the_table),
		cmocka_unit_test(attachments_are_never_merged),
		cmocka_unit_test(what_cannot_be_had_again_is_not_written_over),
		cmocka_unit_test(no_policy_touches_what_is_not_wanted),
		cmocka_unit_test(lists_of_pages_go_before_the_rule_for_all),
		cmocka_unit_test(other_rules_have_another_digest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
