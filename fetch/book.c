#include "fetch/book.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "feeds/errand.h"
#include "fetch/arrival.h"
#include "fetch/fork.h"
#include "fetch/keep.h"
#include "fetch/learn.h"
#include "fetch/mirror.h"
#include "fetch/quarantine.h"
#include "fetch/quiet.h"
#include "fetch/record.h"

static const char schema[] =
    "CREATE TABLE feed ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " uuid TEXT NOT NULL DEFAULT '',"
    " serial INTEGER NOT NULL DEFAULT 0, state BLOB,"
    " updated INTEGER NOT NULL DEFAULT 0,"
    " expires INTEGER NOT NULL DEFAULT 0,"
    " trust INTEGER NOT NULL DEFAULT 0,"
    " newest INTEGER NOT NULL DEFAULT 0,"
    " stored INTEGER NOT NULL DEFAULT 0,"
    " settled INTEGER NOT NULL DEFAULT 0, settings BLOB,"
    " pending INTEGER NOT NULL DEFAULT 0,"
    " forked INTEGER NOT NULL DEFAULT 0,"
    " allowed INTEGER NOT NULL DEFAULT 0,"
    " success INTEGER NOT NULL DEFAULT 0,"
    " keys_checked INTEGER NOT NULL DEFAULT 0,"
    " head BLOB, document BLOB, keyring BLOB, signers BLOB);"
    "CREATE TABLE accepted ("
    " feed INTEGER NOT NULL, serial INTEGER NOT NULL, state BLOB NOT NULL,"
    " PRIMARY KEY (feed, serial)) WITHOUT ROWID;"
    "CREATE TABLE event ("
    " id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, time INTEGER NOT NULL,"
    " serial INTEGER NOT NULL, path TEXT, what TEXT NOT NULL, cause TEXT);"
    "CREATE INDEX event_feed ON event (feed, id);"
    "CREATE TABLE told ("
    " feed INTEGER NOT NULL, subject TEXT NOT NULL, cause TEXT NOT NULL,"
    " PRIMARY KEY (feed, subject)) WITHOUT ROWID;";

static const char *const migrations[] = { schema, shelf_schema, mirror_schema,
	record_schema, keep_schema, learn_schema, fork_schema,
	learn_peers_schema, quarantine_schema, arrival_schema,
	record_base_schema, mirror_quiet_schema, quiet_schema,
	record_prefix_schema };
#define VERSION ((int)(sizeof(migrations) / sizeof(migrations[0])))

static int
database_path(const char *folder, char **path, struct fault *f)
{
	if (asprintf(path, "%s/follow.db", folder) == -1) {
		*path = NULL;
		return fault_memory(f);
	}
	return 0;
}

int
book_open(const char *folder, int seconds, struct book *book, struct fault *f)
{
	OWNED_MEM char *path = NULL;

	if (file_make_folders(AT_FDCWD, folder, 0700, f) == -1 ||
	    file_open_folder(AT_FDCWD, folder, &book->folder, f) == -1 ||
	    file_check_private(book->folder, folder, f) == -1)
		return -1;
	if (file_lock(book->folder, "follow.lock", seconds, &book->lock, f) ==
	    -1)
		return fault_within(f, "state folder '%s'", folder);
	if (database_path(folder, &path, f) == -1 ||
	    db_open(path, migrations, VERSION, &book->db, f) == -1)
		return -1;
	return shelf_open(book->db, book->folder, &book->shelf, f);
}

int
book_open_readonly(const char *folder, struct book *book, bool *have,
    struct fault *f)
{
	OWNED_MEM char *path = NULL;

