#include "fetch/reach.h"

#define IN(member) offsetof(struct reach, member)
static const struct config_key keys[] = {
	{ .key = "limit-rate",
	    .type = CONFIG_SIZE,
	    .offset = IN(way.rate),
	    .min = REACH_RATE_MIN },
	{ .key = NULL },
};
#undef IN

void
reach_clear(struct reach *reach)
{
	config_clear(keys, reach);
	reach->way = (struct http_way){ 0 };
}

int
reach_take(const struct config *c, struct reach *reach, struct fault *f)
{
	const struct config_section *s =
	    c != NULL ? config_find(c, "network", NULL) : NULL;

	return s == NULL ? 0 : config_bind(s, keys, reach, f);
}

int
reach_open(const struct reach *reach, struct http **out, struct fault *f)
{
	if (http_start(f) == -1 || http_open(out, f) == -1)
		return -1;
	http_use(*out, &reach->way);
	return 0;
}
