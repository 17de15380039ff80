/*
 * Which patterns of a list does an older one not have?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/came.h"
#include "items/line_set.h"
#include "items/patterns.h"

static struct fault f;

static void
assert_came(const char *old, const char *list, const char *wanted)
{
	OWNED_BUF struct buf a = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

	assert_int_equal(buf_add_text(&a, old, &f), 0);
	assert_int_equal(buf_add_text(&b, list, &f), 0);
	assert_int_equal(came_patterns(&a, &b, &out, &f), 0);
	assert_string_equal(out.data, wanted);
}

static void
what_an_older_list_has_did_not_come(void **state)
{
	(void)state;
	assert_came("", "", "");
	assert_came("a\n", "", "");
	assert_came("", "a\nb\n", "a\nb\n");
	assert_came("a\nb\nc\n", "a\nb\nc\n", "");
	assert_came("a\nb\nc\n", "a\nx\nb\nc\ny\n", "x\ny\n");
	assert_came("a\nb\nc\n", "a\nc\n", "");
	assert_came("a\nb\nc\n", "a\nbb\nc\n", "bb\n");
	assert_came("a\nb\nc\n", "aa\nb\nc\n", "aa\n");
	assert_came("aa\nb\n", "a\nb\n", "a\n");
	assert_came("ba\n", "a\n", "a\n");
	assert_came("a\n", "ba\n", "ba\n");
}

static void
a_line_end_that_lacks_makes_no_new_pattern(void **state)
{
	(void)state;
	assert_came("a\nb", "a\nb\n", "");
	assert_came("a\nb\n", "a\nb", "");
	assert_came("a\nb", "a\nb\nc", "c\n");
	assert_came("a\nb\nc", "a\nc", "");
	assert_came("a\nbc", "a\nb", "b\n");
}

static void
what_moved_did_not_come(void **state)
{
	(void)state;
	assert_came("a\nb\nc\nd\n", "d\nc\nb\na\n", "");
	assert_came("a\nb\nc\nd\n", "b\nc\nd\na\nx\n", "x\n");
}

static void
comments_and_blanks_are_no_part_of_a_pattern(void **state)
{
	(void)state;
	assert_came("# version 1\na\n", "# version 2\na\nb\n", "b\n");
	assert_came("a # why\nb\n", "  a\nb # other\n\n", "");
	assert_came("# b\n", "b # c\n", "b\n");
}

static void
each_comes_once(void **state)
{
	(void)state;
	assert_came("a\n", "x\na\nx\nx # again\n", "x\n");
}

/* ---- lists of many lines, beside sets of all of them ---- */

static uint32_t seed;

static uint32_t
below(uint32_t n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

#define LINES 400
#define KINDS 3000 /* of lines */

/* Neither list has a line twice. */
static void
add_line(struct buf *list, struct line_set *has, uint32_t kind)
{
	static char lines[KINDS][8];
	struct buf line = BUF_INIT(BUF_ANY);

	assert_int_equal(buf_format(&line, &f, "p%u", kind), 0);
	memcpy(lines[kind], line.data, line.len + 1);
	if (!line_set_has(has, lines[kind], line.len)) {
		assert_int_equal(line_set_add(has, lines[kind], line.len, &f),
		    0);
		assert_int_equal(buf_format(list, &f, "p%u\n", kind), 0);
	}
	buf_clear(&line);
}

static uint32_t
number(const struct patterns_line *line)
{
	uint32_t n = 0;
	size_t i;

	for (i = 1; i < line->size; i++)
		n = n * 10 + (uint32_t)(line->text[i] - '0');
	return n;
}

/* A list after changes of up to so many lines at so many places. */
static void
change(const struct buf *old, uint32_t places, uint32_t lines, struct buf *list)
{
	OWNED(line_set_clear) struct line_set has = LINE_SET_INIT;
	struct patterns_walk walk = patterns_walk(old->data, old->len);
	struct patterns_line line;
	uint32_t gone = 0, came;

	while (patterns_next(&walk, &line)) {
		uint32_t kind = number(&line);

		if (below(LINES) < places) {
			gone = below(lines + 1);
			for (came = below(lines + 1); came > 0; came--)
				add_line(list, &has, below(KINDS));
		}
		if (gone > 0)
			gone--;
		else
			add_line(list, &has, kind);
	}
}

static void
assert_as_sets(const struct buf *old, const struct buf *list)
{
	OWNED(line_set_clear) struct line_set before = LINE_SET_INIT;
	OWNED_BUF struct buf wanted = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct patterns_walk walk = patterns_walk(list->data, list->len);
	struct patterns_line line;

	assert_int_equal(
	    line_set_add_patterns(&before, old->data, old->len, &f), 0);
	while (patterns_next(&walk, &line)) {
		if (line_set_has(&before, line.text, line.size))
			continue;
		assert_int_equal(buf_add(&wanted, line.text, line.size, &f), 0);
		assert_int_equal(buf_add_text(&wanted, "\n", &f), 0);
	}
	assert_int_equal(came_patterns(old, list, &out, &f), 0);
	assert_string_equal(out.data, wanted.data);
}

static void
it_finds_what_sets_of_all_lines_find(void **state)
{
	(void)state;
	for (seed = 1; seed < 60; seed++) {
		OWNED(line_set_clear) struct line_set has = LINE_SET_INIT;
		OWNED_BUF struct buf old = BUF_INIT(BUF_ANY);
		OWNED_BUF struct buf list = BUF_INIT(BUF_ANY);
		uint32_t was = seed, i;

		for (i = 0; i < LINES; i++)
			add_line(&old, &has, below(KINDS));
		change(&old, 1 + was % 20, 1 + was % 40, &list);
		assert_as_sets(&old, &list);
		assert_as_sets(&list, &old);
		seed = was;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_older_list_has_did_not_come),
		cmocka_unit_test(a_line_end_that_lacks_makes_no_new_pattern),
		cmocka_unit_test(what_moved_did_not_come),
		cmocka_unit_test(comments_and_blanks_are_no_part_of_a_pattern),
		cmocka_unit_test(each_comes_once),
		cmocka_unit_test(it_finds_what_sets_of_all_lines_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
