/*
 * text.h -- the content of text items: UTF-8, LF line ends (FORMAT 3), and
 * the processing instructions at the top of a MoinMoin page (MOIN.md 3.6).
 */
#ifndef ITEMS_TEXT_H
#define ITEMS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * May this be the content of a text item?  FAULT_FORMAT: not UTF-8, a NUL, a
 * BOM at the start, a carriage return.
 */
int text_check(const char *text, size_t n, struct fault *f)
    __attribute__((warn_unused_result));

/* CRs right before an LF go; any other CR is kept (text_check refuses it). */
int text_to_lf(const char *text, size_t n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));
/* Each LF to CRLF, nothing else added or removed. */
int text_to_crlf(const char *text, size_t n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Moin reads the run of lines that start with "#" at the very top, up to a
 * line that is only "#".  These find and change them there, and only there.
 * An #acl that stands in such a line behind a vertical tab or another of the
 * breaks that Moin makes a line end when the page is saved the next time
 * counts as an #acl line: it would come into force then.
 */
bool text_has_acl(const char *text, size_t n);
/*
 * Add the text without its #acl lines; line (may be NULL: none), such as
 * "#acl All:read", is put first instead.  What is added has no #acl line
 * but that one.
 */
int text_replace_acl(const char *text, size_t n, const char *line,
    struct buf *out, struct fault *f) __attribute__((warn_unused_result));

/* Add its #acl lines, each with an LF: what is in force, and nothing else. */
int text_acl(const char *text, size_t n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Put the value of an instruction such as "language" or "format" at the top
 * into out: the last one, as in Moin, without blanks around it.  Empty if
 * there is none or it is longer than out's max.
 */
int text_instruction(const char *text, size_t n, const char *verb,
    struct buf *out, struct fault *f) __attribute__((warn_unused_result));

#endif
