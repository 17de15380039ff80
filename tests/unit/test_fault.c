#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/fault.h"

static void
context_goes_in_front_and_controls_are_harmless(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(
	    fault_set(&f, FAULT_FORMAT, "name 'a\x1b[31m\xc2\x9b'"), -1);
	assert_int_equal(fault_within(&f, "feed '%s'", "x\n"), -1);
	assert_string_equal(f.text,
	    "feed 'x?': name 'a?[31m?"
	    "?'");
	assert_int_equal(f.kind, FAULT_FORMAT);
}

static void
long_text_is_cut_between_characters(void **state)
{
	struct fault f = { 0 };
	char text[2 * FAULT_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2); /* é */
	text[i] = '\0';
	(void)fault_set(&f, FAULT_FORMAT, "%s", text);
	assert_true(strlen(f.text) % 2 == 0);
	assert_true(strlen(f.text) > FAULT_TEXT_MAX - 4);
}

static void
a_fault_may_quote_itself(void **state)
{
	struct fault f = { 0 };

	(void)state;
	(void)fault_set(&f, FAULT_FORMAT, "inner");
	(void)fault_set(&f, FAULT_LIMIT, "again %s", f.text);
	assert_string_equal(f.text, "again inner");
	(void)fault_within(&f, "%s", f.text);
	assert_string_equal(f.text, "again inner: again inner");
	assert_int_equal(f.kind, FAULT_LIMIT);
	(void)fault_system(&f, 2, "%s", f.text);
	assert_string_equal(f.text,
	    "again inner: again inner: No such file or directory");
}

static void
the_more_serious_status_wins(void **state)
{
	static const int order[] = { 70, 4, 6, 2, 5, 3, 7, 0 };
	size_t i, j;

	(void)state;
	for (i = 0; i < 8; i++)
		for (j = 0; j < 8; j++)
			assert_int_equal(exit_worse(order[i], order[j]),
			    order[i < j ? i : j]);
}

static void
every_kind_has_its_status(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(fault_exit(&f), 0);
	(void)fault_set(&f, FAULT_UNSIGNED, "x");
	assert_int_equal(fault_exit(&f), 4);
	(void)fault_set(&f, FAULT_NETWORK, "x");
	assert_int_equal(fault_exit(&f), 3);
	(void)fault_system(&f, 28, "x");
	assert_int_equal(fault_exit(&f), 6);
	(void)fault_set(&f, FAULT_BUG, "x");
	assert_int_equal(fault_exit(&f), 70);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    context_goes_in_front_and_controls_are_harmless),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(a_fault_may_quote_itself),
		cmocka_unit_test(the_more_serious_status_wins),
		cmocka_unit_test(every_kind_has_its_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
