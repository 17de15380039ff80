/*
 * placed.h -- the store's items as they are called in this wiki: with the
 * prefix of their feed's section in front (items/prefix.h).
 *
 * Records, notes, plans and events have the paths here, the store those of
 * the feed.
 */
#ifndef FETCH_PLACED_H
#define FETCH_PLACED_H

#include "fetch/book.h"

/*
 * What the state book_goal(feed) has for a path here, still with the feed's
 * names.
 */
int placed_get(struct book *book, const struct book_feed *feed,
    const char *prefix, const char *path, struct item *item, bool *have,
    struct fault *f) __attribute__((warn_unused_result));

#endif
