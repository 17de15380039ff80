#include "gen/glance.h"

#include <stdlib.h>
#include <string.h>

#include "items/windows.h"

const char glance_schema[] =
    "CREATE TABLE glance ("
    " feed INTEGER PRIMARY KEY, serial INTEGER NOT NULL,"
    " digest BLOB NOT NULL, windows BLOB NOT NULL);";

struct glance {
	struct ledger *ledger;
	const struct ledger_feed *feed; /* as published before */
	int64_t serial;			/* in the making */
	struct lint *lint;
	struct windows *windows;
	struct buf text;
};

static void
glance_clear(struct glance *g)
{
	free(g->windows);
	buf_clear(&g->text);
}

/* ---- the row ---- */

/* have: it is there and whole. */
static int
load(struct glance *g, int64_t *since, bool *have, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	const void *bits, *digest;
	struct digest is;
	size_t n, size;

	*since = 0;
	if (db_query(g->ledger->db, &q, f,
		"SELECT serial, digest, windows FROM glance WHERE feed = ?",
		"i", g->feed->row) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	*since = db_int(&q, 0);
	digest = db_blob(&q, 1, &size);
	bits = db_blob(&q, 2, &n);
	digest_of(bits, n, &is);
	*have = n == sizeof(*g->windows) && size == sizeof(is.bytes) &&
	    memcmp(digest, is.bytes, size) == 0;
	if (*have)
		memcpy(g->windows, bits, n);
	return 0;
}

/*
 * For the serial before: the one in the making may come to nothing, and then
 * another one has its number.
 */
static int
save(struct glance *g, struct fault *f)
{
	struct digest digest;

	digest_of(g->windows, sizeof(*g->windows), &digest);
	return db_run(g->ledger->db, f,
	    "INSERT INTO glance (feed, serial, digest, windows)"
	    " VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
	    " serial = excluded.serial, digest = excluded.digest,"
	    " windows = excluded.windows",
	    "iidb", g->feed->row, g->feed->serial, &digest, g->windows,
	    sizeof(*g->windows));
}

/* ---- pages ---- */

/* The text of a page that patterns must not match; have: it is one. */
static int
read_page(struct glance *g, const struct item *item, bool *have,
    struct fault *f)
{
	*have = item->kind == ITEM_PAGE;
	buf_reset(&g->text);
	if (!*have)
		return 0;
	return shelf_content_bytes(g->ledger->shelf, &item->digest, &g->text,
	    f);
}

static int
learn_changes(struct glance *g, int64_t since, struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	const struct item *was, *is;
	const char *path;
	bool have, page;

	if (shelf_diff_open(g->ledger->shelf, g->feed->row, since, g->serial,
		&diff, f) == -1)
		return -1;
	for (;;) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (read_page(g, is, &page, f) == -1 ||
		    (page &&
			lint_learn_page(g->lint, g->windows, is->name,
			    g->text.data, g->text.len, f) == -1))
			return -1;
	}
}

/* All pages; their windows are learned on the way. */
static int
search_all(struct glance *g, struct fault *f)
{
	OWNED(shelf_walk_close) struct shelf_walk *walk = NULL;
	const struct item *item;
	const char *path;
	bool have, page;

	if (shelf_walk_open(g->ledger->shelf, g->feed->row, g->serial, &walk,
		f) == -1)
		return -1;
	for (;;) {
		if (shelf_walk_next(walk, &item, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (read_page(g, item, &page, f) == -1 ||
		    (page &&
			(lint_learn_page(g->lint, g->windows, item->name,
			     g->text.data, g->text.len, f) == -1 ||
			    lint_search_page(g->lint, item->name, g->text.data,
				g->text.len, f) == -1)))
			return -1;
	}
}

static int
search(struct glance *g, struct fault *f)
{
	int64_t since;
	bool have;

	g->windows = calloc(1, sizeof(*g->windows));
	if (g->windows == NULL)
		return fault_memory(f);
	if (load(g, &since, &have, f) == -1 ||
	    (have && learn_changes(g, since, f) == -1))
		return -1;
	if ((!have || lint_may_match(g->lint, g->windows)) &&
	    search_all(g, f) == -1)
		return -1;
	return save(g, f);
}

int
glance_search(struct ledger *ledger, const struct ledger_feed *feed,
    int64_t serial, struct lint *lint, struct fault *f)
{
	OWNED(glance_clear) struct glance g = { .ledger = ledger,
		.feed = feed,
		.serial = serial,
		.lint = lint,
		.text = BUF_INIT(BUF_ANY) };

	return search(&g, f);
}
