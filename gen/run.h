/*
 * run.h -- `wikicast gen [FEED...]`: publish what changed.
 */
#ifndef GEN_RUN_H
#define GEN_RUN_H

#include "base/options.h"

extern const struct options_row run_rows[];

/* Returns the exit status; f is for the caller to say. */
int run_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
