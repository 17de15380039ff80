#include <stdio.h>
#include <stdlib.h>

#include "fetch/mirror.h"
#include "tests/sim/world.h"

int
graph_make(uint32_t wikis, uint32_t listed, size_t number, struct graph *g)
{
	uint64_t *numbers = calloc(listed, sizeof(*numbers));
	struct mirror_peers chosen;
	uint32_t i;
	size_t j;

	*g = (struct graph){ .wikis = wikis, .listed = listed };
	g->urls = calloc(wikis + 1, sizeof(*g->urls));
	g->peers = calloc(wikis, sizeof(*g->peers));
	g->count = calloc(wikis, 1);
	if (numbers == NULL || g->urls == NULL || g->peers == NULL ||
	    g->count == NULL)
		abort();
	for (i = 0; i <= wikis; i++) {
		if (asprintf(&g->urls[i], "https://w%u.example/%zu/", i,
			number) == -1)
			abort();
		if (i < listed)
			numbers[i] = mirror_number(g->urls[i]);
	}
	for (i = 0; i < wikis; i++) {
		mirror_choose(numbers, listed, mirror_number(g->urls[i]),
		    &chosen);
		g->count[i] = (uint8_t)chosen.count;
		for (j = 0; j < chosen.count; j++)
			g->peers[i][j] = (uint32_t)chosen.place[j];
	}
	free(numbers);
	return 0;
}

void
graph_clear(struct graph *g)
{
	uint32_t i;

	for (i = 0; i <= g->wikis && g->urls != NULL; i++)
		free(g->urls[i]);
	free(g->urls);
	free(g->peers);
	free(g->count);
	*g = (struct graph){ .wikis = 0 };
}
