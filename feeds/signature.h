/*
 * signature.h -- OpenPGP through GPGME: who signed these bytes?
 *
 * GPGME's success means nothing (ECO section 2): a verdict is made for each
 * signature from its own status, its key's pinned primary, hash, key
 * algorithm and time.  VERDICT_GOOD is not 0, so nothing is good by default.
 *
 * Checking needs a home of our own (mode 0700) that holds only gpg.conf and
 * the keyring (signature_home_make), so that nobody's own keys count.
 * signature_start() comes once in a program, before anything else here.
 */
#ifndef FEEDS_SIGNATURE_H
#define FEEDS_SIGNATURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/words.h"

#define FINGERPRINT_TEXT 41 /* 40 upper-case hex digits, and a NUL */
#define SIGNERS_MAX 16
#define SIGNER_KEYS_MAX 32 /* primary and subkeys of one signer */

enum verdict {
	VERDICT_NONE = 0, /* not looked at */
	VERDICT_GOOD,
	VERDICT_UNKNOWN_KEY, /* not one that we trust: not counted */
	VERDICT_EXPIRED,     /* key or signature expired: not counted */
	VERDICT_REVOKED,     /* not counted */
	VERDICT_WEAK,	     /* hash or key algorithm: not counted */
	VERDICT_FUTURE,	     /* dated more than 24 hours ahead: not counted */
	VERDICT_UNFIT,	     /* the key may not sign, or gpg cannot check this
			       kind of signature: not counted */
	VERDICT_NO_CERTIFICATE, /* by a trusted key that the home's keyring
				   lacks: not counted */
	VERDICT_BAD, /* by a trusted key, and does not match: refuse */
};

/* One trusted signer: a primary key and every key below it that may sign. */
struct signer {
	char primary[FINGERPRINT_TEXT];
	char keys[SIGNER_KEYS_MAX][FINGERPRINT_TEXT];
	size_t key_count; /* 0: its certificate is not there yet */
	int64_t expires;  /* of the primary, seconds; 0: never */
};

struct signers {
	struct signer list[SIGNERS_MAX];
	size_t count;
	size_t threshold; /* at least 1 */
};

struct signature_report {
	struct {
		enum verdict verdict;
		char key[FINGERPRINT_TEXT];	/* as far as known */
		char primary[FINGERPRINT_TEXT]; /* "" if not trusted */
		int64_t created;
	} list[SIGNERS_MAX];
	size_t count;
	size_t good; /* distinct trusted primaries with a good signature */
	int64_t now; /* the clock that it was judged by */
};

/*
 * gpgme's process-wide start.  It ignores SIGPIPE from then on; while a
 * function below runs, GNUPGHOME and perhaps LC_ALL are changed.
 */
int signature_start(struct fault *f) __attribute__((warn_unused_result));

/* 40 hex digits, blanks between groups allowed, any case. */
int fingerprint_parse(const char *text, char out[FINGERPRINT_TEXT],
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Primaries and threshold (0: not given) as a person wrote them: FAULT_CONFIG
 * unless they fit each other.
 */
int signature_signers(const struct words *lines, int64_t threshold,
    struct signers *signers, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Make or complete a home for checking: folder 0700, gpg.conf, and the
 * keyring file "pinned.gpg" with the given bytes (as signature_certificates
 * made them).
 */
int signature_home_make(const char *home, const void *keyring, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Certificates from strangers: keep of n bytes (armored or binary) and of an
 * older keyring (may be empty) what belongs to the primaries in signers,
 * merged, third-party certifications dropped, revocations kept; add the
 * keyring to out and fill keys, key_count and expires of each signer: the
 * primary and the subkeys that may sign or once could, the newest if there
 * are too many, no RSA below 2048 bits, no DSA.  A secret key among the bytes,
 * or a pinned primary that is too weak, is refused.
 * scratch is an existing empty folder that may be written below, and is left
 * empty.
 */
int signature_certificates(const char *scratch, const void *bytes, size_t n,
    const void *old, size_t old_size, struct signers *signers, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * For people who have pinned nothing yet: the primaries of the certificates
 * in n bytes from a stranger, with a threshold of 1 and no keys filled in.
 */
int signature_primaries(const char *scratch, const void *bytes, size_t n,
    struct signers *signers, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Check packets over signed bytes with the keys of home: one gpg process,
 * which has no time limit (run it in a child that has one), needs no write
 * access and starts no agent.  Returns 0 when it could decide; FAULT_FORMAT,
 * FAULT_LIMIT and FAULT_UNSIGNED are the packets' fault (one that this GnuPG
 * cannot read spoils those beside it), FAULT_SYSTEM ours.  now is the clock
 * for VERDICT_FUTURE; gpg has its own for what has expired.
 */
int signature_check(const char *home, const struct signers *signers,
    const void *bytes, size_t n, const void *packets, size_t packets_size,
    int64_t now, struct signature_report *report, struct fault *f)
    __attribute__((warn_unused_result));

/* The same over a file, from its start (a snapshot and its .sig). */
int signature_check_fd(const char *home, const struct signers *signers, int fd,
    const void *packets, size_t packets_size, int64_t now,
    struct signature_report *report, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The verdict on the whole: 0 if good reaches the threshold and nothing is
 * VERDICT_BAD; else FAULT_UNSIGNED (FAULT_SYSTEM if our own keyring is not
 * whole) in words that name key, cause and date.  *refresh says that fresh
 * certificates might help (unknown, expired or missing ones).
 */
int signature_judge(const struct signature_report *report,
    const struct signers *signers, bool *refresh, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- signing; only gen uses these ---- */

/*
 * Add one binary detached signature by key (a primary's fingerprint; a
 * subkey of it may sign) to packets.  home is one that signature_make_key()
 * made, or a person's own, which is left as it is.  gpg-agent is started if
 * need be, and stays; a passphrase is asked for only if stdin is a terminal.
 * FAULT_CONFIG says what is wrong with the key, and the way out.
 */
int signature_sign(const char *home, const char *key, const void *bytes,
    size_t n, struct buf *packets, struct fault *f)
    __attribute__((warn_unused_result));

/* The same for a file (snapshots). */
int signature_sign_fd(const char *home, const char *key, int fd,
    struct buf *packets, struct fault *f) __attribute__((warn_unused_result));

/*
 * Make an ed25519 key without a passphrase that certifies and signs and does
 * not expire; its fingerprint.  One key, since it must sign unattended: a
 * primary beside its signing subkey would lie in the same folder, and an
 * expiry that nobody renews ends a feed.  Who wants more brings a home with
 * an offline primary.  The folder is made if need be; gpg leaves a revocation
 * certificate in its openpgp-revocs.d.
 */
int signature_make_key(const char *home, const char *user_id,
    char out[FINGERPRINT_TEXT], struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Armored certificates of the signers, minimal, for key.asc, out of a home
 * that has them all.
 */
int signature_export(const char *home, const struct signers *signers,
    struct buf *out, struct fault *f) __attribute__((warn_unused_result));

#endif
