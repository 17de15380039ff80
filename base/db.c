#include "base/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "base/own.h"

#define KEPT 64 /* prepared statements that are kept */

struct db {
	sqlite3 *sql;
	struct {
		const char *text; /* a literal: compared by address */
		sqlite3_stmt *stmt;
		bool busy;
	} kept[KEPT];
	char *path;
	bool inside;	/* a transaction */
	bool rehearsal; /* which is one of savepoints, then */
};

static int
failed(struct db *db, struct fault *f, const char *doing)
{
	int sys = sqlite3_system_errno(db->sql);
	int code = sqlite3_errcode(db->sql);
	bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;

	if (code == SQLITE_NOMEM)
		return fault_memory(f);
	if (code == SQLITE_BUSY)
		return fault_set(f, FAULT_BUSY,
		    "another process holds the database '%s'", db->path);
	(void)fault_set(f, FAULT_SYSTEM, "database '%s': cannot %s: %s%s",
	    db->path, doing, sqlite3_errmsg(db->sql),
	    damaged ? " (move it away, and it is made anew)" : "");
	f->sys = sys;
	return -1;
}

void
db_close(struct db *db)
{
	size_t i;

	if (db == NULL)
		return;
	for (i = 0; i < KEPT; i++)
		(void)sqlite3_finalize(db->kept[i].stmt);
	(void)sqlite3_close(db->sql);
	free(db->path);
	free(db);
}

void
db_close_p(struct db **db)
{
	db_close(*db);
	*db = NULL;
}

static int
exec(struct db *db, const char *sql, struct fault *f)
{
	if (sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		return failed(db, f, "write");
	return 0;
}

/* The version of the database, which must not be above the one known. */
static int
version(struct db *db, int known, int64_t *out, struct fault *f)
{
	if (db_one(db, 0, out, f, "PRAGMA user_version", "") == -1)
		return -1;
	if (*out <= known)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "database '%s' is from a newer wikicast (version %lld, this one "
	    "knows up to %d)",
	    db->path, (long long)*out, known);
}

static int
migrate(struct db *db, const char *const *migrations, int count,
    struct fault *f)
{
	char pragma[48];
	int64_t at;

	if (version(db, count, &at, f) == -1)
		return -1;
	if (at == count)
		return 0;
	/* Another process may do it before we can begin. */
	if (db_begin(db, f) == -1 || version(db, count, &at, f) == -1)
		return -1;
	for (; at < count; at++)
		if (exec(db, migrations[at], f) == -1)
			return -1;
	(void)snprintf(pragma, sizeof(pragma), "PRAGMA user_version=%d", count);
	if (exec(db, pragma, f) == -1)
		return -1;
	return db_commit(db, f);
}

static int
open_database(const char *path, int flags, struct db **out, struct fault *f)
{
	OWNED(db_close_p) struct db *db = calloc(1, sizeof(*db));

	if (db == NULL || (db->path = strdup(path)) == NULL)
		return fault_memory(f);
	/* A tenth of reading many rows is SQLite's locks between threads. */
	flags |= SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(path, &db->sql, flags, NULL) != SQLITE_OK)
		return failed(db, f, "open");
	(void)sqlite3_busy_timeout(db->sql, 10000); /* ms; readers of status */
	*out = own_give(&db);
	return 0;
}

int
db_open(const char *path, const char *const *migrations, int count,
    struct db **out, struct fault *f)
{
	OWNED(db_close_p) struct db *db = NULL;
	int fd;

	/*
	 * SQLite would make it 0644; it gives its journal the same mode.  One
	 * that is there is left alone: closing any descriptor of it would
	 * drop the locks that this process may hold on it.
	 */
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1 && errno != EEXIST)
		return fault_system(f, errno, "database '%s'", path);
	if (fd != -1)
		(void)close(fd);
	if (open_database(path, SQLITE_OPEN_READWRITE, &db, f) == -1)
		return -1;
	if (exec(db,
		"PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL;"
		"PRAGMA foreign_keys=ON; PRAGMA cache_size=-1024",
		f) == -1)
		return -1;
	if (migrate(db, migrations, count, f) == -1)
		return -1;
	*out = own_give(&db);
	return 0;
}

