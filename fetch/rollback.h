/*
 * rollback.h -- `wikicast rollback FEED SERIAL`: the wiki goes back to what a
 * feed had at an earlier serial, as new revisions, and stays there until
 * `wikicast resume` (DESIGN section 6).
 *
 * Texts are the store's; no mirror is asked.  The hold is durable before the
 * first write, so that after a crash the next fetch goes on with it.  What the
 * feed publishes meanwhile is accepted and served, and not installed.
 */
#ifndef FETCH_ROLLBACK_H
#define FETCH_ROLLBACK_H

#include "base/options.h"

extern const struct options_row rollback_rows[];
extern const char rollback_more[];

/* Returns the exit status; f is for the caller to say. */
int rollback_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

#endif
