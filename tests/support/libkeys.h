/*
 * libkeys.h -- OpenPGP keys and signatures of every kind for tests, good and
 * bad, made by gpg in private homes.  Failures end the test.
 *
 *	struct keys k;
 *	keys_open(&k);				a home below /tmp
 *	keys_make(&k, "alice", "ed25519", "sign", "never", NULL, fpr);
 *	keys_sign(&k, fpr, "bytes", 5, &packets, NULL);
 *	keys_close(&k);				its agent ends, it is removed
 *
 * No key has a passphrase.  For what has no function, keys_gpg() runs gpg.
 */
#ifndef TESTS_LIBKEYS_H
#define TESTS_LIBKEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "feeds/signature.h"

struct keys {
	char home[32];
};

#define KEYS_LONG_AGO "20200101T000000" /* for keys that have expired */

void keys_open(struct keys *k);
void keys_close(struct keys *k);

/* Stop the agent of a home that a test made by itself. */
void keys_stop_agent(const char *home);

/*
 * Run gpg with the arguments (the last is NULL) behind --batch and the like;
 * in (n bytes) is its input, what it writes is added to out (may be NULL).
 * Returns its exit status.
 */
int keys_gpg(const struct keys *k, const void *in, size_t n, struct buf *out,
    ...) __attribute__((sentinel));

/* Make a primary key; when (a --faked-system-time) may be NULL. */
void keys_make(const struct keys *k, const char *name, const char *algorithm,
    const char *usage, const char *expires, const char *when,
    char fpr[FINGERPRINT_TEXT]);

/* Add a subkey to a primary key; its fingerprint. */
void keys_add_subkey(const struct keys *k, const char *primary,
    const char *algorithm, const char *usage, const char *expires,
    char fpr[FINGERPRINT_TEXT]);

/* The fingerprint of a key's newest subkey, or of the primary if alone. */
void keys_fingerprint(const struct keys *k, const char *key,
    char fpr[FINGERPRINT_TEXT]);

/* Add the certificate (of all if NULL), binary. */
void keys_certificate(const struct keys *k, const char *fpr, struct buf *out);

/* Add a detached signature; option (with "=") may be NULL. */
void keys_sign(const struct keys *k, const char *key, const void *bytes,
    size_t n, struct buf *out, const char *option);

/* Publish a revocation of a primary key in its own home. */
void keys_revoke(const struct keys *k, const char *fpr);

/* Answer gpg --edit-key with lines. */
void keys_edit(const struct keys *k, const char *fpr, const char *lines);

/* Is an agent running whose command line names the folder? */
bool keys_agent_runs(const char *home);

#endif
