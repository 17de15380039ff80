#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/file.h"
#include "base/num.h"
#include "feeds/signature.h"
#include "items/limits.h"
#include "tests/support/libkeys.h"
#include "tests/support/libscratch.h"

#define TEXT "<feed>signed</feed>\n"
#define TEXT_SIZE strlen(TEXT)

/*
 * The keys of all tests here: made once, since each takes its time.  Changes
 * that spoil a key (a revocation, other usage) come after its signature.
 */
static struct {
	struct keys home, strangers;
	char alice[FINGERPRINT_TEXT]; /* ed25519 */
	char bob[FINGERPRINT_TEXT];   /* RSA */
	char carol[FINGERPRINT_TEXT]; /* certifies only, two subkeys sign */
	char carol1[FINGERPRINT_TEXT];
	char carol2[FINGERPRINT_TEXT];
	char mallory[FINGERPRINT_TEXT]; /* calls himself alice */
	char expired[FINGERPRINT_TEXT];
	char revoked[FINGERPRINT_TEXT];
	char other[FINGERPRINT_TEXT]; /* lost its usage */
	char dave[FINGERPRINT_TEXT];  /* ECDSA */
	struct buf by_expired, by_revoked, by_other;
	struct buf keyring;
	struct signers signers; /* all but mallory */
	char pinned[32];	/* the home for checking */
} w;

static void
make_keys(void)
{
	keys_open(&w.home);
	keys_open(&w.strangers);
	keys_make(&w.home, "alice", "ed25519", "sign", "never", NULL, w.alice);
	keys_make(&w.home, "bob", "rsa2048", "sign", "never", NULL, w.bob);
	keys_make(&w.home, "carol", "ed25519", "cert", "never", NULL, w.carol);
	keys_add_subkey(&w.home, w.carol, "ed25519", "sign", "1y", w.carol1);
	keys_add_subkey(&w.home, w.carol, "rsa2048", "sign", "1y", w.carol2);
	keys_make(&w.strangers, "alice", "ed25519", "sign", "never", NULL,
	    w.mallory);
	keys_make(&w.home, "expired", "ed25519", "sign", "1y", KEYS_LONG_AGO,
	    w.expired);
	keys_make(&w.home, "revoked", "ed25519", "sign", "never", NULL,
	    w.revoked);
	keys_make(&w.home, "other", "ed25519", "sign", "never", NULL, w.other);
	keys_make(&w.home, "dave", "nistp256", "sign", "never", NULL, w.dave);
}

static void
spoil_keys(void)
{
	keys_sign(&w.home, w.expired, TEXT, TEXT_SIZE, &w.by_expired,
	    "--faked-system-time=20200201T000000");
	keys_sign(&w.home, w.revoked, TEXT, TEXT_SIZE, &w.by_revoked, NULL);
	keys_revoke(&w.home, w.revoked);
	keys_sign(&w.home, w.other, TEXT, TEXT_SIZE, &w.by_other, NULL);
	keys_edit(&w.home, w.other, "change-usage\nS\nQ\nsave\n");
}

static void
pin(const char *fpr)
{
	memcpy(w.signers.list[w.signers.count++].primary, fpr,
	    FINGERPRINT_TEXT);
}

/* A home for checking with certificates as a stranger sent them. */
static int
make_world(void **state)
{
	OWNED_BUF struct buf certificates = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	(void)state;
	if (signature_start(&f) == -1)
		fail_msg("%s", f.text);
	buf_init(&w.by_expired, BUF_ANY);
	buf_init(&w.by_revoked, BUF_ANY);
	buf_init(&w.by_other, BUF_ANY);
	buf_init(&w.keyring, BUF_ANY);
	make_keys();
	spoil_keys();
	keys_certificate(&w.home, NULL, &certificates);
	pin(w.alice);
	pin(w.bob);
	pin(w.carol);
	pin(w.expired);
	pin(w.revoked);
	pin(w.other);
	pin(w.dave);
	w.signers.threshold = 1;
	(void)snprintf(w.pinned, sizeof(w.pinned), "/tmp/wcXXXXXX");
	assert_non_null(mkdtemp(w.pinned));
	if (signature_certificates(w.pinned, certificates.data,
		certificates.len, NULL, 0, &w.signers, &w.keyring, &f) == -1 ||
	    signature_home_make(w.pinned, w.keyring.data, w.keyring.len, &f) ==
		-1)
		fail_msg("%s", f.text);
	return 0;
}

