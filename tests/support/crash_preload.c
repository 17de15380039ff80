/*
 * crash_preload -- kill a program before the n-th call that changes the disk.
 *
 *	CRASH_PROGRAM=wikicast-gen CRASH_AT=7 LD_PRELOAD=crash_preload.so ...
 *	CRASH_PROGRAM=wikicast-gen CRASH_COUNT=FILE ...	only count
 *	CRASH_PROGRAM=wikicast-gen CRASH_AT=7 CRASH_FULL=1 ...	the disk is full
 *
 * Only the process that executes a program of this name counts: neither what
 * it forks nor what these execute.  With CRASH_HALF a write at that place is
 * made in half before the end.  The end is SIGKILL: nothing is cleaned up.
 * With CRASH_FULL nothing is killed: from that call on (or, if it is "once", at
 * that call) there is room for what is there already, and for nothing else.
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
static bool fills, once; /* the disk is full at that call, and not after it */
static atomic_bool full; /* it is so now */
static int report = -1;	 /* where the count goes at the end */

__attribute__((constructor)) static void
start(void)
{
	const char *program = getenv("CRASH_PROGRAM");
	const char *at = getenv("CRASH_AT"), *count = getenv("CRASH_COUNT");
	const char *full_at = getenv("CRASH_FULL");
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
	fills = crash_at > 0 && full_at != NULL;
	once = fills && strcmp(full_at, "once") == 0;
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
	long n = atomic_fetch_add(&calls, 1) + 1;

	if (!fills)
		return n == crash_at;
	atomic_store(&full, once ? n == crash_at : n >= crash_at);
	return false;
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

/* Is there no room for something new? */
static bool
no_room(void)
{
	if (!atomic_load(&full) || !is_here())
		return false;
	errno = ENOSPC;
	return true;
}

/* For n bytes; at < 0: where the descriptor stands. */
static bool
no_room_for(int fd, size_t n, off_t at)
{
	struct stat st;

	if (!atomic_load(&full) || !is_here() || !is_kept(fd) ||
	    fstat(fd, &st) == -1)
		return false;
	if (at < 0 && (fcntl(fd, F_GETFL) & O_APPEND) != 0)
		at = st.st_size;
	else if (at < 0)
		at = lseek(fd, 0, SEEK_CUR);
	return at + (off_t)n > st.st_size && no_room();
}

/* For a name, unless it is there. */
static bool
no_room_at(int d, const char *a)
{
	return atomic_load(&full) && syscall(SYS_faccessat, d, a, F_OK) == -1 &&
	    no_room();
}

static bool
no_room_to_open(int d, const char *a, int flags)
{
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return no_room();
	return (flags & O_CREAT) != 0 && no_room_at(d, a);
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

/* The same for what fails where there is no room. */
#define NEED(type, name, parameters, arguments, before, lacks) \
	WRAP(type, name, parameters, arguments, before; \
	     if (lacks) return (type)-1)

/* And its twin, the same where off_t has 64 bits: programs call this one. */
_Static_assert(sizeof(off_t) == 8, "twins differ");
#define PAIR(type, name, parameters, arguments, before) \
	WRAP(type, name, parameters, arguments, before) \
	WRAP(type, name##64, parameters, arguments, before)
#define NEED_PAIR(type, name, parameters, arguments, before, lacks) \
	NEED(type, name, parameters, arguments, before, lacks) \
	NEED(type, name##64, parameters, arguments, before, lacks)

NEED(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n),
    change_bytes(fd, b, n, -1), no_room_for(fd, n, -1))
NEED_PAIR(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t at),
    (fd, b, n, at), change_bytes(fd, b, n, at), no_room_for(fd, n, at))
NEED(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n),
    change_fd(fd), no_room_for(fd, 1, -1))
NEED_PAIR(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at),
    (fd, v, n, at), change_fd(fd), no_room_for(fd, 1, at))
NEED_PAIR(int, ftruncate, (int fd, off_t n), (fd, n), change_fd(fd),
    no_room_for(fd, 0, n))
PAIR(int, truncate, (const char *path, off_t n), (path, n), change())
NEED_PAIR(int, fallocate, (int fd, int mode, off_t at, off_t n),
    (fd, mode, at, n), change_fd(fd), no_room_for(fd, (size_t)n, at))
