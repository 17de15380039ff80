/*
 * moin_name.h -- names of pages and attachments as MoinMoin 1.9 stores them.
 *
 * A page's folder is its name in UTF-8 with each run of bytes outside
 * [a-zA-Z0-9_] as lower-case hex digits in parentheses: "A/B" is "A(2f)B"
 * (MoinMoin wikiutil.quoteWikinameFS).  Folder names come from a disk where
 * anybody may have made them, page names from strangers' feeds.
 *
 * A name that Moin changes when it reads it from a URL (normalize_pagename)
 * is on disk but cannot be opened; it is refused both ways.
 *
 * Faults: FORMAT for the names themselves, MEMORY.
 */
#ifndef WIKI_MOIN_NAME_H
#define WIKI_MOIN_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define MOIN_NAME_MAX 255 /* bytes of a file name on any usual file system */

/* Add the folder's name to out; any bytes are a name here. */
int moin_name_quote(const char *name, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Add the page's name as Moin decodes it, which takes more than it writes:
 * upper-case digits, and what is no pair of parentheses around hex digits as
 * it stands.  FAULT_FORMAT where Moin fails: an odd number of digits, or
 * not UTF-8.
 */
int moin_name_unquote(const char *folder, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Add what Moin makes of a name that a user asks for.  name is UTF-8. */
int moin_name_normalize(const char *name, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* May this be an item's page in both FORMAT section 3 and Moin? */
int moin_name_check_page(const char *name, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The page's name (added to out) of a folder that Moin itself could have
 * made; FAULT_FORMAT says what is wrong with another.  out then has the
 * name as far as it can be decoded, or is as it was.
 */
int moin_name_of_folder(const char *folder, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Add what Moin makes of an attachment's name (wikiutil.taintfilename). */
int moin_name_taint(const char *name, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * May this be an attachment's name?  Not one that Moin would change, and none
 * that begins with a dot: Moin lists these, but they are the names of
 * temporary files, of web servers' access files, and of the folder itself.
 */
int moin_name_check_file(const char *name, struct fault *f)
    __attribute__((warn_unused_result));

/* Python 2.7's unicode.isspace() and, below U+10000, unicode.isalnum(). */
bool moin_name_is_space(uint32_t c);
bool moin_alnum(uint32_t c); /* moin_alnum.c */

#endif
