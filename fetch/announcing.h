/*
 * announcing.h -- `wikicast announce`: tell others by hand, or after an upload,
 * that a feed has news.
 */
#ifndef FETCH_ANNOUNCING_H
#define FETCH_ANNOUNCING_H

#include "base/options.h"

extern const char announcing_more[];

int announcing_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
