#include "fetch/download.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/progress.h"
#include "fetch/partial.h"
#include "fetch/piecewise.h"
#include "fetch/wanted.h"

#define REFRESH_MS 100 /* progress */

enum standing { WAITING, UNDER_WAY, SETTLED };

/* A file of the caller's list. */
struct slot {
	struct wanted *wanted;
	enum standing standing;
};

/* Who gave the feed, and who is not to be asked. */
static void
seat(struct download *d)
{
	const struct download_where *where = &d->where;
	size_t i;

	d->giver = WANTED_NOBODY;
	for (i = 0; i < where->mirrors->count; i++) {
		const struct mirror *m = &where->mirrors->list[i];

		if (where->giver != NULL && strcmp(m->url, where->giver) == 0)
			d->giver = i;
		d->seats[i].out = where->spare && !m->peer;
	}
}

int
download_open(const struct download_where *where, struct download **out,
    struct fault *f)
{
	OWNED(download_close) struct download *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return fault_memory(f);
	d->where = *where;
	d->folder = -1;
	d->seats = calloc(where->mirrors->count + 1, sizeof(*d->seats));
	if (d->seats == NULL)
		return fault_memory(f);
	seat(d);
	*out = own_give(&d);
	return 0;
}

/* Files that were handed over are not needed again, unless one is missing. */
static void
clean_up(struct download *d)
{
	struct fault ignored = { 0 };
	size_t i;

	/* What stays is found again by the next run, and looked at then. */
	for (i = 0; i < d->wanted_count && !d->missing; i++)
		if (d->wanted[i]->delivered &&
		    partial_remove(d->folder, &d->wanted[i]->digest,
			&ignored) == -1)
			return;
	if (partial_prune(d->folder, d->where.now, &ignored) == -1)
		return;
}

void
download_close(struct download **p)
{
	struct download *d = own_give(p);
	size_t i;

	if (d == NULL)
		return;
	if (d->folder != -1)
		clean_up(d);
	for (i = 0; i < d->wanted_count; i++)
		wanted_free(&d->wanted[i]);
	for (i = 0; i < d->refusal_count; i++)
		free(d->refusals[i]);
	own_close_fd(&d->folder);
	free(d->wanted);
	free(d->refusals);
	free(d->seats);
	free(d);
}

void
download_count(const struct download *d, struct download_count *out)
{
	*out = d->count;
}

size_t
download_refusals(const struct download *d)
{
	return d->refusal_count;
}

const char *
download_refusal(const struct download *d, size_t i)
{
	return d->refusals[i];
}

/* No mirror is left. */
static void
give_up(struct download *d, struct slot *slot, struct download_file *file)
{
	d->missing = true;
	slot->standing = SETTLED;
	if (file->why.kind == FAULT_NONE)
		(void)fault_set(&file->why, FAULT_NETWORK,
		    "'%s': no mirror is left to ask", slot->wanted->name);
}

/* Begin with a file, if a connection is free for it. */
static int
begin(struct download *d, struct slot *slot, struct download_file *file,
    struct fault *f)
{
	struct wanted *w = slot->wanted;
	bool ready;
	size_t mirror = wanted_choose(d, w, &ready);

	if (w->file != NULL || (mirror != WANTED_NOBODY && !ready))
		return 0; /* asked for twice: one after the other */
	if (wanted_open(d, w, file, f) == -1)
		return -1;
	if (w->file == NULL) {
		slot->standing = SETTLED;
	} else if (mirror == WANTED_NOBODY) {
		give_up(d, slot, file);
		wanted_close(w);
	} else {
		slot->standing = UNDER_WAY;
		return wanted_ask(d, w, mirror, f);
	}
	return 0;
}

static int
settle(struct download *d, struct slot *slot, struct fault *f)
{
	struct wanted *w = slot->wanted;

	if (wanted_settle(d, w, f) == -1)
		return -1;
	slot->standing = w->file == NULL ? SETTLED : WAITING;
	wanted_close(w);
	return 0;
}

/* Trouble of our own: what is under way is given up. */
static void
drop(struct download *d)
{
	size_t i;

	http_drop(d->where.http);
	for (i = 0; i < d->wanted_count; i++)
		wanted_close(d->wanted[i]);
	for (i = 0; i < d->where.mirrors->count; i++)
		d->seats[i].busy = 0;
	d->under_way = 0;
	d->missing = true;
}

static int
begin_some(struct download *d, struct slot *slots, struct download_file *files,
    size_t n, struct fault *f)
{
	size_t i;

	for (i = 0; i < n && d->under_way < HTTP_CONNECTIONS; i++)
		if (slots[i].standing == WAITING &&
		    begin(d, &slots[i], &files[i], f) == -1)
			return -1;
	return 0;
}

