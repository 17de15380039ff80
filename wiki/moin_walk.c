#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/folder.h"
#include "items/name.h"
#include "wiki/moin.h"
#include "wiki/moin_ahead.h"
#include "wiki/names.h"

struct walk {
	struct wiki_walk walk;
	const struct moin *moin;
	struct names odd;   /* folders whose names are no shareable pages' */
	struct names pages; /* the others: spelt names of their pages */
	struct moin_ahead *ahead;
	const struct moin_sight *sight; /* of the page at hand */
	bool text_due;	    /* its text comes after its attachments */
	struct names files; /* its attachments, spelt */
	struct stat file;   /* of the attachment at hand */
	/* what the entry shows */
	struct buf page;
	struct buf name;
	struct buf folder;
	struct buf where;
	char trouble[FAULT_TEXT_MAX];
	struct wiki_entry entry;
};

static int
open_list(int dirfd, const char *name, DIR **list, struct fault *f)
{
	*list = folder_list(
	    openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (*list == NULL)
		return fault_system(f, errno, "cannot read folder '%s'", name);
	return 0;
}

/* Add a folder's page, or the folder itself if there cannot be one. */
static int
add_folder(struct walk *walk, const char *folder, struct fault *f)
{
	struct fault why;

	buf_reset(&walk->page);
	buf_reset(&walk->name);
	if (moin_name_of_folder(folder, &walk->page, &why) == -1) {
		if (why.kind == FAULT_MEMORY)
			return fault_memory(f);
		return names_add(&walk->odd, 'o', folder, strlen(folder), f);
	}
	if (name_spell(walk->page.data, &walk->name, f) == -1)
		return -1;
	return names_add(&walk->pages, 'p', walk->name.data, walk->name.len, f);
}

static int
list_pages(struct walk *walk, struct fault *f)
{
	OWNED_FOLDER DIR *list = NULL;
	const char *name;

	if (open_list(walk->moin->pages, ".", &list, f) == -1)
		return -1;
	while ((name = folder_next(list)) != NULL)
		/* Moin's own rule: what begins with a dot is no page. */
		if (*name != '.' && add_folder(walk, name, f) == -1)
			return -1;
	if (errno != 0)
		return fault_system(f, errno, "cannot read folder 'pages'");
	if (names_sort(&walk->odd, f) == -1 ||
	    names_sort(&walk->pages, f) == -1)
		return -1;
	return moin_ahead_open(walk->moin->pages, &walk->pages, &walk->ahead,
	    f);
}

int
moin_walk_open(struct wiki *w, struct wiki_walk **out, struct fault *f)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	if (walk == NULL)
		return fault_memory(f);
	walk->moin = moin_of(w);
	walk->odd = (struct names)NAMES_INIT('/');
	walk->pages = (struct names)NAMES_INIT('/');
	walk->files = (struct names)NAMES_INIT('\0');
	buf_init(&walk->page, BUF_ANY);
	buf_init(&walk->name, BUF_ANY);
	buf_init(&walk->folder, BUF_ANY);
	buf_init(&walk->where, BUF_ANY);
	if (list_pages(walk, f) == -1) {
		moin_walk_close(&walk->walk);
		return -1;
	}
	*out = &walk->walk;
	return 0;
}

void
moin_walk_close(struct wiki_walk *opened)
{
	struct walk *walk = (struct walk *)opened;

	moin_ahead_close(walk->ahead);
	names_clear(&walk->odd);
	names_clear(&walk->pages);
	names_clear(&walk->files);
	buf_clear(&walk->page);
	buf_clear(&walk->name);
	buf_clear(&walk->folder);
	buf_clear(&walk->where);
	free(walk);
}

/* The entry cannot be shared: why, and where it is (file may be NULL). */
static int
report(struct walk *walk, const char *file, const char *why, struct fault *f)
{
	buf_reset(&walk->where);
	if (buf_add(&walk->where, walk->folder.data, walk->folder.len, f) ==
		-1 ||
	    (file != NULL &&
		buf_format(&walk->where, f, "/attachments/%s", file) == -1))
		return -1;
	(void)snprintf(walk->trouble, sizeof(walk->trouble), "%s", why);
	walk->entry.where = walk->where.data;
	walk->entry.trouble = walk->trouble;
	return 0;
}

/*
 * A folder whose name Moin would not have made, or could not find again.
 * It is worth a word only if it has something.
 */
static int
next_odd(struct walk *walk, const char *folder, bool *have, struct fault *f)
{
	char path[MOIN_PATH];
	struct fault why = { 0 };
	struct stat st;

	buf_reset(&walk->folder);
	buf_reset(&walk->page);
	if (buf_add_text(&walk->folder, folder, f) == -1)
		return -1;
	moin_path(path, folder, "current");
	*have = fstatat(walk->moin->pages, path, &st, 0) == 0;
	moin_path(path, folder, "attachments");
	*have |= fstatat(walk->moin->pages, path, &st, 0) == 0;
	if (!*have)
		return 0;
	if (moin_name_of_folder(folder, &walk->page, &why) == -1 &&
	    why.kind == FAULT_MEMORY)
		return fault_memory(f);
	if (walk->page.len > 0)
		walk->entry.page = walk->page.data;
	return report(walk, NULL, why.text, f);
}

