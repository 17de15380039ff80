/*
 * fetch.h -- `wikicast fetch [FEED...]`: bring followed feeds up to date.
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include "base/options.h"

#define FETCH_LOCK_SECONDS 60 /* exit 7 after waiting that long */

extern const struct options_row fetch_rows[];

/* Returns the exit status; f is for the caller to say. */
int fetch_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
