#include "fetch/arrival.h"

#define LISTED 10 /* serials that a message can name */

const char arrival_schema[] =
    "CREATE TABLE arrival ("
    " feed INTEGER NOT NULL, serial INTEGER NOT NULL, time INTEGER NOT NULL,"
    " PRIMARY KEY (feed, serial)) WITHOUT ROWID;"
    "ALTER TABLE feed ADD COLUMN held_at INTEGER NOT NULL DEFAULT 0;";

int
arrival_add(struct db *db, int64_t feed, int64_t serial, int64_t now,
    struct fault *f)
{
	return db_run(db, f, "INSERT OR REPLACE INTO arrival VALUES (?,?,?)",
	    "iii", feed, serial, now);
}

int
arrival_time(struct db *db, int64_t feed, int64_t serial, int64_t *time,
    bool *have, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	if (db_query(db, &q, f,
		"SELECT time FROM arrival WHERE feed = ? AND serial = ?", "ii",
		feed, serial) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	if (*have)
		*time = db_int(&q, 0);
	return 0;
}

int
arrival_before(struct db *db, int64_t feed, int64_t time, int64_t *serial,
    struct fault *f)
{
	return db_one(db, 0, serial, f,
	    "SELECT coalesce(max(serial), 0) FROM arrival"
	    " WHERE feed = ? AND time < ?",
	    "ii", feed, time);
}

int
arrival_list(struct db *db, int64_t feed, struct buf *out, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(db, &q, f,
		"SELECT serial FROM (SELECT serial FROM arrival WHERE feed = ?"
		" ORDER BY serial DESC LIMIT ?) ORDER BY serial",
		"ii", feed, (int64_t)LISTED) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (buf_format(out, f, "%s%lld", out->len > 0 ? ", " : "",
			(long long)db_int(&q, 0)) == -1)
			return -1;
	}
}

/* The store has the state of `oldest`: the one that had come last by then. */
int
arrival_prune(struct db *db, int64_t feed, int64_t oldest, struct fault *f)
{
	return db_run(db, f,
	    "DELETE FROM arrival WHERE feed = ?1 AND serial <"
	    " (SELECT max(serial) FROM arrival WHERE feed = ?1"
	    " AND serial <= ?2)",
	    "ii", feed, oldest);
}

int
arrival_forget(struct db *db, int64_t feed, struct fault *f)
{
	return db_run(db, f, "DELETE FROM arrival WHERE feed = ?", "i", feed);
}
