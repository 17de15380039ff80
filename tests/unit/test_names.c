/*
 * Names in the order of tar paths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "wiki/names.h"

static struct fault f;

static void
fill(struct names *n, const char *letters, const char *const *names)
{
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		assert_int_equal(
		    names_add(n, letters[i], names[i], strlen(names[i]), &f),
		    0);
	assert_int_equal(names_sort(n, &f), 0);
}

/* One after another, and each by its place. */
static void
assert_order(struct names *n, const char *const *want)
{
	const char *name;
	size_t i;

	for (i = 0; want[i] != NULL; i++) {
		assert_string_equal(names_get(n, i), want[i]);
		name = names_next(n);
		assert_non_null(name);
		assert_string_equal(name, want[i]);
	}
	assert_int_equal(n->count, i);
	assert_null(names_next(n));
}

static void
pages_come_in_the_order_of_their_paths(void **state)
{
	static const char *const in[] = { "B", "A", "A b", "A0", "\xc3\x84",
		"A!", NULL };
	static const char *const out[] = { "pA b", "pA!", "pA", "pA0", "pB",
		"p\xc3\x84", NULL };
	OWNED_NAMES struct names n = NAMES_INIT('/');

	(void)state;
	fill(&n, "pppppp", in);
	assert_order(&n, out);
}

static void
files_come_in_the_order_of_their_names(void **state)
{
	static const char *const in[] = { "B", "A b", "A", NULL };
	static const char *const out[] = { "fA", "fA b", "fB", NULL };
	OWNED_NAMES struct names n = NAMES_INIT('\0');

	(void)state;
	fill(&n, "fff", in);
	assert_order(&n, out);
}

static void
the_letter_orders_equal_names(void **state)
{
	static const char *const in[] = { "A", "A", "A", NULL };
	static const char *const out[] = { "aA", "bA", "cA", NULL };
	OWNED_NAMES struct names n = NAMES_INIT('/');

	(void)state;
	fill(&n, "cab", in);
	assert_order(&n, out);
}

static void
names_can_be_filled_again(void **state)
{
	static const char *const first[] = { "x", "y", NULL };
	static const char *const none[] = { NULL };
	static const char *const second[] = { "b", "a", NULL };
	static const char *const out[] = { "pa", "pb", NULL };
	OWNED_NAMES struct names n = NAMES_INIT('/');

	(void)state;
	fill(&n, "pp", first);
	names_clear(&n);
	fill(&n, "", none);
	assert_order(&n, none);
	fill(&n, "pp", second);
	assert_order(&n, out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_come_in_the_order_of_their_paths),
		cmocka_unit_test(files_come_in_the_order_of_their_names),
		cmocka_unit_test(the_letter_orders_equal_names),
		cmocka_unit_test(names_can_be_filled_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
