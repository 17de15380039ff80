/*
 * folder.h -- whole folders: their names, a scratch folder, removing a tree.
 *
 *	OWNED_FOLDER DIR *d = folder_list(openat(tree, path, O_RDONLY |
 *	    O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
 *	if (d == NULL) ...			errno says why
 *	while ((name = folder_next(d)) != NULL) ...
 *	if (errno != 0) ...			they were not all
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <dirent.h>

#include "base/fault.h"
#include "base/own.h"

#define OWNED_FOLDER OWNED(folder_close)

/*
 * Takes the descriptor of a folder, from whose position it reads; -1 is
 * handed through.  NULL: errno says why.
 */
DIR *folder_list(int fd);
void folder_close(DIR **list);

/*
 * The next name but "." and "..", in no order, until the next call.  NULL at
 * the end, with an errno of 0, and on a failure.
 */
const char *folder_next(DIR *list);

/*
 * Make an empty folder of mode 0700 below dirfd for a moment's work; *path is
 * its absolute path, owned by the caller, who also removes it.  GnuPG makes
 * sockets there: the path is kept short by taking $TMPDIR or /tmp where the
 * folder's own path is long.
 */
int folder_scratch(int dirfd, char **path, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Remove a folder and all below it, without following symbolic links; not
 * there is fine.  A caller that only cleans up may ignore what it returns.
 */
int folder_remove(int dirfd, const char *path, struct fault *f);

#endif
