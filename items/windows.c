#include "items/windows.h"

#include <stdint.h>

#define WINDOW 4 /* bytes */

static uint32_t
push(uint32_t window, char c)
{
	unsigned char lower = (unsigned char)c;

	if (c >= 'A' && c <= 'Z')
		lower |= 0x20;
	return window << 8 | lower;
}

/* The number of a window's bit. */
static uint32_t
bit_of(uint32_t window)
{
	_Static_assert(WINDOWS_BYTES * 8 == 1 << 19, "19 bits are a place");
	return window * 2654435769u >> (32 - 19); /* Knuth's multiplier */
}

void
windows_add(struct windows *w, const char *text, size_t n)
{
	uint32_t window = 0, bit;
	size_t i;

	for (i = 0; i < n; i++) {
		window = push(window, text[i]);
		bit = bit_of(window);
		if (i >= WINDOW - 1)
			w->bits[bit / 8] |= (unsigned char)(1u << bit % 8);
	}
}

bool
windows_may_have(const struct windows *w, const char *word, size_t n)
{
	uint32_t window = 0, bit;
	size_t i;

	for (i = 0; i < n; i++) {
		window = push(window, word[i]);
		bit = bit_of(window);
		if (i >= WINDOW - 1 && (w->bits[bit / 8] & 1u << bit % 8) == 0)
			return false;
	}
	return true;
}
