#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "wiki/moin_write.h"

/*
 * Moin keeps one version of an attachment and no lock.  The caller's
 * `before` is the version that wikicast wrote itself, or none, so that no
 * upload of a user is written over but one of the same instant.
 */

static void
file_path(const struct moin_intent *in, char out[MOIN_PATH])
{
	(void)snprintf(out, MOIN_PATH, "%s/attachments/%s", in->folder,
	    in->file);
}

static int
is_before(const struct moin *m, const struct moin_intent *in, bool *is,
    struct fault *f)
{
	char revision[MOIN_REVISION_MAX];
	struct stat st;
	bool have;

	if (moin_look_file(m->pages, in->folder, in->file, &st, NULL, &have,
		f) == -1)
		return -1;
	if (have)
		moin_look_file_revision(&st, revision);
	*is = have ? in->before != NULL && strcmp(revision, in->before) == 0 :
		     in->before == NULL;
	return 0;
}

/* A folder that may be there already. */
static int
have_folder(const struct moin *m, const char *path, struct fault *f)
{
	struct stat st;

	if (fstatat(m->pages, path, &st, 0) == 0)
		return 0;
	if (moin_disk_folder(m, path, f) == -1 && f->sys != EEXIST)
		return -1;
	return 0;
}

/* What cannot be logged is better not done. */
static int
check_log(const struct moin *m, const struct moin_intent *in, struct fault *f)
{
	char path[MOIN_PATH];

	moin_path(path, in->folder, "edit-log");
	if (faccessat(m->pages, path, W_OK, AT_EACCESS) == -1 &&
	    errno != ENOENT)
		return fault_system(f, errno, "'%s'", path);
	return 0;
}

int
moin_attach_prepare(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, bool sync, struct fault *f)
{
	char path[MOIN_PATH];
	bool is;

	if (is_before(m, in, &is, f) == -1)
		return -1;
	if (!is) {
		job->outcome = WIKI_MOVED;
		return 0;
	}
	if (check_log(m, in, f) == -1)
		return -1;
	step->stage = MOIN_PREPARED;
	step->number = MOIN_LOG_ATTACHMENT;
	if (job->drop)
		return 0;
	moin_path(path, in->folder, "attachments");
	if (have_folder(m, in->folder, f) == -1 ||
	    have_folder(m, path, f) == -1)
		return -1;
	/* Not in the folder of attachments, where all is shown. */
	moin_intent_path(in, "text", path);
	return moin_disk_file(m, path, job->content, job->size, sync, f);
}

static struct moin_line
log_line(const struct moin_intent *in, const char *extra)
{
	return (struct moin_line){ .revision = MOIN_LOG_ATTACHMENT,
		.action = in->drop ? "ATTDEL" : "ATTNEW",
		.folder = in->folder,
		.address = "",
		.host = in->author,
		.user = "",
		.extra = extra,
		.comment = "" };
}

/* The change itself; done is false if someone was faster. */
static int
change(const struct moin *m, const struct moin_intent *in,
    struct moin_step *step, bool *done, struct fault *f)
{
	char from[MOIN_PATH], to[MOIN_PATH];
	int got;

	moin_intent_path(in, "text", from);
	file_path(in, to);
	if (!in->drop &&
	    fstatat(m->pages, from, &step->file, AT_SYMLINK_NOFOLLOW) == -1)
		return fault_system(f, errno, "'%s'", from);
	if (in->drop)
		got = unlinkat(m->pages, to, 0);
	else if (in->before != NULL)
		got = renameat(m->pages, from, m->pages, to);
	else
		got = linkat(m->pages, from, m->pages, to, 0);
	*done = got == 0;
	if (got == -1 && errno != EEXIST && errno != ENOENT)
		return fault_system(f, errno, "cannot write '%s'", to);
	if (*done)
		(void)unlinkat(m->pages, from, 0);
	return 0;
}

