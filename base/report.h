/*
 * report.h -- results on stdout: tables for people, or with --json one object
 * a line for programs.
 *
 *	OWNED(report_free) struct report *r = NULL;
 *	if (report_start(options.json, STDOUT_FILENO, &r, f) == -1) ...
 *	report_row(r, "mirror");
 *	report_text(r, "url", m->url);
 *	report_number(r, "serial", m->serial);
 *	report_time(r, "seen_at", m->seen);
 *	if (report_row_end(r, f) == -1) ...
 *	...
 *	if (report_end(r, f) == -1) ...
 *
 * Rows of one type that follow each other are one table; its columns are the
 * fields of its first row, in their order, and the later rows have the same
 * ones.  Names of fields are lower case with "_" between words; a header shows
 * them in capitals with blanks.  A JSON line is {"v":1,"type":"mirror",...}.
 *
 * A field cannot fail: what goes wrong is told by the next function that
 * takes a fault.  A write that fails (full disk, closed pipe) is FAULT_SYSTEM;
 * main() ignores SIGPIPE.  Text may come from strangers: tables show it made
 * harmless, JSON escapes it.
 */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/words.h"

#define REPORT_FIELDS_MAX 24 /* of a row */

struct report;

/* The descriptor stays the caller's. */
int report_start(bool json, int fd, struct report **out, struct fault *f)
    __attribute__((warn_unused_result));
void report_free(struct report **r);

/* Begin a row of a type: a literal, such as "mirror". */
void report_row(struct report *r, const char *type);

/* Its fields; names are literals. */
void report_text(struct report *r, const char *name, const char *text);
void report_number(struct report *r, const char *name, int64_t n);
void report_bool(struct report *r, const char *name, bool yes);
void report_time(struct report *r, const char *name, int64_t seconds);
void report_words(struct report *r, const char *name, const struct words *w);
void report_null(struct report *r, const char *name); /* "-" in a table */
/* NULL texts and times below 0 are null as well. */

/* JSON is written here, a table when it is complete. */
int report_row_end(struct report *r, struct fault *f)
    __attribute__((warn_unused_result));

/* A sentence of its own for people; nothing in JSON. */
int report_say(struct report *r, struct fault *f, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), warn_unused_result));

/* Write what is left. */
int report_end(struct report *r, struct fault *f)
    __attribute__((warn_unused_result));

#endif
