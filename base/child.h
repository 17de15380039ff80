/*
 * child.h -- run a program: no shell, few descriptors, a time limit.
 *
 *	const char *argv[] = { "diff3", "-m", a, b, c, NULL };
 *	struct child_plan plan = { .argv = argv, .out = fd, .seconds = 60 };
 *	struct child_end end;
 *	if (child_run(&plan, &end, f) == -1) ...	it could not be run
 *	if (end.how != CHILD_EXITED || end.number > 1)
 *		... child_text(&end, text) has words for it ...
 *
 * or child_start() now and child_wait() later, for a child that is talked to.
 *
 * The child has a session of its own: it has no terminal to ask a person on,
 * and what it starts ends with it when time is up.  It gets descriptors 0, 1
 * and 2 and those that are handed over, and none else.  When its parent dies
 * it is told to end.  argv is ours or the administrator's; what comes back is
 * a stranger's if the program reads strangers' bytes.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "base/words.h"

#define CHILD_FDS_MAX 16 /* descriptors handed over */
#define CHILD_HOOK_SECONDS 600

struct child_fd {
	int from; /* ours */
	int to;	  /* the child's number, 3 to 63 */
};

/* All of it is borrowed; what is 0 or NULL is as said. */
struct child_plan {
	const char *const
	    *argv; /* a name without a slash is looked for in PATH */
	const char *const *environment; /* "NAME=value", added to ours or put
					   in place of the same name */
	int in;				/* its stdin; 0: /dev/null */
	int out;			/* its stdout; 0: our stderr */
	const struct child_fd *fds;
	size_t fd_count;
	int seconds; /* from start to end; 0: no limit */
};

struct child {
	pid_t pid;	  /* 0: none */
	int pidfd;	  /* -1: none */
	int seconds;	  /* the limit, 0: none */
	int64_t deadline; /* ms of CLOCK_MONOTONIC, 0: none */
};

enum child_how {
	CHILD_EXITED,	/* number is the exit status */
	CHILD_SIGNALED, /* number is the signal that it died of */
	CHILD_TIMEOUT,	/* it did not end within number seconds */
};

struct child_end {
	enum child_how how;
	int number;
};

/*
 * Start it.  That the program cannot be executed is told here, as
 * FAULT_SYSTEM.  A started child must be waited for.
 */
int child_start(const struct child_plan *plan, struct child *c, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Wait for its end.  When time is up its session is told to end, and killed
 * at most two seconds later; child_kill() does that at once.
 */
int child_wait(struct child *c, struct child_end *end, struct fault *f)
    __attribute__((warn_unused_result));
void child_kill(struct child *c); /* and wait; fine for none */

int child_run(const struct child_plan *plan, struct child_end *end,
    struct fault *f) __attribute__((warn_unused_result));

/* "exit status 3", "killed by signal 11 (Segmentation fault)", ... */
#define CHILD_TEXT 96
void child_text(const struct child_end *end, char out[CHILD_TEXT]);

/*
 * Run a hook, such as "after = rsync -a DIR HOST:": its output goes to our
 * stderr; within seconds (0: CHILD_HOOK_SECONDS) it must end with 0, else the
 * fault names the hook and how it ended.  An empty hook is fine.
 */
int child_hook(const struct words *hook, const char *const *environment,
    int seconds, struct fault *f) __attribute__((warn_unused_result));

#endif
