#include "tests/sim/summary.h"

#include <math.h>
#include <stdlib.h>

#define NEVER (-1)
#define HOPS_MAX 255

void
summary_hops(const uint16_t *hops, const int64_t *got, uint32_t wikis,
    struct result *r)
{
	uint32_t at[HOPS_MAX + 1] = { 0 }, sum = 0, i;

	r->hops = r->hops_99 = r->hops_999 = NEVER;
	for (i = 0; i < wikis; i++)
		if (got[i] != NEVER)
			at[hops[i] < HOPS_MAX ? hops[i] : HOPS_MAX]++;
	for (i = 0; i <= HOPS_MAX; i++) {
		if (at[i] > 0)
			r->hops = (int)i;
		sum += at[i];
		if (i <= 2 * log2(wikis))
			r->near = (double)sum / wikis;
		if (r->hops_99 == NEVER && sum >= ceil(0.99 * wikis))
			r->hops_99 = (int)i;
		if (r->hops_999 == NEVER && sum >= ceil(0.999 * wikis))
			r->hops_999 = (int)i;
	}
}

static int
rising(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* When had that part of n it, the last `reached` of a sorted list? */
static int64_t
time_to(const int64_t *sorted, uint32_t n, uint32_t reached, double part)
{
	uint32_t need = (uint32_t)ceil(part * n);

	return reached < need ? NEVER : sorted[n - reached + need - 1];
}

void
summary_times(int64_t *got, uint32_t wikis, struct result *r)
{
	uint32_t reached = wikis;

	qsort(got, wikis, sizeof(*got), rising); /* NEVER is first */
	while (reached > 0 && got[wikis - reached] == NEVER)
		reached--;
	r->reached = (double)reached / wikis;
	r->to_99 = time_to(got, wikis, reached, 0.99);
	r->to_999 = time_to(got, wikis, reached, 0.999);
	r->to_all = time_to(got, wikis, reached, 1);
}
