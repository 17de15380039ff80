/*
 * name.h -- the only judge of names (FORMAT section 3).
 *
 * A name is UTF-8 that a stranger may have chosen.  In a tar path it is one
 * component: "/", "%" and a leading "." are spelt %2F, %25, %2E, nothing else
 * is, so that a name has exactly one spelling.
 */
#ifndef ITEMS_NAME_H
#define ITEMS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/words.h"
#include "items/limits.h"

/* Page names: subpages with "/", no empty, "." or ".." part. */
int name_check_page(const char *name, struct fault *f)
    __attribute__((warn_unused_result));
/* An attachment's file name: the same without "/". */
int name_check_file(const char *name, struct fault *f)
    __attribute__((warn_unused_result));
/* Author, comment, title: the same characters, may be empty, at most max. */
int name_check_note(const char *text, size_t max, struct fault *f)
    __attribute__((warn_unused_result));
int name_check_lang(const char *lang, struct fault *f)
    __attribute__((warn_unused_result));
int name_check_format(const char *format, struct fault *f)
    __attribute__((warn_unused_result));

/* Add the spelling for a tar path. The name must be a checked one. */
int name_spell(const char *name, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));
/*
 * Read n bytes of spelling; adds the name, which is yet to be checked.
 * FAULT_FORMAT for any other "%", a "/", a leading ".", a NUL: whatever
 * name_spell() would not have written.
 */
int name_unspell(const char *spelt, size_t n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* A glob whose "*" also matches "/"; "?" one character; no other magic. */
bool name_matches(const char *glob, const char *name);
bool name_matches_any(const struct words *globs, const char *name);

#endif
