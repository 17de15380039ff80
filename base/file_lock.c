#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>

#include "base/num.h"

/* The process id that the holder of a lock wrote into it, 0 if none. */
static int64_t
lock_holder(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	struct fault ignored;
	int64_t pid;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return num_parse(text, 1, INT32_MAX, &pid, &ignored) == 0 ? pid : 0;
}

static int
is_busy(int fd, const char *name, struct fault *f)
{
	int64_t pid = lock_holder(fd);

	if (pid == 0)
		return fault_set(f, FAULT_BUSY,
		    "another run holds the lock '%s'", name);
	return fault_set(f, FAULT_BUSY,
	    "another run (process %lld) holds the lock '%s'", (long long)pid,
	    name);
}

/* Take the lock of a file that is there or made; *taken says if it worked. */
static int
try_lock(int dirfd, const char *name, int *fd, bool *taken, struct fault *f)
{
	OWNED_FD int got = openat(dirfd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (got == -1)
		return fault_system(f, errno, "lock '%s'", name);
	*taken = flock(got, LOCK_EX | LOCK_NB) == 0;
	if (!*taken && errno != EWOULDBLOCK && errno != EINTR)
		return fault_system(f, errno, "lock '%s'", name);
	/* Someone may have removed the file since: then it locks nothing. */
	if (*taken && !file_has_name(got, dirfd, name))
		*taken = false;
	*fd = own_give_fd(&got);
	return 0;
}

static int
sign_lock(int fd, const char *name, struct fault *f)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == -1 || pwrite(fd, text, (size_t)n, 0) != n)
		return fault_system(f, errno, "lock '%s'", name);
	return 0;
}

int
file_lock(int dirfd, const char *name, int seconds, int *fd, struct fault *f)
{
	const struct timespec pause = { 0, 100000000 }; /* 0.1 s */
	int64_t tries = (int64_t)seconds * 10;

	for (;;) {
		OWNED_FD int got = -1;
		bool taken;

		if (try_lock(dirfd, name, &got, &taken, f) == -1)
			return -1;
		if (taken && sign_lock(got, name, f) == -1)
			return -1;
		if (taken) {
			*fd = own_give_fd(&got);
			return 0;
		}
		if (tries-- <= 0)
			return is_busy(got, name, f);
		(void)nanosleep(&pause, NULL);
	}
}

int
file_lock_open(int fd, const char *name, int seconds, struct fault *f)
{
	const struct timespec pause = { 0, 10000000 }; /* 0.01 s */
	int64_t tries = (int64_t)seconds * 100;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fault_system(f, errno, "lock '%s'", name);
		if (tries-- <= 0)
			return fault_set(f, FAULT_BUSY,
			    "another process holds the lock '%s'", name);
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}
