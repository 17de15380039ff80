#include "fetch/chase.h"

#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "feeds/apply.h"
#include "feeds/history.h"
#include "fetch/arrival.h"

#define LOOKS 2	   /* see find_edges() */
#define WAYS_MAX 4 /* tries of another way, the last of them by snapshot */

void
chase_clear(struct chase *c)
{
	free(c->edges);
	c->edges = NULL;
	c->edge_count = 0;
}

/* ---- what history says ---- */

static bool
is_inside(const struct feed *head, const struct feed_file *file)
{
	return head->inside.len > 0 && file->serial == head->serial &&
	    file->length == (int64_t)head->inside.len &&
	    digest_equal(&file->digest, &head->step.digest);
}

/* From an earlier look at history: it may be known to be bad. */
static bool
is_known(const struct chase *c, bool snapshot, const struct feed_file *file)
{
	size_t i;

	for (i = 0; i < c->edge_count; i++) {
		const struct path_edge *e = &c->edges[i];

		if (e->file.serial == file->serial &&
		    e->file.from == file->from && e->snapshot == snapshot &&
		    digest_equal(&e->file.digest, &file->digest))
			return true;
	}
	return false;
}

static int
add_edge(struct chase *c, bool snapshot, const struct feed_file *file,
    const struct digest *state, struct fault *f)
{
	struct path_edge *edges;

	if (is_known(c, snapshot, file))
		return 0;
	edges = reallocarray(c->edges, c->edge_count + 1, sizeof(*edges));
	if (edges == NULL)
		return fault_memory(f);
	c->edges = edges;
	edges[c->edge_count++] = (struct path_edge){ .snapshot = snapshot,
		.file = *file,
		.state = *state,
		.here = !snapshot && is_inside(c->head, file) };
	return 0;
}

/* Every row that is read is compared with what was accepted: FORMAT 6.4. */
static int
check_fork(struct chase *c, int64_t serial, const struct digest *state,
    struct fault *f)
{
	struct digest accepted;
	bool have;

	if (book_accepted_state(c->book, c->feed->row, serial, &accepted, &have,
		f) == -1)
		return -1;
	if (!have || digest_equal(&accepted, state))
		return 0;
	c->disputed = serial;
	return fault_set(f, FAULT_FORK,
	    "fork: history names another state "
	    "for serial %lld than the one accepted before",
	    (long long)serial);
}

static int
take_row(struct chase *c, const struct history_row *row, struct fault *f)
{
	size_t i;

	/* One signature, two states: whatever leads to either is not taken. */
	if (row->serial == c->head->serial &&
	    !digest_equal(&row->state, &c->head->state))
		return fault_set(f, FAULT_FORMAT,
		    "history names another "
		    "state for serial %lld than the feed",
		    (long long)row->serial);
	if (check_fork(c, row->serial, &row->state, f) == -1)
		return -1;
	if (row->serial > c->head->serial)
		return 0;
	for (i = 0; i < row->step_count; i++)
		if (add_edge(c, false, &row->steps[i], &row->state, f) == -1)
			return -1;
	if (!row->snapshot.present)
		return 0;
	return add_edge(c, true, &row->snapshot, &row->state, f);
}

static int
read_document(struct chase *c, const struct feed_file *file, struct history *h,
    struct fault *f)
{
	struct download_file wanted = { .sort = TREE_HISTORY,
		.digest = file->digest,
		.length = file->length,
		.fd = -1 };
	int rc;

	if (download_one(c->download, &wanted, f) == -1)
		return -1;
	rc = worker_history(c->worker, wanted.fd, h, f);
	own_close_fd(&wanted.fd);
	if (rc == -1)
		return -1;
	if (strcmp(h->feed, c->head->id) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "history document is of another feed '%s'", h->feed);
	return 0;
}

/* The skip that leads nearest to a document's number, not below it. */
static const struct history_skip *
best_skip(const struct history *h, int64_t number)
{
	const struct history_skip *best = NULL;
	size_t i;

	for (i = 0; i < h->skip_count; i++)
		if (h->skips[i].to >= number &&
		    (best == NULL || h->skips[i].to < best->to))
			best = &h->skips[i];
	return best;
}

/*
 * Documents from the newest to the one with a serial, by skips: rows in
 * between that are left out are those that longer steps jump over.
 */
