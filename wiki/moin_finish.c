#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "wiki/moin_write.h"

static bool
exists(const struct moin *m, const char *path)
{
	struct stat st;

	return fstatat(m->pages, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Whose lock the page has: *lock is MOIN_LOCK_NONE unless it is this job's.
 * number is what it held.
 */
static int
find_lock(const struct moin *m, const struct moin_intent *in,
    enum moin_lock *lock, int64_t *number, struct fault *f)
{
	char current[MOIN_PATH], mine[MOIN_PATH], next[MOIN_PATH];
	struct stat st;
	bool have;

	*lock = MOIN_LOCK_NONE;
	moin_path(current, in->folder, "current");
	moin_intent_path(in, "lock", mine);
	moin_intent_path(in, "current", next);
	if (exists(m, current)) {
		/* Unlocked; the last step was not reached. */
		(void)unlinkat(m->pages, mine, 0);
		return 0;
	}
	if (moin_look_number(m->pages, mine, number, &st, &have, f) == -1)
		return -1;
	if (have) {
		*lock = MOIN_LOCK_TAKEN;
		return 0;
	}
	moin_path(current, in->folder, "current-locked");
	moin_path(mine, in->folder, "revisions");
	if (in->base == 0 && exists(m, next) && exists(m, mine) &&
	    !exists(m, current)) {
		*lock = MOIN_LOCK_NEW;
		*number = 0;
	}
	return 0;
}

/* Go on where the crashed run had locked the page. */
static int
go_on(struct moin *m, const struct moin_intent *in, enum moin_lock lock,
    int64_t number, struct moin_step *step, struct fault *f)
{
	enum wiki_outcome outcome = WIKI_OPEN;
	char path[MOIN_PATH];
	int64_t next;
	bool ours;

	moin_intent_path(in, "text", path);
	if (!in->drop && !exists(m, path)) {
		if (moin_locked_number(m, in, number, &next, &ours, f) == -1)
			return -1;
		if (!ours)
			return moin_locked_leave(m, in, lock, number, f);
	}
	return moin_locked_change(m, in, lock, number, step, &outcome, f);
}

/* Is there a revision of this job, and has the page reached it? */
static int
find_put(const struct moin *m, const struct moin_intent *in,
    const struct moin_look *look, struct moin_step *step, bool *behind,
    struct fault *f)
{
	int64_t number;
	bool ours = false;

	*behind = false;
	if (moin_locked_number(m, in, in->base, &number, &ours, f) == -1)
		return -1;
	while (!ours && number < look->number)
		if (moin_locked_number(m, in, number, &number, &ours, f) == -1)
			return -1;
	if (!ours)
		return 0;
	*behind = number > look->number;
	if (*behind)
		return 0;
	step->number = number;
	step->stage = MOIN_MADE;
	return 0;
}

/* A deletion that the page's log says was ours. */
static int
find_drop(const struct moin *m, const struct moin_intent *in,
    const struct moin_look *look, struct moin_step *step, struct fault *f)
{
	OWNED_BUF struct buf room = BUF_INIT((size_t)1 << 30);
	OWNED_FD int fd = -1;
	char path[MOIN_PATH];
	struct moin_line line;
	int64_t k;
	bool have;

	moin_path(path, in->folder, "edit-log");
	fd = openat(m->pages, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	for (k = in->base + 1; k <= look->number; k++) {
		moin_path_text(path, in->folder, k);
		if (exists(m, path))
			continue;
		if (moin_log_find(fd, k, &room, &line, &have, f) == -1)
			return -1;
		if (!have || *line.address != '\0' || *line.user != '\0' ||
		    strcmp(line.host, in->author) != 0)
			continue;
		step->number = k;
		step->stage = MOIN_MADE;
		return 0;
	}
	return 0;
}

/* The page is not locked by this job: had it been made before the crash? */
static int
find_made(struct moin *m, const struct moin_intent *in, struct moin_step *step,
    struct fault *f)
{
	enum wiki_outcome ignored = WIKI_OPEN;
	struct moin_look look;
	enum moin_lock lock;
	int64_t number;
	bool behind;

	if (moin_look(m->pages, in->folder, &look, NULL, f) == -1)
		return f->kind == FAULT_BUSY ? 0 : -1;
	if (in->drop)
		return find_drop(m, in, &look, step, f);
	if (find_put(m, in, &look, step, &behind, f) == -1)
		return -1;
	if (!behind || look.number != in->base)
		return 0;
	/* Power failed: the revision is there, but `current` is the old one. */
	if (moin_lock_take(m, in, &lock, &number, f) == -1)
		return -1;
	if (lock != MOIN_LOCK_TAKEN)
		return 0;
	return moin_locked_change(m, in, lock, number, step, &ignored, f);
}

/* Tell what the crashed run may have told already, each once. */
static int
tell(struct moin *m, const struct moin_intent *in, struct moin_step *step,
    char **revision, struct fault *f)
{
	struct moin_line line = moin_save_line(in, step->number, false);
	bool has;

	if (moin_tell_page(m, in->folder, &line, f) == -1)
		return -1;
	step->stamp = line.stamp;
	if (moin_log_has(m->log, in->log_from, &line, &has, f) == -1)
		return -1;
	step->first = step->number == 1;
	if (!has)
		return moin_save_tell(m, in, step, revision, f);
	return moin_save_revision(m, in, step->number, revision, f);
}

static int
finish_page(struct moin *m, const struct moin_intent *in,
    enum wiki_outcome *outcome, char **revision, struct fault *f)
{
	struct moin_step step = { 0 };
	enum moin_lock lock;
	int64_t number = 0;
	char path[MOIN_PATH];

	*outcome = WIKI_MOVED;
	moin_path(path, in->folder, ".");
	if (exists(m, path)) {
		if (find_lock(m, in, &lock, &number, f) == -1)
			return -1;
		if ((lock != MOIN_LOCK_NONE ?
			    go_on(m, in, lock, number, &step, f) :
			    find_made(m, in, &step, f)) == -1)
			return -1;
	}
	moin_intent_clean(m, in);
	if (step.stage != MOIN_MADE)
		return 0;
	if (tell(m, in, &step, revision, f) == -1)
		return -1;
	*outcome = WIKI_DONE;
	return 0;
}

int
moin_finish(struct wiki *w, const char *intent, enum wiki_outcome *outcome,
    char **revision, struct fault *f)
{
	OWNED_INTENT struct moin_intent in = { 0 };
	struct moin *m = moin_of(w);

	*revision = NULL;
	if (m->log == -1)
		return fault_set(f, FAULT_BUG, "a finish before the begin");
	if (moin_intent_read(intent, &in, f) == -1)
		return -1;
	if ((*in.file != '\0' ?
		    moin_attach_finish(m, &in, outcome, revision, f) :
		    finish_page(m, &in, outcome, revision, f)) == -1)
		return fault_within(f, "page folder '%s'", in.folder);
	return file_sync(m->log, "edit-log", f);
}
