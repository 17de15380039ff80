#include "fetch/look.h"

#include <stdio.h>
#include <string.h>

#include "fetch/placed.h"
#include "fetch/quarantine.h"
#include "fetch/waiting.h"
#include "items/compact.h"
#include "items/prefix.h"
#include "items/select.h"
#include "items/text.h"

void
look_init(struct look *l)
{
	*l = (struct look){ .content = BUF_INIT(ITEM_SIZE_MAX + 4096),
		.ours = BUF_INIT(ITEM_SIZE_MAX) };
}

void
look_clear(struct look *l)
{
	item_clear(&l->item);
	record_clear(&l->record);
	buf_clear(&l->content);
	buf_clear(&l->ours);
	free(l->before);
	look_init(l);
}

/* The names that wiki.h asks with: a page, and an attachment's file. */
static const char *
page_of(const struct item *item)
{
	return item->kind == ITEM_ATTACHMENT ? item->page : item->name;
}

static const char *
file_of(const struct item *item)
{
	return item->kind == ITEM_ATTACHMENT ? item->name : NULL;
}

/* ---- is it wanted here? ---- */

static int
skip(struct look *l, const char *cause)
{
	(void)snprintf(l->cause, sizeof(l->cause), "%.255s", cause);
	return 0;
}

static size_t
section_index(const struct settings *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->follow_count; i++)
		if (strcmp(s->follows[i].name, name) == 0)
			break;
	return i;
}

/*
 * Where two feeds bring one page, the first section in the file wins; the
 * record goes with it, also that of a feed from which it is not wanted now.
 */
static int
check_owner(const struct look_at *at, const char *path, struct look *l,
    struct fault *f)
{
	OWNED_BUF struct buf owner = BUF_INIT(BUF_ANY);
	const char *mine = at->follow->name;

	if (l->record.have || !at->shared)
		return 0;
	if (record_owner(at->book->db, at->feed->row, at->follow->wiki, path,
		&owner, f) == -1)
		return -1;
	if (owner.len > 0 &&
	    section_index(at->settings, owner.data) <
		section_index(at->settings, mine)) {
		(void)snprintf(l->cause, sizeof(l->cause),
		    "feed '%.200s' brings it", owner.data);
		return 0;
	}
	if (record_take_over(at->book->db, at->feed->row, at->follow->wiki,
		path, f) == -1)
		return -1;
	return record_get(at->book->db, at->feed->row, path, &l->record, f);
}

/*
 * An attachment speaks its page's language; so does what the feed has no more
 * that of its last text.  Nobody asks where no language is chosen.
 */
static int
find_language(const struct look_at *at, int64_t serial, struct look *l,
    struct fault *f)
{
	OWNED_ITEM struct item page = { .kind = ITEM_PAGE };
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
	const struct select_rules *rules = &at->follow->select;
	struct item named = { .kind = ITEM_PAGE,
		.name =
		    (char *)prefix_strip(rules->prefix, page_of(&l->item)) };
	bool have;

	if (rules->languages.count == 0 || l->item.lang != NULL)
		return 0;
	if (item_path(&named, &path, f) == -1 ||
	    shelf_get(at->book->shelf, at->feed->row, serial, path.data, &page,
		&have, f) == -1)
		return -1;
	l->item.lang = own_give(&page.lang);
	return 0;
}

static bool
is_chosen(const struct look_at *at, struct look *l)
{
	enum select_answer answer = select_item(&at->follow->select, &l->item,
	    wiki_has_power(at->wiki, &l->item));

	if (answer == SELECT_LANGUAGE)
		(void)snprintf(l->cause, sizeof(l->cause),
		    "its language '%s' is not chosen", l->item.lang);
	else if (answer != SELECT_WANTED)
		(void)skip(l, select_text(answer));
	return answer == SELECT_WANTED;
}

static int
check_wanted(const struct look_at *at, struct look *l, struct fault *f)
{
	struct fault why = { 0 };

	if (l->item.kind == ITEM_ATTACHMENT &&
	    find_language(at, book_goal(at->feed), l, f) == -1)
		return -1;
	if (!is_chosen(at, l))
		return 0;
	if (wiki_can_hold(at->wiki, &l->item, &why) == -1) {
		if (why.kind != FAULT_FORMAT) {
			*f = why;
			return -1;
		}
		return skip(l, why.text);
	}
	return 0;
}

