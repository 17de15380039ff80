#include "feeds/contents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/map.h"
#include "items/limits.h"

#define INSIDE_MAX (1 * MIB) /* bytes; larger contents are files */
#define ROOT "contents"
#define NAME_SIZE (sizeof(ROOT "/aa/") + DIGEST_TEXT)

static void
file_name(const struct digest *digest, char out[NAME_SIZE])
{
	char hex[DIGEST_TEXT];

	digest_format(digest, hex);
	(void)snprintf(out, NAME_SIZE, ROOT "/%.2s/%s", hex, hex);
}

static int
missing(const struct digest *digest, struct fault *f)
{
	char hex[DIGEST_TEXT];

	digest_format(digest, hex);
	return fault_set(f, FAULT_BUG, "content %s was not kept", hex);
}

static int
damaged(const struct digest *digest, struct fault *f)
{
	char hex[DIGEST_TEXT];

	digest_format(digest, hex);
	return fault_set(f, FAULT_SYSTEM, "stored content %s is damaged", hex);
}

/* ---- keeping ---- */

int
contents_have(struct contents *c, const struct digest *digest, bool *have,
    struct fault *f)
{
	int64_t one;

	if (db_one(c->db, 0, &one, f,
		"SELECT 1 FROM shelf_content WHERE digest = ?", "d",
		digest) == -1)
		return -1;
	*have = one == 1;
	return 0;
}

/* Name, folder and bytes are on the disk for good when this returns 0. */
static int
keep_file(struct contents *c, const struct digest *digest, const void *bytes,
    size_t n, struct fault *f)
{
	char name[NAME_SIZE];
	OWNED_FD int root = -1;
	char *slash;

	file_name(digest, name);
	slash = strrchr(name, '/');
	*slash = '\0';
	if (file_make_folders(c->folder, name, 0700, f) == -1)
		return -1;
	*slash = '/';
	if (file_replace(c->folder, name, bytes, n, 0600, f) == -1 ||
	    file_open_folder(c->folder, ROOT, &root, f) == -1 ||
	    file_sync(root, ROOT, f) == -1)
		return -1;
	return file_sync(c->folder, ROOT, f);
}

int
contents_keep(struct contents *c, const struct digest *digest,
    const void *bytes, size_t n, struct fault *f)
{
	struct digest is;
	bool have;

	digest_of(bytes, n, &is);
	if (!digest_equal(&is, digest))
		return fault_set(f, FAULT_FORMAT,
		    "a content does not have the digest that was named");
	if (contents_have(c, digest, &have, f) == -1)
		return -1;
	if (have)
		return 0;
	if (n > INSIDE_MAX) {
		if (keep_file(c, digest, bytes, n, f) == -1)
			return -1;
		return db_run(c->db, f,
		    "INSERT INTO shelf_content"
		    " (digest, refs, place) VALUES (?, 0, NULL)",
		    "d", digest);
	}
	if (db_run(c->db, f, "INSERT INTO shelf_bytes (bytes) VALUES (?)", "b",
		n > 0 ? bytes : "", n) == -1)
		return -1;
	return db_run(c->db, f,
	    "INSERT INTO shelf_content"
	    " (digest, refs, place) VALUES (?, 0, ?)",
	    "di", digest, db_last_id(c->db));
}

/* ---- reading ---- */

/* A content as memory: of a row, or of a mapped file. */
struct view {
	struct db_query q;
	struct map map;
	const char *bytes;
	size_t n;
};
#define VIEW_NONE \
	{ \
		DB_QUERY_INIT, MAP_NONE, "", 0 \
	}

static void
view_close(struct view *v)
{
	map_close(&v->map);
	db_done(&v->q);
}

static int
view_file(struct contents *c, const struct digest *digest, struct view *v,
    struct fault *f)
{
	OWNED_FD int fd = -1;
	char name[NAME_SIZE];
	struct stat st;
	bool have;

	file_name(digest, name);
	if (file_open(c->folder, name, &fd, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_SYSTEM, "'%s' is gone", name);
	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "'%s'", name);
	if (map_open(fd, 0, st.st_size, &v->map, f) == -1)
		return fault_within(f, "'%s'", name);
	v->bytes = v->map.bytes;
	v->n = v->map.size;
	return 0;
}

