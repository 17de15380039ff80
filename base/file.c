#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>

#define BLOCK 65536

int
file_open_folder(int dirfd, const char *name, int *fd, struct fault *f)
{
	int got = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (got == -1)
		return fault_system(f, errno, "folder '%s'", name);
	*fd = got;
	return 0;
}

int
file_open_write(int dirfd, const char *name, int *fd, struct fault *f)
{
	OWNED_FD int got = openat(dirfd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;

	if (got == -1 || fstat(got, &st) == -1)
		return fault_system(f, errno, "cannot write '%s'", name);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_SYSTEM, "'%s' is not a regular file",
		    name);
	*fd = own_give_fd(&got);
	return 0;
}

int
file_open(int dirfd, const char *name, int *fd, bool *have, struct fault *f)
{
	/* O_NONBLOCK: a FIFO in our way must not stop the run. */
	OWNED_FD int got =
	    openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	*have = false;
	if (got == -1 && errno == ENOENT)
		return 0;
	if (got == -1 && errno == ELOOP)
		return fault_set(f, FAULT_SYSTEM, "'%s' is a symbolic link",
		    name);
	if (got == -1)
		return fault_system(f, errno, "'%s'", name);
	if (fstat(got, &st) == -1)
		return fault_system(f, errno, "'%s'", name);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_SYSTEM, "'%s' is not a regular file",
		    name);
	*fd = own_give_fd(&got);
	*have = true;
	return 0;
}

/* pread() at the end of b, at most n bytes for which there is room. */
static int
read_more(int fd, int64_t at, size_t n, struct buf *b, size_t *got,
    struct fault *f)
{
	ssize_t r;

	do
		r = pread(fd, b->data + b->len, n, at);
	while (r == -1 && errno == EINTR);
	if (r == -1)
		return fault_system(f, errno, "cannot read");
	b->len += (size_t)r;
	*got = (size_t)r;
	return 0;
}

static int
read_part(int fd, int64_t at, size_t n, struct buf *b, struct fault *f)
{
	size_t got;

	if (buf_reserve(b, n, f) == -1)
		return -1;
	for (; n > 0; n -= got) {
		if (read_more(fd, at, n, b, &got, f) == -1)
			return -1;
		if (got == 0)
			return fault_set(f, FAULT_SYSTEM,
			    "cannot read: the file ends early");
		at += (int64_t)got;
	}
	buf_end(b);
	return 0;
}

int
file_read_part(int fd, int64_t at, size_t n, struct buf *b, struct fault *f)
{
	size_t before = b->len;

	if (read_part(fd, at, n, b, f) == 0)
		return 0;
	buf_cut(b, before);
	return -1;
}

/* The size is only a hint: it may grow, and some files tell none. */
static int
read_all(int fd, struct buf *b, struct fault *f)
{
	struct stat st;
	int64_t at = 0;
	size_t got, room;

	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "cannot read");
	if (st.st_size > 0 && buf_reserve(b, (size_t)st.st_size, f) == -1)
		return -1;
	do {
		room = b->cap > b->len + 1 ? b->cap - b->len - 1 : 0;
		if (room == 0) {
			char one;

			/* Full, perhaps to its max: is there more at all? */
			got = pread(fd, &one, 1, at) == 1;
			if (got == 1 && buf_add(b, &one, 1, f) == -1)
				return -1;
		} else if (read_more(fd, at, room, b, &got, f) == -1) {
			return -1;
		}
		at += (int64_t)got;
	} while (got > 0);
	buf_end(b);
	return 0;
}

int
file_read_fd(int fd, struct buf *b, struct fault *f)
{
	size_t before = b->len;

	if (read_all(fd, b, f) == 0)
		return 0;
	buf_cut(b, before);
	return -1;
}

int
file_read(int dirfd, const char *name, struct buf *b, bool *have,
    struct fault *f)
{
	OWNED_FD int fd = -1;

	if (file_open(dirfd, name, &fd, have, f) == -1)
		return -1;
	if (!*have)
		return 0;
	if (file_read_fd(fd, b, f) == -1)
		return fault_within(f, "'%s'", name);
	return 0;
}

int
file_write(int fd, const void *bytes, size_t n, struct fault *f)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return fault_system(f, errno, "cannot write");
		if (put == 0)
			return fault_system(f, ENOSPC, "cannot write");
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

