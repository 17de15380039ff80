#include "gen/rebuild.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/num.h"
#include "feeds/apply.h"
#include "feeds/atom.h"
#include "feeds/seal.h"
#include "feeds/tarball.h"
#include "feeds/zframe.h"

struct rebuild {
	struct ledger *ledger;
	const struct publisher *settings;
	struct ledger_feed *known;
	int tree;
	bool dry_run;
	struct feed head;    /* of the tree's document */
	struct buf document; /* its bytes */
	struct path_edge *edges;
	size_t edge_count;
	int64_t missing; /* steps and snapshots that history names */
};

/* ---- does our own key's signature cover the tree's document? ---- */

static int
check_in(const char *scratch, struct rebuild *r, const void *packets, size_t n,
    size_t signed_size, struct fault *f)
{
	OWNED_BUF struct buf armored = BUF_INIT(KEY_MAX);
	OWNED_BUF struct buf keyring = BUF_INIT(KEY_MAX);
	OWNED_MEM struct signers *signers = calloc(1, sizeof(*signers));
	struct signature_report report;
	bool refresh;

	if (signers == NULL)
		return fault_memory(f);
	signers->count = signers->threshold = 1;
	(void)snprintf(signers->list[0].primary,
	    sizeof(signers->list[0].primary), "%s", r->settings->key);
	if (signature_export(r->settings->home, signers, &armored, f) == -1 ||
	    signature_certificates(scratch, armored.data, armored.len, NULL, 0,
		signers, &keyring, f) == -1 ||
	    signature_home_make(scratch, keyring.data, keyring.len, f) == -1 ||
	    signature_check(scratch, signers, r->document.data, signed_size,
		packets, n, time_now(), &report, f) == -1)
		return -1;
	return signature_judge(&report, signers, &refresh, f);
}

static int
check_own_signature(struct rebuild *r, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_MEM char *scratch = NULL;
	struct fault ignored = { 0 };
	size_t signed_size;
	int rc;

	if (seal_split(r->document.data, r->document.len, &signed_size,
		&packets, f) == -1)
		return -1;
	if (folder_scratch(r->ledger->folder, &scratch, f) == -1)
		return -1;
	rc = check_in(scratch, r, packets.data, packets.len, signed_size, f);
	(void)folder_remove(AT_FDCWD, scratch, &ignored);
	if (rc == -1)
		return -1;
	return atom_read(r->document.data, signed_size, &r->head, f);
}

/* ---- taking the tree's history over ---- */

