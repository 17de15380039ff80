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
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "tests/support/libscratch.h"

static void
has(const char *name, const char *want)
{
	char *got = scratch_read(name);

	assert_string_equal(got, want);
	free(got);
}

static void
link_to(const char *target, const char *name)
{
	assert_int_equal(symlink(target, scratch_path(name)), 0);
}

/* ---- reading ---- */

static void
a_file_is_read_whole_or_said_to_be_missing(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(10);
	struct fault f = { 0 };
	bool have;

	(void)state;
	scratch_write("sub/f", "0123456789");
	scratch_write("empty", "");
	assert_int_equal(file_read(scratch_fd, "sub/f", &b, &have, &f), 0);
	assert_true(have);
	assert_string_equal(b.data, "0123456789");
	assert_int_equal(file_read(scratch_fd, "empty", &b, &have, &f), 0);
	assert_true(have);
	assert_int_equal(b.len, 10);
	assert_int_equal(file_read(scratch_fd, "none", &b, &have, &f), 0);
	assert_false(have);
	assert_int_equal(file_read(scratch_fd, "none/f", &b, &have, &f), 0);
	assert_false(have);
}

static void
a_file_above_the_limit_is_refused_and_leaves_the_buffer(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(13);
	struct fault f = { 0 };
	bool have;

	(void)state;
	scratch_write("f", "0123456789");
	assert_int_equal(buf_add_text(&b, "kept", &f), 0);
	assert_int_equal(file_read(scratch_fd, "f", &b, &have, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_string_equal(f.text, "'f': more than 13 bytes");
	assert_string_equal(b.data, "kept");
}

static void
files_that_hide_their_size_are_read_and_limited_too(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(100000);
	OWNED_BUF struct buf small = BUF_INIT(3);
	struct fault f = { 0 };
	bool have;

	(void)state;
	if (access("/proc/self/status", R_OK) == -1)
		skip();
	assert_int_equal(
	    file_read(AT_FDCWD, "/proc/self/status", &b, &have, &f), 0);
	assert_non_null(strstr(b.data, "PPid:"));
	assert_int_equal(
	    file_read(AT_FDCWD, "/proc/self/status", &small, &have, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(small.len, 0);
}

static void
what_is_no_regular_file_is_refused_at_once(void **state)
{
	struct fault f = { 0 };
	bool have;
	int fd = -1;

	(void)state;
	scratch_write("real", "x");
	scratch_write("dir/f", "x");
	link_to("real", "link");
	link_to("nowhere", "dangling");
	link_to("dir", "dirlink");
	/* Without a reader or writer, this would wait for ever. */
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(file_open(scratch_fd, "fifo", &fd, &have, &f), -1);
	assert_string_equal(f.text, "'fifo' is not a regular file");
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(file_open(scratch_fd, "dir", &fd, &have, &f), -1);
	assert_int_equal(file_open(scratch_fd, "link", &fd, &have, &f), -1);
	assert_string_equal(f.text, "'link' is a symbolic link");
	assert_int_equal(file_open(scratch_fd, "dangling", &fd, &have, &f), -1);
	assert_int_equal(fd, -1);
	assert_int_equal(file_open(scratch_fd, "dirlink/f", &fd, &have, &f), 0);
	assert_true(have);
	(void)close(fd);
}

static void
parts_of_a_descriptor_are_exact(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(100);
	OWNED_FD int fd = -1;
	struct fault f = { 0 };

	(void)state;
	scratch_write("f", "0123456789");
	fd = open(scratch_path("f"), O_RDONLY);
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	assert_int_equal(file_read_part(fd, 2, 3, &b, &f), 0);
	assert_string_equal(b.data, "234");
	assert_int_equal(file_read_part(fd, 8, 3, &b, &f), -1);
	assert_string_equal(f.text, "cannot read: the file ends early");
	assert_string_equal(b.data, "234");
	assert_int_equal(file_read_part(fd, 10, 0, &b, &f), 0);
	assert_int_equal(file_read_part(fd, -1, 1, &b, &f), -1);
	assert_int_equal(file_read_part(fd, 0, SIZE_MAX, &b, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(file_read_fd(fd, &b, &f), 0);
	assert_string_equal(b.data, "2340123456789");
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 7);
}

static void
a_copy_has_the_bytes_asked_for(void **state)
{
	OWNED_FD int in = -1;
	OWNED_FD int out = open(scratch_path("out"), O_RDWR | O_CREAT, 0600);
	OWNED_FD int full = open("/dev/full", O_WRONLY);
	struct fault f = { 0 };
	char *text = calloc(1, 200001);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 200000);
	text[199999] = 'y';
	scratch_write("f", text);
	in = open(scratch_path("f"), O_RDONLY);
	assert_int_equal(file_copy(in, 1, 199999, out, &f), 0);
	has("out", text + 1);
	free(text);
	assert_int_equal(file_copy(in, 1, 200000, out, &f), -1);
	assert_string_equal(f.text, "cannot read: the file ends early");
	assert_int_equal(file_copy(in, 0, 10, full, &f), -1);
	assert_int_equal(f.sys, ENOSPC);
}

static void
a_file_is_opened_for_writing_and_cut(void **state)
{
	struct fault f = { 0 };
	struct stat st;
	int fd = -1;

	(void)state;
	assert_int_equal(file_open_write(scratch_fd, "f", &fd, &f), 0);
	assert_int_equal(file_write(fd, "0123456789", 10, &f), 0);
	assert_int_equal(file_cut(fd, 4, &f), 0);
	assert_int_equal(file_write(fd, "x", 1, &f), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)close(fd);
	has("f", "0123x");
	/* What it held stays until it is cut. */
	assert_int_equal(file_open_write(scratch_fd, "f", &fd, &f), 0);
	(void)close(fd);
	has("f", "0123x");
	link_to("f", "link");
	assert_int_equal(file_open_write(scratch_fd, "link", &fd, &f), -1);
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(file_open_write(scratch_fd, "fifo", &fd, &f), -1);
	assert_string_equal(f.text, "'fifo' is not a regular file");
	assert_int_equal(file_cut(-1, 0, &f), -1);
}

/* ---- replacing ---- */

static void
a_file_is_replaced_with_its_mode_and_nothing_beside_it(void **state)
{
	struct fault f = { 0 };
	struct stat st;
	mode_t old = umask(077);

	(void)state;
	scratch_write("sub/f", "old");
	assert_int_equal(
	    file_replace(scratch_fd, "sub/f", "new\0er", 6, 0644, &f), 0);
	assert_int_equal(file_replace(scratch_fd, "g", "", 0, 0600, &f), 0);
	(void)umask(old);
	has("sub/f", "new");
	has("g", "");
	assert_int_equal(stat(scratch_path("sub/f"), &st), 0);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(scratch_count("sub"), 1);
	assert_int_equal(scratch_count(""), 2);
	/* An absolute name. */
	assert_int_equal(
	    file_replace(AT_FDCWD, scratch_path("g"), "x", 1, 0600, &f), 0);
	has("g", "x");
}

static void
a_link_is_replaced_and_not_followed(void **state)
{
	struct fault f = { 0 };
	struct stat st;

	(void)state;
	scratch_write("precious", "mine");
	link_to("precious", "f");
	link_to("precious", ".f.new");
	assert_int_equal(file_replace(scratch_fd, "f", "new", 3, 0600, &f), 0);
	has("precious", "mine");
	has("f", "new");
	assert_int_equal(lstat(scratch_path("f"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(scratch_count(""), 2);
}

static void
what_a_crash_left_is_replaced(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write(".f.new", "half of somethi");
	assert_int_equal(file_replace(scratch_fd, "f", "new", 3, 0600, &f), 0);
	has("f", "new");
	assert_int_equal(mkfifo(scratch_path(".f.new"), 0600), 0);
	assert_int_equal(file_replace(scratch_fd, "f", "newer", 5, 0600, &f),
	    0);
	has("f", "newer");
	assert_int_equal(scratch_count(""), 1);
}

static void
a_failure_keeps_the_old_file_and_leaves_nothing(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	scratch_write("f", "old");
	pid = fork();
	if (pid == 0) {
		/* As on a full disk. */
		const struct rlimit limit = { 100, 100 };
		char large[200] = { 0 };
		struct fault f = { 0 };

		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
		if (file_replace(scratch_fd, "f", large, 200, 0600, &f) == 0)
			_exit(1);
		_exit(
		    strcmp(f.text, "'f': cannot write: File too large") == 0 &&
			    f.kind == FAULT_SYSTEM && f.sys == EFBIG ?
			0 :
			2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	has("f", "old");
	assert_int_equal(scratch_count(""), 1);
}

static void
a_folder_in_the_way_is_a_fault(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("f/in", "x");
	scratch_write(".g.new/in", "x");
	assert_int_equal(file_replace(scratch_fd, "f", "x", 1, 0600, &f), -1);
	assert_string_equal(f.text, "cannot put 'f' in place: Is a directory");
	assert_int_equal(file_replace(scratch_fd, "g", "x", 1, 0600, &f), -1);
	assert_int_equal(file_replace(scratch_fd, "no/f", "x", 1, 0600, &f),
	    -1);
	assert_string_equal(f.text, "folder 'no': No such file or directory");
	has("f/in", "x");
	assert_int_equal(scratch_count(""), 2);
}

static void
two_writers_never_mix(void **state)
{
	static char text[2][60001];
	pid_t pids[4];
	char *got;
	size_t i;

	(void)state;
	memset(text[0], 'a', 60000);
	memset(text[1], 'b', 60000);
	for (i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct fault f = { 0 };
			int n, rc = 0;

			for (n = 0; n < 25 && rc == 0; n++)
				rc = file_replace(scratch_fd, "f", text[i % 2],
				    60000, 0600, &f);
			_exit(rc == 0 ? 0 : 1);
		}
	}
	for (i = 0; i < 4; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
		got = scratch_read("f");
		assert_true(
		    strcmp(got, text[0]) == 0 || strcmp(got, text[1]) == 0);
		free(got);
	}
	assert_int_equal(scratch_count(""), 1);
}

/* ---- other files ---- */

static void
temporary_files_have_no_name(void **state)
{
	OWNED_FD int fd = -1;
	OWNED_BUF struct buf b = BUF_INIT(10);
	struct fault f = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(file_temporary(scratch_fd, &fd, &f), 0);
	assert_int_equal(scratch_count(""), 0);
	assert_int_equal(file_write(fd, "abc", 3, &f), 0);
	assert_int_equal(file_read_fd(fd, &b, &f), 0);
	assert_string_equal(b.data, "abc");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

static void
folders_are_made_with_those_above(void **state)
{
	struct fault f = { 0 };
	char path[256];
	struct stat st;
	mode_t old;

	(void)state;
	assert_int_equal(file_make_folders(scratch_fd, "a/b//c/", 0700, &f), 0);
	assert_int_equal(stat(scratch_path("a/b/c"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(file_make_folders(scratch_fd, "a/b/c", 0700, &f), 0);
	old = umask(077);
	assert_int_equal(file_make_folders(scratch_fd, "u/e", 0755, &f), 0);
	(void)umask(old);
	assert_int_equal(stat(scratch_path("u"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(stat(scratch_path("u/e"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(stat(scratch_path("a"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	(void)snprintf(path, sizeof(path), "%s/x/y", scratch);
	assert_int_equal(file_make_folders(AT_FDCWD, path, 0700, &f), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(file_make_folders(AT_FDCWD, "/", 0700, &f), 0);
	link_to("a", "link");
	assert_int_equal(file_make_folders(scratch_fd, "link/d", 0700, &f), 0);
	assert_int_equal(stat(scratch_path("a/d"), &st), 0);
}

static void
a_file_where_a_folder_should_be_is_a_fault(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("f", "x");
	assert_int_equal(file_make_folders(scratch_fd, "f", 0700, &f), -1);
	assert_string_equal(f.text, "cannot make folder 'f': File exists");
	assert_int_equal(file_make_folders(scratch_fd, "f/g", 0700, &f), -1);
	link_to("nowhere", "dangling");
	assert_int_equal(file_make_folders(scratch_fd, "dangling", 0700, &f),
	    -1);
}

static void
removing_what_is_not_there_is_fine(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("f", "x");
	scratch_write("dir/f", "x");
	link_to("dir/f", "link");
	assert_int_equal(file_remove(scratch_fd, "f", &f), 0);
	assert_int_equal(file_remove(scratch_fd, "f", &f), 0);
	assert_int_equal(file_remove(scratch_fd, "link", &f), 0);
	has("dir/f", "x");
	assert_int_equal(file_remove(scratch_fd, "dir", &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
}

/* ---- locks ---- */

/* A child that holds the lock until the pipe is closed; gives its pid. */
static pid_t
holder(int *pipe_end)
{
	int ready[2], stop[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct fault f = { 0 };
		int fd;

		(void)close(stop[1]);
		if (file_lock(scratch_fd, "lock", 0, &fd, &f) == -1 ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(stop[0], &byte, 1) == 0 ? 0 : 1);
	}
	(void)close(stop[0]);
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	*pipe_end = stop[1];
	return pid;
}

static void
a_lock_that_another_process_holds_names_it(void **state)
{
	struct fault f = { 0 };
	char want[128];
	int fd = -1, stop, status;
	pid_t pid = holder(&stop);

	(void)state;
	assert_int_equal(file_lock(scratch_fd, "lock", 0, &fd, &f), -1);
	assert_int_equal(f.kind, FAULT_BUSY);
	(void)snprintf(want, sizeof(want),
	    "another run (process %ld) holds the lock 'lock'", (long)pid);
	assert_string_equal(f.text, want);
	assert_int_equal(fd, -1);
	(void)close(stop);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* Its end gave the lock back. */
	assert_int_equal(file_lock(scratch_fd, "lock", 0, &fd, &f), 0);
	(void)snprintf(want, sizeof(want), "%ld\n", (long)getpid());
	has("lock", want);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(fd);
}

static void
a_lock_is_waited_for(void **state)
{
	struct fault f = { 0 };
	int fd = -1, stop, status;
	pid_t pid = holder(&stop), closer;

	(void)state;
	/* The pipe closes when this one, too, has ended. */
	closer = fork();
	if (closer == 0) {
		(void)usleep(300000);
		_exit(0);
	}
	(void)close(stop);
	assert_int_equal(file_lock(scratch_fd, "lock", 60, &fd, &f), 0);
	(void)close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(waitpid(closer, &status, 0), closer);
}

static void
an_unsigned_lock_is_busy_all_the_same(void **state)
{
	OWNED_FD int held = -1;
	struct fault f = { 0 };
	int fd = -1;

	(void)state;
	scratch_write("lock", "not a number\n");
	held = open(scratch_path("lock"), O_RDWR);
	assert_int_equal(flock(held, LOCK_EX), 0);
	assert_int_equal(file_lock(scratch_fd, "lock", 0, &fd, &f), -1);
	assert_string_equal(f.text, "another run holds the lock 'lock'");
}

static void
a_lock_is_no_way_to_write_elsewhere(void **state)
{
	struct fault f = { 0 };
	int fd = -1;

	(void)state;
	scratch_write("precious", "mine");
	link_to("precious", "lock");
	assert_int_equal(file_lock(scratch_fd, "lock", 0, &fd, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	has("precious", "mine");
}

/* ---- owners ---- */

static void
root_becomes_the_owner_for_good(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(scratch, 12345, 23456), 0);
	pid = fork();
	if (pid == 0) {
		struct fault f = { 0 };
		gid_t groups[8];

		if (file_become_owner(scratch, &f) == -1 || getuid() != 12345 ||
		    geteuid() != 12345 || getgid() != 23456 ||
		    getegid() != 23456 || getgroups(8, groups) != 0)
			_exit(1);
		if (setuid(0) == 0 || seteuid(0) == 0)
			_exit(2);
		/* Now it is nobody special. */
		_exit(file_become_owner("/", &f) == 0 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chown(scratch, 0, 0), 0);
}

#define TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read_whole_or_said_to_be_missing),
		TEST(a_file_above_the_limit_is_refused_and_leaves_the_buffer),
		TEST(files_that_hide_their_size_are_read_and_limited_too),
		TEST(what_is_no_regular_file_is_refused_at_once),
		TEST(parts_of_a_descriptor_are_exact),
		TEST(a_copy_has_the_bytes_asked_for),
		TEST(a_file_is_opened_for_writing_and_cut),
		TEST(a_file_is_replaced_with_its_mode_and_nothing_beside_it),
		TEST(a_link_is_replaced_and_not_followed),
		TEST(what_a_crash_left_is_replaced),
		TEST(a_failure_keeps_the_old_file_and_leaves_nothing),
		TEST(a_folder_in_the_way_is_a_fault),
		TEST(two_writers_never_mix),
		TEST(temporary_files_have_no_name),
		TEST(folders_are_made_with_those_above),
		TEST(a_file_where_a_folder_should_be_is_a_fault),
		TEST(removing_what_is_not_there_is_fine),
		TEST(a_lock_that_another_process_holds_names_it),
		TEST(a_lock_is_waited_for),
		TEST(an_unsigned_lock_is_busy_all_the_same),
		TEST(a_lock_is_no_way_to_write_elsewhere),
		TEST(root_becomes_the_owner_for_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
