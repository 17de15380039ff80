/*
 * The pages of a copy become a folder of files, which has none yet: what was
 * published is where the publishing goes on from.
 */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "gen/takeover.h"
#include "wiki/wiki.h"

#define PORTION 256		/* items that are written at a time */
#define PORTION_BYTES (8 * MIB) /* and contents, once more than one */

struct fill {
	struct takeover *t;
	struct wiki *wiki;
	struct wiki_job jobs[PORTION];
	struct item items[PORTION];
	struct buf contents[PORTION];
	size_t count, bytes;
	int64_t written;
};

static void
clear_portion(struct fill *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		wiki_job_clear(&l->jobs[i]);
		item_clear(&l->items[i]);
		buf_clear(&l->contents[i]);
	}
	l->count = l->bytes = 0;
}

static void
clear(struct fill **fill)
{
	if (*fill == NULL)
		return;
	clear_portion(*fill);
	wiki_close((*fill)->wiki);
	free(*fill);
}

/* An item that the folder cannot hold is told of, and will be found lacking. */
static int
write_portion(struct fill *l, struct fault *f)
{
	size_t i;

	if (wiki_intend(l->wiki, l->jobs, l->count, f) == -1 ||
	    wiki_carry_out(l->wiki, l->jobs, l->count, f) == -1)
		return -1;
	for (i = 0; i < l->count; i++) {
		if (l->jobs[i].outcome == WIKI_DONE)
			l->written++;
		else
			log_warn("'%s' cannot be written: %s", l->items[i].name,
			    l->jobs[i].outcome == WIKI_CANNOT ?
				l->jobs[i].reason :
				"someone else writes there");
	}
	clear_portion(l);
	return 0;
}

static int
add_item(struct fill *l, const struct item *item, struct fault *f)
{
	size_t i = l->count;
	struct wiki_job *job = &l->jobs[i];

	*job = (struct wiki_job){ .item = &l->items[i] };
	l->items[i] = (struct item){ .kind = ITEM_NONE };
	buf_init(&l->contents[i], (size_t)ITEM_SIZE_MAX);
	l->count++;
	if (item_copy(item, &l->items[i], f) == -1 ||
	    shelf_content_bytes(l->t->ledger.shelf, &item->digest,
		&l->contents[i], f) == -1)
		return -1;
	job->content = l->contents[i].data;
	job->size = l->contents[i].len;
	l->bytes += job->size;
	return l->count < PORTION && l->bytes < PORTION_BYTES ?
	    0 :
	    write_portion(l, f);
}

static int
consider(struct fill *l, const struct item *item, struct fault *f)
{
	bool file = item->kind == ITEM_ATTACHMENT;
	OWNED_MEM char *revision = NULL;
	struct fault why = { 0 };

	if (wiki_revision(l->wiki, file ? item->page : item->name,
		file ? item->name : NULL, &revision, f) == -1)
		return -1;
	if (revision != NULL)
		return 0;
	if (wiki_can_hold(l->wiki, item, &why) == -1) {
		log_warn("'%s' cannot be written: %s", item->name, why.text);
		return 0;
	}
	return add_item(l, item, f);
}

static int
fill(struct fill *l, struct fault *f)
{
	OWNED(shelf_walk_close) struct shelf_walk *walk = NULL;
	OWNED(progress_end) struct progress bar = { .label = NULL };
	struct takeover *t = l->t;
	const struct item *item;
	const char *path;
	int64_t seen = 0;
	bool have;

	if (wiki_begin(l->wiki, false, f) == -1 ||
	    shelf_walk_open(t->ledger.shelf, t->feed.row, t->feed.serial, &walk,
		f) == -1)
		return -1;
	progress_start(&bar, "writing pages", 0, t->items);
	for (;;) {
		if (shelf_walk_next(walk, &item, &path, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (consider(l, item, f) == -1)
			return -1;
		progress_set(&bar, 0, ++seen);
	}
	return l->count > 0 ? write_portion(l, f) : 0;
}

int
takeover_fill(struct takeover *t, const char *wiki, int64_t *written,
    struct fault *f)
{
	OWNED(clear) struct fill *l = calloc(1, sizeof(*l));
	struct wiki_options options = { .underlay = NULL };
	const char *place = strchr(wiki, ':');

	if (l == NULL)
		return fault_memory(f);
	l->t = t;
	if (place == NULL)
		return fault_set(f, FAULT_BUG, "'%s' is no wiki", wiki);
	if (file_make_folders(AT_FDCWD, place + 1, 0755, f) == -1 ||
	    wiki_open(wiki, &options, &l->wiki, f) == -1 || fill(l, f) == -1)
		return fault_within(f, "wiki '%s'", wiki);
	*written = l->written;
	return 0;
}
