/*
 * names.h -- many names in the order of tar paths, in little memory: what a
 * walk knows before it looks at each item.
 *
 *	struct names n = NAMES_INIT('/');
 *	names_add(&n, 't', "Help", 4, f); ...
 *	names_sort(&n, f)
 *	while ((name = names_next(&n)) != NULL)
 *		... name[0] is 't', name + 1 the name ...
 *	names_clear(&n);
 *
 * Names are spelt as for a tar path (items/name.h) and compare as they stand
 * there: of pages "A b" comes before "A", since a blank is less than the "/"
 * that follows a page's name; a file's name ends the path ('\0').
 */
#ifndef WIKI_NAMES_H
#define WIKI_NAMES_H

#include <stdint.h>

#include "base/buf.h"

struct names {
	struct buf bytes; /* each with its letter in front and a NUL behind */
	uint32_t *at;	  /* where each begins, in order once sorted */
	size_t count;
	size_t next;
	char end;
};
#define NAMES_INIT(end) \
	{ \
		BUF_INIT(UINT32_MAX), NULL, 0, 0, (end) \
	}
#define OWNED_NAMES OWNED(names_clear)

/* Empty it; ready for use again. */
void names_clear(struct names *n);

/* Add a name; the letter, above NUL, orders equal names. */
int names_add(struct names *n, char letter, const char *name, size_t len,
    struct fault *f) __attribute__((warn_unused_result));

int names_sort(struct names *n, struct fault *f)
    __attribute__((warn_unused_result));

/* The i-th in order; the next one, NULL at the end. */
const char *names_get(const struct names *n, size_t i);
const char *names_next(struct names *n);

#endif
