#include "gen/ledger.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "gen/glance.h"
#include "gen/lists.h"

#define LOCK_SECONDS 60 /* DESIGN section 3: exit 7 after waiting that long */

static const char schema[] =
    "CREATE TABLE feed ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " uuid TEXT NOT NULL DEFAULT '', serial INTEGER NOT NULL DEFAULT 0,"
    " oldest INTEGER NOT NULL DEFAULT 0,"
    " published INTEGER NOT NULL DEFAULT 0,"
    " updated INTEGER NOT NULL DEFAULT 0,"
    " expires INTEGER NOT NULL DEFAULT 0, made_of BLOB, document BLOB);"
    "CREATE TABLE serial ("
    " feed INTEGER NOT NULL, serial INTEGER NOT NULL, state BLOB NOT NULL,"
    " published INTEGER NOT NULL, summary TEXT NOT NULL,"
    " changes TEXT NOT NULL,"
    " PRIMARY KEY (feed, serial)) WITHOUT ROWID;"
    /* until: NULL while the newest document names it, else a time */
    "CREATE TABLE file ("
    " feed INTEGER NOT NULL, sort INTEGER NOT NULL, serial INTEGER NOT NULL,"
    " origin INTEGER NOT NULL, digest BLOB NOT NULL,"
    " length INTEGER NOT NULL, unpacked INTEGER NOT NULL, until INTEGER,"
    " PRIMARY KEY (feed, sort, serial, origin, digest)) WITHOUT ROWID;"
    "CREATE INDEX file_digest ON file (feed, sort, digest);"
    "CREATE INDEX file_until ON file (feed, until) WHERE until IS NOT NULL;"
    /* One row for each item of the newest state, and one for each item that
       could not be published (trouble says why). */
    "CREATE TABLE scan ("
    " feed INTEGER NOT NULL, path TEXT NOT NULL, stamp TEXT NOT NULL,"
    " kind INTEGER NOT NULL, shelved INTEGER NOT NULL, trouble TEXT,"
    " PRIMARY KEY (feed, path)) WITHOUT ROWID;";

/* Of a feed that was taken over: what others may have published meanwhile. */
static const char ahead[] =
    "ALTER TABLE feed ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;";

static const char *const migrations[] = { schema, shelf_schema, ahead,
	lists_schema, glance_schema };
#define VERSION ((int)(sizeof(migrations) / sizeof(migrations[0])))

int
ledger_open(const char *folder, struct ledger *ledger, struct fault *f)
{
	OWNED_MEM char *path = NULL;

	if (file_make_folders(AT_FDCWD, folder, 0700, f) == -1 ||
	    file_open_folder(AT_FDCWD, folder, &ledger->folder, f) == -1 ||
	    file_check_private(ledger->folder, folder, f) == -1)
		return -1;
	if (file_lock(ledger->folder, "publish.lock", LOCK_SECONDS,
		&ledger->lock, f) == -1)
		return fault_within(f, "state folder '%s'", folder);
	if (asprintf(&path, "%s/publish.db", folder) == -1) {
		path = NULL;
		return fault_memory(f);
	}
	if (db_open(path, migrations, VERSION, &ledger->db, f) == -1)
		return -1;
	return shelf_open(ledger->db, ledger->folder, &ledger->shelf, f);
}

void
ledger_close(struct ledger *ledger)
{
	shelf_close(&ledger->shelf);
	db_close_p(&ledger->db);
	own_close_fd(&ledger->lock);
	own_close_fd(&ledger->folder);
	*ledger = (struct ledger)LEDGER_INIT;
}

void
ledger_feed_clear(struct ledger_feed *feed)
{
	buf_clear(&feed->document);
	*feed = (struct ledger_feed)LEDGER_FEED_INIT;
}

static int
load_columns(struct db_query *q, struct ledger_feed *feed, struct fault *f)
{
	const void *document;
	size_t n;

	feed->row = db_int(q, 0);
	(void)snprintf(feed->id, sizeof(feed->id), "%s", db_text(q, 1));
	feed->serial = db_int(q, 2);
	feed->oldest = db_int(q, 3);
	feed->published = db_int(q, 4);
	feed->updated = db_int(q, 5);
	feed->expires = db_int(q, 6);
	if (!db_null(q, 7) && db_digest(q, 7, &feed->made_of, f) == -1)
		return -1;
	feed->ahead = db_int(q, 9);
	document = db_blob(q, 8, &n);
	return buf_add(&feed->document, document, n, f);
}

