/*
 * clock_preload -- the wall clock of a program, and of what it starts, is wrong.
 *
 *	CLOCK_SHIFT=SECONDS LD_PRELOAD=clock_preload.so ...
 *	CLOCK_JUMP=SECONDS LD_PRELOAD=clock_preload.so ...
 *
 * It is ahead by SHIFT, which may be negative, from the start; and by JUMP
 * from the second time on that a process asks time().
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static atomic_long asked;

static time_t
shift(void)
{
	const char *always = getenv("CLOCK_SHIFT");
	const char *later = getenv("CLOCK_JUMP");
	time_t by = always != NULL ? strtoll(always, NULL, 10) : 0;

	if (later != NULL && atomic_load(&asked) > 1)
		by += strtoll(later, NULL, 10);
	return by;
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	static __typeof__(&clock_gettime) next;

	if (next == NULL)
		next = (__typeof__(next))dlsym(RTLD_NEXT, "clock_gettime");
	if (next(id, t) == -1)
		return -1;
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		t->tv_sec += shift();
	return 0;
}

time_t
time(time_t *out)
{
	struct timespec t;

	atomic_fetch_add(&asked, 1);
	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (out != NULL)
		*out = t.tv_sec;
	return t.tv_sec;
}

int
gettimeofday(struct timeval *out, void *zone)
{
	struct timespec t;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	out->tv_sec = t.tv_sec;
	out->tv_usec = t.tv_nsec / 1000;
	return 0;
}
