#include "verify/check_wiki.h"

#include <stdio.h>
#include <string.h>

#include "items/compact.h"
#include "items/patterns.h"
#include "items/prefix.h"
#include "items/text.h"
#include "wiki/wiki.h"

enum found { SAME, EDITED, MISSING, NOT_SELECTED, FOUND_COUNT };

static const char *const found_names[FOUND_COUNT] = {
	[SAME] = "same",
	[EDITED] = "edited",
	[MISSING] = "missing",
	[NOT_SELECTED] = "not selected",
};

struct look {
	struct check *check;
	const struct pin *pin;
	struct wiki *wiki;
	int64_t count[FOUND_COUNT];
};

static int
tell(struct look *l, const struct item *item, enum found found,
    const char *cause, struct fault *f)
{
	struct tally *t = l->check->tally;

	l->count[found]++;
	if (!t->json && t->verbosity != LOG_VERBOSE && found == SAME &&
	    cause == NULL)
		return 0;
	if (!t->json && t->verbosity != LOG_VERBOSE && found == NOT_SELECTED)
		return 0;
	report_row(t->out, "item");
	report_text(t->out, "kind", item_kind_text(item->kind));
	report_text(t->out, "page",
	    item->kind == ITEM_ATTACHMENT ? item->page : item->name);
	report_text(t->out, "file",
	    item->kind == ITEM_ATTACHMENT ? item->name : NULL);
	report_text(t->out, "result", found_names[found]);
	report_text(t->out, "cause", cause);
	return report_row_end(t->out, f);
}

/* Are two texts the same but for their #acl lines? */
static int
same_without_acl(const struct look *l, const struct item *item,
    const struct buf *here, bool *same, struct fault *f)
{
	OWNED_BUF struct buf shared = BUF_INIT(ITEM_SIZE_MAX);
	OWNED_BUF struct buf a = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	*same = false;
	if (!item_is_text(item->kind) || !wiki_has_acl_lines(l->wiki))
		return 0;
	if (shelf_content_bytes(l->check->shelf, &item->digest, &shared, f) ==
		-1 ||
	    text_replace_acl(shared.data, shared.len, NULL, &a, f) == -1 ||
	    text_replace_acl(here->data, here->len, NULL, &b, f) == -1)
		return -1;
	*same = a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
	return 0;
}

/*
 * Is a text a list of which only patterns were left out, and how many?
 * Lines stand in their order, so the first that fits is the right one.
 */
static int
without_patterns(const struct look *l, const struct item *item,
    const struct buf *here, int64_t *left_out, struct fault *f)
{
	OWNED_BUF struct buf shared = BUF_INIT(ITEM_SIZE_MAX);
	struct patterns_walk all, ours = patterns_walk(here->data, here->len);
	struct patterns_line line, own;
	bool have;

	*left_out = 0;
	if (item->kind != ITEM_PATTERNS)
		return 0;
	if (shelf_content_bytes(l->check->shelf, &item->digest, &shared, f) ==
	    -1)
		return -1;
	all = patterns_walk(shared.data, shared.len);
	have = patterns_next(&ours, &own);
	while (patterns_next(&all, &line)) {
		if (have && own.whole_size == line.whole_size &&
		    memcmp(own.whole, line.whole, line.whole_size) == 0)
			have = patterns_next(&ours, &own);
		else if (line.size > 0)
			++*left_out;
	}
	if (have)
		*left_out = 0; /* a line of its own */
	return 0;
}

/* Is a text the shared list with its plain patterns merged? */
static int
is_compact(const struct look *l, const struct item *item,
    const struct buf *here, bool *compact, struct fault *f)
{
	OWNED_BUF struct buf shared = BUF_INIT(ITEM_SIZE_MAX);
	OWNED_BUF struct buf bare = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf merged = BUF_INIT(BUF_ANY);

	*compact = false;
	if (item->kind != ITEM_PATTERNS)
		return 0;
	if (shelf_content_bytes(l->check->shelf, &item->digest, &shared, f) ==
		-1 ||
	    text_replace_acl(shared.data, shared.len, NULL, &bare, f) == -1 ||
	    compact_list(bare.data, bare.len, &merged, f) == -1)
		return -1;
	*compact = merged.len == here->len &&
	    memcmp(merged.data, here->data, here->len) == 0;
	return 0;
}

static int
compare(struct look *l, const struct item *item, const struct wiki_page *page,
    struct fault *f)
{
	int64_t left_out;
	struct digest is;
	char cause[64];
	bool same;