int
file_cut(int fd, int64_t at, struct fault *f)
{
	if (ftruncate(fd, at) == -1)
		return fault_system(f, errno, "cannot cut");
	if (lseek(fd, at, SEEK_SET) == -1)
		return fault_system(f, errno, "cannot seek");
	return 0;
}

int
file_copy(int in, int64_t at, int64_t n, int out, struct fault *f)
{
	char block[BLOCK];

	while (n > 0) {
		size_t want = n < BLOCK ? (size_t)n : BLOCK;
		ssize_t got = pread(in, block, want, at);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fault_system(f, errno, "cannot read");
		if (got == 0)
			return fault_set(f, FAULT_SYSTEM,
			    "cannot read: the file ends early");
		if (file_write(out, block, (size_t)got, f) == -1)
			return -1;
		at += got;
		n -= got;
	}
	return 0;
}

int
file_sync(int fd, const char *what, struct fault *f)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc == -1 && errno == EINTR);
	if (rc == -1)
		return fault_system(f, errno, "cannot flush '%s'", what);
	return 0;
}

bool
file_has_name(int fd, int dirfd, const char *name)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 &&
	    fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* The folder part of a name, opened; the name itself if it has none. */
static int
open_parent(int dirfd, const char *name, int *fd, struct fault *f)
{
	const char *slash = strrchr(name, '/');
	OWNED_MEM char *folder = NULL;

	if (slash == NULL)
		return file_open_folder(dirfd, ".", fd, f);
	folder = strndup(name, slash == name ? 1 : (size_t)(slash - name));
	if (folder == NULL)
		return fault_memory(f);
	return file_open_folder(dirfd, folder, fd, f);
}

/*
 * Wait a few seconds for the writer of a temporary file, who holds a lock on
 * it.  No longer: whoever can read a file can lock it for ever.  Some file
 * systems have no locks; then there is no waiting.
 */
static void
wait_for_writer(int fd)
{
	const struct timespec pause = { 0, 50000000 }; /* 0.05 s */
	int tries = 100;

	while (flock(fd, LOCK_EX | LOCK_NB) == -1 && tries-- > 0 &&
	    (errno == EWOULDBLOCK || errno == EINTR))
		(void)nanosleep(&pause, NULL);
}

/* Something has the name of our temporary: a writer's, or a crash left it. */
static int
clear_temporary(int folder, const char *temporary, struct fault *f)
{
	OWNED_FD int fd = openat(folder, temporary,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd != -1) {
		wait_for_writer(fd);
		if (!file_has_name(fd, folder, temporary))
			return 0;
	}
	return file_remove(folder, temporary, f);
}

/*
 * Make the temporary file, locked: one fixed name, so that a crash leaves one
 * at most, and two writers of one file follow each other.
 */
static int
make_temporary(int folder, const char *temporary, int *fd, struct fault *f)
{
	for (;;) {
		OWNED_FD int got = openat(folder, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (got == -1 && errno != EEXIST)
			return fault_system(f, errno, "cannot create");
		if (got == -1) {
			if (clear_temporary(folder, temporary, f) == -1)
				return -1;
			continue;
		}
		wait_for_writer(got);
		if (!file_has_name(got, folder, temporary))
			continue; /* another took it for left behind */
		*fd = own_give_fd(&got);
		return 0;
	}
}

static int
fill_temporary(int fd, const void *bytes, size_t n, mode_t mode,
    struct fault *f)
{
	if (fchmod(fd, mode) == -1)
		return fault_system(f, errno, "cannot set the mode");
	if (file_write(fd, bytes, n, f) == -1)
		return -1;
	return file_sync(fd, "it", f);
}

int
file_replace(int dirfd, const char *name, const void *bytes, size_t n,
    mode_t mode, struct fault *f)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash == NULL ? name : slash + 1;
	OWNED_MEM char *temporary = NULL;
	OWNED_FD int folder = -1;
	OWNED_FD int fd = -1;

	if (open_parent(dirfd, name, &folder, f) == -1)
		return -1;
	if (asprintf(&temporary, ".%s.new", base) == -1) {
		temporary = NULL;
		return fault_memory(f);
	}
	if (make_temporary(folder, temporary, &fd, f) == -1)
		return fault_within(f, "'%s'", name);
	if (fill_temporary(fd, bytes, n, mode, f) == -1) {
		(void)unlinkat(folder, temporary, 0);
		return fault_within(f, "'%s'", name);
	}
	if (!file_has_name(fd, folder, temporary))
		return fault_set(f, FAULT_BUSY,
		    "another process writes '%s' as well", name);
	if (renameat(folder, temporary, folder, base) == -1) {
		(void)fault_system(f, errno, "cannot put '%s' in place", name);
		(void)unlinkat(folder, temporary, 0);
		return -1;
	}
	/* After the fsync(), closing has nothing left that could fail. */
	return file_sync(folder, name, f);
}

