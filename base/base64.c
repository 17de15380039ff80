#include "base/base64.h"

#include <nettle/base64.h>

int
base64_encode(const void *bytes, size_t n, struct buf *out, struct fault *f)
{
	size_t len = BASE64_ENCODE_RAW_LENGTH(n);

	if (buf_reserve(out, len, f) == -1)
		return -1;
	base64_encode_raw(out->data + out->len, n, bytes);
	out->len += len;
	buf_end(out);
	return 0;
}

static int
refused(struct fault *f)
{
	return fault_set(f, FAULT_FORMAT, "base64 is malformed");
}

int
base64_decode(const char *text, size_t n, struct buf *out, struct fault *f)
{
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	struct base64_decode_ctx ctx;
	size_t len = BASE64_DECODE_LENGTH(n);

	if (n == 0)
		return 0;
	if (n % 4 != 0)
		return refused(f);
	if (buf_reserve(out, len, f) == -1)
		return -1;
	base64_decode_init(&ctx);
	if (!base64_decode_update(&ctx, &len, (uint8_t *)out->data + out->len,
		n, text) ||
	    !base64_decode_final(&ctx)) {
		buf_end(out);
		return refused(f);
	}
	/* nettle skips blanks and ignores spare bits: compare the way back. */
	if (base64_encode(out->data + out->len, len, &again, f) == -1)
		return -1;
	if (again.len != n || memcmp(again.data, text, n) != 0) {
		buf_end(out);
		return refused(f);
	}
	out->len += len;
	buf_end(out);
	return 0;
}
