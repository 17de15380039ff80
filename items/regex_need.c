#include <string.h>

#include "items/regex.h"

/*
 * Like RE2's prefilter: as long as a part can match only a few texts, these
 * are multiplied out; where that ends, they are a candidate for what every
 * match needs, and the best candidate is kept.
 */
struct need {
	struct regex_need whole; /* of what was read last; count 0: anything */
	struct regex_need best;
};

static size_t
shortest(const struct regex_need *n)
{
	size_t i, min = n->count == 0 ? 0 : REGEX_NEED_BYTES;

	for (i = 0; i < n->count; i++)
		min = n->word[i].size < min ? n->word[i].size : min;
	return min;
}

/* Is a a better thing to look for than b? */
static bool
is_better(const struct regex_need *a, const struct regex_need *b)
{
	size_t of_a = shortest(a), of_b = shortest(b);

	return of_a != of_b ? of_a > of_b : a->count < b->count;
}

static void
offer(struct regex_need *best, const struct regex_need *n)
{
	if (!is_better(n, best))
		return;
	*best = *n;
	best->whole = false;
}

/* The empty text, from which texts grow. */
static void
start(struct regex_need *n)
{
	n->count = 1;
	n->whole = true;
	n->word[0].size = 0;
}

static void
anything(struct regex_need *n)
{
	n->count = 0;
	n->whole = false;
}

/* ---- parts ---- */

static void walk(const struct regex *r, uint32_t i, struct need *out);

static void
walk_set(const struct regex_node *set, struct regex_need *n)
{
	unsigned char c;

	anything(n);
	if (set->wide)
		return;
	for (c = 0; c < 128; c++) {
		if (!regex_has(set, c) || (c >= 'A' && c <= 'Z'))
			continue;
		if (n->count == 4) {
			anything(n);
			return;
		}
		n->word[n->count].size = 1;
		n->word[n->count++].text[0] = (char)c;
	}
	n->whole = n->count > 0;
}

/* Each of a followed by each of b; false if that is too much. */
static bool
multiply(struct regex_need *a, const struct regex_need *b)
{
	struct regex_need product = { .whole = true };
	size_t i, k;

	if (a->count * b->count > REGEX_NEED_WORDS)
		return false;
	for (i = 0; i < a->count; i++)
		for (k = 0; k < b->count; k++) {
			size_t na = a->word[i].size, nb = b->word[k].size;
			char *to = product.word[product.count].text;

			if (na + nb > REGEX_NEED_BYTES)
				return false;
			memcpy(to, a->word[i].text, na);
			memcpy(to + na, b->word[k].text, nb);
			product.word[product.count++].size = na + nb;
		}
	*a = product;
	return true;
}

static bool
join(struct regex_need *a, const struct regex_need *b)
{
	size_t i;

	if (a->count + b->count > REGEX_NEED_WORDS)
		return false;
	for (i = 0; i < b->count; i++)
		a->word[a->count++] = b->word[i];
	return true;
}

/* A part without width between two others does not part their texts. */
static bool
is_gap(enum regex_kind kind)
{
	return kind == REGEX_ASSERT || kind == REGEX_LOOK;
}

static void
walk_all(const struct regex *r, uint32_t i, struct need *out)
{
	struct need one;
	bool cut = false;
	uint32_t k;

	start(&out->whole);
	for (k = r->node[i].first; k != REGEX_NONE; k = r->node[k].next) {
		if (is_gap(r->node[k].kind))
			continue;
		walk(r, k, &one);
		offer(&out->best, &one.best);
		if (one.whole.whole && multiply(&out->whole, &one.whole))
			continue;
		cut = true;
		offer(&out->best, &out->whole);
		start(&out->whole);
		if (one.whole.whole)
			out->whole = one.whole;
	}
	if (cut) {
		offer(&out->best, &out->whole);
		anything(&out->whole);
	}
}

static void
walk_any_of(const struct regex *r, uint32_t i, struct need *out)
{
	struct regex_need best = { .count = 0 };
	bool whole = true, known = true;
	struct need one;
	uint32_t k;

	for (k = r->node[i].first; k != REGEX_NONE; k = r->node[k].next) {
		walk(r, k, &one);
		whole =
		    whole && one.whole.whole && join(&out->whole, &one.whole);
		offer(&one.best, &one.whole);
		known = known && one.best.count > 0 && join(&best, &one.best);
	}
	out->whole.whole = whole;
	if (!whole)
		anything(&out->whole);
	if (known)
		offer(&out->best, &best);
}

static void
walk_repeat(const struct regex *r, uint32_t i, struct need *out)
{
	const struct regex_node *node = &r->node[i];
	struct need one;
	uint32_t k;

	walk(r, node->first, &one);
	if (node->min == 0 && node->max == 1 && one.whole.whole &&
	    one.whole.count < REGEX_NEED_WORDS) {
		out->whole = one.whole; /* "s?": with it, or without */
		out->whole.word[out->whole.count++].size = 0;
		return;
	}
	if (node->min == 0)
		return;
	offer(&one.best, &one.whole);
	offer(&out->best, &one.best);
	if (node->min != node->max || !one.whole.whole)
		return;
	start(&out->whole);
	for (k = 0; k < node->min; k++)
		if (!multiply(&out->whole, &one.whole)) {
			offer(&out->best, &out->whole);
			anything(&out->whole);
			return;
		}
}

static void
walk(const struct regex *r, uint32_t i, struct need *out)
{
	out->whole.count = out->best.count = 0;
	out->whole.whole = out->best.whole = false;
	switch (r->node[i].kind) {
	case REGEX_SET:
		walk_set(&r->node[i], &out->whole);
		break;
	case REGEX_ALL:
		walk_all(r, i, out);
		break;
	case REGEX_ANY_OF:
		walk_any_of(r, i, out);
		break;
	case REGEX_REPEAT:
		walk_repeat(r, i, out);
		break;
	case REGEX_ASSERT:
	case REGEX_LOOK:
		start(&out->whole);
		break;
	case REGEX_BACK:
		break;
	}
}

void
regex_need(const struct regex *r, struct regex_need *out)
{
	struct need n;
	bool gaps = false;
	uint32_t i;

	walk(r, 0, &n);
	for (i = 0; i < r->count; i++)
		gaps |= is_gap(r->node[i].kind);
	*out = n.whole;
	out->whole = n.whole.whole && !gaps;
	if (n.whole.whole)
		offer(&n.best, &n.whole);
	if (!n.whole.whole || is_better(&n.best, out))
		*out = n.best;
	if (shortest(out) == 0)
		anything(out);
}
