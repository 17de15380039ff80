/*
 * patience_preload -- a program that would have to wait does not.
 *
 *	PATIENCE=FILE LD_PRELOAD=patience_preload.so ...
 *	PATIENCE_SLOW=FOLDER LD_PRELOAD=patience_preload.so ...
 *	PATIENCE_CHILD=FILE LD_PRELOAD=patience_preload.so ...
 *
 * nanosleep() returns at once; at its end the process adds a line to FILE:
 * the milliseconds that it would have slept, if there are any.
 *
 * The rogue (rogue.c, -s) names in FOLDER the connections that it is slow on.
 * As long as poll() has no other connection to wait for, it does not wait and
 * the clock goes forward instead; nothing else is hurried, so that a test
 * sees a limit of time met, however busy the machine is.  Only wikicast-fetch
 * does so: its worker may not ask what a socket is.
 *
 * The same as long as FILE is there and a child is waited for, which made it
 * before it hung.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int __poll_chk(struct pollfd *, nfds_t, int, size_t);

static atomic_long slept;   /* milliseconds */
static atomic_long skipped; /* the same, by which the clock is ahead */

int
nanosleep(const struct timespec *asked, struct timespec *left)
{
	atomic_fetch_add(&slept,
	    asked->tv_sec * 1000 + asked->tv_nsec / 1000000);
	if (left != NULL) /* which may be asked */
		*left = (struct timespec){ 0 };
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

/* Which passes over destructors. */
void
_exit(int status)
{
	tell();
	for (;;)
		(void)syscall(SYS_exit_group, status);
}

/* ---- the clock that only goes forward ---- */

int
clock_gettime(clockid_t id, struct timespec *t)
{
	static __typeof__(&clock_gettime) next;
	long ms = atomic_load(&skipped);

	if (next == NULL)
		next = (__typeof__(next))dlsym(RTLD_NEXT, "clock_gettime");
	if (next(id, t) == -1)
		return -1;
	if (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_RAW &&
	    id != CLOCK_MONOTONIC_COARSE)
		return 0;
	t->tv_sec += ms / 1000;
	t->tv_nsec += ms % 1000 * 1000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_sec++;
		t->tv_nsec -= 1000000000;
	}
	return 0;
}

/* ---- connections ---- */

/* Our port of a connection; 0 for what is none. */
static int
port_of(int fd)
{
	struct sockaddr_in here = { .sin_family = AF_UNSPEC };
	socklen_t size = sizeof(here);

	if (getsockname(fd, (struct sockaddr *)&here, &size) == -1 ||
	    here.sin_family != AF_INET)
		return 0;
	return ntohs(here.sin_port);
}

/* Is the other side slow on it?  Then *ms is what each byte takes. */
static bool
is_slow(int port, long *ms)
{
	const char *folder = getenv("PATIENCE_SLOW");
	char text[512];
	ssize_t n;
	int fd;

	if (folder == NULL)
		return false;
	(void)snprintf(text, sizeof(text), "%s/%d", folder, port);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	*ms = strtol(text, NULL, 10);
	return true;
}

/* Of all connections? */
static bool
all_slow(const struct pollfd *fds, nfds_t count, long *ms)
{
	bool some = false;
	nfds_t i;

	for (i = 0; i < count; i++) {
		int port = port_of(fds[i].fd);

		if (port == 0)
			continue;
		if (!is_slow(port, ms))
			return false;
		some = true;
	}
	return some;
}

/* Bytes that came on connections since this was asked the last time. */
static long
arrived(const struct pollfd *fds, nfds_t count)
{
	static int known_port;
	static uint64_t known;
	struct tcp_info info;
	long sum = 0;
	nfds_t i;

	for (i = 0; i < count; i++) {
		socklen_t size = sizeof(info);
		int port = port_of(fds[i].fd);

		if (port == 0 ||
		    getsockopt(fds[i].fd, IPPROTO_TCP, TCP_INFO, &info,
			&size) == -1)
			continue;
		if (port != known_port)
			known = 0;
		known_port = port;
		sum += (long)(info.tcpi_bytes_received - known);
		known = info.tcpi_bytes_received;
	}
	return sum;
}

/* Is this a wait for a child, and does it hang? */
static bool
is_for_child(const struct pollfd *fds, nfds_t count, bool *hangs)
{
	const char *mark = getenv("PATIENCE_CHILD");
	struct stat st;

	if (mark == NULL || count != 1 || fstat(fds[0].fd, &st) == -1 ||
	    S_ISSOCK(st.st_mode))
		return false;
	*hangs = access(mark, F_OK) == 0;
	return true;
}

int
poll(struct pollfd *fds, nfds_t count, int timeout)
{
	static __typeof__(&poll) next;
	bool here =
	    strcmp(program_invocation_short_name, "wikicast-fetch") == 0;
	bool hangs;
	long ms = 0;
	int rc;

	if (next == NULL)
		next = (__typeof__(next))dlsym(RTLD_NEXT, "poll");
	if (is_for_child(fds, count, &hangs)) {
		rc = next(fds, count, 10);
		if (rc == 0 && hangs)
			atomic_fetch_add(&skipped, timeout);
		return rc;
	}
	if (!here || !all_slow(fds, count, &ms))
		return next(fds, count, timeout);
	/* Silence takes the whole time; a byte of a drip takes its own. */
	rc = next(fds, count, ms == 0 ? 0 : timeout);
	if (ms != 0)
		ms *= arrived(fds, count);
	else if (rc == 0)
		ms = timeout;
	if (ms > 0)
		atomic_fetch_add(&skipped, ms);
	return rc;
}

int
__poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size)
{
	(void)size;
	return poll(fds, count, timeout);
}
