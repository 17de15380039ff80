/*
 * db.h -- SQLite as a small box: open with migrations, run, query.
 *
 *	OWNED(db_close_p) struct db *db = NULL;
 *	db_open("/var/lib/x/publish.db", migrations, n, &db, f)
 *	db_run(db, f, "INSERT INTO t VALUES (?,?)", "it", id, name)
 *
 *	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
 *	db_query(db, &q, f, "SELECT a, b FROM t WHERE c = ?", "i", c)
 *	while (db_next(&q, &have, f) == 0 && have) ... db_int(&q, 0) ...
 *
 * The letters of a types string say what the arguments are: i int64_t,
 * t const char * (NULL is SQL's NULL), d const struct digest *, b const void *
 * and size_t (no bytes are an empty blob), n SQL's NULL (no argument).  Mind
 * the widths: an int where int64_t is due is no warning, but wrong.
 *
 * Statements are prepared once and kept by the address of their text: sql must
 * be a string literal.  journal_mode=TRUNCATE and synchronous=FULL: a commit
 * that returned 0 is durable.  A database that another process keeps locked
 * for ten seconds is FAULT_BUSY.  One thread at a time may use a database and
 * its queries.  The file is ours; a stranger's is not foreseen, a damaged one
 * is FAULT_SYSTEM.  No schema is known here.
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"

struct db;
struct sqlite3_stmt;

struct db_query {
	struct db *db;
	struct sqlite3_stmt *stmt;
	int slot; /* of the kept statement, -1 if not kept */
};
#define DB_QUERY_INIT \
	{ \
		NULL, NULL, -1 \
	}

/*
 * Open or make the database.  migrations[i] is the SQL that takes version i
 * to i + 1; what is missing is run in one transaction.  A database of a
 * higher version is FAULT_CONFIG: "is from a newer wikicast".  A path whose
 * file is missing is made with mode 0600.
 */
int db_open(const char *path, const char *const *migrations, int count,
    struct db **out, struct fault *f) __attribute__((warn_unused_result));

/*
 * A database of this run alone, without a name: it spills to a file below
 * $TMPDIR or /var/tmp that goes with it.
 */
int db_open_passing(const char *const *migrations, int count, struct db **out,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Open what exists, for reading; have is false where there is none, or one
 * that no writer has brought to this version yet.
 */
int db_open_readonly(const char *path, int version, struct db **out, bool *have,
    struct fault *f) __attribute__((warn_unused_result));

void db_close(struct db *db);
void db_close_p(struct db **db);

int db_begin(struct db *db, struct fault *f)
    __attribute__((warn_unused_result));
int db_commit(struct db *db, struct fault *f)
    __attribute__((warn_unused_result));
void db_rollback(struct db *db); /* fine without a transaction */

/*
 * From here to db_close() everything works as usual, and nothing of it is
 * kept: for --dry-run.
 */
int db_rehearse(struct db *db, struct fault *f)
    __attribute__((warn_unused_result));

int db_run(struct db *db, struct fault *f, const char *sql, const char *types,
    ...) __attribute__((warn_unused_result));

/* Rows that the last db_run() changed; the row id it inserted. */
int64_t db_changes(struct db *db);
int64_t db_last_id(struct db *db);

/* Begin a query; it is over, and its slot free, after db_done(). */
int db_query(struct db *db, struct db_query *q, struct fault *f,
    const char *sql, const char *types, ...)
    __attribute__((warn_unused_result));
int db_next(struct db_query *q, bool *have, struct fault *f)
    __attribute__((warn_unused_result));
void db_done(struct db_query *q);

/*
 * Columns of the row at hand; texts and blobs live until the next db_next()
 * or db_done() of the query.  An empty blob is not NULL.
 */
bool db_null(const struct db_query *q, int column);
int64_t db_int(const struct db_query *q, int column);
const char *db_text(const struct db_query *q, int column); /* NULL for NULL */
const void *db_blob(const struct db_query *q, int column, size_t *n);
int db_digest(const struct db_query *q, int column, struct digest *out,
    struct fault *f) __attribute__((warn_unused_result));

/* One number, or missing if there is no row. */
int db_one(struct db *db, int64_t missing, int64_t *out, struct fault *f,
    const char *sql, const char *types, ...)
    __attribute__((warn_unused_result));

#endif