/* Nobody waits any more: those that are late need not be waited for. */
static int
hurry(struct download *d, struct slot *slots, size_t n, struct fault *f)
{
	size_t i, mirror;

	for (i = 0; i < n; i++)
		if (slots[i].standing == WAITING)
			return 0;
	for (i = 0; i < n; i++) {
		if (slots[i].standing != UNDER_WAY)
			continue;
		mirror = wanted_rescuer(d, slots[i].wanted);
		if (mirror != WANTED_NOBODY &&
		    wanted_hand_over(d, slots[i].wanted, mirror, f) == -1)
			return -1;
	}
	return 0;
}

static struct slot *
slot_of(struct slot *slots, size_t n, const struct http_job *job)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (slots[i].standing == UNDER_WAY &&
		    &slots[i].wanted->job == job)
			return &slots[i];
	return NULL;
}

static void
show(struct progress *p, const struct slot *slots,
    const struct download_file *files, size_t n)
{
	int64_t bytes = 0, settled = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (slots[i].standing == UNDER_WAY)
			bytes += slots[i].wanted->job.got.size;
		if (slots[i].standing != SETTLED)
			continue;
		bytes += files[i].length;
		settled++;
	}
	progress_set(p, bytes, settled);
}

static int
run(struct download *d, struct slot *slots, struct download_file *files,
    size_t n, struct progress *p, struct fault *f)
{
	struct http_job *done;
	struct slot *slot;
	bool idle = false;

	for (;;) {
		if (begin_some(d, slots, files, n, f) == -1 ||
		    hurry(d, slots, n, f) == -1)
			return -1;
		if (d->under_way == 0)
			return 0;
		if (http_wait(d->where.http, REFRESH_MS, &done, &idle, f) == -1)
			return -1;
		slot = done == NULL ? NULL : slot_of(slots, n, done);
		if (slot != NULL && settle(d, slot, f) == -1)
			return -1;
		show(p, slots, files, n);
	}
}

const struct fault *
download_worst(const struct download_file *files, size_t n)
{
	const struct fault *worst = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		int is = fault_exit(&files[i].why);

		if (files[i].why.kind != FAULT_NONE &&
		    (worst == NULL ||
			(is != fault_exit(worst) &&
			    exit_worse(is, fault_exit(worst)) == is)))
			worst = &files[i].why;
	}
	return worst;
}

/* What is missing there is looked for, and what cannot be told, later. */
void
download_keep(const struct download *d, const struct download_file *files,
    size_t n)
{
	OWNED_FD int tree = -1;
	struct fault ignored = { 0 };
	char name[TREE_NAME_MAX];
	struct stat st;
	size_t i;

	if (d->where.keep == NULL ||
	    file_make_folders(AT_FDCWD, d->where.keep, 0755, &ignored) == -1 ||
	    file_open_folder(AT_FDCWD, d->where.keep, &tree, &ignored) == -1)
		return;
	for (i = 0; i < n; i++) {
		tree_name(files[i].sort, &files[i].digest, name);
		if (files[i].fd == -1)
			continue;
		if (fstat(files[i].fd, &st) == -1 ||
		    tree_put(tree, name, files[i].fd, st.st_size, &ignored) ==
			-1 ||
		    lseek(files[i].fd, 0, SEEK_SET) == -1)
			return;
	}
}

int
download_run(struct download *d, struct download_file *files, size_t n,
    struct fault *f)
{
	OWNED_MEM struct slot *slots = calloc(n + 1, sizeof(*slots));
	struct progress p;
	int64_t bytes = 0;
	size_t i;
	int rc;

	if (slots == NULL)
		return fault_memory(f);
	for (i = 0; i < n; i++) {
		files[i].fd = -1;
		bytes += files[i].length;
		if (wanted_find(d, &files[i], &slots[i].wanted, f) == -1)
			return -1;
	}
	d->missing = false;
	progress_start(&p, d->where.label, bytes, (int64_t)n);
	rc = run(d, slots, files, n, &p, f);
	progress_end(&p);
	if (rc == -1)
		drop(d);
	return rc;
}

int
download_all(struct download *d, struct download_file *files, size_t n,
    struct fault *f)
{
	const struct fault *worst;
	size_t i;

	for (i = 0; i < n; i++) {
		files[i].fd = -1;
		files[i].why = (struct fault){ 0 };
	}
	for (i = 0; i < n; i++)
		if (files[i].pieces_length > 0 &&
		    piecewise_get(d, &files[i], f) == -1)
			return -1;
	if (download_run(d, files, n, f) == -1)
		return -1;
	download_keep(d, files, n);
	worst = download_worst(files, n);
	if (worst == NULL)
		return 0;
	*f = *worst;
	return -1;
}

int
download_one(struct download *d, struct download_file *file, struct fault *f)
{
	return download_all(d, file, 1, f);
}