int
db_open_passing(const char *const *migrations, int count, struct db **out,
    struct fault *f)
{
	OWNED(db_close_p) struct db *db = NULL;

	/* SQLite's name for it is none at all. */
	if (open_database("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db,
		f) == -1 ||
	    exec(db,
		"PRAGMA journal_mode=MEMORY; PRAGMA foreign_keys=ON;"
		"PRAGMA cache_size=-16384",
		f) == -1 ||
	    migrate(db, migrations, count, f) == -1)
		return -1;
	*out = own_give(&db);
	return 0;
}

int
db_open_readonly(const char *path, int wanted, struct db **out, bool *have,
    struct fault *f)
{
	OWNED(db_close_p) struct db *db = NULL;
	struct stat st;
	int64_t is;
	int flags;

	*have = false;
	if (stat(path, &st) == -1) {
		if (errno == ENOENT)
			return 0;
		return fault_system(f, errno, "database '%s'", path);
	}
	/* Whoever may write also takes back what a crash left half done. */
	flags = access(path, W_OK) == 0 ? SQLITE_OPEN_READWRITE :
					  SQLITE_OPEN_READONLY;
	if (open_database(path, flags, &db, f) == -1 ||
	    exec(db, "PRAGMA query_only=ON", f) == -1)
		return -1;
	if (version(db, wanted, &is, f) == -1)
		return -1;
	if (is < wanted) /* a writer has not migrated it yet */
		return 0;
	*out = own_give(&db);
	*have = true;
	return 0;
}

int
db_begin(struct db *db, struct fault *f)
{
	assert(!db->inside);
	if (exec(db, db->rehearsal ? "SAVEPOINT rehearsed" : "BEGIN IMMEDIATE",
		f) == -1)
		return -1;
	db->inside = true;
	return 0;
}

int
db_commit(struct db *db, struct fault *f)
{
	assert(db->inside);
	if (exec(db, db->rehearsal ? "RELEASE rehearsed" : "COMMIT", f) == -1)
		return -1;
	db->inside = false;
	return 0;
}

void
db_rollback(struct db *db)
{
	if (!db->inside)
		return;
	(void)sqlite3_exec(db->sql,
	    db->rehearsal ? "ROLLBACK TO rehearsed; RELEASE rehearsed" :
			    "ROLLBACK",
	    NULL, NULL, NULL);
	db->inside = false;
}

int
db_rehearse(struct db *db, struct fault *f)
{
	assert(!db->inside && !db->rehearsal);
	if (exec(db, "BEGIN IMMEDIATE", f) == -1)
		return -1;
	db->rehearsal = true;
	return 0;
}

static int
prepare(struct db *db, const char *sql, struct db_query *q, struct fault *f)
{
	int i;

	assert(q->stmt == NULL);
	q->db = db;
	for (i = 0; i < KEPT && db->kept[i].text != NULL; i++) {
		if (db->kept[i].text != sql || db->kept[i].busy)
			continue;
		db->kept[i].busy = true;
		q->stmt = db->kept[i].stmt;
		q->slot = i;
		return 0;
	}
	if (sqlite3_prepare_v2(db->sql, sql, -1, &q->stmt, NULL) != SQLITE_OK)
		return failed(db, f, "prepare");
	q->slot = -1;
	if (i < KEPT) {
		db->kept[i].text = sql;
		db->kept[i].stmt = q->stmt;
		db->kept[i].busy = true;
		q->slot = i;
	}
	return 0;
}

