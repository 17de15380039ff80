#include "fetch/proof.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "feeds/parcel.h"
#include "items/lint.h"
#include "items/patterns.h"

#define FLUSH_FROM (1 * MIB) /* texts wait in memory up to here */

struct texts {
	struct buf waiting;
	int fd;
	int64_t size;
};

static int
flush(struct texts *t, struct fault *f)
{
	if (file_write(t->fd, t->waiting.data, t->waiting.len, f) == -1)
		return -1;
	t->size += (int64_t)t->waiting.len;
	buf_reset(&t->waiting);
	return 0;
}

static int
add_text(struct texts *t, const char *where, const char *text, size_t n,
    struct fault *f)
{
	if (parcel_put_text(&t->waiting, where, f) == -1 ||
	    parcel_put_bytes(&t->waiting, text, n, f) == -1)
		return -1;
	return (int64_t)t->waiting.len > FLUSH_FROM ? flush(t, f) : 0;
}

/* Of a URL: what a link to this place begins with. */
static int
add_url(struct texts *t, const char *what, const char *url, struct fault *f)
{
	char where[LINT_REASON / 2];

	(void)snprintf(where, sizeof(where), "%s '%s'", what, url);
	return add_text(t, where, url, strlen(url), f);
}

static int
add_urls(struct texts *t, const struct settings *settings, struct fault *f)
{
	size_t i, k;

	for (i = 0; i < settings->follow_count; i++) {
		const struct follow_settings *follow = &settings->follows[i];

		if (follow->url != NULL &&
		    add_url(t, "this copy's address", follow->url, f) == -1)
			return -1;
		for (k = 0; k < follow->mirrors.count; k++)
			if (add_url(t, "mirror", follow->mirrors.word[k], f) ==
			    -1)
				return -1;
	}
	return 0;
}

/* Lists match themselves: the paths of those that are in this wiki. */
static int
find_lists(const struct look_at *at, struct words *lists, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(at->book->db, &q, f,
		"SELECT path FROM installed, target WHERE kind = ?"
		" AND target.feed = installed.feed AND target.wiki = ?",
		"it", (int64_t)ITEM_PATTERNS, at->follow->wiki) == -1)
		return -1;
	for (;;) {
		OWNED_ITEM struct item item = { .kind = ITEM_NONE };

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (item_from_path(db_text(&q, 0), &item, f) == -1 ||
		    words_add(lists, item.name, f) == -1)
			return -1;
	}
}

static bool
is_list(const struct words *lists, const char *page)
{
	size_t i;

	for (i = 0; i < lists->count; i++)
		if (strcmp(lists->word[i], page) == 0)
			return true;
	return patterns_is_list(page);
}

static int
add_page(struct texts *t, const char *name, const struct wiki_page *page,
    struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	char where[LINT_REASON / 2];

	(void)snprintf(where, sizeof(where), "page '%s'", name);
	if (buf_add_text(&text, name, f) == -1 ||
	    buf_add_text(&text, "\n", f) == -1 ||
	    buf_add(&text, page->text.data, page->text.len, f) == -1)
		return -1;
	return add_text(t, where, text.data, text.len, f);
}

/* Pages that this feed brought, in the order of a walk. */
struct brought {
	struct db_query q;
	bool have;
};

static int
brought_open(struct brought *b, const struct look_at *at, struct fault *f)
{
	if (db_query(at->book->db, &b->q, f,
		"SELECT path, revision FROM installed"
		" WHERE feed = ? AND kind = ? ORDER BY path",
		"ii", at->feed->row, (int64_t)ITEM_PAGE) == -1)
		return -1;
	return db_next(&b->q, &b->have, f);
}

