/*
 * Certificates: what strangers call the keys of those whom we trust.  All of
 * it is rare (at a pin, at a refresh), and each call is a few gpg processes.
 */
#include "feeds/signature.h"

#include <fcntl.h>
#include <ftw.h>
#include <gpgme.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "feeds/signature_engine.h"
#include "items/limits.h"

#define RSA_BITS_MIN 2048
#define CURVE_BITS_MIN 255

/* Flooded certificates (CVE-2019-13050) shrink to what their owner made. */
static const char cleaning_config[] =
    "import-options import-clean,import-minimal\n"
    "export-options no-export-attributes\n";

typedef const char *patterns[SIGNERS_MAX + 1];

/* ---- a folder for strangers' certificates ---- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0)
		(void)remove(path);
	return 0;
}

static void
empty_folder(const char **path)
{
	(void)nftw(*path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int
import(const struct signature_engine *e, const void *bytes, size_t n,
    struct fault *f)
{
	OWNED_DATA struct gpgme_data *data = NULL;
	gpgme_import_result_t result;
	gpgme_error_t error;

	if (n > (size_t)KEY_MAX)
		return fault_set(f, FAULT_LIMIT,
		    "certificates are larger than %d KiB",
		    (int)(KEY_MAX / KIB));
	if (signature_engine_bytes(bytes, n, &data, f) == -1)
		return -1;
	error = gpgme_op_import(e->context, data);
	result = gpgme_op_import_result(e->context);
	if (result != NULL && result->secret_read > 0)
		return fault_set(f, FAULT_FORMAT,
		    "there is a secret key beside the certificates: "
		    "it is secret no longer");
	if (gpgme_err_code(error) == GPG_ERR_NO_DATA ||
	    (error == 0 && result != NULL && result->considered == 0))
		return fault_set(f, FAULT_FORMAT,
		    "there is no OpenPGP certificate");
	if (gpgme_err_code(error) == GPG_ERR_ENOMEM)
		return fault_memory(f);
	if (error != 0)
		return fault_set(f, FAULT_FORMAT,
		    "the certificates are damaged: GnuPG says '%s'",
		    gpgme_strerror(error));
	return 0;
}

/* ---- what is in them ---- */

static void
list_patterns(const struct signers *signers, patterns out)
{
	size_t i;

	for (i = 0; i < signers->count; i++)
		out[i] = signers->list[i].primary;
	out[i] = NULL;
}

static struct signer *
find_signer(struct signers *signers, const char *primary)
{
	size_t i;

	for (i = 0; i < signers->count; i++)
		if (strcmp(signers->list[i].primary, primary) == 0)
			return &signers->list[i];
	return NULL;
}

static bool
strong(const struct _gpgme_subkey *key)
{
	switch (key->pubkey_algo) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_S:
		return key->length >= RSA_BITS_MIN;
	case GPGME_PK_ECDSA:
	case GPGME_PK_EDDSA:
		return key->length >= CURVE_BITS_MIN;
	default:
		return false;
	}
}

/* Of too many keys, the primary and the newest stay. */
static void
add_key(struct signer *signer, const char *fingerprint)
{
	size_t last = SIGNER_KEYS_MAX - 1;

	if (signer->key_count == SIGNER_KEYS_MAX)
		memmove(signer->keys[1], signer->keys[2],
		    (last - 1) * sizeof(signer->keys[0]));
	else
		last = signer->key_count++;
	memcpy(signer->keys[last], fingerprint, FINGERPRINT_TEXT);
}

/*
 * Fill a signer from a certificate.  Weak and damaged subkeys are left out;
 * keys that are expired or revoked are not, so that their signatures can be
 * told from those by strangers.
 */
static int
fill_signer(struct signer *signer, const struct _gpgme_key *key,
    struct fault *f)
{
	const struct _gpgme_subkey *sub = key->subkeys;

	if (!strong(sub))
		return fault_set(f, FAULT_UNSIGNED,
		    "key '%s' is of %u bits %s, too weak to be trusted",
		    sub->fpr, sub->length,
		    gpgme_pubkey_algo_name(sub->pubkey_algo));
	signer->key_count = 0;
	signer->expires = sub->expires > 0 ? (int64_t)sub->expires : 0;
	add_key(signer, sub->fpr);
	for (sub = sub->next; sub != NULL; sub = sub->next)
		if (sub->fpr != NULL &&
		    strlen(sub->fpr) == FINGERPRINT_TEXT - 1 && sub->can_sign &&
		    !sub->invalid && strong(sub))
			add_key(signer, sub->fpr);
	return 0;
}

/* The next certificate in the listing; NULL behind the last one. */
static int
next_key(const struct signature_engine *e, gpgme_key_t *key, struct fault *f)
{
	gpgme_error_t error;

	if (*key != NULL)
		gpgme_key_unref(*key);
	*key = NULL;
	error = gpgme_op_keylist_next(e->context, key);
	if (error != 0 && gpgme_err_code(error) != GPG_ERR_EOF)
		return signature_engine_fault(f, error,
		    "cannot list the certificates");
	return 0;
}

static void
free_key(gpgme_key_t *key)
{
	if (*key != NULL)
		gpgme_key_unref(*key);
}

