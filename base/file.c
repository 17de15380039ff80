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
	OWNED_FD int got = openat(dirfd, name,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	*have = false;
	if (got == -1 && errno == ENOENT)
		return 0;
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

int
file_read_part(int fd, int64_t at, size_t n, struct buf *b, struct fault *f)
{
	if (buf_reserve(b, n, f) == -1)
		return -1;
	while (n > 0) {
		ssize_t got = pread(fd, b->data + b->len, n, at);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fault_system(f, errno, "cannot read");
		if (got == 0)
			return fault_set(f, FAULT_SYSTEM,
			    "cannot read: the file ends early");
		b->len += (size_t)got;
		at += got;
		n -= (size_t)got;
	}
	buf_end(b);
	return 0;
}

int
file_read_fd(int fd, struct buf *b, struct fault *f)
{
	struct stat st;
	int64_t at = 0;

	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "cannot read");
	if (st.st_size > 0 && (uint64_t)st.st_size <= b->max &&
	    buf_reserve(b, (size_t)st.st_size, f) == -1)
		return -1;
	for (;;) {
		size_t room = b->cap > b->len + 1 ? b->cap - b->len - 1 : 0;
		ssize_t got;

		if (room == 0) {
			char one;

			got = pread(fd, &one, 1, at);
			if (got == 1 && buf_add(b, &one, 1, f) == -1)
				return -1;
		} else {
			got = pread(fd, b->data + b->len, room, at);
			if (got > 0)
				b->len += (size_t)got;
		}
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fault_system(f, errno, "cannot read");
		buf_end(b);
		if (got == 0)
			return 0;
		at += got;
	}
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
	if (fsync(fd) == -1)
		return fault_system(f, errno, "cannot flush '%s'", what);
	return 0;
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

static int
write_temporary(int folder, const char *temporary, const void *bytes, size_t n,
    mode_t mode, struct fault *f)
{
	OWNED_FD int fd = openat(folder, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int closing;

	if (fd == -1)
		return fault_system(f, errno, "cannot create");
	if (fchmod(fd, mode) == -1)
		return fault_system(f, errno, "cannot set the mode");
	if (file_write(fd, bytes, n, f) == -1 || file_sync(fd, "it", f) == -1)
		return -1;
	closing = own_give_fd(&fd);
	if (close(closing) == -1)
		return fault_system(f, errno, "cannot close");
	return 0;
}

int
file_replace(int dirfd, const char *name, const void *bytes, size_t n,
    mode_t mode, struct fault *f)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash == NULL ? name : slash + 1;
	OWNED_MEM char *temporary = NULL;
	OWNED_FD int folder = -1;

	if (open_parent(dirfd, name, &folder, f) == -1)
		return -1;
	/* One fixed name: a crash leaves at most one, and it is reused. */
	if (asprintf(&temporary, ".%s.new", base) == -1) {
		temporary = NULL;
		return fault_memory(f);
	}
	if (unlinkat(folder, temporary, 0) == -1 && errno != ENOENT)
		return fault_system(f, errno, "'%s'", temporary);
	if (write_temporary(folder, temporary, bytes, n, mode, f) == -1) {
		(void)unlinkat(folder, temporary, 0);
		return fault_within(f, "'%s'", name);
	}
	if (renameat(folder, temporary, folder, base) == -1) {
		(void)fault_system(f, errno, "cannot put '%s' in place", name);
		(void)unlinkat(folder, temporary, 0);
		return -1;
	}
	return file_sync(folder, name, f);
}

int
file_temporary(int dirfd, int *fd, struct fault *f)
{
	char name[] = ".wikicast-XXXXXXXX";
	int got = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	unsigned int i;

	if (got == -1 && errno != EOPNOTSUPP && errno != EISDIR &&
	    errno != ENOENT)
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
	int got = memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (got == -1)
		return fault_system(f, errno, "cannot make a memory file");
	*fd = got;
	return 0;
}

int
file_make_folders(int dirfd, const char *path, mode_t mode, struct fault *f)
{
	OWNED_MEM char *part = strdup(path);
	char *slash;

	if (part == NULL)
		return fault_memory(f);
	for (slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash != NULL)
			*slash = '\0';
		if (mkdirat(dirfd, part, mode) == -1 && errno != EEXIST)
			return fault_system(f, errno,
			    "cannot make folder '%s'", part);
		if (slash == NULL)
			return 0;
		*slash = '/';
	}
}

int
file_remove(int dirfd, const char *name, struct fault *f)
{
	if (unlinkat(dirfd, name, 0) == -1 && errno != ENOENT)
		return fault_system(f, errno, "cannot remove '%s'", name);
	return 0;
}

/* The process id that the holder of a lock wrote into it, 0 if none. */
static long
lock_holder(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

int
file_lock(int dirfd, const char *name, int seconds, int *fd, struct fault *f)
{
	const struct timespec pause = { 0, 100000000 }; /* 0.1 s */
	OWNED_FD int got = openat(dirfd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int64_t tries = (int64_t)seconds * 10;
	char text[24];
	int n;

	if (got == -1)
		return fault_system(f, errno, "lock '%s'", name);
	while (flock(got, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fault_system(f, errno, "lock '%s'", name);
		if (tries-- <= 0)
			return fault_set(f, FAULT_BUSY,
			    "another run (process %ld) holds the lock '%s'",
			    lock_holder(got), name);
		(void)nanosleep(&pause, NULL);
	}
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(got, 0) == -1 || pwrite(got, text, (size_t)n, 0) != n)
		return fault_system(f, errno, "lock '%s'", name);
	*fd = own_give_fd(&got);
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
		return errno == ENOENT ? 0 : fault_system(f, errno, "'%s'",
					    path);
	if (st.st_uid == 0)
		return 0;
	pw = getpwuid(st.st_uid);
	if ((pw != NULL ? initgroups(pw->pw_name, st.st_gid) :
			  setgroups(0, NULL)) == -1 ||
	    setresgid(st.st_gid, st.st_gid, st.st_gid) == -1 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) == -1)
		return fault_system(f, errno,
		    "cannot become the owner of '%s'", path);
	return 0;
}
