/*
 * The rows of history: what they promise, and the files that they name.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/progress.h"
#include "verify/check.h"

#define SNAPSHOTS_KEPT 2 /* FORMAT section 5 */
#define THIN_EVERY 32	 /* rows */

/* ---- the list ---- */

static int
add_row(struct check *c, const struct history_row *from, struct fault *f)
{
	struct check_row *rows =
	    reallocarray(c->rows, c->row_count + 1, sizeof(*rows));
	struct check_row *row;
	size_t i;

	if (rows == NULL)
		return fault_memory(f);
	c->rows = rows;
	row = &rows[c->row_count];
	*row =
	    (struct check_row){ .serial = from->serial, .state = from->state };
	row->files = calloc(from->step_count + 2, sizeof(*row->files));
	if (row->files == NULL)
		return fault_memory(f);
	c->row_count++;
	for (i = 0; i < from->step_count; i++)
		row->files[row->file_count++] =
		    (struct check_file){ .sort = TREE_STEP,
			    .file = from->steps[i] };
	if (from->snapshot.present)
		row->files[row->file_count++] =
		    (struct check_file){ .sort = TREE_SNAPSHOT,
			    .file = from->snapshot };
	if (from->snapshot.present && from->snapshot.pieces_length > 0)
		row->files[row->file_count++] =
		    (struct check_file){ .sort = TREE_PIECES,
			    .file = { .digest = from->snapshot.pieces,
				.length = from->snapshot.pieces_length } };
	return 0;
}

static int
by_serial(const void *va, const void *vb)
{
	const struct check_row *a = va, *b = vb;

	return a->serial < b->serial ? -1 : a->serial > b->serial;
}

/* What the feed tells by itself, where history could not be read. */
static int
add_guessed(struct check *c, struct fault *f)
{
	const struct feed *head = &c->head;
	struct feed_file step = head->step;
	struct history_row newest = { .serial = head->serial,
		.state = head->state,
		.steps = &step,
		.step_count = head->step.present ? 1 : 0,
		.snapshot = head->entry_snapshot };
	struct history_row older = { .serial = head->snapshot.serial,
		.snapshot = head->snapshot };

	if (check_find_row(c, head->serial) == NULL) {
		if (add_row(c, &newest, f) == -1)
			return -1;
		c->rows[c->row_count - 1].guessed = true;
	}
	if (check_find_row(c, older.serial) != NULL)
		return 0;
	if (add_row(c, &older, f) == -1)
		return -1;
	c->rows[c->row_count - 1].guessed = true;
	qsort(c->rows, c->row_count, sizeof(*c->rows), by_serial);
	return 0;
}

static int
list_rows(struct check *c, struct fault *f)
{
	size_t i, j;

	for (i = c->document_count; i-- > 0;) {
		const struct history *h = &c->documents[i].history;

		for (j = 0; c->documents[i].read && j < h->row_count; j++)
			if (add_row(c, &h->rows[j], f) == -1)
				return -1;
	}
	return add_guessed(c, f);
}

/* Up to which serial are the contents of a state needed? */
static void
note_needs(struct check *c)
{
	size_t i, j;

	for (i = 0; i < c->row_count; i++)
		for (j = 0; j < c->rows[i].file_count; j++) {
			const struct check_file *file = &c->rows[i].files[j];
			struct check_row *from = file->sort == TREE_STEP ?
			    check_find_row(c, file->file.from) :
			    NULL;

			if (from != NULL)
				from->last_needed = c->rows[i].serial;
		}
}

/* ---- promises ---- */

static const struct check_file *
find_file(const struct check_row *row, enum tree_sort sort, int64_t from)
{
	size_t i;

	for (i = 0; i < row->file_count; i++)
		if (row->files[i].sort == sort &&
		    (sort != TREE_STEP || row->files[i].file.from == from))
			return &row->files[i];
	return NULL;
}

static int
complain(struct check *c, const char *kind, int64_t serial, const char *cause,
    struct fault *f)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "serial %lld", (long long)serial);
	return tally_add(c->tally, TALLY_BAD, kind, name, cause, f);
}

/* Has the document been read in which the serial would stand? */
static bool
is_known(const struct check *c, int64_t serial)
{
	size_t i;

	for (i = 0; i < c->document_count; i++)
		if (c->documents[i].number == history_number(serial))
			return c->documents[i].read;
	return false;
}

static int
check_promise(struct check *c, size_t at, struct fault *f)
{
	const struct check_row *row = &c->rows[at];
	bool follows = at > 0 && !c->rows[at - 1].guessed &&
	    c->rows[at - 1].serial == row->serial - 1;

	if (row->guessed)
		return 0;
	if (follows && find_file(row, TREE_STEP, row->serial - 1) == NULL)
		return complain(c, "history", row->serial,
		    "there is no step from the serial before", f);
	/*
	 * The first of all, or behind a jump; or the serial before had nothing
	 * but a snapshot, which has left.
	 */
	if (!follows && (row->serial == 1 || is_known(c, row->serial - 1)) &&
	    find_file(row, TREE_STEP, row->serial - 1) == NULL &&
	    find_file(row, TREE_SNAPSHOT, 0) == NULL)
		return complain(c, "history", row->serial,
		    "neither a step nor a snapshot leads there", f);
	return 0;
}

static bool
same_file(const struct feed_file *feed, const struct check_file *row)
{
	if (row == NULL || !feed->present)
		return row == NULL && !feed->present;
	return digest_equal(&feed->digest, &row->file.digest) &&
	    feed->length == row->file.length &&
	    feed->unpacked == row->file.unpacked;
}