static int
read_history(struct chase *c, int64_t serial, struct fault *f)
{
	int64_t own = history_number(serial);
	struct feed_file file = c->head->history;
	int64_t last = -1;

	for (;;) {
		OWNED_HISTORY struct history h;
		const struct history_skip *skip;
		size_t i;

		history_init(&h);
		if (read_document(c, &file, &h, f) == -1) {
			/* Gone everywhere: the end of the retention window. */
			if (last != -1 && f->kind == FAULT_NETWORK)
				return 0;
			return fault_within(f, "history");
		}
		if (last != -1 && h.number >= last)
			return fault_set(f, FAULT_FORMAT,
			    "history does not lead back");
		last = h.number;
		for (i = 0; i < h.row_count; i++)
			if (take_row(c, &h.rows[i], f) == -1)
				return -1;
		skip = h.number > own ? best_skip(&h, own) : NULL;
		if (skip == NULL)
			return 0;
		file = (struct feed_file){ .present = true,
			.digest = skip->digest,
			.length = skip->length };
	}
}

/*
 * The document to look at after this one for rows of the documents first to
 * last: straight to the last, if it leads there, and then one by one.
 */
static const struct history_skip *
next_towards(const struct history *h, int64_t first, int64_t last)
{
	const struct history_skip *skip = NULL;

	if (h->number > last)
		skip = best_skip(h, last);
	if (skip == NULL && h->skip_count > 0)
		skip = &h->skips[0]; /* they fall: the nearest */
	return skip != NULL && skip->to >= first ? skip : NULL;
}

int
chase_has_rows(struct chase *c, int64_t from, int64_t to, bool *has,
    struct fault *f)
{
	struct feed_file file = c->head->history;
	int64_t last = INT64_MAX;

	*has = false;
	for (;;) {
		OWNED_HISTORY struct history h;
		const struct history_skip *skip;
		size_t i;

		history_init(&h);
		/* What cannot be had may have such a row. */
		if (read_document(c, &file, &h, f) == -1)
			return fault_within(f, "history");
		if (h.number >= last)
			return fault_set(f, FAULT_FORMAT,
			    "history does not lead back");
		last = h.number;
		for (i = 0; i < h.row_count; i++)
			*has |=
			    h.rows[i].serial >= from && h.rows[i].serial <= to;
		skip =
		    next_towards(&h, history_number(from), history_number(to));
		if (*has || skip == NULL)
			return 0;
		file = (struct feed_file){ .present = true,
			.digest = skip->digest,
			.length = skip->length };
	}
}

/* ---- applying a file ---- */

static int
state_at(const struct chase *c, int64_t serial, struct digest *state,
    struct fault *f)
{
	int64_t count;

	return shelf_state(c->book->shelf, c->feed->row, serial, state, &count,
	    f);
}

static int
apply_step(struct chase *c, const struct path_edge *edge, int fd,
    struct fault *f)
{
	struct apply_wanted wanted = { .feed = c->head->id,
		.step = true,
		.from = edge->file.from,
		.serial = edge->file.serial,
		.state = edge->state };
	OWNED_MANIFEST struct manifest m;
	OWNED_MANIFEST struct manifest filled;
	OWNED_FD int prefix = -1;
	OWNED_FD int contents = -1;
	int64_t size;

	manifest_init(&m);
	manifest_init(&filled);
	if (state_at(c, edge->file.from, &wanted.base, f) == -1 ||
	    worker_step(c->worker, fd, edge->file.unpacked, &m, f) == -1 ||
	    apply_check(&m, &wanted, f) == -1 ||
	    file_temporary(c->book->folder, &prefix, f) == -1 ||
	    file_temporary(c->book->folder, &contents, f) == -1 ||
	    apply_prefix(c->book->shelf, c->feed->row, &m, prefix, &size, f) ==
		-1 ||
	    worker_contents(c->worker, prefix, size, contents, &filled, f) ==
		-1 ||
	    apply_check(&filled, &wanted, f) == -1)
		return -1;
	c->steps++;
	return apply_items(c->book->shelf, c->feed->row, &filled, contents, f);
}

/*
 * Where no step leads on from our state, a way may lead from an earlier one
 * past it: our states are no part of that way.
 */
