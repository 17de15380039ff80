#include "fetch/todo.h"

#include "fetch/placed.h"
#include "fetch/record.h"
#include "items/prefix.h"

#define GATE_ITEMS 20 /* removals that always pass */

static int
begin(struct book *book, struct fault *f)
{
	if (db_run(book->db, f,
		"CREATE TEMP TABLE IF NOT EXISTS todo"
		" (path TEXT PRIMARY KEY) WITHOUT ROWID",
		"") == -1)
		return -1;
	return db_run(book->db, f, "DELETE FROM todo", "");
}

static int
add(struct book *book, const char *path, struct fault *f)
{
	return db_run(book->db, f, "INSERT OR IGNORE INTO todo VALUES (?)", "t",
	    path);
}

int
todo_only(struct book *book, const char *path, struct fault *f)
{
	return begin(book, f) == -1 ? -1 : add(book, path, f);
}

static int
list_known(struct book *book, int64_t row, bool whole, struct fault *f)
{
	if (begin(book, f) == -1 ||
	    db_run(book->db, f,
		"INSERT OR IGNORE INTO todo"
		" SELECT path FROM note WHERE feed = ?",
		"i", row) == -1)
		return -1;
	if (!whole)
		return 0;
	return db_run(book->db, f,
	    "INSERT OR IGNORE INTO todo"
	    " SELECT path FROM installed WHERE feed = ?",
	    "i", row);
}

/* Where something is or was; a kind that changes may change the place. */
static int
add_places(struct book *book, const char *prefix, const struct item *was,
    const struct item *is, struct fault *f)
{
	const struct item *const both[] = { was, is };
	size_t i;

	for (i = 0; i < 2; i++) {
		OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);

		if (both[i]->kind == ITEM_NONE)
			continue;
		if (prefix_path(prefix, both[i], &path, f) == -1 ||
		    add(book, path.data, f) == -1)
			return -1;
	}
	return 0;
}

int
todo_make(struct book *book, const struct book_feed *feed,
    const struct follow_settings *follow, bool whole, struct fault *f)
{
	const char *prefix = follow->select.prefix;

	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	const struct item *was, *is;
	const char *path;
	bool have;

	/* From nothing, the difference is the whole state. */
	if (list_known(book, feed->row, whole, f) == -1 ||
	    shelf_diff_open(book->shelf, feed->row, whole ? 0 : feed->settled,
		book_goal(feed), &diff, f) == -1)
		return -1;
	for (;;) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if ((prefix == NULL ?
			    add(book, path, f) :
			    add_places(book, prefix, was, is, f)) == -1)
			return -1;
	}
}

/* Removals of records that the state does not have any more. */
static int
count_gone(struct book *book, const struct book_feed *feed, const char *prefix,
    int64_t *gone, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };
	bool have, there;

	*gone = 0;
	if (db_query(book->db, &q, f,
		"SELECT todo.path FROM todo, installed"
		" WHERE installed.feed = ? AND installed.path = todo.path",
		"i", feed->row) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		item_clear(&item);
		if (placed_get(book, feed, prefix, db_text(&q, 0), &item,
			&there, f) == -1)
			return -1;
		*gone += !there;
	}
}

bool
todo_too_many(int64_t all, int64_t gone, int64_t max_drop)
{
	return gone > GATE_ITEMS && gone * 100 > all * max_drop;
}

int
todo_gate(struct book *book, const struct book_feed *feed,
    const struct follow_settings *follow, bool *hold, struct fault *f)
{
	int64_t all, gone;

	if (record_count(book->db, feed->row, &all, f) == -1 ||
	    count_gone(book, feed, follow->select.prefix, &gone, f) == -1)
		return -1;
	/* Who goes back to a state wants its removals as well. */
	*hold = feed->held_at == 0 && feed->stored > feed->allowed &&
	    todo_too_many(all, gone, follow->max_drop);
	return 0;
}

int
todo_walk(struct book *book, struct db_query *q, int64_t *count,
    struct fault *f)
{
	if (db_one(book->db, 0, count, f, "SELECT count(*) FROM todo", "") ==
	    -1)
		return -1;
	return db_query(book->db, q, f, "SELECT path FROM todo ORDER BY path",
	    "");
}
