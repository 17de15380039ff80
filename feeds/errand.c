#include "feeds/errand.h"

#include "base/num.h"

static int
put_signer(struct buf *out, const struct signer *s, struct fault *f)
{
	size_t i;

	if (parcel_put_text(out, s->primary, f) == -1 ||
	    parcel_put_number(out, s->expires, f) == -1 ||
	    parcel_put_number(out, (int64_t)s->key_count, f) == -1)
		return -1;
	for (i = 0; i < s->key_count; i++)
		if (parcel_put_text(out, s->keys[i], f) == -1)
			return -1;
	return 0;
}

int
errand_put_signers(struct buf *out, const struct signers *s, struct fault *f)
{
	size_t i;

	if (parcel_put_number(out, (int64_t)s->threshold, f) == -1 ||
	    parcel_put_number(out, (int64_t)s->count, f) == -1)
		return -1;
	for (i = 0; i < s->count; i++)
		if (put_signer(out, &s->list[i], f) == -1)
			return -1;
	return 0;
}

static int
get_fingerprint(struct parcel *p, char out[FINGERPRINT_TEXT], struct fault *f)
{
	OWNED_MEM char *text = NULL;

	if (parcel_get_text(p, FINGERPRINT_TEXT - 1, &text, f) == -1)
		return -1;
	if (text == NULL)
		return fault_set(f, FAULT_FORMAT, "no fingerprint");
	return fingerprint_parse(text, out, f);
}

static int
get_signer(struct parcel *p, struct signer *s, struct fault *f)
{
	int64_t count;
	size_t i;

	if (get_fingerprint(p, s->primary, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &s->expires, f) == -1 ||
	    parcel_get_number(p, 0, SIGNER_KEYS_MAX, &count, f) == -1)
		return -1;
	s->key_count = (size_t)count;
	for (i = 0; i < s->key_count; i++)
		if (get_fingerprint(p, s->keys[i], f) == -1)
			return -1;
	return 0;
}

int
errand_get_signers(struct parcel *p, struct signers *s, struct fault *f)
{
	int64_t threshold, count;
	size_t i;

	if (parcel_get_number(p, 1, SIGNERS_MAX, &threshold, f) == -1 ||
	    parcel_get_number(p, 1, SIGNERS_MAX, &count, f) == -1)
		return -1;
	s->threshold = (size_t)threshold;
	s->count = (size_t)count;
	for (i = 0; i < s->count; i++)
		if (get_signer(p, &s->list[i], f) == -1)
			return -1;
	return 0;
}

int
errand_put_fault(struct buf *out, const struct fault *of, bool refresh,
    struct fault *f)
{
	if (parcel_put_number(out, of->kind, f) == -1 ||
	    parcel_put_text(out, of->text, f) == -1)
		return -1;
	return parcel_put_number(out, refresh, f);
}

void
errand_get_fault(struct parcel *p, bool *refresh, struct fault *f)
{
	OWNED_MEM char *text = NULL;
	struct fault unreadable = { 0 };
	int64_t kind, again;

	*refresh = false;
	if (parcel_get_number(p, FAULT_NONE + 1, FAULT_BUG, &kind,
		&unreadable) == -1 ||
	    parcel_get_text(p, FAULT_TEXT_MAX - 1, &text, &unreadable) == -1 ||
	    parcel_get_number(p, 0, 1, &again, &unreadable) == -1 ||
	    text == NULL) {
		(void)fault_set(f, FAULT_FORMAT,
		    "the worker's answer is malformed");
		return;
	}
	*refresh = again == 1;
	(void)fault_set(f, (enum fault_kind)kind, "%s", text);
}
