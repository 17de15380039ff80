#include "items/regex_work.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

bool
regex_deny(struct parse *p, const char *what)
{
	(void)snprintf(p->denied, REGEX_DENIED, "%s", what);
	return false;
}

/* With so many bytes of the pattern as its name. */
bool
regex_deny_named(struct parse *p, const char *what, size_t from, size_t n)
{
	if (n > p->n - from)
		n = p->n - from;
	(void)snprintf(p->denied, REGEX_DENIED, "%s '%.*s'", what, (int)n,
	    p->text + from);
	return false;
}

/* ---- reading ---- */

bool
regex_at_end(const struct parse *p)
{
	return p->at >= p->n;
}

/* Byte number i from here, or NUL. */
char
regex_peek(const struct parse *p, size_t i)
{
	return (char)(i < p->n - p->at ? p->text[p->at + i] : '\0');
}

bool
regex_looking_at(const struct parse *p, const char *what)
{
	size_t n = strlen(what);

	return n <= p->n - p->at && memcmp(p->text + p->at, what, n) == 0;
}

bool
regex_take(struct parse *p, const char *what)
{
	if (!regex_looking_at(p, what))
		return false;
	p->at += strlen(what);
	return true;
}

bool
regex_take_character(struct parse *p, uint32_t *c)
{
	size_t n = utf8_next(p->text + p->at, p->n - p->at, c);

	if (n == 0)
		return regex_deny(p, "what is not UTF-8");
	p->at += n;
	return true;
}

bool
regex_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
regex_is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- the tree ---- */

uint32_t
regex_new_node(struct parse *p, enum regex_kind kind)
{
	p->r->node[p->r->count] = (struct regex_node){ .kind = kind };
	return p->r->count++;
}

struct regex_node *
regex_node_of(const struct parse *p, uint32_t i)
{
	return &p->r->node[i];
}

/* ---- sets ---- */

static void
set_byte(struct regex_node *set, uint32_t c)
{
	set->ascii[c / 64] |= (uint64_t)1 << c % 64;
}

void
regex_set_add(struct regex_node *set, uint32_t from, uint32_t to)
{
	uint32_t c;

	for (c = from; c <= to && c < 128; c++) {
		set_byte(set, c);
		if (regex_is_letter(c))
			set_byte(set, c ^ 0x20);
	}
	if (to < 128)
		return;
	/* The first one beyond ASCII may stay the only one. */
	set->only = !set->wide && from == to ? from : 0;
	set->wide = true;
}

void
regex_set_negate(struct regex_node *set)
{
	set->ascii[0] = ~set->ascii[0];
	set->ascii[1] = ~set->ascii[1];
	set->wide = true;
	set->only = 0;
}

static void
set_join(struct regex_node *set, const struct regex_node *with)
{
	set->ascii[0] |= with->ascii[0];
	set->ascii[1] |= with->ascii[1];
	set->wide |= with->wide;
	set->only = 0;
}

/* \d \w \s and their opposites; without Unicode, as in Python 2's re. */
static bool
set_class(struct regex_node *set, char c)
{
	struct regex_node add = { .kind = REGEX_SET };

	switch (c | 0x20) {
	case 'w':
		regex_set_add(&add, 'a', 'z');
		regex_set_add(&add, '_', '_');
		/* fall through */
	case 'd':
		regex_set_add(&add, '0', '9');
		break;
	case 's':
		regex_set_add(&add, '\t', '\r');
		regex_set_add(&add, ' ', ' ');
		break;
	default:
		return false;
	}
	if (c < 'a')
		regex_set_negate(&add);
	set_join(set, &add);
	return true;
}

/* ---- escapes ---- */

static bool
hex_value(char c, uint32_t *v)
{
	if (regex_is_digit(c))
		*v = *v * 16 + (uint32_t)(c - '0');
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		*v = *v * 16 + (uint32_t)((c | 0x20) - 'a' + 10);
	else
		return false;
	return true;
}

