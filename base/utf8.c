#include "base/utf8.h"

#include <string.h>

size_t
utf8_next(const char *text, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	size_t len, i;
	uint32_t v;

	if (n == 0)
		return 0;
	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc0 || p[0] > 0xf7 || len > n)
		return 0;
	v = p[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*c = v;
	return len;
}

/* Most texts are mostly ASCII. */
static bool
eight_ascii(const char *text, size_t n)
{
	uint64_t eight;

	if (n < sizeof(eight))
		return false;
	memcpy(&eight, text, sizeof(eight));
	return (eight & 0x8080808080808080) == 0;
}

bool
utf8_valid(const char *text, size_t n)
{
	uint32_t c;
	size_t len;

	for (; n > 0; text += len, n -= len) {
		len = eight_ascii(text, n) ? 8 : utf8_next(text, n, &c);
		if (len == 0)
			return false;
	}
	return true;
}

/* Bytes of the character, or stray byte, at the start of a string. */
static size_t
step(const char *text, size_t n)
{
	uint32_t c;
	size_t len = utf8_next(text, n, &c);

	return len > 0 ? len : 1;
}

size_t
utf8_count(const char *text)
{
	size_t n = strlen(text), count = 0, len;

	for (; n > 0; text += len, n -= len, count++)
		len = step(text, n);
	return count;
}

void
utf8_cut(char *text, size_t max)
{
	size_t n = strlen(text), len;

	for (; n > 0 && max > 0; text += len, n -= len, max--)
		len = step(text, n);
	*text = '\0';
}

bool
utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void
replace(char *text, bool controls_too)
{
	size_t n = strlen(text), len;
	uint32_t c;

	for (; n > 0; text += len, n -= len) {
		len = utf8_next(text, n, &c);
		if (len > 0 && !(controls_too && utf8_is_control(c)))
			continue;
		if (len == 0)
			len = 1;
		memset(text, '?', len);
	}
}

void
utf8_defang(char *text)
{
	replace(text, true);
}

void
utf8_repair(char *text)
{
	replace(text, false);
}
