/*
 * Texts from strangers: line ends survive the way into a wiki and back, and
 * no #acl line survives its removal, also not after a save by Moin.
 */
#include <assert.h>
#include <stdint.h>

#include "items/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_line_ends(const char *text, size_t n)
{
	OWNED_BUF struct buf crlf = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf lf = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	assert(text_to_lf(text, n, &lf, &f) == 0);
	assert(lf.len <= n);
	if (text_check(text, n, &f) == -1)
		return;
	assert(lf.len == n && memcmp(lf.data, text, n) == 0);
	buf_reset(&lf);
	assert(text_to_crlf(text, n, &crlf, &f) == 0);
	assert(text_to_lf(crlf.data, crlf.len, &lf, &f) == 0);
	assert(lf.len == n && memcmp(lf.data, text, n) == 0);
}

/* The one-byte breaks of Python's splitlines, as LF. */
static void
save_in_moin(struct buf *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (strchr("\x0b\x0c\x1c\x1d\x1e", text->data[i]) != NULL &&
		    text->data[i] != '\0')
			text->data[i] = '\n';
}

static void
try_acl(const char *text, size_t n)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf twice = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	bool had = text_has_acl(text, n);

	assert(text_replace_acl(text, n, NULL, &out, &f) == 0);
	assert(!text_has_acl(out.data, out.len));
	if (!had)
		assert(out.len == n && memcmp(out.data, text, n) == 0);
	assert(text_replace_acl(out.data, out.len, NULL, &twice, &f) == 0);
	assert(twice.len == out.len);
	save_in_moin(&out);
	assert(!text_has_acl(out.data, out.len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BUF struct buf value = BUF_INIT(35);
	struct fault f = { 0 };
	const char *text = (const char *)data;

	try_line_ends(text, size);
	try_acl(text, size);
	assert(text_instruction(text, size, "language", &value, &f) == 0);
	assert(value.len <= 35);
	return 0;
}
