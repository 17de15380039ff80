#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "feeds/signature.h"
#include "items/limits.h"
#include "tests/support/libkeys.h"
#include "tests/support/libscratch.h"

/* A home with a few keys, and a folder for strangers' certificates. */
static struct keys home;
static char alice[FINGERPRINT_TEXT], bob[FINGERPRINT_TEXT];

static int
enter(void **state)
{
	struct fault f = { 0 };

	if (scratch_enter(state) == -1 || signature_start(&f) == -1)
		return -1;
	keys_open(&home);
	keys_make(&home, "alice", "ed25519", "sign", "never", NULL, alice);
	keys_make(&home, "bob", "ed25519", "sign", "never", NULL, bob);
	return 0;
}

static int
leave(void **state)
{
	keys_close(&home);
	return scratch_leave(state);
}

static struct signers
pinned(const char *one, const char *two)
{
	struct signers signers = { .threshold = 1 };

	memcpy(signers.list[signers.count++].primary, one, FINGERPRINT_TEXT);
	if (two != NULL)
		memcpy(signers.list[signers.count++].primary, two,
		    FINGERPRINT_TEXT);
	return signers;
}

/* Take certificates; what was made in the scratch folder is gone again. */
static int
take(const struct buf *bytes, const struct buf *old, struct signers *signers,
    struct buf *out, struct fault *f)
{
	int rc = signature_certificates(scratch, bytes->data, bytes->len,
	    old != NULL ? old->data : NULL, old != NULL ? old->len : 0, signers,
	    out, f);

	assert_int_equal(scratch_count(""), 0);
	assert_false(keys_agent_runs(scratch));
	return rc;
}

static void
taken(const struct buf *bytes, const struct buf *old, struct signers *signers,
    struct buf *out)
{
	struct fault f = { 0 };

	if (take(bytes, old, signers, out, &f) == -1)
		fail_msg("%s", f.text);
}

static void
refused(const struct buf *bytes, struct signers *signers, enum fault_kind kind,
    const char *words)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers before = *signers;
	struct fault f = { 0 };

	assert_int_equal(take(bytes, NULL, signers, &out, &f), -1);
	if (f.kind != kind || strstr(f.text, words) == NULL)
		fail_msg("kind %d, '%s' without '%s'", f.kind, f.text, words);
	assert_int_equal(out.len, 0);
	assert_memory_equal(&before, signers, sizeof(before));
}

