#include "feeds/shelf.h"

#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "feeds/contents.h"
#include "feeds/state.h"

#define COPIED 65536 /* bytes up to which a copy costs less than a map */

/*
 * Rows lie in the order of a walk.  The two indexes find what changed
 * between two serials; the triggers keep count of who names a content.
 */
const char shelf_schema[] = CONTENTS_SCHEMA
    "CREATE TABLE shelf_row ("
    " feed INTEGER NOT NULL,"
    " path TEXT NOT NULL,"
    " first INTEGER NOT NULL,"
    " until INTEGER,"
    " kind TEXT NOT NULL,"
    " digest BLOB NOT NULL,"
    " size INTEGER NOT NULL,"
    " format TEXT,"
    " lang TEXT,"
    " author TEXT,"
    " comment TEXT,"
    " updated INTEGER NOT NULL,"
    " bare INTEGER NOT NULL DEFAULT 0," /* it names its content no more */
    " PRIMARY KEY (feed, path, first)) WITHOUT ROWID;"
    "CREATE INDEX shelf_row_first ON shelf_row (feed, first);"
    "CREATE INDEX shelf_row_until ON shelf_row (feed, until)"
    " WHERE until IS NOT NULL;"
    "CREATE INDEX shelf_row_past ON shelf_row (feed, until)"
    " WHERE until IS NOT NULL AND bare = 0;"
    "CREATE TABLE shelf_wanted (" /* serials that shelf_thin() is told of */
    " feed INTEGER NOT NULL,"
    " serial INTEGER NOT NULL,"
    " PRIMARY KEY (feed, serial)) WITHOUT ROWID;"
    "CREATE TRIGGER shelf_row_came AFTER INSERT ON shelf_row "
    "BEGIN"
    " UPDATE shelf_content SET refs = refs + 1 WHERE digest = NEW.digest; "
    "END;"
    "CREATE TRIGGER shelf_row_went AFTER DELETE ON shelf_row "
    "WHEN OLD.bare = 0 "
    "BEGIN"
    " UPDATE shelf_content SET refs = refs - 1 WHERE digest = OLD.digest; "
    "END;"
    "CREATE TRIGGER shelf_row_bared AFTER UPDATE OF bare ON shelf_row "
    "BEGIN"
    " UPDATE shelf_content SET refs = refs - 1 WHERE digest = OLD.digest; "
    "END;";

struct shelf {
	struct contents contents;
};

int
shelf_open(struct db *db, int folder, struct shelf **out, struct fault *f)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf));

	if (shelf == NULL)
		return fault_memory(f);
	shelf->contents.db = db;
	shelf->contents.folder = folder;
	*out = shelf;
	return 0;
}

void
shelf_close(struct shelf **shelf)
{
	free(*shelf);
	*shelf = NULL;
}

static struct db *
db_of(struct shelf *shelf)
{
	return shelf->contents.db;
}

/* ---- contents ---- */

int
shelf_keep(struct shelf *shelf, const struct digest *digest, int fd, int64_t at,
    int64_t n, struct fault *f)
{
	OWNED(map_close) struct map map = MAP_NONE;
	OWNED_BUF struct buf copy = BUF_INIT(COPIED);

	if (n <= COPIED) {
		if (file_read_part(fd, at, (size_t)n, &copy, f) == -1)
			return -1;
		return contents_keep(&shelf->contents, digest, copy.data,
		    copy.len, f);
	}
	if (map_open(fd, at, n, &map, f) == -1)
		return -1;
	return contents_keep(&shelf->contents, digest, map.bytes, map.size, f);
}

int
shelf_keep_bytes(struct shelf *shelf, const struct digest *digest,
    const void *bytes, size_t n, struct fault *f)
{
	return contents_keep(&shelf->contents, digest, bytes, n, f);
}

int
shelf_has(struct shelf *shelf, const struct digest *digest, bool *have,
    struct fault *f)
{
	return contents_have(&shelf->contents, digest, have, f);
}

int
shelf_content(struct shelf *shelf, const struct digest *digest, int64_t size,
    int out, struct fault *f)
{
	return contents_copy(&shelf->contents, digest, size, out, f);
}

