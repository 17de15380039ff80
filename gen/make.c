#include "gen/make.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/progress.h"
#include "feeds/ladder.h"
#include "feeds/manifest.h"
#include "feeds/path.h"
#include "feeds/pieces.h"
#include "feeds/signature.h"
#include "feeds/tarball.h"
#include "feeds/zframe.h"

/* A step in the making: the difference, and both sides of it in files. */
struct draft {
	struct manifest manifest;
	struct manifest drops; /* they come last */
	int contents;
	int prefix;
	int prefix_drops;
	int64_t prefix_size;
	int64_t prefix_drops_size;
};

static void
draft_clear(struct draft *d)
{
	manifest_clear(&d->manifest);
	manifest_clear(&d->drops);
	own_close_fd(&d->contents);
	own_close_fd(&d->prefix);
	own_close_fd(&d->prefix_drops);
}

static int
draft_init(const struct make *m, struct draft *d, struct fault *f)
{
	*d = (struct draft){ .contents = -1, .prefix = -1, .prefix_drops = -1 };
	manifest_init(&d->manifest);
	manifest_init(&d->drops);
	/* On disk: a step may be larger than memory should be. */
	if (file_temporary(m->ledger->folder, &d->contents, f) == -1 ||
	    file_temporary(m->ledger->folder, &d->prefix, f) == -1)
		return -1;
	return file_temporary(m->ledger->folder, &d->prefix_drops, f);
}

static int
old_content(const struct make *m, const struct item *was, int out,
    int64_t *size, struct fault *f)
{
	if (was->kind == ITEM_NONE)
		return 0;
	*size += was->size;
	return shelf_content(m->ledger->shelf, &was->digest, was->size, out, f);
}

static int
draft_add(const struct make *m, struct draft *d, const struct item *was,
    const struct item *is, struct fault *f)
{
	if (is->kind == ITEM_NONE) {
		struct item named = { .kind = was->kind,
			.name = was->name,
			.page = was->page };

		if (manifest_add(&d->drops, true, &named, f) == -1)
			return -1;
		return old_content(m, was, d->prefix_drops,
		    &d->prefix_drops_size, f);
	}
	if (manifest_add(&d->manifest, false, is, f) == -1 ||
	    old_content(m, was, d->prefix, &d->prefix_size, f) == -1)
		return -1;
	return shelf_content(m->ledger->shelf, &is->digest, is->size,
	    d->contents, f);
}

static int
draft_fill(const struct make *m, struct draft *d, int64_t from, int64_t to,
    struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	const struct item *was, *is;
	const char *path;
	bool have;
	size_t i;

	if (shelf_diff_open(m->ledger->shelf, m->feed->row, from, to, &diff,
		f) == -1)
		return -1;
	for (;;) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (draft_add(m, d, was, is, f) == -1)
			return -1;
	}
	for (i = 0; i < d->drops.count; i++)
		if (manifest_add(&d->manifest, true, &d->drops.entries[i].item,
			f) == -1)
			return -1;
	if (file_copy(d->prefix_drops, 0, d->prefix_drops_size, d->prefix, f) ==
	    -1)
		return -1;
	d->prefix_size += d->prefix_drops_size;
	return 0;
}

static int
draft_head(const struct make *m, struct draft *d, int64_t from, int64_t to,
    struct fault *f)
{
	struct manifest *head = &d->manifest;

	head->step = true;
	head->from = from;
	head->serial = to;
	(void)snprintf(head->feed, sizeof(head->feed), "%s", m->feed->id);
	if (ledger_serial_state(m->ledger, m->feed->row, from, &head->base,
		f) == -1)
		return -1;
	return ledger_serial_state(m->ledger, m->feed->row, to, &head->state,
	    f);
}

/* Put what was made into the tree and into the ledger. */
static int
place(const struct make *m, enum tree_sort sort, int fd, struct feed_file *file,
    struct fault *f)
{
	char name[TREE_NAME_MAX];

	tree_name(sort, &file->digest, name);
	if (tree_put(m->tree, name, fd, file->length, f) == -1)
		return fault_within(f, "'%s'", name);
	return ledger_add_file(m->ledger, m->feed->row, sort, file, f);
}