/* The feed and the history that it names tell the same. */
static int
compare_head(struct check *c, struct fault *f)
{
	const struct feed *head = &c->head;
	const struct check_row *row = check_find_row(c, head->serial);
	const struct check_row *older =
	    check_find_row(c, head->snapshot.serial);

	if (!c->documents[0].read)
		return 0;
	if (!same_file(&head->step,
		find_file(row, TREE_STEP, head->serial - 1)) &&
	    complain(c, "feed", head->serial,
		"its history names another step from the serial before",
		f) == -1)
		return -1;
	if (!same_file(&head->entry_snapshot,
		find_file(row, TREE_SNAPSHOT, 0)) &&
	    complain(c, "feed", head->serial,
		"its history names another snapshot of it", f) == -1)
		return -1;
	if (older != NULL && older != row &&
	    !same_file(&head->snapshot, find_file(older, TREE_SNAPSHOT, 0)))
		return complain(c, "feed", older->serial,
		    "history names another snapshot of it", f);
	return 0;
}

/* ---- files that are not there ---- */

struct window {
	int64_t step;	  /* the oldest serial with a step that is there */
	int64_t snapshot; /* the oldest serial whose snapshot is kept */
};

static bool
is_there(const struct check *c, const struct check_file *file)
{
	char name[TREE_NAME_MAX];
	struct stat st;

	tree_name(file->sort, &file->file.digest, name);
	return fstatat(c->tree, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static struct window
find_window(const struct check *c)
{
	struct window w = { .step = INT64_MAX, .snapshot = INT64_MAX };
	size_t i, j, snapshots = 0;

	for (i = c->row_count; i-- > 0;)
		for (j = 0; j < c->rows[i].file_count; j++) {
			const struct check_file *file = &c->rows[i].files[j];

			if (file->sort == TREE_STEP && is_there(c, file))
				w.step = c->rows[i].serial;
			if (file->sort == TREE_SNAPSHOT &&
			    ++snapshots <= SNAPSHOTS_KEPT)
				w.snapshot = c->rows[i].serial;
		}
	return w;
}

static enum tally_result
judge_missing(const struct check *c, const struct window *w,
    const struct check_row *row, const struct check_file *file)
{
	bool kept = row->serial > c->head.serial - HISTORY_SERIALS;

	if (file->sort != TREE_STEP)
		return row->serial >= w->snapshot ? TALLY_MISSING : TALLY_GONE;
	return kept || row->serial >= w->step ? TALLY_MISSING : TALLY_GONE;
}

static int
look_at_file(struct check *c, const struct window *w,
    const struct check_row *row, struct check_file *file, struct fault *f)
{
	char name[TREE_NAME_MAX], cause[FAULT_TEXT_MAX];
	enum tally_result result;
	OWNED_FD int fd = -1;

	if (check_open(c, file->sort, &file->file, &fd, &result, cause, f) ==
	    -1)
		return -1;
	file->there = result == TALLY_GOOD;
	if (file->there)
		return 0; /* what is in it, check_states() tells */
	if (result == TALLY_MISSING)
		result = judge_missing(c, w, row, file);
	tree_name(file->sort, &file->file.digest, name);
	return tally_add(c->tally, result, check_kind(file->sort), name,
	    cause[0] != '\0' ? cause : NULL, f);
}

/* ---- all rows ---- */

/* Forget contents that no step ahead is compressed against. */
static int
thin(struct check *c, size_t at, struct fault *f)
{
	OWNED_MEM int64_t *wanted = NULL;
	size_t i, n = 0;

	if (at % THIN_EVERY != THIN_EVERY - 1)
		return 0;
	wanted = calloc(at + 1, sizeof(*wanted));
	if (wanted == NULL)
		return fault_memory(f);
	for (i = 0; i <= at; i++)
		if (c->rows[i].built &&
		    c->rows[i].last_needed > c->rows[at].serial)
			wanted[n++] = c->rows[i].serial;
	return shelf_thin(c->shelf, CHECK_FEED, wanted, n, f);
}

static int
open_shelf(struct check *c, struct fault *f)
{
	const char *migrations[] = { shelf_schema };

	if (db_open_passing(migrations, 1, &c->db, f) == -1 ||
	    shelf_open(c->db, c->vouch->folder, &c->shelf, f) == -1)
		return -1;
	return db_begin(c->db, f);
}

static int
walk_rows(struct check *c, struct fault *f)
{
	OWNED(progress_end) struct progress bar = { .label = NULL };
	struct window window = find_window(c);
	size_t i, j;

	progress_start(&bar, "checking", 0, (int64_t)c->row_count);
	for (i = 0; i < c->row_count; i++) {
		struct check_row *row = &c->rows[i];

		if (check_promise(c, i, f) == -1)
			return -1;
		for (j = 0; j < row->file_count; j++)
			if (look_at_file(c, &window, row, &row->files[j], f) ==
			    -1)
				return -1;
		if (check_states(c, row, f) == -1 || thin(c, i, f) == -1)
			return -1;
		progress_set(&bar, 0, (int64_t)i + 1);
	}
	return 0;
}

int
check_rows(struct check *c, struct fault *f)
{
	const struct check_row *head;
	struct digest state;

	if (list_rows(c, f) == -1 || compare_head(c, f) == -1 ||
	    open_shelf(c, f) == -1)
		return -1;
	note_needs(c);
	if (walk_rows(c, f) == -1)
		return -1;
	head = check_find_row(c, c->head.serial);
	if (head == NULL || !head->built)
		return 0;
	return shelf_state(c->shelf, CHECK_FEED, c->head.serial, &state,
	    &c->items, f);
}
