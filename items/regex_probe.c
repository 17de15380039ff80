#include <string.h>

#include "items/regex.h"

#define VARIANTS 6  /* ways to choose characters and branches */
#define REPEATS 8   /* of a pattern that are tried */
#define LONG_FROM 8 /* a repeat up to fewer is not long */

/* What characters to prefer; the others' opposites are among them. */
static const char *const preferred[VARIANTS] = { "a0_.- /", "0_a.- /",
	"._-a0 /", "- a_.0/", " a_0.-/", "/_a0.- " };

struct maker {
	const struct regex *r;
	size_t variant;
	size_t max; /* bytes of out, about */
	struct buf *out;
};

static char
choose(const struct regex_node *set, size_t variant)
{
	const char *p;
	char c;

	for (p = preferred[variant]; *p != '\0'; p++)
		if (regex_has(set, (unsigned char)*p))
			return *p;
	for (c = 127; c > 0; c--)
		if (regex_has(set, (unsigned char)c))
			return c;
	return '\0';
}

static int
add_character(const struct maker *m, const struct regex_node *set,
    struct fault *f)
{
	char utf8[3];
	char c = choose(set, m->variant);

	if (c != '\0')
		return buf_add(m->out, &c, 1, f);
	/* Something beyond ASCII; which one decides nothing. */
	memcpy(utf8, set->only >= 0x800 ? "\xe2\x82\xac" : "\xc3\xa9", 3);
	return buf_add(m->out, utf8, set->only >= 0x800 ? 3 : 2, f);
}

static uint32_t
choose_branch(const struct maker *m, uint32_t choice)
{
	const struct regex_node *node = m->r->node;
	uint32_t k, count = 0, which;

	for (k = node[choice].first; k != REGEX_NONE; k = node[k].next)
		count++;
	which = count > 0 ? (uint32_t)m->variant % count : 0;
	for (k = node[choice].first; which > 0; which--)
		k = node[k].next;
	return k;
}

/* A text that the node matches. */
static int
add_match(const struct maker *m, uint32_t i, struct fault *f)
{
	const struct regex_node *node = &m->r->node[i];
	uint32_t k, times;

	if (m->out->len > m->max)
		return 0;
	switch (node->kind) {
	case REGEX_SET:
		return add_character(m, node, f);
	case REGEX_ASSERT:
	case REGEX_LOOK:
	case REGEX_BACK:
		return 0;
	case REGEX_ANY_OF:
		return add_match(m, choose_branch(m, i), f);
	case REGEX_REPEAT:
		times = node->min > 0 ? node->min : m->variant % 2 == 0;
		for (k = 0; k < times && m->out->len <= m->max; k++)
			if (add_match(m, node->first, f) == -1)
				return -1;
		return 0;
	case REGEX_ALL:
		break;
	}
	for (k = node->first; k != REGEX_NONE; k = m->r->node[k].next)
		if (add_match(m, k, f) == -1)
			return -1;
	return 0;
}

static bool
contains(const struct regex *r, uint32_t i, uint32_t wanted)
{
	uint32_t k;

	if (i == wanted)
		return true;
	for (k = r->node[i].first; k != REGEX_NONE; k = r->node[k].next)
		if (contains(r, k, wanted))
			return true;
	return false;
}

/* What leads to the wanted node, from i on, which contains it. */
static int
add_way(const struct maker *m, uint32_t i, uint32_t wanted, struct fault *f)
{
	const struct regex_node *node = m->r->node;
	uint32_t k;

	while (i != wanted) {
		for (k = node[i].first; !contains(m->r, k, wanted);
		     k = node[k].next)
			if (node[i].kind == REGEX_ALL &&
			    add_match(m, k, f) == -1)
				return -1;
		i = k;
	}
	return 0;
}

/* The k-th long repeat; REGEX_NONE: there is none. */
static uint32_t
find_repeat(const struct regex *r, size_t k)
{
	uint32_t i;

	for (i = 0; i < r->count; i++)
		if (r->node[i].kind == REGEX_REPEAT &&
		    r->node[i].max >= LONG_FROM && k-- == 0)
			return i;
	return REGEX_NONE;
}

int
regex_probe(const struct regex *r, size_t k, size_t size, struct buf *out,
    bool *have, struct fault *f)
{
	struct maker m = { r, k % VARIANTS, size, out };
	uint32_t repeat =
	    k / VARIANTS < REPEATS ? find_repeat(r, k / VARIANTS) : REGEX_NONE;
	size_t start, before;

	*have = repeat != REGEX_NONE;
	if (!*have)
		return 0;
	buf_reset(out);
	if (add_way(&m, 0, repeat, f) == -1)
		return -1;
	start = out->len;
	m.max = start + size;
	do {
		before = out->len;
		if (add_match(&m, r->node[repeat].first, f) == -1)
			return -1;
	} while (out->len > before && out->len < start + size);
	return buf_add_text(out, "\x01", f);
}