/* Bytes of the cheapest way that exists without the step at hand. */
static int
replaced_length(const struct make *m, int64_t from, int64_t to, int64_t *length,
    struct fault *f)
{
	OWNED_MEM struct path_edge *edges = NULL;
	OWNED_MEM size_t *chosen = NULL;
	size_t count, n, i;

	*length = 0;
	if (ledger_edges(m->ledger, m->feed->row, from, &edges, &count, f) ==
	    -1)
		return -1;
	chosen = calloc(count + 1, sizeof(*chosen));
	if (chosen == NULL)
		return fault_memory(f);
	if (path_choose(edges, count, from, to, chosen, &n, f) == -1)
		return -1;
	for (i = 0; i < n; i++)
		*length += edges[chosen[i]].file.length;
	return 0;
}

static int
worth_it(const struct make *m, int64_t from, int64_t to, int64_t length,
    bool *worth, struct fault *f)
{
	int64_t replaced = 0;

	*worth = true;
	if (from == to - 1 || length <= LADDER_ALWAYS)
		return 0;
	if (replaced_length(m, from, to, &replaced, f) == -1)
		return -1;
	*worth = ladder_keeps(length, replaced);
	return 0;
}

/*
 * The step between two states on the shelf.  A longer one than from the serial
 * before is only placed if it is worth its place beside the path that it
 * replaces; else file->present is false.
 */
static int
one_step(const struct make *m, int64_t from, int64_t to, struct feed_file *file,
    struct fault *f)
{
	OWNED(draft_clear) struct draft d;
	OWNED_FD int out = -1;
	struct tarball_made made;
	bool worth;

	if (draft_init(m, &d, f) == -1 ||
	    draft_fill(m, &d, from, to, f) == -1 ||
	    draft_head(m, &d, from, to, f) == -1 ||
	    file_temporary(m->ledger->folder, &out, f) == -1 ||
	    step_write(&d.manifest, d.contents, d.prefix, d.prefix_size, out,
		&made, f) == -1 ||
	    worth_it(m, from, to, made.length, &worth, f) == -1)
		return -1;
	*file = (struct feed_file){ .present = worth,
		.digest = made.digest,
		.length = made.length,
		.unpacked = made.unpacked,
		.serial = to,
		.from = from };
	return worth ? place(m, TREE_STEP, out, file, f) : 0;
}

int
make_steps(const struct make *m, int64_t serial, struct feed_file *first,
    struct fault *f)
{
	int64_t from[LADDER_MAX + 1];
	size_t n = ladder_steps(serial, m->feed->oldest, from), i;
	struct feed_file file;

	*first = (struct feed_file){ .present = false };
	for (i = 0; i < n; i++) {
		if (one_step(m, from[i], serial, &file, f) == -1)
			return fault_within(f, "step from %lld to %lld",
			    (long long)from[i], (long long)serial);
		if (from[i] == serial - 1)
			*first = file;
	}
	return 0;
}

/* ---- snapshots ---- */

