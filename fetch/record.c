#include "fetch/record.h"

#include "fetch/quarantine.h"

#include <string.h>

const char record_schema[] =
    "CREATE TABLE installed ("
    " feed INTEGER NOT NULL, path TEXT NOT NULL, kind INTEGER NOT NULL,"
    " content BLOB NOT NULL, wrote BLOB NOT NULL, revision TEXT,"
    " serial INTEGER NOT NULL, PRIMARY KEY (feed, path)) WITHOUT ROWID;"
    "CREATE TABLE target ("
    " feed INTEGER PRIMARY KEY, wiki TEXT NOT NULL);"
    "CREATE TABLE plan ("
    " feed INTEGER NOT NULL, path TEXT NOT NULL, intent TEXT NOT NULL,"
    " removal INTEGER NOT NULL, kind INTEGER NOT NULL, content BLOB,"
    " wrote BLOB, serial INTEGER NOT NULL,"
    " PRIMARY KEY (feed, path)) WITHOUT ROWID;"
    "CREATE TABLE note ("
    " feed INTEGER NOT NULL, path TEXT NOT NULL, answer INTEGER NOT NULL,"
    " cause TEXT NOT NULL, PRIMARY KEY (feed, path)) WITHOUT ROWID;";

/*
 * What was written is in the shelf by itself only for lists (merging.h).  The
 * numbers are those of enum item_kind.
 */
const char record_base_schema[] =
    "ALTER TABLE plan ADD COLUMN merged TEXT;"
    "ALTER TABLE note ADD COLUMN tried BLOB;"
    "CREATE INDEX installed_content ON installed (content);"
    "CREATE INDEX installed_wrote ON installed (wrote) WHERE kind > 2;"
    "CREATE TRIGGER installed_needs BEFORE DELETE ON shelf_content "
    "WHEN EXISTS (SELECT 1 FROM installed WHERE content = OLD.digest)"
    " OR EXISTS (SELECT 1 FROM installed"
    " WHERE wrote = OLD.digest AND kind > 2)"
    " OR EXISTS (SELECT 1 FROM plan"
    " WHERE content = OLD.digest OR wrote = OLD.digest) "
    "BEGIN SELECT RAISE(IGNORE); END;";

const char record_prefix_schema[] =
    "ALTER TABLE target ADD COLUMN prefix TEXT NOT NULL DEFAULT '';";

int
record_forget(struct db *db, int64_t feed, struct fault *f)
{
	if (quarantine_forget(db, feed, f) == -1)
		return -1;
	if (db_run(db, f, "DELETE FROM installed WHERE feed = ?", "i", feed) ==
		-1 ||
	    db_run(db, f, "DELETE FROM target WHERE feed = ?", "i", feed) ==
		-1 ||
	    db_run(db, f, "DELETE FROM plan WHERE feed = ?", "i", feed) == -1)
		return -1;
	return db_run(db, f, "DELETE FROM note WHERE feed = ?", "i", feed);
}

/* ---- installed items ---- */

void
record_clear(struct record *r)
{
	free(r->revision);
	*r = (struct record){ .have = false };
}

static int
copy_text(char **to, const char *from, struct fault *f)
{
	*to = from != NULL ? strdup(from) : NULL;
	return from == NULL || *to != NULL ? 0 : fault_memory(f);
}

int
record_get(struct db *db, int64_t feed, const char *path, struct record *r,
    struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	record_clear(r);
	if (db_query(db, &q, f,
		"SELECT kind, content, wrote, revision, serial FROM installed"
		" WHERE feed = ? AND path = ?",
		"it", feed, path) == -1 ||
	    db_next(&q, &r->have, f) == -1)
		return -1;
	if (!r->have)
		return 0;
	r->kind = (enum item_kind)db_int(&q, 0);
	r->serial = db_int(&q, 4);
	if (db_digest(&q, 1, &r->feed, f) == -1 ||
	    db_digest(&q, 2, &r->wrote, f) == -1)
		return -1;
	return copy_text(&r->revision, db_text(&q, 3), f);
}

