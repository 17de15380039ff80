/*
 * What happens to a page while it is locked: in the run that took the lock,
 * or in the next one, if that crashed.  Each step looks whether it has been
 * done already.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "items/text.h"
#include "wiki/moin_write.h"

/* Is this revision's text the job's? */
static int
is_ours(const struct moin *m, const struct moin_intent *in, const char *path,
    const struct stat *st, bool *ours, struct fault *f)
{
	OWNED_BUF struct buf raw = BUF_INIT(2 * (size_t)ITEM_SIZE_MAX);
	OWNED_BUF struct buf text = BUF_INIT(2 * (size_t)ITEM_SIZE_MAX);
	struct digest digest;
	bool have;

	*ours = false;
	if (!S_ISREG(st->st_mode) || (uint64_t)st->st_size > raw.max)
		return 0;
	if (file_read(m->pages, path, &raw, &have, f) == -1 ||
	    text_to_lf(raw.data, raw.len, &text, f) == -1)
		return -1;
	digest_of(text.data, text.len, &digest);
	*ours = digest_equal(&digest, &in->digest);
	return 0;
}

int
moin_locked_number(const struct moin *m, const struct moin_intent *in,
    int64_t above, int64_t *number, bool *ours, struct fault *f)
{
	char path[MOIN_PATH];
	struct stat st;
	int64_t k;

	*ours = false;
	for (k = above + 1; k <= MOIN_NUMBER_MAX; k++) {
		moin_path_text(path, in->folder, k);
		*number = k;
		if (fstatat(m->pages, path, &st, AT_SYMLINK_NOFOLLOW) == -1)
			return errno == ENOENT ?
			    0 :
			    fault_system(f, errno, "'%s'", path);
		if (!in->drop && is_ours(m, in, path, &st, ours, f) == -1)
			return -1;
		if (*ours)
			return 0;
	}
	return fault_set(f, FAULT_FORMAT, "'%s' has too many revisions",
	    in->folder);
}

/* The new text becomes a revision, without ever taking another's place. */
static int
link_text(const struct moin *m, const struct moin_intent *in, int64_t number,
    struct fault *f)
{
	char from[MOIN_PATH], to[MOIN_PATH];

	moin_intent_path(in, "text", from);
	moin_path_text(to, in->folder, number);
	if (linkat(m->pages, from, m->pages, to, 0) == -1)
		return fault_system(f, errno, "cannot make revision '%s'", to);
	return 0;
}

/* Have the number of the new revision in the file that becomes current. */
static int
have_number(const struct moin *m, const struct moin_intent *in,
    struct moin_step *step, int64_t number, struct fault *f)
{
	char path[MOIN_PATH];
	struct stat st;
	int64_t there;
	bool have;

	if (step->number == number)
		return 0;
	moin_intent_path(in, "current", path);
	if (moin_look_number(m->pages, path, &there, &st, &have, f) == -1)
		return -1;
	step->number = number;
	if (have && there == number)
		return 0;
	if (have && unlinkat(m->pages, path, 0) == -1)
		return fault_system(f, errno, "cannot remove '%s'", path);
	return moin_save_write_number(m, in, number, true, step, f);
}

int
moin_locked_leave(struct moin *m, const struct moin_intent *in,
    enum moin_lock lock, int64_t number, struct fault *f)
{
	struct moin_line line = { .revision = number,
		.action = "SAVE",
		.folder = in->folder,
		.address = "",
		.host = "wikicast",
		.user = "",
		.extra = "",
		.comment = "" };

	if (moin_lock_give_back(m, in, lock, f) == -1)
		return -1;
	return lock == MOIN_LOCK_NEW ? 0 : moin_tell_wiki(m, &line, f);
}

/* The page as it is under the lock. */
static int
look_locked(const struct moin *m, const struct moin_intent *in, int64_t number,
    struct moin_look *look, struct fault *f)
{
	char path[MOIN_PATH];

	*look = (struct moin_look){ .number = number };
	moin_path_text(path, in->folder, number);
	look->present =
	    fstatat(m->pages, path, &look->text, AT_SYMLINK_NOFOLLOW) == 0;
	if (!look->present && errno != ENOENT)
		return fault_system(f, errno, "'%s'", path);
	return 0;
}

/* All that can fail for want of room; then the page is as it was. */
static int
write_revision(struct moin *m, const struct moin_intent *in,
    const struct moin_look *look, int64_t number, bool ours,
    struct moin_step *step, struct fault *f)
{
	struct moin_line line;
	char path[MOIN_PATH];

	if (have_number(m, in, step, number, f) == -1 ||
	    (!in->drop && !ours && link_text(m, in, number, f) == -1))
		return -1;
	step->first = !look->present;
	line = moin_save_line(in, number, step->first);
	if (moin_tell_page(m, in->folder, &line, f) == -1) {
		moin_path_text(path, in->folder, number);
		if (!in->drop && !ours)
			(void)unlinkat(m->pages, path, 0);
		return -1;
	}
	step->stamp = line.stamp;
	moin_intent_path(in, "text", path);
	(void)unlinkat(m->pages, path, 0);
	return 0;
}

int
moin_locked_change(struct moin *m, const struct moin_intent *in,
    enum moin_lock lock, int64_t number, struct moin_step *step,
    enum wiki_outcome *outcome, struct fault *f)
{
	struct fault second;
	struct moin_look look;
	int64_t next = 0;
	bool ours = false, is = true;

	if (look_locked(m, in, number, &look, f) == -1 ||
	    moin_locked_number(m, in, number, &next, &ours, f) == -1 ||
	    (!ours && moin_save_is_before(m, in, &look, &is, f) == -1) ||
	    (is && write_revision(m, in, &look, next, ours, step, f) == -1))
		return moin_locked_leave(m, in, lock, number, &second) == -1 ?
		    fault_within(f, "%s", second.text) :
		    -1;
	if (!is || (in->drop && !look.present)) {
		*outcome = WIKI_MOVED;
		return moin_locked_leave(m, in, lock, number, f);
	}
	step->stuck = true;
	if (moin_lock_release(m, in, f) == -1)
		return -1;
	step->stuck = false;
	step->stage = MOIN_MADE;
	return 0;
}