static int
start_list(const struct signature_engine *e, const char *const *wanted,
    struct fault *f)
{
	gpgme_error_t error =
	    gpgme_op_keylist_ext_start(e->context, (const char **)wanted, 0, 0);

	return error == 0 ?
	    0 :
	    signature_engine_fault(f, error, "cannot list the certificates");
}

static bool
has_primary(gpgme_key_t key)
{
	return key->subkeys != NULL && key->subkeys->fpr != NULL &&
	    strlen(key->subkeys->fpr) == FINGERPRINT_TEXT - 1;
}

static int
fill_signers(const struct signature_engine *e, struct signers *signers,
    struct fault *f)
{
	OWNED(free_key) gpgme_key_t key = NULL;
	struct signer *signer;
	patterns wanted;
	size_t i;

	for (i = 0; i < signers->count; i++)
		signers->list[i].key_count = 0;
	list_patterns(signers, wanted);
	if (start_list(e, wanted, f) == -1)
		return -1;
	for (;;) {
		if (next_key(e, &key, f) == -1)
			return -1;
		if (key == NULL)
			return 0;
		/*
		 * gpg finds a certificate by any key in it: one that holds
		 * another's key as a subkey of its own comes up as well, and
		 * would when that other's signature is checked.
		 */
		signer = has_primary(key) ?
		    find_signer(signers, key->subkeys->fpr) :
		    NULL;
		if (signer == NULL)
			return fault_set(f, FAULT_FORMAT,
			    "a certificate claims the key of another");
		if (fill_signer(signer, key, f) == -1)
			return -1;
	}
}

static int export(const struct signature_engine *e,
    const struct signers *signers, bool armor, struct buf *out, struct fault *f)
{
	OWNED_DATA struct gpgme_data *data = NULL;
	gpgme_error_t error;
	patterns wanted;

	list_patterns(signers, wanted);
	if (signature_engine_empty(&data, f) == -1)
		return -1;
	gpgme_set_armor(e->context, armor);
	error = gpgme_op_export_ext(e->context, wanted,
	    GPGME_EXPORT_MODE_MINIMAL, data);
	if (error != 0)
		return signature_engine_fault(f, error,
		    "cannot write the certificates");
	return signature_engine_take(data, out, f);
}

int
signature_certificates(const char *scratch, const void *bytes, size_t n,
    const void *old, size_t old_size, struct signers *signers, struct buf *out,
    struct fault *f)
{
	OWNED(empty_folder) const char *dirty = scratch;
	OWNED_ENGINE struct signature_engine e = SIGNATURE_ENGINE_INIT;
	struct signers filled = *signers;

	if (signers->count == 0)
		return fault_set(f, FAULT_BUG, "certificates of no signers");
	if (signature_home_write(dirty, cleaning_config, old, old_size, f) ==
		-1 ||
	    signature_engine_open(&e, scratch, ENGINE_QUIET, f) == -1)
		return -1;
	if (n > 0 && import(&e, bytes, n, f) == -1)
		return -1;
	if (fill_signers(&e, &filled, f) == -1 ||
	    export(&e, signers, false, out, f) == -1)
		return -1;
	*signers = filled;
	return 0;
}

int
signature_primaries(const char *scratch, const void *bytes, size_t n,
    struct signers *signers, struct fault *f)
{
	OWNED(empty_folder) const char *dirty = scratch;
	OWNED_ENGINE struct signature_engine e = SIGNATURE_ENGINE_INIT;
	OWNED(free_key) gpgme_key_t key = NULL;
	struct signers found = { .threshold = 1 };

	if (signature_home_write(dirty, cleaning_config, "", 0, f) == -1 ||
	    signature_engine_open(&e, scratch, ENGINE_QUIET, f) == -1 ||
	    import(&e, bytes, n, f) == -1 || start_list(&e, NULL, f) == -1)
		return -1;
	for (;;) {
		if (next_key(&e, &key, f) == -1)
			return -1;
		if (key == NULL)
			break;
		if (!has_primary(key))
			continue;
		if (found.count == SIGNERS_MAX)
			return fault_set(f, FAULT_LIMIT,
			    "there are more than %d certificates", SIGNERS_MAX);
		memcpy(found.list[found.count++].primary, key->subkeys->fpr,
		    FINGERPRINT_TEXT);
	}
	*signers = found;
	return 0;
}

int
signature_export(const char *home, const struct signers *signers,
    struct buf *out, struct fault *f)
{
	OWNED_ENGINE struct signature_engine e = SIGNATURE_ENGINE_INIT;
	struct signers filled = *signers;
	size_t i;

	if (signers->count == 0)
		return fault_set(f, FAULT_BUG, "certificates of no signers");
	if (signature_engine_open(&e, home, ENGINE_QUIET, f) == -1 ||
	    fill_signers(&e, &filled, f) == -1)
		return -1;
	for (i = 0; i < filled.count; i++)
		if (filled.list[i].key_count == 0)
			return fault_set(f, FAULT_CONFIG,
			    "the certificate of signer '%s' "
			    "is not in '%s': import it with gpg",
			    filled.list[i].primary, home);
	return export(&e, signers, true, out, f);
}