static int
start_over(struct chase *c, struct fault *f)
{
	c->feed->settled =
	    0; /* what to compare the wiki's items with is gone */
	if (arrival_forget(c->book->db, c->feed->row, f) == -1)
		return -1;
	return shelf_forget(c->book->shelf, c->feed->row, f);
}

/* Items are kept while the worker reads the next ones. */
static int
keep_snapshot(struct chase *c, struct manifest *m, int contents,
    struct fault *f)
{
	struct shelf *shelf = c->book->shelf;
	size_t kept = 0, done = 0;
	int64_t row = c->feed->row, at = 0;
	bool end = false;

	if (apply_begin(shelf, row, m, f) == -1)
		return -1;
	for (; !end; kept = done)
		if (worker_snapshot_more(c->worker, m, &done, &end, f) == -1 ||
		    apply_part(shelf, row, m, kept, done, contents, &at, f) ==
			-1)
			return -1;
	return apply_end(shelf, row, m, f);
}

static int
apply_snapshot(struct chase *c, const struct path_edge *edge, int fd,
    struct fault *f)
{
	struct apply_wanted wanted = { .feed = c->head->id,
		.serial = edge->file.serial,
		.state = edge->state };
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int contents = -1;

	manifest_init(&m);
	if (file_temporary(c->book->folder, &contents, f) == -1 ||
	    worker_snapshot(c->worker, fd, edge->file.unpacked, contents, &m,
		f) == -1)
		return -1;
	if (apply_check(&m, &wanted, f) == -1 ||
	    (edge->file.serial <= c->feed->stored && start_over(c, f) == -1) ||
	    keep_snapshot(c, &m, contents, f) == -1) {
		worker_stop(c->worker); /* it may have more to say */
		return -1;
	}
	c->snapshots++;
	return 0;
}

static bool
is_final(const struct fault *f)
{
	return f->kind == FAULT_MEMORY || f->kind == FAULT_SYSTEM ||
	    f->kind == FAULT_BUG || f->kind == FAULT_FORK;
}

/*
 * A file that fails half-way leaves nothing on the shelf.  Some faults take
 * the whole transaction, and the savepoint in it, away: they are the cause.
 */
static int
apply(struct chase *c, const struct path_edge *edge, int fd, struct fault *f)
{
	struct db *db = c->book->db;
	struct fault ignored = { 0 };

	if (db_run(db, f, "SAVEPOINT file", "") == -1)
		return -1;
	if ((edge->snapshot ? apply_snapshot(c, edge, fd, f) :
			      apply_step(c, edge, fd, f)) == -1) {
		if ((db_run(db, &ignored, "ROLLBACK TO file", "") == -1 ||
			db_run(db, &ignored, "RELEASE file", "") == -1) &&
		    !is_final(f))
			*f = ignored;
		return fault_within(f, "%s of serial %lld",
		    edge->snapshot ? "snapshot" : "step",
		    (long long)edge->file.serial);
	}
	if (db_run(db, f, "RELEASE file", "") == -1)
		return -1;
	c->feed->stored = edge->file.serial;
	if (arrival_add(db, c->feed->row, edge->file.serial, c->now, f) == -1)
		return -1;
	return book_accept_state(c->book, c->feed->row, edge->file.serial,
	    &edge->state, f);
}

/* The step that came inside the feed: no request at all. */
static int
open_inside(const struct chase *c, int *out, struct fault *f)
{
	OWNED_FD int fd = -1;

	if (file_memory("step", &fd, f) == -1 ||
	    file_write(fd, c->head->inside.data, c->head->inside.len, f) == -1)
		return -1;
	*out = own_give_fd(&fd);
	return 0;
}

static int
apply_inside(struct chase *c, struct fault *f)
{
	struct path_edge edge = { .file = c->head->step,
		.state = c->head->state };
	OWNED_FD int fd = -1;

	edge.file.serial = c->head->serial;
	if (open_inside(c, &fd, f) == -1)
		return -1;
	return apply(c, &edge, fd, f);
}

/* ---- the way ---- */

/* It is the last of a way, if at all. */
static int
fetch_way(struct chase *c, const size_t *chosen, size_t n,
    struct download_file *files, struct fault *f)
{
	bool here = n > 0 && c->edges[chosen[n - 1]].here;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct path_edge *e = &c->edges[chosen[i]];