/* ---- what would be written ---- */

static bool
has_acl_rule(const struct look_at *at, const struct item *item)
{
	return item_is_text(item->kind) && at->follow->acl != ACL_ACCEPT &&
	    wiki_has_acl_lines(at->wiki);
}

/* The feed's text after the #acl rule. */
static int
apply_acl(const struct look_at *at, struct look *l, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(ITEM_SIZE_MAX);
	const char *line =
	    at->follow->acl == ACL_SET ? at->follow->acl_line : NULL;

	if (!has_acl_rule(at, &l->item) || at->follow->acl == ACL_REFUSE)
		return shelf_content_bytes(at->book->shelf, &l->item.digest,
		    &l->content, f);
	if (shelf_content_bytes(at->book->shelf, &l->item.digest, &text, f) ==
	    -1)
		return -1;
	return text_replace_acl(text.data, text.len, line, &l->content, f);
}

/* Is what is written anything else than what the feed has? */
static bool
is_changed(const struct look_at *at, const struct item *item)
{
	return has_acl_rule(at, item) || item->kind == ITEM_PATTERNS;
}

/* A list as this wiki gets it. */
static int
apply_patterns(const struct look_at *at, struct look *l, struct fault *f)
{
	OWNED_BUF struct buf compact = BUF_INIT(BUF_ANY);

	if (quarantine_filter(at, &l->item, &l->content, f) == -1)
		return -1;
	if (!at->follow->compact)
		return 0;
	if (compact_list(l->content.data, l->content.len, &compact, f) == -1)
		return -1;
	buf_reset(&l->content);
	return buf_add(&l->content, compact.data, compact.len, f);
}

int
look_content(const struct look_at *at, struct look *l, struct fault *f)
{
	if (l->have_content)
		return 0;
	l->have_content = true;
	if (apply_acl(at, l, f) == -1)
		return -1;
	if (l->item.kind == ITEM_PATTERNS && apply_patterns(at, l, f) == -1)
		return -1;
	if (is_changed(at, &l->item))
		digest_of(l->content.data, l->content.len, &l->wrote);
	return 0;
}

static int
find_wrote(const struct look_at *at, struct look *l, struct fault *f)
{
	if (!is_changed(at, &l->item)) {
		l->wrote = l->item.digest;
		return 0;
	}
	if (at->same_rules && l->record.have &&
	    digest_equal(&l->record.feed, &l->item.digest)) {
		l->wrote = l->record.wrote;
		return 0;
	}
	if (look_content(at, l, f) == -1)
		return -1;
	if (at->follow->acl == ACL_REFUSE &&
	    text_has_acl(l->content.data, l->content.len))
		return skip(l, "has an #acl line");
	return 0;
}

/* ---- what the wiki has ---- */

/* What is there cannot be a feed's item at all: it is someone's edit. */
static int
take_strange(const struct fault *why, struct look *l, struct decide_side *ours,
    struct fault *f)
{
	if (why->kind != FAULT_FORMAT) {
		*f = *why;
		return -1;
	}
	ours->present = true;
	digest_of(why->text, strlen(why->text), &ours->digest);
	l->form = EDITS_FRAGILE;
	return 0;
}

/* A text is kept for a merge; what cannot be put back is not touched. */
static void
take_text(const struct look_at *at, struct look *l, struct buf *text)
{
	struct buf old = l->ours;

	if (l->item.kind == ITEM_ATTACHMENT) {
		l->form =
		    wiki_keeps_files(at->wiki) ? EDITS_FILE : EDITS_FRAGILE;
		return;
	}
	l->form = EDITS_TEXT;
	l->ours = *text;
	*text = old;
}

static int
read_ours(const struct look_at *at, struct look *l, struct decide_side *ours,
    struct fault *f)
{
	OWNED(wiki_page_clear) struct wiki_page page;
	struct fault why = { 0 };

