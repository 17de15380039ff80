#include "feeds/parcel.h"

#include <string.h>

#define NO_TEXT UINT32_MAX /* the length that stands for NULL */

int
parcel_put_number(struct buf *out, int64_t n, struct fault *f)
{
	return buf_add(out, &n, sizeof(n), f);
}

int
parcel_put_bytes(struct buf *out, const void *bytes, size_t n, struct fault *f)
{
	uint32_t length = (uint32_t)n;

	if (n >= NO_TEXT)
		return fault_set(f, FAULT_LIMIT, "a field of %zu bytes", n);
	if (buf_add(out, &length, sizeof(length), f) == -1)
		return -1;
	return buf_add(out, bytes, n, f);
}

int
parcel_put_text(struct buf *out, const char *text, struct fault *f)
{
	const uint32_t none = NO_TEXT;

	if (text == NULL)
		return buf_add(out, &none, sizeof(none), f);
	return parcel_put_bytes(out, text, strlen(text), f);
}

int
parcel_put_digest(struct buf *out, const struct digest *d, struct fault *f)
{
	return buf_add(out, d->bytes, sizeof(d->bytes), f);
}

static int
take(struct parcel *p, void *to, size_t n, struct fault *f)
{
	if (p->len - p->at < n)
		return fault_set(f, FAULT_FORMAT, "parcel: it ends early");
	memcpy(to, p->data + p->at, n);
	p->at += n;
	return 0;
}

int
parcel_get_number(struct parcel *p, int64_t min, int64_t max, int64_t *out,
    struct fault *f)
{
	int64_t n = 0;

	if (take(p, &n, sizeof(n), f) == -1)
		return -1;
	if (n < min || n > max)
		return fault_set(f, FAULT_FORMAT,
		    "parcel: %lld is not between %lld and %lld", (long long)n,
		    (long long)min, (long long)max);
	*out = n;
	return 0;
}

/* *bytes is NULL where NULL was put. */
static int
get_field(struct parcel *p, size_t max, const char **bytes, size_t *n,
    struct fault *f)
{
	uint32_t length = 0;

	if (take(p, &length, sizeof(length), f) == -1)
		return -1;
	if (length == NO_TEXT) {
		*bytes = NULL;
		*n = 0;
		return 0;
	}
	if (length > max)
		return fault_set(f, FAULT_FORMAT,
		    "parcel: a field of %lu bytes, at most %zu are allowed",
		    (unsigned long)length, max);
	if (length > p->len - p->at)
		return fault_set(f, FAULT_FORMAT, "parcel: it ends early");
	*bytes = p->data + p->at;
	*n = length;
	p->at += length;
	return 0;
}

int
parcel_get_bytes(struct parcel *p, size_t max, const char **bytes, size_t *n,
    struct fault *f)
{
	const char *got;
	size_t length;

	if (get_field(p, max, &got, &length, f) == -1)
		return -1;
	if (got == NULL)
		return fault_set(f, FAULT_FORMAT, "parcel: bytes are missing");
	*bytes = got;
	*n = length;
	return 0;
}

int
parcel_get_text(struct parcel *p, size_t max, char **out, struct fault *f)
{
	const char *bytes;
	char *text = NULL;
	size_t n;

	if (get_field(p, max, &bytes, &n, f) == -1)
		return -1;
	if (bytes != NULL) {
		if (memchr(bytes, '\0', n) != NULL)
			return fault_set(f, FAULT_FORMAT,
			    "parcel: a text with a NUL");
		text = strndup(bytes, n);
		if (text == NULL)
			return fault_memory(f);
	}
	free(*out);
	*out = text;
	return 0;
}

int
parcel_get_digest(struct parcel *p, struct digest *out, struct fault *f)
{
	return take(p, out->bytes, sizeof(out->bytes), f);
}

int
parcel_end(const struct parcel *p, struct fault *f)
{
	if (p->at != p->len)
		return fault_set(f, FAULT_FORMAT, "parcel: %zu bytes too many",
		    p->len - p->at);
	return 0;
}
