#include "fetch/rumour.h"

const struct rumour_rule rumour_follower = { .enough = 2, .most = 6 };
const struct rumour_rule rumour_publisher = { .enough = 4,
	.most = 16,
	.known_counts = true };

enum rumour_answer
rumour_answer(long status)
{
	switch (status) {
	case 0:
		return RUMOUR_SILENT;
	case 202:
		return RUMOUR_NEWS;
	case 208:
		return RUMOUR_KNOWN;
	default:
		return RUMOUR_REFUSED;
	}
}

int
rumour_more(const struct rumour *r)
{
	int needed = r->rule->enough - r->enough - r->open;
	int left = r->rule->most - r->asked;

	if (needed > left)
		needed = left;
	return needed > 0 ? needed : 0;
}

void
rumour_ask(struct rumour *r)
{
	r->asked++;
	r->open++;
}

void
rumour_hear(struct rumour *r, enum rumour_answer answer)
{
	r->open--;
	if (answer == RUMOUR_NEWS ||
	    (answer == RUMOUR_KNOWN && r->rule->known_counts))
		r->enough++;
}

/* splitmix64: a step of it from each state to the next. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void
rumour_shuffle(size_t *order, size_t count, uint64_t seed)
{
	size_t i;

	for (i = 0; i < count; i++) {
		size_t j = (size_t)(next_random(&seed) % (i + 1));

		order[i] = order[j];
		order[j] = i;
	}
}
