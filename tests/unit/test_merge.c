/* One text out of two changes of a third. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "items/merge.h"

static struct merge_result got;
static struct fault f;

static int
enter(void **state)
{
	(void)state;
	got = (struct merge_result)MERGE_RESULT_INIT;
	f = (struct fault){ 0 };
	return 0;
}

static int
leave(void **state)
{
	(void)state;
	merge_result_clear(&got);
	return 0;
}

static struct merge_sides
sides_of(const char *base, const char *ours, const char *theirs)
{
	return (struct merge_sides){ { base, base != NULL ? strlen(base) : 0 },
		{ ours, strlen(ours) }, { theirs, strlen(theirs) } };
}

static void
merge(enum item_kind kind, const char *base, const char *ours,
    const char *theirs)
{
	struct merge_sides sides = sides_of(base, ours, theirs);

	if (merge_items(kind, &sides, &got, &f) == -1)
		fail_msg("%s", f.text);
}

static void
clean(enum item_kind kind, const char *base, const char *ours,
    const char *theirs, const char *want)
{
	merge(kind, base, ours, theirs);
	if (got.verdict != MERGE_CLEAN)
		fail_msg("conflict: %s", got.why);
	assert_string_equal(got.text.data, want);
}

static void
conflict(const char *base, const char *ours, const char *theirs)
{
	merge(ITEM_PAGE, base, ours, theirs);
	assert_int_equal(got.verdict, MERGE_CONFLICT);
	assert_int_equal(got.text.len, 0);
	assert_string_equal(got.why, "the same lines were changed");
}

/* ---- texts ---- */

static void
changes_in_different_places_are_both_there(void **state)
{
	(void)state;
	clean(ITEM_PAGE, "a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n",
	    "A\nb\nc\nD\n");
	clean(ITEM_PAGE, "a\nb\nc\nd\n", "new\na\nb\nc\nd\n", "a\nb\nd\n",
	    "new\na\nb\nd\n");
}

static void
what_both_changed_alike_is_there_once(void **state)
{
	(void)state;
	clean(ITEM_PAGE, "a\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n",
	    "a\nB\nc\nd\nE\n", "a\nB\nc\nd\nE\n");
	clean(ITEM_PAGE, "a\n", "b\n", "b\n", "b\n");
}

static void
one_place_changed_twice_is_a_conflict(void **state)
{
	(void)state;
	conflict("a\nb\nc\n", "a\nB\nc\n", "a\n!\nc\n");
	conflict("a\nb\nc\n", "a\nc\n", "a\n!\nc\n");
	conflict("a\n", "a\nours\n", "a\ntheirs\n");
	/* Side by side is the same place: what belongs together is unknown. */
	conflict("a\nb\n", "A\nb\n", "a\nB\n");
}

static void
the_last_line_may_lack_its_end(void **state)
{
	(void)state;
	clean(ITEM_PAGE, "a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC");
	clean(ITEM_PAGE, "a\nb\nc", "A\nb\nc\n", "a\nb\nC", "A\nb\nC\n");
	clean(ITEM_PAGE, "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC", "A\nb\nC");
	clean(ITEM_PAGE, "a\nb\nc\n", "A\nb\nc", "a\nb\nc\nd\n", "A\nb\nc\nd");
}

static void
an_empty_text_is_a_text(void **state)
{
	(void)state;
	clean(ITEM_PAGE, "", "", "a\n", "a\n");
	clean(ITEM_PAGE, "a\n", "", "a\n", "");
	conflict("a\n", "", "b\n");
}

static void
what_looks_like_a_mark_is_only_text(void **state)
{
	(void)state;
	clean(ITEM_PAGE, "<<<<<<< x\nb\nc\nd\n", "<<<<<<< x\nB\nc\nd\n",
	    "<<<<<<< x\nb\nc\n=======\n>>>>>>> y\n",
	    "<<<<<<< x\nB\nc\n=======\n>>>>>>> y\n");
}

