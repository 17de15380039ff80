#include "fetch/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/folder.h"

#define KEPT (7 * 86400) /* seconds */

int
partial_folder(int state, int *folder, struct fault *f)
{
	if (file_make_folders(state, "partial", 0700, f) == -1)
		return -1;
	return file_open_folder(state, "partial", folder, f);
}

int
partial_open(int folder, const struct digest *wanted, int64_t length, int *fd,
    int64_t *size, struct fault *f)
{
	OWNED_FD int got = -1;
	char name[DIGEST_TEXT];
	struct stat st;

	digest_format(wanted, name);
	if (file_open_write(folder, name, &got, f) == -1)
		return -1;
	if (fstat(got, &st) == -1)
		return fault_system(f, errno, "'%s'", name);
	*size = st.st_size;
	if (*size > length) {
		if (file_cut(got, 0, f) == -1)
			return -1;
		*size = 0;
	}
	*fd = own_give_fd(&got);
	return 0;
}

int
partial_remove(int folder, const struct digest *wanted, struct fault *f)
{
	char name[DIGEST_TEXT];

	digest_format(wanted, name);
	return file_remove(folder, name, f);
}

int
partial_prune(int folder, int64_t now, struct fault *f)
{
	OWNED_FOLDER DIR *list = folder_list(
	    openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const char *name;
	struct stat st;

	if (list == NULL)
		return fault_system(f, errno, "folder 'partial'");
	while ((name = folder_next(list)) != NULL)
		if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && now - st.st_mtime > KEPT &&
		    file_remove(folder, name, f) == -1)
			return -1;
	return 0;
}
