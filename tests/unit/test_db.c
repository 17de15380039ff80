#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/db.h"
#include "base/own.h"
#include "tests/support/libscratch.h"

static const char *const steps[] = {
	"CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT, b BLOB);"
	"INSERT INTO a (t) VALUES ('first')",
	"CREATE TABLE c (n INTEGER)",
	"ALTER TABLE c ADD COLUMN m INTEGER",
};

static struct db *
opened(int version)
{
	struct fault f = { 0 };
	struct db *db = NULL;
	int rc = db_open(scratch_path("x.db"), steps, version, &db, &f);

	assert_string_equal(f.text, "");
	assert_int_equal(rc, 0);
	return db;
}

/* How many rows table a has. */
static int64_t
rows(struct db *db)
{
	struct fault f = { 0 };
	int64_t n;

	assert_int_equal(db_one(db, -1, &n, &f, "SELECT count(*) FROM a", ""),
	    0);
	return n;
}

static void
add(struct db *db, const char *text)
{
	struct fault f = { 0 };

	assert_int_equal(
	    db_run(db, &f, "INSERT INTO a (t) VALUES (?)", "t", text), 0);
}

static const char *const rehearsed[] = { "CREATE TABLE r (n INTEGER)" };

static void
migrations_run_once_and_in_order(void **state)
{
	struct fault f = { 0 };
	struct db *db = opened(1);

	(void)state;
	assert_int_equal(rows(db), 1);
	assert_int_equal(db_run(db, &f, "INSERT INTO c VALUES (1)", ""), -1);
	db_close(db);
	db = opened(3);
	assert_int_equal(rows(db), 1);
	assert_int_equal(db_run(db, &f, "INSERT INTO c VALUES (1, 2)", ""), 0);
	db_close(db);
	db = opened(3);
	assert_int_equal(rows(db), 1);
	db_close(db);
}

