/*
 * atom.h -- feed.atom without its signature line, as bytes (FORMAT section 5).
 *
 * atom_read() is only called on bytes that a trusted signature covers, and is
 * strict all the same: UTF-8, no DOCTYPE, CDATA, comments or processing
 * instructions; elements in the namespaces of Atom and urn:x-wikicast:1 that
 * we know at most as often as FORMAT says; others ignored; hrefs exactly as
 * FORMAT spells them.
 */
#ifndef FEEDS_ATOM_H
#define FEEDS_ATOM_H

#include "feeds/feed.h"

#define ATOM_STEP_TYPE "application/vnd.wikicast.step+zstd"
#define ATOM_SNAPSHOT_TYPE "application/x-tar+zstd"

/* Add the document up to and with the root's end tag and one LF. */
int atom_write(const struct feed *feed, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Fill an initialised feed (untouched on failure) from n bytes.  Checks
 * what can be checked without a clock and an older document: the entry's
 * state is the head's, the entry id is right, the step inside has the
 * length and digest of its enclosure.
 */
int atom_read(const char *bytes, size_t n, struct feed *feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
