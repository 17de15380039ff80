/*
 * proof.h -- new patterns beside everything that they must not match here:
 * names of hosts and this wiki's pages.
 *
 * The texts go into a file that the worker reads in its sandbox: patterns are
 * strangers' programs, and this one has the network.  New patterns are held
 * against all pages but those that are as this feed brought them: gen has held
 * the patterns against their texts, and to read them all would cost more than
 * the rest of an update.  Patterns that were found good before are not held
 * against pages that changed since: people wrote those while the patterns were
 * in force.
 */
#ifndef FETCH_PROOF_H
#define FETCH_PROOF_H

#include "fetch/look.h"
#include "fetch/worker.h"

/*
 * list: patterns, one a line; name: of the list's page, which is not held
 * against itself.  A worker that fails on them has refused all: the verdict
 * says so.
 */
int proof_judge(const struct look_at *at, const char *name,
    const struct buf *list, struct worker_verdict *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
