/*
 * The files that lead to one serial: each is read as a follower would read
 * it, against the states that were built before.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "feeds/apply.h"
#include "feeds/pieces.h"
#include "feeds/seal.h"
#include "feeds/tarball.h"
#include "verify/check.h"

#define OUT_OF_REACH \
	"only its manifest was checked: no snapshot leads to " \
	"where it starts"

/* ---- does a step name exactly the paths that differ? ---- */

static int
unlike(const char *path, const char *how, struct fault *f)
{
	return fault_set(f, FAULT_FORMAT, "%s '%s'", how, path);
}

/* The next entry of a sort in the manifest, from *at on; NULL at its end. */
static const struct manifest_entry *
next_entry(const struct manifest *m, bool drop, size_t *at)
{
	while (*at < m->count && m->entries[*at].drop != drop)
		++*at;
	return *at < m->count ? &m->entries[(*at)++] : NULL;
}

static int
compare_entry(const struct manifest_entry *e, const struct item *is,
    const char *path, struct fault *f)
{
	OWNED_BUF struct buf named = BUF_INIT(ITEM_PATH_MAX);

	if (e == NULL)
		return unlike(path, "does not name what changed:", f);
	if (item_path(&e->item, &named, f) == -1)
		return -1;
	if (strcmp(named.data, path) != 0)
		return strcmp(named.data, path) < 0 ?
		    unlike(named.data, "names what did not change:", f) :
		    unlike(path, "does not name what changed:", f);
	if (!e->drop && !item_same_state(&e->item, is))
		return unlike(path, "leads to something else at", f);
	return 0;
}

/* Both are in path order, puts and drops each by themselves. */
static int
compare_step(struct check *c, const struct manifest *m, struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	OWNED_BUF struct buf named = BUF_INIT(ITEM_PATH_MAX);
	const struct manifest_entry *e;
	const struct item *was, *is;
	size_t put = 0, drop = 0;
	const char *path;
	bool have;

	if (shelf_diff_open(c->shelf, CHECK_FEED, m->from, m->serial, &diff,
		f) == -1)
		return -1;
	for (;;) {
		bool gone;

		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			break;
		gone = is->kind == ITEM_NONE;
		e = next_entry(m, gone, gone ? &drop : &put);
		if (compare_entry(e, is, path, f) == -1)
			return -1;
	}
	e = next_entry(m, false, &put);
	if (e == NULL)
		e = next_entry(m, true, &drop);
	if (e == NULL)
		return 0;
	if (item_path(&e->item, &named, f) == -1)
		return -1;
	return unlike(named.data, "names what did not change:", f);
}

/* ---- one file ---- */

static int
fill(struct check *c, struct step *step, int contents, struct fault *f)
{
	OWNED_FD int prefix = -1;
	int64_t size;

	if (file_temporary(c->vouch->folder, &prefix, f) == -1 ||
	    apply_prefix(c->shelf, CHECK_FEED, step_manifest(step), prefix,
		&size, f) == -1)
		return -1;
	return step_contents(step, prefix, size, contents, f);
}

/* The serial of the state that the shelf has now, or 0. */
static int64_t
newest_built(const struct check *c, const struct check_row *row)
{
	while (row-- > c->rows)
		if (row->built)
			return row->serial;
	return 0;
}

static int
list_changes(struct check *c, int64_t from, int64_t to, struct words *paths,
    struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	const struct item *was, *is;
	const char *path;
	bool have;

	if (shelf_diff_open(c->shelf, CHECK_FEED, from, to, &diff, f) == -1)
		return -1;
	for (;;) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (words_add(paths, path, f) == -1)
			return -1;
	}
}

/*
 * A step is applied to the state that it starts from; the shelf may have gone
 * further, to a serial whose changes this one has undone.
 */
static int
go_back(struct check *c, const struct check_row *row, int64_t from,
    struct fault *f)
{
	OWNED_WORDS struct words paths = WORDS_INIT;
	int64_t newest = newest_built(c, row);
	size_t i;

