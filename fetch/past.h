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

/*
 * "2026-11-24", "2026-11-24T06:25:33Z", or a duration before now ("3d"), as
 * seconds.  FAULT_CONFIG for anything else.
 */
int past_since(const char *text, int64_t now, int64_t *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
