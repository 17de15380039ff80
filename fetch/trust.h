/*
 * trust.h -- the certificates of the pinned signers: where they come from,
 * and the GnuPG home that a worker checks signatures with.
 *
 * The pins are fingerprints in the configuration; certificates come from
 * anywhere (the file that `certificate` names, key.asc of any mirror) and are
 * kept only if their primary key is pinned (FORMAT section 7).  A revocation
 * once seen stays.
 */
#ifndef FETCH_TRUST_H
#define FETCH_TRUST_H

#include "fetch/book.h"
#include "fetch/settings.h"
#include "fetch/worker.h"

/*
 * Take the pins of the configuration over: if they changed, what is known of
 * other signers is forgotten.  The file of `certificate` is read where no
 * certificates are known yet.
 */
int trust_start(struct book *book, const struct follow_settings *follow,
    struct book_feed *feed, struct worker *worker, struct fault *f)
    __attribute__((warn_unused_result));

/* Merge certificates from a file (key.asc) into feed->keyring and signers. */
int trust_add(struct book *book, struct book_feed *feed, struct worker *worker,
    int key_asc, struct fault *f) __attribute__((warn_unused_result));

/* The home's path, owned by the caller; made where it is missing or old. */
int trust_home(struct book *book, const char *state,
    const struct book_feed *feed, char **home, struct fault *f)
    __attribute__((warn_unused_result));

/* Does any certificate stand for the pins yet? */
bool trust_has_keys(const struct book_feed *feed);

#endif