int
ledger_feed_load(struct ledger *ledger, const char *name,
    struct ledger_feed *feed, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	ledger_feed_clear(feed);
	if (db_query(ledger->db, &q, f,
		"SELECT id, uuid, serial, oldest, published, updated, expires,"
		" made_of, document, ahead FROM feed WHERE name = ?",
		"t", name) == -1 ||
	    db_next(&q, &have, f) == -1)
		return -1;
	if (have)
		return load_columns(&q, feed, f);
	if (db_run(ledger->db, f, "INSERT INTO feed (name) VALUES (?)", "t",
		name) == -1)
		return -1;
	feed->row = db_last_id(ledger->db);
	return 0;
}

int
ledger_feed_save(struct ledger *ledger, const struct ledger_feed *feed,
    struct fault *f)
{
	return db_run(ledger->db, f,
	    "UPDATE feed SET uuid = ?, serial = ?, oldest = ?, published = ?,"
	    " updated = ?, expires = ?, made_of = ?, document = ?, ahead = ?"
	    " WHERE id = ?",
	    "tiiiiidbii", feed->id, feed->serial, feed->oldest, feed->published,
	    feed->updated, feed->expires, &feed->made_of, feed->document.data,
	    feed->document.len, feed->ahead, feed->row);
}

int
ledger_feed_forget(struct ledger *ledger, struct ledger_feed *feed,
    struct fault *f)
{
	int64_t row = feed->row;

	if (shelf_forget(ledger->shelf, row, f) == -1 ||
	    db_run(ledger->db, f, "DELETE FROM serial WHERE feed = ?", "i",
		row) == -1 ||
	    db_run(ledger->db, f, "DELETE FROM file WHERE feed = ?", "i",
		row) == -1 ||
	    db_run(ledger->db, f, "DELETE FROM left_out WHERE feed = ?", "i",
		row) == -1 ||
	    db_run(ledger->db, f, "DELETE FROM glance WHERE feed = ?", "i",
		row) == -1 ||
	    db_run(ledger->db, f, "DELETE FROM scan WHERE feed = ?", "i",
		row) == -1)
		return -1;
	ledger_feed_clear(feed);
	feed->row = row;
	return ledger_feed_save(ledger, feed, f);
}

int
ledger_add_serial(struct ledger *ledger, int64_t feed,
    const struct ledger_serial *s, struct fault *f)
{
	return db_run(ledger->db, f, "INSERT INTO serial VALUES (?,?,?,?,?,?)",
	    "iiditt", feed, s->serial, &s->state, s->published, s->summary,
	    s->changes);
}

int
ledger_summary(struct ledger *ledger, int64_t feed, int64_t serial,
    char **summary, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(ledger->db, &q, f,
		"SELECT summary FROM serial WHERE feed = ? AND serial = ?",
		"ii", feed, serial) == -1 ||
	    db_next(&q, &have, f) == -1)
		return -1;
	*summary = strdup(have ? db_text(&q, 0) : "");
	return *summary != NULL ? 0 : fault_memory(f);
}

int
ledger_serial_state(struct ledger *ledger, int64_t feed, int64_t serial,
    struct digest *state, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(ledger->db, &q, f,
		"SELECT state FROM serial WHERE feed = ? AND serial = ?", "ii",
		feed, serial) == -1 ||
	    db_next(&q, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_BUG, "serial %lld is not known",
		    (long long)serial);
	return db_digest(&q, 0, state, f);
}

int
ledger_add_file(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    const struct feed_file *file, struct fault *f)
{
	assert(file->present);
	/* The same bytes again (an edit undone) are named again. */
	return db_run(ledger->db, f,
	    "INSERT OR REPLACE INTO file VALUES (?,?,?,?,?,?,?,NULL)",
	    "iiiidii", feed, (int64_t)sort, file->serial, file->from,
	    &file->digest, file->length, file->unpacked);
}