static void
a_huge_text_is_a_conflict_not_a_fault(void **state)
{
	size_t n = MERGE_TEXT_MAX + 1;
	char *text = calloc(n, 1);
	struct merge_sides sides = sides_of("a\n", "b\n", "");

	(void)state;
	assert_non_null(text);
	memset(text, '\n', n);
	sides.theirs = (struct merge_text){ text, n };
	assert_int_equal(merge_items(ITEM_PATTERNS, &sides, &got, &f), 0);
	assert_int_equal(got.verdict, MERGE_CONFLICT);
	assert_string_equal(got.why, "is too large to be merged");
	free(text);
}

static void
without_diff3_it_is_a_conflict_and_says_why(void **state)
{
	char *path = strdup(getenv("PATH"));

	(void)state;
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	merge(ITEM_PAGE, "a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n");
	assert_int_equal(setenv("PATH", path, 1), 0);
	free(path);
	assert_int_equal(got.verdict, MERGE_CONFLICT);
	assert_non_null(strstr(got.why, "diff3"));
}

/* ---- sets of lines ---- */

#define LISTS ITEM_PATTERNS

static void
a_line_added_here_stays_behind_theirs(void **state)
{
	(void)state;
	clean(LISTS, "a\nb\n", "a\nmine\nb\n", "a\nb\nc\n", "a\nb\nc\nmine\n");
	assert_int_equal(got.added, 1);
	assert_int_equal(got.removed, 0);
	/* And is there once when the feed has it, too. */
	clean(LISTS, "a\nb\n", "a\nmine\nb\n", "mine\na\nb\nc\n",
	    "mine\na\nb\nc\n");
	assert_int_equal(got.added, 0);
}

static void
a_line_removed_here_stays_away(void **state)
{
	(void)state;
	clean(LISTS, "a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n", "a\nc\nd\n");
	assert_int_equal(got.added, 0);
	assert_int_equal(got.removed, 1);
	/* One that the feed removed as well is nobody's any more. */
	clean(LISTS, "a\nb\nc\n", "a\nc\n", "a\nc\nd\n", "a\nc\nd\n");
	assert_int_equal(got.removed, 0);
}

static void
a_line_changed_on_both_sides_is_there_twice(void **state)
{
	(void)state;
	clean(LISTS, "a\nb\n", "a\nb1\n", "a\nb2\n", "a\nb2\nb1\n");
}

static void
their_order_is_kept(void **state)
{
	(void)state;
	clean(LISTS, "a\nb\nc\n", "c\nb\na\nx\n", "c\na\nb\n", "c\na\nb\nx\n");
}

static void
empty_lines_are_theirs(void **state)
{
	(void)state;
	clean(LISTS, "a\n\nb\n", "a\nb\nx\n", "a\n\nb\n\nc\n",
	    "a\n\nb\n\nc\nx\n");
	clean(LISTS, "a\n", "a\n\n\nx\n", "b\na\n", "b\na\nx\n");
}

static void
an_acl_line_added_on_top_stays_on_top(void **state)
{
	(void)state;
	clean(LISTS, "## old\na\n", "#acl All:read\n## old\na\n#b\n",
	    "## new\na\nc\n", "#acl All:read\n## new\na\nc\n#b\n");
}

static void
lists_may_lack_their_last_end(void **state)
{
	(void)state;
	clean(LISTS, "a\nb", "a\nb\nx", "a\nb\nc", "a\nb\nc\nx");
	clean(LISTS, "a\nb", "a\nx\nb", "a\nb\nc\n", "a\nb\nc\nx\n");
	clean(LISTS, "a\nb\n", "b\n", "a\nb\nc", "b\nc");
	clean(LISTS, "a\n", "", "a\n", "");
}

/* What a merge gives is a place to begin the next one from. */
static void
merging_again_changes_nothing(void **state)
{
	char *first;

	(void)state;
	merge(LISTS, "#h\na\nb\n", "#x\n#h\nb\nmine\n", "#h\na\nb\nc\n");
	first = strdup(got.text.data);
	clean(LISTS, "#h\na\nb\nc\n", first, "#h\na\nb\nc\n", first);
	assert_int_equal(got.added, 2);
	assert_int_equal(got.removed, 1);
	free(first);
}