int
shelf_content_bytes(struct shelf *shelf, const struct digest *digest,
    struct buf *out, struct fault *f)
{
	return contents_read(&shelf->contents, digest, out, f);
}

/* ---- changes ---- */

/*
 * End the row that holds at a path; had says whether there was one.  A row
 * that began with this very serial never held: it goes.
 */
static int
end_row(struct shelf *shelf, int64_t feed, int64_t serial, const char *path,
    bool *had, struct fault *f)
{
	int64_t first;

	if (db_one(db_of(shelf), 0, &first, f,
		"SELECT"
		" CASE WHEN until IS NULL THEN first END FROM shelf_row"
		" WHERE feed = ? AND path = ? ORDER BY first DESC LIMIT 1",
		"it", feed, path) == -1)
		return -1;
	*had = first != 0;
	if (first > serial)
		return fault_set(f, FAULT_BUG,
		    "serial %lld of '%s' after "
		    "%lld",
		    (long long)serial, path, (long long)first);
	if (first == 0)
		return 0;
	if (first == serial)
		return db_run(db_of(shelf), f,
		    "DELETE FROM shelf_row"
		    " WHERE feed = ? AND path = ? AND first = ?",
		    "iti", feed, path, first);
	return db_run(db_of(shelf), f,
	    "UPDATE shelf_row SET until = ?"
	    " WHERE feed = ? AND path = ? AND first = ?",
	    "iiti", serial, feed, path, first);
}

int
shelf_put(struct shelf *shelf, int64_t feed, int64_t serial,
    const struct item *item, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX - 1);
	bool kept, had;

	if (item_path(item, &path, f) == -1 ||
	    contents_have(&shelf->contents, &item->digest, &kept, f) == -1)
		return -1;
	if (!kept)
		return fault_set(f, FAULT_BUG, "content of '%s' was not kept",
		    path.data);
	if (end_row(shelf, feed, serial, path.data, &had, f) == -1)
		return -1;
	return db_run(db_of(shelf), f,
	    "INSERT INTO shelf_row (feed, path,"
	    " first, kind, digest, size, format, lang, author, comment,"
	    " updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ititditttti", feed, path.data, serial, item_kind_text(item->kind),
	    &item->digest, item->size, item->format, item->lang, item->author,
	    item->comment, item->updated);
}

int
shelf_drop(struct shelf *shelf, int64_t feed, int64_t serial, const char *path,
    struct fault *f)
{
	bool had;

	if (end_row(shelf, feed, serial, path, &had, f) == -1)
		return -1;
	if (!had)
		return fault_set(f, FAULT_FORMAT,
		    "'%s' is dropped, and is not there", path);
	return 0;
}

int
shelf_drop_all(struct shelf *shelf, int64_t feed, int64_t serial,
    struct fault *f)
{
	if (db_run(db_of(shelf), f,
		"DELETE FROM shelf_row"
		" WHERE feed = ? AND until IS NULL AND first = ?",
		"ii", feed, serial) == -1)
		return -1;
	return db_run(db_of(shelf), f,
	    "UPDATE shelf_row SET until = ?"
	    " WHERE feed = ? AND until IS NULL",
	    "ii", serial, feed);
}

int
shelf_prune(struct shelf *shelf, int64_t feed, int64_t oldest, struct fault *f)
{
	if (contents_tidy(&shelf->contents, f) == -1 ||
	    db_run(db_of(shelf), f,
		"DELETE FROM shelf_row"
		" WHERE feed = ? AND until IS NOT NULL AND until <= ?",
		"ii", feed, oldest) == -1)
		return -1;
	return contents_forget(&shelf->contents, f);
}

