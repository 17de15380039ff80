#include "wiki/moin.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/folder.h"

#define LOOKS 100	      /* times to look at a page that is being saved */
#define PAUSE (10 * 1000000L) /* nanoseconds in between: a second in all */
#define QUIET 2		      /* seconds: file systems may count in them */

void
moin_path(char out[MOIN_PATH], const char *folder, const char *name)
{
	size_t n = strlen(folder), m = strlen(name);

	/* Three times for each page of a walk: snprintf() would show. */
	assert(n + 1 + m < MOIN_PATH);
	memcpy(out, folder, n);
	out[n] = '/';
	memcpy(out + n + 1, name, m + 1);
}

void
moin_path_text(char out[MOIN_PATH], const char *folder, int64_t number)
{
	char name[] = "revisions/00000000";
	char *digit = name + sizeof(name) - 1;

	assert(number >= 0 && number < 100000000);
	for (; number > 0; number /= 10)
		*--digit = (char)('0' + number % 10);
	moin_path(out, folder, name);
}

/* As Python's int(text.strip()), for what Moin writes: digits. */
static int64_t
parse_number(const char *text, size_t n)
{
	int64_t v = 0;
	size_t digits = 0, i;

	while (n > 0 && moin_name_is_space((unsigned char)text[n - 1]))
		n--;
	for (i = 0; i < n && moin_name_is_space((unsigned char)text[i]);)
		i++;
	for (; i < n; i++, digits++) {
		if (text[i] < '0' || text[i] > '9' || v > MOIN_NUMBER_MAX)
			return -1;
		v = v * 10 + (text[i] - '0');
	}
	return digits > 0 && v <= MOIN_NUMBER_MAX ? v : -1;
}

int
moin_look_number(int pages, const char *path, int64_t *number, struct stat *st,
    bool *have, struct fault *f)
{
	OWNED_FD int fd =
	    openat(pages, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char text[32];
	ssize_t n;

	*have = false;
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1 || fstat(fd, st) == -1)
		return fault_system(f, errno, "'%s'", path);
	if (!S_ISREG(st->st_mode))
		return fault_set(f, FAULT_FORMAT, "'%s' is not a regular file",
		    path);
	n = read(fd, text, sizeof(text));
	if (n == -1)
		return fault_system(f, errno, "cannot read '%s'", path);
	*number = n == sizeof(text) ? -1 : parse_number(text, (size_t)n);
	*have = true;
	return 0;
}

