/*
 * patience_preload -- a program that sleeps does not wait, but counts.
 *
 *	PATIENCE=FILE LD_PRELOAD=patience_preload.so ...
 *
 * nanosleep() returns at once; at its end the process adds a line to FILE:
 * the milliseconds that it would have slept, if there are any.  So a test
 * sees how long a run waits for a lock without waiting as long.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static atomic_long slept; /* milliseconds */

int
nanosleep(const struct timespec *asked, struct timespec *left)
{
	if (left != NULL)
		*left = (struct timespec){ 0 };
	atomic_fetch_add(&slept,
	    asked->tv_sec * 1000 + asked->tv_nsec / 1000000);
	return 0;
}

__attribute__((destructor)) static void
tell(void)
{
	const char *name = getenv("PATIENCE");
	char text[32];
	int fd, n;

	if (name == NULL || atomic_load(&slept) == 0)
		return;
	n = snprintf(text, sizeof(text), "%ld\n", atomic_load(&slept));
	fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1 || write(fd, text, (size_t)n) != n)
		abort();
	(void)close(fd);
}