/* Behind the backslash: one that stands for a single character. */
static bool
escaped_character(struct parse *p, uint32_t *c)
{
	static const char names[] = "ntrf", values[] = "\n\t\r\f";
	const char *found;

	if (regex_at_end(p))
		return regex_deny(p, "a backslash at the end");
	if (!regex_take_character(p, c))
		return false;
	if (*c >= 128 || (!regex_is_letter(*c) && !regex_is_digit((char)*c)))
		return true;
	if (*c == 'x') {
		*c = 0;
		if (!hex_value(regex_peek(p, 0), c) ||
		    !hex_value(regex_peek(p, 1), c))
			return regex_deny(p, "'\\x' without two hex digits");
		p->at += 2;
		return true;
	}
	found = strchr(names, (int)*c);
	if (found == NULL)
		return regex_deny_named(p, "the escape", p->at - 2, 2);
	*c = (uint32_t)values[found - names];
	return true;
}

static bool
back_reference(struct parse *p, uint32_t *out)
{
	uint32_t n = (uint32_t)(regex_peek(p, 0) - '0');

	if (n == 0 || regex_is_digit(regex_peek(p, 1)) || n > p->groups)
		return regex_deny(p, "an octal escape or an unknown group");
	p->at++;
	*out = regex_new_node(p, REGEX_BACK);
	return true;
}

bool
regex_escape(struct parse *p, uint32_t *out)
{
	uint32_t c;
	char next = regex_peek(p, 0);

	if (strchr("bBA", next) != NULL && next != '\0') {
		p->at++;
		*out = regex_new_node(p, REGEX_ASSERT);
		return true;
	}
	if (regex_is_digit(next))
		return back_reference(p, out);
	*out = regex_new_node(p, REGEX_SET);
	if (set_class(regex_node_of(p, *out), next)) {
		p->at++;
		return true;
	}
	if (!escaped_character(p, &c))
		return false;
	regex_set_add(regex_node_of(p, *out), c, c);
	return true;
}

/* ---- [...] ---- */

/* One end of a range, or a class, for which *c is 0. */
static bool
set_member(struct parse *p, struct regex_node *set, uint32_t *c)
{
	if (regex_looking_at(p, "[:") || regex_looking_at(p, "[.") ||
	    regex_looking_at(p, "[="))
		return regex_deny(p, "a POSIX class");
	if (!regex_take(p, "\\"))
		return regex_take_character(p, c);
	*c = 0;
	if (set_class(set, regex_peek(p, 0))) {
		p->at++;
		return true;
	}
	if (regex_take(p, "b")) {
		*c = '\b';
		return true;
	}
	return escaped_character(p, c);
}

static bool
set_range(struct parse *p, struct regex_node *set)
{
	uint32_t from, to;

	if (!set_member(p, set, &from))
		return false;
	if (regex_peek(p, 0) != '-' || regex_peek(p, 1) == ']' ||
	    p->n - p->at < 2) {
		if (from != 0)
			regex_set_add(set, from, from);
		return true;
	}
	p->at++;
	if (!set_member(p, set, &to))
		return false;
	if (from == 0 || to == 0)
		return regex_deny(p, "a class at the end of a range");
	if (from > to)
		return regex_deny(p, "a range that is the wrong way round");
	regex_set_add(set, from, to);
	return true;
}

bool
regex_bracket(struct parse *p, uint32_t *out)
{
	struct regex_node set = { .kind = REGEX_SET };
	bool negated = regex_take(p, "^");
	bool first = true;

	while (first || regex_peek(p, 0) != ']') {
		if (regex_at_end(p))
			return regex_deny(p, "a '[' that is not closed");
		if (!set_range(p, &set))
			return false;
		first = false;
	}
	p->at++;
	if (negated)
		regex_set_negate(&set);
	*out = regex_new_node(p, REGEX_SET);
	*regex_node_of(p, *out) = set;
	return true;
}
