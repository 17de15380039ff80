/*
 * fault.h -- one error value that travels from where it happened to main().
 *
 * A fault is a fixed-size struct that the caller owns, usually on main()'s
 * stack.  It needs no freeing, and setting one never allocates, so it works
 * when memory is gone.  An all-zero fault means "nothing went wrong yet".
 *
 * Every function that can fail takes a fault as its last parameter, never
 * NULL, returns 0 or -1, and sets the fault when it returns -1:
 *
 *	if (n > max)
 *		return fault_set(f, FAULT_LIMIT, "%zu entries", n);
 *	if (read_entry(e, f) == -1)
 *		return fault_within(f, "entry %zu", i);
 *
 * It is set once, at the lowest place that knows the cause; a caller puts a
 * noun in front only where it knows one that the user knows too.  Only
 * programs print faults.  Text may come from strangers: control characters
 * are made harmless when it is set.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#define FAULT_TEXT_MAX 1024 /* bytes, with the NUL; longer text is cut */

/* What went wrong, in the caller's terms.  fault_exit() maps it to a status. */
enum fault_kind {
	FAULT_NONE = 0,
	FAULT_MEMORY,  /* allocation failed */
	FAULT_SYSTEM,  /* the disk or the wiki: fault.sys has the errno, or 0 */
	FAULT_CONFIG,  /* bad option or configuration */
	FAULT_NETWORK, /* could not be fetched; worth another try later */
	FAULT_BEHIND,  /* a good copy, but older than what is accepted */
	FAULT_FORMAT,  /* input breaks the format */
	FAULT_LIMIT,   /* input is larger than a limit allows */
	FAULT_UNSIGNED,	 /* no acceptable signature */
	FAULT_FORK,	 /* one serial, two states */
	FAULT_EXPIRED,	 /* a good copy, but past its time */
	FAULT_ATTENTION, /* a conflict or a held removal needs a person */
	FAULT_BUSY,	 /* another run holds the lock */
	FAULT_BUG,	 /* cannot happen */
};

struct fault {
	enum fault_kind kind;
	int sys; /* errno for FAULT_SYSTEM, else 0 */
	char text[FAULT_TEXT_MAX];
};

/* The exit statuses that every program has (README, man pages). */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_CONFIG = 2,
	EXIT_NETWORK = 3,
	EXIT_REFUSED = 4,
	EXIT_EXPIRED = 5,
	EXIT_LOCAL = 6,
	EXIT_BUSY = 7,
	EXIT_BUG = 70,
};

/*
 * Record a fault, replacing any earlier one.  Always returns -1, so that
 * "return fault_set(f, ...)" is the whole error path.
 */
int fault_set(struct fault *f, enum fault_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As fault_set(FAULT_SYSTEM), with ": strerror(errnum)" added at the end. */
int fault_system(struct fault *f, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Out of memory.  Always returns -1. */
int fault_memory(struct fault *f);

/*
 * Put context in front of a fault: "feed 'x': entry 3: <old text>".  Keeps
 * the kind.  Always returns -1.
 */
int fault_within(struct fault *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The exit status for a fault's kind; EXIT_DONE for an all-zero fault. */
int fault_exit(const struct fault *f);

/* The more serious of two exit statuses, in the order 70 4 6 2 5 3 7 0. */
int exit_worse(int a, int b);

#endif