/* A file's state, and its content if text is not NULL. */
static int
look_file(int pages, const char *path, struct stat *st, struct buf *text,
    bool *have, struct fault *f)
{
	OWNED_FD int fd = -1;
	int got;

	*have = false;
	if (text == NULL) {
		got = fstatat(pages, path, st, AT_SYMLINK_NOFOLLOW);
	} else {
		fd = openat(pages, path,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		got = fd == -1 ? -1 : fstat(fd, st);
	}
	if (got == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (got == -1 && errno != ELOOP)
		return fault_system(f, errno, "'%s'", path);
	if (got == -1 || !S_ISREG(st->st_mode))
		return fault_set(f, FAULT_FORMAT, "'%s' is not a regular file",
		    path);
	*have = true;
	if (text == NULL)
		return 0;
	if ((uint64_t)st->st_size > text->max)
		return fault_set(f, FAULT_FORMAT,
		    "'%s' is larger than %zu bytes", path, text->max);
	buf_reset(text);
	return file_read_fd(fd, text, f);
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool
exists(int pages, const char *folder, const char *name)
{
	char path[MOIN_PATH];
	struct stat st;

	moin_path(path, folder, name);
	return fstatat(pages, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The lock of a wikicast: ".wikicast-TOKEN.lock". */
static void
find_ours(int pages, const char *folder, char name[MOIN_LOCK_NAME])
{
	static const char head[] = ".wikicast-", tail[] = ".lock";
	OWNED_FOLDER DIR *list = folder_list(
	    openat(pages, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const char *found;
	size_t n;

	while (list != NULL && (found = folder_next(list)) != NULL) {
		n = strlen(found);
		if (n < MOIN_LOCK_NAME && n > strlen(head) + strlen(tail) &&
		    strncmp(found, head, strlen(head)) == 0 &&
		    strcmp(found + n - strlen(tail), tail) == 0)
			memcpy(name, found, n + 1);
	}
}

void
moin_look_lock(int pages, const char *folder, char name[MOIN_LOCK_NAME])
{
	static const char moins[] = "current-locked";

	*name = '\0';
	if (exists(pages, folder, moins))
		memcpy(name, moins, sizeof(moins));
	else if (exists(pages, folder, "revisions"))
		find_ours(pages, folder, name);
}

/*
 * Neither `current` nor a lock was there: is there none, or did one save end
 * and the next begin between the looks?  Each renames in the page's folder,
 * which sets its time.  A page that never was has no revisions.
 */
static bool
is_quiet(int pages, const char *folder, time_t start)
{
	struct stat st;

	if (!exists(pages, folder, "revisions"))
		return true;
	return fstatat(pages, folder, &st, 0) == 0 &&
	    st.st_mtim.tv_sec < start - QUIET;
}

/*
 * One look.  *settled is false if someone is saving the page: each save
 * takes `current` away and puts another file there when the text is whole
 * (PageEditor.py, _write_file), so that the same file before and after means
 * that the text between is the one that it names.
 */
int
moin_look_once(int pages, const char *folder, struct moin_look *out,
    struct buf *text, bool *settled, struct fault *f)
{
	char path[MOIN_PATH], name[MOIN_PATH], lock[MOIN_LOCK_NAME];
	time_t start = time(NULL);
	struct stat after;
	bool have;

	*out = (struct moin_look){ 0 };
	moin_path(path, folder, "current");
	if (moin_look_number(pages, path, &out->number, &out->current, &have,
		f) == -1)
		return -1;
	if (!have && !exists(pages, folder, ".")) {
		*settled = true; /* most of what is asked for is not there */
		return 0;
	}
	if (!have) {
		moin_look_lock(pages, folder, lock);
		*settled = *lock == '\0' && is_quiet(pages, folder, start);
		return 0;
	}
	*settled = true;
	if (out->number == -1)
		return 0;
	moin_path_text(name, folder, out->number);
	if (look_file(pages, name, &out->text, text, &out->present, f) == -1)
		return -1;
	*settled = fstatat(pages, path, &after, AT_SYMLINK_NOFOLLOW) == 0 &&
	    same_file(&out->current, &after);
	return 0;
}

/* A save takes milliseconds; a busy disk may stretch that. */
static void
wait_a_little(void)
{
	const struct timespec pause = { 0, PAUSE };

	(void)nanosleep(&pause, NULL);
}

int
moin_look(int pages, const char *folder, struct moin_look *out,
    struct buf *text, struct fault *f)
{
	bool settled = false;
	int i;

	for (i = 0; i < LOOKS; i++) {
		if (moin_look_once(pages, folder, out, text, &settled, f) == -1)
			return -1;
		if (settled)
			return 0;
		wait_a_little();
	}
	return fault_set(f, FAULT_BUSY,
	    "page folder '%s' is locked by another writer", folder);
}

int
moin_look_file(int pages, const char *folder, const char *file, struct stat *st,
    struct buf *content, bool *have, struct fault *f)
{
	char path[MOIN_PATH];
	struct stat after;
	int i;

	(void)snprintf(path, sizeof(path), "%s/attachments/%s", folder, file);
	for (i = 0; i < LOOKS; i++) {
		if (look_file(pages, path, st, content, have, f) == -1)
			return -1;
		/* Moin writes an attachment in place: wait till it is. */
		if (!*have || content == NULL ||
		    (fstatat(pages, path, &after, AT_SYMLINK_NOFOLLOW) == 0 &&
			same_file(st, &after)))
			return 0;
		wait_a_little();
	}
	return fault_set(f, FAULT_BUSY, "attachment '%s' is being written",
	    path);
}

static uint64_t
nanoseconds(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000000 + (uint64_t)t->tv_nsec;
}

void
moin_look_revision(const struct moin_look *look, bool underlay,
    char out[MOIN_REVISION_MAX])
{
	*out = '\0';
	if (look->present)
		(void)snprintf(out, MOIN_REVISION_MAX,
		    "%s%" PRId64 "-%" PRId64 "-%" PRIx64, underlay ? "u" : "",
		    look->number, (int64_t)look->text.st_size,
		    nanoseconds(&look->text.st_mtim));
	else if (look->number > 0)
		(void)snprintf(out, MOIN_REVISION_MAX, "%" PRId64 "-deleted",
		    look->number);
}

void
moin_look_file_revision(const struct stat *st, char out[MOIN_REVISION_MAX])
{
	(void)snprintf(out, MOIN_REVISION_MAX,
	    "%" PRId64 "-%" PRIx64 "-%" PRIx64, (int64_t)st->st_size,
	    nanoseconds(&st->st_mtim), (uint64_t)st->st_ino);
}