int
file_temporary(int dirfd, int *fd, struct fault *f)
{
	char name[] = ".wikicast-XXXXXXXX";
	int got = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	unsigned int i;

	if (got == -1 && errno != EOPNOTSUPP && errno != EISDIR &&
	    errno != EINVAL && errno != ENOENT)
		return fault_system(f, errno, "cannot make a temporary file");
	/* Without O_TMPFILE (NFS): a name, removed at once. */
	for (i = 0; got == -1 && i < 100; i++) {
		(void)snprintf(name + 10, sizeof(name) - 10, "%08x",
		    (unsigned int)getpid() * 101u + i);
		got = openat(dirfd, name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (got == -1 && errno != EEXIST)
			break;
		if (got != -1)
			(void)unlinkat(dirfd, name, 0);
	}
	if (got == -1)
		return fault_system(f, errno, "cannot make a temporary file");
	*fd = got;
	return 0;
}

int
file_memory(const char *label, int *fd, struct fault *f)
{
	int got = memfd_create(label, MFD_CLOEXEC);

	if (got == -1)
		return fault_system(f, errno, "cannot make a memory file");
	*fd = got;
	return 0;
}

static bool
is_folder(int dirfd, const char *path)
{
	struct stat st;

	return fstatat(dirfd, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* What the umask took of the mode of a folder that was just made. */
static int
give_back_mode(int dirfd, const char *path, mode_t mode, struct fault *f)
{
	OWNED_FD int fd = openat(dirfd, path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    ((mode & ~st.st_mode) != 0 &&
		fchmod(fd, mode | (st.st_mode & S_ISGID)) == -1))
		return fault_system(f, errno, "folder '%s'", path);
	return 0;
}

/* Make one folder, and its name durable, unless it is there. */
static int
make_folder(int dirfd, const char *path, mode_t mode, struct fault *f)
{
	OWNED_FD int parent = -1;
	int error;

	if (mkdirat(dirfd, path, mode) == 0) {
		if (give_back_mode(dirfd, path, mode, f) == -1 ||
		    open_parent(dirfd, path, &parent, f) == -1)
			return -1;
		return file_sync(parent, path, f);
	}
	error = errno;
	/* A read-only or automounted one may not say EEXIST. */
	if (is_folder(dirfd, path))
		return 0;
	return fault_system(f, error, "cannot make folder '%s'", path);
}

int
file_make_folders(int dirfd, const char *path, mode_t mode, struct fault *f)
{
	OWNED_MEM char *part = strdup(path);
	char *end;

	if (part == NULL)
		return fault_memory(f);
	/* "a/b//c/": a, a/b, a/b//c; the "/" of an absolute path is there. */
	for (end = part; *end != '\0';) {
		char next;

		end += strspn(end, "/");
		end += strcspn(end, "/");
		next = *end;
		*end = '\0';
		if (make_folder(dirfd, part, mode, f) == -1)
			return -1;
		*end = next;
	}
	return 0;
}

int
file_check_private(int fd, const char *name, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "folder '%s'", name);
	if ((st.st_mode & S_IWOTH) != 0)
		return fault_set(f, FAULT_SYSTEM,
		    "folder '%s' can be written by everybody: chmod o-w it",
		    name);
	return 0;
}

int
file_remove(int dirfd, const char *name, struct fault *f)
{
	if (unlinkat(dirfd, name, 0) == -1 && errno != ENOENT)
		return fault_system(f, errno, "cannot remove '%s'", name);
	return 0;
}

int
file_become_owner(const char *path, struct fault *f)
{
	struct passwd *pw;
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(path, &st) == -1)
		return errno == ENOENT ? 0 :
					 fault_system(f, errno, "'%s'", path);
	if (st.st_uid == 0)
		return 0;
	pw = getpwuid(st.st_uid);
	if ((pw != NULL ? initgroups(pw->pw_name, st.st_gid) :
			  setgroups(0, NULL)) == -1 ||
	    setresgid(st.st_gid, st.st_gid, st.st_gid) == -1 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) == -1)
		return fault_system(f, errno, "cannot become the owner of '%s'",
		    path);
	return 0;
}
