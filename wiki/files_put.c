/*
 * How a text is overwritten without losing anybody's.  The new one is written
 * beside the page and flushed, gets the name of the page's next old version,
 * NAME.~N~, and then the two change names in one step: readers see the old
 * page or the new one, and the old one is kept under its name already.  If
 * what is there now is not what the caller decided upon, they change names
 * once more.  Whoever had the old file open and writes to it afterwards
 * writes to NAME.~N~.
 *
 * N stands in the intent; should it be taken when it is needed, somebody else
 * makes old versions of the page: it has moved.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "wiki/files.h"

#define FLUSH_EACH 32 /* jobs up to which each has a flush of its own */

/* Is it as the caller saw it when it decided? */
static int
is_before(const struct files_place *place, const char *before, struct stat *st,
    bool *same, struct fault *f)
{
	char now[WIKI_STAMP_MAX];
	bool have;

	if (files_place_look(place->folder, place->name, st, &have, f) == -1)
		return -1;
	if (have)
		files_place_revision(st, now);
	*same =
	    have ? before != NULL && strcmp(now, before) == 0 : before == NULL;
	return 0;
}

/* old: of the file that it replaces, whose mode it keeps; or NULL. */
static int
fill_part(int fd, const struct files_place *place, const struct wiki_job *job,
    const struct stat *old, struct fault *f)
{
	if (files_place_give(fd, 0644, place, f) == -1)
		return -1;
	if (old != NULL && fchmod(fd, old->st_mode & 0666) == -1)
		return fault_system(f, errno, "cannot set the mode");
	return file_write(fd, job->content, job->size, f);
}

static int
write_part(const struct files_place *place, const struct wiki_job *job,
    const struct stat *old, bool flush, struct fault *f)
{
	OWNED_FD int fd = -1;
	int closing;

	/* Of a run that crashed. */
	if (file_remove(place->folder, place->part, f) == -1)
		return -1;
	fd = openat(place->folder, place->part,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd == -1)
		return fault_system(f, errno, "'%s'", place->part);
	if (fill_part(fd, place, job, old, f) == -1 ||
	    (flush && file_sync(fd, place->part, f) == -1)) {
		(void)unlinkat(place->folder, place->part, 0);
		return fault_within(f, "'%s'", place->name);
	}
	closing = own_give_fd(&fd);
	if (close(closing) == -1)
		return fault_system(f, errno, "cannot close '%s'", place->part);
	return 0;
}

/* Everything that no reader sees. */
static int
prepare(const struct files *w, struct wiki_job *job, bool flush,
    struct fault *f)
{
	OWNED_PLACE struct files_place place = FILES_PLACE_INIT;
	struct stat st;
	bool have, same;

	if (files_intent_place(w, job->item, !job->drop, &place, &have, f) ==
	    -1)
		return -1;
	same = !have && job->before == NULL;
	if (have && is_before(&place, job->before, &st, &same, f) == -1)
		return -1;
	if (!same)
		job->outcome = WIKI_MOVED;
	else if (job->drop && job->before == NULL)
		job->outcome = WIKI_DONE;
	else if (!job->drop)
		return write_part(&place, job, job->before != NULL ? &st : NULL,
		    flush, f);
	return 0;
}

/* A change at the moment that it is made. */
struct change {
	struct files_place place;
	struct buf backup; /* name of the old version */
	const char *before;
	char ours[WIKI_STAMP_MAX]; /* revision of the new file */
	bool done;		   /* else it has moved */
};
#define CHANGE_INIT \
	{ \
		FILES_PLACE_INIT, BUF_INIT(BUF_ANY), NULL, "", false \
	}

static void
change_clear(struct change *c)
{
	files_place_close(&c->place);
	buf_clear(&c->backup);
}

/* Is the old version, under its new name, what the caller saw? */
static int
kept_it(const struct change *c, bool *right, struct stat *st, struct fault *f)
{
	bool have;

	if (files_place_look(c->place.kept, c->backup.data, st, &have, f) == -1)
		return -1;
	*right = have && files_place_same_content(st, c->before);
	return 0;
}

static int
take_away(struct change *c, struct fault *f)
{
	const struct files_place *p = &c->place;
	struct stat st;
	bool moved, back;

	if (files_move_away(p->folder, p->name, p->kept, c->backup.data, &moved,
		f) == -1)
		return -1;
	if (!moved)
		return 0;
	if (kept_it(c, &c->done, &st, f) == -1)
		return -1;
	/* If there is a new one by now, this one stays an old version. */
	return c->done ?
	    0 :
	    files_move(p->kept, c->backup.data, p->folder, p->name, &back, f);
}

/*
 * Where names cannot change in one step: a second name, then the rename.  Who
 * puts another file there between the last look and the rename loses it.
 */
static int
replace_by_link(struct change *c, struct fault *f)
{
	const struct files_place *p = &c->place;
	struct stat st;
	bool moved, right, have;

	if (files_move(p->kept, c->backup.data, p->folder, p->part, &moved,
		f) == -1)
		return -1;
	if (!moved)
		return 0;
	if (linkat(p->folder, p->name, p->kept, c->backup.data, 0) == -1)
		return errno == ENOENT || errno == EEXIST ?
		    0 :
		    fault_system(f, errno, "cannot keep the old '%s'", p->name);
	if (kept_it(c, &right, &st, f) == -1 ||
	    files_place_look(p->folder, p->name, &st, &have, f) == -1)
		return -1;
	if (!right || !have || !files_place_same_content(&st, c->before))
		return file_remove(p->kept, c->backup.data, f);
	if (renameat(p->folder, p->part, p->folder, p->name) == -1)
		return fault_system(f, errno, "cannot put '%s' in place",
		    p->name);
	c->done = true;
	return 0;
}

