#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wiki/moin_write.h"

#define MOINS_LOCK "current-locked"

static bool
exists(const struct moin *m, const char *folder, const char *name)
{
	char path[MOIN_PATH];
	struct stat st;

	moin_path(path, folder, name);
	return fstatat(m->pages, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * A page's folder without any revision: making the folder of revisions is
 * what decides who makes the first.  Moin then waits for `current`.
 */
static int
take_new(const struct moin *m, const char *folder, enum moin_lock *lock,
    struct fault *f)
{
	char path[MOIN_PATH];

	*lock = MOIN_LOCK_NONE;
	if (exists(m, folder, MOINS_LOCK) || exists(m, folder, "revisions"))
		return 0;
	moin_path(path, folder, "revisions");
	if (moin_disk_folder(m, path, f) == -1)
		return f->kind == FAULT_SYSTEM && f->sys == EEXIST ? 0 : -1;
	*lock = MOIN_LOCK_NEW;
	return 0;
}

int
moin_lock_take(const struct moin *m, const struct moin_intent *in,
    enum moin_lock *lock, int64_t *number, struct fault *f)
{
	char current[MOIN_PATH], mine[MOIN_PATH];
	struct stat st;
	bool have;

	*number = 0;
	moin_path(current, in->folder, "current");
	moin_intent_path(in, "lock", mine);
	if (renameat(m->pages, current, m->pages, mine) == -1)
		return errno == ENOENT ?
		    take_new(m, in->folder, lock, f) :
		    fault_system(f, errno, "cannot lock '%s'", in->folder);
	*lock = MOIN_LOCK_TAKEN;
	if (moin_look_number(m->pages, mine, number, &st, &have, f) == -1 ||
	    *number == -1) {
		*lock = MOIN_LOCK_DAMAGED;
		if (renameat(m->pages, mine, m->pages, current) == -1)
			return fault_system(f, errno, "cannot unlock '%s'",
			    in->folder);
		return *number == -1 ? 0 : -1;
	}
	return 0;
}

int
moin_lock_give_back(const struct moin *m, const struct moin_intent *in,
    enum moin_lock lock, struct fault *f)
{
	char current[MOIN_PATH], mine[MOIN_PATH];

	if (lock == MOIN_LOCK_NEW) {
		moin_path(current, in->folder, "revisions");
		if (unlinkat(m->pages, current, AT_REMOVEDIR) == -1)
			return fault_system(f, errno, "cannot unlock '%s'",
			    in->folder);
		return 0;
	}
	moin_path(current, in->folder, "current");
	moin_intent_path(in, "lock", mine);
	if (renameat(m->pages, mine, m->pages, current) == -1)
		return fault_system(f, errno, "cannot unlock '%s'", in->folder);
	return 0;
}

int
moin_lock_release(const struct moin *m, const struct moin_intent *in,
    struct fault *f)
{
	char current[MOIN_PATH], mine[MOIN_PATH];

	moin_path(current, in->folder, "current");
	moin_intent_path(in, "current", mine);
	if (renameat(m->pages, mine, m->pages, current) == -1)
		return fault_system(f, errno, "cannot unlock '%s'", in->folder);
	moin_intent_path(in, "lock", mine);
	(void)unlinkat(m->pages, mine, 0);
	return 0;
}

int
moin_lock_suspect(const struct moin *m, const char *folder,
    struct moin_suspect *out, struct fault *f)
{
	char path[MOIN_PATH];
	struct timespec now;
	int64_t age;

	*out->name = '\0';
	if (exists(m, folder, "current"))
		return 0;
	moin_look_lock(m->pages, folder, out->name);
	if (*out->name == '\0')
		return 0;
	moin_path(path, folder, out->name);
	if (fstatat(m->pages, path, &out->st, AT_SYMLINK_NOFOLLOW) == -1) {
		*out->name = '\0';
		return errno == ENOENT ? 0 :
					 fault_system(f, errno, "'%s'", path);
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	age = (now.tv_sec - out->st.st_ctim.tv_sec) * 1000 +
	    (now.tv_nsec - out->st.st_ctim.tv_nsec) / 1000000;
	/* Ours may belong to one who has its intent: leave it time. */
	if (age < (strcmp(out->name, MOINS_LOCK) == 0 ? 1 : 10) * m->stale)
		*out->name = '\0';
	return 0;
}

/*
 * Which number the page gets back.  Moin writes the new one into its lock
 * before the text and the logs: without both, the save had not happened.
 */
static int
number_to_restore(const struct moin *m, const char *folder, const char *lock,
    int64_t *number, bool *logged, struct fault *f)
{
	OWNED_BUF struct buf room = BUF_INIT((size_t)1 << 30);
	OWNED_FD int fd = -1;
	char path[MOIN_PATH];
	struct moin_line line;
	struct stat st;
	bool have;

	if (moin_look_number(m->pages, lock, number, &st, &have, f) == -1)
		return -1;
	if (!have || *number <= 0)
		return 0;
	moin_path(path, folder, "edit-log");
	fd = openat(m->pages, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (moin_log_find(fd, *number, &room, &line, logged, f) == -1)
		return -1;
	moin_path_text(path, folder, *number);
	if (*logged || fstatat(m->pages, path, &st, 0) == 0)
		return 0;
	--*number;
	*logged = true; /* an old one */
	return 0;
}

/* The lock's file becomes `current`, unless someone was faster. */
static int
restore(const struct moin *m, const char *folder, const char *lock,
    int64_t number, struct fault *f)
{
	char current[MOIN_PATH], made[MOIN_PATH], text[16];
	int n = snprintf(text, sizeof(text), "%08" PRId64 "\n", number);
	int failed = 0;

	moin_path(current, folder, "current");
	moin_path(made, folder, ".wikicast-restored");
	(void)unlinkat(m->pages, made, 0);
	if (moin_disk_file(m, made, text, (size_t)n, true, f) == -1)
		return -1;
	if (linkat(m->pages, made, m->pages, current, 0) == -1)
		failed = errno;
	(void)unlinkat(m->pages, made, 0);
	if (failed != 0 && failed != EEXIST)
		return fault_system(f, failed, "cannot unlock '%s'", folder);
	(void)unlinkat(m->pages, lock, 0);
	return 0;
}

int
moin_lock_recover(struct moin *m, const char *folder,
    const struct moin_suspect *suspect, struct fault *f)
{
	struct moin_line line = { .action = "SAVE",
		.folder = folder,
		.address = "",
		.host = "wikicast",
		.user = "",
		.extra = "",
		.comment = "unlocked after a crash" };
	struct moin_suspect now = { .name = "" };
	char lock[MOIN_PATH];
	int64_t number = 0;
	bool logged = false;

	if (moin_lock_suspect(m, folder, &now, f) == -1)
		return -1;
	if (*suspect->name == '\0' || strcmp(now.name, suspect->name) != 0 ||
	    now.st.st_ino != suspect->st.st_ino ||
	    now.st.st_ctim.tv_sec != suspect->st.st_ctim.tv_sec ||
	    now.st.st_ctim.tv_nsec != suspect->st.st_ctim.tv_nsec)
		return 0;
	moin_path(lock, folder, suspect->name);
	if (number_to_restore(m, folder, lock, &number, &logged, f) == -1)
		return -1;
	if (number < 0)
		return fault_set(f, FAULT_FORMAT, "'%s' is damaged", lock);
	if (restore(m, folder, lock, number, f) == -1)
		return -1;
	line.revision = number;
	if (!logged && moin_tell_page(m, folder, &line, f) == -1)
		return -1;
	return moin_tell_wiki(m, &line, f);
}
