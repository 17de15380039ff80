/*
 * follow.h -- `wikicast follow NAME URL...`: show what would be trusted and
 * what would arrive, ask, and pin it in the configuration.
 *
 * The feed is fetched with all checks into a scratch folder, so that a feed
 * that is refused, by us or by the person, leaves nothing behind.
 */
#ifndef FETCH_FOLLOW_H
#define FETCH_FOLLOW_H

#include "base/options.h"

extern const struct options_row follow_rows[];
extern const char follow_more[];

/* Returns the exit status; f is for the caller to say. */
int follow_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
