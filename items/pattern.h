/*
 * pattern.h -- a regular expression that a stranger wrote, as PCRE2 runs it:
 * case ignored, UTF-8, lines end with LF, \w and \s as in ASCII; with limits,
 * and never as machine code.
 *
 *	OWNED(pattern_free) struct pattern *p = NULL;
 *	char reason[PATTERN_REASON];
 *	if (pattern_compile("casino", 6, &p, reason, f) == -1) ...
 *	if (p == NULL) ...		reason has why it does not compile
 *	switch (pattern_search(p, text, n)) ...
 *
 * The only file that knows PCRE2.
 */
#ifndef ITEMS_PATTERN_H
#define ITEMS_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define PATTERN_REASON 160

struct pattern;

/* p becomes NULL if it does not compile: no fault. */
int pattern_compile(const char *text, size_t n, struct pattern **p,
    char reason[PATTERN_REASON], struct fault *f)
    __attribute__((warn_unused_result));
void pattern_free(struct pattern **p);

enum pattern_answer {
	PATTERN_ABSENT,
	PATTERN_FOUND,
	PATTERN_LIMIT, /* it needs more steps or memory than it may */
};

/* In n bytes of UTF-8. */
enum pattern_answer pattern_search(struct pattern *p, const char *text,
    size_t n);

/*
 * How many steps does a search by plain backtracking take, without what PCRE2
 * knows to leave out and Python does not?  Stops soon after max.  Counts the
 * same on every machine.  Needs the pattern compiled a second time: done at
 * the first call.
 */
int pattern_steps(struct pattern *p, const char *text, size_t n, int64_t max,
    int64_t *steps, struct fault *f) __attribute__((warn_unused_result));

#endif
