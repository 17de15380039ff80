#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/child.h"
#include "base/file.h"
#include "tests/support/libscratch.h"

/* A plan that runs a line of shell. */
#define SHELL(line) \
	{ \
		.argv = (const char *const[]) \
		{ \
			"sh", "-c", line, NULL \
		} \
	}

static int
out_file(const char *name)
{
	int fd = open(scratch_path(name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	return fd;
}

static void
run(const struct child_plan *plan, struct child_end *end)
{
	struct fault f = { 0 };
	int rc = child_run(plan, end, &f);

	assert_string_equal(f.text, "");
	assert_int_equal(rc, 0);
}

static void
status_and_signal_are_told_apart(void **state)
{
	struct child_plan plan = SHELL("exit 3");
	struct child_plan killed = SHELL("kill -SEGV $$");
	struct child_end end;
	char text[CHILD_TEXT];

	(void)state;
	run(&plan, &end);
	assert_int_equal(end.how, CHILD_EXITED);
	assert_int_equal(end.number, 3);
	child_text(&end, text);
	assert_string_equal(text, "exit status 3");
	run(&killed, &end);
	assert_int_equal(end.how, CHILD_SIGNALED);
	assert_int_equal(end.number, SIGSEGV);
	child_text(&end, text);
	assert_string_equal(text, "killed by signal 11 (Segmentation fault)");
}

static void
a_program_that_is_missing_is_told_at_once(void **state)
{
	static const char *const none[] = { "/nonexistent/x", NULL };
	static const char *const unfit[] = { "/dev/null", NULL };
	struct child_plan plan = { .argv = none };
	struct child_end end;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(child_run(&plan, &end, &f), -1);
	assert_string_equal(f.text,
	    "cannot run '/nonexistent/x': No such file or directory");
	assert_int_equal(f.sys, ENOENT);
	plan.argv = unfit;
	assert_int_equal(child_run(&plan, &end, &f), -1);
	assert_string_equal(f.text,
	    "cannot run '/dev/null': Permission denied");
	/* No zombie is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
arguments_pass_no_shell(void **state)
{
	static const char *const argv[] = { "printf", "[%s]", "a b", "$HOME;*",
		"", NULL };
	OWNED_FD int fd = out_file("out");
	struct child_plan plan = { .argv = argv, .out = fd };
	struct child_end end;
	char *got;

	(void)state;
	run(&plan, &end);
	got = scratch_read("out");
	assert_string_equal(got, "[a b][$HOME;*][]");
	free(got);
}

static void
stdin_is_given_or_empty(void **state)
{
	OWNED_FD int out = out_file("out");
	OWNED_FD int in = -1;
	struct child_plan plan = SHELL("cat; echo end");
	struct child_end end;
	char *got;

	(void)state;
	scratch_write("in", "text\n");
	in = open(scratch_path("in"), O_RDONLY | O_CLOEXEC);
	plan.out = out;
	run(&plan, &end);
	plan.in = in;
	run(&plan, &end);
	got = scratch_read("out");
	assert_string_equal(got, "end\ntext\nend\n");
	free(got);
}

static void
only_what_is_handed_over_is_open(void **state)
{
	OWNED_FD int out = out_file("out");
	/* Not close-on-exec: a careless library's. */
	OWNED_FD int leak = open("/dev/null", O_RDONLY);
	OWNED_FD int a = out_file("a");
	OWNED_FD int b = out_file("b");
	/* Crossed: each takes the other's number. */
	const struct child_fd fds[] = { { a, b }, { b, a } };
	struct child_plan plan =
	    SHELL("ls /proc/$$/fd; echo to-b >&$1; echo to-a >&$2");
	struct child_end end;
	char number[2][16], want[128], *got;
	const char *argv[7] = { "sh", "-c", plan.argv[2], "sh", number[0],
		number[1], NULL };

	(void)state;
	assert_int_not_equal(leak, -1);
	(void)snprintf(number[0], sizeof(number[0]), "%d", a);
	(void)snprintf(number[1], sizeof(number[1]), "%d", b);
	plan.argv = argv;
	plan.out = out;
	plan.fds = fds;
	plan.fd_count = 2;
	run(&plan, &end);
	assert_int_equal(end.number, 0);
	(void)snprintf(want, sizeof(want), "0\n1\n2\n%d\n%d\n", a < b ? a : b,
	    a < b ? b : a);
	got = scratch_read("out");
	assert_string_equal(got, want);
	free(got);
	got = scratch_read("b");
	assert_string_equal(got, "to-b\n");
	free(got);
	got = scratch_read("a");
	assert_string_equal(got, "to-a\n");
	free(got);
}

static void
the_environment_is_added_to_and_replaced(void **state)
{
	static const char *const more[] = { "WC_B=new", "WC_C=c=d", NULL };
	OWNED_FD int out = out_file("out");
	struct child_plan plan = SHELL("echo $WC_A $WC_B $WC_C; env | grep -c "
				       "^WC_B=");
	struct child_end end;
	char *got;

	(void)state;
	(void)setenv("WC_A", "a", 1);
	(void)setenv("WC_B", "old", 1);
	plan.environment = more;
	plan.out = out;
	run(&plan, &end);
	got = scratch_read("out");
	assert_string_equal(got, "a new c=d\n1\n");
	free(got);
	assert_string_equal(getenv("WC_B"), "old");
}

static void
signals_are_as_usual_in_the_child(void **state)
{
	/* A shell cannot trap what was ignored when it began. */
	struct child_plan plan =
	    SHELL("trap 'exit 9' PIPE TERM; kill -PIPE $$");
	struct child_end end;

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	run(&plan, &end);
	assert_int_equal(end.number, 9);
}

static void
time_is_up_for_all_that_it_started(void **state)
{
	/* The shell ignores the gentle word, and so does what it starts. */
	struct child_plan plan = SHELL("trap '' TERM; sleep 100 & echo $!; "
				       "wait; sleep 100");
	struct child_end end;
	OWNED_FD int out = out_file("out");
	char text[CHILD_TEXT], *got;
	int i;

	(void)state;
	/* It is ours to collect what is orphaned. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	plan.out = out;
	plan.seconds = 1;
	run(&plan, &end);
	assert_int_equal(end.how, CHILD_TIMEOUT);
	child_text(&end, text);
	assert_string_equal(text, "stopped after 1 seconds");
	got = scratch_read("out");
	i = (int)strtol(got, NULL, 10);
	assert_true(i > 1);
	free(got);
	/* It was killed with the shell: it ends without our doing. */
	assert_int_equal(waitpid(i, &i, 0) > 0, 1);
	assert_true(WIFSIGNALED(i));
	assert_int_equal(WTERMSIG(i), SIGKILL);
}

static void
a_gentle_word_is_enough_for_most(void **state)
{
	struct child_plan plan = SHELL("trap 'echo bye; exit 0' TERM; "
				       "while :; do sleep 0.05; done");
	OWNED_FD int out = out_file("out");
	struct child_end end;
	char *got;

	(void)state;
	plan.out = out;
	plan.seconds = 1;
	run(&plan, &end);
	assert_int_equal(end.how, CHILD_TIMEOUT);
	got = scratch_read("out");
	assert_string_equal(got, "bye\n");
	free(got);
}

static void
a_child_that_is_not_wanted_is_killed(void **state)
{
	struct child_plan plan = SHELL("sleep 100");
	struct fault f = { 0 };
	struct child c;
	pid_t pid;

	(void)state;
	assert_int_equal(child_start(&plan, &c, &f), 0);
	pid = c.pid;
	child_kill(&c);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	child_kill(&c);
}

static void
a_child_ends_with_its_parent(void **state)
{
	int ends[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct child_plan plan = SHELL("sleep 100");
		struct fault f = { 0 };
		struct child c;

		plan.out = ends[1];
		if (child_start(&plan, &c, &f) == -1)
			_exit(1);
		_exit(0);
	}
	(void)close(ends[1]);
	assert_int_equal(waitpid(pid, &(int){ 0 }, 0), pid);
	/* The other end closes when the orphan is gone. */
	assert_int_equal(read(ends[0], &byte, 1), 0);
	(void)close(ends[0]);
}

static void
a_hook_is_fine_or_named(void **state)
{
	OWNED_WORDS struct words hook = WORDS_INIT;
	static const char *const feed[] = { "WIKICAST_FEED=x", NULL };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(child_hook(&hook, NULL, 0, &f), 0);
	assert_int_equal(
	    words_split("sh -c \"test x$WIKICAST_FEED = xx\"", &hook, &f), 0);
	assert_int_equal(child_hook(&hook, feed, 0, &f), 0);
	assert_int_equal(child_hook(&hook, NULL, 0, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_string_equal(f.text, "hook 'sh' failed: exit status 1");
	words_clear(&hook);
	assert_int_equal(words_split("/nonexistent/hook x", &hook, &f), 0);
	assert_int_equal(child_hook(&hook, NULL, 0, &f), -1);
	assert_string_equal(f.text,
	    "hook: cannot run '/nonexistent/hook': No "
	    "such file or directory");
	words_clear(&hook);
	assert_int_equal(words_split("sleep 100", &hook, &f), 0);
	assert_int_equal(child_hook(&hook, NULL, 1, &f), -1);
	assert_string_equal(f.text,
	    "hook 'sleep' failed: stopped after 1 "
	    "seconds");
}

#define FILES(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_and_signal_are_told_apart),
		cmocka_unit_test(a_program_that_is_missing_is_told_at_once),
		FILES(arguments_pass_no_shell),
		FILES(stdin_is_given_or_empty),
		FILES(only_what_is_handed_over_is_open),
		FILES(the_environment_is_added_to_and_replaced),
		cmocka_unit_test(signals_are_as_usual_in_the_child),
		FILES(time_is_up_for_all_that_it_started),
		FILES(a_gentle_word_is_enough_for_most),
		cmocka_unit_test(a_child_that_is_not_wanted_is_killed),
		cmocka_unit_test(a_child_ends_with_its_parent),
		cmocka_unit_test(a_hook_is_fine_or_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