/* Open a file of the tree by its digest and length; both are checked. */
static int
open_named(const struct rebuild *r, enum tree_sort sort,
    const struct feed_file *file, int *fd, struct fault *f)
{
	OWNED_FD int got = -1;
	char name[TREE_NAME_MAX];
	struct digest d;
	int64_t size;
	bool have;

	tree_name(sort, &file->digest, name);
	if (file_open(r->tree, name, &got, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_SYSTEM, "'%s' is missing", name);
	if (digest_of_fd(got, &d, &size, f) == -1)
		return fault_within(f, "'%s'", name);
	if (size != file->length || !digest_equal(&d, &file->digest))
		return fault_set(f, FAULT_FORMAT, "'%s' is damaged", name);
	*fd = own_give_fd(&got);
	return 0;
}

static bool
is_there(const struct rebuild *r, enum tree_sort sort,
    const struct feed_file *file)
{
	char name[TREE_NAME_MAX];
	struct stat st;

	tree_name(sort, &file->digest, name);
	return fstatat(r->tree, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_size == file->length;
}

/* What is not there is not to be named again. */
static int
note_file(struct rebuild *r, enum tree_sort sort, const struct feed_file *file,
    const struct digest *state, struct fault *f)
{
	struct path_edge *edges;

	if (!is_there(r, sort, file)) {
		r->missing++;
		return 0;
	}
	if (ledger_add_file(r->ledger, r->known->row, sort, file, f) == -1)
		return -1;
	if (sort != TREE_STEP && sort != TREE_SNAPSHOT)
		return 0;
	edges = reallocarray(r->edges, r->edge_count + 1, sizeof(*edges));
	if (edges == NULL)
		return fault_memory(f);
	r->edges = edges;
	edges[r->edge_count++] =
	    (struct path_edge){ .snapshot = sort == TREE_SNAPSHOT,
		    .file = *file,
		    .state = *state };
	return 0;
}

/* A table that is not there is not named again: a snapshot does without. */
static int
note_pieces(struct rebuild *r, const struct feed_file *snapshot,
    struct fault *f)
{
	OWNED_FD int fd = -1;
	struct fault lost = { 0 };
	struct feed_file table = { .present = true,
		.digest = snapshot->pieces,
		.length = snapshot->pieces_length,
		.serial = snapshot->serial };

	if (table.length == 0)
		return 0;
	if (open_named(r, TREE_PIECES, &table, &fd, &lost) == -1) {
		if (lost.kind != FAULT_MEMORY)
			return 0;
		*f = lost;
		return -1;
	}
	return note_file(r, TREE_PIECES, &table, NULL, f);
}

static int
take_row(struct rebuild *r, const struct history_row *row, struct fault *f)
{
	struct ledger_serial serial = { .serial = row->serial,
		.state = row->state,
		.published = r->head.updated,
		.summary = "",
		.changes = "" };
	size_t i;

	if (row->serial == r->head.serial && r->head.summary != NULL)
		serial.summary = r->head.summary;
	if (ledger_add_serial(r->ledger, r->known->row, &serial, f) == -1)
		return -1;
	for (i = 0; i < row->step_count; i++)
		if (note_file(r, TREE_STEP, &row->steps[i], &row->state, f) ==
		    -1)
			return -1;
	if (!row->snapshot.present)
		return 0;
	if (note_pieces(r, &row->snapshot, f) == -1)
		return -1;
	return note_file(r, TREE_SNAPSHOT, &row->snapshot, &row->state, f);
}

static int
read_history(const struct rebuild *r, const struct feed_file *file,
    struct history *h, struct fault *f)
{
	OWNED_BUF struct buf xml = BUF_INIT(HISTORY_MAX);
	OWNED_FD int fd = -1;

	if (open_named(r, TREE_HISTORY, file, &fd, f) == -1 ||
	    zframe_read_all(fd, &xml, f) == -1)
		return -1;
	return history_read(xml.data, xml.len, h, f);
}

/*
 * The documents one after another, newest first; one that is gone is the end
 * of the retention window.
 */
static int
take_history(struct rebuild *r, struct fault *f)
{
	struct feed_file file = r->head.history;
	bool more = true;
	size_t i;

	while (more) {
		OWNED_HISTORY struct history h;
		struct fault end = { 0 };

		history_init(&h);
		if (read_history(r, &file, &h, &end) == -1) {
			if (file.serial != 0)
				return 0;
			*f = end;
			return -1;
		}
		file.serial = h.number;
		if (note_file(r, TREE_HISTORY, &file, NULL, f) == -1)
			return -1;
		for (i = 0; i < h.row_count; i++)
			if (take_row(r, &h.rows[i], f) == -1)
				return -1;
		more = h.skip_count > 0;
		if (more)
			file = (struct feed_file){ .present = true,
				.digest = h.skips[0].digest,
				.length = h.skips[0].length,
				.serial = h.skips[0].to };
	}
	return 0;
}

/* ---- taking the newest state over ---- */

static int
follow_edge(struct rebuild *r, const struct path_edge *edge, struct fault *f)
{
	OWNED(step_close) struct step *step = NULL;
	OWNED_MANIFEST struct manifest snapshot;
	struct manifest *m = &snapshot;
	struct shelf *shelf = r->ledger->shelf;
	int64_t row = r->known->row, prefix_size;
	OWNED_FD int in = -1;
	OWNED_FD int prefix = -1;
	OWNED_FD int contents = -1;

	manifest_init(&snapshot);
	if (open_named(r, edge->snapshot ? TREE_SNAPSHOT : TREE_STEP,
		&edge->file, &in, f) == -1 ||
	    file_temporary(r->ledger->folder, &contents, f) == -1 ||
	    file_temporary(r->ledger->folder, &prefix, f) == -1)
		return -1;
	if (edge->snapshot) {
		if (snapshot_read(in, edge->file.unpacked, m, contents, f) ==
		    -1)
			return -1;
	} else {
		if (step_open(in, edge->file.unpacked, &step, f) == -1)
			return -1;
		m = step_manifest(step);
		if (apply_prefix(shelf, row, m, prefix, &prefix_size, f) ==
			-1 ||
		    step_contents(step, prefix, prefix_size, contents, f) == -1)
			return -1;
	}
	if (m->serial != edge->file.serial ||
	    !digest_equal(&m->state, &edge->state))
		return fault_set(f, FAULT_FORMAT,
		    "serial %lld: the manifest names another state",
		    (long long)edge->file.serial);
	return apply_items(shelf, row, m, contents, f);
}

static int
walk_path(struct rebuild *r, struct fault *f)
{
	OWNED_MEM size_t *chosen = calloc(r->edge_count + 1, sizeof(*chosen));
	size_t n, i;

	if (chosen == NULL)
		return fault_memory(f);
	if (path_choose(r->edges, r->edge_count, 0, r->head.serial, chosen, &n,
		f) == -1)
		return f->kind != FAULT_BEHIND ?
		    -1 :
		    fault_set(f, FAULT_FORMAT,
			"is not whole: %lld files are missing, and what is "
			"there does not lead to serial %lld",
			(long long)r->missing, (long long)r->head.serial);
	for (i = 0; i < n; i++)
		if (follow_edge(r, &r->edges[chosen[i]], f) == -1)
			return -1;
	/* The way may have skipped states in between: no steps from them. */
	r->known->oldest = r->head.serial;
	return 0;
}

/* Every item of the shelf is to be compared with the wiki. */
static int
fill_scan_cache(struct rebuild *r, struct fault *f)
{
	OWNED(shelf_walk_close) struct shelf_walk *walk = NULL;
	const struct item *item;
	const char *path;
	bool have;

	if (shelf_walk_open(r->ledger->shelf, r->known->row, r->head.serial,
		&walk, f) == -1)
		return -1;
	for (;;) {
		if (shelf_walk_next(walk, &item, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (db_run(r->ledger->db, f,
			"INSERT INTO scan VALUES (?,?,'',?,1,NULL)", "iti",
			r->known->row, path, (int64_t)item->kind) == -1)
			return -1;
	}
}

static int
take_over(struct rebuild *r, struct fault *f)
{
	struct ledger_feed *known = r->known;
	struct feed_file network = r->head.network;
	int64_t ahead = known->ahead;

	if (r->head.trust > 0)
		return fault_set(f, FAULT_CONFIG,
		    "its signers have changed "
		    "(trust document %lld), which gen cannot go on with",
		    (long long)r->head.trust);
	if (ledger_feed_forget(r->ledger, known, f) == -1 ||
	    take_history(r, f) == -1 || walk_path(r, f) == -1 ||
	    ledger_add_file(r->ledger, known->row, TREE_NETWORK, &network, f) ==
		-1 ||
	    fill_scan_cache(r, f) == -1)
		return -1;
	(void)snprintf(known->id, sizeof(known->id), "%s", r->head.id);
	known->serial = r->head.serial;
	known->published = known->updated = r->head.updated;
	known->expires = r->head.expires;
	known->ahead = ahead;
	buf_clear(&known->document);
	if (buf_add(&known->document, r->document.data, r->document.len, f) ==
	    -1)
		return -1;
	return ledger_feed_save(r->ledger, known, f);
}

/* ---- which of the two is right ---- */

static bool
is_whole(const struct rebuild *r, const struct feed *doc)
{
	const struct {
		enum tree_sort sort;
		const struct feed_file *file;
	} named[] = { { TREE_HISTORY, &doc->history },
		{ TREE_NETWORK, &doc->network },
		{ TREE_SNAPSHOT, &doc->snapshot }, { TREE_STEP, &doc->step } };
	size_t i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i].file->present &&
		    !is_there(r, named[i].sort, named[i].file))
			return false;
	return true;
}

/* The ledger's document is newer: put it in place, if its files are there. */
static int
put_ours(struct rebuild *r, enum rebuild_answer *answer, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_FEED struct feed ours;
	const struct buf *document = &r->known->document;
	size_t signed_size;

	feed_init(&ours);
	if (seal_split(document->data, document->len, &signed_size, &packets,
		f) == -1 ||
	    atom_read(document->data, signed_size, &ours, f) == -1)
		return -1;
	if (!is_whole(r, &ours)) {
		*answer = REBUILD_HOLES;
		return 0;
	}
	*answer = REBUILD_REPLACED;
	if (r->dry_run)
		return 0;
	return tree_put_feed(r->tree, document->data, document->len,
	    r->known->updated, f);
}

static bool
tree_is_newer(const struct rebuild *r)
{
	const struct ledger_feed *known = r->known;

	return known->serial == 0 || r->head.serial > known->serial ||
	    (r->head.serial == known->serial &&
		r->head.updated > known->updated);
}

static int
compare(struct rebuild *r, enum rebuild_answer *answer, struct fault *f)
{
	bool have;

	if (file_read(r->tree, "feed.atom", &r->document, &have, f) == -1)
		return -1;
	*answer = REBUILD_AGREES;
	if (!have)
		return r->known->serial == 0 ? 0 : put_ours(r, answer, f);
	if (r->document.len == r->known->document.len &&
	    memcmp(r->document.data, r->known->document.data,
		r->document.len) == 0)
		return 0;
	if (check_own_signature(r, f) == -1) {
		if (f->kind == FAULT_MEMORY)
			return -1;
		if (r->known->serial == 0)
			return fault_within(f,
			    "there is a feed.atom that this key did not sign");
		return put_ours(r, answer, f);
	}
	if (!tree_is_newer(r))
		return put_ours(r, answer, f);
	*answer = REBUILD_DONE;
	if (take_over(r, f) == -1)
		return fault_within(f, "the published tree");
	return 0;
}

static void
clear(struct rebuild *r)
{
	feed_clear(&r->head);
	buf_clear(&r->document);
	free(r->edges);
}

int
rebuild_feed(struct ledger *ledger, const struct publisher *settings,
    struct ledger_feed *known, int tree, bool dry_run,
    enum rebuild_answer *answer, struct fault *f)
{
	OWNED(clear) struct rebuild r = { .ledger = ledger,
		.settings = settings,
		.known = known,
		.tree = tree,
		.dry_run = dry_run,
		.document = BUF_INIT(FEED_MAX) };

	feed_init(&r.head);
	return compare(&r, answer, f);
}

/* ---- somebody's copy ---- */

static int
read_copy(struct rebuild *r, struct fault *f)
{
	bool have;

	feed_init(&r->head);
	if (file_read(r->tree, "feed.atom", &r->document, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_CONFIG,
		    "is no copy of a feed: there "
		    "is no feed.atom in it");
	return check_own_signature(r, f);
}

int
rebuild_is_signed(struct ledger *ledger, const struct publisher *settings,
    int copy, struct fault *f)
{
	OWNED(clear) struct rebuild r = { .ledger = ledger,
		.settings = settings,
		.tree = copy,
		.document = BUF_INIT(FEED_MAX) };

	return read_copy(&r, f);
}

int
rebuild_from_copy(struct ledger *ledger, const struct publisher *settings,
    struct ledger_feed *known, int copy, int64_t *missing, struct fault *f)
{
	OWNED(clear) struct rebuild r = { .ledger = ledger,
		.settings = settings,
		.known = known,
		.tree = copy,
		.document = BUF_INIT(FEED_MAX) };

	if (read_copy(&r, f) == -1 || take_over(&r, f) == -1)
		return -1;
	*missing = r.missing;
	return 0;
}
