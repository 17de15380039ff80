/*
 * What is in the folder of a copy, and until when: a file stays until the last
 * feed that named it, directly or through history, has expired (FORMAT section
 * 2), since a reader may come with that feed as long.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/folder.h"
#include "fetch/keep_work.h"

#define PART_OLD 86400 /* seconds: of a run that is over for certain */

const char keep_schema[] =
    "CREATE TABLE kept ("
    " feed INTEGER NOT NULL, name TEXT NOT NULL, until INTEGER,"
    " PRIMARY KEY (feed, name)) WITHOUT ROWID;";

int
keep_is_known(const struct keep *k, const char *name, bool *known,
    struct fault *f)
{
	int64_t n;

	if (db_one(k->book->db, 0, &n, f,
		"SELECT EXISTS (SELECT 1 FROM kept"
		" WHERE feed = ?1 AND (name = ?2 OR ?2 IS NULL))",
		"it", k->feed->row, name) == -1)
		return -1;
	*known = n > 0;
	return 0;
}

/* ---- what nobody here has laid ---- */

static int
is_what_it_says(const struct keep *k, const char *name, enum tree_sort sort,
    const struct digest *d, bool *yes, struct fault *f)
{
	OWNED_FD int fd = -1;
	struct digest is;
	int64_t size;
	bool have;

	*yes = false;
	if (sort == TREE_SIGNATURE) /* of a snapshot that nobody names */
		return 0;
	if (file_open(k->tree, name, &fd, &have, f) == -1)
		return -1;
	if (have && digest_of_fd(fd, &is, &size, f) == -1)
		return fault_within(f, "'%s'", name);
	*yes = have && digest_equal(&is, d);
	return 0;
}

/*
 * A file that rsync or a lost database has left: if it is what its name says,
 * it goes as all else does.
 */
static int
adopt(const struct keep *k, const char *name, struct fault *f)
{
	struct fault other = { 0 };
	enum tree_sort sort;
	struct digest d;
	bool known, right;

	if (tree_parse(name, &sort, &d, &other) == -1)
		return 0;
	if (keep_is_known(k, name, &known, f) == -1)
		return -1;
	if (known)
		return 0;
	if (is_what_it_says(k, name, sort, &d, &right, f) == -1)
		return -1;
	if (!right)
		return file_remove(k->tree, name, f);
	return db_run(k->book->db, f, "INSERT INTO kept VALUES (?,?,?)", "iti",
	    k->feed->row, name, k->feed->expires);
}

static int
meet(const struct keep *k, const char *folder, const char *name,
    struct fault *f)
{
	char path[NAME_MAX + TREE_NAME_MAX];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (name[0] != '.')
		return adopt(k, path, f);
	if (fstatat(k->tree, path, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode) || st.st_mtime > k->options->now - PART_OLD)
		return 0;
	return file_remove(k->tree, path, f);
}

static int
list_folder(const struct keep *k, const char *folder, struct fault *f)
{
	OWNED_FOLDER DIR *list = folder_list(openat(k->tree, folder,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	const char *name;

	if (list == NULL)
		return errno == ENOENT ?
		    0 :
		    fault_system(f, errno, "folder '%s'", folder);
	while ((name = folder_next(list)) != NULL)
		if (meet(k, folder, name, f) == -1)
			return -1;
	return errno == 0 ? 0 : fault_system(f, errno, "folder '%s'", folder);
}

static int
list_all(const struct keep *k, struct fault *f)
{
	char folder[16];
	unsigned int i;

	for (i = 0; i < 256; i++) {
		(void)snprintf(folder, sizeof(folder), "pool/%02x", i);
		if (list_folder(k, folder, f) == -1)
			return -1;
	}
	if (list_folder(k, "history", f) == -1)
		return -1;
	return list_folder(k, "network", f);
}

/* ---- until when ---- */

/* What was named before keeps the time of the feed that named it last. */
static int
note(struct keep *k, struct fault *f)
{
	if (db_run(k->book->db, f,
		"INSERT INTO kept SELECT ?1, name, ?2"
		" FROM temp.named WHERE true ON CONFLICT DO UPDATE SET"
		" until = max(coalesce(until, 0), excluded.until)",
		"ii", k->feed->row, k->feed->expires) == -1)
		return -1;
	return list_all(k, f);
}

int
keep_note(struct keep *k, struct fault *f)
{
	if (db_begin(k->book->db, f) == -1)
		return -1;
	if (note(k, f) == -1) {
		db_rollback(k->book->db);
		return -1;
	}
	return db_commit(k->book->db, f);
}

#define OLD \
	" FROM kept WHERE feed = ? AND coalesce(until, 0) < ?" \
	" AND name NOT IN (SELECT name FROM temp.named)"

int
keep_remove_old(struct keep *k, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(k->book->db, &q, f, "SELECT name" OLD, "ii", k->feed->row,
		k->options->now) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (file_remove(k->tree, db_text(&q, 0), f) == -1)
			return -1;
	}
	db_done(&q);
	return db_run(k->book->db, f, "DELETE" OLD, "ii", k->feed->row,
	    k->options->now);
}