		files[i] = (struct download_file){ .sort = e->snapshot ?
			    TREE_SNAPSHOT :
			    TREE_STEP,
			.digest = e->file.digest,
			.length = e->file.length,
			.pieces = e->file.pieces,
			.pieces_length = e->file.pieces_length,
			.fd = -1 };
	}
	if (here && open_inside(c, &files[n - 1].fd, f) == -1)
		return -1;
	if (n == (size_t)here)
		return 0;
	return download_all(c->download, files, n - here, f);
}

/*
 * Fetch and apply the chosen edges.  What fails is marked, so that the next
 * choice goes another way; what was applied before it stays.
 */
static int
walk_way(struct chase *c, const size_t *chosen, size_t n, struct fault *f)
{
	OWNED_MEM struct download_file *files = calloc(n, sizeof(*files));
	int rc = 0;
	size_t i;

	if (files == NULL)
		return fault_memory(f);
	if (fetch_way(c, chosen, n, files, f) == -1)
		rc = -1;
	for (i = 0; i < n; i++) {
		struct path_edge *edge = &c->edges[chosen[i]];

		if (files[i].fd == -1 ||
		    (rc == 0 && apply(c, edge, files[i].fd, f) == -1)) {
			edge->bad = true;
			rc = -1;
		}
		own_close_fd(&files[i].fd);
	}
	return rc;
}

/*
 * More edges, cheapest first: a snapshot of the head itself needs no history,
 * unless it is a large one, whose piece table history knows; then the
 * documents down to our own serial; then, where no steps lead on (out of
 * retention, a jump), those down to the newest snapshot.
 */
static int
find_edges(struct chase *c, struct fault *f)
{
	const struct feed *head = c->head;

	switch (c->looked++) {
	case 0:
		if (c->feed->stored != 0 ||
		    head->snapshot.serial != head->serial ||
		    head->snapshot.length > PIECES_FROM)
			return 0;
		return add_edge(c, true, &head->snapshot, &head->state, f);
	case 1:
		return read_history(c,
		    c->feed->stored != 0 ? c->feed->stored :
					   head->snapshot.serial,
		    f);
	default:
		return read_history(c, head->snapshot.serial, f);
	}
}

static int
choose_way(struct chase *c, size_t **chosen, size_t *n, struct fault *f)
{
	for (;;) {
		free(*chosen);
		*chosen = calloc(c->edge_count + 1, sizeof(**chosen));
		if (*chosen == NULL)
			return fault_memory(f);
		if (path_choose(c->edges, c->edge_count, c->feed->stored,
			c->head->serial, *chosen, n, f) == 0)
			return 0;
		if (f->kind != FAULT_BEHIND || c->looked > LOOKS)
			return -1;
		if (find_edges(c, f) == -1)
			return -1;
	}
}

static int
one_way(struct chase *c, struct fault *f)
{
	OWNED_MEM size_t *chosen = NULL;
	size_t n;

	if (choose_way(c, &chosen, &n, f) == -1)
		return -1;
	return walk_way(c, chosen, n, f);
}

/* Of all that went wrong the most serious is told: a lie, not its aftermath. */
static void
keep_worst(struct fault *worst, const struct fault *why)
{
	int is = fault_exit(why), was = fault_exit(worst);

	if (is != was && exit_worse(is, was) == is)
		*worst = *why;
	log_detail("%s; looking for another way", why->text);
}

int
chase_head(struct chase *c, struct fault *f)
{
	struct fault why = { 0 }, worst = { 0 };
	int tries;

	if (c->head->step.present && c->head->inside.len > 0 &&
	    c->feed->stored != 0 && c->feed->stored == c->head->step.from) {
		if (apply_inside(c, &why) == 0)
			return 0;
		keep_worst(&worst, &why);
	}
	for (tries = 0; !is_final(&why) && tries <= WAYS_MAX; tries++) {
		if (c->feed->stored == c->head->serial)
			return 0;
		why = (struct fault){ 0 };
		if (one_way(c, &why) == 0)
			continue;
		keep_worst(&worst, &why);
		if (why.kind == FAULT_BEHIND)
			break; /* nor will there be one */
	}
	if (c->feed->stored == c->head->serial)
		return 0;
	*f = is_final(&why) ? why : worst;
	return -1;
}
