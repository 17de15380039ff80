#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/sandbox.h"
#include "tests/support/libscratch.h"

#define UNABLE 77  /* this kernel lacks what is tested */
#define STRANGE 99 /* something that should have worked did not */

static int
files(void)
{
	unsigned int missing;
	struct fault f = { 0 };

	if (sandbox_files(&missing, &f) == -1)
		return STRANGE;
	return missing != 0 ? UNABLE : 0;
}

static int
calls(void)
{
	unsigned int missing;
	struct fault f = { 0 };

	if (sandbox_calls(&missing, &f) == -1)
		return STRANGE;
	return missing != 0 ? UNABLE : 0;
}

static int
both(void)
{
	unsigned int missing;
	struct fault f = { 0 };

	if (sandbox_enter(&missing, &f) == -1)
		return STRANGE;
	return missing != 0 ? UNABLE : 0;
}

/*
 * Run act() in a child that has entered; gives its wait status.  Skips the
 * test where entering is not possible.
 */
static int
inside(int (*enter)(void), int (*act)(void))
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		int rc = enter();

		_exit(rc != 0 ? rc : act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == UNABLE)
		skip();
	return status;
}

/* The child ended by itself: errno of what it tried, or 0 for success. */
static void
ends_with(int status, int error)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), error);
}

static void
is_killed(int status)
{
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* ---- what is tried ---- */

static int
open_for_reading(void)
{
	return open("/etc/passwd", O_RDONLY) == -1 ? errno : 0;
}

static int
create(void)
{
	return open(scratch_path("new"), O_WRONLY | O_CREAT, 0600) == -1 ?
	    errno :
	    0;
}

static int
remove_file(void)
{
	return unlink(scratch_path("old")) == -1 ? errno : 0;
}

static int
execute(void)
{
	char name[] = "true";
	char *argv[] = { name, NULL };

	(void)execve("/bin/true", argv, NULL);
	return errno;
}

static int
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) == -1 ? errno : 0;
}

static int
fork_again(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 ? errno : 0;
}

static int
signal_parent(void)
{
	return kill(getppid(), 0) == -1 ? errno : 0;
}

static int
look_at_path(void)
{
	struct stat st;

	return stat("/etc/passwd", &st) == -1 ? errno : 0;
}

static int
run_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
fail_an_assertion(void)
{
	abort();
}

/* All that a parser does. */
static int pair[2];
static int given = -1;

static int
parse(void)
{
	struct stat st;
	struct timespec t;
	struct rlimit l;
	char byte = 'x', text[64], *big = malloc(50 << 20);
	int *numbers = calloc(1 << 16, sizeof(*numbers));
	time_t clock = time(NULL);
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	if (big == NULL || numbers == NULL)
		return STRANGE;
	memset(big, 1, 50 << 20);
	big = realloc(big, 60 << 20);
	free(big);
	free(numbers);
	(void)clock;
	(void)snprintf(text, sizeof(text), "%.3f", 1.5);
	if (clock_gettime(CLOCK_MONOTONIC, &t) == -1 ||
	    fstat(given, &st) == -1 || pwrite(given, text, 5, 0) != 5 ||
	    lseek(given, 0, SEEK_SET) != 0 || read(given, text, 5) != 5 ||
	    ftruncate(given, 2) == -1 || fcntl(given, F_GETFL) == -1)
		return errno;
	if (sendmsg(pair[0], &m, 0) != 1 || recvmsg(pair[1], &m, 0) != 1)
		return errno;
	if (getentropy(text, 16) == -1 || isatty(given) == 1 ||
	    getrlimit(RLIMIT_STACK, &l) == -1 || usleep(1) == -1)
		return errno;
	/* Buffered output asks about its descriptor first. */
	if (fprintf(stdout, "%s", "") < 0 || fflush(stdout) == EOF)
		return errno;
	return close(pair[0]) == -1 ? errno : 0;
}

/* ---- tests ---- */

