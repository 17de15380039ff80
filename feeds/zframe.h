/*
 * zframe.h -- zstd frames, both ways, exactly (FORMAT section 4).
 *
 * Every frame has content size and checksum; no skippable frames, nothing
 * between or behind frames.  A prefix is raw content, also if it begins like
 * a dictionary.  Libraries' types do not leave zframe.c.
 */
#ifndef FEEDS_ZFRAME_H
#define FEEDS_ZFRAME_H

#include <stdint.h>

#include "base/buf.h"

enum zframe_sort {
	ZFRAME_DOCUMENT, /* history, network: level 19, one frame */
	ZFRAME_SNAPSHOT, /* level 19, window at most 8 MiB */
	ZFRAME_STEP,	 /* level 12; windowLog = ceil(log2(old + new)), hashLog
			    = chainLog = windowLog - 2 (DESIGN section 2) */
};

/*
 * Compress n bytes, against a prefix of p bytes (0: none), and append the
 * frame to the file out at its place.
 */
int zframe_write(enum zframe_sort sort, const void *bytes, size_t n,
    const void *prefix, size_t p, int out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Streaming reader of one frame that begins at *at of file in, a stranger's
 * unless its digest was checked.  zframe_open() refuses a frame without
 * content size or checksum, one with a dictionary id, a larger window, or one
 * that says more than max bytes, before a byte is decoded.
 */
struct zframe;

int zframe_open(int in, int64_t at, int window_log_max, int64_t max,
    const void *prefix, size_t p, struct zframe **out, struct fault *f)
    __attribute__((warn_unused_result));
void zframe_close(struct zframe **z);

int64_t zframe_size(const struct zframe *z); /* decoded bytes, as it says */

/* Up to n more decoded bytes; *got 0 at the frame's end, size checked. */
int zframe_read(struct zframe *z, void *bytes, size_t n, size_t *got,
    struct fault *f) __attribute__((warn_unused_result));

/* Offset in the file behind the frame; only valid after its end was read. */
int64_t zframe_end(const struct zframe *z);

/* A whole one-frame file, into b (its max is the limit). */
int zframe_read_all(int in, struct buf *b, struct fault *f)
    __attribute__((warn_unused_result));

#endif