int
record_put(struct db *db, int64_t feed, const char *path,
    const struct record *r, struct fault *f)
{
	return db_run(db, f,
	    "INSERT OR REPLACE INTO installed VALUES (?,?,?,?,?,?,?)",
	    "itiddti", feed, path, (int64_t)r->kind, &r->feed, &r->wrote,
	    r->revision, r->serial);
}

int
record_remove(struct db *db, int64_t feed, const char *path, struct fault *f)
{
	return db_run(db, f,
	    "DELETE FROM installed WHERE feed = ? AND path = ?", "it", feed,
	    path);
}

int
record_count(struct db *db, int64_t feed, int64_t *count, struct fault *f)
{
	return db_one(db, 0, count, f,
	    "SELECT count(*) FROM installed WHERE feed = ?", "i", feed);
}

int
record_set_wiki(struct db *db, int64_t feed, const char *wiki,
    const char *prefix, int64_t *forgotten, struct fault *f)
{
	int64_t others;

	*forgotten = 0;
	if (prefix == NULL)
		prefix = "";
	if (db_one(db, 0, &others, f,
		"SELECT count(*) FROM target WHERE feed = ?"
		" AND (wiki <> ? OR prefix <> ?)",
		"itt", feed, wiki, prefix) == -1)
		return -1;
	if (others > 0 &&
	    (db_one(db, 0, forgotten, f,
		 "SELECT count(*) FROM installed JOIN target USING (feed)"
		 " WHERE feed = ? AND wiki = ?",
		 "it", feed, wiki) == -1 ||
		record_forget(db, feed, f) == -1))
		return -1;
	return db_run(db, f, "INSERT OR IGNORE INTO target VALUES (?,?,?)",
	    "itt", feed, wiki, prefix);
}

int
record_shared(struct db *db, int64_t feed, const char *wiki, bool *shared,
    struct fault *f)
{
	int64_t others;

	if (db_one(db, 0, &others, f,
		"SELECT count(*) FROM target WHERE wiki = ? AND feed <> ?",
		"ti", wiki, feed) == -1)
		return -1;
	*shared = others > 0;
	return 0;
}

int
record_owner(struct db *db, int64_t feed, const char *wiki, const char *path,
    struct buf *name, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	buf_reset(name);
	/* CROSS keeps the order: else each look-up scans all of "installed". */
	if (db_query(db, &q, f,
		"SELECT feed.name FROM target CROSS JOIN installed, feed"
		" WHERE target.wiki = ? AND target.feed <> ?"
		" AND installed.feed = target.feed AND installed.path = ?"
		" AND feed.id = target.feed AND NOT EXISTS"
		" (SELECT 1 FROM note WHERE note.feed = target.feed"
		" AND note.path = installed.path AND note.answer IN (?, ?))",
		"titii", wiki, feed, path, (int64_t)NOTE_SKIPPED,
		(int64_t)NOTE_LEFT) == -1 ||
	    db_next(&q, &have, f) == -1)
		return -1;
	return have ? buf_add_text(name, db_text(&q, 0), f) : 0;
}

int
record_take_over(struct db *db, int64_t feed, const char *wiki,
    const char *path, struct fault *f)
{
	return db_run(db, f,
	    "UPDATE installed SET feed = ?1 WHERE path = ?3 AND feed IN"
	    " (SELECT feed FROM target WHERE wiki = ?2 AND feed <> ?1)",
	    "itt", feed, wiki, path);
}

/* ---- plans ---- */

void
plan_clear(struct plan *p)
{
	free(p->path);
	free(p->intent);
	free(p->merged);
	record_clear(&p->record);
	*p = (struct plan){ .path = NULL };
}

