#include <langinfo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/locale.h"
#include "base/map.h"

static char pages[3 * 65536];

static int
file_of(const char *bytes, size_t n)
{
	struct fault f = { 0 };
	int fd;

	assert_int_equal(file_memory("test", &fd, &f), 0);
	assert_int_equal(file_write(fd, bytes, n, &f), 0);
	return fd;
}

static void
any_part_of_a_file_can_be_mapped(void **state)
{
	static const int64_t places[] = { 0, 1, 4095, 4096, 4097, 65536, 100000,
		sizeof(pages) - 1, sizeof(pages) };
	OWNED_FD int fd = -1;
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pages); i++)
		pages[i] = (char)(i * 31 >> 3);
	fd = file_of(pages, sizeof(pages));
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int64_t rest = (int64_t)sizeof(pages) - places[i];
		OWNED(map_close) struct map m = MAP_NONE;

		assert_int_equal(map_open(fd, places[i], rest, &m, &f), 0);
		assert_int_equal(m.size, rest);
		assert_memory_equal(m.bytes, pages + places[i], m.size);
	}
}

static void
nothing_can_be_mapped(void **state)
{
	OWNED_FD int fd = file_of("", 0);
	OWNED(map_close) struct map m = MAP_NONE;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(map_open(fd, 0, 0, &m, &f), 0);
	assert_non_null(m.bytes);
	assert_int_equal(m.size, 0);
}

static void
a_file_that_is_too_short_is_refused(void **state)
{
	OWNED_FD int fd = file_of("abc", 3);
	OWNED(map_close) struct map m = MAP_NONE;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(map_open(fd, 0, 4, &m, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(map_open(fd, 2, 2, &m, &f), -1);
	assert_int_equal(map_open(fd, 4, 0, &m, &f), -1);
	assert_int_equal(map_open(fd, 1, INT64_MAX, &m, &f), -1);
	assert_int_equal(map_open(fd, -1, 1, &m, &f), -1);
	assert_int_equal(map_open(-1, 0, 1, &m, &f), -1);
}

static void
names_are_utf8_for_a_while(void **state)
{
	OWNED_MEM char *codeset = strdup(nl_langinfo(CODESET));
	struct fault f = { 0 };

	(void)state;
	assert_string_not_equal(codeset, "UTF-8"); /* as under cron */
	{
		OWNED(locale_leave) locale_t before = LOCALE_NONE;

		assert_int_equal(locale_enter(&before, &f), 0);
		assert_string_equal(nl_langinfo(CODESET), "UTF-8");
	}
	assert_string_equal(nl_langinfo(CODESET), codeset);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_part_of_a_file_can_be_mapped),
		cmocka_unit_test(nothing_can_be_mapped),
		cmocka_unit_test(a_file_that_is_too_short_is_refused),
		cmocka_unit_test(names_are_utf8_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
