/* The parts of signature.h that need no OpenPGP: texts and the judgement. */
#include "feeds/signature.h"

#include "base/num.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c;
	if (c >= 'A' && c <= 'F')
		return c;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 'A';
	return -1;
}

int
fingerprint_parse(const char *text, char out[FINGERPRINT_TEXT], struct fault *f)
{
	char digits[FINGERPRINT_TEXT] = "";
	size_t n = 0;
	const char *p;

	for (p = text; *p != '\0'; p++) {
		int digit = hex_digit(*p);

		if (*p == ' ')
			continue;
		if (digit == -1 || n == FINGERPRINT_TEXT - 1)
			break;
		digits[n++] = (char)digit;
	}
	if (*p != '\0' || n != FINGERPRINT_TEXT - 1)
		return fault_set(f, FAULT_FORMAT,
		    "'%.60s' is not a key's fingerprint of %d hex digits", text,
		    FINGERPRINT_TEXT - 1);
	memcpy(out, digits, sizeof(digits));
	return 0;
}

/* The signer whose primary key this is, or NULL. */
static const struct signer *
find_signer(const struct signers *signers, const char *key)
{
	size_t i;

	for (i = 0; i < signers->count; i++)
		if (strcmp(signers->list[i].primary, key) == 0)
			return &signers->list[i];
	return NULL;
}

int
signature_signers(const struct words *lines, int64_t threshold,
    struct signers *signers, struct fault *f)
{
	size_t i;

	if (lines->count > SIGNERS_MAX)
		return fault_set(f, FAULT_CONFIG, "more than %d signers",
		    SIGNERS_MAX);
	*signers = (struct signers){ .count = lines->count,
		.threshold = threshold == 0 ? 1 : (size_t)threshold };
	for (i = 0; i < lines->count; i++) {
		char primary[FINGERPRINT_TEXT];

		if (fingerprint_parse(lines->word[i], primary, f) == -1) {
			f->kind = FAULT_CONFIG;
			return -1;
		}
		if (find_signer(signers, primary) != NULL)
			return fault_set(f, FAULT_CONFIG,
			    "signer '%s' stands there twice", primary);
		memcpy(signers->list[i].primary, primary, sizeof(primary));
	}
	if (lines->count > 1 && threshold == 0)
		return fault_set(f, FAULT_CONFIG,
		    "there is more than one "
		    "signer: say how many must sign with 'threshold'");
	if (signers->threshold > lines->count)
		return fault_set(f, FAULT_CONFIG,
		    "more signatures wanted than there are signers");
	return 0;
}

static int
say_expired(const char *key, const struct signers *signers, int64_t created,
    int64_t now, struct buf *words, struct fault *f)
{
	const struct signer *signer = find_signer(signers, key);
	char when[TIME_TEXT];

	if (signer != NULL && signer->expires > 0 && signer->expires <= now) {
		time_format(signer->expires, when);
		return buf_format(words, f, "key '%s' expired on %.10s", key,
		    when);
	}
	time_format(created, when);
	return buf_format(words, f,
	    "key '%s', or its signature of %.10s, has expired", key, when);
}

static int
say_future(const char *key, int64_t created, int64_t now, struct buf *words,
    struct fault *f)
{
	char signed_at[TIME_TEXT], clock[TIME_TEXT];

	time_format(created, signed_at);
	time_format(now, clock);
	return buf_format(words, f,
	    /* The day: what is told once may not change with each run. */
	    "key '%s' signed at %s, but the clock here says %.10s", key,
	    signed_at, clock);
}

/* Why signature i does not count. */
static int
say_why(const struct signature_report *report, size_t i,
    const struct signers *signers, struct buf *words, struct fault *f)
{
	const char *key = report->list[i].key;

	switch (report->list[i].verdict) {
	case VERDICT_UNKNOWN_KEY:
		return buf_format(words, f,
		    find_signer(signers, key) != NULL ?
			"the certificate of key '%s' is not here yet" :
			"key '%s' is not trusted here",
		    key);
	case VERDICT_NO_CERTIFICATE:
		return buf_format(words, f,
		    "GnuPG does not see the certificate of key '%s' "
		    "that wikicast keeps (a 'use-keyboxd' in "
		    "/etc/gnupg/common.conf would do that)",
		    key);
	case VERDICT_EXPIRED:
		return say_expired(key, signers, report->list[i].created,
		    report->now, words, f);
	case VERDICT_REVOKED:
		return buf_format(words, f, "key '%s' is revoked", key);
	case VERDICT_WEAK:
		return buf_format(words, f,
		    "key '%s' signed with an algorithm that is too weak", key);
	case VERDICT_FUTURE:
		return say_future(key, report->list[i].created, report->now,
		    words, f);
	case VERDICT_UNFIT:
		return buf_format(words, f,
		    "a signature by key '%s' cannot be checked, "
		    "or is by a key that may not sign",
		    key);
	case VERDICT_BAD:
		return buf_format(words, f,
		    "the signature by key '%s' does not match the document",
		    key);
	case VERDICT_NONE:
	case VERDICT_GOOD:
		break;
	}
	return fault_set(f, FAULT_BUG, "a signature without a verdict");
}

/* Put the words for all signatures with the verdict (or for all but good). */
static int
say_all(const struct signature_report *report, const struct signers *signers,
    bool only_bad, struct buf *words, struct fault *f)
{
	size_t i;

	for (i = 0; i < report->count; i++) {
		enum verdict verdict = report->list[i].verdict;

		if (only_bad ? verdict != VERDICT_BAD : verdict == VERDICT_GOOD)
			continue;
		if (words->len > 0 && buf_add_text(words, "; ", f) == -1)
			return -1;
		if (say_why(report, i, signers, words, f) == -1)
			return -1;
	}
	return 0;
}

static bool
has_verdict(const struct signature_report *report, enum verdict verdict)
{
	size_t i;

	for (i = 0; i < report->count; i++)
		if (report->list[i].verdict == verdict)
			return true;
	return false;
}

int
signature_judge(const struct signature_report *report,
    const struct signers *signers, bool *refresh, struct fault *f)
{
	OWNED_BUF struct buf words = BUF_INIT(16384);
	enum fault_kind kind;

	*refresh = false;
	if (signers->threshold == 0)
		return fault_set(f, FAULT_BUG, "a threshold of 0 signatures");
	if (has_verdict(report, VERDICT_BAD)) {
		if (say_all(report, signers, true, &words, f) == -1)
			return -1;
		return fault_set(f, FAULT_UNSIGNED, "%s", words.data);
	}
	if (report->good >= signers->threshold)
		return 0;
	if (report->count == 0)
		return fault_set(f, FAULT_UNSIGNED, "there is no signature");
	*refresh = has_verdict(report, VERDICT_UNKNOWN_KEY) ||
	    has_verdict(report, VERDICT_EXPIRED) ||
	    has_verdict(report, VERDICT_NO_CERTIFICATE);
	kind = has_verdict(report, VERDICT_NO_CERTIFICATE) ? FAULT_SYSTEM :
							     FAULT_UNSIGNED;
	if (say_all(report, signers, false, &words, f) == -1)
		return -1;
	if (signers->threshold == 1)
		return fault_set(f, kind, "%s", words.data);
	return fault_set(f, kind, "%zu of %zu needed signatures%s%s",
	    report->good, signers->threshold, words.len > 0 ? "; " : "",
	    words.data);
}