int
ledger_supersede(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    int64_t serial, const struct digest *keep, int64_t until, struct fault *f)
{
	return db_run(ledger->db, f,
	    "UPDATE file SET until = ?1 WHERE feed = ?2 AND sort = ?3"
	    " AND (serial = ?4 OR ?4 = -1) AND digest <> ?5 AND until IS NULL",
	    "iiiid", until, feed, (int64_t)sort, serial, keep);
}

int
ledger_keep_snapshots(struct ledger *ledger, int64_t feed, int64_t count,
    int64_t until, struct fault *f)
{
	return db_run(ledger->db, f,
	    "UPDATE file SET until = ?1 WHERE feed = ?2 AND sort IN (?3, ?5)"
	    " AND until IS NULL AND serial NOT IN (SELECT serial FROM file"
	    " WHERE feed = ?2 AND sort = ?3 ORDER BY serial DESC LIMIT ?4)",
	    "iiiii", until, feed, (int64_t)TREE_SNAPSHOT, count,
	    (int64_t)TREE_PIECES);
}

int
ledger_retire(struct ledger *ledger, int64_t feed, int64_t serial,
    int64_t until, struct fault *f)
{
	if (db_run(ledger->db, f,
		"UPDATE file SET until = ? WHERE feed = ? AND sort = ?"
		" AND serial <= ? AND until IS NULL",
		"iiii", until, feed, (int64_t)TREE_STEP, serial) == -1)
		return -1;
	return db_run(ledger->db, f,
	    "UPDATE file SET until = ? WHERE feed = ? AND sort = ?"
	    " AND serial <= ? AND until IS NULL",
	    "iiii", until, feed, (int64_t)TREE_HISTORY,
	    serial / HISTORY_SERIALS);
}

static int
take_file(struct db_query *q, struct feed_file *out, struct fault *f)
{
	*out = (struct feed_file){
		.present = true,
		.serial = db_int(q, 1),
		.from = db_int(q, 2),
		.length = db_int(q, 3),
		.unpacked = db_int(q, 4),
	};
	return db_digest(q, 0, &out->digest, f);
}

int
ledger_file(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    int64_t serial, struct feed_file *out, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	*out = (struct feed_file){ .present = false };
	if (db_query(ledger->db, &q, f,
		"SELECT digest, serial, origin, length, unpacked FROM file"
		" WHERE feed = ?1 AND sort = ?2 AND (serial = ?3 OR ?3 = -1)"
		" AND until IS NULL ORDER BY serial DESC LIMIT 1",
		"iii", feed, (int64_t)sort, serial) == -1 ||
	    db_next(&q, &have, f) == -1)
		return -1;
	return have ? take_file(&q, out, f) : 0;
}

int
ledger_knows(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    const struct digest *d, bool *knows, struct fault *f)
{
	int64_t n;

	if (db_one(ledger->db, 0, &n, f,
		"SELECT count(*) FROM file WHERE feed = ? AND sort = ?"
		" AND digest = ?",
		"iid", feed, (int64_t)sort, d) == -1)
		return -1;
	*knows = n > 0;
	return 0;
}

int
ledger_step_bytes(struct ledger *ledger, int64_t feed, int64_t after,
    int64_t *bytes, struct fault *f)
{
	return db_one(ledger->db, 0, bytes, f,
	    "SELECT sum(length) FROM file WHERE feed = ? AND sort = ?"
	    " AND serial > ? AND origin = serial - 1",
	    "iii", feed, (int64_t)TREE_STEP, after);
}

int
ledger_edges(struct ledger *ledger, int64_t feed, int64_t from,
    struct path_edge **edges, size_t *count, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	OWNED_MEM struct path_edge *list = NULL;
	int64_t n, i = 0;
	bool have;

	if (db_one(ledger->db, 0, &n, f,
		"SELECT count(*) FROM file WHERE feed = ? AND sort = ?"
		" AND serial > ? AND origin >= ?",
		"iiii", feed, (int64_t)TREE_STEP, from, from) == -1)
		return -1;
	list = calloc((size_t)n + 1, sizeof(*list));
	if (list == NULL)
		return fault_memory(f);
	if (db_query(ledger->db, &q, f,
		"SELECT digest, serial, origin, length, unpacked FROM file"
		" WHERE feed = ? AND sort = ? AND serial > ? AND origin >= ?",
		"iiii", feed, (int64_t)TREE_STEP, from, from) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have || i == n)
			break;
		if (take_file(&q, &list[i++].file, f) == -1)
			return -1;
	}
	*edges = own_give(&list);
	*count = (size_t)i;
	return 0;
}

