/*
 * evidence.h -- the proof of a fork: two documents, each with a good
 * signature, that say different things of one serial (FORMAT section 6.3).
 */
#ifndef FETCH_EVIDENCE_H
#define FETCH_EVIDENCE_H

#include "fetch/book.h"

/*
 * Keep a signed document in the state folder, as
 * evidence/<feed>-<serial>-<sha256 of the document>.atom.
 */
int evidence_keep(struct book *book, const char *feed, int64_t serial,
    const struct buf *document, struct fault *f)
    __attribute__((warn_unused_result));

#endif