static void
a_failed_migration_leaves_the_old_version(void **state)
{
	static const char *const bad[] = { "CREATE TABLE a (id INTEGER)",
		"CREATE TABLE good (n INTEGER)", "CREATE TABLE a (n INTEGER)" };
	struct fault f = { 0 };
	struct db *db = NULL;
	int64_t n;

	(void)state;
	assert_int_equal(db_open(scratch_path("x.db"), bad, 1, &db, &f), 0);
	db_close(db);
	db = NULL;
	assert_int_equal(db_open(scratch_path("x.db"), bad, 3, &db, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_null(db);
	assert_int_equal(db_open(scratch_path("x.db"), bad, 1, &db, &f), 0);
	assert_int_equal(
	    db_one(db, -1, &n, &f,
		"SELECT count(*) FROM sqlite_schema WHERE name='good'", ""),
	    0);
	assert_int_equal(n, 0);
	db_close(db);
}

static void
a_newer_database_is_refused_in_words(void **state)
{
	struct fault f = { 0 };
	struct db *db = NULL;
	bool have;

	(void)state;
	db_close(opened(3));
	assert_int_equal(db_open(scratch_path("x.db"), steps, 2, &db, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_non_null(strstr(f.text,
	    "x.db' is from a newer wikicast "
	    "(version 3, this one knows up to 2)"));
	f = (struct fault){ 0 };
	assert_int_equal(
	    db_open_readonly(scratch_path("x.db"), 2, &db, &have, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_null(db);
}

static void
readers_get_what_is_there_and_cannot_write(void **state)
{
	struct fault f = { 0 };
	struct db *db = NULL;
	bool have = true;

	(void)state;
	assert_int_equal(
	    db_open_readonly(scratch_path("x.db"), 1, &db, &have, &f), 0);
	assert_false(have);
	assert_int_equal(access(scratch_path("x.db"), F_OK), -1);
	db_close(opened(1));
	assert_int_equal(
	    db_open_readonly(scratch_path("x.db"), 3, &db, &have, &f), 0);
	assert_false(have);
	assert_int_equal(
	    db_open_readonly(scratch_path("x.db"), 1, &db, &have, &f), 0);
	assert_true(have);
	assert_int_equal(rows(db), 1);
	assert_int_equal(db_run(db, &f, "DELETE FROM a", ""), -1);
	db_close(db);
}

static void
a_reader_takes_back_what_a_crash_left(void **state)
{
	struct fault f = { 0 };
	struct db *db = opened(1);
	bool have;
	pid_t pid;
	int status, i;

	(void)state;
	add(db, "second");
	db_close(db);
	pid = fork();
	if (pid == 0) {
		/* So much that pages go to the file before the commit. */
		db = opened(1);
		if (db_begin(db, &f) == -1)
			_exit(1);
		for (i = 0; i < 3000; i++)
			if (db_run(db, &f,
				"INSERT INTO a (b) VALUES "
				"(zeroblob(1000))",
				"") == -1)
				_exit(1);
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(access(scratch_path("x.db-journal"), F_OK), 0);
	assert_int_equal(
	    db_open_readonly(scratch_path("x.db"), 1, &db, &have, &f), 0);
	assert_true(have);
	assert_int_equal(rows(db), 2);
	db_close(db);
}

static void
files_are_the_owners_only(void **state)
{
	mode_t old = umask(0);
	struct db *db = opened(1);
	struct fault f = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(db_begin(db, &f), 0);
	add(db, "x");
	assert_int_equal(stat(scratch_path("x.db"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(scratch_path("x.db-journal"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(db_commit(db, &f), 0);
	db_close(db);
	(void)umask(old);
}

static void
a_transaction_is_kept_whole_or_not_at_all(void **state)
{
	struct db *db = opened(1);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(db_begin(db, &f), 0);
	add(db, "a");
	add(db, "b");
	db_rollback(db);
	assert_int_equal(rows(db), 1);
	db_rollback(db);
	assert_int_equal(db_begin(db, &f), 0);
	add(db, "a");
	assert_int_equal(db_commit(db, &f), 0);
	db_rollback(db);
	assert_int_equal(rows(db), 2);
	/* Closing without a commit takes back as well. */
	assert_int_equal(db_begin(db, &f), 0);
	add(db, "c");
	db_close(db);
	db = opened(1);
	assert_int_equal(rows(db), 2);
	db_close(db);
}

static void
nothing_of_a_rehearsal_is_kept(void **state)
{
	OWNED(db_close_p) struct db *db = NULL;
	struct fault f = { 0 };
	int64_t n;

	(void)state;
	assert_int_equal(db_open(scratch_path("t.db"), rehearsed, 1, &db, &f),
	    0);
	assert_int_equal(db_rehearse(db, &f), 0);
	assert_int_equal(db_begin(db, &f), 0);
	assert_int_equal(db_run(db, &f, "INSERT INTO r VALUES (1)", ""), 0);
	assert_int_equal(db_commit(db, &f), 0);
	assert_int_equal(db_begin(db, &f), 0);
	assert_int_equal(db_run(db, &f, "INSERT INTO r VALUES (2)", ""), 0);
	db_rollback(db);
	assert_int_equal(db_one(db, 0, &n, &f, "SELECT count(*) FROM r", ""),
	    0);
	assert_int_equal(n, 1);
	db_close_p(&db);
	assert_null(db);
	assert_int_equal(db_open(scratch_path("t.db"), rehearsed, 1, &db, &f),
	    0);
	assert_int_equal(db_one(db, 0, &n, &f, "SELECT count(*) FROM r", ""),
	    0);
	assert_int_equal(n, 0);
}

static void
values_of_every_type_go_there_and_back(void **state)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	struct db *db = opened(1);
	struct fault f = { 0 };
	struct digest d, back;
	bool have;
	size_t n;

	(void)state;
	digest_of("x", 1, &d);
	assert_int_equal(db_query(db, &q, &f, "SELECT ?, ?, ?, ?, ?, ?, ?",
			     "itdbbnt", INT64_MIN, "t\xc3\xa9", &d, "a\0b",
			     (size_t)3, NULL, (size_t)0, NULL),
	    0);
	assert_int_equal(db_next(&q, &have, &f), 0);
	assert_true(have);
	assert_true(db_int(&q, 0) == INT64_MIN);
	assert_string_equal(db_text(&q, 1), "t\xc3\xa9");
	assert_int_equal(db_digest(&q, 2, &back, &f), 0);
	assert_true(digest_equal(&d, &back));
	assert_memory_equal(db_blob(&q, 3, &n), "a\0b", 3);
	assert_int_equal(n, 3);
	assert_false(db_null(&q, 4));
	assert_non_null(db_blob(&q, 4, &n));
	assert_int_equal(n, 0);
	assert_true(db_null(&q, 5));
	assert_null(db_blob(&q, 5, &n));
	assert_true(db_null(&q, 6));
	assert_null(db_text(&q, 6));
	assert_int_equal(db_digest(&q, 3, &back, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(db_next(&q, &have, &f), 0);
	assert_false(have);
	db_done(&q);
	db_done(&q);
	db_close(db);
}

static void
one_number_or_what_stands_for_none(void **state)
{
	struct db *db = opened(1);
	struct fault f = { 0 };
	int64_t n;

	(void)state;
	assert_int_equal(
	    db_one(db, -7, &n, &f, "SELECT id FROM a WHERE t = ?", "t", "none"),
	    0);
	assert_int_equal(n, -7);
	assert_int_equal(db_one(db, -7, &n, &f,
			     "SELECT max(id) FROM a "
			     "WHERE 0",
			     ""),
	    0);
	assert_int_equal(n, -7);
	assert_int_equal(db_one(db, -7, &n, &f, "SELECT id FROM a", ""), 0);
	assert_int_equal(n, 1);
	db_close(db);
}

static void
changes_and_ids_are_told(void **state)
{
	struct db *db = opened(1);
	struct fault f = { 0 };

	(void)state;
	add(db, "b");
	assert_int_equal(db_last_id(db), 2);
	assert_int_equal(db_run(db, &f, "UPDATE a SET t = 'c'", ""), 0);
	assert_int_equal(db_changes(db), 2);
	assert_int_equal(
	    db_run(db, &f, "DELETE FROM a WHERE id = ?", "i", (int64_t)9), 0);
	assert_int_equal(db_changes(db), 0);
	db_close(db);
}

static const char by_id[] = "SELECT t FROM a WHERE id >= ? ORDER BY id";

static void
one_query_may_run_within_itself(void **state)
{
	OWNED(db_done) struct db_query outer = DB_QUERY_INIT;
	struct db *db = opened(1);
	struct fault f = { 0 };
	bool have;
	int round, count = 0;

	(void)state;
	add(db, "second");
	add(db, "third");
	for (round = 0; round < 100; round++) {
		assert_int_equal(
		    db_query(db, &outer, &f, by_id, "i", (int64_t)1), 0);
		while (db_next(&outer, &have, &f) == 0 && have) {
			OWNED(db_done) struct db_query inner = DB_QUERY_INIT;

			assert_int_equal(
			    db_query(db, &inner, &f, by_id, "i", (int64_t)3),
			    0);
			assert_int_equal(db_next(&inner, &have, &f), 0);
			assert_true(have);
			assert_string_equal(db_text(&inner, 0), "third");
			count++;
		}
		db_done(&outer);
	}
	assert_int_equal(count, 300);
	db_close(db);
}

static void
many_queries_at_once_outgrow_the_kept_ones(void **state)
{
	struct db_query q[100] = { DB_QUERY_INIT };
	struct db *db = opened(1);
	struct fault f = { 0 };
	bool have;
	int round, i;

	(void)state;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 100; i++) {
			q[i] = (struct db_query)DB_QUERY_INIT;
			assert_int_equal(
			    db_query(db, &q[i], &f, by_id, "i", (int64_t)1), 0);
			assert_int_equal(db_next(&q[i], &have, &f), 0);
			assert_true(have);
		}
		for (i = 0; i < 100; i++) {
			assert_string_equal(db_text(&q[i], 0), "first");
			db_done(&q[i]);
		}
	}
	/* None of them reads any more: the table can go. */
	assert_int_equal(db_run(db, &f, "DROP TABLE a", ""), 0);
	db_close(db);
}

static void
a_kept_statement_has_no_old_values(void **state)
{
	struct db *db = opened(1);
	struct fault f = { 0 };
	static const char insert[] = "INSERT INTO a (t) VALUES (?)";
	int64_t n;

	(void)state;
	assert_int_equal(db_run(db, &f, insert, "t", "x"), 0);
	assert_int_equal(db_run(db, &f, insert, "n"), 0);
	assert_int_equal(db_one(db, -1, &n, &f,
			     "SELECT count(*) FROM a WHERE t IS NULL", ""),
	    0);
	assert_int_equal(n, 1);
	db_close(db);
}

static void
a_failed_statement_can_be_used_again(void **state)
{
	struct db *db = opened(1);
	struct fault f = { 0 };
	static const char insert[] = "INSERT INTO a (id) VALUES (?)";

	(void)state;
	assert_int_equal(db_run(db, &f, insert, "i", (int64_t)1), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "UNIQUE"));
	assert_int_equal(db_run(db, &f, insert, "i", (int64_t)5), 0);
	assert_int_equal(db_run(db, &f, "INSERT INTO nowhere VALUES (1)", ""),
	    -1);
	assert_int_equal(db_run(db, &f, "not SQL", ""), -1);
	assert_int_equal(rows(db), 2);
	db_close(db);
}

static void
what_is_no_database_is_a_fault(void **state)
{
	struct fault f = { 0 };
	struct db *db = NULL;
	bool have;

	(void)state;
	scratch_write("x.db",
	    "this is a text, and long enough to be read as "
	    "the head of a database, which has to have a hundred bytes "
	    "at the very least\n");
	assert_int_equal(db_open(scratch_path("x.db"), steps, 1, &db, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "file is not a database"));
	assert_int_equal(
	    db_open_readonly(scratch_path("x.db"), 1, &db, &have, &f), -1);
	assert_int_equal(db_open(scratch_path("no/x.db"), steps, 1, &db, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "No such file or directory"));
	assert_null(db);
}

static void
opening_again_drops_no_lock(void **state)
{
	struct fault f = { 0 };
	struct db *db = opened(1), *again = NULL;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(db_begin(db, &f), 0);
	add(db, "x");
	/* A lock of fcntl() goes when any descriptor of its file closes. */
	assert_int_equal(db_open(scratch_path("x.db"), steps, 1, &again, &f),
	    0);
	db_close(again);
	pid = fork();
	if (pid == 0) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int fd = open(scratch_path("x.db"), O_RDWR);

		_exit(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ?
			0 :
			1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(db_commit(db, &f), 0);
	db_close(db);
}

#define TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(migrations_run_once_and_in_order),
		TEST(a_failed_migration_leaves_the_old_version),
		TEST(a_newer_database_is_refused_in_words),
		TEST(readers_get_what_is_there_and_cannot_write),
		TEST(a_reader_takes_back_what_a_crash_left),
		TEST(files_are_the_owners_only),
		TEST(a_transaction_is_kept_whole_or_not_at_all),
		TEST(nothing_of_a_rehearsal_is_kept),
		TEST(values_of_every_type_go_there_and_back),
		TEST(one_number_or_what_stands_for_none),
		TEST(changes_and_ids_are_told),
		TEST(one_query_may_run_within_itself),
		TEST(many_queries_at_once_outgrow_the_kept_ones),
		TEST(a_kept_statement_has_no_old_values),
		TEST(a_failed_statement_can_be_used_again),
		TEST(what_is_no_database_is_a_fault),
		TEST(opening_again_drops_no_lock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
