/*
 * select.h -- is this item wanted here?  Pure decisions over configuration:
 * pages, not, languages, grants (DESIGN sections 4 and 6).
 */
#ifndef ITEMS_SELECT_H
#define ITEMS_SELECT_H

#include "items/item.h"

struct select_rules { /* borrowed lists of globs, each of its count */
	char **pages;
	size_t page_count; /* 0: all */
	char **not_pages;
	size_t not_count;
	char **languages; /* "en" also chooses "en-GB"; case is ignored */
	size_t language_count; /* 0: all; items without a language always */
	char **grants;
	size_t grant_count;
};

enum select_answer {
	SELECT_WANTED,
	SELECT_NOT_CHOSEN, /* pages, not */
	SELECT_LANGUAGE,
	SELECT_POWER, /* gives power over the wiki, and no grant names it */
};

/*
 * has_power says whether the wiki engine regards the item as giving power
 * (wiki_has_power).  An attachment is judged by its page's name.
 */
enum select_answer select_item(const struct select_rules *rules,
    const struct item *item, bool has_power);

/* For status and log: "not chosen", "language", "gives power, no grant". */
const char *select_text(enum select_answer answer);

#endif