/* Is the key named in the keyring, as a key or by a certification? */
static bool
names(const struct buf *keyring, const char *fpr)
{
	uint8_t id[8];
	size_t i;

	for (i = 0; i < 8; i++) {
		unsigned byte = 0;
		size_t k;

		for (k = 0; k < 2; k++) {
			char c = fpr[24 + 2 * i + k];

			byte = byte << 4 |
			    (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
		}
		id[i] = (uint8_t)byte;
	}
	return memmem(keyring->data, keyring->len, id, 8) != NULL;
}

/* The verdict on a signature with the keys of a keyring. */
static enum verdict
verdict_with(const struct buf *keyring, const struct signers *signers,
    const struct buf *packets)
{
	struct signature_report report;
	struct fault f = { 0 };

	if (signature_home_make(scratch_path("home"), keyring->data,
		keyring->len, &f) == -1 ||
	    signature_check(scratch_path("home"), signers, "x", 1,
		packets->data, packets->len, 4102444800, &report, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(remove(scratch_path("home/gpg.conf")) |
		remove(scratch_path("home/pinned.gpg")) |
		remove(scratch_path("home")),
	    0);
	return report.list[0].verdict;
}

static void
only_pinned_keys_are_kept(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);

	(void)state;
	keys_certificate(&home, NULL, &bytes);
	assert_true(names(&bytes, bob));
	taken(&bytes, NULL, &signers, &out);
	assert_true(names(&out, alice));
	assert_false(names(&out, bob));
	assert_int_equal(signers.list[0].key_count, 1);
	assert_string_equal(signers.list[0].keys[0], alice);
	assert_int_equal(signers.list[0].expires, 0);
}

static void
a_missing_certificate_is_no_fault(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, bob);

	(void)state;
	keys_certificate(&home, bob, &bytes);
	taken(&bytes, NULL, &signers, &out);
	assert_int_equal(signers.list[0].key_count, 0);
	assert_int_equal(signers.list[1].key_count, 1);
	/* Nor is a file with none of ours, or no new file at all. */
	signers = pinned(alice, NULL);
	taken(&bytes, NULL, &signers, &again);
	assert_int_equal(signers.list[0].key_count, 0);
	assert_int_equal(again.len, 0);
	buf_reset(&bytes);
	signers = pinned(bob, NULL);
	taken(&bytes, &out, &signers, &again);
	assert_int_equal(signers.list[0].key_count, 1);
	assert_true(names(&again, bob));
}

static void
armor_is_read_too_and_an_export_is_armored(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, bob);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(signature_export(home.home, &signers, &bytes, &f), 0);
	assert_int_equal(
	    strncmp(bytes.data, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", 38),
	    0);
	taken(&bytes, NULL, &signers, &out);
	assert_int_equal(signers.list[0].key_count, 1);
	assert_int_equal(signers.list[1].key_count, 1);
}

static void
an_export_lacks_nobody(void **state)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers signers =
	    pinned(alice, "0123456789ABCDEF0123456789ABCDEF01234567");
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(signature_export(home.home, &signers, &out, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_non_null(strstr(f.text, "0123456789ABCDEF0123"));
	assert_int_equal(out.len, 0);
}

static void
certifications_by_others_are_dropped(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);

	(void)state;
	assert_int_equal(keys_gpg(&home, NULL, 0, NULL, "--local-user", bob,
			     "--quick-sign-key", alice, NULL),
	    0);
	keys_certificate(&home, alice, &bytes);
	assert_true(names(&bytes, bob));
	taken(&bytes, NULL, &signers, &out);
	assert_false(names(&out, bob));
	/* Nor do they come back when the certifier is pinned as well. */
	buf_reset(&out);
	signers = pinned(alice, NULL);
	taken(&bytes, &bytes, &signers, &out);
	assert_false(names(&out, bob));
}

static void
a_revocation_once_seen_stays(void **state)
{
	OWNED_BUF struct buf before = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf revoked = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf keyring = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);

	(void)state;
	keys_certificate(&home, alice, &before);
	keys_sign(&home, alice, "x", 1, &packets, NULL);
	keys_revoke(&home, alice);
	keys_certificate(&home, alice, &revoked);
	taken(&revoked, NULL, &signers, &keyring);
	assert_int_equal(verdict_with(&keyring, &signers, &packets),
	    VERDICT_REVOKED);
	taken(&before, &keyring, &signers, &again);
	assert_int_equal(signers.list[0].key_count, 1);
	assert_int_equal(verdict_with(&again, &signers, &packets),
	    VERDICT_REVOKED);
}

static void
a_new_subkey_comes_with_a_refresh(void **state)
{
	OWNED_BUF struct buf before = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf after = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf keyring = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);
	char subkey[FINGERPRINT_TEXT], reader[FINGERPRINT_TEXT];

	(void)state;
	keys_certificate(&home, alice, &before);
	taken(&before, NULL, &signers, &keyring);
	keys_add_subkey(&home, alice, "cv25519", "encr", "never", reader);
	keys_add_subkey(&home, alice, "ed25519", "sign", "1y", subkey);
	keys_certificate(&home, alice, &after);
	keys_sign(&home, subkey, "x", 1, &packets, NULL);
	assert_int_equal(verdict_with(&keyring, &signers, &packets),
	    VERDICT_UNKNOWN_KEY);
	taken(&after, &keyring, &signers, &again);
	assert_int_equal(signers.list[0].key_count, 2);
	assert_string_equal(signers.list[0].keys[1], subkey);
	assert_int_equal(verdict_with(&again, &signers, &packets),
	    VERDICT_GOOD);
}

