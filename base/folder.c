#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SHORT_PATH 60 /* a socket's path has 108 bytes, its name up to 30 */

DIR *
folder_list(int fd)
{
	DIR *list = fd == -1 ? NULL : fdopendir(fd);
	int why = errno;

	if (list == NULL && fd != -1)
		(void)close(fd);
	errno = why;
	return list;
}

void
folder_close(DIR **list)
{
	if (*list != NULL)
		(void)closedir(*list);
	*list = NULL;
}

const char *
folder_next(DIR *list)
{
	const struct dirent *d;

	do {
		errno = 0;
		d = readdir(list);
	} while (d != NULL &&
	    (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0));
	return d != NULL ? d->d_name : NULL;
}

int
folder_scratch(int dirfd, char **path, struct fault *f)
{
	char link[32], where[PATH_MAX];
	const char *tmp = getenv("TMPDIR");
	OWNED_MEM char *made = NULL;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
	n = readlink(link, where, sizeof(where) - 1);
	where[n > 0 ? n : 0] = '\0';
	if (n <= 0 || n > SHORT_PATH)
		(void)snprintf(where, sizeof(where), "%s",
		    tmp != NULL && strlen(tmp) <= SHORT_PATH ? tmp : "/tmp");
	if (asprintf(&made, "%s/scratch-XXXXXX", where) == -1) {
		made = NULL;
		return fault_set(f, FAULT_MEMORY, "out of memory");
	}
	if (mkdtemp(made) == NULL)
		return fault_system(f, errno, "cannot make folder '%s'", made);
	*path = own_give(&made);
	return 0;
}

static int
remove_entries(int fd, struct fault *f)
{
	OWNED_FOLDER DIR *list =
	    folder_list(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const char *name;

	if (list == NULL)
		return fault_system(f, errno, "cannot read a folder");
	while ((name = folder_next(list)) != NULL) {
		if (unlinkat(fd, name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno != EISDIR && errno != EPERM)
			return fault_system(f, errno, "cannot remove '%s'",
			    name);
		if (folder_remove(fd, name, f) == -1)
			return -1;
	}
	return 0;
}

int
folder_remove(int dirfd, const char *path, struct fault *f)
{
	OWNED_FD int fd = openat(dirfd, path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd == -1)
		return errno == ENOENT ?
		    0 :
		    fault_system(f, errno, "folder '%s'", path);
	if (remove_entries(fd, f) == -1)
		return fault_within(f, "folder '%s'", path);
	if (unlinkat(dirfd, path, AT_REMOVEDIR) == -1 && errno != ENOENT)
		return fault_system(f, errno, "cannot remove folder '%s'",
		    path);
	return 0;
}
