/*
 * windows.h -- may a word be in any of these texts?  They are not kept: only
 * which runs of four bytes they have, as a bit each, so that an answer costs
 * nothing even where the texts are a thousand pages.
 *
 *	windows_add(w, text, n) ...
 *	if (!windows_may_have(w, word, size))
 *		... it is in none of them
 *
 * Case of ASCII letters is ignored, as by items/sieve.h: what a sieve finds in
 * one of the texts has all its windows here.  Nothing can be taken out again;
 * that only makes some answers a "may" that need not be.
 */
#ifndef ITEMS_WINDOWS_H
#define ITEMS_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>

#define WINDOWS_BYTES 65536 /* a wiki of 3 MB sets a tenth of the bits */

/* All zero: no texts.  May be stored as it is. */
struct windows {
	unsigned char bits[WINDOWS_BYTES];
};

void windows_add(struct windows *w, const char *text, size_t n);
bool windows_may_have(const struct windows *w, const char *word, size_t n);

#endif
