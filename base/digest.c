#include "base/digest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct digest_run),
    "digest_run is too small");

static struct sha256_ctx *
ctx(struct digest_run *run)
{
	return (struct sha256_ctx *)run;
}

void
digest_start(struct digest_run *run)
{
	sha256_init(ctx(run));
}

void
digest_more(struct digest_run *run, const void *bytes, size_t n)
{
	sha256_update(ctx(run), n, bytes);
}

void
digest_text(struct digest_run *run, const char *text)
{
	if (text != NULL)
		digest_more(run, text, strlen(text) + 1);
	else
		digest_more(run, "\1", 1);
}

void
digest_end(struct digest_run *run, struct digest *out)
{
	sha256_digest(ctx(run), sizeof(out->bytes), out->bytes);
}

void
digest_of(const void *bytes, size_t n, struct digest *out)
{
	struct digest_run run;

	digest_start(&run);
	digest_more(&run, bytes, n);
	digest_end(&run, out);
}

int
digest_of_fd(int fd, struct digest *out, int64_t *size, struct fault *f)
{
	struct digest_run run;
	char block[65536];
	int64_t at = 0;
	ssize_t n;

	digest_start(&run);
	for (;;) {
		n = pread(fd, block, sizeof(block), at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fault_system(f, errno, "cannot read");
		if (n == 0)
			break;
		digest_more(&run, block, (size_t)n);
		at += n;
	}
	digest_end(&run, out);
	*size = at;
	return 0;
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void
digest_format(const struct digest *d, char out[DIGEST_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < sizeof(d->bytes); i++) {
		out[2 * i] = hex[d->bytes[i] >> 4];
		out[2 * i + 1] = hex[d->bytes[i] & 15];
	}
	out[2 * i] = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
digest_parse(const char *text, struct digest *out, struct fault *f)
{
	struct digest d;
	size_t i;

	for (i = 0; i < sizeof(d.bytes); i++) {
		int high = hex_value(text[2 * i]);
		int low = high == -1 ? -1 : hex_value(text[2 * i + 1]);

		if (low == -1)
			return fault_set(f, FAULT_FORMAT,
			    "'%.70s' is not a digest", text);
		d.bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (text[2 * i] != '\0')
		return fault_set(f, FAULT_FORMAT, "'%.70s' is not a digest",
		    text);
	*out = d;
	return 0;
}