PAIR(int, posix_fallocate, (int fd, off_t at, off_t n), (fd, at, n),
    change_fd(fd))
NEED_PAIR(ssize_t, sendfile, (int out, int in, off_t *at, size_t n),
    (out, in, at, n), change_fd(out), no_room_for(out, 1, -1))
NEED(ssize_t, copy_file_range,
    (int in, off_t *a, int out, off_t *b, size_t n, unsigned int flags),
    (in, a, out, b, n, flags), change_fd(out), no_room_for(out, 1, -1))
NEED(ssize_t, splice,
    (int in, off_t *a, int out, off_t *b, size_t n, unsigned int flags),
    (in, a, out, b, n, flags), change_fd(out), no_room_for(out, 1, -1))
PAIR(void *, mmap, (void *p, size_t n, int how, int flags, int fd, off_t at),
    (p, n, how, flags, fd, at), change_by_map(how, flags, fd))

WRAP(int, rename, (const char *a, const char *b), (a, b), change())
WRAP(int, renameat, (int c, const char *a, int d, const char *b), (c, a, d, b),
    change())
WRAP(int, renameat2,
    (int c, const char *a, int d, const char *b, unsigned int flags),
    (c, a, d, b, flags), change())
NEED(int, link, (const char *a, const char *b), (a, b), change(),
    no_room_at(AT_FDCWD, b))
NEED(int, linkat, (int c, const char *a, int d, const char *b, int flags),
    (c, a, d, b, flags), change(), no_room_at(d, b))
NEED(int, symlink, (const char *a, const char *b), (a, b), change(),
    no_room_at(AT_FDCWD, b))
NEED(int, symlinkat, (const char *a, int d, const char *b), (a, d, b), change(),
    no_room_at(d, b))
WRAP(int, unlink, (const char *a), (a), change())
WRAP(int, unlinkat, (int d, const char *a, int flags), (d, a, flags), change())
WRAP(int, remove, (const char *a), (a), change())
WRAP(int, rmdir, (const char *a), (a), change())
NEED(int, mkdir, (const char *a, mode_t mode), (a, mode), change(),
    no_room_at(AT_FDCWD, a))
NEED(int, mkdirat, (int d, const char *a, mode_t mode), (d, a, mode), change(),
    no_room_at(d, a))
WRAP(char *, mkdtemp, (char *a), (a), change(); if (no_room()) return NULL)
NEED(int, mkfifo, (const char *a, mode_t mode), (a, mode), change(),
    no_room_at(AT_FDCWD, a))
NEED(int, mkfifoat, (int d, const char *a, mode_t mode), (d, a, mode), change(),
    no_room_at(d, a))
NEED(int, mknod, (const char *a, mode_t mode, dev_t dev), (a, mode, dev),
    change(), no_room_at(AT_FDCWD, a))
NEED(int, mknodat, (int d, const char *a, mode_t mode, dev_t dev),
    (d, a, mode, dev), change(), no_room_at(d, a))
NEED_PAIR(int, creat, (const char *a, mode_t mode), (a, mode), change(),
    no_room_at(AT_FDCWD, a))
NEED_PAIR(int, mkstemp, (char *a), (a), change(), no_room())
NEED_PAIR(int, mkostemp, (char *a, int flags), (a, flags), change(), no_room())

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
#define OPEN(name, parameters, arguments, d) \
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
		if (no_room_to_open(d, a, flags)) \
			return -1; \
		return next arguments; \
	}

OPEN(open, (const char *a, int flags, ...), (a, flags, mode), AT_FDCWD)
OPEN(open64, (const char *a, int flags, ...), (a, flags, mode), AT_FDCWD)
OPEN(openat, (int d, const char *a, int flags, ...), (d, a, flags, mode), d)
OPEN(openat64, (int d, const char *a, int flags, ...), (d, a, flags, mode), d)

/* What fortified calls become; they make nothing, but may truncate. */
WRAP(int, __open_2, (const char *a, int flags), (a, flags),
    change_by_open(flags))
WRAP(int, __open64_2, (const char *a, int flags), (a, flags),
    change_by_open(flags))
WRAP(int, __openat_2, (int d, const char *a, int flags), (d, a, flags),
    change_by_open(flags))
WRAP(int, __openat64_2, (int d, const char *a, int flags), (d, a, flags),
    change_by_open(flags))
