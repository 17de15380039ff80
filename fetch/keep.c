#include "fetch/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "feeds/history.h"
#include "feeds/parcel.h"
#include "feeds/tree.h"
#include "fetch/armor.h"
#include "fetch/download.h"
#include "fetch/trust.h"
#include "fetch/worker.h"

#define PORTION 64 /* files that are downloaded at a time */
#define WEEK (7 * 86400)

const char keep_schema[] =
    "CREATE TABLE kept ("
    " feed INTEGER NOT NULL, name TEXT NOT NULL, until INTEGER,"
    " PRIMARY KEY (feed, name)) WITHOUT ROWID;";

struct keep {
	struct book *book;
	struct http *http;
	const struct follow_settings *follow;
	const struct book_feed *feed;
	int64_t now;
	int tree;
	struct feed head;
	struct mirror_list mirrors;
	struct download *download;
	struct worker worker;
	/* a portion in the making */
	struct download_file files[PORTION];
	bool needed[PORTION]; /* the newest document itself names it */
	size_t count;
	int64_t left_out;
};

static void
clear_portion(struct keep *k)
{
	size_t i;

	for (i = 0; i < k->count; i++)
		own_close_fd(&k->files[i].fd);
	k->count = 0;
}

static void
clear(struct keep *k)
{
	clear_portion(k);
	worker_stop(&k->worker);
	download_close(&k->download);
	mirror_list_clear(&k->mirrors);
	feed_clear(&k->head);
	own_close_fd(&k->tree);
}

static bool
is_ours(const struct fault *f)
{
	return f->kind == FAULT_MEMORY || f->kind == FAULT_SYSTEM ||
	    f->kind == FAULT_BUG || f->kind == FAULT_CONFIG;
}

/* ---- files ---- */

/* Several documents may name one file; *first the first time. */
static int
note_name(struct keep *k, const char *name, bool *first, struct fault *f)
{
	if (db_run(k->book->db, f,
		"INSERT OR IGNORE INTO temp.named"
		" VALUES (?)",
		"t", name) == -1)
		return -1;
	*first = db_changes(k->book->db) > 0;
	return 0;
}

/* length -1: any. */
static int
is_there(const struct keep *k, const char *name, int64_t length, bool *yes,
    struct fault *f)
{
	struct stat st;

