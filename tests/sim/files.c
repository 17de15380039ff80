#include "tests/sim/files.h"

#include <math.h>
#include <stdlib.h>

#include "feeds/ladder.h"
#include "feeds/path.h"

#define EDGES ((BEHIND_MAX + 1) * (LADDER_MAX + 1))
#define INSIDE_BYTES 1500
#define LARGE_BYTES 20000

/* Changes of the same items add up to less. */
static int64_t
length_of(int64_t serials, int64_t bytes)
{
	return (int64_t)((double)bytes * pow((double)serials, 0.8));
}

static size_t
add_steps(struct path_edge *edges, int64_t serial, int64_t bytes)
{
	int64_t from[LADDER_MAX + 1];
	size_t i, n = ladder_steps(serial, 1, from);

	for (i = 0; i < n; i++)
		edges[i] = (struct path_edge){
			.file = { .present = true,
			    .serial = serial,
			    .from = from[i],
			    .length = length_of(serial - from[i], bytes) }
		};
	return n;
}

static void
need(const struct path_edge *edges, size_t count, int64_t serial, int64_t from,
    struct files_need *out)
{
	size_t chosen[EDGES], n, i;
	struct fault f = { 0 };

	if (path_choose(edges, count, from, serial, chosen, &n, &f) == -1)
		abort();
	*out =
	    (struct files_need){ .history = n > 1 || !edges[chosen[0]].here };
	for (i = 0; i < n; i++) {
		const struct path_edge *e = &edges[chosen[i]];

		out->fresh += e->file.serial == serial && !e->here;
		out->old += e->file.serial != serial;
	}
}

void
files_of(int64_t serial, bool inside, bool snapshot, struct files *out)
{
	struct path_edge edges[EDGES];
	size_t steps, n, i;

	*out = (struct files){ .copy = { .history = 1 } };
	steps = n =
	    add_steps(edges, serial, inside ? INSIDE_BYTES : LARGE_BYTES);
	edges[0].here = inside; /* the first is the shortest */
	for (i = 1; i < BEHIND_MAX; i++)
		n += add_steps(&edges[n], serial - (int64_t)i, INSIDE_BYTES);
	for (i = 1; i <= BEHIND_MAX; i++)
		need(edges, n, serial, serial - (int64_t)i, &out->by[i]);
	out->copy.fresh = (uint8_t)(steps - inside);
	out->copy.snapshot = snapshot;
}