int
shelf_thin(struct shelf *shelf, int64_t feed, const int64_t *serials,
    size_t count, struct fault *f)
{
	size_t i;

	if (contents_tidy(&shelf->contents, f) == -1 ||
	    db_run(db_of(shelf), f, "DELETE FROM shelf_wanted WHERE feed = ?",
		"i", feed) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if (db_run(db_of(shelf), f,
			"INSERT INTO shelf_wanted"
			" (feed, serial) VALUES (?, ?) ON CONFLICT DO NOTHING",
			"ii", feed, serials[i]) == -1)
			return -1;
	/* SQLite would look at all rows, not only at those that ended. */
	if (db_run(db_of(shelf), f,
		"UPDATE shelf_row"
		" INDEXED BY shelf_row_past SET bare = 1"
		" WHERE feed = ? AND until IS NOT NULL AND bare = 0"
		" AND NOT EXISTS (SELECT 1 FROM shelf_wanted w"
		"  WHERE w.feed = shelf_row.feed AND w.serial >= shelf_row.first"
		"  AND w.serial < shelf_row.until)",
		"i", feed) == -1)
		return -1;
	return contents_forget(&shelf->contents, f);
}

int
shelf_forget(struct shelf *shelf, int64_t feed, struct fault *f)
{
	if (db_run(db_of(shelf), f, "DELETE FROM shelf_row WHERE feed = ?", "i",
		feed) == -1 ||
	    db_run(db_of(shelf), f, "DELETE FROM shelf_wanted WHERE feed = ?",
		"i", feed) == -1)
		return -1;
	return contents_forget(&shelf->contents, f);
}

/* ---- looking ---- */

/* Columns that fill_item() reads, from 0 on. */
#define ITEM_COLUMNS \
	"path, kind, digest, size, format, lang, author, comment, updated"

static int
copy_text(const struct db_query *q, int column, char **out, struct fault *f)
{
	const char *text = db_text(q, column);

	if (text == NULL)
		return 0;
	*out = strdup(text);
	return *out == NULL ? fault_memory(f) : 0;
}

/* Replace what item holds by the row at hand. */
static int
fill_item(const struct db_query *q, struct item *item, struct fault *f)
{
	struct fault cause = { 0 };

	item_clear(item);
	if (item_from_path(db_text(q, 0), item, &cause) == -1)
		return fault_set(f, FAULT_SYSTEM, "database is damaged: %s",
		    cause.text);
	item->kind = item_kind_parse(db_text(q, 1));
	item->size = db_int(q, 3);
	item->updated = db_int(q, 8);
	if (db_digest(q, 2, &item->digest, f) == -1 ||
	    copy_text(q, 4, &item->format, f) == -1 ||
	    copy_text(q, 5, &item->lang, f) == -1 ||
	    copy_text(q, 6, &item->author, f) == -1)
		return -1;
	return copy_text(q, 7, &item->comment, f);
}

int
shelf_get(struct shelf *shelf, int64_t feed, int64_t serial, const char *path,
    struct item *item, bool *have, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	*have = false;
	if (db_query(db_of(shelf), &q, f,
		"SELECT " ITEM_COLUMNS ", until"
		" FROM shelf_row WHERE feed = ? AND path = ? AND first <= ?"
		" ORDER BY first DESC LIMIT 1",
		"iti", feed, path, serial) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	if (*have && !db_null(&q, 9) && db_int(&q, 9) <= serial)
		*have = false;
	return *have ? fill_item(&q, item, f) : 0;
}

int
shelf_since(struct shelf *shelf, int64_t feed, int64_t serial, const char *path,
    int64_t *since, struct fault *f)
{
	return db_one(db_of(shelf), 0, since, f,
	    "SELECT coalesce(max(CASE WHEN until <= ?3 THEN until"
	    " ELSE first END), 0)"
	    " FROM shelf_row WHERE feed = ?1 AND path = ?2 AND first <= ?3",
	    "iti", feed, path, serial);
}

struct shelf_walk {
	struct db_query q;
	struct item item;
};

/* "+" keeps SQLite from an index that would have it sort the rows. */
#define WALK(columns) \
	"SELECT " columns " FROM shelf_row WHERE feed = ?1" \
	" AND +first <= ?2 AND (until IS NULL OR +until > ?2)" \
	" ORDER BY path"

int
shelf_walk_open(struct shelf *shelf, int64_t feed, int64_t serial,
    struct shelf_walk **out, struct fault *f)
{
	OWNED(shelf_walk_close) struct shelf_walk *walk =
	    calloc(1, sizeof(*walk));

	if (walk == NULL)
		return fault_memory(f);
	walk->q = (struct db_query)DB_QUERY_INIT;
	if (db_query(db_of(shelf), &walk->q, f, WALK(ITEM_COLUMNS), "ii", feed,
		serial) == -1)
		return -1;
	*out = own_give(&walk);
	return 0;
}

int
shelf_walk_next(struct shelf_walk *walk, const struct item **item,
    const char **path, bool *have, struct fault *f)
{
	if (db_next(&walk->q, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	*item = &walk->item;
	*path = db_text(&walk->q, 0);
	return fill_item(&walk->q, &walk->item, f);
}

void
shelf_walk_close(struct shelf_walk **walk)
{
	if (*walk == NULL)
		return;
	db_done(&(*walk)->q);
	item_clear(&(*walk)->item);
	free(*walk);
	*walk = NULL;
}

int
shelf_state(struct shelf *shelf, int64_t feed, int64_t serial,
    struct digest *out, int64_t *count, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	struct state_run run;
	struct digest digest;
	int64_t n = 0;
	bool have;

	if (db_query(db_of(shelf), &q, f,
		WALK("path, kind, digest, size, format, lang"), "ii", feed,
		serial) == -1)
		return -1;
	state_start(&run);
	for (;; n++) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (db_digest(&q, 2, &digest, f) == -1 ||
		    state_add_row(&run, item_kind_parse(db_text(&q, 1)),
			&digest, db_int(&q, 3), db_text(&q, 4), db_text(&q, 5),
			db_text(&q, 0), f) == -1)
			return -1;
	}
	state_end(&run, out);
	*count = n;
	return 0;
}

/* ---- differences ---- */

struct shelf_diff {
	struct shelf *shelf;
	int64_t feed, from, to;
	struct db_query q; /* paths that a row began or ended at, or a walk */
	struct item was, is;
};

/* Beside the empty state it is a walk through the other one. */
static bool
is_walk(const struct shelf_diff *d)
{
	return d->from == 0 || d->to == 0;
}

void
shelf_diff_close(struct shelf_diff **diff)
{
	if (*diff == NULL)
		return;
	db_done(&(*diff)->q);
	item_clear(&(*diff)->was);
	item_clear(&(*diff)->is);
	free(*diff);
	*diff = NULL;
}

int
shelf_diff_open(struct shelf *shelf, int64_t feed, int64_t from, int64_t to,
    struct shelf_diff **out, struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *d = calloc(1, sizeof(*d));
	int64_t low = from < to ? from : to, high = from < to ? to : from;

	if (d == NULL)
		return fault_memory(f);
	*d = (struct shelf_diff){ .shelf = shelf,
		.feed = feed,
		.from = from,
		.to = to,
		.q = DB_QUERY_INIT };
	if (is_walk(d)) {
		if (db_query(db_of(shelf), &d->q, f, WALK(ITEM_COLUMNS), "ii",
			feed, high) == -1)
			return -1;
	} else if (db_query(db_of(shelf), &d->q, f,
		       "SELECT path FROM shelf_row WHERE feed = ?1"
		       " AND first > ?2 AND first <= ?3"
		       " UNION SELECT path FROM shelf_row WHERE feed = ?1"
		       " AND until > ?2 AND until <= ?3"
		       " ORDER BY path",
		       "iii", feed, low, high) == -1)
		return -1;
	*out = own_give(&d);
	return 0;
}

/* The item of the row at hand at a serial; an empty one if there is none. */
static int
look(struct shelf_diff *d, int64_t serial, struct item *item, struct fault *f)
{
	bool have;

	if (serial != 0 && is_walk(d))
		return fill_item(&d->q, item, f);
	item_clear(item);
	if (serial == 0)
		return 0;
	return shelf_get(d->shelf, d->feed, serial, db_text(&d->q, 0), item,
	    &have, f);
}

int
shelf_diff_next(struct shelf_diff *diff, const struct item **was,
    const struct item **is, const char **path, bool *have, struct fault *f)
{
	do {
		if (db_next(&diff->q, have, f) == -1)
			return -1;
		if (!*have)
			return 0;
		*path = db_text(&diff->q, 0);
		if (look(diff, diff->from, &diff->was, f) == -1 ||
		    look(diff, diff->to, &diff->is, f) == -1)
			return -1;
	} while (item_same_state(&diff->was, &diff->is));
	*was = &diff->was;
	*is = &diff->is;
	return 0;
}
