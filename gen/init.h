/*
 * init.h -- `wikicast init NAME`: make a publisher.
 *
 * Asks at a terminal for what no option says, checks everything that can be
 * checked, and only then makes folders, a key if none is named, and the
 * configuration.
 */
#ifndef GEN_INIT_H
#define GEN_INIT_H

#include "base/options.h"

extern const struct options_row init_rows[];
extern const char init_more[];

/* Returns the exit status; f is for the caller to say. */
int init_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
