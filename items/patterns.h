/*
 * patterns.h -- the lines of an antispam list, as MoinMoin reads them
 * (security/antispam.py: makelist; MOIN.md 2.2).
 *
 *	struct patterns_walk walk = patterns_walk(text, n);
 *	while (patterns_next(&walk, &line))
 *		if (line.size > 0)
 *			... line.text is a pattern ...
 *
 * There is no markup: a line is a pattern unless it is empty or begins with
 * "#"; what follows " # " is a comment, and blanks at both ends are dropped.
 * Python also ends a line where FORMAT does not: at VT, FF, FS, GS, RS, NEL,
 * U+2028, U+2029.  So a pattern could hide in what looks like a comment: a
 * line with any control character is a pattern as a whole, which lint_add()
 * refuses.
 */
#ifndef ITEMS_PATTERNS_H
#define ITEMS_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

struct patterns_line {
	size_t number;	   /* from 1 */
	const char *whole; /* without its LF */
	size_t whole_size;
	const char *text; /* the pattern */
	size_t size;	  /* 0: the line has none */
};

struct patterns_walk {
	const char *text;
	size_t n, at, number;
};

/* Borrowed, as are the lines. */
struct patterns_walk patterns_walk(const char *text, size_t n);
bool patterns_next(struct patterns_walk *walk, struct patterns_line *line);

/* Has it control characters, or blanks at its ends that Python would drop? */
bool patterns_is_clean(const char *pattern, size_t n);

/*
 * BadContent and LocalBadContent, which MoinMoin does not check, and pages
 * below them.
 */
bool patterns_is_list(const char *page);

#endif
