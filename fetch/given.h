/*
 * given.h -- what a person names on the command line of follow and mirror, as
 * a [follow] section has it.
 */
#ifndef FETCH_GIVEN_H
#define FETCH_GIVEN_H

#include "base/words.h"

/*
 * Add the words from `first` up to `end` as URLs of a feed's folder: everybody
 * forgets the slash, who has the feed's own URL may well give that, and a
 * folder that is there is one as it stands.
 */
int given_urls(const struct words *arguments, size_t first, size_t end,
    struct words *urls, struct fault *f) __attribute__((warn_unused_result));

/* Add the fingerprints of --signer; FAULT_CONFIG if there is none. */
int given_signers(const struct words *given, struct words *fingerprints,
    struct fault *f) __attribute__((warn_unused_result));

#endif
