#include "base/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/num.h"

/* Handed-over descriptors wait here, above all numbers that they get. */
#define ABOVE 64
#define GRACE_MS 2000

/* ---- before the fork: nothing may allocate after it ---- */

/* Does an entry set the same name as another? */
static bool
same_name(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strncmp(a, b, n) == 0 && b[n] == '=';
}

static bool
is_replaced(const char *entry, const char *const *added)
{
	for (; *added != NULL; added++)
		if (same_name(*added, entry))
			return true;
	return false;
}

/* Our environment with additions: an array to free, of borrowed entries. */
static const char **
make_environment(const char *const *added)
{
	const char **list;
	size_t n = 0, i;

	for (i = 0; environ[i] != NULL; i++)
		n++;
	for (i = 0; added[i] != NULL; i++)
		n++;
	list = calloc(n + 1, sizeof(*list));
	if (list == NULL)
		return NULL;
	n = 0;
	for (i = 0; environ[i] != NULL; i++)
		if (!is_replaced(environ[i], added))
			list[n++] = environ[i];
	for (i = 0; added[i] != NULL; i++)
		list[n++] = added[i];
	return list;
}

/* ---- between fork and exec: system calls only ---- */

struct hand {
	const struct child_plan *plan;
	const char *const *environment;
	int report; /* the errno of a failure goes there */
	pid_t parent;
};

/* Without close_range(2) (before Linux 5.11) each number is tried. */
static void
close_on_exec_from(unsigned int first)
{
	struct rlimit limit;
	unsigned int fd;

	if (syscall(SYS_close_range, first, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur > 65536)
		limit.rlim_cur = 65536;
	for (fd = first; fd < limit.rlim_cur; fd++)
		(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
}

/* Put descriptors in place: first all above, so that none is overwritten. */
static int
place_fds(struct hand *h)
{
	const struct child_plan *plan = h->plan;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int in = fcntl(plan->in > 0 ? plan->in : null, F_DUPFD_CLOEXEC, ABOVE);
	int out = fcntl(plan->out > 0 ? plan->out : STDERR_FILENO,
	    F_DUPFD_CLOEXEC, ABOVE);
	int moved[CHILD_FDS_MAX];
	size_t i;
	int report = fcntl(h->report, F_DUPFD_CLOEXEC, ABOVE);

	if (report == -1 || in == -1 || out == -1)
		return -1;
	h->report = report;
	for (i = 0; i < plan->fd_count; i++) {
		moved[i] = fcntl(plan->fds[i].from, F_DUPFD_CLOEXEC, ABOVE);
		if (moved[i] == -1)
			return -1;
	}
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1)
		return -1;
	close_on_exec_from(3);
	for (i = 0; i < plan->fd_count; i++)
		if (dup2(moved[i], plan->fds[i].to) == -1)
			return -1;
	return 0;
}

static void
reset_signals(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
}

static _Noreturn void
become(struct hand *h)
{
	int error;

	reset_signals();
	(void)setsid();
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != h->parent)
		_exit(127);
	if (place_fds(h) == 0)
		(void)execvpe(h->plan->argv[0], (char *const *)h->plan->argv,
		    (char *const *)h->environment);
	error = errno;
	if (write(h->report, &error, sizeof(error)) == -1)
		_exit(126);
	_exit(127);
}

/* ---- the parent ---- */

/* What a child that could not execute its program says; 0: it could. */
static int
exec_error(int from)
{
	int error = 0;
	ssize_t n;

	do
		n = read(from, &error, sizeof(error));
	while (n == -1 && errno == EINTR);
	return n == sizeof(error) ? error : 0;
}

static int
fork_child(struct hand *h, struct child *c, struct fault *f)
{
	int ends[2], error;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return fault_system(f, errno, "cannot run '%s'",
		    h->plan->argv[0]);
	h->report = ends[1];
	h->parent = getpid();
	pid = fork();
	if (pid == 0)
		become(h);
	error = pid == -1 ? errno : 0;
	(void)close(ends[1]);
	if (pid != -1)
		error = exec_error(ends[0]);
	(void)close(ends[0]);
	if (pid != -1 && error != 0)
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			;
	if (error != 0)
		return fault_system(f, error, "cannot run '%s'",
		    h->plan->argv[0]);
	c->pid = pid;
	return 0;
}

