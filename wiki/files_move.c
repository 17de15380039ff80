#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "wiki/files.h"

/* The file system (NFS, say) or the kernel has no renames with flags. */
static bool
has_no_flags(int errnum)
{
	return errnum == EINVAL || errnum == ENOSYS || errnum == EOPNOTSUPP;
}

/* Are both names of one file?  The second, which others can change, last. */
static bool
same_file(int other, const char *ours, int folder, const char *name)
{
	struct stat x, y;

	return fstatat(other, ours, &x, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(folder, name, &y, AT_SYMLINK_NOFOLLOW) == 0 &&
	    x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

/*
 * Without flags: a second name, then the first one away.  If that is a page,
 * somebody may have put another file there meanwhile; who does so between the
 * look and the unlink loses it, POSIX has nothing better.
 */
static int
move_by_link(int folder, const char *from, int other, const char *to, bool away,
    bool *done, struct fault *f)
{
	if (linkat(folder, from, other, to, 0) == -1) {
		if (errno == EEXIST || errno == ENOENT)
			return 0;
		return fault_system(f, errno, "cannot link '%s'", to);
	}
	if (away && !same_file(other, to, folder, from)) {
		(void)unlinkat(other, to, 0);
		return 0;
	}
	if (unlinkat(folder, from, 0) == -1)
		return fault_system(f, errno, "cannot remove '%s'", from);
	*done = true;
	return 0;
}

static int
move(int folder, const char *from, int other, const char *to, bool away,
    bool *done, struct fault *f)
{
	*done = renameat2(folder, from, other, to, RENAME_NOREPLACE) == 0;
	if (*done || errno == EEXIST || errno == ENOENT)
		return 0;
	if (!has_no_flags(errno))
		return fault_system(f, errno, "cannot rename '%s'", from);
	return move_by_link(folder, from, other, to, away, done, f);
}

int
files_move(int folder, const char *ours, int other, const char *to, bool *done,
    struct fault *f)
{
	return move(folder, ours, other, to, false, done, f);
}

int
files_move_away(int folder, const char *page, int other, const char *ours,
    bool *done, struct fault *f)
{
	return move(folder, page, other, ours, true, done, f);
}

int
files_move_swap(int folder, const char *from, int other, const char *to,
    bool *able, bool *done, struct fault *f)
{
	*able = true;
	*done = renameat2(folder, from, other, to, RENAME_EXCHANGE) == 0;
	if (*done || errno == ENOENT)
		return 0;
	*able = !has_no_flags(errno);
	return *able ? fault_system(f, errno, "cannot rename '%s'", from) : 0;
}
