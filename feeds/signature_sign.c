/*
 * The publisher's side: a key, and signatures by it.  GnuPG's agent does the
 * signing and holds the secret; it is started if need be, and stays.
 */
#include "feeds/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <gpgme.h>
#include <limits.h>
#include <stdio.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/num.h"
#include "feeds/seal.h"
#include "feeds/signature_engine.h"
#include "feeds/signature_gpg.h"
#include "items/limits.h"

/*
 * A socket's path has at most 107 bytes, and without /run/user/UID (cron,
 * system users, containers) the agent's longest, S.gpg-agent.browser, is made
 * in the home.
 */
#define HOME_PATH_MAX 80

static void
free_key(gpgme_key_t *key)
{
	if (*key != NULL)
		gpgme_key_unref(*key);
}

/* gpg.conf of a home that signature_make_key() made. */
static int
own_config(const char *key, struct buf *out, struct fault *f)
{
	return buf_format(out, f,
	    "default-key %s\n"
	    "trust-model always\n"
	    "no-auto-key-retrieve\n",
	    key);
}

/* GnuPG keeps each secret key in a file of its own. */
static bool
has_one_secret(int home)
{
	OWNED_FOLDER DIR *list = folder_list(openat(home, "private-keys-v1.d",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int count = 0;

	while (list != NULL && count < 2 && folder_next(list) != NULL)
		count++;
	return count == 1;
}

/*
 * Does gpg sign with this key there unasked?  To name the key to GPGME costs
 * a look-up, half as much again as the signature.  It does in a home of ours,
 * and where it has no other key to take and no configuration of its own.  In
 * any other home nobody knows what that adds up to, so there it is named.
 */
static int
signs_by_default(const char *home, const char *key, bool *yes, struct fault *f)
{
	OWNED_BUF struct buf ours = BUF_INIT(4096);
	OWNED_BUF struct buf there = BUF_INIT(4096);
	OWNED_FD int fd = -1;
	struct fault unread = { 0 };
	bool have = false;

	*yes = false;
	if (own_config(key, &ours, f) == -1)
		return -1;
	if (file_open_folder(AT_FDCWD, home, &fd, &unread) == 0 &&
	    file_read(fd, "gpg.conf", &there, &have, &unread) == 0)
		*yes = have ? strcmp(there.data, ours.data) == 0 :
			      has_one_secret(fd);
	return 0;
}

/* ---- what can be wrong, in words with the way out ---- */

/* Is there a usable key for signatures?  Else say why the first is not. */
static int
check_usable(const struct _gpgme_key *key, const char *home, const char *name,
    struct fault *f)
{
	const struct _gpgme_subkey *sub, *expired = NULL;
	char when[TIME_TEXT];

	for (sub = key->subkeys; sub != NULL; sub = sub->next) {
		if (!sub->can_sign || sub->revoked)
			continue;
		if (!sub->expired)
			break;
		expired = sub;
	}
	if (key->revoked)
		return fault_set(f, FAULT_CONFIG,
		    "key '%s' is revoked: publish with another one", name);
	if (key->expired && key->subkeys != NULL && key->subkeys->expires > 0)
		expired = key->subkeys;
	else if (sub != NULL)
		return 0;
	if (expired == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "key '%s' is not made for signatures", name);
	time_format((int64_t)expired->expires, when);
	return fault_set(f, FAULT_CONFIG,
	    "key '%s' expired on %.10s: "
	    "extend it with 'gpg --homedir %s --quick-set-expire %s 1y%s'",
	    name, when, home, name, expired == key->subkeys ? "" : " \"*\"");
}

static bool
home_too_long(const char *home)
{
	char path[PATH_MAX];

	return realpath(home, path) != NULL && strlen(path) > HOME_PATH_MAX;
}

static bool
cannot_write(const char *home)
{
	return faccessat(AT_FDCWD, home, W_OK, AT_EACCESS) == -1;
}

/* gpg sees no secret keys at all where its agent cannot make a socket. */
static int
no_secret_key(const char *home, const char *name, struct fault *f)
{
	const char *why = cannot_write(home) ?
	    "the folder cannot be written to" :
	    home_too_long(home) ? "the path is longer than 80 bytes" :
				  NULL;

	return fault_set(f, cannot_write(home) ? FAULT_SYSTEM : FAULT_CONFIG,
	    "there is no secret key '%s' in '%s'%s%s", name, home,
	    why != NULL ? ", or gpg-agent cannot start there: " : "",
	    why != NULL ? why : "");
}

/*
 * The secret key of that fingerprint, fit for signing.  Not gpgme_get_key(),
 * which makes a context of its own and runs one gpg more.
 */
static int
get_key(const struct signature_engine *e, const char *home, const char *name,
    gpgme_key_t *key, struct fault *f)
{
	gpgme_error_t error = gpgme_op_keylist_start(e->context, name, 1);

	if (error == 0)
		error = gpgme_op_keylist_next(e->context, key);
	(void)gpgme_op_keylist_end(e->context);
	if (gpgme_err_code(error) == GPG_ERR_EOF)
		return no_secret_key(home, name, f);
	if (error != 0)
		return signature_engine_fault(f, error,
		    "cannot look for the signing key");
	return check_usable(*key, home, name, f);
}

static int
explain(struct fault *f, gpgme_error_t error, const char *key)
{
	switch (gpgme_err_code(error)) {
	case GPG_ERR_NO_PIN_ENTRY:
	case GPG_ERR_PIN_ENTRY:
	case GPG_ERR_NO_PASSPHRASE:
	case GPG_ERR_FULLY_CANCELED:
	case GPG_ERR_CANCELED:
	case GPG_ERR_TIMEOUT:
		return fault_set(f, FAULT_CONFIG,
		    "key '%s' needs a passphrase that was not given: "
		    "run this on a terminal, "
		    "or publish with a key that has none",
		    key);
	case GPG_ERR_BAD_PASSPHRASE:
	case GPG_ERR_BAD_PIN:
		return fault_set(f, FAULT_CONFIG,
		    "the passphrase for key '%s' is wrong", key);
	default:
		return signature_engine_fault(f, error, "cannot sign");
	}
}

/*
 * gpg could not sign: ask whether the key is there and fit, which says more
 * than its error does.
 */
static int
diagnose(const struct signature_engine *e, gpgme_error_t error,
    const char *home, const char *key, struct fault *f)
{
	OWNED(free_key) gpgme_key_t found = NULL;

	if (get_key(e, home, key, &found, f) == -1)
		return -1;
	return explain(f, error, key);
}

/* ---- signing ---- */

static bool
belongs(const char *fingerprint, const struct _gpgme_key *key)
{
	const struct _gpgme_subkey *sub;

	for (sub = key->subkeys; sub != NULL; sub = sub->next)
		if (sub->fpr != NULL && strcmp(sub->fpr, fingerprint) == 0)
			return true;
	return false;
}

/*
 * gpg signs with whatever it finds if the default key is not there, and as
 * weakly as a gpg.conf asks for.
 */
static int
check_result(const struct signature_engine *e, const char *home,
    const char *key, struct fault *f)
{
	OWNED(free_key) gpgme_key_t found = NULL;
	gpgme_sign_result_t result = gpgme_op_sign_result(e->context);
	const struct _gpgme_new_signature *made;
	char by[FINGERPRINT_TEXT];

	made = result != NULL ? result->signatures : NULL;
	if (made == NULL || made->fpr == NULL || made->next != NULL)
		return fault_set(f, FAULT_SYSTEM,
		    "GnuPG (gpg) ended without one signature");
	if (made->hash_algo != GPGME_MD_SHA256 &&
	    made->hash_algo != GPGME_MD_SHA384 &&
	    made->hash_algo != GPGME_MD_SHA512)
		return fault_set(f, FAULT_CONFIG,
		    "gpg.conf in '%s' asks for the digest %s: "
		    "SHA-256, SHA-384 or SHA-512 are needed",
		    home, gpgme_hash_algo_name(made->hash_algo));
	if (strcmp(made->fpr, key) == 0)
		return 0;
	/* The next operation frees what this one has told. */
	(void)snprintf(by, sizeof(by), "%s", made->fpr);
	if (get_key(e, home, key, &found, f) == -1)
		return -1;
	if (found == NULL || !belongs(by, found))
		return fault_set(f, FAULT_CONFIG,
		    "GnuPG signed with key '%s' instead of '%s'", by, key);
	return 0;
}

/* By GPGME; unasked: the key need not be named. */
static int
make_signature(const char *home, const char *key, bool unasked, int fd,
    struct buf *out, struct fault *f)
{
	OWNED_ENGINE struct signature_engine e = SIGNATURE_ENGINE_INIT;
	OWNED(free_key) gpgme_key_t chosen = NULL;
	OWNED_DATA struct gpgme_data *data = NULL;
	OWNED_DATA struct gpgme_data *made = NULL;
	gpgme_error_t error;

	if (signature_engine_open(&e, home, ENGINE_ASKING, f) == -1 ||
	    signature_engine_file(fd, &data, f) == -1 ||
	    signature_engine_empty(&made, f) == -1)
		return -1;
	if (!unasked && get_key(&e, home, key, &chosen, f) == -1)
		return -1;
	error = unasked ? 0 : gpgme_signers_add(e.context, chosen);
	if (error == 0)
		error =
		    gpgme_op_sign(e.context, data, made, GPGME_SIG_MODE_DETACH);
	if (error != 0)
		return diagnose(&e, error, home, key, f);
	if (check_result(&e, home, key, f) == -1)
		return -1;
	return signature_engine_take(made, out, f);
}

int
signature_sign_fd(const char *home, const char *key, int fd,
    struct buf *packets, struct fault *f)
{
	OWNED_BUF struct buf made = BUF_INIT(SIGNATURE_MAX);
	bool unasked, done = false;
	size_t count;

	if (signs_by_default(home, key, &unasked, f) == -1 ||
	    (unasked &&
		signature_gpg_sign(home, key, fd, &made, &done, f) == -1) ||
	    (!done && make_signature(home, key, unasked, fd, &made, f) == -1))
		return -1;
	if (seal_check_packets(made.data, made.len, &count, f) == -1 ||
	    count != 1)
		return fault_set(f, FAULT_SYSTEM,
		    "GnuPG (gpg) made something that is not one signature");
	return buf_add(packets, made.data, made.len, f);
}

int
signature_sign(const char *home, const char *key, const void *bytes, size_t n,
    struct buf *packets, struct fault *f)
{
	OWNED_FD int fd = -1;

	if (file_memory("document", &fd, f) == -1 ||
	    file_write(fd, bytes, n, f) == -1)
		return -1;
	return signature_sign_fd(home, key, fd, packets, f);
}

/* ---- a new key ---- */

/* A gpg.conf that is there stays as it is. */
static int
put_config(const char *home, const char *key, struct fault *f)
{
	OWNED_BUF struct buf config = BUF_INIT(4096);
	OWNED_FD int fd = -1;

	if (own_config(key, &config, f) == -1 ||
	    file_open_folder(AT_FDCWD, home, &fd, f) == -1)
		return -1;
	if (faccessat(fd, "gpg.conf", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return file_replace(fd, "gpg.conf", config.data, config.len, 0600, f);
}

int
signature_make_key(const char *home, const char *user_id,
    char out[FINGERPRINT_TEXT], struct fault *f)
{
	OWNED_ENGINE struct signature_engine e = SIGNATURE_ENGINE_INIT;
	gpgme_genkey_result_t result;
	gpgme_error_t error;

	if (file_make_folders(AT_FDCWD, home, 0700, f) == -1 ||
	    signature_engine_open(&e, home, ENGINE_ASKING, f) == -1)
		return -1;
	error = gpgme_op_createkey(e.context, user_id, "ed25519", 0, 0, NULL,
	    GPGME_CREATE_SIGN | GPGME_CREATE_CERT | GPGME_CREATE_NOPASSWD |
		GPGME_CREATE_NOEXPIRE | GPGME_CREATE_FORCE);
	if (error != 0 && home_too_long(home))
		return fault_set(f, FAULT_CONFIG,
		    "gpg-agent cannot start in '%s': "
		    "the path is longer than %d bytes",
		    home, HOME_PATH_MAX);
	if (error != 0)
		return signature_engine_fault(f, error, "cannot make a key");
	result = gpgme_op_genkey_result(e.context);
	if (result == NULL || result->fpr == NULL)
		return fault_set(f, FAULT_SYSTEM, "GnuPG (gpg) made no key");
	if (fingerprint_parse(result->fpr, out, f) == -1)
		return -1;
	return put_config(home, out, f);
}