int
child_start(const struct child_plan *plan, struct child *c, struct fault *f)
{
	OWNED_MEM const char **environment = NULL;
	struct hand h = { .plan = plan,
		.environment = (const char *const *)environ };
	size_t i;

	assert(plan->fd_count <= CHILD_FDS_MAX);
	for (i = 0; i < plan->fd_count; i++)
		assert(plan->fds[i].to > 2 && plan->fds[i].to < ABOVE);
	*c = (struct child){ .pidfd = -1 };
	if (plan->environment != NULL) {
		environment = make_environment(plan->environment);
		if (environment == NULL)
			return fault_memory(f);
		h.environment = environment;
	}
	if (fork_child(&h, c, f) == -1)
		return -1;
	/* Linux 5.3; without it child_wait() looks again and again. */
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	c->seconds = plan->seconds;
	if (plan->seconds > 0)
		c->deadline = time_ticks() + (int64_t)plan->seconds * 1000;
	return 0;
}

/* Sleep until it may have ended, at most to the deadline (0: none). */
static void
sleep_on(const struct child *c, int64_t deadline)
{
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };
	int64_t left = deadline == 0 ? 60000 : deadline - time_ticks();

	if (c->pidfd == -1 && left > 20)
		left = 20;
	if (left > 60000)
		left = 60000;
	if (left > 0)
		(void)poll(&p, c->pidfd == -1 ? 0 : 1, (int)left);
}

/*
 * Has it ended before the deadline?  It is not collected yet: as long as it
 * is a zombie, nobody else can get its number, nor that of its session.
 */
static int
wait_until(const struct child *c, int64_t deadline, bool *ended,
    struct fault *f)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_PID, (id_t)c->pid, &info,
			WEXITED | WNOHANG | WNOWAIT) == -1 &&
		    errno != EINTR)
			return fault_system(f, errno,
			    "cannot wait for a child");
		*ended = info.si_pid == c->pid;
		if (*ended || (deadline != 0 && time_ticks() >= deadline))
			return 0;
		sleep_on(c, deadline);
	}
}

/* Collect what has ended, or soon will. */
static int
collect(struct child *c)
{
	int status = 0;

	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		;
	if (c->pidfd != -1)
		(void)close(c->pidfd);
	*c = (struct child){ .pidfd = -1 };
	return status;
}

int
child_wait(struct child *c, struct child_end *end, struct fault *f)
{
	bool ended, gone;
	int status;

	assert(c->pid > 0);
	if (wait_until(c, c->deadline, &ended, f) == -1)
		return -1;
	*end = (struct child_end){ CHILD_TIMEOUT, c->seconds };
	if (!ended) {
		(void)kill(-c->pid, SIGTERM);
		if (wait_until(c, time_ticks() + GRACE_MS, &gone, f) == -1)
			return -1;
		(void)kill(-c->pid, SIGKILL);
	}
	status = collect(c);
	if (ended && WIFEXITED(status))
		*end = (struct child_end){ CHILD_EXITED, WEXITSTATUS(status) };
	else if (ended)
		*end = (struct child_end){ CHILD_SIGNALED, WTERMSIG(status) };
	return 0;
}

void
child_kill(struct child *c)
{
	if (c->pid <= 0)
		return;
	(void)kill(-c->pid, SIGKILL);
	(void)collect(c);
}

int
child_run(const struct child_plan *plan, struct child_end *end, struct fault *f)
{
	struct child c;

	if (child_start(plan, &c, f) == -1)
		return -1;
	return child_wait(&c, end, f);
}

void
child_text(const struct child_end *end, char out[CHILD_TEXT])
{
	switch (end->how) {
	case CHILD_EXITED:
		(void)snprintf(out, CHILD_TEXT, "exit status %d", end->number);
		break;
	case CHILD_SIGNALED:
		(void)snprintf(out, CHILD_TEXT, "killed by signal %d (%s)",
		    end->number, strsignal(end->number));
		break;
	case CHILD_TIMEOUT:
		(void)snprintf(out, CHILD_TEXT, "stopped after %d seconds",
		    end->number);
		break;
	}
}

int
child_hook(const struct words *hook, const char *const *environment,
    int seconds, struct fault *f)
{
	struct child_plan plan = { .argv = (const char *const *)hook->word,
		.environment = environment,
		.seconds = seconds > 0 ? seconds : CHILD_HOOK_SECONDS };
	struct child_end end;
	char text[CHILD_TEXT];

	if (hook->count == 0)
		return 0;
	if (child_run(&plan, &end, f) == -1)
		return fault_within(f, "hook");
	if (end.how == CHILD_EXITED && end.number == 0)
		return 0;
	child_text(&end, text);
	return fault_set(f, FAULT_SYSTEM, "hook '%s' failed: %s", hook->word[0],
	    text);
}
