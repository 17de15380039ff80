#include "fetch/placed.h"

#include <string.h>

#include "items/prefix.h"

static int
get(struct book *book, const struct book_feed *feed, const char *there,
    struct item *item, bool *have, struct fault *f)
{
	return shelf_get(book->shelf, feed->row, book_goal(feed), there, item,
	    have, f);
}

static int
is_here(const char *prefix, const struct item *item, const char *path,
    bool *here, struct fault *f)
{
	OWNED_BUF struct buf is = BUF_INIT(ITEM_PATH_MAX);

	if (prefix_path(prefix, item, &is, f) == -1)
		return -1;
	*here = strcmp(is.data, path) == 0;
	return 0;
}

int
placed_get(struct book *book, const struct book_feed *feed, const char *prefix,
    const char *path, struct item *item, bool *have, struct fault *f)
{
	OWNED_BUF struct buf there = BUF_INIT(ITEM_PATH_MAX);
	const char *paths[2] = { NULL, path };
	int i;

	if (prefix == NULL)
		return get(book, feed, path, item, have, f);
	if (prefix_strip_path(prefix, path, &there, f) == -1)
		return -1;
	paths[0] = there.data;
	for (i = 0; i < 2; i++) {
		item_clear(item);
		if (get(book, feed, paths[i], item, have, f) == -1)
			return -1;
		if (*have && is_here(prefix, item, path, have, f) == -1)
			return -1;
		if (*have)
			return 0;
	}
	item_clear(item);
	return 0;
}
