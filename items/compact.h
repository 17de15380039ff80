/*
 * compact.h -- an equal pattern list that a wiki searches faster.
 *
 * MoinMoin runs one search for each line on every save.  Patterns that match
 * only a few fixed texts, nine of ten in real lists, are merged into one
 * alternation for each first character, written as a trie:
 *
 *	spam\.com			s(?:ex\.biz|pam\.(?:com|net))
 *	spam\.net		->
 *	sex\.biz
 *
 * A text that has a match of any old line has one of a new line, and the
 * other way round; case is ignored, as MoinMoin does.  What begins with
 * another text of the list is not needed: whoever has it has that one.  All
 * other patterns stay lines of their own, in their order.  The originals
 * stay readable as comments at the end, which MoinMoin passes over.
 *
 * The list may be a stranger's: it is one that lint let in, but what lint
 * would refuse does no harm here.  Memory goes with the list's size, depth
 * with PATTERN_MAX.
 */
#ifndef ITEMS_COMPACT_H
#define ITEMS_COMPACT_H

#include "base/buf.h"

/*
 * Add the compact list to out: comments at the top as they are, merged lines,
 * other patterns, the originals.  Lists without two patterns to merge are
 * added as they are.  After a failure out may hold a part.
 */
int compact_list(const char *list, size_t n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
