#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/report.h"
#include "tests/support/libscratch.h"

static int
out_file(void)
{
	int fd = open(scratch_path("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	return fd;
}

static void
mirror(struct report *r, const char *url, int64_t serial, int64_t seen)
{
	struct fault f = { 0 };

	report_row(r, "mirror");
	report_text(r, "url", url);
	report_number(r, "serial", serial);
	report_time(r, "seen_at", seen);
	report_bool(r, "whole", serial > 1);
	assert_int_equal(report_row_end(r, &f), 0);
}

static void
fill(struct report *r)
{
	OWNED_WORDS struct words w = WORDS_INIT;
	struct fault f = { 0 };

	assert_int_equal(words_add(&w, "A \xe2\x80\xae", &f), 0);
	assert_int_equal(words_add(&w, "B", &f), 0);
	assert_int_equal(report_say(r, &f, "feed '%s'", "\x1bx"), 0);
	mirror(r, "https://a.example/", 7, 0);
	mirror(r, "\xc3\xa9\xe2\x82\xac", 12345, -1);
	mirror(r, "a\x1b[31m\"\\\n\xff", -1, 86400);
	report_row(r, "key");
	report_null(r, "name");
	report_words(r, "signers", &w);
	assert_int_equal(report_row_end(r, &f), 0);
	report_row(r, "key");
	report_text(r, "name", NULL);
	words_clear(&w);
	report_words(r, "signers", &w);
	assert_int_equal(report_row_end(r, &f), 0);
	assert_int_equal(report_say(r, &f, "done"), 0);
	assert_int_equal(report_end(r, &f), 0);
}

static char *
result(bool json)
{
	OWNED(report_free) struct report *r = NULL;
	struct fault f = { 0 };
	OWNED_FD int fd = out_file();

	assert_int_equal(report_start(json, fd, &r, &f), 0);
	fill(r);
	return scratch_read("out");
}

static void
rows_of_one_type_make_an_aligned_table(void **state)
{
	char *got = result(false);

	(void)state;
	assert_string_equal(got,
	    "feed '?x'\n"
	    "\n"
	    "URL                 SERIAL  SEEN AT               WHOLE\n"
	    "https://a.example/       7  1970-01-01T00:00:00Z  yes\n"
	    "\xc3\xa9\xe2\x82\xac                   12345  -                     yes\n"
	    "a?[31m\"\\??              -1  1970-01-02T00:00:00Z  no\n"
	    "\n"
	    "NAME  SIGNERS\n"
	    "-     A ??"
	    "? B\n"
	    "-     -\n"
	    "done\n");
	free(got);
}

static void
json_has_one_object_a_line(void **state)
{
	char *got = result(true);

	(void)state;
	assert_string_equal(got,
	    "{\"v\":1,\"type\":\"mirror\",\"url\":\"https://a.example/\","
	    "\"serial\":7,\"seen_at\":\"1970-01-01T00:00:00Z\","
	    "\"whole\":true}\n"
	    "{\"v\":1,\"type\":\"mirror\",\"url\":\"\xc3\xa9\xe2\x82\xac\","
	    "\"serial\":12345,\"seen_at\":null,\"whole\":true}\n"
	    "{\"v\":1,\"type\":\"mirror\",\"url\":"
	    "\"a\\u001B[31m\\\"\\\\\\n?\",\"serial\":-1,"
	    "\"seen_at\":\"1970-01-02T00:00:00Z\",\"whole\":false}\n"
	    "{\"v\":1,\"type\":\"key\",\"name\":null,"
	    "\"signers\":[\"A \\u202E\",\"B\"]}\n"
	    "{\"v\":1,\"type\":\"key\",\"name\":null,\"signers\":[]}\n");
	free(got);
}

static void
json_keeps_numbers_exact(void **state)
{
	OWNED(report_free) struct report *r = NULL;
	struct fault f = { 0 };
	OWNED_FD int fd = out_file();
	char *got;

	(void)state;
	assert_int_equal(report_start(true, fd, &r, &f), 0);
	report_row(r, "n");
	report_number(r, "a", INT64_MAX);
	report_number(r, "b", INT64_MIN);
	assert_int_equal(report_row_end(r, &f), 0);
	got = scratch_read("out");
	assert_string_equal(got,
	    "{\"v\":1,\"type\":\"n\","
	    "\"a\":9223372036854775807,\"b\":-9223372036854775808}\n");
	free(got);
}

static void
no_rows_give_no_output(void **state)
{
	OWNED(report_free) struct report *r = NULL;
	struct fault f = { 0 };
	OWNED_FD int fd = out_file();
	char *got;

	(void)state;
	assert_int_equal(report_start(false, fd, &r, &f), 0);
	assert_int_equal(report_end(r, &f), 0);
	got = scratch_read("out");
	assert_string_equal(got, "");
	free(got);
}

static void
a_full_disk_is_told_at_the_end_of_the_row_or_table(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		OWNED(report_free) struct report *r = NULL;
		OWNED_FD int fd = open("/dev/full", O_WRONLY);
		struct fault f = { 0 };

		assert_int_equal(report_start(i == 1, fd, &r, &f), 0);
		report_row(r, "x");
		report_text(r, "a", "b");
		if (i == 1) {
			assert_int_equal(report_row_end(r, &f), -1);
		} else {
			assert_int_equal(report_row_end(r, &f), 0);
			assert_int_equal(report_end(r, &f), -1);
		}
		assert_int_equal(f.kind, FAULT_SYSTEM);
		assert_string_equal(f.text,
		    "results: cannot write: No space left on device");
	}
}

static void
a_table_that_cannot_be_written_is_told_by_the_next_row(void **state)
{
	OWNED(report_free) struct report *r = NULL;
	OWNED_FD int fd = open("/dev/full", O_WRONLY);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(report_start(false, fd, &r, &f), 0);
	report_row(r, "x");
	report_text(r, "a", "b");
	assert_int_equal(report_row_end(r, &f), 0);
	report_row(r, "y");
	report_number(r, "c", 1);
	assert_int_equal(report_row_end(r, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(report_end(r, &f), -1);
}

static void
a_closed_pipe_is_a_fault(void **state)
{
	OWNED(report_free) struct report *r = NULL;
	struct fault f = { 0 };
	int ends[2];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	(void)close(ends[0]);
	assert_int_equal(report_start(true, ends[1], &r, &f), 0);
	report_row(r, "x");
	assert_int_equal(report_row_end(r, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	(void)close(ends[1]);
}

#define FILES(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FILES(rows_of_one_type_make_an_aligned_table),
		FILES(json_has_one_object_a_line),
		FILES(json_keeps_numbers_exact),
		FILES(no_rows_give_no_output),
		cmocka_unit_test(
		    a_full_disk_is_told_at_the_end_of_the_row_or_table),
		cmocka_unit_test(
		    a_table_that_cannot_be_written_is_told_by_the_next_row),
		cmocka_unit_test(a_closed_pipe_is_a_fault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
