/*
 * status.h -- `wikicast status [FEED...]`: where every feed and mirror
 * stands, and what needs a person.  Reads without the lock.
 */
#ifndef FETCH_STATUS_H
#define FETCH_STATUS_H

#include "base/options.h"

extern const char status_more[];

/* Returns the exit status; f is for the caller to say. */
int status_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
