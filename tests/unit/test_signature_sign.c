#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/num.h"
#include "feeds/seal.h"
#include "feeds/signature.h"
#include "items/limits.h"
#include "tests/support/libkeys.h"
#include "tests/support/libscratch.h"

#define NOBODY "0123456789ABCDEF0123456789ABCDEF01234567"

/* A person's own home with a key of its own. */
static struct keys home;
static char alice[FINGERPRINT_TEXT];

static int
enter(void **state)
{
	struct fault f = { 0 };

	if (scratch_enter(state) == -1 || signature_start(&f) == -1)
		return -1;
	keys_open(&home);
	keys_make(&home, "alice", "ed25519", "sign", "never", NULL, alice);
	return 0;
}

static int
leave(void **state)
{
	keys_stop_agent(scratch_path("own"));
	keys_close(&home);
	return scratch_leave(state);
}

/* A home that wikicast makes; its path and its key. */
static const char *
make_own(char fpr[FINGERPRINT_TEXT])
{
	static char path[128];
	struct fault f = { 0 };

	(void)snprintf(path, sizeof(path), "%s", scratch_path("own"));
	if (signature_make_key(path, "A feed <feed@example.org>", fpr, &f) ==
	    -1)
		fail_msg("%s", f.text);
	return path;
}

static void
signs(const char *where, const char *key, const void *bytes, size_t n,
    struct buf *packets)
{
	struct fault f = { 0 };

	if (signature_sign(where, key, bytes, n, packets, &f) == -1)
		fail_msg("%s", f.text);
}

static void
refused(const char *where, const char *key, enum fault_kind kind,
    const char *words)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	struct fault f = { 0 };

	assert_int_equal(signature_sign(where, key, "x", 1, &packets, &f), -1);
	if (f.kind != kind || strstr(f.text, words) == NULL)
		fail_msg("kind %d, '%s' without '%s'", f.kind, f.text, words);
	assert_int_equal(packets.len, 0);
}

