#include "feeds/tree.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

static const struct {
	const char *folder;
	bool split; /* by the first two digits */
	const char *suffix;
} sorts[] = {
	[TREE_SNAPSHOT] = { "pool", true, ".tar.zst" },
	[TREE_SIGNATURE] = { "pool", true, ".tar.zst.sig" },
	[TREE_STEP] = { "pool", true, ".step.zst" },
	[TREE_HISTORY] = { "history", false, ".xml.zst" },
	[TREE_NETWORK] = { "network", false, ".xml.zst" },
	[TREE_PIECES] = { "pool", true, ".pieces" },
};
#define SORT_COUNT (sizeof(sorts) / sizeof(sorts[0]))

void
tree_name(enum tree_sort sort, const struct digest *d, char out[TREE_NAME_MAX])
{
	char hex[DIGEST_TEXT];
	int n;

	digest_format(d, hex);
	if (sorts[sort].split)
		n = snprintf(out, TREE_NAME_MAX, "%s/%.2s/%s%s",
		    sorts[sort].folder, hex, hex, sorts[sort].suffix);
	else
		n = snprintf(out, TREE_NAME_MAX, "%s/%s%s", sorts[sort].folder,
		    hex, sorts[sort].suffix);
	assert(n > 0 && n < TREE_NAME_MAX);
}

int
tree_parse(const char *name, enum tree_sort *sort, struct digest *d,
    struct fault *f)
{
	const char *slash = strrchr(name, '/');
	char hex[DIGEST_TEXT] = "", again[TREE_NAME_MAX];
	struct fault ignored = { 0 };
	struct digest read;
	size_t i;

	(void)snprintf(hex, sizeof(hex), "%s", slash == NULL ? "" : slash + 1);
	if (digest_parse(hex, &read, &ignored) == 0)
		for (i = 0; i < SORT_COUNT; i++) {
			tree_name((enum tree_sort)i, &read, again);
			if (strcmp(again, name) == 0) {
				*sort = (enum tree_sort)i;
				*d = read;
				return 0;
			}
		}
	return fault_set(f, FAULT_FORMAT,
	    "'%.120s' is not the name of a published file", name);
}

/* ---- putting files in place ---- */

struct content {
	const void *bytes; /* or NULL: all of fd */
	int fd;
	int64_t length;
	int64_t updated; /* the time to set, and flush; -1: neither */
};

static int
fill(int fd, const struct content *c, struct fault *f)
{
	struct timespec times[2] = { { .tv_sec = c->updated },
		{ .tv_sec = c->updated } };

	/* Whatever the umask: a web server reads it. */
	if (fchmod(fd, 0644) == -1)
		return fault_system(f, errno, "cannot set the mode");
	if ((c->bytes != NULL ? file_write(fd, c->bytes, (size_t)c->length, f) :
				file_copy(c->fd, 0, c->length, fd, f)) == -1)
		return -1;
	if (c->updated == -1)
		return 0;
	if (futimens(fd, times) == -1)
		return fault_system(f, errno, "cannot set the time");
	return file_sync(fd, "it", f);
}

static int
write_temporary(int tree, const char *temporary, const struct content *c,
    struct fault *f)
{
	OWNED_FD int fd = openat(tree, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd == -1)
		return fault_system(f, errno, "cannot create it");
	if (fill(fd, c, f) == -1)
		return -1;
	if (close(own_give_fd(&fd)) == -1)
		return fault_system(f, errno, "cannot close it");
	return 0;
}

/* By way of ".<name>.new" beside it; a crash leaves at most that one. */
static int
place(int tree, const char *name, const struct content *c, struct fault *f)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash == NULL ? name : slash + 1;
	char temporary[TREE_NAME_MAX + 8];

	(void)snprintf(temporary, sizeof(temporary), "%.*s.%s.new",
	    (int)(base - name), name, base);
	if (file_remove(tree, temporary, f) == -1)
		return -1;
	if (write_temporary(tree, temporary, c, f) == -1) {
		(void)unlinkat(tree, temporary, 0);
		return fault_within(f, "'%s'", name);
	}
	if (renameat(tree, temporary, tree, name) == -1) {
		(void)fault_system(f, errno, "cannot put '%s' in place", name);
		(void)unlinkat(tree, temporary, 0);
		return -1;
	}
	return 0;
}

static int
is_there(int tree, const char *name, int64_t length, bool *yes, struct fault *f)
{
	struct stat st;

	*yes = false;
	if (fstatat(tree, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*yes = S_ISREG(st.st_mode) && st.st_size == length;
	else if (errno != ENOENT)
		return fault_system(f, errno, "'%s'", name);
	return 0;
}

/* The folders that a name goes into, readable by a web server. */
static int
make_folders(int tree, const char *name, struct fault *f)
{
	char folder[TREE_NAME_MAX];
	const char *slash;

	for (slash = strchr(name, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		(void)snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash - name), name);
		if (mkdirat(tree, folder, 0755) == -1) {
			if (errno == EEXIST)
				continue;
			return fault_system(f, errno, "cannot make folder '%s'",
			    folder);
		}
		if (fchmodat(tree, folder, 0755, 0) == -1)
			return fault_system(f, errno, "folder '%s'", folder);
	}
	return 0;
}

static int
put(int tree, const char *name, const struct content *c, struct fault *f)
{
	bool there;

	assert(strlen(name) < TREE_NAME_MAX);
	if (is_there(tree, name, c->length, &there, f) == -1)
		return -1;
	if (there)
		return 0;
	if (make_folders(tree, name, f) == -1)
		return -1;
	return place(tree, name, c, f);
}

int
tree_put(int tree, const char *name, int fd, int64_t length, struct fault *f)
{
	const struct content c = { .fd = fd, .length = length, .updated = -1 };

	return put(tree, name, &c, f);
}

int
tree_put_bytes(int tree, const char *name, const void *bytes, size_t n,
    struct fault *f)
{
	const struct content c = { .bytes = bytes,
		.fd = -1,
		.length = (int64_t)n,
		.updated = -1 };

	return put(tree, name, &c, f);
}

int
tree_sync(int tree, struct fault *f)
{
	if (syncfs(tree) == -1)
		return fault_system(f, errno, "cannot flush the tree");
	return 0;
}

int
tree_put_feed(int tree, const void *bytes, size_t n, int64_t updated,
    struct fault *f)
{
	const struct content c = { .bytes = bytes,
		.fd = -1,
		.length = (int64_t)n,
		.updated = updated };

	if (place(tree, "feed.atom", &c, f) == -1)
		return -1;
	return file_sync(tree, "feed.atom", f);
}
