/*
 * local.h -- file: URLs: a mirror on a disk, a USB stick, a network share.
 *
 * Read here and not by libcurl, which would wait at a FIFO and knows only
 * whole seconds of a file's age.  The ETag is made of time (nanoseconds), size
 * and inode.
 */
#ifndef FETCH_LOCAL_H
#define FETCH_LOCAL_H

#include "fetch/http.h"

/* Answer the job from the file at path, at once. */
void local_get(struct http_job *job, const char *path);

#endif