/* Is the page still what the feed brought?  Its revision tells, if known. */
static int
is_as_brought(struct brought *b, const struct look_at *at, const char *page,
    bool *is, struct fault *f)
{
	const struct item item = { .kind = ITEM_PAGE, .name = (char *)page };
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
	OWNED_MEM char *revision = NULL;
	struct fault why = { 0 };

	if (item_path(&item, &path, f) == -1)
		return -1;
	while (b->have && strcmp(db_text(&b->q, 0), path.data) < 0)
		if (db_next(&b->q, &b->have, f) == -1)
			return -1;
	*is = b->have && strcmp(db_text(&b->q, 0), path.data) == 0 &&
	    !db_null(&b->q, 1);
	if (!*is)
		return 0;
	if (wiki_revision(at->wiki, page, NULL, &revision, &why) == -1) {
		*is = false; /* reading it will tell */
		return 0;
	}
	*is = revision != NULL && strcmp(revision, db_text(&b->q, 1)) == 0;
	return 0;
}

/* One that this feed brought is not read: see the header. */
static int
add_entry(struct texts *t, const struct look_at *at, const char *name,
    struct brought *brought, struct fault *f)
{
	OWNED(wiki_page_clear) struct wiki_page page;
	bool is;

	wiki_page_init(&page);
	if (is_as_brought(brought, at, name, &is, f) == -1)
		return -1;
	if (is)
		return 0;
	if (wiki_read_if_can(at->wiki, name, &page, f) == -1)
		return -1;
	return page.present ? add_page(t, name, &page, f) : 0;
}

static int
add_pages(struct texts *t, const struct look_at *at, const char *list_name,
    struct fault *f)
{
	OWNED_WORDS struct words lists = WORDS_INIT;
	OWNED(wiki_walk_close) struct wiki_walk *walk = NULL;
	struct brought brought = { .q = DB_QUERY_INIT };
	const struct wiki_entry *entry;
	bool have = true;
	int rc;

	if (words_add(&lists, list_name, f) == -1 ||
	    find_lists(at, &lists, f) == -1 ||
	    wiki_walk_open(at->wiki, &walk, f) == -1)
		return -1;
	rc = brought_open(&brought, at, f);
	while (rc == 0 && have) {
		rc = wiki_walk_next(walk, &entry, &have, f);
		if (rc == 0 && have && entry->file == NULL &&
		    entry->trouble == NULL && !is_list(&lists, entry->page))
			rc = add_entry(t, at, entry->page, &brought, f);
	}
	db_done(&brought.q);
	return rc;
}

/* Nobody could judge them, so nobody gets them. */
static int
refuse_all(const struct buf *list, const struct fault *why,
    struct worker_verdict *out, struct fault *f)
{
	struct patterns_walk walk = patterns_walk(list->data, list->len);
	struct patterns_line line;

	worker_verdict_clear(out);
	while (patterns_next(&walk, &line)) {
		struct worker_bad *grown =
		    reallocarray(out->bad, out->count + 1, sizeof(*grown));

		if (grown == NULL)
			return fault_memory(f);
		out->bad = grown;
		out->bad[out->count].line = (int64_t)line.number;
		if (asprintf(&out->bad[out->count].reason,
			"could not be checked: %.200s", why->text) == -1)
			return fault_memory(f);
		out->count++;
	}
	return 0;
}

static int
judge(struct texts *t, const struct look_at *at, const char *name,
    const struct buf *list, struct worker_verdict *out, struct fault *f)
{
	OWNED(worker_stop) struct worker worker = WORKER_INIT;
	struct fault why = { 0 };

	if (file_temporary(at->book->folder, &t->fd, f) == -1 ||
	    add_urls(t, at->settings, f) == -1 ||
	    add_pages(t, at, name, f) == -1 || flush(t, f) == -1)
		return -1;
	if (worker_lint(&worker, list, t->fd, t->size, out, &why) == 0)
		return 0;
	if (why.kind == FAULT_FORMAT || why.kind == FAULT_LIMIT)
		return refuse_all(list, &why, out, f);
	*f = why;
	return -1;
}

int
proof_judge(const struct look_at *at, const char *name, const struct buf *list,
    struct worker_verdict *out, struct fault *f)
{
	struct texts t = { .waiting = BUF_INIT(BUF_ANY), .fd = -1 };
	int rc = judge(&t, at, name, list, out, f);

	own_close_fd(&t.fd);
	buf_clear(&t.waiting);
	return rc;
}
