/*
 * sandbox.h -- give up all rights but those over open descriptors, for a
 * process that parses what strangers sent.
 *
 *	struct sandbox_limits l = { .cpu_seconds = 60, .memory = 1 << 30 };
 *	unsigned int missing;
 *	if (sandbox_limit(&l, f) == -1) ...
 *	... open, load, start all that parsing needs ...
 *	if (sandbox_enter(&missing, f) == -1) ...
 *	... read descriptors, write descriptors, talk over a socket, exit ...
 *
 * There is no way back, and it needs no root.  It guards against a parser
 * that a hostile publisher has taken over; the limits also against one that
 * loops or swells.  Libraries that look for a file meet EACCES, as on a
 * machine that lacks it; every other call that is not on the list kills the
 * process (SIGSYS), so that its parent sees that something is wrong.
 *
 * Kernels and containers may lack Landlock or seccomp; then the rest is done
 * and missing says what is not.  Builds with AddressSanitizer skip both, as
 * its reports need files and processes.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdint.h>

#include "base/fault.h"

struct sandbox_limits {	     /* 0: as it is */
	int64_t cpu_seconds; /* SIGXCPU, one second later SIGKILL */
	int64_t memory;	     /* bytes of address space: malloc() fails */
	int64_t file_size;   /* bytes of any file written: EFBIG */
};

/* Set limits, for good.  Core dumps are switched off as well. */
int sandbox_limit(const struct sandbox_limits *limits, struct fault *f)
    __attribute__((warn_unused_result));

/* What could not be done, in missing. */
#define SANDBOX_NO_LANDLOCK 1u
#define SANDBOX_NO_SECCOMP 2u

/*
 * sandbox_files(): no path can be opened, made, renamed or removed any more
 * (Landlock).  sandbox_calls(): only the calls of a parser are left, none of
 * which opens, connects, executes or forks (seccomp).  sandbox_enter(): both.
 */
int sandbox_files(unsigned int *missing, struct fault *f)
    __attribute__((warn_unused_result));
int sandbox_calls(unsigned int *missing, struct fault *f)
    __attribute__((warn_unused_result));
int sandbox_enter(unsigned int *missing, struct fault *f)
    __attribute__((warn_unused_result));

#endif
