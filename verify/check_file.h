/*
 * check_file.h -- one file by itself: a snapshot by its own signature, a feed
 * document by its seal, a step by its shape alone, since only the documents
 * that name it are signed.
 */
#ifndef VERIFY_CHECK_FILE_H
#define VERIFY_CHECK_FILE_H

#include "verify/tally.h"
#include "verify/vouch.h"

/*
 * By the end of its name: .tar.zst, .step.zst or .atom; else FAULT_CONFIG.
 * Certificates that are not named are looked for in key.asc: beside a feed,
 * two folders above a snapshot.  *signed_by_none is set where nobody vouches.
 */
int check_single(struct vouch *v, struct tally *t, const char *path,
    bool *signed_by_none, struct fault *f) __attribute__((warn_unused_result));

#endif
