#include "fetch/placed.h"
#include "fetch/record.h"
#include "fetch/settle.h"
#include "items/select.h"
#include "wiki/wiki.h"

#define PATTERNS_PATH "items/BadContent/text"

/* A feed that may not bring BadContent has no say in how Moin gets it. */
static bool
may_bring_patterns(const struct follow_settings *follow)
{
	static char name[] = "BadContent";
	const struct item item = { .kind = ITEM_PATTERNS, .name = name };

	return select_item(&follow->select, &item, true) == SELECT_WANTED;
}

int
settle_brings_patterns(struct book *book, const struct follow_settings *follow,
    const struct book_feed *feed, bool *brings, struct fault *f)
{
	OWNED_RECORD struct record r = { .have = false };
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };

	*brings = false;
	if (!may_bring_patterns(follow))
		return 0;
	if (record_get(book->db, feed->row, PATTERNS_PATH, &r, f) == -1)
		return -1;
	*brings = r.have;
	if (r.have || feed->stored == 0)
		return 0;
	return placed_get(book, feed, follow->select.prefix, PATTERNS_PATH,
	    &item, brings, f);
}

int
settle_hold_off(struct book *book, const struct follow_settings *follow,
    const struct book_feed *feed, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = follow->underlay };
	OWNED_RECORD struct record r = { .have = false };

	if (follow->wiki == NULL || !may_bring_patterns(follow))
		return 0;
	if (record_get(book->db, feed->row, PATTERNS_PATH, &r, f) == -1)
		return -1;
	if (!r.have)
		return 0;
	if (wiki_open(follow->wiki, &options, &wiki, f) == -1)
		return -1;
	return wiki_hold_off(wiki, f);
}