static void
landlock_alone_leaves_no_path(void **state)
{
	(void)state;
	scratch_write("old", "x");
	ends_with(inside(files, open_for_reading), EACCES);
	ends_with(inside(files, create), EACCES);
	ends_with(inside(files, remove_file), EACCES);
	ends_with(inside(files, execute), EACCES);
	assert_int_equal(access(scratch_path("old"), F_OK), 0);
	assert_int_equal(access(scratch_path("new"), F_OK), -1);
}

static void
seccomp_alone_hides_files_and_kills_for_the_rest(void **state)
{
	(void)state;
	scratch_write("old", "x");
	ends_with(inside(calls, open_for_reading), EACCES);
	ends_with(inside(calls, create), EACCES);
	ends_with(inside(calls, look_at_path), EACCES);
	ends_with(inside(calls, run_code), EPERM);
	is_killed(inside(calls, remove_file));
	is_killed(inside(calls, execute));
	is_killed(inside(calls, make_socket));
	is_killed(inside(calls, fork_again));
	is_killed(inside(calls, signal_parent));
	assert_int_equal(access(scratch_path("old"), F_OK), 0);
	assert_int_equal(access(scratch_path("new"), F_OK), -1);
}

static void
a_parser_can_work_inside(void **state)
{
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	given = open(scratch_path("given"), O_RDWR | O_CREAT, 0600);
	assert_int_not_equal(given, -1);
	ends_with(inside(both, parse), 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)close(given);
}

static void
an_assertion_still_aborts(void **state)
{
	int status;

	(void)state;
	status = inside(both, fail_an_assertion);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void
entering_succeeds_and_tells_what_is_missing(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		unsigned int missing = 99;
		struct fault f = { 0 };

		if (sandbox_enter(&missing, &f) == -1 || missing > 3)
			_exit(STRANGE);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ends_with(status, 0);
}

/* ---- limits ---- */

static int
limited(void)
{
	const struct sandbox_limits l = { .cpu_seconds = 1,
		.memory = (int64_t)256 << 20,
		.file_size = 1000 };
	struct fault f = { 0 };

	(void)signal(SIGXFSZ, SIG_IGN);
	return sandbox_limit(&l, &f) == -1 ? STRANGE : 0;
}

static int
swell(void)
{
	/* Under AddressSanitizer there is no such limit. */
#if defined(__SANITIZE_ADDRESS__)
	return ENOMEM;
#else
	void *volatile p = malloc((size_t)512 << 20);

	return p == NULL ? errno : 0;
#endif
}

static int
write_much(void)
{
	char block[800] = { 0 };

	if (pwrite(given, block, sizeof(block), 0) != sizeof(block))
		return STRANGE;
	return pwrite(given, block, sizeof(block), 1000) == -1 ? errno : 0;
}

static int
loop(void)
{
	while (getppid() >= 0)
		;
	return STRANGE;
}

static void
limits_stop_swelling_writing_and_looping(void **state)
{
	int status;

	(void)state;
	given = open(scratch_path("given"), O_RDWR | O_CREAT, 0600);
	ends_with(inside(limited, swell), ENOMEM);
	ends_with(inside(limited, write_much), EFBIG);
	status = inside(limited, loop);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGXCPU);
	assert_false(WCOREDUMP(status));
	(void)close(given);
}

static void
limits_never_rise(void **state)
{
	const struct sandbox_limits small = { .file_size = 100 };
	const struct sandbox_limits large = { .file_size = 100000 };
	struct fault f = { 0 };
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		int fd = open(scratch_path("f"), O_RDWR | O_CREAT, 0600);

		(void)signal(SIGXFSZ, SIG_IGN);
		if (sandbox_limit(&small, &f) == -1 ||
		    sandbox_limit(&large, &f) == -1)
			_exit(STRANGE);
		_exit(pwrite(fd, "x", 1, 200) == -1 ? errno : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ends_with(status, EFBIG);
}

#define FILES(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FILES(landlock_alone_leaves_no_path),
		FILES(seccomp_alone_hides_files_and_kills_for_the_rest),
		FILES(a_parser_can_work_inside),
		cmocka_unit_test(an_assertion_still_aborts),
		cmocka_unit_test(entering_succeeds_and_tells_what_is_missing),
		FILES(limits_stop_swelling_writing_and_looping),
		FILES(limits_never_rise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