static int
leave_world(void **state)
{
	(void)state;
	keys_close(&w.home);
	keys_close(&w.strangers);
	(void)snprintf(scratch, sizeof(scratch), "%s", w.pinned);
	buf_clear(&w.by_expired);
	buf_clear(&w.by_revoked);
	buf_clear(&w.by_other);
	buf_clear(&w.keyring);
	return scratch_leave(NULL);
}

/* ---- checking ---- */

static void
check_at(const char *home, const char *text, const struct buf *packets,
    int64_t now, struct signature_report *report)
{
	struct fault f = { 0 };

	if (signature_check(home, &w.signers, text, strlen(text), packets->data,
		packets->len, now, report, &f) == -1)
		fail_msg("%s", f.text);
}

static void
check(const struct buf *packets, struct signature_report *report)
{
	check_at(w.pinned, TEXT, packets, time_now(), report);
}

/* The only signature has the verdict, and the words name the cause. */
static void
has_verdict(const struct buf *packets, enum verdict verdict, const char *words,
    bool wants_refresh)
{
	struct signature_report report;
	struct fault f = { 0 };
	bool refresh;

	check(packets, &report);
	assert_int_equal(report.count, 1);
	assert_int_equal(report.list[0].verdict, verdict);
	assert_int_equal(report.good, 0);
	assert_int_equal(signature_judge(&report, &w.signers, &refresh, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_UNSIGNED);
	if (strstr(f.text, words) == NULL)
		fail_msg("'%s' without '%s'", f.text, words);
	assert_int_equal(refresh, wants_refresh);
}

static void
threshold_holds(const struct signature_report *report, size_t threshold,
    bool holds)
{
	struct signers signers = w.signers;
	struct fault f = { 0 };
	bool refresh;

	signers.threshold = threshold;
	assert_int_equal(signature_judge(report, &signers, &refresh, &f),
	    holds ? 0 : -1);
	if (!holds)
		assert_int_equal(f.kind, FAULT_UNSIGNED);
}

static void
a_good_signature_counts(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	int64_t now = time_now();

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	check(&packets, &report);
	assert_int_equal(report.count, 1);
	assert_int_equal(report.list[0].verdict, VERDICT_GOOD);
	assert_string_equal(report.list[0].key, w.alice);
	assert_string_equal(report.list[0].primary, w.alice);
	assert_in_range(report.list[0].created, now - 600, now + 600);
	threshold_holds(&report, 1, true);
	threshold_holds(&report, 2, false);
}

static void
a_file_is_checked_from_its_start(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	OWNED_FD int fd = -1;
	struct fault f = { 0 };

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	assert_int_equal(file_memory("snapshot", &fd, &f), 0);
	assert_int_equal(file_write(fd, TEXT, TEXT_SIZE, &f), 0);
	assert_int_equal(signature_check_fd(w.pinned, &w.signers, fd,
			     packets.data, packets.len, time_now(), &report,
			     &f),
	    0);
	assert_int_equal(report.list[0].verdict, VERDICT_GOOD);
	assert_int_equal(file_write(fd, "x", 1, &f), 0);
	assert_int_equal(signature_check_fd(w.pinned, &w.signers, fd,
			     packets.data, packets.len, time_now(), &report,
			     &f),
	    0);
	assert_int_equal(report.list[0].verdict, VERDICT_BAD);
}

static void
a_subkey_signs_for_its_primary(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;

	(void)state;
	keys_sign(&w.home, w.carol1, TEXT, TEXT_SIZE, &packets, NULL);
	check(&packets, &report);
	assert_int_equal(report.list[0].verdict, VERDICT_GOOD);
	assert_string_equal(report.list[0].key, w.carol1);
	assert_string_equal(report.list[0].primary, w.carol);
}

static void
three_signers_reach_a_threshold_of_three(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	keys_sign(&w.home, w.bob, TEXT, TEXT_SIZE, &packets,
	    "--digest-algo=SHA512");
	keys_sign(&w.home, w.dave, TEXT, TEXT_SIZE, &packets, NULL);
	check(&packets, &report);
	assert_int_equal(report.count, 3);
	assert_int_equal(report.good, 3);
	threshold_holds(&report, 3, true);
	threshold_holds(&report, 4, false);
}

static void
one_signer_counts_once_however_often_he_signs(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;

	(void)state;
	keys_sign(&w.home, w.carol1, TEXT, TEXT_SIZE, &packets, NULL);
	keys_sign(&w.home, w.carol1, TEXT, TEXT_SIZE, &packets, NULL);
	keys_sign(&w.home, w.carol2, TEXT, TEXT_SIZE, &packets, NULL);
	check(&packets, &report);
	assert_int_equal(report.count, 3);
	assert_int_equal(report.list[2].verdict, VERDICT_GOOD);
	assert_int_equal(report.good, 1);
	threshold_holds(&report, 1, true);
	threshold_holds(&report, 2, false);
}

static void
a_stranger_of_the_same_name_is_not_counted(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;

	(void)state;
	keys_sign(&w.strangers, w.mallory, TEXT, TEXT_SIZE, &packets, NULL);
	has_verdict(&packets, VERDICT_UNKNOWN_KEY, w.mallory, true);
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	check(&packets, &report);
	assert_int_equal(report.good, 1);
	threshold_holds(&report, 1, true);
	threshold_holds(&report, 2, false);
}

static void
a_changed_text_is_refused_and_the_key_named(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	struct fault f = { 0 };
	bool refresh;

	(void)state;
	keys_sign(&w.home, w.carol1, TEXT, TEXT_SIZE, &packets, NULL);
	check_at(w.pinned, TEXT "x", &packets, time_now(), &report);
	assert_int_equal(report.list[0].verdict, VERDICT_BAD);
	assert_string_equal(report.list[0].key, w.carol1);
	assert_string_equal(report.list[0].primary, w.carol);
	assert_int_equal(signature_judge(&report, &w.signers, &refresh, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_UNSIGNED);
	assert_non_null(strstr(f.text, w.carol1));
	assert_non_null(strstr(f.text, "does not match"));
	assert_false(refresh);
}

static void
one_bad_signature_by_a_trusted_key_refuses_the_good_one_too(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	struct fault f = { 0 };
	bool refresh;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	keys_sign(&w.home, w.bob, "other", 5, &packets, NULL);
	check(&packets, &report);
	assert_int_equal(report.good, 1);
	assert_int_equal(signature_judge(&report, &w.signers, &refresh, &f),
	    -1);
	assert_non_null(strstr(f.text, w.bob));
	assert_null(strstr(f.text, w.alice));
}

static void
a_strangers_bad_signature_does_no_harm(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	keys_sign(&w.strangers, w.mallory, "other", 5, &packets, NULL);
	check(&packets, &report);
	assert_int_equal(report.list[1].verdict, VERDICT_UNKNOWN_KEY);
	threshold_holds(&report, 1, true);
}

static void
expired_and_revoked_keys_are_told_apart_and_not_counted(void **state)
{
	(void)state;
	has_verdict(&w.by_expired, VERDICT_EXPIRED, "expired on 2020-12-31",
	    true);
	has_verdict(&w.by_revoked, VERDICT_REVOKED, "is revoked", false);
}

static void
an_expired_signature_is_not_counted(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf keyring = BUF_INIT(BUF_ANY);
	struct signers signers = { .count = 1, .threshold = 1 };
	struct signature_report report;
	struct fault f = { 0 };
	bool refresh;

	(void)state;
	/* By a key that is older than the signature that has run out. */
	keys_make(&w.home, "old", "ed25519", "sign", "never", KEYS_LONG_AGO,
	    signers.list[0].primary);
	assert_int_equal(keys_gpg(&w.home, TEXT, TEXT_SIZE, &packets,
			     "--faked-system-time=20200201T000000",
			     "--default-sig-expire=1d", "--local-user",
			     signers.list[0].primary, "--detach-sign",
			     "--output", "-", NULL),
	    0);
	keys_certificate(&w.home, signers.list[0].primary, &bytes);
	if (signature_certificates(scratch, bytes.data, bytes.len, NULL, 0,
		&signers, &keyring, &f) == -1 ||
	    signature_home_make(scratch_path("home"), keyring.data, keyring.len,
		&f) == -1 ||
	    signature_check(scratch_path("home"), &signers, TEXT, TEXT_SIZE,
		packets.data, packets.len, time_now(), &report, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(report.list[0].verdict, VERDICT_EXPIRED);
	assert_int_equal(signature_judge(&report, &signers, &refresh, &f), -1);
	assert_non_null(strstr(f.text, "signature of 2020-02-01"));
}

static void
weak_digests_and_keys_are_not_counted(void **state)
{
	static const char *const weak[] = { "--digest-algo=SHA1",
		"--digest-algo=RIPEMD160", "--digest-algo=SHA224" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);

		keys_sign(&w.home, w.bob, TEXT, TEXT_SIZE, &packets, weak[i]);
		has_verdict(&packets, VERDICT_WEAK, "too weak", false);
	}
}

static void
a_key_that_may_no_longer_sign_is_not_counted(void **state)
{
	(void)state;
	has_verdict(&w.by_other, VERDICT_UNFIT, "may not sign", false);
}

static void
a_signature_from_the_future_is_not_counted(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	int64_t made = 2051222400; /* 2035-01-01 */

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets,
	    "--faked-system-time=20350101T000000!");
	has_verdict(&packets, VERDICT_FUTURE, "signed at 2035-01-01T00:00:00Z",
	    false);
	/* 24 hours ahead are allowed, not a second more. */
	check_at(w.pinned, TEXT, &packets, made - CLOCK_SKEW_MAX, &report);
	assert_int_equal(report.list[0].verdict, VERDICT_GOOD);
	check_at(w.pinned, TEXT, &packets, made - CLOCK_SKEW_MAX - 1, &report);
	assert_int_equal(report.list[0].verdict, VERDICT_FUTURE);
}

/* A message that gpg takes for signed is no detached signature. */
static void
inline_and_clear_signed_messages_are_refused(void **state)
{
	static const char *const how[] = { "--sign", "--clear-sign",
		"--store" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
		struct signature_report report = { .good = 0 };
		struct fault f = { 0 };

		assert_int_equal(keys_gpg(&w.home, TEXT, TEXT_SIZE, &packets,
				     "--local-user", w.alice, how[i],
				     "--output", "-", NULL),
		    0);
		assert_int_equal(signature_check(w.pinned, &w.signers, TEXT,
				     TEXT_SIZE, packets.data, packets.len,
				     time_now(), &report, &f),
		    -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
	}
}

static void
what_gpg_cannot_read_is_refused(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	struct fault f = { 0 };

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	keys_sign(&w.home, w.bob, TEXT, TEXT_SIZE, &packets, NULL);
	packets.data[2] = 6; /* a version that is not there yet */
	assert_int_equal(signature_check(w.pinned, &w.signers, TEXT, TEXT_SIZE,
			     packets.data, packets.len, time_now(), &report,
			     &f),
	    -1);
	assert_int_equal(f.kind, FAULT_UNSIGNED);
}

/* No flipped bit makes a signature good; damage never is a local fault. */
static void
no_changed_byte_leaves_a_signature_good(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	size_t i;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	for (i = 0; i < packets.len; i++) {
		struct signature_report report = { .good = 0 };
		struct fault f = { 0 };

		packets.data[i] ^= 0x40;
		if (signature_check(w.pinned, &w.signers, TEXT, TEXT_SIZE,
			packets.data, packets.len, time_now(), &report,
			&f) == -1)
			assert_true(
			    f.kind == FAULT_FORMAT || f.kind == FAULT_UNSIGNED);
		else if (report.good != 0)
			/* Hints that are not hashed may change: whose key, how
			   the digest begins. */
			assert_in_range(i, 39, 50);
		packets.data[i] ^= 0x40;
	}
}

/* ---- local trouble ---- */

static void
a_missing_home_is_a_local_fault(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	struct fault f = { 0 };

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	assert_int_equal(signature_check("/nonexistent/home", &w.signers, TEXT,
			     TEXT_SIZE, packets.data, packets.len, time_now(),
			     &report, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "/nonexistent/home"));
}

static void
a_keyring_without_the_certificate_is_no_bad_signature(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	struct fault f = { 0 };
	bool refresh;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	assert_int_equal(signature_home_make(scratch_path("empty"), "", 0, &f),
	    0);
	check_at(scratch_path("empty"), TEXT, &packets, time_now(), &report);
	assert_int_equal(report.list[0].verdict, VERDICT_NO_CERTIFICATE);
	assert_int_equal(signature_judge(&report, &w.signers, &refresh, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_true(refresh);
}

static const char *program; /* this one */

/*
 * GPGME looks for gpg once in a process, so this is one of its own:
 * test_signature_check HOME PACKETS ends with the fault's kind.
 */
static int
check_alone(const char *home, const char *file)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;
	struct fault f = { 0 };
	bool have;

	if (signature_start(&f) == -1 ||
	    file_read(AT_FDCWD, file, &packets, &have, &f) == -1 ||
	    signature_check(home, &w.signers, TEXT, TEXT_SIZE, packets.data,
		packets.len, time_now(), &report, &f) == -1)
		printf("%s\n", f.text);
	return (int)f.kind;
}

static void
a_missing_or_broken_gpg_is_a_local_fault(void **state)
{
	static const struct {
		const char *script;
		enum fault_kind kind;
	} cases[] = {
		{ NULL, FAULT_SYSTEM },
		{ "#!/bin/sh\nexit 2\n", FAULT_SYSTEM },
		{ "#!/bin/sh\nkill -9 $$\n", FAULT_SYSTEM },
		/* It may have died of the signature: the next mirror. */
		{ "#!/bin/sh\ncase $* in\n"
		  "--version) echo 'gpg (GnuPG) 2.2.40';;\n"
		  "*) kill -9 $$;;\nesac\n",
		    FAULT_UNSIGNED },
	};
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	char path[128], name[128];
	const char *environment[] = { path, NULL };
	const char *argv[] = { program, w.pinned, name, NULL };
	struct child_plan plan = { .argv = argv, .environment = environment };
	struct child_end end;
	struct fault f = { 0 };
	size_t i;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	assert_int_equal(file_replace(scratch_fd, "packets", packets.data,
			     packets.len, 0600, &f),
	    0);
	(void)snprintf(name, sizeof(name), "%s/packets", scratch);
	(void)snprintf(path, sizeof(path), "PATH=%s", scratch);
	for (i = 0; i < 4; i++) {
		if (cases[i].script != NULL) {
			scratch_write("gpg", cases[i].script);
			assert_int_equal(chmod(scratch_path("gpg"), 0755), 0);
		}
		assert_int_equal(child_run(&plan, &end, &f), 0);
		assert_int_equal(end.how, CHILD_EXITED);
		assert_int_equal(end.number, cases[i].kind);
	}
	(void)snprintf(path, sizeof(path), "PATH=/usr/bin:/bin");
	assert_int_equal(child_run(&plan, &end, &f), 0);
	assert_int_equal(end.number, FAULT_NONE);
}

static int
check_as_nobody(const char *home, const struct buf *packets)
{
	struct signature_report report;
	struct fault f = { 0 };

	if (getuid() == 0 &&
	    (setgroups(0, NULL) == -1 || setgid(65534) == -1 ||
		setuid(65534) == -1))
		return 2;
	if (signature_check(home, &w.signers, TEXT, TEXT_SIZE, packets->data,
		packets->len, time_now(), &report, &f) == -1) {
		print_message("%s\n", f.text);
		return 3;
	}
	return report.good == 1 ? 0 : 4;
}

static void
checking_needs_no_write_access_and_no_short_path(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	char name[200] = "a \"long\" path # with odd characters", home[400];
	struct fault f = { 0 };
	size_t before;
	int status;
	pid_t pid;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	memset(name + strlen(name), 'x', 150 - strlen(name));
	(void)snprintf(home, sizeof(home), "%s", scratch_path(name));
	assert_int_equal(
	    signature_home_make(home, w.keyring.data, w.keyring.len, &f), 0);
	before = scratch_count(name);
	assert_int_equal(before, 2);
	assert_int_equal(chmod(scratch, 0711), 0);
	assert_int_equal(chmod(home, 0555), 0);
	(void)snprintf(home, sizeof(home), "%s/gpg.conf", scratch_path(name));
	assert_int_equal(chmod(home, 0444), 0);
	(void)snprintf(home, sizeof(home), "%s/pinned.gpg", scratch_path(name));
	assert_int_equal(chmod(home, 0444), 0);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0)
		_exit(check_as_nobody(scratch_path(name), &packets));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(scratch_count(name), before);
	assert_false(keys_agent_runs(name));
}

static void
making_a_home_again_changes_what_differs_and_no_more(void **state)
{
	struct stat one, two;
	struct fault f = { 0 };
	OWNED_MEM char *keyring = NULL;

	(void)state;
	assert_int_equal(signature_home_make(scratch_path("h"), "a", 1, &f), 0);
	assert_int_equal(stat(scratch_path("h"), &one), 0);
	assert_int_equal(one.st_mode & 07777, 0700);
	assert_int_equal(stat(scratch_path("h/pinned.gpg"), &one), 0);
	assert_int_equal(signature_home_make(scratch_path("h"), "a", 1, &f), 0);
	assert_int_equal(stat(scratch_path("h/pinned.gpg"), &two), 0);
	assert_int_equal(one.st_ino, two.st_ino);
	assert_int_equal(signature_home_make(scratch_path("h"), "bc", 2, &f),
	    0);
	keyring = scratch_read("h/pinned.gpg");
	assert_string_equal(keyring, "bc");
}

static void
the_environment_is_put_back(void **state)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	struct signature_report report;

	(void)state;
	keys_sign(&w.home, w.alice, TEXT, TEXT_SIZE, &packets, NULL);
	assert_int_equal(setenv("GNUPGHOME", "/mine", 1), 0);
	assert_int_equal(unsetenv("LC_ALL"), 0);
	check(&packets, &report);
	assert_int_equal(report.good, 1);
	assert_string_equal(getenv("GNUPGHOME"), "/mine");
	assert_null(getenv("LC_ALL"));
	assert_int_equal(unsetenv("GNUPGHOME"), 0);
	assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
	check(&packets, &report);
	assert_null(getenv("GNUPGHOME"));
	assert_string_equal(getenv("LC_ALL"), "C.UTF-8");
}

#define scratched(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_signature_counts),
		cmocka_unit_test(a_file_is_checked_from_its_start),
		cmocka_unit_test(a_subkey_signs_for_its_primary),
		cmocka_unit_test(three_signers_reach_a_threshold_of_three),
		cmocka_unit_test(one_signer_counts_once_however_often_he_signs),
		cmocka_unit_test(a_stranger_of_the_same_name_is_not_counted),
		cmocka_unit_test(a_changed_text_is_refused_and_the_key_named),
		cmocka_unit_test(
		    one_bad_signature_by_a_trusted_key_refuses_the_good_one_too),
		cmocka_unit_test(a_strangers_bad_signature_does_no_harm),
		cmocka_unit_test(
		    expired_and_revoked_keys_are_told_apart_and_not_counted),
		scratched(an_expired_signature_is_not_counted),
		cmocka_unit_test(weak_digests_and_keys_are_not_counted),
		cmocka_unit_test(a_key_that_may_no_longer_sign_is_not_counted),
		cmocka_unit_test(a_signature_from_the_future_is_not_counted),
		cmocka_unit_test(inline_and_clear_signed_messages_are_refused),
		cmocka_unit_test(what_gpg_cannot_read_is_refused),
		cmocka_unit_test(no_changed_byte_leaves_a_signature_good),
		cmocka_unit_test(a_missing_home_is_a_local_fault),
		scratched(
		    a_keyring_without_the_certificate_is_no_bad_signature),
		scratched(a_missing_or_broken_gpg_is_a_local_fault),
		scratched(checking_needs_no_write_access_and_no_short_path),
		scratched(making_a_home_again_changes_what_differs_and_no_more),
		cmocka_unit_test(the_environment_is_put_back),
	};

	program = argv[0];
	if (argc == 3)
		return check_alone(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, make_world, leave_world);
}
