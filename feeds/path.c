#include "feeds/path.h"

#include <stdlib.h>

#include "base/num.h"

/* A serial that can be reached, and the cheapest way there that is known. */
struct place {
	int64_t serial;
	bool reached;
	int64_t cost;
	size_t requests;
	const struct path_edge *by; /* its last edge; NULL at the start */
};

struct places {
	struct place *list; /* sorted by serial */
	size_t count;
};

static int
place_order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

static int
edge_order(const void *a, const void *b)
{
	const struct path_edge *x = *(const struct path_edge *const *)a;
	const struct path_edge *y = *(const struct path_edge *const *)b;

	return (x->file.serial > y->file.serial) -
	    (x->file.serial < y->file.serial);
}

static struct place *
find(const struct places *places, int64_t serial)
{
	struct place key = { .serial = serial };

	return bsearch(&key, places->list, places->count, sizeof(key),
	    place_order);
}

/*
 * Steps lead up, so with edges in order of where they end, all ways to a
 * place are known before one leads on from it.  What a stranger signed may
 * say otherwise: such a step is not used.
 */
static bool
usable(const struct path_edge *e, int64_t to)
{
	if (e->bad || e->file.serial < 1 || e->file.serial > to ||
	    e->file.length < 0 || e->file.length > NUM_MAX)
		return false;
	return e->snapshot || e->file.from < e->file.serial;
}

static void
take(const struct places *places, const struct path_edge *e, int64_t from)
{
	const struct place *start =
	    find(places, e->snapshot ? from : e->file.from);
	struct place *end = find(places, e->file.serial);
	int64_t cost;
	size_t requests;

	if (start == NULL || !start->reached ||
	    __builtin_add_overflow(start->cost,
		e->here ? 0 : e->file.length + PATH_REQUEST_COST, &cost))
		return;
	requests = start->requests + 1;
	if (end->reached &&
	    (cost > end->cost ||
		(cost == end->cost && requests >= end->requests)))
		return;
	end->reached = true;
	end->cost = cost;
	end->requests = requests;
	end->by = e;
}

/* Walk back from the end; chosen in order from the start. */
static size_t
collect(const struct places *places, const struct path_edge *edges,
    int64_t from, const struct place *end, size_t *chosen)
{
	size_t count = end->requests, i;
	const struct place *p = end;

	for (i = count; i > 0; i--) {
		chosen[i - 1] = (size_t)(p->by - edges);
		p = find(places, p->by->snapshot ? from : p->by->file.from);
	}
	return count;
}

/* The start and the ends of all usable edges, each once. */
static void
list_places(const struct path_edge **used, size_t count, int64_t from,
    struct places *places)
{
	size_t i, n = 0;

	places->list[0] = (struct place){ .serial = from, .reached = true };
	for (i = 0; i < count; i++)
		places->list[i + 1] =
		    (struct place){ .serial = used[i]->file.serial };
	/* The start is reached at no cost: its twins go. */
	for (i = 1; i <= count; i++)
		if (places->list[i].serial != from &&
		    places->list[i].serial != places->list[n].serial)
			places->list[++n] = places->list[i];
	places->count = n + 1;
	qsort(places->list, places->count, sizeof(*places->list), place_order);
}

int
path_choose(const struct path_edge *edges, size_t edge_count, int64_t from,
    int64_t to, size_t *chosen, size_t *count, struct fault *f)
{
	OWNED_MEM const struct path_edge **used = NULL;
	OWNED_MEM struct place *list = NULL;
	struct places places;
	const struct place *end;
	size_t i, n = 0;

	used = calloc(edge_count + 1, sizeof(struct path_edge *));
	list = calloc(edge_count + 1, sizeof(*list));
	if (used == NULL || list == NULL)
		return fault_memory(f);
	for (i = 0; i < edge_count; i++)
		if (usable(&edges[i], to))
			used[n++] = &edges[i];
	/* By where they end: so places come out sorted but for the start. */
	qsort(used, n, sizeof(struct path_edge *), edge_order);
	places.list = list;
	list_places(used, n, from, &places);
	for (i = 0; i < n; i++)
		take(&places, used[i], from);
	end = find(&places, to);
	if (end == NULL || !end->reached)
		return fault_set(f, FAULT_BEHIND,
		    "no way from serial %lld to "
		    "%lld",
		    (long long)from, (long long)to);
	*count = collect(&places, edges, from, end, chosen);
	return 0;
}
