/*
 * crash_preload -- kill a program before the n-th call that changes the disk.
 *
 *	CRASH_PROGRAM=wikicast-gen CRASH_AT=7 LD_PRELOAD=crash_preload.so ...
 *	CRASH_PROGRAM=wikicast-gen CRASH_COUNT=FILE ...	only count
 *
 * Only the process that executes a program of this name counts: neither what
 * it forks nor what these execute.  With CRASH_HALF a write at that place is
 * made in half before the end.  The end is SIGKILL: nothing is cleaned up.
 *
 * Not counted is what a killed process cannot leave: writes to anything but
 * named files (sockets, pipes, files in memory, unlinked ones), opens that
 * make nothing, and flushes, before which it might as well be killed at the
 * next call that counts.
 */
#undef _FILE_OFFSET_BITS /* else the plain names are not to be had */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utime.h>

/* Names that glibc exports and no header declares. */
int __open_2(const char *, int);
int __open64_2(const char *, int);
int __openat_2(int, const char *, int);
int __openat64_2(int, const char *, int);

static pid_t counting; /* 0: not this process */
static atomic_long calls;
static long crash_at; /* 0: never */
static bool half;
static int report = -1; /* where the count goes at the end */

__attribute__((constructor)) static void
start(void)
{
	const char *program = getenv("CRASH_PROGRAM");
	const char *at = getenv("CRASH_AT"), *count = getenv("CRASH_COUNT");
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *base;

	if (program == NULL || n <= 0)
		return;
	self[n] = '\0';
	base = strrchr(self, '/');
	if (base == NULL || strcmp(base + 1, program) != 0)
		return;
	if (at != NULL)
		crash_at = strtol(at, NULL, 10);
	half = getenv("CRASH_HALF") != NULL;
	if (count != NULL)
		report = (int)syscall(SYS_openat, AT_FDCWD, count,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	counting = (pid_t)syscall(SYS_getpid);
}

/* A child between fork and exec is not the one that counts. */
static bool
is_here(void)
{
	return counting != 0 && counting == (pid_t)syscall(SYS_getpid);
}

__attribute__((destructor)) static void
stop(void)
{
	char text[32];
	int n;

	if (report == -1 || !is_here())
		return;
	n = snprintf(text, sizeof(text), "%ld\n", atomic_load(&calls));
	(void)syscall(SYS_write, report, text, (size_t)n);
}

/* A program that leaves so has no destructors. */
void
_exit(int status)
{
	stop();
	for (;;)
		(void)syscall(SYS_exit_group, status);
}

static bool
is_time(void)
{
	return atomic_fetch_add(&calls, 1) + 1 == crash_at;
}

__attribute__((noreturn)) static void
die(void)
{
	(void)syscall(SYS_kill, counting, SIGKILL);
	for (;;)
		(void)syscall(SYS_pause);
}

/* Before a call that changes names, modes or owners. */
static void
change(void)
{
	if (is_here() && is_time())
		die();
}

static bool
is_kept(int fd)
{
	int saved = errno;
	struct stat st;
	bool kept = fstat(fd, &st) == 0 &&
	    (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) && st.st_nlink > 0;

	errno = saved;
	return kept;
}

static void
change_fd(int fd)
{
	if (is_here() && is_kept(fd) && is_time())
		die();
}

/* Before n bytes are written; at < 0: where the descriptor stands. */
static void
change_bytes(int fd, const void *bytes, size_t n, off_t at)
{
	if (!is_here() || !is_kept(fd) || !is_time())
		return;
	if (half && n > 1 && at < 0)
		(void)syscall(SYS_write, fd, bytes, n / 2);
	else if (half && n > 1)
		(void)syscall(SYS_pwrite64, fd, bytes, n / 2, at);
	die();
}

static void
change_by_open(int flags)
{
	if ((flags & (O_CREAT | O_TRUNC)) != 0 ||
	    (flags & O_TMPFILE) == O_TMPFILE)
		change();
}

/* A shared writable map would change a file without any call. */
static void
change_by_map(int protection, int flags, int fd)
{
	if ((protection & PROT_WRITE) != 0 && (flags & MAP_SHARED) != 0 &&
	    fd != -1)
		change_fd(fd);
}

#define NEXT(name) \
	static __typeof__(&name) next; \
	if (next == NULL) \
	next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* A function of libc, with what is looked at before it is called. */
#define WRAP(type, name, parameters, arguments, before) \
	type name parameters \
	{ \
		NEXT(name); \
		before; \
		return next arguments; \
	}

/* And its twin, the same where off_t has 64 bits: programs call this one. */
_Static_assert(sizeof(off_t) == 8, "twins differ");
#define PAIR(type, name, parameters, arguments, before) \
	WRAP(type, name, parameters, arguments, before) \
	WRAP(type, name##64, parameters, arguments, before)

WRAP(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n),
    change_bytes(fd, b, n, -1))
PAIR(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t at),
    (fd, b, n, at), change_bytes(fd, b, n, at))
WRAP(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n),
    change_fd(fd))
PAIR(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at),
    (fd, v, n, at), change_fd(fd))
PAIR(int, ftruncate, (int fd, off_t n), (fd, n), change_fd(fd))
PAIR(int, truncate, (const char *path, off_t n), (path, n), change())
PAIR(int, fallocate, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n),
    change_fd(fd))
