#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "items/text.h"
#include "wiki/moin_write.h"

struct moin_line
moin_save_line(const struct moin_intent *in, int64_t number, bool first)
{
	return (struct moin_line){ .revision = number,
		.action = first ? "SAVENEW" : "SAVE",
		.folder = in->folder,
		.address = "",
		.host = in->author,
		.user = "",
		.extra = "",
		.comment = in->comment };
}

/* Is the page what the caller decided upon? */
int
moin_save_is_before(const struct moin *m, const struct moin_intent *in,
    const struct moin_look *look, bool *is, struct fault *f)
{
	char revision[MOIN_REVISION_MAX];
	struct moin_look under;

	if (in->before == NULL) {
		*is = !look->present;
		return 0;
	}
	moin_look_revision(look, false, revision);
	*is = strcmp(revision, in->before) == 0;
	if (*is || look->present || m->underlay == -1)
		return 0;
	if (moin_look(m->underlay, in->folder, &under, NULL, f) == -1)
		return -1;
	moin_look_revision(&under, true, revision);
	*is = under.present && strcmp(revision, in->before) == 0;
	return 0;
}

/* A text that nobody sees yet; where it goes it keeps size and time. */
static int
write_text(const struct moin *m, const char *path, const struct buf *text,
    bool sync, struct moin_step *step, struct fault *f)
{
	if (moin_disk_file(m, path, text->data, text->len, sync, f) == -1)
		return -1;
	if (fstatat(m->pages, path, &step->file, AT_SYMLINK_NOFOLLOW) == -1)
		return fault_system(f, errno, "'%s'", path);
	return 0;
}

/* The page's files as they will be, in a folder that nobody sees. */
static int
prepare_new(const struct moin *m, const struct moin_intent *in,
    const struct buf *text, bool sync, struct moin_step *step, struct fault *f)
{
	OWNED_BUF struct buf log = BUF_INIT(BUF_ANY);
	struct moin_line line = moin_save_line(in, 1, true);
	static const char number[] = "00000001\n";
	char path[MOIN_PATH];

	step->fresh = step->first = true;
	step->number = 1;
	step->stamp = line.stamp = moin_log_now(0);
	moin_intent_new_path(in, "", path);
	if (moin_disk_folder(m, path, f) == -1)
		return -1;
	moin_intent_new_path(in, "revisions", path);
	if (moin_disk_folder(m, path, f) == -1)
		return -1;
	moin_intent_new_path(in, "revisions/00000001", path);
	if (write_text(m, path, text, sync, step, f) == -1)
		return -1;
	moin_intent_new_path(in, "current", path);
	if (moin_disk_file(m, path, number, strlen(number), sync, f) == -1 ||
	    moin_log_format(&line, &log, f) == -1)
		return -1;
	moin_intent_new_path(in, "edit-log", path);
	return moin_disk_file(m, path, log.data, log.len, sync, f);
}

int
moin_save_write_number(const struct moin *m, const struct moin_intent *in,
    int64_t number, bool sync, struct moin_step *step, struct fault *f)
{
	char path[MOIN_PATH], text[16];
	int n = snprintf(text, sizeof(text), "%08" PRId64 "\n", number);

	step->number = number;
	moin_intent_path(in, "current", path);
	return moin_disk_file(m, path, text, (size_t)n, sync, f);
}

/*
 * What is seen without a lock; a page that is being saved may match.  there
 * says whether there is a folder.
 */
static int
look_first(const struct moin *m, const struct moin_intent *in,
    struct moin_look *look, bool *there, bool *is, struct fault *f)
{
	bool settled = true;
	struct stat st;

	*is = true;
	*look = (struct moin_look){ 0 };
	*there = fstatat(m->pages, in->folder, &st, 0) == 0;
	if (!*there && errno != ENOENT)
		return fault_system(f, errno, "'%s'", in->folder);
	if (*there &&
	    moin_look_once(m->pages, in->folder, look, NULL, &settled, f) == -1)
		return -1;
	if (settled)
		return moin_save_is_before(m, in, look, is, f);
	look->number = in->base;
	return 0;
}

int
moin_save_prepare(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, bool sync, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	char path[MOIN_PATH];
	struct moin_look look;
	bool there, is;

	if (look_first(m, in, &look, &there, &is, f) == -1)
		return -1;
	if (!is) {
		job->outcome = WIKI_MOVED;
		return 0;
	}
	step->stage = MOIN_PREPARED;
	if (job->drop)
		return moin_save_write_number(m, in, look.number + 1, sync,
		    step, f);
	if (text_to_crlf(job->content, job->size, &text, f) == -1)
		return -1;
	if (!there)
		return prepare_new(m, in, &text, sync, step, f);
	moin_intent_path(in, "text", path);
	if (write_text(m, path, &text, sync, step, f) == -1)
		return -1;
	/* A damaged page's number is none; the lock will tell. */
	return moin_save_write_number(m, in,
	    look.number < 0 ? 1 : look.number + 1, sync, step, f);
}