static void
many_lines_take_no_time(void **state)
{
	OWNED_BUF struct buf base = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf ours = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf theirs = BUF_INIT(BUF_ANY);
	int i;

	(void)state;
	for (i = 0; i < 50000; i++) {
		assert_int_equal(buf_format(&base, &f, "x%d\n", i), 0);
		assert_int_equal(buf_format(&ours, &f, "x%d\n", i + 1), 0);
		assert_int_equal(buf_format(&theirs, &f, "x%d\n", i - 1), 0);
	}
	merge(LISTS, base.data, ours.data, theirs.data);
	assert_int_equal(got.added, 1);
	assert_int_equal(got.removed, 1);
	assert_int_equal(strncmp(got.text.data, "x-1\nx1\n", 7), 0);
}

/* ---- for a person ---- */

static void
marked(const char *base, const char *ours, const char *theirs, const char *want)
{
	struct merge_sides sides = sides_of(base, ours, theirs);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

	if (merge_marked(&sides, &out, &f) == -1)
		fail_msg("%s", f.text);
	assert_string_equal(out.data, want);
	assert_int_equal(merge_is_marked(&sides, out.data, out.len),
	    strstr(want, "<<<<") != NULL);
}

static void
both_stand_between_marks_where_they_meet(void **state)
{
	(void)state;
	marked("a\nb\nc\n", "a\nB\nc\n", "a\n!\nc\n",
	    "a\n<<<<<<< this wiki\nB\n=======\n!\n>>>>>>> the feed\nc\n");
	marked("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n", "A\nb\nc\nD\n");
	/* One side has gone. */
	marked("a\n", "", "b\n",
	    "<<<<<<< this wiki\n=======\nb\n>>>>>>> the feed\n");
}

static void
without_a_base_all_differences_stand_so(void **state)
{
	(void)state;
	marked(NULL, "a\nB\nc\nx\n", "a\n!\nc\n",
	    "a\n<<<<<<< this wiki\nB\n=======\n!\n>>>>>>> the feed\nc\n"
	    "<<<<<<< this wiki\nx\n=======\n>>>>>>> the feed\n");
}

static void
a_mark_that_was_left_is_found(void **state)
{
	struct merge_sides sides = sides_of("", "a\n", "=======\n");

	(void)state;
	assert_true(merge_is_marked(&sides, "a\n<<<<<<< this wiki\n", 20));
	assert_true(merge_is_marked(&sides, ">>>>>>> the feed", 16));
	assert_false(merge_is_marked(&sides, "=======\n", 8));
	assert_false(merge_is_marked(&sides, "<<<<<<< this wiki.\n", 19));
	sides.theirs.n = 0;
	assert_true(merge_is_marked(&sides, "=======\n", 8));
}

static void
a_difference_is_shown(void **state)
{
	const struct merge_text a = { "a\nb\n", 4 }, b = { "a\nc\n", 4 };
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

	(void)state;
	assert_int_equal(merge_diff(&a, "one", &a, "two", &out, &f), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(merge_diff(&a, "one", &b, "two", &out, &f), 0);
	assert_string_equal(out.data,
	    "--- one\n+++ two\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(changes_in_different_places_are_both_there),
		T(what_both_changed_alike_is_there_once),
		T(one_place_changed_twice_is_a_conflict),
		T(the_last_line_may_lack_its_end),
		T(an_empty_text_is_a_text),
		T(what_looks_like_a_mark_is_only_text),
		T(a_huge_text_is_a_conflict_not_a_fault),
		T(without_diff3_it_is_a_conflict_and_says_why),
		T(a_line_added_here_stays_behind_theirs),
		T(a_line_removed_here_stays_away),
		T(a_line_changed_on_both_sides_is_there_twice),
		T(their_order_is_kept),
		T(empty_lines_are_theirs),
		T(an_acl_line_added_on_top_stays_on_top),
		T(lists_may_lack_their_last_end),
		T(merging_again_changes_nothing),
		T(many_lines_take_no_time),
		T(both_stand_between_marks_where_they_meet),
		T(without_a_base_all_differences_stand_so),
		T(a_mark_that_was_left_is_found),
		T(a_difference_is_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
