/*
 * past.h -- `wikicast log [FEED]`: what arrived when, and what was done
 * with it.
 */
#ifndef FETCH_PAST_H
#define FETCH_PAST_H

#include "base/options.h"

extern const struct options_row past_rows[];

/* Returns the exit status; f is for the caller to say. */
int past_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