/* Moin made the page meanwhile: the new one becomes its next revision. */
static int
convert_new(const struct moin *m, const struct moin_intent *in,
    struct moin_step *step, struct fault *f)
{
	char from[MOIN_PATH], to[MOIN_PATH];

	step->fresh = false;
	moin_intent_new_path(in, "revisions/00000001", from);
	moin_intent_path(in, "text", to);
	if (renameat(m->pages, from, m->pages, to) == -1)
		return fault_system(f, errno, "'%s'", to);
	moin_intent_new_path(in, "current", from);
	moin_intent_path(in, "current", to);
	if (renameat(m->pages, from, m->pages, to) == -1)
		return fault_system(f, errno, "'%s'", to);
	moin_intent_new_path(in, "edit-log", from);
	(void)unlinkat(m->pages, from, 0);
	moin_intent_new_path(in, "revisions", from);
	(void)unlinkat(m->pages, from, AT_REMOVEDIR);
	moin_intent_new_path(in, "", from);
	(void)unlinkat(m->pages, from, AT_REMOVEDIR);
	return 0;
}

/* Put the whole page in place; done is false if there is one by now. */
static int
make_new(const struct moin *m, const struct moin_intent *in, bool *done,
    struct moin_step *step, struct fault *f)
{
	char path[MOIN_PATH];

	moin_intent_new_path(in, "", path);
	*done = renameat(m->pages, path, m->pages, in->folder) == 0;
	if (*done) {
		step->stage = MOIN_MADE;
		return 0;
	}
	if (errno != EEXIST && errno != ENOTEMPTY)
		return fault_system(f, errno, "cannot make page folder '%s'",
		    in->folder);
	return convert_new(m, in, step, f);
}

/* Take the lock, if it is to be had, and change the page. */
static int
make_next(struct moin *m, const struct moin_intent *in, struct wiki_job *job,
    struct moin_step *step, struct fault *f)
{
	struct moin_look look;
	enum moin_lock lock;
	int64_t number;
	bool there, is;

	/*
	 * Once more, since what has been decided upon may be long ago by now:
	 * who finds that out under the lock has hidden the page for nothing.
	 */
	if (look_first(m, in, &look, &there, &is, f) == -1)
		return -1;
	if (!is) {
		job->outcome = WIKI_MOVED;
		return 0;
	}
	if (moin_lock_take(m, in, &lock, &number, f) == -1)
		return -1;
	switch (lock) {
	case MOIN_LOCK_NONE:
		job->outcome = WIKI_LOCKED;
		return 0;
	case MOIN_LOCK_DAMAGED:
		return fault_set(f, FAULT_FORMAT, "'%s/current' is damaged",
		    in->folder);
	default:
		return moin_locked_change(m, in, lock, number, step,
		    &job->outcome, f);
	}
}

int
moin_save_make(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, struct fault *f)
{
	bool done = false;

	if (step->fresh && make_new(m, in, &done, step, f) == -1)
		return -1;
	return done ? 0 : make_next(m, in, job, step, f);
}

/*
 * Of the text as it was written: a user may have saved since, even under the
 * same number, as Moin does with "#deprecated" pages.
 */
static int
tell_text(const struct moin_step *step, char **revision, struct fault *f)
{
	const struct moin_look look = { .number = step->number,
		.present = true,
		.text = step->file };
	char text[MOIN_REVISION_MAX];

	moin_look_revision(&look, false, text);
	*revision = strdup(text);
	return *revision == NULL ? fault_memory(f) : 0;
}

int
moin_save_tell(struct moin *m, const struct moin_intent *in,
    struct moin_step *step, char **revision, struct fault *f)
{
	struct moin_line line = moin_save_line(in, step->number, step->first);

	line.stamp = step->stamp;
	if (moin_tell_wiki(m, &line, f) == -1)
		return -1;
	step->stage = MOIN_TOLD;
	/* What a crashed run has written is known by its number alone. */
	return step->file.st_ino == 0 ?
	    moin_save_revision(m, in, step->number, revision, f) :
	    tell_text(step, revision, f);
}

/*
 * What the job made: its own number, even if a user has saved the page
 * since, who is thereby seen to have.  Where the underlay shows instead of a
 * deleted page, it is what the wiki has now.
 */
int
moin_save_revision(struct moin *m, const struct moin_intent *in, int64_t number,
    char **revision, struct fault *f)
{
	char path[MOIN_PATH], text[MOIN_REVISION_MAX];
	struct moin_look look = { .number = number }, under;

	moin_path_text(path, in->folder, number);
	look.present =
	    fstatat(m->pages, path, &look.text, AT_SYMLINK_NOFOLLOW) == 0;
	moin_look_revision(&look, false, text);
	if (!look.present && m->underlay != -1) {
		if (moin_look(m->underlay, in->folder, &under, NULL, f) == -1)
			return -1;
		if (under.present)
			moin_look_revision(&under, true, text);
	}
	*revision = strdup(text);
	return *revision == NULL ? fault_memory(f) : 0;
}