	*yes = false;
	if (fstatat(k->tree, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*yes = S_ISREG(st.st_mode) &&
		    (length == -1 ? st.st_size > 0 : st.st_size == length);
	else if (errno != ENOENT)
		return fault_system(f, errno, "'%s'", name);
	return 0;
}

static int
put(const struct keep *k, const struct download_file *file, struct fault *f)
{
	char name[TREE_NAME_MAX];
	struct stat st;

	tree_name(file->sort, &file->digest, name);
	if (fstat(file->fd, &st) == -1)
		return fault_system(f, errno, "'%s'", name);
	return tree_put(k->tree, name, file->fd, st.st_size, f);
}

static int
flush(struct keep *k, struct fault *f)
{
	size_t i;

	if (k->count == 0)
		return 0;
	if (download_all(k->download, k->files, k->count, f) == -1 &&
	    is_ours(f))
		return -1;
	for (i = 0; i < k->count; i++) {
		const struct download_file *file = &k->files[i];

		if (file->fd != -1) {
			if (put(k, file, f) == -1)
				return -1;
		} else if (k->needed[i]) {
			*f = file->why;
			return -1;
		} else {
			k->left_out++;
		}
	}
	clear_portion(k);
	return 0;
}

static int
want(struct keep *k, const struct download_file *file, bool needed,
    struct fault *f)
{
	int64_t length = file->sort == TREE_SIGNATURE ? -1 : file->length;
	char name[TREE_NAME_MAX];
	bool yes, first;

	tree_name(file->sort, &file->digest, name);
	if (note_name(k, name, &first, f) == -1 ||
	    is_there(k, name, length, &yes, f) == -1)
		return -1;
	if (yes || !first)
		return 0;
	k->needed[k->count] = needed;
	k->files[k->count++] = *file;
	return k->count == PORTION ? flush(k, f) : 0;
}

static int
want_file(struct keep *k, enum tree_sort sort, const struct feed_file *named,
    bool needed, struct fault *f)
{
	const struct download_file file = { .sort = sort,
		.digest = named->digest,
		.length = named->length,
		.fd = -1 };

	return want(k, &file, needed, f);
}

static int
want_pieces(struct keep *k, const struct feed_file *snapshot, bool needed,
    struct fault *f)
{
	const struct download_file file = { .sort = TREE_PIECES,
		.digest = snapshot->pieces,
		.length = snapshot->pieces_length,
		.fd = -1 };

	return file.length > 0 ? want(k, &file, needed, f) : 0;
}

static int
want_snapshot(struct keep *k, const struct feed_file *snapshot, bool needed,
    struct fault *f)
{
	struct download_file file = { .sort = TREE_SNAPSHOT,
		.digest = snapshot->digest,
		.length = snapshot->length,
		.pieces = snapshot->pieces,
		.pieces_length = snapshot->pieces_length,
		.fd = -1 };

	if (!snapshot->present)
		return 0;
	if (want_pieces(k, snapshot, needed, f) == -1 ||
	    want(k, &file, needed, f) == -1)
		return -1;
	file = (struct download_file){ .sort = TREE_SIGNATURE,
		.digest = snapshot->digest,
		.length = SIGNATURE_MAX,
		.fd = -1 };
	return want(k, &file, needed, f);
}

static int
want_rows(struct keep *k, const struct history *h, struct fault *f)
{
	size_t i, n;

	for (i = 0; i < h->row_count; i++) {
		const struct history_row *row = &h->rows[i];

		for (n = 0; n < row->step_count; n++)
			if (want_file(k, TREE_STEP, &row->steps[n], false, f) ==
			    -1)
				return -1;
		if (want_snapshot(k, &row->snapshot,
			digest_equal(&row->snapshot.digest,
			    &k->head.snapshot.digest),
			f) == -1)
			return -1;
	}
	return 0;
}

/* ---- history ---- */

/* From the folder if it is there, with its digest; else from a mirror. */
static int
open_document(struct keep *k, const struct feed_file *file, int *fd,
    struct fault *f)
{
	struct download_file wanted = { .sort = TREE_HISTORY,
		.digest = file->digest,
		.length = file->length,
		.fd = -1 };
	char name[TREE_NAME_MAX];
	OWNED_BUF struct buf b = BUF_INIT(HISTORY_MAX);
	struct digest is;
	bool have;

	tree_name(TREE_HISTORY, &file->digest, name);
	if (file_read(k->tree, name, &b, &have, f) == -1)
		return -1;
	digest_of(b.data, b.len, &is);
	if (have && digest_equal(&is, &file->digest))
		return file_open(k->tree, name, fd, &have, f);
	if (have && file_remove(k->tree, name, f) == -1)
		return -1;
	if (download_one(k->download, &wanted, f) == -1)
		return -1;
	*fd = wanted.fd;
	return put(k, &wanted, f);
}

static int
read_document(struct keep *k, const struct feed_file *file, struct history *h,
    struct fault *f)
{
	OWNED_FD int fd = -1;
	char name[TREE_NAME_MAX];
	bool first;

	tree_name(TREE_HISTORY, &file->digest, name);
	if (note_name(k, name, &first, f) == -1 ||
	    open_document(k, file, &fd, f) == -1 ||
	    worker_history(&k->worker, fd, h, f) == -1)
		return -1;
	if (strcmp(h->feed, k->head.id) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "history document is of another feed '%s'", h->feed);
	return 0;
}

/* Every document, from the newest one back, until one is gone everywhere. */
static int
walk_history(struct keep *k, struct fault *f)
{
	struct feed_file file = k->head.history;
	int64_t last = -1;

	for (;;) {
		OWNED_HISTORY struct history h;

		history_init(&h);
		if (read_document(k, &file, &h, f) == -1) {
			if (last != -1 && f->kind == FAULT_NETWORK)
				return 0;
			return fault_within(f, "history");
		}
		if (last != -1 && h.number >= last)
			return fault_set(f, FAULT_FORMAT,
			    "history does not lead back");
		last = h.number;
		if (want_rows(k, &h, f) == -1)
			return -1;
		if (h.skip_count == 0)
			return 0;
		/* They fall: the first one is the document before. */
		file = (struct feed_file){ .present = true,
			.digest = h.skips[0].digest,
			.length = h.skips[0].length };
	}
}

/* ---- certificates ---- */

/* Of a stranger's key.asc only one with a pinned signer's key is served. */
static int
check_keys(struct keep *k, int fd, struct fault *f)
{
	OWNED(book_feed_clear) struct book_feed probe = BOOK_FEED_INIT;
	size_t i;

	probe.signers = k->feed->signers;
	for (i = 0; i < probe.signers.count; i++)
		probe.signers.list[i].key_count = 0;
	worker_stop(&k->worker);
	if (trust_add(k->book, &probe, &k->worker, fd, f) == -1)
		return -1;
	worker_stop(&k->worker);
	if (trust_has_keys(&probe))
		return 0;
	return fault_set(f, FAULT_UNSIGNED,
	    "'key.asc' has no certificate of a pinned signer");
}

static int
ask_for_keys(struct keep *k, const struct mirror *m, struct fault *f)
{
	OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf bytes = BUF_INIT(KEY_MAX);
	struct http_job job;
	OWNED_FD int fd = -1;

	if (buf_format(&url, f, "%skey.asc", m->url) == -1 ||
	    file_memory("key.asc", &fd, f) == -1)
		return -1;
	http_job(&job, url.data, fd, KEY_MAX);
	job.configured = m->configured;
	if (http_get(k->http, &job, f) == -1)
		return -1;
	if (job.got.answer != HTTP_OK) {
		*f = job.got.why;
		return -1;
	}
	if (file_read_fd(fd, &bytes, f) == -1)
		return -1;
	if (!armor_is_plain(bytes.data, bytes.len))
		return fault_set(f, FAULT_FORMAT,
		    "is not armored certificates alone");
	if (check_keys(k, fd, f) == -1)
		return -1;
	return file_replace(k->tree, "key.asc", bytes.data, bytes.len, 0644, f);
}

/*
 * Where it is missing, and once a week; an old one is better than none.  A
 * copy without it is whole: only who does not have the keys yet misses it.
 */
static int
keep_keys(struct keep *k, struct fault *f)
{
	struct stat st;
	bool have = fstatat(k->tree, "key.asc", &st, AT_SYMLINK_NOFOLLOW) == 0;
	size_t i;

	if (have && st.st_mtime > k->now - WEEK)
		return 0;
	for (i = 0; i < k->mirrors.count; i++) {
		if (ask_for_keys(k, &k->mirrors.list[i], f) == 0)
			return 0;
		if (is_ours(f))
			return -1;
		log_detail("feed '%s': mirror '%s': 'key.asc': %s",
		    k->follow->name, k->mirrors.list[i].url, f->text);
	}
	if (!have)
		log_note("feed '%s': no mirror has a good 'key.asc' to serve",
		    k->follow->name);
	*f = (struct fault){ 0 };
	return 0;
}

/* ---- what left the feed ---- */

/*
 * A reader of the document before may still be on its way: a file that is not
 * named any more stays for a week.
 */
static int
retire(struct keep *k, struct fault *f)
{
	struct db *db = k->book->db;
	int64_t feed = k->feed->row;

	if (db_begin(db, f) == -1)
		return -1;
	if (db_run(db, f,
		"INSERT INTO kept SELECT ?, name, NULL FROM"
		" temp.named WHERE true ON CONFLICT DO UPDATE SET until ="
		" NULL",
		"i", feed) == -1 ||
	    db_run(db, f,
		"UPDATE kept SET until = ? WHERE feed = ? AND"
		" until IS NULL AND name NOT IN (SELECT name FROM temp.named)",
		"ii", k->now + WEEK, feed) == -1) {
		db_rollback(db);
		return -1;
	}
	return db_commit(db, f);
}

static int
remove_old(struct keep *k, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(k->book->db, &q, f,
		"SELECT name FROM kept"
		" WHERE feed = ? AND until < ?",
		"ii", k->feed->row, k->now) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (file_remove(k->tree, db_text(&q, 0), f) == -1)
			return -1;
	}
	return db_run(k->book->db, f,
	    "DELETE FROM kept WHERE feed = ? AND"
	    " until < ?",
	    "ii", k->feed->row, k->now);
}

/* ---- all of it ---- */

static int
prepare(struct keep *k, const char *from, struct fault *f)
{
	struct parcel p = { k->feed->head.data, k->feed->head.len, 0 };
	struct download_where where = { .http = k->http,
		.db = k->book->db,
		.mirrors = &k->mirrors,
		.folder = k->book->folder,
		.now = k->now,
		.label = k->follow->name };

	if (parcel_get_feed(&p, &k->head, f) == -1 ||
	    mirror_find(k->book->db, k->feed->row, k->follow, from, k->now,
		&k->mirrors, f) == -1)
		return -1;
	if (db_run(k->book->db, f,
		"CREATE TEMP TABLE IF NOT EXISTS named"
		" (name TEXT PRIMARY KEY) WITHOUT ROWID",
		"") == -1 ||
	    db_run(k->book->db, f, "DELETE FROM temp.named", "") == -1)
		return -1;
	return download_open(&where, &k->download, f);
}

static int
lay(struct keep *k, struct fault *f)
{
	const struct feed *head = &k->head;

	/* History knows more of the snapshots than the feed does. */
	if (want_file(k, TREE_NETWORK, &head->network, true, f) == -1 ||
	    (head->step.present &&
		want_file(k, TREE_STEP, &head->step, true, f) == -1) ||
	    walk_history(k, f) == -1 ||
	    want_snapshot(k, &head->snapshot, true, f) == -1 ||
	    want_snapshot(k, &head->entry_snapshot, true, f) == -1 ||
	    flush(k, f) == -1 || keep_keys(k, f) == -1)
		return -1;
	if (k->left_out > 0)
		log_detail("feed '%s': %lld old files are on no mirror",
		    k->follow->name, (long long)k->left_out);
	return tree_sync(k->tree, f);
}

/* Is the document in place that would be put there? */
static int
is_current(const struct keep *k, bool *yes, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	bool have;

	if (file_read(k->tree, "feed.atom", &b, &have, f) == -1)
		return -1;
	*yes = have && b.len == k->feed->document.len &&
	    memcmp(b.data, k->feed->document.data, b.len) == 0;
	return 0;
}

int
keep_feed(struct book *book, struct http *http,
    const struct follow_settings *follow, const char *from,
    const struct book_feed *feed, int64_t now, struct fault *f)
{
	OWNED(clear) struct keep k = { .book = book,
		.http = http,
		.follow = follow,
		.feed = feed,
		.now = now,
		.tree = -1,
		.worker = WORKER_INIT };
	bool current;

	feed_init(&k.head);
	/* A head whose files are not all here is not one to show. */
	if (feed->stored != feed->serial)
		return 0;
	if (file_make_folders(AT_FDCWD, follow->serve, 0755, f) == -1 ||
	    file_open_folder(AT_FDCWD, follow->serve, &k.tree, f) == -1 ||
	    is_current(&k, &current, f) == -1)
		return -1;
	if (current)
		return 0;
	if (prepare(&k, from, f) == -1 || lay(&k, f) == -1 ||
	    retire(&k, f) == -1)
		return -1;
	/* Last: with the feed in place, the next run has nothing to do. */
	if (tree_put_feed(k.tree, feed->document.data, feed->document.len,
		feed->updated, f) == -1)
		return -1;
	return remove_old(&k, f);
}
