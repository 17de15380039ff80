#include "fetch/chosen.h"

#include <string.h>

#include "items/item.h"

static int
check_any(const struct settings *s, struct fault *f)
{
	if (s->follow_count > 0)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "no feed is followed yet: see 'wikicast follow --help'");
}

int
chosen_find(const struct settings *s, const char *name,
    const struct follow_settings **out, struct fault *f)
{
	if (check_any(s, f) == -1)
		return -1;
	*out = settings_find(s, name);
	if (*out != NULL)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "the configuration has no section [follow %s]; 'wikicast status' "
	    "lists the feeds",
	    name);
}

int
chosen_check(const struct options *o, const struct settings *s, struct fault *f)
{
	const struct follow_settings *follow;
	size_t i;

	if (check_any(s, f) == -1)
		return -1;
	for (i = 0; i < o->arguments.count; i++)
		if (chosen_find(s, o->arguments.word[i], &follow, f) == -1)
			return -1;
	return 0;
}

bool
chosen_has(const struct options *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->arguments.count; i++)
		if (strcmp(o->arguments.word[i], name) == 0)
			return true;
	return o->arguments.count == 0;
}

int
chosen_item(const char *path, struct buf *text, struct fault *f)
{
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };

	if (item_from_path(path, &item, f) == -1)
		return -1;
	return item_describe(&item, text, f);
}
