/*
 * sieve.h -- which of many words may stand in a text?  Case of ASCII letters
 * is ignored.
 *
 *	OWNED_SIEVE struct sieve s = SIEVE_INIT;
 *	sieve_add(&s, "casino", 6, id, f); ...
 *	struct sieve_scan scan = sieve_scan(&s, text, n);
 *	while (sieve_next(&scan, &id))
 *		... the word of id is in the text, perhaps for the second time
 *
 * Of each word a window of four bytes is hashed, the one that shares its
 * place with the fewest others.  A scan looks at each byte of the text once,
 * and at words only where their window stands: so it takes the same time for
 * ten words and for ten thousand, 2 ns a byte, and building it next to none
 * (an Aho-Corasick automaton of 10,000 domains fills 30 MB).
 */
#ifndef ITEMS_SIEVE_H
#define ITEMS_SIEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SIEVE_MIN 4 /* bytes of a word */

struct sieve_word {
	uint32_t text, size; /* in bytes */
	uint32_t window;     /* where the window begins in it */
	uint32_t id;
	uint32_t next; /* of the same place: index + 1 */
};

struct sieve {
	struct buf bytes;
	struct sieve_word *word;
	size_t count, room;
	uint32_t *place; /* index + 1 of a word */
	uint32_t *load;	 /* words of each place */
};

#define SIEVE_INIT \
	{ \
		.bytes = BUF_INIT(BUF_ANY) \
	}
#define OWNED_SIEVE OWNED(sieve_clear)

void sieve_clear(struct sieve *s);

/* At least SIEVE_MIN bytes. */
int sieve_add(struct sieve *s, const char *word, size_t n, uint32_t id,
    struct fault *f) __attribute__((warn_unused_result));

struct sieve_scan {
	const struct sieve *s;
	const char *text;
	size_t n, at;	 /* of the byte behind the window */
	uint32_t window; /* four bytes, in lower case */
	uint32_t word;	 /* the next one of this place: index + 1 */
};

/* The text is borrowed. */
struct sieve_scan sieve_scan(const struct sieve *s, const char *text, size_t n);
bool sieve_next(struct sieve_scan *scan, uint32_t *id);

#endif
