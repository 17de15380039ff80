/*
 * folder.h -- whole folders: a scratch folder, and removing a tree.
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include "base/fault.h"

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
