/*
 * select.h -- is this item wanted here?  Pure decisions over configuration:
 * pages, not, languages, grants (DESIGN sections 4 and 6).
 */
#ifndef ITEMS_SELECT_H
#define ITEMS_SELECT_H

#include "base/words.h"
#include "items/item.h"

struct select_rules {	    /* lists of globs */
	struct words pages; /* empty: all */
	struct words not_pages;
	char *prefix;		/* items/prefix.h, or NULL */
	struct words languages; /* "en" also chooses "en-GB"; case is ignored;
				   empty: all; items without one always */
	struct words grants;
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

/* Add all of the rules: others give another digest. */
void select_digest(const struct select_rules *rules, struct digest_run *run);

/* For status and log: "not chosen", "gives power, no grant". */
const char *select_text(enum select_answer answer);

#endif