static void
expiry_is_known_and_moves_with_a_refresh(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf keyring = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	char old[FINGERPRINT_TEXT];
	struct signers signers;

	(void)state;
	keys_make(&home, "old", "ed25519", "sign", "1y", KEYS_LONG_AGO, old);
	signers = pinned(old, NULL);
	keys_certificate(&home, old, &bytes);
	taken(&bytes, NULL, &signers, &keyring);
	assert_int_equal(signers.list[0].expires, 1609372800);
	assert_int_equal(signers.list[0].key_count, 1);
	assert_int_equal(keys_gpg(&home, NULL, 0, NULL, "--quick-set-expire",
			     old, "never", NULL),
	    0);
	buf_reset(&bytes);
	keys_certificate(&home, old, &bytes);
	keys_sign(&home, old, "x", 1, &packets, NULL);
	assert_int_equal(verdict_with(&keyring, &signers, &packets),
	    VERDICT_EXPIRED);
	taken(&bytes, &keyring, &signers, &again);
	assert_int_equal(signers.list[0].expires, 0);
	assert_int_equal(verdict_with(&again, &signers, &packets),
	    VERDICT_GOOD);
}

static void
of_many_subkeys_the_newest_count(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);
	char subkeys[SIGNER_KEYS_MAX + 2][FINGERPRINT_TEXT];
	size_t i, n = SIGNER_KEYS_MAX + 2;

	(void)state;
	for (i = 0; i < n; i++)
		keys_add_subkey(&home, alice, "ed25519", "sign", "1y",
		    subkeys[i]);
	keys_certificate(&home, alice, &bytes);
	taken(&bytes, NULL, &signers, &out);
	assert_int_equal(signers.list[0].key_count, SIGNER_KEYS_MAX);
	assert_string_equal(signers.list[0].keys[0], alice);
	for (i = 1; i < SIGNER_KEYS_MAX; i++)
		assert_string_equal(signers.list[0].keys[i],
		    subkeys[n - SIGNER_KEYS_MAX + i]);
}

static void
weak_keys_are_refused_or_left_out(void **state)
{
	static const char *const algorithms[] = { "rsa1024", "dsa2048" };
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf with_weak_subkey = BUF_INIT(BUF_ANY);
	struct signers signers;
	char fpr[FINGERPRINT_TEXT], name[16];
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);

		(void)snprintf(name, sizeof(name), "weak%zu", i);
		keys_make(&home, name, algorithms[i], "sign", "never", NULL,
		    fpr);
		signers = pinned(alice, fpr);
		keys_certificate(&home, NULL, &bytes);
		refused(&bytes, &signers, FAULT_UNSIGNED, "too weak");
	}
	keys_add_subkey(&home, alice, "rsa1024", "sign", "never", fpr);
	keys_certificate(&home, alice, &with_weak_subkey);
	signers = pinned(alice, NULL);
	taken(&with_weak_subkey, NULL, &signers, &out);
	assert_int_equal(signers.list[0].key_count, 1);
}

/*
 * GnuPG finds a certificate by any key in it, so one that adopts a pinned key
 * could stand in the way of its owner's.
 */
static void
a_certificate_that_adopts_a_pinned_key_is_refused(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf list = BUF_INIT(BUF_ANY);
	char victim[FINGERPRINT_TEXT], thief[FINGERPRINT_TEXT];
	char lines[128];
	struct signers signers;
	const char *grip;

	(void)state;
	/* A key's fingerprint holds its time: the same second for both. */
	keys_make(&home, "victim", "rsa2048", "sign", "never",
	    "20250101T000000!", victim);
	keys_make(&home, "thief", "ed25519", "sign", "never",
	    "20250101T000000!", thief);
	assert_int_equal(keys_gpg(&home, NULL, 0, &list, "--with-colons",
			     "--with-keygrip", "--list-keys", victim, NULL),
	    0);
	grip = strstr(list.data, "\ngrp:::::::::");
	assert_non_null(grip);
	(void)snprintf(lines, sizeof(lines),
	    "addkey\n13\n%.40s\nS\nQ\n0\nsave\n",
	    grip + strlen("\ngrp:::::::::"));
	assert_int_equal(keys_gpg(&home, lines, strlen(lines), NULL,
			     "--faked-system-time", "20250101T000000!",
			     "--no-batch", "--expert", "--edit-key", thief,
			     NULL),
	    0);
	buf_reset(&list);
	assert_int_equal(keys_gpg(&home, NULL, 0, &list, "--with-colons",
			     "--list-keys", thief, NULL),
	    0);
	assert_non_null(strstr(list.data, victim));
	keys_certificate(&home, NULL, &bytes);
	signers = pinned(victim, NULL);
	refused(&bytes, &signers, FAULT_FORMAT, "key of another");
}

