/*
 * resolve.h -- `wikicast resolve PAGE`: a person settles what was edited here
 * and changed by a feed.
 *
 * --mine: the local text stands until the feed changes the page again.
 * --theirs: the feed's becomes the new revision, the local one is in the
 * wiki's history.  --edit: both go to an editor, with marks where they meet,
 * and what it leaves becomes the new revision.  --show only shows.
 */
#ifndef FETCH_RESOLVE_H
#define FETCH_RESOLVE_H

#include "base/options.h"

extern const struct options_row resolve_rows[];
extern const char resolve_more[];

/* Returns the exit status; f is for the caller to say. */
int resolve_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
