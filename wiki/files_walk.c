#include <errno.h>
#include <fcntl.h>

#include "base/folder.h"
#include "items/name.h"
#include "wiki/files.h"
#include "wiki/names.h"

enum kind {		   /* in the order in which they come for one name */
	KIND_FOLDER = 'f', /* of attachments */
	KIND_TEXT = 't',
	KIND_FILE = 'z', /* in such a folder */
};

struct walk {
	struct wiki_walk walk;
	const struct files *wiki;
	struct names root;  /* spelt, without .txt and .files */
	struct names files; /* of the folder at hand */
	int folder;	    /* that one; -1: none */
	struct buf name;    /* the file's or folder's at hand, in the root */
	struct buf page;    /* what the entry shows */
	struct buf file;
	struct buf where;
	struct buf trouble;
	char stamp[WIKI_STAMP_MAX]; /* of the entry; "" if it has trouble */
	struct wiki_entry entry;
};

static bool
ends_in(const char *name, size_t n, const char *ending)
{
	size_t len = strlen(ending);

	return n > len && memcmp(name + n - len, ending, len) == 0;
}

/* What a folder's entry means; other people's files mean nothing. */
static int
classify(struct names *n, bool root, const char *name, struct fault *f)
{
	size_t len = strlen(name);

	if (*name == '.')
		return 0;
	if (!root)
		return names_add(n, (char)KIND_FILE, name, len, f);
	if (ends_in(name, len, FILES_TEXT))
		return names_add(n, (char)KIND_TEXT, name,
		    len - strlen(FILES_TEXT), f);
	if (ends_in(name, len, FILES_FOLDER))
		return names_add(n, (char)KIND_FOLDER, name,
		    len - strlen(FILES_FOLDER), f);
	return 0;
}

