/*
 * file.h -- files below a directory descriptor, read with a limit, replaced
 * atomically, locked.
 *
 * Names are relative to dirfd (or AT_FDCWD).  Files are never opened or
 * written through a symbolic link at the last part of their name; folders are
 * opened through one, since administrators move them that way.  Contents may
 * come from strangers; names are ours.  Whatever changes the disk goes through
 * here or through the wiki engines, so that one list says which system calls
 * a crash can fall between.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"

/* Open a folder for use as a dirfd. */
int file_open_folder(int dirfd, const char *name, int *fd, struct fault *f)
    __attribute__((warn_unused_result));

/* Open a regular file for reading; have says whether it exists. */
int file_open(int dirfd, const char *name, int *fd, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/* Open a regular file for reading and writing, made with mode 0600. */
int file_open_write(int dirfd, const char *name, int *fd, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Add a whole file to b; its max is the limit.  Not there: have is false.
 * After a failure of this and the next two b is as it was.
 */
int file_read(int dirfd, const char *name, struct buf *b, bool *have,
    struct fault *f) __attribute__((warn_unused_result));

/* The same from a descriptor, from its start (pread), or only a part. */
int file_read_fd(int fd, struct buf *b, struct fault *f)
    __attribute__((warn_unused_result));
int file_read_part(int fd, int64_t at, size_t n, struct buf *b, struct fault *f)
    __attribute__((warn_unused_result));

/* Write all of it at the descriptor's place. */
int file_write(int fd, const void *bytes, size_t n, struct fault *f)
    __attribute__((warn_unused_result));

/* Cut to so many bytes, and write on from there. */
int file_cut(int fd, int64_t at, struct fault *f)
    __attribute__((warn_unused_result));

/* Copy n bytes from in at offset to the place of out. */
int file_copy(int in, int64_t at, int64_t n, int out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Put a file in place: temporary name beside it, fsync, rename, fsync of the
 * folder.  After a failure the old file stands (or, if only the last of these
 * failed, the new one), never a part of one, and no temporary is left.  Two
 * processes may do it to one file at once: one of the two remains.
 */
int file_replace(int dirfd, const char *name, const void *bytes, size_t n,
    mode_t mode, struct fault *f) __attribute__((warn_unused_result));

/* An unlinked temporary file on the file system of dirfd; closed = gone. */
int file_temporary(int dirfd, int *fd, struct fault *f)
    __attribute__((warn_unused_result));

/* An unlinked file in memory, for small hand-overs. */
int file_memory(const char *label, int *fd, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Make a folder and those above it, durably and with this mode, whatever the
 * umask; existing ones are fine.
 */
int file_make_folders(int dirfd, const char *path, mode_t mode, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * FAULT_SYSTEM if everybody may write into an open folder: what a run keeps
 * there could be anybody's.
 */
int file_check_private(int fd, const char *name, struct fault *f)
    __attribute__((warn_unused_result));

/* Remove a file; not there is fine. */
int file_remove(int dirfd, const char *name, struct fault *f)
    __attribute__((warn_unused_result));

/* Is this still a name of the open file? */
bool file_has_name(int fd, int dirfd, const char *name);

int file_sync(int fd, const char *what, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Take an exclusive flock on a file that is made if need be, waiting at most
 * so many seconds; then FAULT_BUSY, naming the holder's process id.  Closing
 * *fd, or a crash, gives it back.
 */
int file_lock(int dirfd, const char *name, int seconds, int *fd,
    struct fault *f) __attribute__((warn_unused_result));

/* The same for a file that is open; it is not written to. */
int file_lock_open(int fd, const char *name, int seconds, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * As root, become the owner of path, for good (DESIGN section 5): files that
 * are written then belong to whom they should.  Does nothing otherwise.
 */
int file_become_owner(const char *path, struct fault *f)
    __attribute__((warn_unused_result));

#endif
