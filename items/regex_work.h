/*
 * regex_work.h -- what the files of the parser share; nobody else's.
 *
 * What returns bool gives false where it denied the pattern: then all stop.
 */
#ifndef ITEMS_REGEX_WORK_H
#define ITEMS_REGEX_WORK_H

#include "items/regex.h"

struct parse {
	const char *text;
	size_t n, at;
	struct regex *r;
	char *denied; /* of REGEX_DENIED bytes */
	int depth;
	uint32_t groups; /* that were closed: may be referred to */
};

bool regex_deny(struct parse *p, const char *what);
/* With so many bytes of the pattern as its name. */
bool regex_deny_named(struct parse *p, const char *what, size_t from, size_t n);

bool regex_at_end(const struct parse *p);
/* Byte number i from here, or NUL. */
char regex_peek(const struct parse *p, size_t i);
bool regex_looking_at(const struct parse *p, const char *what);
/* Go on behind it, if it stands here. */
bool regex_take(struct parse *p, const char *what);
bool regex_take_character(struct parse *p, uint32_t *c);
bool regex_is_digit(char c);
bool regex_is_letter(uint32_t c);

uint32_t regex_new_node(struct parse *p, enum regex_kind kind);
struct regex_node *regex_node_of(const struct parse *p, uint32_t i);

/* Characters of a set, in both cases. */
void regex_set_add(struct regex_node *set, uint32_t from, uint32_t to);
void regex_set_negate(struct regex_node *set);

/* Behind a backslash; behind a "[". */
bool regex_escape(struct parse *p, uint32_t *out);
bool regex_bracket(struct parse *p, uint32_t *out);

#endif
