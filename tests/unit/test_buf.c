#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"

static void
an_empty_buffer_is_an_empty_string(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(10);
	struct fault f = { 0 };
	char *taken;

	(void)state;
	assert_string_equal(b.data, "");
	buf_reset(&b);
	buf_cut(&b, 0);
	buf_end(&b);
	assert_int_equal(buf_add(&b, NULL, 0, &f), 0);
	assert_int_equal(buf_format(&b, &f, "%s", ""), 0);
	assert_string_equal(b.data, "");
	taken = buf_take(&b);
	assert_string_equal(taken, "");
	free(taken);
	buf_clear(&b);
	buf_clear(&b);
}

static void
bytes_are_added_and_end_in_nul(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(100);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(buf_add(&b, "a\0b", 3, &f), 0);
	assert_int_equal(b.len, 3);
	assert_int_equal(buf_add_text(&b, "cd", &f), 0);
	assert_int_equal(buf_format(&b, &f, "-%d-%s", 7, "x"), 0);
	assert_memory_equal(b.data, "a\0bcd-7-x", 10);
	assert_int_equal(b.len, 9);
	buf_cut(&b, 100);
	assert_int_equal(b.len, 9);
	buf_cut(&b, 1);
	assert_string_equal(b.data, "a");
}

static void
the_limit_is_exact_and_leaves_the_buffer(void **state)
{
	size_t max;

	(void)state;
	for (max = 0; max < 200; max++) {
		OWNED_BUF struct buf b = BUF_INIT(max);
		struct fault f = { 0 };
		size_t i;

		for (i = 0; i < max; i++)
			assert_int_equal(buf_add(&b, "x", 1, &f), 0);
		assert_int_equal(buf_add(&b, "y", 1, &f), -1);
		assert_int_equal(f.kind, FAULT_LIMIT);
		assert_int_equal(buf_format(&b, &f, "%s", "zz"), -1);
		assert_int_equal(buf_reserve(&b, SIZE_MAX, &f), -1);
		assert_int_equal(b.len, max);
		assert_int_equal(strlen(b.data), max);
		assert_int_equal(strspn(b.data, "x"), max);
	}
}

static void
memory_that_is_not_there_is_a_fault(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(buf_add_text(&b, "kept", &f), 0);
	/* What AddressSanitizer would rather report than refuse. */
#if !defined(__SANITIZE_ADDRESS__)
	assert_int_equal(buf_reserve(&b, BUF_ANY - 4, &f), -1);
	assert_int_equal(f.kind, FAULT_MEMORY);
#endif
	assert_string_equal(b.data, "kept");
}

static void
room_can_be_filled_by_hand(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(1000);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(buf_reserve(&b, 1000, &f), 0);
	memset(b.data, 'z', 1000);
	b.len = 1000;
	buf_end(&b);
	assert_int_equal(strlen(b.data), 1000);
	buf_reset(&b);
	assert_string_equal(b.data, "");
	assert_true(b.cap > 1000);
}

static void
taken_text_is_the_callers_and_the_buffer_starts_anew(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(5);
	struct fault f = { 0 };
	char *taken;

	(void)state;
	assert_int_equal(buf_add_text(&b, "12345", &f), 0);
	taken = buf_take(&b);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_add_text(&b, "abc", &f), 0);
	assert_string_equal(taken, "12345");
	assert_string_equal(b.data, "abc");
	assert_int_equal(buf_add_text(&b, "def", &f), -1);
	free(taken);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_string),
		cmocka_unit_test(bytes_are_added_and_end_in_nul),
		cmocka_unit_test(the_limit_is_exact_and_leaves_the_buffer),
		cmocka_unit_test(memory_that_is_not_there_is_a_fault),
		cmocka_unit_test(room_can_be_filled_by_hand),
		cmocka_unit_test(
		    taken_text_is_the_callers_and_the_buffer_starts_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
