#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/fault.h"
#include "base/log.h"
#include "tests/support/libscratch.h"

static int saved = -1;

/* From here on stderr is a file. */
static void
catch_stderr(void)
{
	int fd = open(scratch_path("err"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd > 2);
	saved = dup(2);
	assert_int_equal(dup2(fd, 2), 2);
	(void)close(fd);
}

static char *
caught(void)
{
	assert_int_equal(dup2(saved, 2), 2);
	(void)close(saved);
	return scratch_read("err");
}

static void
say_all(void)
{
	log_error("e %d", 1);
	log_warn("w");
	log_note("n");
	log_detail("d");
}

static void
verbosity_chooses_the_lines(void **state)
{
	static const char *const want[] = { "p: e 1\np: warning: w\n",
		"p: e 1\np: warning: w\np: n\n",
		"p: e 1\np: warning: w\np: n\np: d\n" };
	int v;

	(void)state;
	(void)unsetenv("JOURNAL_STREAM");
	for (v = LOG_QUIET; v <= LOG_VERBOSE; v++) {
		char *got;

		catch_stderr();
		log_start("p", v);
		say_all();
		got = caught();
		assert_string_equal(got, want[v - LOG_QUIET]);
		free(got);
	}
}

static void
the_journal_gets_priorities(void **state)
{
	char stream[64], *got;
	struct stat st;

	(void)state;
	catch_stderr();
	assert_int_equal(fstat(2, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
	log_start("p", LOG_VERBOSE);
	say_all();
	(void)unsetenv("JOURNAL_STREAM");
	got = caught();
	assert_string_equal(got,
	    "<3>p: e 1\n<4>p: warning: w\n<6>p: n\n<7>p: d\n");
	free(got);
}

static void
a_redirected_stderr_is_not_the_journal(void **state)
{
	char *got;

	(void)state;
	catch_stderr();
	(void)setenv("JOURNAL_STREAM", "8:12345678901", 1);
	log_start("p", LOG_NORMAL);
	log_error("e");
	(void)unsetenv("JOURNAL_STREAM");
	got = caught();
	assert_string_equal(got, "p: e\n");
	free(got);
}

static void
strangers_text_makes_one_harmless_line(void **state)
{
	char *got;

	(void)state;
	catch_stderr();
	log_start("p", LOG_NORMAL);
	log_warn("title '%s'", "a\nb\x1b[31m\xc2\x9b");
	got = caught();
	assert_string_equal(got,
	    "p: warning: title 'a?b?[31m?"
	    "?'\n");
	free(got);
}

static void
long_text_is_cut_and_still_ends_its_line(void **state)
{
	char text[8192], *got;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	catch_stderr();
	log_start("p", LOG_NORMAL);
	log_error("%s", text);
	got = caught();
	assert_in_range(strlen(got), 1024, sizeof(text) - 2);
	assert_int_equal(got[strlen(got) - 1], '\n');
	free(got);
}

static void
a_fault_is_a_line_and_no_fault_is_none(void **state)
{
	struct fault f = { 0 };
	char *got;

	(void)state;
	catch_stderr();
	log_start("p", LOG_QUIET);
	log_fault(&f);
	(void)fault_set(&f, FAULT_CONFIG, "100%% wrong");
	log_fault(&f);
	got = caught();
	assert_string_equal(got, "p: 100% wrong\n");
	free(got);
}

static void
a_file_gets_no_status_line(void **state)
{
	char *got;

	(void)state;
	catch_stderr();
	(void)setenv("TERM", "xterm", 1);
	log_start("p", LOG_NORMAL);
	assert_false(log_is_live());
	log_status("50 %");
	log_status(NULL);
	got = caught();
	assert_string_equal(got, "");
	free(got);
}

static void
closed_standard_descriptors_are_taken(void **state)
{
	int in = dup(0), out = dup(1), i;

	(void)state;
	catch_stderr();
	for (i = 0; i <= 2; i++)
		(void)close(i);
	log_start("p", LOG_NORMAL);
	for (i = 0; i <= 2; i++)
		assert_int_not_equal(fcntl(i, F_GETFD), -1);
	/* What is lost is at least noticed. */
	assert_int_equal(write(1, "x", 1), -1);
	(void)dup2(in, 0);
	(void)dup2(out, 1);
	(void)close(in);
	(void)close(out);
	free(caught());
}

#define TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(verbosity_chooses_the_lines),
		TEST(the_journal_gets_priorities),
		TEST(a_redirected_stderr_is_not_the_journal),
		TEST(strangers_text_makes_one_harmless_line),
		TEST(long_text_is_cut_and_still_ends_its_line),
		TEST(a_fault_is_a_line_and_no_fault_is_none),
		TEST(a_file_gets_no_status_line),
		TEST(closed_standard_descriptors_are_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