	if (newest == from)
		return 0;
	if (list_changes(c, newest, from, &paths, f) == -1)
		return -1;
	for (i = 0; i < paths.count; i++) {
		OWNED_ITEM struct item item = { .kind = ITEM_NONE };
		bool have;

		if (shelf_get(c->shelf, CHECK_FEED, from, paths.word[i], &item,
			&have, f) == -1)
			return -1;
		if (have ? shelf_put(c->shelf, CHECK_FEED, row->serial, &item,
			       f) == -1 :
			   shelf_drop(c->shelf, CHECK_FEED, row->serial,
			       paths.word[i], f) == -1)
			return -1;
	}
	return 0;
}

static int
apply_step(struct check *c, const struct check_row *row,
    const struct manifest *m, int contents, struct fault *f)
{
	if (go_back(c, row, m->from, f) == -1)
		return -1;
	return apply_items(c->shelf, CHECK_FEED, m, contents, f);
}

/* *reached says whether the state that it starts from is known. */
static int
read_step(struct check *c, struct check_row *row, const struct check_file *file,
    int fd, bool *reached, struct fault *f)
{
	OWNED(step_close) struct step *step = NULL;
	OWNED_FD int contents = -1;
	const struct check_row *from = check_find_row(c, file->file.from);
	struct apply_wanted wanted = { .feed = c->head.id,
		.step = true,
		.from = file->file.from,
		.serial = row->serial,
		.state = row->state };
	struct manifest *m;

	*reached = from != NULL && from->built;
	if (step_open(fd, file->file.unpacked, &step, f) == -1)
		return -1;
	m = step_manifest(step);
	wanted.base = from != NULL && (from->built || !from->guessed) ?
	    from->state :
	    m->base;
	if (apply_check(m, &wanted, f) == -1)
		return -1;
	if (!*reached)
		return 0;
	if (file_temporary(c->vouch->folder, &contents, f) == -1 ||
	    fill(c, step, contents, f) == -1)
		return -1;
	if (!row->built && apply_step(c, row, m, contents, f) == -1)
		return -1;
	row->built = true;
	return compare_step(c, m, f);
}

static int
read_snapshot(struct check *c, struct check_row *row,
    const struct check_file *file, int fd, struct fault *f)
{
	struct apply_wanted wanted = { .feed = c->head.id,
		.serial = row->serial,
		.state = row->state };
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int contents = -1;

	manifest_init(&m);
	if (file_temporary(c->vouch->folder, &contents, f) == -1 ||
	    snapshot_read(fd, file->file.unpacked, &m, contents, f) == -1)
		return -1;
	if (row->guessed && row->serial != c->head.serial)
		wanted.state = row->state = m.state;
	if (apply_check(&m, &wanted, f) == -1)
		return -1;
	if (row->built)
		return 0; /* its items are the state, and so is ours */
	if (apply_items(c->shelf, CHECK_FEED, &m, contents, f) == -1)
		return -1;
	row->built = true;
	return 0;
}

/* The piece table that the row's snapshot has; the snapshot may have left. */
static int
make_table(const struct check *c, const struct check_row *row, int64_t *length,
    struct buf *table, struct fault *f)
{
	OWNED_FD int fd = -1;
	char name[TREE_NAME_MAX];
	size_t i = 0;
	bool have;

	while (row->files[i].sort != TREE_SNAPSHOT)
		i++;
	*length = row->files[i].file.length;
	if (!row->files[i].there)
		return 0;
	tree_name(TREE_SNAPSHOT, &row->files[i].file.digest, name);
	if (file_open(c->tree, name, &fd, &have, f) == -1)
		return -1;
	return have ? pieces_write(fd, *length, table, f) : 0;
}

static int
read_pieces(const struct check *c, const struct check_row *row, int fd,
    struct fault *f)
{
	OWNED_BUF struct buf table = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf right = BUF_INIT(BUF_ANY);
	OWNED_MEM struct digest *list = NULL;
	int64_t length;

	if (file_read_fd(fd, &table, f) == -1 ||
	    make_table(c, row, &length, &right, f) == -1 ||
	    pieces_read(table.data, table.len, length, &list, f) == -1)
		return -1;
	if (right.len == 0 || memcmp(right.data, table.data, table.len) == 0)
		return 0;
	return fault_set(f, FAULT_FORMAT,
	    "is not the piece table of its snapshot");
}

