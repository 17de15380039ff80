/*
 * Whose signatures are these?  One gpg process for a document, however many
 * signatures it has; which subkey is whose was settled when the certificates
 * came (signature_keys.c).
 */
#include "feeds/signature.h"

#include <gpgme.h>

#include "feeds/seal.h"
#include "feeds/signature_engine.h"
#include "items/limits.h"

#define KEY_ID_TEXT 16 /* hex digits of a long key id */

/*
 * The key of a trusted signer that gpgme names: by its fingerprint, or, for a
 * signature that does not match, only by the end of it.
 */
static const char *
find_key(const struct signers *signers, const char *name, bool by_id,
    const struct signer **owner)
{
	size_t i, k;

	for (i = 0; i < signers->count; i++) {
		const struct signer *s = &signers->list[i];

		for (k = 0; k < s->key_count; k++) {
			const char *key = s->keys[k];

			if (by_id && strlen(name) == KEY_ID_TEXT)
				key += FINGERPRINT_TEXT - 1 - KEY_ID_TEXT;
			if (strcmp(key, name) == 0) {
				*owner = s;
				return s->keys[k];
			}
		}
	}
	return NULL;
}

static bool
strong(const struct _gpgme_signature *sig)
{
	bool hash = sig->hash_algo == GPGME_MD_SHA256 ||
	    sig->hash_algo == GPGME_MD_SHA384 ||
	    sig->hash_algo == GPGME_MD_SHA512;
	/* Sizes of RSA keys were judged with the certificate. */
	bool key = sig->pubkey_algo == GPGME_PK_RSA ||
	    sig->pubkey_algo == GPGME_PK_RSA_S ||
	    sig->pubkey_algo == GPGME_PK_ECDSA ||
	    sig->pubkey_algo == GPGME_PK_EDDSA;

	return hash && key;
}

/* The verdict on a signature by a trusted key. */
static enum verdict
judge(const struct _gpgme_signature *sig, int64_t now)
{
	gpgme_err_code_t status = gpgme_err_code(sig->status);

	if (status == GPG_ERR_BAD_SIGNATURE)
		return VERDICT_BAD;
	if (status == GPG_ERR_NO_PUBKEY)
		return VERDICT_NO_CERTIFICATE;
	/* Before the rest: with a wrong clock, gpg has other complaints. */
	if ((int64_t)sig->timestamp > now + CLOCK_SKEW_MAX)
		return VERDICT_FUTURE;
	if (!strong(sig))
		return VERDICT_WEAK;
	switch (status) {
	case GPG_ERR_NO_ERROR:
		return sig->wrong_key_usage ? VERDICT_UNFIT : VERDICT_GOOD;
	case GPG_ERR_SIG_EXPIRED:
	case GPG_ERR_KEY_EXPIRED:
		return VERDICT_EXPIRED;
	case GPG_ERR_CERT_REVOKED:
		return VERDICT_REVOKED;
	default:
		return VERDICT_UNFIT;
	}
}

static void
copy_text(char *to, const char *from)
{
	size_t n = strnlen(from, FINGERPRINT_TEXT - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

static void
report_one(const struct _gpgme_signature *sig, const struct signers *signers,
    struct signature_report *report)
{
	const struct signer *owner = NULL;
	bool bad = gpgme_err_code(sig->status) == GPG_ERR_BAD_SIGNATURE;
	const char *name = sig->fpr != NULL ? sig->fpr : "";
	const char *key = find_key(signers, name, bad, &owner);
	size_t i = report->count++;

	report->list[i].created = (int64_t)sig->timestamp;
	copy_text(report->list[i].key, key != NULL ? key : name);
	if (owner != NULL)
		copy_text(report->list[i].primary, owner->primary);
	report->list[i].verdict =
	    owner != NULL ? judge(sig, report->now) : VERDICT_UNKNOWN_KEY;
}

/* Two good signatures by one signer, whatever the subkeys, count once. */
static size_t
count_good(const struct signature_report *report)
{
	size_t i, k, good = 0;

	for (i = 0; i < report->count; i++) {
		if (report->list[i].verdict != VERDICT_GOOD)
			continue;
		for (k = 0; k < i; k++)
			if (report->list[k].verdict == VERDICT_GOOD &&
			    strcmp(report->list[k].primary,
				report->list[i].primary) == 0)
				break;
		if (k == i)
			good++;
	}
	return good;
}

static int
verify(const struct signature_engine *e, struct gpgme_data *data,
    const void *packets, size_t packets_size, struct fault *f)
{
	OWNED_DATA struct gpgme_data *seal = NULL;
	gpgme_error_t error;

	if (signature_engine_bytes(packets, packets_size, &seal, f) == -1)
		return -1;
	error = gpgme_op_verify(e->context, seal, data, NULL);
	switch (gpgme_err_code(error)) {
	case GPG_ERR_NO_ERROR:
		return 0;
	case GPG_ERR_NO_DATA:
	case GPG_ERR_BAD_DATA:
		return fault_set(f, FAULT_UNSIGNED,
		    "the signature is malformed, or newer than this GnuPG");
	default:
		return signature_engine_fault(f, error,
		    "cannot check the signature");
	}
}

/* What is signed is in data; report has the clock in it. */
static int
check(const char *home, const struct signers *signers, struct gpgme_data *data,
    const void *packets, size_t packets_size, struct signature_report *report,
    struct fault *f)
{
	OWNED_ENGINE struct signature_engine e = SIGNATURE_ENGINE_INIT;
	struct signature_report made = { .now = report->now };
	gpgme_verify_result_t result;
	gpgme_signature_t sig;
	size_t count, seen = 0;

	if (seal_check_packets(packets, packets_size, &count, f) == -1 ||
	    signature_engine_open(&e, home, ENGINE_QUIET, f) == -1 ||
	    verify(&e, data, packets, packets_size, f) == -1)
		return -1;
	result = gpgme_op_verify_result(e.context);
	for (sig = result != NULL ? result->signatures : NULL; sig != NULL;
	     sig = sig->next)
		if (seen++ < count)
			report_one(sig, signers, &made);
	/* As with a digest that gpg does not know. */
	if (seen == 0)
		return fault_set(f, FAULT_UNSIGNED,
		    "GnuPG (gpg) ended without a word on the signature");
	/* It stops at one that does not match, and no other helps then. */
	if (seen != count && made.list[made.count - 1].verdict != VERDICT_BAD)
		return fault_set(f, FAULT_UNSIGNED,
		    "GnuPG sees %zu signatures where there are %zu", seen,
		    count);
	made.good = count_good(&made);
	*report = made;
	return 0;
}

int
signature_check(const char *home, const struct signers *signers,
    const void *bytes, size_t n, const void *packets, size_t packets_size,
    int64_t now, struct signature_report *report, struct fault *f)
{
	OWNED_DATA struct gpgme_data *data = NULL;

	if (signature_engine_bytes(bytes, n, &data, f) == -1)
		return -1;
	report->now = now;
	return check(home, signers, data, packets, packets_size, report, f);
}

int
signature_check_fd(const char *home, const struct signers *signers, int fd,
    const void *packets, size_t packets_size, int64_t now,
    struct signature_report *report, struct fault *f)
{
	OWNED_DATA struct gpgme_data *data = NULL;

	if (signature_engine_file(fd, &data, f) == -1)
		return -1;
	report->now = now;
	return check(home, signers, data, packets, packets_size, report, f);
}