static int
find_snapshot(struct ledger *ledger, int64_t feed, int64_t serial,
    struct feed_file *out, struct fault *f)
{
	struct feed_file table;

	if (ledger_file(ledger, feed, TREE_SNAPSHOT, serial, out, f) == -1 ||
	    ledger_file(ledger, feed, TREE_PIECES, serial, &table, f) == -1)
		return -1;
	if (out->present && table.present) {
		out->pieces = table.digest;
		out->pieces_length = table.length;
	}
	return 0;
}

static int
history_row(struct ledger *ledger, int64_t feed, struct history_row *row,
    struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	struct feed_file step;
	bool have;

	if (db_query(ledger->db, &q, f,
		"SELECT digest, serial, origin, length, unpacked FROM file"
		" WHERE feed = ? AND sort = ? AND serial = ?"
		" AND until IS NULL ORDER BY origin DESC",
		"iii", feed, (int64_t)TREE_STEP, row->serial) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (take_file(&q, &step, f) == -1 ||
		    history_add_step(row, &step, f) == -1)
			return -1;
	}
	return find_snapshot(ledger, feed, row->serial, &row->snapshot, f);
}

/* No row for a serial that nothing leads to any more: before a jump. */
static int
history_rows(struct ledger *ledger, int64_t feed, int64_t number,
    struct history *h, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	int64_t first = HISTORY_SERIALS * (number - 1) + 1;
	struct history_row *row;
	struct digest state;
	bool have;

	if (db_query(ledger->db, &q, f,
		"SELECT serial, state FROM serial AS s WHERE feed = ?1"
		" AND serial BETWEEN ?2 AND ?3 AND EXISTS (SELECT 1 FROM file"
		" WHERE feed = ?1 AND sort IN (?4, ?5) AND serial = s.serial"
		" AND until IS NULL) ORDER BY serial",
		"iiiii", feed, first, first + HISTORY_SERIALS - 1,
		(int64_t)TREE_STEP, (int64_t)TREE_SNAPSHOT) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (db_digest(&q, 1, &state, f) == -1 ||
		    history_add_row(h, db_int(&q, 0), &state, &row, f) == -1 ||
		    history_row(ledger, feed, row, f) == -1)
			return -1;
	}
}

int
ledger_history(struct ledger *ledger, int64_t feed, const char *id,
    int64_t number, struct history *h, struct fault *f)
{
	int64_t targets[64];
	size_t i, n = history_targets(number, targets);

	(void)snprintf(h->feed, sizeof(h->feed), "%s", id);
	h->number = number;
	for (i = 0; i < n; i++) {
		struct history_skip skip = { .to = targets[i] };
		struct feed_file file;

		if (ledger_file(ledger, feed, TREE_HISTORY, targets[i], &file,
			f) == -1)
			return -1;
		if (!file.present) /* in the gap of a jump, or retired */
			continue;
		skip.digest = file.digest;
		skip.length = file.length;
		if (history_add_skip(h, &skip, f) == -1)
			return -1;
	}
	return history_rows(ledger, feed, number, h, f);
}

int
ledger_due(struct ledger *ledger, int64_t feed, int64_t now,
    enum tree_sort *sort, struct digest *d, bool *have, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	if (db_query(ledger->db, &q, f,
		"SELECT digest, sort FROM file WHERE feed = ? AND until < ?"
		" LIMIT 1",
		"ii", feed, now) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	*sort = (enum tree_sort)db_int(&q, 1);
	return db_digest(&q, 0, d, f);
}

int
ledger_remove_file(struct ledger *ledger, int64_t feed, enum tree_sort sort,
    const struct digest *d, struct fault *f)
{
	return db_run(ledger->db, f,
	    "DELETE FROM file WHERE feed = ? AND sort = ? AND digest = ?"
	    " AND until IS NOT NULL",
	    "iid", feed, (int64_t)sort, d);
}
