/*
 * unfollow.h -- `wikicast unfollow NAME`: forget a feed.  Its pages stay in
 * the wiki, as ordinary pages.
 */
#ifndef FETCH_UNFOLLOW_H
#define FETCH_UNFOLLOW_H

#include "base/options.h"

/* Returns the exit status; f is for the caller to say. */
int unfollow_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
