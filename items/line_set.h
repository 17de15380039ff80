/*
 * line_set.h -- a set of lines that belong to someone else.
 *
 *	OWNED(line_set_clear) struct line_set s = LINE_SET_INIT;
 *	line_set_add(&s, line, n, f); ...
 *	line_set_has(&s, line, n)
 *
 * Adding moves no lines; they must stay where they are.  Strangers may choose
 * the lines so that all collide: then it is slow, as long as a list has at
 * most PATTERN_COUNT_MAX of them.
 */
#ifndef ITEMS_LINE_SET_H
#define ITEMS_LINE_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

struct line_ref {
	const char *text; /* NULL: a free place */
	size_t size;
};

struct line_set {
	struct line_ref *place; /* room of them, a power of two */
	size_t count, room;
};

#define LINE_SET_INIT \
	{ \
		NULL, 0, 0 \
	}

void line_set_clear(struct line_set *s);
int line_set_add(struct line_set *s, const char *line, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
bool line_set_has(const struct line_set *s, const char *line, size_t n);

/* The pattern of each line of a list (items/patterns.h). */
int line_set_add_patterns(struct line_set *s, const char *list, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

#endif
