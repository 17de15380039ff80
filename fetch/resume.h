/*
 * resume.h -- `wikicast resume FEED`: a person has looked, and ends a hold.
 *
 * Removals that wait (max-drop) happen in the next fetch.  After a fork, what
 * was accepted is forgotten, and the next good feed is taken as at the first
 * fetch (FORMAT section 6); the evidence stays, and so does the wiki until
 * then.
 */
#ifndef FETCH_RESUME_H
#define FETCH_RESUME_H

#include "base/options.h"

/* Returns the exit status; f is for the caller to say. */
int resume_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