static int
read_signature(const struct check *c, int snapshot, const char *name,
    bool *have, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	size_t count;

	if (file_read(c->tree, name, &packets, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	if (seal_check_packets(packets.data, packets.len, &count, f) == -1)
		return -1;
	return vouch_check_fd(c->vouch, snapshot, packets.data, packets.len, f);
}

static int
check_signature(struct check *c, const struct check_file *file, int snapshot,
    struct fault *f)
{
	char name[TREE_NAME_MAX];
	struct fault why = { 0 };
	bool have = false;

	tree_name(TREE_SIGNATURE, &file->file.digest, name);
	if (read_signature(c, snapshot, name, &have, &why) == -1)
		return tally_fault(c->tally, "signature", name, &why, f);
	return tally_add(c->tally, have ? TALLY_GOOD : TALLY_MISSING,
	    "signature", name, NULL, f);
}

/* ---- all files of a row ---- */

/* What fails half-way leaves nothing on the shelf. */
static int
read_file(struct check *c, struct check_row *row, const struct check_file *file,
    int fd, bool *reached, struct fault *f)
{
	bool built = row->built;
	struct fault ignored = { 0 };
	int rc;

	*reached = true;
	if (db_run(c->db, f, "SAVEPOINT file", "") == -1)
		return -1;
	rc = file->sort == TREE_STEP ? read_step(c, row, file, fd, reached, f) :
	    file->sort == TREE_PIECES ? read_pieces(c, row, fd, f) :
					read_snapshot(c, row, file, fd, f);
	/* One that made the state, but names too much, did make it. */
	if (rc == -1 && row->built == built &&
	    db_run(c->db, &ignored, "ROLLBACK TO file", "") == -1) {
		if (tally_is_finding(f))
			*f = ignored;
		return -1;
	}
	if (db_run(c->db, &ignored, "RELEASE file", "") == -1) {
		*f = ignored;
		return -1;
	}
	return rc;
}

static int
check_file(struct check *c, struct check_row *row,
    const struct check_file *file, struct fault *f)
{
	const char *kind = check_kind(file->sort);
	char name[TREE_NAME_MAX], cause[FAULT_TEXT_MAX];
	enum tally_result result;
	struct fault why = { 0 };
	OWNED_FD int fd = -1;
	bool reached;

	tree_name(file->sort, &file->file.digest, name);
	if (check_open(c, file->sort, &file->file, &fd, &result, cause, f) ==
	    -1)
		return -1;
	if (fd == -1) /* it has changed since it was looked at */
		return tally_add(c->tally, result, kind, name, cause, f);
	if ((read_file(c, row, file, fd, &reached, &why) == -1 ?
		    tally_fault(c->tally, kind, name, &why, f) :
		    tally_add(c->tally, TALLY_GOOD, kind, name,
			reached ? NULL : OUT_OF_REACH, f)) == -1)
		return -1;
	if (file->sort != TREE_SNAPSHOT)
		return 0;
	return check_signature(c, file, fd, f);
}

/* The next file to read: steps by length, then the snapshot, its pieces. */
static const struct check_file *
next_file(const struct check_row *row, bool *done)
{
	size_t i, best = row->file_count;

	for (i = 0; i < row->file_count; i++) {
		const struct check_file *file = &row->files[i];

		if (done[i] || !file->there)
			continue;
		if (best == row->file_count ||
		    (file->sort == TREE_STEP &&
			file->file.length < row->files[best].file.length))
			best = i;
	}
	if (best == row->file_count)
		return NULL;
	done[best] = true;
	return &row->files[best];
}

int
check_states(struct check *c, struct check_row *row, struct fault *f)
{
	OWNED_MEM bool *done = calloc(row->file_count + 1, sizeof(*done));
	const struct check_file *file;

	if (done == NULL)
		return fault_memory(f);
	while ((file = next_file(row, done)) != NULL)
		if (check_file(c, row, file, f) == -1)
			return -1;
	return 0;
}
