#include "gen/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/folder.h"

#define MARKER_NAME 32

static void
marker(int64_t feed, char out[MARKER_NAME])
{
	(void)snprintf(out, MARKER_NAME, "publishing-%lld", (long long)feed);
}

int
collect_mark(struct ledger *ledger, int64_t feed, struct fault *f)
{
	char name[MARKER_NAME];

	marker(feed, name);
	return file_replace(ledger->folder, name, "", 0, 0600, f);
}

int
collect_unmark(struct ledger *ledger, int64_t feed, struct fault *f)
{
	char name[MARKER_NAME];

	marker(feed, name);
	return file_remove(ledger->folder, name, f);
}

static int
remove_named(int tree, enum tree_sort sort, const struct digest *d,
    struct fault *f)
{
	char name[TREE_NAME_MAX];

	tree_name(sort, d, name);
	return file_remove(tree, name, f);
}

/* Remove the files first: a crash in between forgets nothing. */
int
collect_due(struct ledger *ledger, int64_t feed, int tree, int64_t now,
    struct fault *f)
{
	enum tree_sort sort;
	struct digest d;
	bool have;

	if (ledger_due(ledger, feed, now, &sort, &d, &have, f) == -1)
		return -1;
	if (!have)
		return 0;
	if (db_begin(ledger->db, f) == -1)
		return -1;
	while (have) {
		if (remove_named(tree, sort, &d, f) == -1 ||
		    (sort == TREE_SNAPSHOT &&
			remove_named(tree, TREE_SIGNATURE, &d, f) == -1) ||
		    ledger_remove_file(ledger, feed, sort, &d, f) == -1 ||
		    ledger_due(ledger, feed, now, &sort, &d, &have, f) == -1)
			return -1;
	}
	return db_commit(ledger->db, f);
}

static bool
is_temporary(const char *name)
{
	return name[0] == '.' && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0;
}

/* A file that is not in the ledger: our own leftover, or not ours. */
static int
sweep_file(struct ledger *ledger, int64_t feed, int tree, const char *path,
    struct fault *f)
{
	struct fault not_ours = { 0 };
	enum tree_sort sort;
	struct digest d;
	bool knows;

	if (tree_parse(path, &sort, &d, &not_ours) == -1)
		return 0;
	if (sort == TREE_SIGNATURE)
		sort = TREE_SNAPSHOT;
	if (ledger_knows(ledger, feed, sort, &d, &knows, f) == -1)
		return -1;
	return knows ? 0 : file_remove(tree, path, f);
}

/* What a run was about to put beside the folders. */
static int
sweep_documents(int tree, struct fault *f)
{
	static const char *const temporary[] = { ".feed.atom.new",
		".key.asc.new", ".news.atom.new", ".index.html.new" };
	size_t i;

	for (i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
		if (file_remove(tree, temporary[i], f) == -1)
			return -1;
	return 0;
}

static int
sweep(struct ledger *ledger, int64_t feed, int tree, const char *folder,
    struct fault *f)
{
	OWNED_FOLDER DIR *list = folder_list(openat(tree, folder,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	char path[NAME_MAX + TREE_NAME_MAX];
	const char *name;

	if (list == NULL)
		return errno == ENOENT ?
		    0 :
		    fault_system(f, errno, "folder '%s'", folder);
	while ((name = folder_next(list)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (is_temporary(name) ?
			file_remove(tree, path, f) == -1 :
			sweep_file(ledger, feed, tree, path, f) == -1)
			return -1;
	}
	if (errno != 0)
		return fault_system(f, errno, "folder '%s'", folder);
	return 0;
}

int
collect_orphans(struct ledger *ledger, int64_t feed, int tree, bool *crashed,
    struct fault *f)
{
	char name[MARKER_NAME], folder[16];
	struct stat st;
	unsigned int i;

	*crashed = false;
	marker(feed, name);
	if (fstatat(ledger->folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 :
					 fault_system(f, errno, "'%s'", name);
	*crashed = true;
	for (i = 0; i < 256; i++) {
		(void)snprintf(folder, sizeof(folder), "pool/%02x", i);
		if (sweep(ledger, feed, tree, folder, f) == -1)
			return -1;
	}
	if (sweep(ledger, feed, tree, "history", f) == -1 ||
	    sweep(ledger, feed, tree, "network", f) == -1)
		return -1;
	return sweep_documents(tree, f);
}
