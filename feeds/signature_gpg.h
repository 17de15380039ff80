/*
 * signature_gpg.h -- the signature that every publication needs, by gpg
 * itself; only for signature_sign.c.
 *
 * Before its first gpg GPGME runs "gpg --version", and it forks twice for
 * each: together three quarters of what the signature costs.  So gpg is run
 * here as git runs it, and what it tells of the signature is checked as
 * strictly.  For whatever is out of the ordinary there is GPGME, which has
 * words for it and can ask for a passphrase.
 */
#ifndef FEEDS_SIGNATURE_GPG_H
#define FEEDS_SIGNATURE_GPG_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Add a detached signature over all of a file, by the key that gpg takes
 * unasked.  *made is false, and nothing was added, unless that is one
 * signature, by this very key, over a digest that FORMAT section 6 allows.
 */
int signature_gpg_sign(const char *home, const char *key, int fd,
    struct buf *packets, bool *made, struct fault *f)
    __attribute__((warn_unused_result));

#endif