	if (database_path(folder, &path, f) == -1 ||
	    db_open_readonly(path, VERSION, &book->db, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	if (file_open_folder(AT_FDCWD, folder, &book->folder, f) == -1)
		return -1;
	return shelf_open(book->db, book->folder, &book->shelf, f);
}

void
book_close(struct book *book)
{
	shelf_close(&book->shelf);
	db_close_p(&book->db);
	own_close_fd(&book->lock);
	own_close_fd(&book->folder);
	*book = (struct book)BOOK_INIT;
}

/* ---- followed feeds ---- */

void
book_feed_clear(struct book_feed *feed)
{
	buf_clear(&feed->head);
	buf_clear(&feed->document);
	buf_clear(&feed->keyring);
	*feed = (struct book_feed)BOOK_FEED_INIT;
}

static int
load_blob(struct db_query *q, int column, struct buf *b, struct fault *f)
{
	size_t n;
	const void *p = db_blob(q, column, &n);

	return buf_add(b, p, n, f);
}

static int
load_signers(struct db_query *q, int column, struct signers *s, struct fault *f)
{
	struct parcel p = { NULL, 0, 0 };

	p.data = db_blob(q, column, &p.len);
	return p.len == 0 ? 0 : errand_get_signers(&p, s, f);
}

static int
load_columns(struct db_query *q, struct book_feed *feed, struct fault *f)
{
	feed->row = db_int(q, 0);
	(void)snprintf(feed->id, sizeof(feed->id), "%s", db_text(q, 1));
	feed->serial = db_int(q, 2);
	if (!db_null(q, 3) && db_digest(q, 3, &feed->state, f) == -1)
		return -1;
	feed->updated = db_int(q, 4);
	feed->expires = db_int(q, 5);
	feed->trust = db_int(q, 6);
	feed->newest = db_int(q, 7);
	feed->stored = db_int(q, 8);
	feed->settled = db_int(q, 9);
	if (!db_null(q, 10) && db_digest(q, 10, &feed->settings, f) == -1)
		return -1;
	feed->pending = db_int(q, 11) != 0;
	feed->forked = db_int(q, 12) != 0;
	feed->allowed = db_int(q, 13);
	feed->success = db_int(q, 14);
	feed->keys_checked = db_int(q, 15);
	if (load_blob(q, 16, &feed->head, f) == -1 ||
	    load_blob(q, 17, &feed->document, f) == -1 ||
	    load_blob(q, 18, &feed->keyring, f) == -1)
		return -1;
	feed->disputed = db_int(q, 20);
	feed->disputed_to = db_int(q, 21);
	feed->held_at = db_int(q, 22);
	return load_signers(q, 19, &feed->signers, f);
}

int
book_feed_find(struct book *book, const char *name, struct book_feed *feed,
    bool *have, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	book_feed_clear(feed);
	if (db_query(book->db, &q, f,
		"SELECT id, uuid, serial, state, updated, expires, trust,"
		" newest, stored, settled, settings, pending, forked, allowed,"
		" success, keys_checked, head, document, keyring, signers,"
		" disputed, disputed_to, held_at"
		" FROM feed WHERE name = ?",
		"t", name) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	return *have ? load_columns(&q, feed, f) : 0;
}

int
book_feed_load(struct book *book, const char *name, struct book_feed *feed,
    struct fault *f)
{
	bool have;

	if (book_feed_find(book, name, feed, &have, f) == -1)
		return -1;
	if (have)
		return 0;
	if (db_run(book->db, f, "INSERT INTO feed (name) VALUES (?)", "t",
		name) == -1)
		return -1;
	feed->row = db_last_id(book->db);
	return 0;
}

int
book_feed_save(struct book *book, const struct book_feed *b, struct fault *f)
{
	OWNED_BUF struct buf signers = BUF_INIT(BUF_ANY);

	if (b->signers.count > 0 &&
	    errand_put_signers(&signers, &b->signers, f) == -1)
		return -1;
	return db_run(book->db, f,
	    "UPDATE feed SET uuid = ?, serial = ?, state = ?, updated = ?,"
	    " expires = ?, trust = ?, newest = ?, stored = ?, settled = ?,"
	    " settings = ?, pending = ?, forked = ?, allowed = ?,"
	    " success = ?, keys_checked = ?, head = ?, document = ?,"
	    " keyring = ?, signers = ?, disputed = ?, disputed_to = ?,"
	    " held_at = ? WHERE id = ?",
	    "tidiiiiiidiiiiibbbbiiii", b->id, b->serial, &b->state, b->updated,
	    b->expires, b->trust, b->newest, b->stored, b->settled,
	    &b->settings, (int64_t)b->pending, (int64_t)b->forked, b->allowed,
	    b->success, b->keys_checked, b->head.data, b->head.len,
	    b->document.data, b->document.len, b->keyring.data, b->keyring.len,
	    signers.data, signers.len, b->disputed, b->disputed_to, b->held_at,
	    b->row);
}

int
book_feed_forget(struct book *book, struct book_feed *feed, struct fault *f)
{
	int64_t row = feed->row;

	/* Records first: what they name the shelf would keep. */
	if (record_forget(book->db, row, f) == -1 ||
	    shelf_forget(book->shelf, row, f) == -1 ||
	    mirror_forget(book->db, row, f) == -1 ||
	    learn_forget(book->db, row, f) == -1 ||
	    arrival_forget(book->db, row, f) == -1 ||
	    db_run(book->db, f, "DELETE FROM accepted WHERE feed = ?", "i",
		row) == -1 ||
	    db_run(book->db, f, "DELETE FROM event WHERE feed = ?", "i", row) ==
		-1 ||
	    db_run(book->db, f, "DELETE FROM kept WHERE feed = ?", "i", row) ==
		-1 ||
	    db_run(book->db, f, "DELETE FROM told WHERE feed = ?", "i", row) ==
		-1)
		return -1;
	book_feed_clear(feed);
	return db_run(book->db, f, "DELETE FROM feed WHERE id = ?", "i", row);
}

int64_t
book_goal(const struct book_feed *feed)
{
	return feed->held_at > 0 ? feed->held_at : feed->stored;
}

int
book_accept_state(struct book *book, int64_t feed, int64_t serial,
    const struct digest *state, struct fault *f)
{
	return db_run(book->db, f,
	    "INSERT OR IGNORE INTO accepted VALUES (?,?,?)", "iid", feed,
	    serial, state);
}

int
book_accepted_state(struct book *book, int64_t feed, int64_t serial,
    struct digest *state, bool *have, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	if (db_query(book->db, &q, f,
		"SELECT state FROM accepted WHERE feed = ? AND serial = ?",
		"ii", feed, serial) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	return *have ? db_digest(&q, 0, state, f) : 0;
}

/* ---- what happened ---- */

int
book_event(struct book *book, int64_t feed, int64_t now, int64_t serial,
    const char *path, const char *what, const char *cause, struct fault *f)
{
	return db_run(book->db, f,
	    "INSERT INTO event (feed, time, serial, path, what, cause)"
	    " VALUES (?,?,?,?,?,?)",
	    "iiittt", feed, now, serial, path, what, cause);
}

int
book_tell(struct book *book, int64_t feed, const char *subject,
    const char *cause, bool *first, struct fault *f)
{
	if (db_run(book->db, f,
		"INSERT INTO told VALUES (?,?,?) ON CONFLICT DO UPDATE"
		" SET cause = excluded.cause WHERE cause <> excluded.cause",
		"itt", feed, subject, cause) == -1)
		return -1;
	*first = db_changes(book->db) > 0;
	return 0;
}

int
book_heard(struct book *book, int64_t feed, const char *subject,
    struct fault *f)
{
	return db_run(book->db, f,
	    "DELETE FROM told WHERE feed = ? AND subject = ?", "it", feed,
	    subject);
}
