/*
 * What is in a folder and named by nothing: old files that wait until the
 * last feed that named them has expired, temporary files, and foreign ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/folder.h"
#include "verify/check.h"

struct named {
	enum tree_sort sort;
	struct digest digest;
};

struct list {
	struct named *named; /* sorted */
	size_t count;
};

static int
by_name(const void *va, const void *vb)
{
	const struct named *a = va, *b = vb;

	if (a->sort != b->sort)
		return a->sort < b->sort ? -1 : 1;
	return memcmp(a->digest.bytes, b->digest.bytes,
	    sizeof(a->digest.bytes));
}

static void
name(struct list *list, enum tree_sort sort, const struct digest *digest)
{
	list->named[list->count++] = (struct named){ sort, *digest };
}

static int
list_named(const struct check *c, struct list *list, struct fault *f)
{
	size_t i, j, n = c->document_count + 3;

	for (i = 0; i < c->row_count; i++)
		n += 2 * c->rows[i].file_count;
	list->named = calloc(n, sizeof(*list->named));
	if (list->named == NULL)
		return fault_memory(f);
	for (i = 0; i < c->document_count; i++)
		name(list, TREE_HISTORY, &c->documents[i].digest);
	for (i = 0; i < c->row_count; i++)
		for (j = 0; j < c->rows[i].file_count; j++) {
			const struct check_file *file = &c->rows[i].files[j];

			name(list, file->sort, &file->file.digest);
			if (file->sort == TREE_SNAPSHOT)
				name(list, TREE_SIGNATURE, &file->file.digest);
		}
	name(list, TREE_NETWORK, &c->head.network.digest);
	name(list, TREE_SNAPSHOT, &c->head.snapshot.digest);
	name(list, TREE_SIGNATURE, &c->head.snapshot.digest);
	qsort(list->named, list->count, sizeof(*list->named), by_name);
	return 0;
}

static bool
is_named(const struct list *list, enum tree_sort sort,
    const struct digest *digest)
{
	const struct named key = { sort, *digest };

	return bsearch(&key, list->named, list->count, sizeof(key), by_name) !=
	    NULL;
}

/* A file that was published, and is not named any more. */
static int
tally_old(struct check *c, enum tree_sort sort, const struct digest *digest,
    const char *path, struct fault *f)
{
	OWNED_FD int fd = -1;
	struct digest is;
	int64_t size;
	bool have;

	if (file_open(c->tree, path, &fd, &have, f) == -1)
		return -1;
	if (!have) /* it went meanwhile */
		return 0;
	if (digest_of_fd(fd, &is, &size, f) == -1)
		return fault_within(f, "'%s'", path);
	if (sort != TREE_SIGNATURE && !digest_equal(&is, digest))
		return tally_add(c->tally, TALLY_BAD, check_kind(sort), path,
		    "its content is not what its name says", f);
	return tally_add(c->tally, TALLY_ORPHAN, check_kind(sort), path,
	    "nothing names it", f);
}

static int
tally_stray(struct check *c, const struct list *list, const char *path,
    bool regular, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash != NULL ? slash + 1 : path;
	struct fault why = { 0 };
	struct digest digest;
	enum tree_sort sort;

	if (regular && tree_parse(path, &sort, &digest, &why) == 0)
		return is_named(list, sort, &digest) ?
		    0 :
		    tally_old(c, sort, &digest, path, f);
	return tally_add(c->tally, TALLY_STRAY, "file", path,
	    last[0] == '.' ? "a temporary file" : "not a published file", f);
}

/* What stands at the top, besides the three folders. */
static bool
is_expected(const struct check *c, const char *path)
{
	static const char *const names[] = { "feed.atom", "key.asc",
		"index.html", "news.atom" };
	long long n;
	char again[NAME_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(path, names[i]) == 0)
			return true;
	for (n = 1; n <= c->head.trust && n <= 9999; n++) {
		(void)snprintf(again, sizeof(again), "trust/%lld.xml", n);
		if (strcmp(path, again) == 0)
			return true;
	}
	return false;
}

static bool
is_folder(const char *path)
{
	return strcmp(path, "pool") == 0 || strcmp(path, "history") == 0 ||
	    strcmp(path, "network") == 0 || strcmp(path, "trust") == 0 ||
	    (strncmp(path, "pool/", 5) == 0 && strlen(path) == 7);
}

static int walk(struct check *c, const struct list *named, const char *folder,
    struct fault *f);

static int
look(struct check *c, const struct list *list, const char *path,
    struct fault *f)
{
	struct stat st;

	if (is_expected(c, path))
		return 0;
	if (fstatat(c->tree, path, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return 0;
		return fault_system(f, errno, "'%s'", path);
	}
	if (S_ISDIR(st.st_mode) && is_folder(path))
		return walk(c, list, path, f);
	return tally_stray(c, list, path, S_ISREG(st.st_mode), f);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder ("" for the top), in order; at most two levels. */
static int
walk(struct check *c, const struct list *named, const char *folder,
    struct fault *f)
{
	OWNED_FOLDER DIR *list = NULL;
	OWNED_WORDS struct words names = WORDS_INIT;
	char path[2 * NAME_MAX + 2];
	const char *name;
	int fd = -1;
	size_t i;

	if (file_open_folder(c->tree, folder[0] != '\0' ? folder : ".", &fd,
		f) == -1)
		return -1;
	list = folder_list(fd);
	while (list != NULL && (name = folder_next(list)) != NULL)
		if (words_add(&names, name, f) == -1)
			return -1;
	if (errno != 0)
		return fault_system(f, errno, "folder '%s'", folder);
	qsort(names.word, names.count, sizeof(*names.word), by_text);
	for (i = 0; i < names.count; i++) {
		(void)snprintf(path, sizeof(path), "%s%s%s", folder,
		    folder[0] != '\0' ? "/" : "", names.word[i]);
		if (look(c, named, path, f) == -1)
			return -1;
	}
	return 0;
}

int
check_strays(struct check *c, struct fault *f)
{
	struct list list = { NULL, 0 };
	int rc = list_named(c, &list, f) == -1 ? -1 : walk(c, &list, "", f);

	free(list.named);
	return rc;
}
