#include "gen/scan.h"

#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "items/name.h"
#include "items/text.h"

#define GATE_ITEMS 20 /* removals that always pass */

/* A row of the scan cache: lives until the next one is asked for. */
struct remembered {
	bool have;
	const char *path;
	const char *stamp;
	enum item_kind kind;
	bool shelved;	     /* the newest state has it */
	const char *trouble; /* why it could not be published, or NULL */
};

struct scan {
	struct ledger *ledger;
	int64_t feed;
	int64_t serial;	  /* in the making */
	int64_t previous; /* newest one */
	const struct scan_rules *rules;
	struct wiki *wiki;
	struct scan_result *result;
	struct db_query rows;
	struct remembered row;
	struct buf path; /* of the entry at hand */
	struct buf last; /* of the one before */
};

void
scan_result_clear(struct scan_result *r)
{
	size_t i;

	for (i = 0; i < r->trouble_count; i++)
		free(r->troubles[i].text);
	free(r->troubles);
	*r = (struct scan_result){ .items = 0 };
}

enum item_kind
scan_kind(const struct scan_rules *rules, const char *page)
{
	if (name_matches_any(&rules->not_pages, page))
		return ITEM_NONE;
	if (name_matches_any(&rules->patterns, page))
		return ITEM_PATTERNS;
	if (name_matches_any(&rules->interwiki, page))
		return ITEM_INTERWIKI;
	if (name_matches_any(&rules->pages, page))
		return ITEM_PAGE;
	return ITEM_NONE;
}

bool
scan_gate(int64_t before, int64_t dropped)
{
	return dropped > GATE_ITEMS && dropped * 4 > before;
}

/* ---- what is said of items that cannot be published ---- */

int
scan_say(struct scan_result *r, const char *text, bool known, struct fault *f)
{
	struct scan_trouble *list =
	    reallocarray(r->troubles, r->trouble_count + 1, sizeof(*list));

	if (list == NULL)
		return fault_memory(f);
	r->troubles = list;
	list[r->trouble_count].known = known;
	list[r->trouble_count].text = strdup(text);
	if (list[r->trouble_count].text == NULL)
		return fault_memory(f);
	r->trouble_count++;
	return 0;
}

/*
 * The cache's rows are changed after the pass that reads them: SQLite may show
 * a row again that is changed under its cursor.  A row with the kind 0 and no
 * trouble goes.
 */
static int
start_rows(struct scan *s, struct fault *f)
{
	if (db_run(s->ledger->db, f,
		"CREATE TEMP TABLE IF NOT EXISTS scanned (path TEXT PRIMARY"
		" KEY, stamp TEXT NOT NULL, kind INTEGER NOT NULL,"
		" shelved INTEGER NOT NULL, trouble TEXT) WITHOUT ROWID",
		"") == -1)
		return -1;
	return db_run(s->ledger->db, f, "DELETE FROM scanned", "");
}

static int
note_row(struct scan *s, const char *path, const char *stamp,
    enum item_kind kind, bool shelved, const char *trouble, struct fault *f)
{
	return db_run(s->ledger->db, f,
	    "INSERT OR REPLACE INTO scanned VALUES (?,?,?,?,?)", "ttiit", path,
	    stamp, (int64_t)kind, (int64_t)shelved, trouble);
}

/* What has no path is seen in each run: what was not seen now is over. */
static int
end_rows(struct scan *s, struct fault *f)
{
	struct db *db = s->ledger->db;

	/* Two, since SQLite would look at all rows for an OR. */
	if (db_run(db, f,
		"DELETE FROM scan WHERE feed = ?"
		" AND path < 'items/'",
		"i", s->feed) == -1 ||
	    db_run(db, f,
		"DELETE FROM scan WHERE feed = ?"
		" AND path IN (SELECT path FROM scanned)",
		"i", s->feed) == -1)
		return -1;
	return db_run(db, f,
	    "INSERT INTO scan"
	    " SELECT ?, path, stamp, kind, shelved, trouble FROM scanned"
	    " WHERE kind <> 0 OR trouble IS NOT NULL",
	    "i", s->feed);
}