static int
tell_page(const struct moin *m, const struct moin_intent *in,
    struct moin_step *step, struct fault *f)
{
	OWNED_BUF struct buf extra = BUF_INIT(BUF_ANY);
	struct moin_line line;

	if (moin_log_quote_file(in->file, &extra, f) == -1)
		return -1;
	line = log_line(in, extra.data);
	if (moin_tell_page(m, in->folder, &line, f) == -1)
		return -1;
	step->stamp = line.stamp;
	return 0;
}

int
moin_attach_make(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, struct fault *f)
{
	bool is, done = false;

	if (is_before(m, in, &is, f) == -1 ||
	    (is && change(m, in, step, &done, f) == -1))
		return -1;
	if (!done) {
		job->outcome = WIKI_MOVED;
		return 0;
	}
	step->stage = MOIN_MADE;
	return tell_page(m, in, step, f);
}

/*
 * Of the file that the job wrote, not of what is there by now: a user may
 * have uploaded another since, which must be seen to be his.
 */
static int
tell_revision(const struct moin_intent *in, const struct stat *file,
    char **revision, struct fault *f)
{
	char text[MOIN_REVISION_MAX];

	*revision = NULL;
	if (in->drop)
		return 0;
	moin_look_file_revision(file, text);
	*revision = strdup(text);
	return *revision == NULL ? fault_memory(f) : 0;
}

int
moin_attach_tell(struct moin *m, const struct moin_intent *in,
    struct moin_step *step, char **revision, struct fault *f)
{
	OWNED_BUF struct buf extra = BUF_INIT(BUF_ANY);
	struct moin_line line;

	/* The disk was full, and has room again. */
	if (step->stamp == 0 && tell_page(m, in, step, f) == -1)
		return -1;
	if (moin_log_quote_file(in->file, &extra, f) == -1)
		return -1;
	line = log_line(in, extra.data);
	line.stamp = step->stamp;
	if (moin_tell_wiki(m, &line, f) == -1)
		return -1;
	step->stage = MOIN_TOLD;
	return tell_revision(in, &step->file, revision, f);
}

/* Has the job's change been made? */
static int
is_made(const struct moin *m, const struct moin_intent *in, struct stat *file,
    bool *made, struct fault *f)
{
	OWNED_BUF struct buf content = BUF_INIT((size_t)ITEM_SIZE_MAX);
	struct digest digest;
	bool have;

	if (moin_look_file(m->pages, in->folder, in->file, file, &content,
		&have, f) == -1) {
		*made = false;
		return f->kind == FAULT_FORMAT ? 0 : -1;
	}
	digest_of(content.data, content.len, &digest);
	*made = in->drop ? !have : have && digest_equal(&digest, &in->digest);
	return 0;
}

int
moin_attach_finish(struct moin *m, const struct moin_intent *in,
    enum wiki_outcome *outcome, char **revision, struct fault *f)
{
	OWNED_BUF struct buf extra = BUF_INIT(BUF_ANY);
	OWNED_FD int log = -1;
	char path[MOIN_PATH];
	struct moin_line line;
	bool made = false, has = false;
	struct stat file;

	*outcome = WIKI_MOVED;
	if (is_made(m, in, &file, &made, f) == -1)
		return -1;
	moin_intent_clean(m, in);
	if (!made)
		return 0;
	if (moin_log_quote_file(in->file, &extra, f) == -1)
		return -1;
	line = log_line(in, extra.data);
	moin_path(path, in->folder, "edit-log");
	log = openat(m->pages, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (log != -1 &&
	    moin_log_has(log, in->page_log_from, &line, &has, f) == -1)
		return -1;
	if (!has && moin_tell_page(m, in->folder, &line, f) == -1)
		return -1;
	if (moin_log_has(m->log, in->log_from, &line, &has, f) == -1 ||
	    (!has && moin_tell_wiki(m, &line, f) == -1))
		return -1;
	*outcome = WIKI_DONE;
	return tell_revision(in, &file, revision, f);
}
