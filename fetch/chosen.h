/*
 * chosen.h -- what several verbs need: the feeds that were named on the
 * command line, and items as people call them.
 */
#ifndef FETCH_CHOSEN_H
#define FETCH_CHOSEN_H

#include "base/options.h"
#include "fetch/settings.h"

/* The section of a name; none is FAULT_CONFIG. */
int chosen_find(const struct settings *s, const char *name,
    const struct follow_settings **out, struct fault *f)
    __attribute__((warn_unused_result));

/* Every argument is the name of a [follow] section, and there is one. */
int chosen_check(const struct options *o, const struct settings *s,
    struct fault *f) __attribute__((warn_unused_result));

/* Named, or nothing is. */
bool chosen_has(const struct options *o, const char *name);

/* Add "page 'X'" for an item's path. */
int chosen_item(const char *path, struct buf *text, struct fault *f)
    __attribute__((warn_unused_result));

#endif
