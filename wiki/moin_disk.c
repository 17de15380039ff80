#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "wiki/moin_write.h"

void
moin_disk_unmask(struct moin *m)
{
	if (!m->unmasked)
		m->mask = umask(0);
	m->unmasked = true;
}

void
moin_disk_mask_back(struct moin *m)
{
	if (m->unmasked)
		(void)umask(m->mask);
	m->unmasked = false;
}

int
moin_disk_give(const struct moin *m, int dirfd, const char *path,
    struct fault *f)
{
	if (m->give &&
	    fchownat(dirfd, path, m->owner, m->group, AT_SYMLINK_NOFOLLOW) ==
		-1)
		return fault_system(f, errno, "cannot give '%s' to its owner",
		    path);
	return 0;
}

int
moin_disk_file(const struct moin *m, const char *path, const void *bytes,
    size_t n, bool sync, struct fault *f)
{
	OWNED_FD int fd = openat(m->pages, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, m->file_mode);
	int closing;

	if (fd == -1)
		return fault_system(f, errno, "cannot make '%s'", path);
	if (moin_disk_give(m, m->pages, path, f) == -1)
		return -1;
	if (file_write(fd, bytes, n, f) == -1)
		return fault_within(f, "'%s'", path);
	if (sync && file_sync(fd, path, f) == -1)
		return -1;
	closing = own_give_fd(&fd);
	if (close(closing) == -1)
		return fault_system(f, errno, "cannot write '%s'", path);
	return 0;
}

int
moin_disk_folder(const struct moin *m, const char *path, struct fault *f)
{
	if (mkdirat(m->pages, path, m->folder_mode) == -1)
		return fault_system(f, errno, "cannot make folder '%s'", path);
	if (moin_disk_give(m, m->pages, path, f) == 0)
		return 0;
	(void)unlinkat(m->pages, path, AT_REMOVEDIR);
	return -1;
}

int
moin_disk_sync(const struct moin *m, const char *path, struct fault *f)
{
	OWNED_FD int fd = openat(m->pages, path,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return fault_system(f, errno, "'%s'", path);
	return file_sync(fd, path, f);
}
