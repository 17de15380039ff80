#include "items/prefix.h"

#include <stdio.h>
#include <string.h>

#include "items/name.h"

int
prefix_check(const char *prefix, struct fault *f)
{
	OWNED_MEM char *name = NULL;
	struct fault why = { 0 };

	if (asprintf(&name, "%sX", prefix) == -1) {
		name = NULL;
		return fault_memory(f);
	}
	if (*prefix != '\0' && name_check_page(name, &why) == 0)
		return 0;
	return fault_set(f, FAULT_FORMAT, "no page name begins with '%.100s'",
	    prefix);
}

static bool
begins(const char *prefix, const char *name)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool
keeps_name(const char *prefix, const struct item *item)
{
	bool list =
	    item->kind == ITEM_PATTERNS || item->kind == ITEM_INTERWIKI;

	return prefix == NULL || (list && !begins(prefix, item->name));
}

int
prefix_apply(const char *prefix, struct item *item, struct fault *f)
{
	char **name = item->kind == ITEM_ATTACHMENT ? &item->page : &item->name;
	OWNED_MEM char *here = NULL;

	if (keeps_name(prefix, item))
		return 0;
	if (asprintf(&here, "%s%s", prefix, *name) == -1) {
		here = NULL;
		return fault_memory(f);
	}
	if (name_check_page(here, f) == -1)
		return -1;
	free(*name);
	*name = own_give(&here);
	return 0;
}

const char *
prefix_strip(const char *prefix, const char *name)
{
	return prefix != NULL && begins(prefix, name) ? name + strlen(prefix) :
							name;
}

int
prefix_path(const char *prefix, const struct item *item, struct buf *out,
    struct fault *f)
{
	OWNED_ITEM struct item here = { .kind = ITEM_NONE };
	struct fault why = { 0 };

	if (keeps_name(prefix, item))
		return item_path(item, out, f);
	if (item_copy(item, &here, f) == -1)
		return -1;
	if (prefix_apply(prefix, &here, &why) == -1 &&
	    why.kind != FAULT_FORMAT) {
		*f = why;
		return -1;
	}
	return item_path(&here, out, f);
}

int
prefix_strip_path(const char *prefix, const char *path, struct buf *out,
    struct fault *f)
{
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };
	struct item there;
	const char *name;

	if (prefix == NULL)
		return buf_add_text(out, path, f);
	if (item_from_path(path, &item, f) == -1)
		return -1;
	there = item;
	name = prefix_strip(prefix,
	    item.kind == ITEM_ATTACHMENT ? item.page : item.name);
	if (*name == '\0')
		return buf_add_text(out, path, f);
	if (item.kind == ITEM_ATTACHMENT)
		there.page = (char *)name;
	else
		there.name = (char *)name;
	return item_path(&there, out, f);
}
