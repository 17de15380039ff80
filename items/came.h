/*
 * came.h -- the patterns of a list that an older list has not.
 *
 * Lists that follow each other differ in a few lines of ten thousand, and
 * what else they have stands in the same order: both are walked side by side
 * as plain bytes, and only lines that differ are read as patterns
 * (items/patterns.h).  One that moved is found again among those that went.
 * One that is there more often than before has come.
 *
 * Both lists may be hostile: then it takes as long as a set of all lines, and
 * a few times as much.
 */
#ifndef ITEMS_CAME_H
#define ITEMS_CAME_H

#include "base/buf.h"

/* Adds them to out, one a line, each once, in the order of the list. */
int came_patterns(const struct buf *old, const struct buf *list,
    struct buf *out, struct fault *f) __attribute__((warn_unused_result));

#endif