static int
list_files(struct walk *walk, struct fault *f)
{
	OWNED_FOLDER DIR *list = NULL;
	char path[MOIN_PATH];
	const char *name;

	names_clear(&walk->files);
	moin_path(path, walk->folder.data, "attachments");
	if (open_list(walk->moin->pages, path, &list, f) == -1)
		return -1;
	while ((name = folder_next(list)) != NULL) {
		buf_reset(&walk->name);
		if (name_spell(name, &walk->name, f) == -1 ||
		    names_add(&walk->files, 'f', walk->name.data,
			walk->name.len, f) == -1)
			return -1;
	}
	if (errno != 0)
		return fault_system(f, errno, "cannot read folder '%s'", path);
	return names_sort(&walk->files, f);
}

static int
next_file(struct walk *walk, const char *spelt, bool *have, struct fault *f)
{
	struct fault why = { 0 };
	const char *name;

	buf_reset(&walk->name);
	if (name_unspell(spelt, strlen(spelt), &walk->name, f) == -1)
		return -1;
	name = walk->name.data;
	walk->entry.page = walk->page.data;
	if (moin_name_check_file(name, &why) == 0) {
		walk->entry.file = walk->name.data;
		if (moin_look_file(walk->moin->pages, walk->folder.data, name,
			&walk->file, NULL, have, &why) == 0)
			return 0;
		walk->entry.file = NULL;
	}
	if (why.kind == FAULT_MEMORY)
		return fault_memory(f);
	*have = true;
	return report(walk, name, why.text, f);
}

/* The text, as far as a look at `current` tells. */
static int
next_text(struct walk *walk, bool *have, struct fault *f)
{
	int failed = walk->sight->failed;
	char path[MOIN_PATH];
	struct stat st;

	walk->entry.page = walk->page.data;
	*have = failed == 0;
	if (failed == 0)
		return 0;
	if (failed != ENOENT && failed != ENOTDIR) {
		*have = true;
		return report(walk, NULL, strerror(failed), f);
	}
	/* Someone may be saving it: who reads it waits, and sees. */
	moin_path(path, walk->folder.data, "revisions");
	*have = fstatat(walk->moin->pages, path, &st, 0) == 0;
	return 0;
}

static int
enter_page(struct walk *walk, const char *spelt, bool *have, struct fault *f)
{
	struct fault why;

	walk->sight = moin_ahead_next(walk->ahead);
	buf_reset(&walk->page);
	buf_reset(&walk->folder);
	if (name_unspell(spelt, strlen(spelt), &walk->page, f) == -1 ||
	    moin_name_quote(walk->page.data, &walk->folder, f) == -1)
		return -1;
	walk->text_due = true;
	if (!walk->sight->attachments || list_files(walk, &why) == 0)
		return 0;
	names_clear(&walk->files); /* a part of them has no order */
	if (why.kind == FAULT_MEMORY)
		return fault_memory(f);
	walk->entry.page = walk->page.data;
	*have = true;
	return report(walk, NULL, why.text, f);
}

int
moin_walk_next(struct wiki_walk *opened, const struct wiki_entry **entry,
    bool *have, struct fault *f)
{
	struct walk *walk = (struct walk *)opened;
	const char *name;
	int got;

	*entry = &walk->entry;
	do {
		*have = false;
		walk->entry = (struct wiki_entry){ 0 };
		if ((name = names_next(&walk->odd)) != NULL) {
			got = next_odd(walk, name + 1, have, f);
		} else if ((name = names_next(&walk->files)) != NULL) {
			got = next_file(walk, name + 1, have, f);
		} else if (walk->text_due) {
			walk->text_due = false;
			got = next_text(walk, have, f);
		} else if ((name = names_next(&walk->pages)) != NULL) {
			got = enter_page(walk, name + 1, have, f);
		} else {
			return 0;
		}
		if (got == -1)
			return -1;
	} while (!*have);
	return 0;
}

bool
moin_walk_same(struct wiki_walk *opened, const char *stamp)
{
	const struct walk *walk = (const struct walk *)opened;

	if (*stamp == '\0' || walk->entry.trouble != NULL)
		return false;
	if (walk->entry.file != NULL)
		return moin_stamp_same_file(&walk->file, stamp);
	return walk->sight->failed == 0 &&
	    moin_stamp_same_page(walk->moin->pages, walk->folder.data,
		&walk->sight->current, stamp);
}