int
plan_put(struct db *db, int64_t feed, const struct plan *p, struct fault *f)
{
	return db_run(db, f,
	    "INSERT OR REPLACE INTO plan VALUES (?,?,?,?,?,?,?,?,?)",
	    "ittiiddit", feed, p->path, p->intent, (int64_t)p->drop,
	    (int64_t)p->record.kind, &p->record.feed, &p->record.wrote,
	    p->record.serial, p->merged);
}

int
plan_get(struct db *db, int64_t feed, struct plan *p, bool *have,
    struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	plan_clear(p);
	if (db_query(db, &q, f,
		"SELECT path, intent, removal, kind, content, wrote, serial,"
		" merged FROM plan WHERE feed = ? LIMIT 1",
		"i", feed) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	p->drop = db_int(&q, 2) != 0;
	p->record.have = !p->drop;
	p->record.kind = (enum item_kind)db_int(&q, 3);
	p->record.serial = db_int(&q, 6);
	if (copy_text(&p->path, db_text(&q, 0), f) == -1 ||
	    copy_text(&p->intent, db_text(&q, 1), f) == -1 ||
	    copy_text(&p->merged, db_text(&q, 7), f) == -1 ||
	    db_digest(&q, 4, &p->record.feed, f) == -1)
		return -1;
	return db_digest(&q, 5, &p->record.wrote, f);
}

int
plan_remove(struct db *db, int64_t feed, const char *first, const char *last,
    struct fault *f)
{
	return db_run(db, f,
	    "DELETE FROM plan WHERE feed = ? AND path >= ? AND path <= ?",
	    "itt", feed, first, last);
}

/* ---- notes ---- */

const char *
note_text(enum note_answer answer)
{
	static const char *const texts[] = { "skipped", "conflict", "edited",
		"held", "locked", "waiting", "left" };

	return texts[answer];
}

int
note_put(struct db *db, int64_t feed, const char *path, enum note_answer answer,
    const char *cause, struct fault *f)
{
	return db_run(db, f,
	    "INSERT OR REPLACE INTO note VALUES (?,?,?,?,NULL)", "itit", feed,
	    path, (int64_t)answer, cause);
}

int
note_remove(struct db *db, int64_t feed, const char *path, struct fault *f)
{
	return db_run(db, f, "DELETE FROM note WHERE feed = ? AND path = ?",
	    "it", feed, path);
}

int
note_is(struct db *db, int64_t feed, const char *path, enum note_answer answer,
    bool *is, struct fault *f)
{
	int64_t n;

	if (db_one(db, 0, &n, f,
		"SELECT count(*) FROM note"
		" WHERE feed = ? AND path = ? AND answer = ?",
		"iti", feed, path, (int64_t)answer) == -1)
		return -1;
	*is = n > 0;
	return 0;
}

int
note_tried(struct db *db, int64_t feed, const char *path,
    const struct digest *three, struct fault *f)
{
	return db_run(db, f,
	    "UPDATE note SET tried = ? WHERE feed = ? AND path = ?", "dit",
	    three, feed, path);
}

int
note_was_tried(struct db *db, int64_t feed, const char *path,
    const struct digest *three, bool *was, struct fault *f)
{
	int64_t n;

	if (db_one(db, 0, &n, f,
		"SELECT count(*) FROM note"
		" WHERE feed = ? AND path = ? AND tried = ?",
		"itd", feed, path, three) == -1)
		return -1;
	*was = n > 0;
	return 0;
}

int
note_pending(struct db *db, int64_t feed, bool *pending, struct fault *f)
{
	int64_t n;

	if (db_one(db, 0, &n, f,
		"SELECT count(*) FROM note"
		" WHERE feed = ? AND answer NOT IN (?, ?, ?)",
		"iiii", feed, (int64_t)NOTE_SKIPPED, (int64_t)NOTE_EDITED,
		(int64_t)NOTE_LEFT) == -1)
		return -1;
	*pending = n > 0;
	return 0;
}
