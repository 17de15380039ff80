#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "wiki/files.h"

/* One of the files that a change touches, as it is after the crash. */
struct found {
	bool have;
	struct stat st;
	bool read; /* it is a file that can be read: digest is set */
	struct digest digest;
};

static int
examine(int folder, const char *name, struct found *out, struct fault *f)
{
	OWNED_FD int fd = -1;
	int64_t size;

	out->have = fstatat(folder, name, &out->st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!out->have)
		return errno == ENOENT ? 0 :
					 fault_system(f, errno, "'%s'", name);
	if (files_place_read(folder, name, &fd, &out->st, &out->read, f) == 0)
		return out->read ? digest_of_fd(fd, &out->digest, &size, f) : 0;
	if (f->kind != FAULT_FORMAT)
		return -1;
	*f = (struct fault){ 0 };
	out->read = false;
	return 0;
}

/* Is the file ours: the new text, there or under its other name? */
static bool
is_ours(const struct files_intent *in, const struct found *file)
{
	return file->read && !in->drop &&
	    digest_equal(&file->digest, &in->digest);
}

/*
 * An old version that is none: the new text that did not get further, or the
 * page's own text, which has two names half-way through a rename.
 */
static int
tidy(struct files_place *p, const struct files_intent *in,
    const struct found *page, struct fault *f)
{
	OWNED_BUF struct buf name = BUF_INIT(BUF_ANY);
	struct found old = { 0 };
	bool have = true;

	if (in->n == 0)
		return 0;
	if (files_place_keep(p, false, &have, f) == -1)
		return -1;
	if (!have)
		return 0;
	if (files_place_backup(p, in->n, &name, f) == -1 ||
	    examine(p->kept, name.data, &old, f) == -1)
		return -1;
	if (is_ours(in, &old) ||
	    (old.have && page->have && old.st.st_ino == page->st.st_ino))
		return file_remove(p->kept, name.data, f);
	return 0;
}

/* Of the text that was looked at, though it may have been edited since. */
static int
tell_revision(const struct files_place *p, const struct found *page,
    char **revision, struct fault *f)
{
	char text[WIKI_STAMP_MAX], seen[WIKI_STAMP_MAX];
	struct stat st;
	bool have;

	if (files_place_look(p->folder, p->name, &st, &have, f) == -1)
		return -1;
	files_place_revision(&page->st, seen);
	have = have && files_place_same_content(&st, seen);
	if (have)
		files_place_revision(&st, text);
	*revision = strdup(have ? text : "gone");
	return *revision == NULL ? fault_memory(f) : 0;
}

static int
finish(const struct files *w, const struct files_intent *in,
    enum wiki_outcome *outcome, char **revision, struct fault *f)
{
	OWNED_PLACE struct files_place place = FILES_PLACE_INIT;
	struct found page = { 0 };
	bool have, arrived;

	if (files_intent_place(w, &in->item, false, &place, &have, f) == -1)
		return -1;
	if (have &&
	    (file_remove(place.folder, place.part, f) == -1 ||
		examine(place.folder, place.name, &page, f) == -1 ||
		tidy(&place, in, &page, f) == -1 ||
		files_place_sync(&place, f) == -1))
		return -1;
	arrived = in->drop ? !page.have : is_ours(in, &page);
	*outcome = arrived ? WIKI_DONE : WIKI_MOVED;
	return arrived && !in->drop ?
	    tell_revision(&place, &page, revision, f) :
	    0;
}

int
files_finish(struct wiki *wiki, const char *text, enum wiki_outcome *outcome,
    char **revision, struct fault *f)
{
	OWNED(files_intent_clear) struct files_intent in = { 0 };

	*revision = NULL;
	if (files_intent_read(text, &in, f) == 0 &&
	    finish((struct files *)wiki, &in, outcome, revision, f) == 0)
		return 0;
	if (f->kind != FAULT_FORMAT)
		return -1;
	/* Something that is no text stands there now: decide anew. */
	*f = (struct fault){ 0 };
	*outcome = WIKI_MOVED;
	return 0;
}
