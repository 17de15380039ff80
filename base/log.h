/*
 * log.h -- the one place that writes to stderr.  Only programs call it;
 * libraries have faults instead.
 *
 *	log_start("wikicast fetch", options.verbosity);
 *	log_warn("mirror '%s' is behind", url);
 *	log_fault(&f);
 *
 * One call is one line in one write, so that lines of several processes do
 * not mix.  Text may come from strangers and is made harmless.  Whether the
 * write succeeds is nobody's business: there is no other place to say so.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

struct fault;

enum log_verbosity {
	LOG_QUIET = -1,	 /* -q: errors and warnings */
	LOG_NORMAL = 0,	 /* and what a person at a terminal wants to know */
	LOG_VERBOSE = 1, /* -v: and each step */
};

/*
 * Begin: the name is kept, not copied.  Also opens descriptors 0, 1 and 2 on
 * /dev/null where the caller's caller closed them, lest a database becomes
 * our stderr; so it is the first thing that main() does.  Without it, lines
 * have no name and verbosity is normal.  May be called again.
 */
void log_start(const char *program, enum log_verbosity verbosity);

/* Lines; under systemd with the priorities <3>, <4>, <6>, <7>. */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_detail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A fault as an error line; nothing if nothing went wrong. */
void log_fault(const struct fault *f);

/*
 * A passing line at the bottom of a terminal, for progress.h; NULL takes it
 * away.  Any other line takes it away first.  Nothing happens where
 * log_is_live() is false: not a terminal, a dumb one, or -q.
 */
bool log_is_live(void);
void log_status(const char *line);

#endif
