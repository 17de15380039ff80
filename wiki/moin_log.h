/*
 * moin_log.h -- MoinMoin's edit-logs: nine fields a line, separated by tabs
 * (MoinMoin logfile/editlog.py).
 *
 * One bad line in the wiki's log takes the whole wiki down, and a line that
 * reaches a reader in two parts does too: lines are made here only, each is
 * written by one write(2) at the file's end, and what a crash left there is
 * first made harmless.  What is read may have been written by anybody.
 *
 * Stamps are microseconds since 1970.
 */
#ifndef WIKI_MOIN_LOG_H
#define WIKI_MOIN_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define MOIN_LOG_NOTE_MAX 200 /* characters of a comment: Moin's limit */
#define MOIN_LOG_ATTACHMENT 99999999 /* the revision of such lines */

struct moin_line { /* strings are borrowed, never NULL */
	int64_t stamp;
	int64_t revision;
	const char *action;
	const char *folder; /* the page's name, quoted */
	const char *address;
	const char *host;
	const char *user;
	const char *extra;
	const char *comment;
};

/*
 * Take a line (without its LF) apart in place, as Moin does; the strings
 * point into it.  False if Moin could not read it.
 */
bool moin_log_parse(char *line, struct moin_line *out);

/*
 * Find the last line with this revision in the log fd, which may be -1 (no
 * log); the strings point into *room.  *have is false if there is none.
 */
int moin_log_find(int fd, int64_t revision, struct buf *room,
    struct moin_line *out, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The author whom a line names without an address: put there by
 * moin_log_author(), or by Moin's own subsystems.  Adds nothing where the
 * line has an address, since its host field then tells where someone came
 * from, or where the host looks like an address.
 */
int moin_log_line_author(const struct moin_line *line, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

#endif