/* Somebody edited it at this very moment: as it was, and ours away. */
static int
swap_back(struct change *c, struct fault *f)
{
	const struct files_place *p = &c->place;
	bool able, done, right;
	struct stat st = { 0 };

	if (files_move_swap(p->kept, c->backup.data, p->folder, p->name, &able,
		&done, f) == -1 ||
	    kept_it(c, &right, &st, f) == -1)
		return -1;
	if (files_place_same_content(&st, c->ours))
		return file_remove(p->kept, c->backup.data, f);
	return 0;
}

static int
replace(struct change *c, struct fault *f)
{
	const struct files_place *p = &c->place;
	bool moved, able, swapped;
	struct stat st;

	if (files_move(p->folder, p->part, p->kept, c->backup.data, &moved,
		f) == -1)
		return -1;
	if (!moved)
		return 0;
	if (files_move_swap(p->kept, c->backup.data, p->folder, p->name, &able,
		&swapped, f) == -1)
		return -1;
	if (!able)
		return replace_by_link(c, f);
	if (!swapped) /* the page has gone */
		return file_remove(p->kept, c->backup.data, f);
	if (kept_it(c, &c->done, &st, f) == -1)
		return -1;
	return c->done ? 0 : swap_back(c, f);
}

/* The revision that our file became, though it may have been edited since. */
static int
tell_revision(const struct change *c, char **revision, struct fault *f)
{
	char text[WIKI_STAMP_MAX];
	struct stat st;
	bool have;

	if (files_place_look(c->place.folder, c->place.name, &st, &have, f) ==
	    -1)
		return -1;
	if (have && files_place_same_content(&st, c->ours))
		files_place_revision(&st, text);
	else
		(void)snprintf(text, sizeof(text), "gone");
	*revision = strdup(text);
	return *revision == NULL ? fault_memory(f) : 0;
}

static int
make_change(struct change *c, const struct wiki_job *job,
    const struct files_intent *in, struct fault *f)
{
	const struct files_place *p = &c->place;
	struct stat st;
	bool have = true, same;

	if (is_before(p, job->before, &st, &same, f) == -1)
		return -1;
	if (!job->drop &&
	    files_place_look(p->folder, p->part, &st, &have, f) == -1)
		return -1;
	if (!same || !have)
		return 0;
	files_place_revision(&st, c->ours);
	if (in->n == 0)
		return files_move(p->folder, p->part, p->folder, p->name,
		    &c->done, f);
	if (files_place_keep(&c->place, true, &have, f) == -1 ||
	    files_place_backup(p, in->n, &c->backup, f) == -1)
		return -1;
	return job->drop ? take_away(c, f) : replace(c, f);
}

/* What readers see. */
static int
show(const struct files *w, struct wiki_job *job, bool flush, struct fault *f)
{
	OWNED(files_intent_clear) struct files_intent in = { 0 };
	OWNED(change_clear) struct change c = CHANGE_INIT;
	bool have;

	if (files_intent_read(job->intent, &in, f) == -1 ||
	    files_intent_place(w, job->item, false, &c.place, &have, f) == -1)
		return -1;
	c.before = job->before;
	if (have && make_change(&c, job, &in, f) == -1)
		return -1;
	if (!c.done) {
		job->outcome = WIKI_MOVED;
		return have ? file_remove(c.place.folder, c.place.part, f) : 0;
	}
	if (!job->drop && tell_revision(&c, &job->revision, f) == -1)
		return -1;
	if (flush && files_place_sync(&c.place, f) == -1)
		return -1;
	job->outcome = WIKI_DONE;
	return 0;
}

static int
flush_all(const struct files *w, struct fault *f)
{
	if (syncfs(w->root) == -1)
		return fault_system(f, errno, "cannot flush the wiki");
	return 0;
}

typedef int stage(const struct files *w, struct wiki_job *job, bool flush,
    struct fault *f);

static int
all_open(stage *run, const struct files *w, struct wiki_job *jobs, size_t n,
    struct fault *f)
{
	bool each = n <= FLUSH_EACH;
	size_t i;

	for (i = 0; i < n; i++)
		if (jobs[i].outcome == WIKI_OPEN &&
		    run(w, &jobs[i], each, f) == -1 &&
		    files_intent_excuse(&jobs[i], f) == -1)
			return -1;
	return each ? 0 : flush_all(w, f);
}

/*
 * After a failure: what was prepared and not shown goes, and of a group, which
 * is flushed as a whole, none counts as done; finishing tells which are.
 */
static void
abandon(const struct files *w, struct wiki_job *job, bool group)
{
	OWNED_PLACE struct files_place place = FILES_PLACE_INIT;
	struct fault ignored = { 0 };
	bool have;

	if (group && job->outcome == WIKI_DONE) {
		free(own_give(&job->revision));
		job->outcome = WIKI_OPEN;
	}
	if (job->outcome == WIKI_OPEN && !job->drop &&
	    files_intent_place(w, job->item, false, &place, &have, &ignored) ==
		0 &&
	    have)
		(void)unlinkat(place.folder, place.part, 0);
}

int
files_put_carry_out(struct wiki *wiki, struct wiki_job *jobs, size_t n,
    struct fault *f)
{
	const struct files *w = (struct files *)wiki;
	size_t i;

	if (all_open(prepare, w, jobs, n, f) == 0 &&
	    all_open(show, w, jobs, n, f) == 0)
		return 0;
	for (i = 0; i < n; i++)
		abandon(w, &jobs[i], n > FLUSH_EACH);
	return -1;
}
