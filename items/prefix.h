/*
 * prefix.h -- a feed's items below a prefix of this wiki's choice
 * (`prefix = Shared/`): names there and names here.
 *
 * Pages, and attachments with them, get the prefix in front.  A pattern list
 * or an interwiki map keeps its name, under which alone an engine reads it,
 * unless that begins with the prefix: so no two items of a feed have one place
 * here, and the name here tells the name there.
 *
 * A prefix may be NULL everywhere: nothing is different then.
 */
#ifndef ITEMS_PREFIX_H
#define ITEMS_PREFIX_H

#include "items/item.h"

/* Can page names begin with it?  FAULT_FORMAT says why not. */
int prefix_check(const char *prefix, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Give an item of the feed its name here.  FAULT_FORMAT if that would be too
 * long; the item is untouched then.
 */
int prefix_apply(const char *prefix, struct item *item, struct fault *f)
    __attribute__((warn_unused_result));

/* What a name here is in the feed: a part of it. */
const char *prefix_strip(const char *prefix, const char *name);

/*
 * Add the path here of an item of the feed.  One whose name would be too long
 * has its own path, where it is skipped.
 */
int prefix_path(const char *prefix, const struct item *item, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

/* Add the path in the feed of what has this path here. */
int prefix_strip_path(const char *prefix, const char *path, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

#endif