	wiki_page_init(&page);
	if (wiki_read(at->wiki, page_of(&l->item), file_of(&l->item), &page,
		&why) == -1)
		return take_strange(&why, l, ours, f);
	free(l->before);
	l->before = own_give(&page.revision);
	if (!page.present)
		return 0;
	digest_of(page.text.data, page.text.len, &ours->digest);
	/* The distribution's text is nobody's edit, but may be the same. */
	ours->present =
	    !page.from_underlay || digest_equal(&ours->digest, &l->wrote);
	if (ours->present)
		take_text(at, l, &page.text);
	return 0;
}

static int
find_ours(const struct look_at *at, struct look *l, struct decide_side *ours,
    struct fault *f)
{
	const struct record *r = &l->record;
	struct fault why = { 0 };

	if (wiki_revision(at->wiki, page_of(&l->item), file_of(&l->item),
		&l->before, &why) == -1)
		return take_strange(&why, l, ours, f);
	if (l->before == NULL)
		return 0;
	if (r->have && r->revision != NULL &&
	    strcmp(r->revision, l->before) == 0) {
		*ours = (struct decide_side){ true, r->wrote };
		return 0;
	}
	return read_ours(at, l, ours, f);
}

static void
take_decision(const struct look_at *at, struct look *l,
    const struct decide_side *ours)
{
	struct decide_case c = {
		.known = l->record.have,
		.base = { l->record.have, l->record.wrote },
		.ours = *ours,
		.theirs = { l->theirs, l->wrote },
		.wanted = l->cause[0] == '\0',
	};

	l->have_ours = ours->present;
	l->ours_digest = ours->digest;
	l->answer = edits_decide(&c, edits_policy(&at->follow->edits, &l->item),
	    l->form);
}

/* Who may not bring a page may not take it away either. */
static int
look_gone(const struct look_at *at, const char *path, struct look *l,
    struct fault *f)
{
	bool left;

	if (item_from_path(path, &l->item, f) == -1)
		return -1;
	if (!l->record.have)
		return 0;
	l->item.kind = l->record.kind;
	if (find_language(at, at->feed->settled, l, f) == -1)
		return -1;
	if (!is_chosen(at, l))
		return 0;
	/* Not even if it is chosen again in the run that takes it away. */
	if (note_is(at->book->db, at->feed->row, path, NOTE_LEFT, &left, f) ==
	    -1)
		return -1;
	return left ? skip(l, "was left before") : 0;
}

/* Its name here, from now on. */
static int
take_place(const struct look_at *at, struct look *l, struct fault *f)
{
	const char *prefix = at->follow->select.prefix;
	struct fault why = { 0 };

	if (prefix == NULL || prefix_apply(prefix, &l->item, &why) == 0)
		return 0;
	if (why.kind == FAULT_FORMAT)
		return skip(l, "its name would be too long with the prefix");
	*f = why;
	return -1;
}

static int
look_theirs(const struct look_at *at, const char *path, struct look *l,
    struct fault *f)
{
	if (take_place(at, l, f) == -1 ||
	    (l->cause[0] == '\0' && check_wanted(at, l, f) == -1) ||
	    (l->cause[0] == '\0' && find_wrote(at, l, f) == -1))
		return -1;
	/* Last: an item that is not wanted is taken from no other feed. */
	return l->cause[0] == '\0' ? check_owner(at, path, l, f) : 0;
}

int
look_item(const struct look_at *at, const char *path, struct look *l,
    struct fault *f)
{
	struct decide_side ours = { .present = false };

	look_clear(l);
	if (placed_get(at->book, at->feed, at->follow->select.prefix, path,
		&l->item, &l->theirs, f) == -1 ||
	    record_get(at->book->db, at->feed->row, path, &l->record, f) ==
		-1 ||
	    (l->theirs ? look_theirs(at, path, l, f) :
			 look_gone(at, path, l, f)) == -1)
		return -1;
	if (l->cause[0] == '\0' && (l->theirs || l->record.have) &&
	    waiting_look(at, path, l, f) == -1)
		return -1;
	/* Skipped and never installed: nobody needs to look at the wiki. */
	if (l->cause[0] == '\0' && (l->theirs || l->record.have) &&
	    find_ours(at, l, &ours, f) == -1)
		return -1;
	take_decision(at, l, &ours);
	return 0;
}