/*
 * What has no path, such as a folder whose name is no page's: remembered as
 * "!<where>".
 */
static int
nameless(struct scan *s, const struct wiki_entry *e, struct fault *f)
{
	OWNED_BUF struct buf key = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	int64_t known;

	if (e->page != NULL && scan_kind(s->rules, e->page) == ITEM_NONE)
		return 0;
	if (buf_format(&key, f, "!%s", e->where) == -1 ||
	    buf_format(&text, f, "'%s': %s", e->where, e->trouble) == -1)
		return -1;
	if (db_one(s->ledger->db, 0, &known, f,
		"SELECT count(*) FROM scan WHERE feed = ? AND path = ?", "it",
		s->feed, key.data) == -1)
		return -1;
	s->result->stamps |= known == 0;
	if (note_row(s, key.data, "", ITEM_NONE, false, e->trouble, f) == -1)
		return -1;
	return scan_say(s->result, text.data, known > 0, f);
}

/* ---- rows of the cache ---- */

static int
next_row(struct scan *s, struct fault *f)
{
	struct remembered *r = &s->row;

	if (db_next(&s->rows, &r->have, f) == -1)
		return -1;
	if (!r->have)
		return 0;
	r->path = db_text(&s->rows, 0);
	r->stamp = db_text(&s->rows, 1);
	r->kind = (enum item_kind)db_int(&s->rows, 2);
	r->shelved = db_int(&s->rows, 3) != 0;
	r->trouble = db_text(&s->rows, 4);
	return r->path != NULL && r->stamp != NULL ? 0 : fault_memory(f);
}

static int
remember(struct scan *s, const char *stamp, enum item_kind kind, bool shelved,
    const char *trouble, struct fault *f)
{
	s->result->stamps = true;
	return note_row(s, s->path.data, stamp, kind, shelved, trouble, f);
}

/* The wiki does not have the row's item any more, or the feed not. */
static int
gone(struct scan *s, const struct remembered *row, struct fault *f)
{
	s->result->stamps = true;
	if (note_row(s, row->path, "", ITEM_NONE, false, NULL, f) == -1)
		return -1;
	if (!row->shelved)
		return 0;
	s->result->dropped++;
	return shelf_drop(s->ledger->shelf, s->feed, s->serial, row->path, f);
}

/* ---- reading ---- */

static int
take_text(char **to, const char *from,
    int (*check)(const char *, struct fault *), struct fault *f)
{
	struct fault ignored = { 0 };

	/* What describes the edit is left out rather than the edit refused. */
	if (from == NULL || *from == '\0' || check(from, &ignored) == -1)
		return 0;
	*to = strdup(from);
	return *to != NULL ? 0 : fault_memory(f);
}

static int
note_check(const char *text, struct fault *f)
{
	return name_check_note(text, NOTE_MAX, f);
}

static int
make_item(const struct wiki_entry *e, enum item_kind kind,
    const struct wiki_page *page, struct item *item, struct fault *f)
{
	bool file = e->file != NULL;

	item->kind = file ? ITEM_ATTACHMENT : kind;
	item->name = strdup(file ? e->file : e->page);
	item->page = file ? strdup(e->page) : NULL;
	if (item->name == NULL || (file && item->page == NULL))
		return fault_memory(f);
	item->updated = page->updated > 0 ? page->updated : 0;
	item->size = (int64_t)page->text.len;
	digest_of(page->text.data, page->text.len, &item->digest);
	if (take_text(&item->author, page->author, note_check, f) == -1 ||
	    take_text(&item->comment, page->comment, note_check, f) == -1)
		return -1;
	return file ? 0 :
		      take_text(&item->lang, page->lang, name_check_lang, f);
}

/*
 * An engine that knows no markup leaves a page's as it was published: a feed
 * may have come into its folder from a wiki that knows (init --take-over).
 */
static int
take_format(const struct wiki_page *page, const struct item *was,
    struct item *item, struct fault *f)
{
	const char *format = item->kind != ITEM_PAGE ? "text" :
	    page->format != NULL		     ? page->format :
	    was->kind == ITEM_PAGE		     ? was->format :
						       "text";

