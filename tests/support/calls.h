/*
 * calls.h -- every call that changes the disk goes through here: something
 * may happen before one of them, or it fails.  Included by a test program,
 * once; cmocka.h before it.
 *
 *	calls = 0;
 *	event_at = 7;		before the seventh call ...
 *	event = somebody_edits;	... this happens, if it is not NULL
 *	fail_with = ENOSPC;	... and the call fails, if it is not 0
 */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wiki/wiki.h"

static struct fault f;

static int calls;	    /* so many have been made */
static int event_at;	    /* before which call the event comes; 0: none */
static void (*event)(void); /* what happens then */
static int fail_with;	    /* errno of the call instead; 0: none */
static const char *met;	    /* the call that it was */

static bool
fails(const char *call)
{
	void (*now)(void) = event;

	if (++calls != event_at)
		return false;
	met = call;
	if (now != NULL) {
		event = NULL; /* its own calls do not count */
		now();
	}
	errno = fail_with;
	return fail_with != 0;
}

static void
die(void)
{
	_exit(9);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	return fails("write") ? -1 : syscall(SYS_write, fd, bytes, n);
}

int
renameat(int d1, const char *from, int d2, const char *to)
{
	return fails("renameat") ?
	    -1 :
	    (int)syscall(SYS_renameat2, d1, from, d2, to, 0);
}

int
linkat(int d1, const char *from, int d2, const char *to, int flags)
{
	return fails("linkat") ?
	    -1 :
	    (int)syscall(SYS_linkat, d1, from, d2, to, flags);
}

/* A full disk does not keep files from being removed. */
int
unlinkat(int dirfd, const char *name, int flags)
{
	(void)fails("unlinkat");
	return (int)syscall(SYS_unlinkat, dirfd, name, flags);
}

int
mkdirat(int dirfd, const char *name, mode_t mode)
{
	return fails("mkdirat") ? -1 :
				  (int)syscall(SYS_mkdirat, dirfd, name, mode);
}

int
fchmod(int fd, mode_t mode)
{
	return fails("fchmod") ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

/* A crash of the process needs no flushes, only their place. */
int
fsync(int fd)
{
	(void)fd;
	return fails("fsync") ? -1 : 0;
}

int
syncfs(int fd)
{
	(void)fd;
	return fails("syncfs") ? -1 : 0;
}

static void
no_events(void)
{
	event_at = 0;
	event = NULL;
	fail_with = 0;
	f = (struct fault){ 0 };
}

/* Run a change in a child that dies at the event; false if it did not. */
static bool
run_and_die(struct wiki *w, struct wiki_job *jobs, size_t n, int at)
{
	int status;
	pid_t pid;

	assert_int_equal(fflush(NULL), 0);
	pid = fork();
	if (pid == 0) {
		calls = 0;
		event_at = at;
		event = die;
		_exit(wiki_carry_out(w, jobs, n, &f) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return WEXITSTATUS(status) == 9;
}

#endif