static int
list_names(struct names *n, int folder, bool root, struct fault *f)
{
	OWNED_FOLDER DIR *list = folder_list(
	    openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const char *name;

	names_clear(n);
	if (list == NULL)
		return fault_system(f, errno, "cannot read the folder");
	while ((name = folder_next(list)) != NULL)
		if (classify(n, root, name, f) == -1)
			return -1;
	if (errno != 0)
		return fault_system(f, errno, "cannot read the folder");
	return names_sort(n, f);
}

int
files_walk_open(struct wiki *w, struct wiki_walk **out, struct fault *f)
{
	struct walk *walk = calloc(1, sizeof(*walk));

	if (walk == NULL)
		return fault_memory(f);
	walk->wiki = (const struct files *)w;
	walk->root = (struct names)NAMES_INIT('/');
	walk->files = (struct names)NAMES_INIT('\0');
	walk->folder = -1;
	buf_init(&walk->name, BUF_ANY);
	buf_init(&walk->page, BUF_ANY);
	buf_init(&walk->file, BUF_ANY);
	buf_init(&walk->where, BUF_ANY);
	buf_init(&walk->trouble, BUF_ANY);
	if (list_names(&walk->root, walk->wiki->root, true, f) == -1) {
		files_walk_close(&walk->walk);
		return -1;
	}
	*out = &walk->walk;
	return 0;
}

void
files_walk_close(struct wiki_walk *opened)
{
	struct walk *walk = (struct walk *)opened;

	names_clear(&walk->root);
	names_clear(&walk->files);
	own_close_fd(&walk->folder);
	buf_clear(&walk->name);
	buf_clear(&walk->page);
	buf_clear(&walk->file);
	buf_clear(&walk->where);
	buf_clear(&walk->trouble);
	free(walk);
}

/* The entry cannot be shared: say where it is (file may be NULL), and why. */
static int
report(struct walk *walk, const char *file, const char *trouble,
    struct fault *f)
{
	buf_reset(&walk->where);
	buf_reset(&walk->trouble);
	if (buf_add(&walk->where, walk->name.data, walk->name.len, f) == -1 ||
	    (file != NULL && buf_format(&walk->where, f, "/%s", file) == -1) ||
	    buf_add_text(&walk->trouble, trouble, f) == -1)
		return -1;
	walk->entry.where = walk->where.data;
	walk->entry.trouble = walk->trouble.data;
	return 0;
}

/* A name out of its spelling into out; fine is false if it was reported. */
static int
decode(struct walk *walk, const char *spelt, bool file, bool *fine,
    struct fault *f)
{
	struct buf *out = file ? &walk->file : &walk->page;
	struct fault why = { 0 };

	buf_reset(out);
	*fine = name_unspell(spelt, strlen(spelt), out, &why) == 0 &&
	    (file ? name_check_file(out->data, &why) :
		    name_check_page(out->data, &why)) == 0;
	if (*fine)
		return 0;
	if (why.kind == FAULT_MEMORY)
		return fault_memory(f);
	return report(walk, file ? spelt : NULL, why.text, f);
}

/* What the file system says; have is false if it has gone since. */
static int
examine(struct walk *walk, const char *file, bool *have, struct fault *f)
{
	int folder = file != NULL ? walk->folder : walk->wiki->root;
	struct fault why = { 0 };
	struct stat st;

	walk->entry.page = walk->page.data;
	walk->entry.file = file != NULL ? walk->file.data : NULL;
	if (files_place_look(folder, file != NULL ? file : walk->name.data, &st,
		have, &why) == -1) {
		if (why.kind == FAULT_FORMAT)
			return report(walk, file, "is not a regular file", f);
		*f = why;
		return -1;
	}
	if (!*have)
		return 0;
	if (st.st_size > ITEM_SIZE_MAX)
		return report(walk, file, "is larger than 64 MiB", f);
	files_place_revision(&st, walk->stamp);
	return 0;
}

/* Go into a folder of attachments; have: it cannot be, which is reported. */
static int
enter(struct walk *walk, bool *have, struct fault *f)
{
	const char *trouble;

	walk->folder = openat(walk->wiki->root, walk->name.data,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	*have = walk->folder == -1 && errno != ENOENT;
	if (walk->folder != -1)
		return list_names(&walk->files, walk->folder, false, f);
	if (!*have)
		return 0;
	if (errno != ENOTDIR && errno != ELOOP && errno != EACCES)
		return fault_system(f, errno, "folder '%s'", walk->name.data);
	trouble = errno == EACCES ? "may not be read" : "is not a folder";
	walk->entry.page = walk->page.data;
	return report(walk, NULL, trouble, f);
}

static int
next_in_root(struct walk *walk, const char *name, bool *have, struct fault *f)
{
	bool folder = *name == KIND_FOLDER, fine;

	buf_reset(&walk->name);
	if (buf_format(&walk->name, f, "%s%s", name + 1,
		folder ? FILES_FOLDER : FILES_TEXT) == -1 ||
	    decode(walk, name + 1, false, &fine, f) == -1)
		return -1;
	*have = true;
	if (!fine)
		return 0;
	return folder ? enter(walk, have, f) : examine(walk, NULL, have, f);
}

static int
next_in_folder(struct walk *walk, const char *name, bool *have, struct fault *f)
{
	bool fine;

	if (decode(walk, name + 1, true, &fine, f) == -1)
		return -1;
	*have = true;
	return fine ? examine(walk, name + 1, have, f) : 0;
}

int
files_walk_next(struct wiki_walk *opened, const struct wiki_entry **entry,
    bool *have, struct fault *f)
{
	struct walk *walk = (struct walk *)opened;
	const char *name;

	*entry = &walk->entry;
	do {
		*have = false;
		walk->entry = (struct wiki_entry){ 0 };
		*walk->stamp = '\0';
		if (walk->folder != -1) {
			name = names_next(&walk->files);
			if (name == NULL) {
				(void)close(walk->folder);
				walk->folder = -1;
			} else if (next_in_folder(walk, name, have, f) == -1) {
				return -1;
			}
		} else {
			name = names_next(&walk->root);
			if (name == NULL)
				return 0;
			if (next_in_root(walk, name, have, f) == -1)
				return -1;
		}
	} while (!*have);
	return 0;
}

bool
files_walk_same(struct wiki_walk *opened, const char *stamp)
{
	struct walk *walk = (struct walk *)opened;

	return *stamp != '\0' && strcmp(walk->stamp, stamp) == 0;
}
