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

/*
 * How long this machine waits within a splay: always the same for a machine
 * and a state folder, so that many machines spread and each keeps its beat.
 */
int64_t fetch_splay(const char *machine, const char *state, int64_t most);

#endif
