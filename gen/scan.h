/*
 * scan.h -- what changed in the publisher's wiki since the newest state?
 *
 * One ordered pass over the wiki and over the scan cache side by side; only
 * items whose stamp is not the remembered one are read.  What differs goes to
 * the shelf as the next serial, inside the caller's transaction, so that a
 * refusal afterwards is a rollback.
 *
 * The wiki is the publisher's own, but its users choose names and texts: an
 * item that cannot be published is skipped with one line, and what was
 * published of it before stays as it was.
 */
#ifndef GEN_SCAN_H
#define GEN_SCAN_H

#include "base/words.h"
#include "gen/ledger.h"
#include "wiki/wiki.h"

struct scan_rules { /* globs of page names */
	struct words pages, patterns, interwiki, not_pages;
};

struct scan_trouble { /* one item that could not be published */
	char *text;   /* "page 'X': name is not UTF-8" */
	bool known;   /* it was said in an earlier run, nothing changed */
};

struct scan_result {
	int64_t items; /* in the new state */
	int64_t put, dropped;
	bool stamps; /* the scan cache was changed */
	struct scan_trouble *troubles;
	size_t trouble_count;
	int64_t left_out; /* of the troubles: patterns (gen/lists.h) */
};

void scan_result_clear(struct scan_result *r);

/* Add a trouble. */
int scan_say(struct scan_result *r, const char *text, bool known,
    struct fault *f) __attribute__((warn_unused_result));

/* The kind that a page's text has in this feed; ITEM_NONE: not in it. */
enum item_kind scan_kind(const struct scan_rules *rules, const char *page);

/* feed->serial + 1 becomes the wiki's state, on the shelf. */
int scan_wiki(struct ledger *ledger, const struct ledger_feed *feed,
    const struct scan_rules *rules, struct wiki *wiki, int64_t serial,
    struct scan_result *result, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The gate against mass removal (DESIGN section 6): more than 20 items and
 * more than a quarter of all would go.  Pure.
 */
bool scan_gate(int64_t before, int64_t dropped);

#endif
