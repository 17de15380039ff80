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

#define MOIN_LOG_NOTE_MAX 200	     /* characters of a comment: Moin's limit */
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

/* The largest stamp among the last lines of a log; 0 if there is none. */
int moin_log_newest(int fd, int64_t *stamp, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Is there a line of this revision, folder and extra field behind the first
 * `from` bytes of the log?  The action need only begin as like's does.
 */
int moin_log_has(int fd, int64_t from, const struct moin_line *like, bool *has,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * The author whom a line names without an address: put there by
 * moin_log_author(), or by Moin's own subsystems.  Adds nothing where the
 * line has an address, since its host field then tells where someone came
 * from, or where the host looks like an address.
 */
int moin_log_line_author(const struct moin_line *line, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

/* ---- moin_log_write.c ---- */

/*
 * Add a comment as a log may have it: on one line, without controls, of at
 * most MOIN_LOG_NOTE_MAX characters; what is longer ends in an ellipsis.
 */
int moin_log_note(const char *text, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Add an author for the host field.  Moin shows a host up to its first dot,
 * so that dots are written as U+2024, which looks the same.
 */
int moin_log_author(const char *name, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Add an attachment's name for the extra field (werkzeug's url_quote). */
int moin_log_quote_file(const char *name, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* The clock as a stamp, but later than another one. */
int64_t moin_log_now(int64_t after);

/* Add a line with its LF. */
int moin_log_format(const struct moin_line *line, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Append a line to an open log (O_RDWR | O_APPEND) in one write.  dirfd and
 * path name the same file: if a torn line is at its end, that must be mended
 * through another descriptor.
 */
int moin_log_append(int dirfd, const char *path, int fd,
    const struct moin_line *line, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Where the log ends in the beginning of this very line, which a crash cut
 * off, add the rest: done is true, and the line has the stamp that is there.
 * Only where nobody else appends: the page is locked.
 */
int moin_log_complete(const char *path, int fd, struct moin_line *line,
    bool *done, struct fault *f) __attribute__((warn_unused_result));

/*
 * Make a torn last line, which a crash left, one that Moin can read, in
 * place: Moin remembers offsets.  A log that ends in a LF stays as it is.
 */
int moin_log_mend(int dirfd, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

#endif