	if (item->kind == ITEM_ATTACHMENT)
		return 0;
	return take_text(&item->format, format, name_check_format, f);
}

/* May these bytes be the item's content, and the names in a feed? */
static int
judge(const struct item *item, const struct wiki_page *page, struct fault *f)
{
	if (item_check(item, f) == -1)
		return -1;
	if (item->size > ITEM_SIZE_MAX)
		return fault_set(f, FAULT_LIMIT, "larger than %lld bytes",
		    (long long)ITEM_SIZE_MAX);
	if (item_is_text(item->kind))
		return text_check(page->text.data, page->text.len, f);
	return 0;
}

static int
shelve(struct scan *s, const struct item *was, const struct item *item,
    const struct wiki_page *page, struct fault *f)
{
	if (was->kind != ITEM_NONE && item_same_state(was, item))
		return 0;
	s->result->put++;
	if (shelf_keep_bytes(s->ledger->shelf, &item->digest, page->text.data,
		page->text.len, f) == -1)
		return -1;
	return shelf_put(s->ledger->shelf, s->feed, s->serial, item, f);
}

/* The remembered row of the entry at hand, or NULL. */
static const struct remembered *
row_of(const struct scan *s)
{
	return s->row.have && strcmp(s->row.path, s->path.data) == 0 ? &s->row :
								       NULL;
}

/* What was published before stays; each cause is said once. */
static int
cannot(struct scan *s, const struct item *named, const char *stamp,
    const struct fault *why, struct fault *f)
{
	const struct remembered *row = row_of(s);
	bool shelved = row != NULL && row->shelved;
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	bool known;

	if (why->kind == FAULT_MEMORY || why->kind == FAULT_BUG) {
		*f = *why;
		return -1;
	}
	s->result->items += shelved;
	if (why->kind == FAULT_BUSY) /* someone saves it: the next run */
		return 0;
	if (item_describe(named, &text, f) == -1)
		return -1;
	if (strncmp(why->text, text.data, text.len) == 0)
		buf_reset(&text); /* it names the item */
	else if (buf_add_text(&text, ": ", f) == -1)
		return -1;
	if (buf_add_text(&text, why->text, f) == -1)
		return -1;
	known = row != NULL && row->trouble != NULL &&
	    strcmp(row->trouble, text.data) == 0;
	if (scan_say(s->result, text.data, known, f) == -1)
		return -1;
	return remember(s, stamp, named->kind, shelved, text.data, f);
}

/* Deleted, though the walk had to show it: remembered, lest it is read anew. */
static int
deleted(struct scan *s, const struct item *named, const char *stamp,
    struct fault *f)
{
	const struct remembered *row = row_of(s);

	if (row != NULL && gone(s, row, f) == -1)
		return -1;
	if (stamp[0] == '\0')
		return 0;
	return remember(s, stamp, named->kind, false, NULL, f);
}

static int
read_item(struct scan *s, const struct wiki_entry *e, const struct item *named,
    struct fault *f)
{
	OWNED(wiki_page_clear) struct wiki_page page;
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };
	OWNED_ITEM struct item was = { .kind = ITEM_NONE };
	struct fault why = { 0 };
	bool have;

	wiki_page_init(&page);
	if (wiki_read(s->wiki, e->page, e->file, &page, &why) == -1)
		return cannot(s, named, "", &why, f);
	if (!page.present)
		return deleted(s, named, page.stamp, f);
	if (make_item(e, named->kind, &page, &item, f) == -1 ||
	    shelf_get(s->ledger->shelf, s->feed, s->previous, s->path.data,
		&was, &have, f) == -1 ||
	    take_format(&page, &was, &item, f) == -1)
		return -1;
	if (judge(&item, &page, &why) == -1)
		return cannot(s, named, page.stamp, &why, f);
	s->result->items++;
	if (shelve(s, &was, &item, &page, f) == -1)
		return -1;
	return remember(s, page.stamp, item.kind, true, NULL, f);
}

/* ---- the pass ---- */

static int
unchanged(struct scan *s, struct fault *f)
{
	s->result->items += s->row.shelved;
	if (s->row.trouble != NULL)
		return scan_say(s->result, s->row.trouble, true, f);
	return 0;
}