static int
snapshot_fill(const struct make *m, int64_t serial, struct manifest *head,
    int contents, struct fault *f)
{
	OWNED(shelf_walk_close) struct shelf_walk *walk = NULL;
	OWNED(progress_end) struct progress bar = { .label = NULL };
	const struct item *item;
	const char *path;
	int64_t bytes = 0;
	bool have;

	if (shelf_walk_open(m->ledger->shelf, m->feed->row, serial, &walk, f) ==
	    -1)
		return -1;
	progress_start(&bar, "making a snapshot", 0, 0);
	for (;;) {
		if (shelf_walk_next(walk, &item, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (manifest_add(head, false, item, f) == -1 ||
		    shelf_content(m->ledger->shelf, &item->digest, item->size,
			contents, f) == -1)
			return -1;
		bytes += item->size;
		progress_set(&bar, bytes, (int64_t)head->count);
	}
}

static int
place_signature(const struct make *m, int fd, const struct feed_file *file,
    struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	char name[TREE_NAME_MAX];

	tree_name(TREE_SIGNATURE, &file->digest, name);
	if (signature_sign_fd(m->home, m->key, fd, &packets, f) == -1)
		return -1;
	if (tree_put_bytes(m->tree, name, packets.data, packets.len, f) == -1)
		return fault_within(f, "'%s'", name);
	return 0;
}

/* What lets a large one be fetched from many mirrors at once. */
static int
place_pieces(const struct make *m, int fd, const struct feed_file *snapshot,
    struct fault *f)
{
	OWNED_BUF struct buf table = BUF_INIT(BUF_ANY);
	struct feed_file file = { .present = true, .serial = snapshot->serial };
	char name[TREE_NAME_MAX];

	if (snapshot->length <= PIECES_FROM)
		return 0;
	if (pieces_write(fd, snapshot->length, &table, f) == -1)
		return fault_within(f, "snapshot");
	digest_of(table.data, table.len, &file.digest);
	file.length = (int64_t)table.len;
	tree_name(TREE_PIECES, &file.digest, name);
	if (tree_put_bytes(m->tree, name, table.data, table.len, f) == -1)
		return fault_within(f, "'%s'", name);
	return ledger_add_file(m->ledger, m->feed->row, TREE_PIECES, &file, f);
}

int
make_snapshot(const struct make *m, int64_t serial, struct feed_file *file,
    struct fault *f)
{
	OWNED_MANIFEST struct manifest head;
	OWNED_FD int contents = -1;
	OWNED_FD int out = -1;
	struct tarball_made made;

	manifest_init(&head);
	head.serial = serial;
	(void)snprintf(head.feed, sizeof(head.feed), "%s", m->feed->id);
	if (file_temporary(m->ledger->folder, &contents, f) == -1 ||
	    file_temporary(m->ledger->folder, &out, f) == -1 ||
	    ledger_serial_state(m->ledger, m->feed->row, serial, &head.state,
		f) == -1 ||
	    snapshot_fill(m, serial, &head, contents, f) == -1 ||
	    snapshot_write(&head, contents, out, &made, f) == -1)
		return fault_within(f, "snapshot of serial %lld",
		    (long long)serial);
	*file = (struct feed_file){ .present = true,
		.digest = made.digest,
		.length = made.length,
		.unpacked = made.unpacked,
		.serial = serial };
	if (place_signature(m, out, file, f) == -1 ||
	    place_pieces(m, out, file, f) == -1)
		return -1;
	return place(m, TREE_SNAPSHOT, out, file, f);
}

/* ---- documents ---- */

static int
place_document(const struct make *m, enum tree_sort sort, const struct buf *xml,
    int64_t number, struct feed_file *file, struct fault *f)
{
	OWNED_FD int out = -1;

	*file = (struct feed_file){ .present = true,
		.serial = number,
		.unpacked = (int64_t)xml->len };
	if (file_memory("document", &out, f) == -1 ||
	    zframe_write(ZFRAME_DOCUMENT, xml->data, xml->len, NULL, 0, out,
		f) == -1 ||
	    digest_of_fd(out, &file->digest, &file->length, f) == -1)
		return -1;
	return place(m, sort, out, file, f);
}

int
make_history(const struct make *m, int64_t serial, struct feed_file *file,
    struct fault *f)
{
	OWNED_HISTORY struct history history;
	OWNED_BUF struct buf xml = BUF_INIT(HISTORY_MAX);
	int64_t number = history_number(serial);

	history_init(&history);
	if (ledger_history(m->ledger, m->feed->row, m->feed->id, number,
		&history, f) == -1 ||
	    history_write(&history, &xml, f) == -1 ||
	    place_document(m, TREE_HISTORY, &xml, number, file, f) == -1)
		return fault_within(f, "history document %lld",
		    (long long)number);
	return 0;
}

int
make_network(const struct make *m, const struct network *network,
    struct feed_file *file, struct fault *f)
{
	OWNED_BUF struct buf xml = BUF_INIT(NETWORK_MAX);

	if (network_write(network, &xml, f) == -1 ||
	    place_document(m, TREE_NETWORK, &xml, 0, file, f) == -1)
		return fault_within(f, "network document");
	return 0;
}