static int
view_open(struct contents *c, const struct digest *digest, struct view *v,
    struct fault *f)
{
	struct digest is;
	bool have;

	if (db_query(c->db, &v->q, f,
		"SELECT b.bytes FROM shelf_content c"
		" LEFT JOIN shelf_bytes b ON b.id = c.place WHERE c.digest = ?",
		"d", digest) == -1 ||
	    db_next(&v->q, &have, f) == -1)
		return -1;
	if (!have)
		return missing(digest, f);
	if (db_null(&v->q, 0)) {
		if (view_file(c, digest, v, f) == -1)
			return -1;
	} else {
		v->bytes = db_blob(&v->q, 0, &v->n);
		if (v->bytes == NULL) /* SQLite's word for no bytes */
			v->bytes = "";
	}
	digest_of(v->bytes, v->n, &is);
	return digest_equal(&is, digest) ? 0 : damaged(digest, f);
}

int
contents_copy(struct contents *c, const struct digest *digest, int64_t size,
    int out, struct fault *f)
{
	OWNED(view_close) struct view v = VIEW_NONE;

	if (view_open(c, digest, &v, f) == -1)
		return -1;
	if ((int64_t)v.n != size)
		return damaged(digest, f);
	return file_write(out, v.bytes, v.n, f);
}

int
contents_read(struct contents *c, const struct digest *digest, struct buf *out,
    struct fault *f)
{
	OWNED(view_close) struct view v = VIEW_NONE;

	if (view_open(c, digest, &v, f) == -1)
		return -1;
	return buf_add(out, v.bytes, v.n, f);
}

/* ---- forgetting ---- */

/* Is this the name of a file that a row names? */
static int
named(struct contents *c, const char *name, bool *is, struct fault *f)
{
	struct fault not_a_digest = { 0 };
	struct digest digest;
	int64_t one;

	*is = false;
	if (digest_parse(name, &digest, &not_a_digest) == -1)
		return 0;
	if (db_one(c->db, 0, &one, f,
		"SELECT 1 FROM shelf_content"
		" WHERE digest = ? AND place IS NULL",
		"d", &digest) == -1)
		return -1;
	*is = one == 1;
	return 0;
}

/* List a folder below another; *list stays NULL if there is none. */
static int
list_folder(int below, const char *name, DIR **list, struct fault *f)
{
	*list = folder_list(openat(below, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (*list == NULL && errno != ENOENT)
		return fault_system(f, errno, "folder '%s'", name);
	return 0;
}

static int
tidy_folder(struct contents *c, int root, const char *folder, struct fault *f)
{
	OWNED_FOLDER DIR *list = NULL;
	const char *name;
	bool is;

	if (list_folder(root, folder, &list, f) == -1)
		return -1;
	if (list == NULL)
		return 0;
	while ((name = folder_next(list)) != NULL)
		if (named(c, name, &is, f) == -1 ||
		    (!is && file_remove(dirfd(list), name, f) == -1))
			return -1;
	if (errno != 0)
		return fault_system(f, errno, "folder '%s'", folder);
	return 0;
}

/*
 * Files and rows cannot go in one transaction, so the rows go first and the
 * files in a later run.  Rows that this run took away may come back by a
 * rollback: then nothing is removed.
 */
int
contents_tidy(struct contents *c, struct fault *f)
{
	OWNED_FOLDER DIR *root = NULL;
	const char *name;

	if (c->forgotten)
		return 0;
	if (list_folder(c->folder, ROOT, &root, f) == -1)
		return -1;
	if (root == NULL)
		return 0;
	while ((name = folder_next(root)) != NULL)
		if (tidy_folder(c, dirfd(root), name, f) == -1)
			return -1;
	if (errno != 0)
		return fault_system(f, errno, "folder '%s'", ROOT);
	return 0;
}

int
contents_forget(struct contents *c, struct fault *f)
{
	if (db_run(c->db, f, "DELETE FROM shelf_content WHERE refs = 0", "") ==
	    -1)
		return -1;
	if (db_changes(c->db) > 0)
		c->forgotten = true;
	return 0;
}
