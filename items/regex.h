/*
 * regex.h -- a pattern of an antispam list as a tree: what can be known of it
 * without running it.
 *
 *	OWNED_REGEX struct regex r = REGEX_INIT;
 *	char denied[REGEX_DENIED];
 *	if (regex_parse(text, n, &r, denied, f) == -1) ...	no memory
 *	if (denied[0] != '\0') ...	"a look-behind of varying width"
 *	... regex_width(&r), regex_literals(&r), ...
 *
 * A list is read by Python's re (MoinMoin, 2.7 and 3) and by PCRE (other
 * wikis), with case ignored.  Only what means the same to all of them is
 * parsed; all else is denied by name (an allow-list: what a next version of
 * any of them adds is denied, too).  Both refuse `(a`, which a parser need
 * not judge as well: where only one of the two refuses, it is denied here.
 *
 * Patterns are strangers' bytes: at most PATTERN_MAX of them, nested at most
 * PATTERN_DEPTH_MAX deep, and the tree has at most two nodes a byte.
 */
#ifndef ITEMS_REGEX_H
#define ITEMS_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "items/limits.h"

enum regex_kind {
	REGEX_SET,    /* one character of several, or only one */
	REGEX_ASSERT, /* ^ $ \b \B \A: no character */
	REGEX_LOOK,   /* look-ahead or look-behind, of its first child */
	REGEX_BACK,   /* a group's text again */
	REGEX_REPEAT, /* of its first child */
	REGEX_ALL,    /* children one after another; none: empty */
	REGEX_ANY_OF, /* one of the children */
};

#define REGEX_NONE 0	      /* no node: the root's index, nobody's child */
#define REGEX_UNBOUNDED 65536 /* a repeat without a maximum */

struct regex_node {
	enum regex_kind kind;
	uint32_t first, next; /* child and sibling; REGEX_NONE */
	uint32_t min, max;    /* of a repeat */
	uint64_t ascii[2];    /* of a set: a bit each; case is folded */
	bool wide;	      /* of a set: has characters beyond ASCII, */
	uint32_t only;	      /* of which it is this one; or 0 */
};

struct regex {
	struct regex_node *node; /* owned; node 0 is the root */
	uint32_t count;
};

#define REGEX_INIT \
	{ \
		NULL, 0 \
	}
#define OWNED_REGEX OWNED(regex_clear)

void regex_clear(struct regex *r);

/*
 * Read n bytes of UTF-8 without control characters.  denied: what is not in
 * the common dialect; "": all is.
 */
#define REGEX_DENIED 64
int regex_parse(const char *text, size_t n, struct regex *r,
    char denied[REGEX_DENIED], struct fault *f)
    __attribute__((warn_unused_result));

bool regex_has(const struct regex_node *set, unsigned char c);
/* The one character of a set, letters as lower case; else 0. */
uint32_t regex_literal(const struct regex_node *set);

/* The fewest characters of a match. */
int64_t regex_width(const struct regex *r);

/* Bytes of literal text that every match has, at least. */
int64_t regex_literals(const struct regex *r);

/* A dot and letters, behind at least two literal bytes, in every match. */
bool regex_is_host(const struct regex *r);

/*
 * A repeat without end of what is, but for parts that may be empty, itself
 * such a repeat: a text of n characters can be cut in 2^n ways.
 */
bool regex_is_nested(const struct regex *r);

/*
 * Texts that make a matcher try many ways: number k of those for the pattern.
 * Each is what leads to a repeat, then what it repeats, size bytes of it,
 * then what fits nothing.  *have: there is a k-th.
 */
int regex_probe(const struct regex *r, size_t k, size_t size, struct buf *out,
    bool *have, struct fault *f) __attribute__((warn_unused_result));

/* ---- literals that a match needs ---- */

#define REGEX_NEED_WORDS 16
#define REGEX_NEED_BYTES 64

/* Every match has one of these in it; count 0: nothing is known. */
struct regex_need {
	size_t count;
	bool whole; /* a match is one of these and nothing else */
	struct {
		size_t size;
		char text[REGEX_NEED_BYTES]; /* letters as lower case */
	} word[REGEX_NEED_WORDS];
};

void regex_need(const struct regex *r, struct regex_need *out);

#endif
