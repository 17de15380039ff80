/*
 * mirroring.h -- `wikicast mirror --signer FPR URL... DIR`: a verified full
 * copy of a feed for a web server, without a wiki and without a configuration.
 *
 * It is a fetch of a feed that only serves, with a state folder of its own,
 * so that it neither waits for a wiki's fetch nor mixes with it.
 */
#ifndef FETCH_MIRRORING_H
#define FETCH_MIRRORING_H

#include "base/options.h"

extern const struct options_row mirroring_rows[];
extern const char mirroring_more[];

/* Returns the exit status; f is for the caller to say. */
int mirroring_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