/* A follower who pinned the key, and took its certificate from where. */
static void
is_good(const char *where, const char *key, const char *bytes,
    const struct buf *packets, size_t count)
{
	OWNED_BUF struct buf certificate = BUF_INIT(KEY_MAX);
	OWNED_BUF struct buf keyring = BUF_INIT(KEY_MAX);
	struct signers signers = { .count = 1, .threshold = 1 };
	struct signature_report report;
	struct fault f = { 0 };
	bool refresh;
	char checking[128];

	memcpy(signers.list[0].primary, key, FINGERPRINT_TEXT);
	(void)snprintf(checking, sizeof(checking), "%s",
	    scratch_path("checking"));
	assert_int_equal(file_make_folders(AT_FDCWD, checking, 0700, &f), 0);
	if (signature_export(where, &signers, &certificate, &f) == -1 ||
	    signature_certificates(checking, certificate.data, certificate.len,
		NULL, 0, &signers, &keyring, &f) == -1 ||
	    signature_home_make(checking, keyring.data, keyring.len, &f) ==
		-1 ||
	    signature_check(checking, &signers, bytes, strlen(bytes),
		packets->data, packets->len, time_now(), &report, &f) == -1 ||
	    signature_judge(&report, &signers, &refresh, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(report.count, count);
}

static void
a_new_home_signs_what_a_follower_accepts(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_MEM char *config = NULL;
	char fpr[FINGERPRINT_TEXT], line[128];
	const char *own = make_own(fpr);
	struct stat st;
	size_t count;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(stat(own, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	config = scratch_read("own/gpg.conf");
	(void)snprintf(line, sizeof(line), "default-key %s\n", fpr);
	assert_int_equal(strncmp(config, line, strlen(line)), 0);
	signs(own, fpr, "text", 4, &packets);
	assert_int_equal(
	    seal_check_packets(packets.data, packets.len, &count, &f), 0);
	assert_int_equal(count, 1);
	is_good(own, fpr, "text", &packets, 1);
	/* Another signature is added behind. */
	signs(own, fpr, "text", 4, &packets);
	is_good(own, fpr, "text", &packets, 2);
}

static void
a_new_key_never_expires_and_has_no_passphrase(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_BUF struct buf list = BUF_INIT(BUF_ANY);
	char fpr[FINGERPRINT_TEXT];
	struct keys own;

	(void)state;
	(void)snprintf(own.home, sizeof(own.home), "%s", make_own(fpr));
	assert_int_equal(keys_gpg(&own, NULL, 0, &list, "--with-colons",
			     "--list-secret-keys", fpr, NULL),
	    0);
	assert_non_null(strstr(list.data, ":22:")); /* EdDSA */
	assert_non_null(strstr(list.data, ":ed25519:"));
	assert_non_null(strstr(list.data, ":::scSC:"));
	keys_stop_agent(own.home);
	signs(own.home, fpr, "text", 4, &packets);
}

static void
a_persons_own_home_is_used_as_it_is(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	char bob[FINGERPRINT_TEXT];

	(void)state;
	keys_make(&home, "bob", "rsa2048", "sign", "never", NULL, bob);
	signs(home.home, bob, "text", 4, &packets);
	is_good(home.home, bob, "text", &packets, 1);
	buf_reset(&packets);
	signs(home.home, alice, "text", 4, &packets);
	is_good(home.home, alice, "text", &packets, 1);
}

static void
a_signing_subkey_signs_for_its_primary(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	char carol[FINGERPRINT_TEXT], subkey[FINGERPRINT_TEXT];
	char fpr[FINGERPRINT_TEXT];
	struct keys own;

	(void)state;
	keys_make(&home, "carol", "ed25519", "cert", "never", NULL, carol);
	keys_add_subkey(&home, carol, "ed25519", "sign", "1y", subkey);
	signs(home.home, carol, "text", 4, &packets);
	is_good(home.home, carol, "text", &packets, 1);
	/* Also where the key is not named, since it is the default. */
	(void)snprintf(own.home, sizeof(own.home), "%s", make_own(fpr));
	keys_add_subkey(&own, fpr, "ed25519", "sign", "1y", subkey);
	buf_reset(&packets);
	signs(own.home, fpr, "text", 4, &packets);
	is_good(own.home, fpr, "text", &packets, 1);
}

static void
a_file_is_signed_from_its_start(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_FD int fd = -1;
	struct fault f = { 0 };
	bool have;

	(void)state;
	scratch_write("snapshot", "text");
	assert_int_equal(file_open(scratch_fd, "snapshot", &fd, &have, &f), 0);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	assert_int_equal(signature_sign_fd(home.home, alice, fd, &packets, &f),
	    0);
	is_good(home.home, alice, "text", &packets, 1);
}

static void
a_key_that_is_not_there_is_named(void **state)
{
	OWNED_MEM char *config = NULL;
	char fpr[FINGERPRINT_TEXT], text[256];
	const char *own = make_own(fpr);

	(void)state;
	refused(home.home, NOBODY, FAULT_CONFIG,
	    "there is no secret key '" NOBODY "' in '/tmp/wc");
	refused(scratch_path("nowhere"), alice, FAULT_SYSTEM, "nowhere");
	/* gpg would take any other key for a default that is missing. */
	config = scratch_read("own/gpg.conf");
	(void)snprintf(text, sizeof(text), "default-key %s\n%s", NOBODY,
	    config + strlen("default-key \n") + FINGERPRINT_TEXT - 1);
	scratch_write("own/gpg.conf", text);
	refused(own, NOBODY, FAULT_CONFIG, "there is no secret key");
}

static void
a_public_key_alone_does_not_sign(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	struct keys other;

	(void)state;
	keys_open(&other);
	keys_certificate(&home, alice, &bytes);
	assert_int_equal(
	    keys_gpg(&other, bytes.data, bytes.len, NULL, "--import", NULL), 0);
	refused(other.home, alice, FAULT_CONFIG, "no secret key");
	keys_close(&other);
}

static void
an_expired_key_is_named_with_its_date_and_the_way_out(void **state)
{
	char old[FINGERPRINT_TEXT], carol[FINGERPRINT_TEXT];

	(void)state;
	keys_make(&home, "old", "ed25519", "sign", "1y", KEYS_LONG_AGO, old);
	refused(home.home, old, FAULT_CONFIG, "expired on 2020-12-31: extend");
	keys_make(&home, "carol", "ed25519", "cert", "never", KEYS_LONG_AGO,
	    carol);
	assert_int_equal(keys_gpg(&home, NULL, 0, NULL, "--faked-system-time",
			     KEYS_LONG_AGO, "--quick-add-key", carol, "ed25519",
			     "sign", "1y", NULL),
	    0);
	refused(home.home, carol, FAULT_CONFIG, "1y \"*\"'");
}

static void
revoked_and_unfit_keys_are_told_apart(void **state)
{
	char carol[FINGERPRINT_TEXT];

	(void)state;
	keys_make(&home, "carol", "ed25519", "cert", "never", NULL, carol);
	refused(home.home, carol, FAULT_CONFIG, "not made for signatures");
	keys_revoke(&home, alice);
	refused(home.home, alice, FAULT_CONFIG, "is revoked");
}

/* Where there is no other, the key is not named to gpg: it says less then. */
static void
the_only_key_of_a_home_is_judged_as_one_of_many(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	char fpr[FINGERPRINT_TEXT];
	struct keys old, unfit;

	(void)state;
	signs(home.home, alice, "text", 4, &packets);
	is_good(home.home, alice, "text", &packets, 1);
	keys_revoke(&home, alice);
	refused(home.home, alice, FAULT_CONFIG, "is revoked");
	keys_open(&old);
	keys_make(&old, "old", "ed25519", "sign", "1y", KEYS_LONG_AGO, fpr);
	refused(old.home, fpr, FAULT_CONFIG, "expired on 2020-12-31: extend");
	keys_close(&old);
	keys_open(&unfit);
	keys_make(&unfit, "unfit", "ed25519", "cert", "never", NULL, fpr);
	refused(unfit.home, fpr, FAULT_CONFIG, "not made for signatures");
	keys_close(&unfit);
}

static void
a_passphrase_is_not_waited_for_without_a_terminal(void **state)
{
	OWNED_FD int nothing = -1;
	OWNED_FD int stdin_before = -1;
	char fpr[FINGERPRINT_TEXT];

	(void)state;
	assert_int_equal(keys_gpg(&home, NULL, 0, NULL, "--passphrase",
			     "secret", "--quick-gen-key",
			     "closed <closed@example.org>", "ed25519", "sign",
			     "never", NULL),
	    0);
	keys_stop_agent(home.home); /* which remembers the passphrase */
	keys_fingerprint(&home, "closed@example.org", fpr);
	stdin_before = dup(STDIN_FILENO);
	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(dup2(nothing, STDIN_FILENO), STDIN_FILENO);
	refused(home.home, fpr, FAULT_CONFIG, "needs a passphrase");
	assert_int_equal(dup2(stdin_before, STDIN_FILENO), STDIN_FILENO);
}

static void
a_configuration_with_a_weak_digest_is_refused(void **state)
{
	char fpr[FINGERPRINT_TEXT];
	const char *own = make_own(fpr);

	(void)state;
	scratch_write("own/gpg.conf", "digest-algo SHA1\n");
	refused(own, fpr, FAULT_CONFIG, "digest SHA1");
}

static void
a_path_too_long_for_the_agent_is_told(void **state)
{
	char name[90], path[200], fpr[FINGERPRINT_TEXT] = "untouched";
	struct fault f = { 0 };

	(void)state;
	/* With /run/user/UID, sockets are there and any path will do. */
	(void)snprintf(path, sizeof(path), "/run/user/%u", getuid());
	if (access(path, F_OK) == 0)
		skip();
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	(void)snprintf(path, sizeof(path), "%s", scratch_path(name));
	assert_int_equal(signature_make_key(path, "A feed", fpr, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_non_null(strstr(f.text, "longer than 80 bytes"));
	assert_string_equal(fpr, "untouched");
	refused(path, NOBODY, FAULT_CONFIG, "longer than 80 bytes");
}

static void
a_configuration_that_is_there_is_left_alone(void **state)
{
	OWNED_MEM char *config = NULL;
	char fpr[FINGERPRINT_TEXT];

	(void)state;
	scratch_write("own/gpg.conf", "# mine\n");
	(void)make_own(fpr);
	config = scratch_read("own/gpg.conf");
	assert_string_equal(config, "# mine\n");
}

/*
 * The gpg in PATH is a script, for those who look there now: GPGME has found
 * its own long before.
 */
static void
use_gpg(const char *script)
{
	scratch_write("gpg", script);
	assert_int_equal(chmod(scratch_path("gpg"), 0755), 0);
}

/* The hash algorithm of a signature packet of less than 192 bytes. */
static int
hash_of(const struct buf *packets)
{
	assert_true(packets->len > 6);
	assert_int_equal(packets->data[2], 4); /* the version */
	return packets->data[5];
}

static void
gpg_alone_signs_where_it_takes_the_key_unasked(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_MEM char *before = strdup(getenv("PATH"));
	OWNED_MEM char *told = NULL;
	char fpr[FINGERPRINT_TEXT];
	const char *own = make_own(fpr);

	(void)state;
	use_gpg("#!/bin/sh\necho . >>\"${0%/*}/told\"\n"
		"exec /usr/bin/gpg --digest-algo SHA384 \"$@\"\n");
	assert_int_equal(setenv("PATH", scratch, 1), 0);
	signs(own, fpr, "shared", 6, &packets);
	assert_int_equal(setenv("PATH", before, 1), 0);
	told = scratch_read("told");
	assert_string_equal(told, ".\n");
	assert_int_equal(hash_of(&packets), 9);
	is_good(own, fpr, "shared", &packets, 1);
}

static void
what_gpg_alone_makes_is_not_taken_on_trust(void **state)
{
	static const char *const scripts[] = {
		"#!/bin/sh\nexit 2\n",
		"#!/bin/sh\nexit 0\n",
		"#!/bin/sh\nkill -9 $$\n",
		"not a program\n",
		"#!/bin/sh\nexec /usr/bin/gpg --digest-algo SHA1 \"$@\"\n",
		"#!/bin/sh\necho '[GNUPG:] SIG_CREATED D 22 8 00 1 " NOBODY
		"' >&3\n",
		"#!/bin/sh\necho '[GNUPG:] SIG_CREATED D 22 8 00 1 " NOBODY
		"' >&3\nexec /usr/bin/gpg \"$@\"\n",
		"#!/bin/sh\n/usr/bin/gpg \"$@\"\n"
		"echo '[GNUPG:] SIG_CREATED D 22 8 00 1 " NOBODY "' >&3\n",
	};
	OWNED_MEM char *before = strdup(getenv("PATH"));
	char fpr[FINGERPRINT_TEXT];
	const char *own = make_own(fpr);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);

		use_gpg(scripts[i]);
		assert_int_equal(setenv("PATH", scratch, 1), 0);
		signs(own, fpr, "shared", 6, &packets);
		assert_int_equal(setenv("PATH", before, 1), 0);
		assert_true(hash_of(&packets) >= 8);
		is_good(own, fpr, "shared", &packets, 1);
	}
}

#define homed(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		homed(a_new_home_signs_what_a_follower_accepts),
		homed(a_new_key_never_expires_and_has_no_passphrase),
		homed(a_persons_own_home_is_used_as_it_is),
		homed(a_signing_subkey_signs_for_its_primary),
		homed(a_file_is_signed_from_its_start),
		homed(gpg_alone_signs_where_it_takes_the_key_unasked),
		homed(what_gpg_alone_makes_is_not_taken_on_trust),
		homed(a_key_that_is_not_there_is_named),
		homed(a_public_key_alone_does_not_sign),
		homed(an_expired_key_is_named_with_its_date_and_the_way_out),
		homed(revoked_and_unfit_keys_are_told_apart),
		homed(the_only_key_of_a_home_is_judged_as_one_of_many),
		homed(a_passphrase_is_not_waited_for_without_a_terminal),
		homed(a_configuration_with_a_weak_digest_is_refused),
		homed(a_path_too_long_for_the_agent_is_told),
		homed(a_configuration_that_is_there_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