/* Find the path of the item at hand, which must come after the last one's. */
static int
find_path(struct scan *s, const struct item *named, struct fault *f)
{
	struct buf before = s->last;

	s->last = s->path;
	s->path = before;
	buf_reset(&s->path);
	if (item_path(named, &s->path, f) == -1)
		return -1;
	/* A walk out of order would look like removals. */
	if (strcmp(s->path.data, s->last.data) <= 0)
		return fault_set(f, FAULT_BUG, "'%s' comes after '%s'",
		    s->path.data, s->last.data);
	return 0;
}

/* Rows before the path are of items that the walk does not show any more. */
static int
catch_up(struct scan *s, struct fault *f)
{
	while (s->row.have && strcmp(s->row.path, s->path.data) < 0)
		if (gone(s, &s->row, f) == -1 || next_row(s, f) == -1)
			return -1;
	return 0;
}

static int
meet(struct scan *s, struct wiki_walk *walk, const struct wiki_entry *e,
    struct fault *f)
{
	enum item_kind kind = scan_kind(s->rules, e->page);
	struct item named = { .kind = e->file != NULL ? ITEM_ATTACHMENT : kind,
		.name = e->file != NULL ? e->file : e->page,
		.page = e->file != NULL ? e->page : NULL };
	const struct remembered *row;
	bool same;

	if (kind == ITEM_NONE)
		return 0;
	if (find_path(s, &named, f) == -1 || catch_up(s, f) == -1)
		return -1;
	row = row_of(s);
	same = row != NULL && row->kind == named.kind &&
	    wiki_walk_same(walk, row->stamp);
	if (same ? unchanged(s, f) == -1 : read_item(s, e, &named, f) == -1)
		return -1;
	return row != NULL ? next_row(s, f) : 0;
}

static int
pass(struct scan *s, struct fault *f)
{
	OWNED(wiki_walk_close) struct wiki_walk *walk = NULL;
	OWNED(progress_end) struct progress bar = { .label = NULL };
	const struct wiki_entry *entry;
	int64_t seen = 0;
	bool have;

	if (wiki_walk_open(s->wiki, &walk, f) == -1 || next_row(s, f) == -1)
		return -1;
	progress_start(&bar, "reading the wiki", 0, 0);
	for (;;) {
		if (wiki_walk_next(walk, &entry, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (entry->trouble != NULL ? nameless(s, entry, f) == -1 :
					     meet(s, walk, entry, f) == -1)
			return -1;
		progress_set(&bar, 0, ++seen);
	}
	while (s->row.have)
		if (gone(s, &s->row, f) == -1 || next_row(s, f) == -1)
			return -1;
	return 0;
}

int
scan_wiki(struct ledger *ledger, const struct ledger_feed *feed,
    const struct scan_rules *rules, struct wiki *wiki, int64_t serial,
    struct scan_result *result, struct fault *f)
{
	struct scan s = {
		.ledger = ledger,
		.feed = feed->row,
		.serial = serial,
		.previous = feed->serial,
		.rules = rules,
		.wiki = wiki,
		.result = result,
		.rows = DB_QUERY_INIT,
		.path = BUF_INIT(ITEM_PATH_MAX - 1),
		.last = BUF_INIT(ITEM_PATH_MAX - 1),
	};
	int rc;

	scan_result_clear(result);
	if (start_rows(&s, f) == -1)
		return -1;
	rc = db_query(ledger->db, &s.rows, f,
	    "SELECT path, stamp, kind, shelved, trouble FROM scan"
	    " WHERE feed = ? AND path >= 'items/' ORDER BY path",
	    "i", feed->row);
	if (rc == 0)
		rc = pass(&s, f);
	db_done(&s.rows);
	buf_clear(&s.path);
	buf_clear(&s.last);
	if (rc == 0)
		rc = end_rows(&s, f);
	if (rc == 0 && result->items > ITEM_COUNT_MAX)
		return fault_set(f, FAULT_LIMIT, "more than %d items",
		    ITEM_COUNT_MAX);
	return rc;
}
