#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "items/name.h"
#include "wiki/files.h"

#define OLD_FOLDER ".old"

/* No such file, or none that could be: a name that is too long for it. */
static bool
is_absent(int errnum)
{
	return errnum == ENOENT || errnum == ENAMETOOLONG;
}

static int
open_folder(int dirfd, const char *name, int *fd, bool *have, struct fault *f)
{
	int got = openat(dirfd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	*have = got != -1;
	if (got == -1 && is_absent(errno))
		return 0;
	if (got == -1 && (errno == ENOTDIR || errno == ELOOP))
		return fault_set(f, FAULT_FORMAT, "'%s' is not a folder", name);
	if (got == -1)
		return fault_system(f, errno, "folder '%s'", name);
	*fd = got;
	return 0;
}

int
files_place_give(int fd, mode_t mode, const struct files_place *p,
    struct fault *f)
{
	struct stat wiki, is;

	if (fstat(p->root, &wiki) == -1 || fstat(fd, &is) == -1)
		return fault_system(f, errno, "cannot see whose it is");
	if (geteuid() == 0 && fchown(fd, wiki.st_uid, wiki.st_gid) == -1)
		return fault_system(f, errno, "cannot set the owner");
	mode |= (wiki.st_mode & S_IWGRP) | (is.st_mode & S_ISGID);
	if (fchmod(fd, mode) == -1)
		return fault_system(f, errno, "cannot set the mode");
	return 0;
}

static int
make_folder(const struct files_place *p, int dirfd, const char *name,
    struct fault *f)
{
	OWNED_FD int fd = -1;
	bool have;

	if (mkdirat(dirfd, name, 0755) == -1)
		return errno == EEXIST ?
		    0 :
		    fault_system(f, errno, "cannot make folder '%s'", name);
	if (open_folder(dirfd, name, &fd, &have, f) == -1)
		return -1;
	return have ? files_place_give(fd, 0755, p, f) : 0;
}

static int
place_names(const char *spelt, const char *ending, struct files_place *p,
    struct fault *f)
{
	if (asprintf(&p->name, "%s%s", spelt, ending) == -1)
		p->name = NULL;
	if (asprintf(&p->part, ".%s%s.part", spelt, ending) == -1)
		p->part = NULL;
	return p->name == NULL || p->part == NULL ? fault_memory(f) : 0;
}

static int
place_attachment(const char *page, const char *file, bool make,
    struct files_place *p, bool *have, struct fault *f)
{
	OWNED_BUF struct buf spelt = BUF_INIT(BUF_ANY);

	if (name_spell(page, &spelt, f) == -1 ||
	    buf_add_text(&spelt, FILES_FOLDER, f) == -1)
		return -1;
	if (make && make_folder(p, p->root, spelt.data, f) == -1)
		return -1;
	if (open_folder(p->root, spelt.data, &p->folder, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	buf_reset(&spelt);
	if (name_spell(file, &spelt, f) == -1)
		return -1;
	return place_names(spelt.data, "", p, f);
}

static int
place_page(const char *page, struct files_place *p, struct fault *f)
{
	OWNED_BUF struct buf spelt = BUF_INIT(BUF_ANY);

	p->beside = true;
	p->folder = p->kept = p->root;
	if (name_spell(page, &spelt, f) == -1)
		return -1;
	return place_names(spelt.data, FILES_TEXT, p, f);
}

int
files_place_open(const struct files *w, const char *page, const char *file,
    bool make, struct files_place *out, bool *have, struct fault *f)
{
	OWNED_PLACE struct files_place p = FILES_PLACE_INIT;

	p.root = w->root;
	*have = true;
	if ((file == NULL ?
		    place_page(page, &p, f) :
		    place_attachment(page, file, make, &p, have, f)) == -1)
		return -1;
	*out = p;
	p = (struct files_place)FILES_PLACE_INIT;
	return 0;
}

void
files_place_close(struct files_place *p)
{
	if (!p->beside) {
		own_close_fd(&p->folder);
		own_close_fd(&p->kept);
	}
	free(p->name);
	free(p->part);
	*p = (struct files_place)FILES_PLACE_INIT;
}

int
files_place_keep(struct files_place *p, bool make, bool *have, struct fault *f)
{
	*have = true;
	if (p->kept != -1)
		return 0;
	if (make && make_folder(p, p->folder, OLD_FOLDER, f) == -1)
		return -1;
	return open_folder(p->folder, OLD_FOLDER, &p->kept, have, f);
}

int
files_place_backup(const struct files_place *p, int64_t n, struct buf *out,
    struct fault *f)
{
	buf_reset(out);
	return buf_format(out, f, "%s.~%lld~", p->name, (long long)n);
}

static int
is_taken(const struct files_place *p, int64_t n, bool *taken, struct fault *f)
{
	OWNED_BUF struct buf name = BUF_INIT(BUF_ANY);
	struct stat st;

	if (files_place_backup(p, n, &name, f) == -1)
		return -1;
	*taken = fstatat(p->kept, name.data, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*taken && !is_absent(errno))
		return fault_system(f, errno, "'%s'", name.data);
	return 0;
}

int
files_place_next(struct files_place *p, int64_t *n, struct fault *f)
{
	int64_t low = 0, high = 1; /* low is taken, high may be free */
	bool taken;

	/* A page may have thousands: double, then halve. */
	for (;; low = high, high *= 2) {
		if (is_taken(p, high, &taken, f) == -1)
			return -1;
		if (!taken)
			break;
	}
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (is_taken(p, middle, &taken, f) == -1)
			return -1;
		if (taken)
			low = middle;
		else
			high = middle;
	}
	*n = high;
	return 0;
}

int
files_place_look(int folder, const char *name, struct stat *st, bool *have,
    struct fault *f)
{
	*have = fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*have && is_absent(errno))
		return 0;
	if (!*have)
		return fault_system(f, errno, "'%s'", name);
	if (!S_ISREG(st->st_mode))
		return fault_set(f, FAULT_FORMAT, "'%s' is not a regular file",
		    name);
	return 0;
}

int
files_place_read(int folder, const char *name, int *fd, struct stat *st,
    bool *have, struct fault *f)
{
	/* O_NONBLOCK: a FIFO in our way must not stop the run. */
	OWNED_FD int got = openat(folder, name,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	*have = got != -1;
	if (got == -1 && is_absent(errno))
		return 0;
	if (got == -1 && errno == EACCES)
		return fault_set(f, FAULT_FORMAT, "'%s' may not be read", name);
	if (got == -1 && errno != ELOOP && errno != ENXIO)
		return fault_system(f, errno, "'%s'", name);
	if (got != -1 && fstat(got, st) == -1)
		return fault_system(f, errno, "'%s'", name);
	if (got == -1 || !S_ISREG(st->st_mode))
		return fault_set(f, FAULT_FORMAT, "'%s' is not a regular file",
		    name);
	*fd = own_give_fd(&got);
	return 0;
}

int
files_place_sync(const struct files_place *p, struct fault *f)
{
	if (file_sync(p->folder, p->name, f) == -1)
		return -1;
	if (p->beside)
		return 0;
	if (p->kept != -1 && file_sync(p->kept, p->name, f) == -1)
		return -1;
	return file_sync(p->root, p->name, f);
}

void
files_place_revision(const struct stat *st, char out[WIKI_STAMP_MAX])
{
	(void)snprintf(out, WIKI_STAMP_MAX, "%llu:%lld:%lld.%09ld:%lld.%09ld",
	    (unsigned long long)st->st_ino, (long long)st->st_size,
	    (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
	    (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

bool
files_place_same_content(const struct stat *st, const char *revision)
{
	const char *colon = strrchr(revision, ':');
	char now[WIKI_STAMP_MAX];
	size_t n;

	files_place_revision(st, now);
	if (colon == NULL)
		return false;
	n = (size_t)(colon - revision) + 1;
	return strncmp(now, revision, n) == 0 && strchr(now + n, ':') == NULL;
}
