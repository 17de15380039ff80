#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/signature.h"

#define ALICE "A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1"
#define BOB "B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0"
#define STRANGER "5757575757575757575757575757575757575757"
#define NOW 1764000000 /* 2025-11-24T16:00:00Z */

static void
fingerprints_are_read_as_people_write_them(void **state)
{
	char out[FINGERPRINT_TEXT] = "";
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(
	    fingerprint_parse(
		"0123 4567 89ab cdef 0123  4567 89AB CDEF 0123 4567", out, &f),
	    0);
	assert_string_equal(out, "0123456789ABCDEF0123456789ABCDEF01234567");
	assert_int_equal(
	    fingerprint_parse("0123456789ABCDEF0123456789ABCDEF01234567", out,
		&f),
	    0);
}

static void
anything_else_is_no_fingerprint(void **state)
{
	static const char *const texts[] = { "", " ", "89ABCDEF",
		"0123456789ABCDEF", "0123456789ABCDEF0123456789ABCDEF0123456",
		"0123456789ABCDEF0123456789ABCDEF012345678",
		"0x0123456789ABCDEF0123456789ABCDEF01234567",
		"0123456789ABCDEF0123456789ABCDEF0123456G",
		"0123:4567:89AB:CDEF:0123:4567:89AB:CDEF:0123:4567",
		"0123456789ABCDEF0123456789ABCDEF01234567!",
		"0123456789ABCDEF0123456789ABCDEF01234567\n",
		"0123456789ABCDEF0123456789ABCDEF"
		"0123456789ABCDEF0123456789ABCDEF" };
	char out[FINGERPRINT_TEXT] = "untouched";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct fault f = { 0 };

		assert_int_equal(fingerprint_parse(texts[i], out, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_string_equal(out, "untouched");
	}
}

static void
signers_and_threshold_must_fit_each_other(void **state)
{
	OWNED_MEM struct signers *s = calloc(1, sizeof(*s));
	OWNED_WORDS struct words lines = WORDS_INIT;
	struct fault f = { 0 };
	char key[FINGERPRINT_TEXT];
	int i;

	(void)state;
	assert_int_equal(words_add(&lines, ALICE, &f), 0);
	assert_int_equal(signature_signers(&lines, 0, s, &f), 0);
	assert_int_equal(s->threshold, 1);
	assert_int_equal(signature_signers(&lines, 2, s, &f), -1);
	for (i = 1; i < SIGNERS_MAX; i++) {
		(void)snprintf(key, sizeof(key), "%040X", (unsigned int)i);
		assert_int_equal(words_add(&lines, key, &f), 0);
	}
	assert_int_equal(signature_signers(&lines, 0, s, &f), -1);
	assert_int_equal(signature_signers(&lines, SIGNERS_MAX, s, &f), 0);
	assert_int_equal(words_add(&lines, BOB, &f), 0);
	assert_int_equal(signature_signers(&lines, 1, s, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
}

static void
a_signer_stands_there_once(void **state)
{
	OWNED_MEM struct signers *s = calloc(1, sizeof(*s));
	OWNED_WORDS struct words lines = WORDS_INIT;
	struct fault f = { 0 };
	char small[FINGERPRINT_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < FINGERPRINT_TEXT; i++)
		small[i] = (char)tolower((unsigned char)ALICE[i]);
	assert_int_equal(words_add(&lines, ALICE, &f), 0);
	assert_int_equal(words_add(&lines, BOB, &f), 0);
	assert_int_equal(signature_signers(&lines, 2, s, &f), 0);
	assert_int_equal(words_add(&lines, small, &f), 0);
	assert_int_equal(signature_signers(&lines, 2, s, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_string_equal(f.text, "signer '" ALICE "' stands there twice");
}

static struct signers
two_signers(size_t threshold)
{
	struct signers signers = { .count = 2, .threshold = threshold };

	memcpy(signers.list[0].primary, ALICE, FINGERPRINT_TEXT);
	memcpy(signers.list[1].primary, BOB, FINGERPRINT_TEXT);
	return signers;
}

static void
add(struct signature_report *report, const char *key, enum verdict verdict)
{
	size_t i = report->count++;

	memcpy(report->list[i].key, key, FINGERPRINT_TEXT);
	report->list[i].verdict = verdict;
	report->list[i].created = NOW - 3600;
	report->now = NOW;
	if (verdict == VERDICT_GOOD)
		report->good++;
}

/* Refused with these words and this advice. */
static void
refused(const struct signature_report *report, const struct signers *signers,
    const char *words, bool wants_refresh)
{
	bool refresh = !wants_refresh;
	struct fault f = { 0 };

	assert_int_equal(signature_judge(report, signers, &refresh, &f), -1);
	assert_int_equal(f.kind, FAULT_UNSIGNED);
	assert_string_equal(f.text, words);
	assert_int_equal(refresh, wants_refresh);
}

static void
enough_good_signatures_pass(void **state)
{
	struct signers signers = two_signers(2);
	struct signature_report report = { .count = 0 };
	struct fault f = { 0 };
	bool refresh = true;

	(void)state;
	add(&report, ALICE, VERDICT_GOOD);
	add(&report, STRANGER, VERDICT_UNKNOWN_KEY);
	add(&report, BOB, VERDICT_GOOD);
	assert_int_equal(signature_judge(&report, &signers, &refresh, &f), 0);
	assert_false(refresh);
}

static void
nothing_passes_without_a_signature_or_a_threshold(void **state)
{
	struct signers signers = two_signers(1);
	struct signature_report report = { .count = 0 };
	struct fault f = { 0 };
	bool refresh;

	(void)state;
	refused(&report, &signers, "there is no signature", false);
	signers.threshold = 0;
	assert_int_equal(signature_judge(&report, &signers, &refresh, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
}

static void
a_bad_signature_outweighs_the_good_ones(void **state)
{
	struct signers signers = two_signers(1);
	struct signature_report report = { .count = 0 };

	(void)state;
	add(&report, ALICE, VERDICT_GOOD);
	add(&report, STRANGER, VERDICT_UNKNOWN_KEY);
	add(&report, BOB, VERDICT_BAD);
	refused(&report, &signers,
	    "the signature by key '" BOB "' does not match the document",
	    false);
}

static void
words_name_every_cause(void **state)
{
	struct signers signers = two_signers(2);
	struct signature_report report = { .count = 0 };

	(void)state;
	add(&report, ALICE, VERDICT_GOOD);
	refused(&report, &signers, "1 of 2 needed signatures", false);
	add(&report, BOB, VERDICT_REVOKED);
	add(&report, STRANGER, VERDICT_WEAK);
	refused(&report, &signers,
	    "1 of 2 needed signatures; key '" BOB "' is revoked; key '" STRANGER
	    "' signed with an algorithm that is too weak",
	    false);
}

static void
an_expired_key_is_told_with_its_date_if_that_is_known(void **state)
{
	struct signers signers = two_signers(1);
	struct signature_report report = { .count = 0 };

	(void)state;
	add(&report, ALICE, VERDICT_EXPIRED);
	refused(&report, &signers,
	    "key '" ALICE "', or its signature of 2025-11-24, has expired",
	    true);
	signers.list[0].expires = NOW - 86400;
	refused(&report, &signers, "key '" ALICE "' expired on 2025-11-23",
	    true);
	/* The key is good for another day: so it was the signature. */
	signers.list[0].expires = NOW + 86400;
	refused(&report, &signers,
	    "key '" ALICE "', or its signature of 2025-11-24, has expired",
	    true);
}

static void
a_signature_from_the_future_is_told_with_both_times(void **state)
{
	struct signers signers = two_signers(1);
	struct signature_report report = { .count = 0 };

	(void)state;
	add(&report, ALICE, VERDICT_FUTURE);
	report.now = 3600;
	refused(&report, &signers,
	    "key '" ALICE "' signed at 2025-11-24T15:00:00Z, but the clock "
	    "here says 1970-01-01",
	    false);
}

static void
a_pinned_key_without_its_certificate_is_not_called_untrusted(void **state)
{
	struct signers signers = two_signers(1);
	struct signature_report report = { .count = 0 };

	(void)state;
	add(&report, ALICE, VERDICT_UNKNOWN_KEY);
	refused(&report, &signers,
	    "the certificate of key '" ALICE "' is not here yet", true);
	report.count = 0;
	add(&report, STRANGER, VERDICT_UNKNOWN_KEY);
	refused(&report, &signers, "key '" STRANGER "' is not trusted here",
	    true);
}

static void
sixteen_causes_fit_without_harm(void **state)
{
	struct signers signers = two_signers(1);
	struct signature_report report = { .count = 0 };
	struct fault f = { 0 };
	bool refresh;
	size_t i;

	(void)state;
	for (i = 0; i < SIGNERS_MAX; i++)
		add(&report, STRANGER, VERDICT_FUTURE);
	assert_int_equal(signature_judge(&report, &signers, &refresh, &f), -1);
	assert_int_equal(f.kind, FAULT_UNSIGNED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fingerprints_are_read_as_people_write_them),
		cmocka_unit_test(anything_else_is_no_fingerprint),
		cmocka_unit_test(signers_and_threshold_must_fit_each_other),
		cmocka_unit_test(a_signer_stands_there_once),
		cmocka_unit_test(enough_good_signatures_pass),
		cmocka_unit_test(
		    nothing_passes_without_a_signature_or_a_threshold),
		cmocka_unit_test(a_bad_signature_outweighs_the_good_ones),
		cmocka_unit_test(words_name_every_cause),
		cmocka_unit_test(
		    an_expired_key_is_told_with_its_date_if_that_is_known),
		cmocka_unit_test(
		    a_signature_from_the_future_is_told_with_both_times),
		cmocka_unit_test(
		    a_pinned_key_without_its_certificate_is_not_called_untrusted),
		cmocka_unit_test(sixteen_causes_fit_without_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