static int
bind_one(sqlite3_stmt *stmt, int i, char type, va_list *ap)
{
	const struct digest *d;
	const void *p;
	size_t n;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(stmt, i, va_arg(*ap, int64_t));
	case 't':
		return sqlite3_bind_text(stmt, i, va_arg(*ap, const char *), -1,
		    SQLITE_TRANSIENT);
	case 'd':
		d = va_arg(*ap, const struct digest *);
		return sqlite3_bind_blob(stmt, i, d->bytes, sizeof(d->bytes),
		    SQLITE_TRANSIENT);
	case 'b':
		p = va_arg(*ap, const void *);
		n = va_arg(*ap, size_t);
		assert(p != NULL || n == 0);
		return sqlite3_bind_blob64(stmt, i, p != NULL ? p : "",
		    (sqlite3_uint64)n, SQLITE_TRANSIENT);
	case 'n':
		return sqlite3_bind_null(stmt, i);
	default:
		return SQLITE_MISUSE;
	}
}

static int
bind(struct db_query *q, const char *types, va_list *ap, struct fault *f)
{
	int i;

	for (i = 0; types[i] != '\0'; i++)
		if (bind_one(q->stmt, i + 1, types[i], ap) != SQLITE_OK)
			return failed(q->db, f, "bind");
	assert(i == sqlite3_bind_parameter_count(q->stmt));
	return 0;
}

void
db_done(struct db_query *q)
{
	if (q->stmt == NULL)
		return;
	if (q->slot == -1) {
		(void)sqlite3_finalize(q->stmt);
	} else {
		(void)sqlite3_reset(q->stmt);
		(void)sqlite3_clear_bindings(q->stmt);
		q->db->kept[q->slot].busy = false;
	}
	*q = (struct db_query)DB_QUERY_INIT;
}

int
db_next(struct db_query *q, bool *have, struct fault *f)
{
	switch (sqlite3_step(q->stmt)) {
	case SQLITE_ROW:
		*have = true;
		return 0;
	case SQLITE_DONE:
		*have = false;
		return 0;
	default:
		return failed(q->db, f, "use");
	}
}

int
db_query(struct db *db, struct db_query *q, struct fault *f, const char *sql,
    const char *types, ...)
{
	va_list ap;
	int rc;

	if (prepare(db, sql, q, f) == -1)
		return -1;
	va_start(ap, types);
	rc = bind(q, types, &ap, f);
	va_end(ap);
	return rc;
}

int
db_run(struct db *db, struct fault *f, const char *sql, const char *types, ...)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have = true;
	va_list ap;
	int rc;

	if (prepare(db, sql, &q, f) == -1)
		return -1;
	va_start(ap, types);
	rc = bind(&q, types, &ap, f);
	va_end(ap);
	while (rc == 0 && have)
		rc = db_next(&q, &have, f);
	return rc;
}

int
db_one(struct db *db, int64_t missing, int64_t *out, struct fault *f,
    const char *sql, const char *types, ...)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	va_list ap;
	bool have;
	int rc;

	if (prepare(db, sql, &q, f) == -1)
		return -1;
	va_start(ap, types);
	rc = bind(&q, types, &ap, f);
	va_end(ap);
	if (rc == -1 || db_next(&q, &have, f) == -1)
		return -1;
	*out = have && !db_null(&q, 0) ? db_int(&q, 0) : missing;
	return 0;
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->sql);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sql);
}

bool
db_null(const struct db_query *q, int column)
{
	return sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

int64_t
db_int(const struct db_query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

const char *
db_text(const struct db_query *q, int column)
{
	return (const char *)sqlite3_column_text(q->stmt, column);
}

const void *
db_blob(const struct db_query *q, int column, size_t *n)
{
	const void *p = sqlite3_column_blob(q->stmt, column);

	*n = (size_t)sqlite3_column_bytes(q->stmt, column);
	/* SQLite gives NULL for an empty one, too. */
	return p == NULL && !db_null(q, column) ? "" : p;
}

int
db_digest(const struct db_query *q, int column, struct digest *out,
    struct fault *f)
{
	size_t n;
	const void *p = db_blob(q, column, &n);

	if (p == NULL || n != sizeof(out->bytes))
		return fault_set(f, FAULT_SYSTEM,
		    "database '%s' is damaged: not a digest", q->db->path);
	memcpy(out->bytes, p, n);
	return 0;
}
