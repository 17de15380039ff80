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
#include "fetch/keep_work.h"

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

/*
 * What this copy has laid is known by its size; what somebody else has laid,
 * such as rsync, is read once.  A signature has no digest: it is got anew.
 */
static int
is_right(struct keep *k, const struct download_file *file, const char *name,
    bool *right, struct fault *f)
{
	OWNED_FD int fd = -1;
	struct digest is;
	int64_t size;
	bool have;

	if (keep_is_known(k, name, right, f) == -1)
		return -1;
	if (*right || file->sort == TREE_SIGNATURE)
		return 0;
	if (file_open(k->tree, name, &fd, &have, f) == -1)
		return -1;
	if (have && digest_of_fd(fd, &is, &size, f) == -1)
		return fault_within(f, "'%s'", name);
	*right = have && digest_equal(&is, &file->digest);
	return 0;
}

/* What is not right goes. */
static int
is_there(struct keep *k, const struct download_file *file, const char *name,
    bool *yes, struct fault *f)
{
	struct stat st;

	*yes = false;
	if (fstatat(k->tree, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 :
					 fault_system(f, errno, "'%s'", name);
	if (S_ISREG(st.st_mode) &&
	    (file->sort == TREE_SIGNATURE ? st.st_size > 0 :
					    st.st_size == file->length) &&
	    is_right(k, file, name, yes, f) == -1)
		return -1;
	return *yes ? 0 : file_remove(k->tree, name, f);
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
	    keep_is_ours(f))
		return -1;
	for (i = 0; i < k->count; i++) {
		const struct download_file *file = &k->files[i];

		bool good = file->fd != -1;

		if (good && file->sort == TREE_SIGNATURE &&
		    keep_check_signature(k, file, &good, f) == -1)
			return -1;
		if (good) {
			if (put(k, file, f) == -1)
				return -1;
		} else if (k->needed[i] || k->options->spare) {
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
	char name[TREE_NAME_MAX];
	bool yes, first;

	tree_name(file->sort, &file->digest, name);
	if (note_name(k, name, &first, f) == -1)
		return -1;
	if (!first)
		return 0;
	if (is_there(k, file, name, &yes, f) == -1)
		return -1;
	if (yes)
		return 0;
	k->needed[k->count] = needed;
	k->files[k->count++] = *file;
	return k->count == KEEP_PORTION ? flush(k, f) : 0;
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
	/* It proves origin to people; no reader of the feed needs it. */
	return want(k, &file, false, f);
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

/* ---- all of it ---- */

static int
prepare(struct keep *k, struct fault *f)
{
	struct parcel p = { k->feed->head.data, k->feed->head.len, 0 };
	struct download_where where = { .http = k->http,
		.db = k->book->db,
		.mirrors = &k->mirrors,
		.folder = k->book->folder,
		.now = k->options->now,
		.label = k->follow->name,
		.giver = k->options->giver,
		.spare = k->options->spare };

	if (parcel_get_feed(&p, &k->head, f) == -1 ||
	    mirror_find(k->book->db, k->feed->row, k->follow, k->options->from,
		k->options->now, &k->mirrors, f) == -1)
		return -1;
	if (db_run(k->book->db, f,
		"CREATE TEMP TABLE IF NOT EXISTS named"
		" (name TEXT PRIMARY KEY) WITHOUT ROWID",
		"") == -1 ||
	    db_run(k->book->db, f, "DELETE FROM temp.named", "") == -1)
		return -1;
	return download_open(&where, &k->download, f);
}

/* The step that came inside the feed: no request at all. */
static int
put_inside(struct keep *k, struct fault *f)
{
	const struct buf *inside = &k->head.inside;
	const struct download_file file = { .sort = TREE_STEP,
		.digest = k->head.step.digest,
		.length = (int64_t)inside->len };
	char name[TREE_NAME_MAX];
	bool yes;

	tree_name(file.sort, &file.digest, name);
	if (is_there(k, &file, name, &yes, f) == -1)
		return -1;
	return yes ?
	    0 :
	    tree_put_bytes(k->tree, name, inside->data, inside->len, f);
}

static int
lay(struct keep *k, struct fault *f)
{
	const struct feed *head = &k->head;

	/* History knows more of the snapshots than the feed does. */
	if (head->step.present && head->inside.len > 0 &&
	    put_inside(k, f) == -1)
		return -1;
	if (want_file(k, TREE_NETWORK, &head->network, true, f) == -1 ||
	    (head->step.present &&
		want_file(k, TREE_STEP, &head->step, true, f) == -1) ||
	    walk_history(k, f) == -1 ||
	    want_snapshot(k, &head->snapshot, true, f) == -1 ||
	    want_snapshot(k, &head->entry_snapshot, true, f) == -1 ||
	    flush(k, f) == -1 || keep_keys(k, f) == -1)
		return -1;
	if (k->left_out > 0)
		log_detail("feed '%s': %lld files are on no mirror",
		    k->follow->name, (long long)k->left_out);
	return tree_sync(k->tree, f);
}

/* Is the document in place that would be put there, and by this copy? */
static int
is_current(const struct keep *k, bool *yes, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	bool have, ours;

	if (keep_is_known(k, NULL, &ours, f) == -1 ||
	    file_read(k->tree, "feed.atom", &b, &have, f) == -1)
		return -1;
	*yes = ours && have && b.len == k->feed->document.len &&
	    memcmp(b.data, k->feed->document.data, b.len) == 0;
	return 0;
}

static int
keep(struct keep *k, struct fault *f)
{
	bool current;

	if (file_make_folders(AT_FDCWD, k->follow->serve, 0755, f) == -1 ||
	    file_open_folder(AT_FDCWD, k->follow->serve, &k->tree, f) == -1 ||
	    is_current(k, &current, f) == -1)
		return -1;
	if (current)
		return 0;
	if (prepare(k, f) == -1 || lay(k, f) == -1 || keep_note(k, f) == -1 ||
	    keep_page(k, f) == -1)
		return -1;
	/* Last: with the feed in place, the next run has nothing to do. */
	if (tree_put_feed(k->tree, k->feed->document.data,
		k->feed->document.len, k->feed->updated, f) == -1)
		return -1;
	*k->options->laid = true;
	return keep_remove_old(k, f);
}

int
keep_feed(struct book *book, struct http *http, const struct book_feed *feed,
    const struct keep_options *options, struct fault *f)
{
	OWNED(clear) struct keep k = { .book = book,
		.http = http,
		.options = options,
		.follow = options->follow,
		.feed = feed,
		.tree = -1,
		.worker = WORKER_INIT };

	feed_init(&k.head);
	/* A head whose files are not all here is not one to show. */
	return feed->stored == feed->serial ? keep(&k, f) : 0;
}