	if (!page->present)
		return tell(l, item, MISSING, NULL, f);
	digest_of(page->text.data, page->text.len, &is);
	if (digest_equal(&is, &item->digest))
		return tell(l, item, SAME, NULL, f);
	if (same_without_acl(l, item, &page->text, &same, f) == -1)
		return -1;
	if (same)
		return tell(l, item, SAME, "but for its #acl lines", f);
	if (is_compact(l, item, &page->text, &same, f) == -1)
		return -1;
	if (same)
		return tell(l, item, SAME, "compact", f);
	if (without_patterns(l, item, &page->text, &left_out, f) == -1)
		return -1;
	(void)snprintf(cause, sizeof(cause), "but for %lld patterns left out",
	    (long long)left_out);
	return left_out > 0 ? tell(l, item, SAME, cause, f) :
			      tell(l, item, EDITED, NULL, f);
}

/* An attachment speaks its page's language. */
static int
take_language(const struct look *l, struct item *item, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
	OWNED_ITEM struct item page = { .kind = ITEM_NONE };
	const struct item named = { .kind = ITEM_PAGE, .name = item->page };
	bool have;

	if (l->pin->select.languages.count == 0 ||
	    item->kind != ITEM_ATTACHMENT)
		return 0;
	if (item_path(&named, &path, f) == -1 ||
	    shelf_get(l->check->shelf, CHECK_FEED, l->check->head.serial,
		path.data, &page, &have, f) == -1)
		return -1;
	item->lang = own_give(&page.lang);
	return 0;
}

static int
look_at(struct look *l, const struct item *item, struct fault *f)
{
	struct fault why = { 0 };
	enum select_answer answer = SELECT_WANTED;
	struct wiki_page page;
	int rc;

	if (l->pin != NULL)
		answer = select_item(&l->pin->select, item,
		    wiki_has_power(l->wiki, item));
	if (answer != SELECT_WANTED)
		return tell(l, item, NOT_SELECTED, select_text(answer), f);
	if (wiki_can_hold(l->wiki, item, &why) == -1)
		return tell(l, item, MISSING, why.text, f);
	wiki_page_init(&page);
	if (wiki_read(l->wiki,
		item->kind == ITEM_ATTACHMENT ? item->page : item->name,
		item->kind == ITEM_ATTACHMENT ? item->name : NULL, &page,
		&why) == 0)
		rc = compare(l, item, &page, f);
	else if (why.kind == FAULT_FORMAT || why.kind == FAULT_BUSY)
		rc = tell(l, item, EDITED, why.text, f);
	else {
		*f = why;
		rc = -1;
	}
	wiki_page_clear(&page);
	return rc;
}

/* As it is called here. */
static int
look_for(struct look *l, const struct item *item, struct fault *f)
{
	OWNED_ITEM struct item here = { .kind = ITEM_NONE };
	struct fault why = { 0 };

	if (l->pin == NULL)
		return look_at(l, item, f);
	if (item_copy(item, &here, f) == -1 || take_language(l, &here, f) == -1)
		return -1;
	if (prefix_apply(l->pin->select.prefix, &here, &why) == 0)
		return look_at(l, &here, f);
	if (why.kind == FAULT_FORMAT)
		return tell(l, item, MISSING, why.text, f);
	*f = why;
	return -1;
}

static int
look_at_all(struct look *l, struct fault *f)
{
	OWNED(shelf_walk_close) struct shelf_walk *walk = NULL;
	const struct item *item;
	const char *path;
	bool have;

	if (shelf_walk_open(l->check->shelf, CHECK_FEED, l->check->head.serial,
		&walk, f) == -1)
		return -1;
	for (;;) {
		if (shelf_walk_next(walk, &item, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (look_for(l, item, f) == -1)
			return -1;
	}
}

static int
sum_up(const struct look *l, const char *name, struct fault *f)
{
	const struct tally *t = l->check->tally;

	if (!t->json)
		return t->verbosity == LOG_QUIET ?
		    0 :
		    report_say(t->out, f,
			"%s: %lld same, %lld edited, %lld missing, %lld not "
			"selected",
			name, (long long)l->count[SAME],
			(long long)l->count[EDITED],
			(long long)l->count[MISSING],
			(long long)l->count[NOT_SELECTED]);
	report_row(t->out, "wiki");
	report_text(t->out, "wiki", name);
	report_number(t->out, "same", l->count[SAME]);
	report_number(t->out, "edited", l->count[EDITED]);
	report_number(t->out, "missing", l->count[MISSING]);
	report_number(t->out, "not_selected", l->count[NOT_SELECTED]);
	return report_row_end(t->out, f);
}

int
check_wiki(struct check *c, const struct pin *pin, const char *name,
    struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = {
		.underlay = pin != NULL ? pin->underlay : NULL
	};
	struct look look = { .check = c, .pin = pin };

	if (wiki_open(name, &options, &wiki, f) == -1)
		return -1;
	look.wiki = wiki;
	if (look_at_all(&look, f) == -1)
		return fault_within(f, "wiki '%s'", name);
	return sum_up(&look, name, f);
}
