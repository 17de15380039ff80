#include "items/regex.h"

#include <string.h>

bool
regex_has(const struct regex_node *set, unsigned char c)
{
	return c < 128 && (set->ascii[c / 64] >> c % 64 & 1) != 0;
}

static bool
is_lower(uint32_t c)
{
	return c >= 'a' && c <= 'z';
}

uint32_t
regex_literal(const struct regex_node *set)
{
	uint32_t c, found = set->only;
	int members = set->wide;

	if (set->wide && set->only == 0)
		return 0;
	for (c = 0; c < 128; c++) {
		if (!regex_has(set, (unsigned char)c) || (c >= 'A' && c <= 'Z'))
			continue;
		found = c;
		if (++members > 1)
			return 0;
	}
	return found;
}

/* Characters of a set, to max + 1; case is one character. */
static int
members(const struct regex_node *set, int max)
{
	int count = set->wide ? max + 1 : 0;
	unsigned char c;

	for (c = 0; c < 128 && count <= max; c++)
		count += regex_has(set, c) && (c < 'A' || c > 'Z');
	return count;
}

/* ---- measures: sums along a branch, the least of branches ---- */

/* Grows slowly enough for nested repeats not to run over. */
static int64_t
times(int64_t n, uint32_t by)
{
	int64_t result;

	return __builtin_mul_overflow(n, by, &result) ? INT64_MAX / 4 : result;
}

static int64_t
plus(int64_t a, int64_t b)
{
	return a > INT64_MAX / 4 - b ? INT64_MAX / 4 : a + b;
}

static int64_t
least(const struct regex *r, uint32_t i,
    int64_t (*of_set)(const struct regex_node *set))
{
	const struct regex_node *node = &r->node[i];
	int64_t sum = 0, min = INT64_MAX / 4, one;
	uint32_t k;

	switch (node->kind) {
	case REGEX_SET:
		return of_set(node);
	case REGEX_ASSERT:
	case REGEX_LOOK:
	case REGEX_BACK:
		return 0;
	case REGEX_REPEAT:
		return times(least(r, node->first, of_set), node->min);
	case REGEX_ALL:
	case REGEX_ANY_OF:
		break;
	}
	for (k = node->first; k != REGEX_NONE; k = r->node[k].next) {
		one = least(r, k, of_set);
		sum = plus(sum, one);
		min = one < min ? one : min;
	}
	return node->kind == REGEX_ALL ? sum : min;
}

static int64_t
one_character(const struct regex_node *set)
{
	(void)set;
	return 1;
}

/* As many bytes of UTF-8 as the only one of a set has. */
static int64_t
literal_bytes(const struct regex_node *set)
{
	uint32_t c = regex_literal(set);

	if (c == 0)
		return members(set, 3) <= 3;
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

int64_t
regex_width(const struct regex *r)
{
	return least(r, 0, one_character);
}

int64_t
regex_literals(const struct regex *r)
{
	return least(r, 0, literal_bytes);
}

/* ---- host names ---- */

/*
 * How far a match has come on the way to a host: two literal bytes, a dot,
 * two letters.
 */
enum host { HOST_NONE, HOST_ONE, HOST_NAME, HOST_DOT, HOST_LETTER, HOST_FOUND };

static bool
only_letters(const struct regex_node *set)
{
	unsigned char c;

	if (set->wide)
		return false;
	for (c = 0; c < 128; c++)
		if (regex_has(set, c) && !is_lower(c | 0x20u))
			return false;
	return true;
}

static enum host
host_character(const struct regex_node *set, enum host h)
{
	uint32_t c = regex_literal(set);

	if (h == HOST_FOUND)
		return h;
	if (h >= HOST_DOT && only_letters(set))
		return (enum host)(h + 1);
	if (c == '.' && h >= HOST_NAME)
		return HOST_DOT;
	if (h < HOST_NAME)
		return c != 0 && c != '.' ? (enum host)(h + 1) : h;
	return HOST_NAME;
}

static enum host
host_walk(const struct regex *r, uint32_t i, enum host h)
{
	const struct regex_node *node = &r->node[i];
	enum host one, min = HOST_FOUND;
	uint32_t k;

	switch (node->kind) {
	case REGEX_SET:
		return host_character(node, h);
	case REGEX_ASSERT:
	case REGEX_LOOK:
	case REGEX_BACK:
		return h;
	case REGEX_REPEAT:
		/* Twice is enough: two letters. */
		for (k = 0; k < node->min && k < 2; k++)
			h = host_walk(r, node->first, h);
		if (node->min == 0 && h > HOST_NAME && h != HOST_FOUND)
			h = HOST_NAME;
		return h;
	case REGEX_ALL:
	case REGEX_ANY_OF:
		break;
	}
	for (k = node->first; k != REGEX_NONE; k = r->node[k].next) {
		one = host_walk(r, k, h);
		if (node->kind == REGEX_ALL)
			h = one;
		min = one < min ? one : min;
	}
	return node->kind == REGEX_ALL ? h : min;
}

bool
regex_is_host(const struct regex *r)
{
	return host_walk(r, 0, HOST_NONE) == HOST_FOUND;
}

/* ---- nested repeats ---- */

static bool
may_be_empty(const struct regex *r, uint32_t i)
{
	return least(r, i, one_character) == 0;
}

/* Is what i repeats, or i itself, a repeat without end and nothing else? */
static bool
is_only_repeat(const struct regex *r, uint32_t i)
{
	const struct regex_node *node = &r->node[i];
	uint32_t k, other;
	bool rest;

	if (node->kind == REGEX_REPEAT)
		return node->max == REGEX_UNBOUNDED ||
		    is_only_repeat(r, node->first);
	if (node->kind != REGEX_ALL && node->kind != REGEX_ANY_OF)
		return false;
	for (k = node->first; k != REGEX_NONE; k = r->node[k].next) {
		rest = true;
		for (other = node->first;
		     node->kind == REGEX_ALL && other != REGEX_NONE;
		     other = r->node[other].next)
			rest &= other == k || may_be_empty(r, other);
		if (rest && is_only_repeat(r, k))
			return true;
	}
	return false;
}

bool
regex_is_nested(const struct regex *r)
{
	uint32_t i;

	for (i = 0; i < r->count; i++)
		if (r->node[i].kind == REGEX_REPEAT &&
		    r->node[i].max == REGEX_UNBOUNDED &&
		    is_only_repeat(r, r->node[i].first))
			return true;
	return false;
}