static void
a_secret_key_is_refused(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);

	(void)state;
	assert_int_equal(keys_gpg(&home, NULL, 0, &bytes,
			     "--export-secret-keys", alice, NULL),
	    0);
	refused(&bytes, &signers, FAULT_FORMAT, "secret key");
}

static void
what_is_no_certificate_is_refused(void **state)
{
	OWNED_BUF struct buf html = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf cut = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(buf_add_text(&html, "<html>not found</html>\n", &f),
	    0);
	refused(&html, &signers, FAULT_FORMAT, "no OpenPGP certificate");
	keys_sign(&home, alice, "x", 1, &packets, NULL);
	refused(&packets, &signers, FAULT_FORMAT, "no OpenPGP certificate");
	keys_certificate(&home, alice, &cut);
	buf_cut(&cut, 60); /* behind the key, before its owner's word for it */
	taken(&cut, NULL, &signers, &out);
	assert_int_equal(signers.list[0].key_count, 0);
}

static void
a_flood_is_bounded(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf one = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct signers signers = pinned(alice, NULL);
	struct fault f = { 0 };
	size_t signature_at;

	(void)state;
	/* A certificate is key, name, self-signature: repeat the last. */
	keys_certificate(&home, alice, &one);
	signature_at = 53 + 2 + strlen("alice <alice@example.org>");
	assert_int_equal((uint8_t)one.data[signature_at], 0x88);
	assert_int_equal(buf_add(&bytes, one.data, one.len, &f), 0);
	while (bytes.len + one.len < (size_t)KEY_MAX)
		assert_int_equal(buf_add(&bytes, one.data + signature_at,
				     one.len - signature_at, &f),
		    0);
	taken(&bytes, NULL, &signers, &out);
	assert_int_equal(signers.list[0].key_count, 1);
	assert_true(out.len <= one.len);
	while (bytes.len <= (size_t)KEY_MAX)
		assert_int_equal(buf_add(&bytes, "x", 1, &f), 0);
	refused(&bytes, &signers, FAULT_LIMIT, "larger than 256 KiB");
}

static void
primaries_are_told_to_those_who_pinned_nothing(void **state)
{
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	struct signers signers = { .count = 0 };
	struct fault f = { 0 };

	(void)state;
	keys_certificate(&home, NULL, &bytes);
	assert_int_equal(
	    signature_primaries(scratch, bytes.data, bytes.len, &signers, &f),
	    0);
	assert_int_equal(scratch_count(""), 0);
	assert_int_equal(signers.count, 2);
	assert_int_equal(signers.threshold, 1);
	assert_string_equal(signers.list[0].primary, alice);
	assert_string_equal(signers.list[1].primary, bob);
	assert_int_equal(signature_primaries(scratch, "junk", 4, &signers, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
}

#define homed(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		homed(only_pinned_keys_are_kept),
		homed(a_missing_certificate_is_no_fault),
		homed(armor_is_read_too_and_an_export_is_armored),
		homed(an_export_lacks_nobody),
		homed(certifications_by_others_are_dropped),
		homed(a_revocation_once_seen_stays),
		homed(a_new_subkey_comes_with_a_refresh),
		homed(expiry_is_known_and_moves_with_a_refresh),
		homed(of_many_subkeys_the_newest_count),
		homed(weak_keys_are_refused_or_left_out),
		homed(a_certificate_that_adopts_a_pinned_key_is_refused),
		homed(a_secret_key_is_refused),
		homed(what_is_no_certificate_is_refused),
		homed(a_flood_is_bounded),
		homed(primaries_are_told_to_those_who_pinned_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