PAIR(int, posix_fallocate, (int fd, off_t at, off_t n), (fd, at, n),
    change_fd(fd))
PAIR(ssize_t, sendfile, (int out, int in, off_t *at, size_t n),
    (out, in, at, n), change_fd(out))
WRAP(ssize_t, copy_file_range,
    (int in, off_t *a, int out, off_t *b, size_t n, unsigned int flags),
    (in, a, out, b, n, flags), change_fd(out))
WRAP(ssize_t, splice,
    (int in, off_t *a, int out, off_t *b, size_t n, unsigned int flags),
    (in, a, out, b, n, flags), change_fd(out))
PAIR(void *, mmap, (void *p, size_t n, int how, int flags, int fd, off_t at),
    (p, n, how, flags, fd, at), change_by_map(how, flags, fd))

WRAP(int, rename, (const char *a, const char *b), (a, b), change())
WRAP(int, renameat, (int c, const char *a, int d, const char *b), (c, a, d, b),
    change())
WRAP(int, renameat2,
    (int c, const char *a, int d, const char *b, unsigned int flags),
    (c, a, d, b, flags), change())
WRAP(int, link, (const char *a, const char *b), (a, b), change())
WRAP(int, linkat, (int c, const char *a, int d, const char *b, int flags),
    (c, a, d, b, flags), change())
WRAP(int, symlink, (const char *a, const char *b), (a, b), change())
WRAP(int, symlinkat, (const char *a, int d, const char *b), (a, d, b), change())
WRAP(int, unlink, (const char *a), (a), change())
WRAP(int, unlinkat, (int d, const char *a, int flags), (d, a, flags), change())
WRAP(int, remove, (const char *a), (a), change())
WRAP(int, rmdir, (const char *a), (a), change())
WRAP(int, mkdir, (const char *a, mode_t mode), (a, mode), change())
WRAP(int, mkdirat, (int d, const char *a, mode_t mode), (d, a, mode), change())
WRAP(char *, mkdtemp, (char *a), (a), change())
WRAP(int, mkfifo, (const char *a, mode_t mode), (a, mode), change())
WRAP(int, mkfifoat, (int d, const char *a, mode_t mode), (d, a, mode), change())
WRAP(int, mknod, (const char *a, mode_t mode, dev_t dev), (a, mode, dev),
    change())
WRAP(int, mknodat, (int d, const char *a, mode_t mode, dev_t dev),
    (d, a, mode, dev), change())
PAIR(int, creat, (const char *a, mode_t mode), (a, mode), change())
PAIR(int, mkstemp, (char *a), (a), change())
PAIR(int, mkostemp, (char *a, int flags), (a, flags), change())

WRAP(int, chmod, (const char *a, mode_t mode), (a, mode), change())
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode), change_fd(fd))
WRAP(int, fchmodat, (int d, const char *a, mode_t mode, int flags),
    (d, a, mode, flags), change())
WRAP(int, chown, (const char *a, uid_t u, gid_t g), (a, u, g), change())
WRAP(int, lchown, (const char *a, uid_t u, gid_t g), (a, u, g), change())
WRAP(int, fchown, (int fd, uid_t u, gid_t g), (fd, u, g), change_fd(fd))
WRAP(int, fchownat, (int d, const char *a, uid_t u, gid_t g, int flags),
    (d, a, u, g, flags), change())
WRAP(int, utime, (const char *a, const struct utimbuf *t), (a, t), change())
WRAP(int, utimes, (const char *a, const struct timeval t[2]), (a, t), change())
WRAP(int, lutimes, (const char *a, const struct timeval t[2]), (a, t), change())
WRAP(int, futimes, (int fd, const struct timeval t[2]), (fd, t), change_fd(fd))
WRAP(int, futimens, (int fd, const struct timespec t[2]), (fd, t),
    change_fd(fd))
WRAP(int, utimensat,
    (int d, const char *a, const struct timespec t[2], int flags),
    (d, a, t, flags), change())

/* open() and its kin have a mode only where they may make something. */
#define OPEN(name, parameters, arguments) \
	int name parameters \
	{ \
		mode_t mode = 0; \
		va_list ap; \
		NEXT(name); \
		if ((flags & O_CREAT) != 0 || \
		    (flags & O_TMPFILE) == O_TMPFILE) { \
			va_start(ap, flags); \
			mode = va_arg(ap, mode_t); \
			va_end(ap); \
		} \
		change_by_open(flags); \
		return next arguments; \
	}

OPEN(open, (const char *a, int flags, ...), (a, flags, mode))
OPEN(open64, (const char *a, int flags, ...), (a, flags, mode))
OPEN(openat, (int d, const char *a, int flags, ...), (d, a, flags, mode))
OPEN(openat64, (int d, const char *a, int flags, ...), (d, a, flags, mode))

/* What fortified calls become; they make nothing, but may truncate. */
WRAP(int, __open_2, (const char *a, int flags), (a, flags),
    change_by_open(flags))
WRAP(int, __open64_2, (const char *a, int flags), (a, flags),
    change_by_open(flags))
WRAP(int, __openat_2, (int d, const char *a, int flags), (d, a, flags),
    change_by_open(flags))
WRAP(int, __openat64_2, (int d, const char *a, int flags), (d, a, flags),
    change_by_open(flags))
