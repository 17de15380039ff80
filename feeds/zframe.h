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
	/*
	 * windowLog = chainLog = ceil(log2(old + new)), hashLog two less: the
	 * quarter of a table costs a few bytes and saves most of the time; a
	 * smaller chain (used up to 256 KiB) would cost much.  Level 12 for
	 * what is made with every publication.
	 */
	ZFRAME_STEP_QUICK,
	/* The same with level 19, while old + new are at most 1 MiB. */
	ZFRAME_STEP,
};

/* ---- writing ---- */

/*
 * Streaming writer of one frame of exactly size bytes, against a prefix of p
 * bytes (0: none), appended to the file out at its place.  The prefix is
 * borrowed until the frame is finished.
 *
 *	OWNED(zframe_drop) struct zframe_writer *w = NULL;
 *	zframe_begin(ZFRAME_STEP, size, prefix, p, out, &w, f)
 *	zframe_put(w, bytes, n, f)	as often as needed
 *	zframe_finish(w, f)		FAULT_BUG if it was not size bytes
 */
struct zframe_writer;

int zframe_begin(enum zframe_sort sort, int64_t size, const void *prefix,
    size_t p, int out, struct zframe_writer **w, struct fault *f)
    __attribute__((warn_unused_result));
int zframe_put(struct zframe_writer *w, const void *bytes, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
int zframe_finish(struct zframe_writer *w, struct fault *f)
    __attribute__((warn_unused_result));
void zframe_drop(struct zframe_writer **w); /* free, finished or not */

/* The same for bytes that are at hand. */
int zframe_write(enum zframe_sort sort, const void *bytes, size_t n,
    const void *prefix, size_t p, int out, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- reading ---- */

/*
 * Streaming reader of one frame that begins at offset at of file in, a
 * stranger's unless its digest was checked.  zframe_open() refuses a frame
 * without content size or checksum, one with a dictionary id, a larger window
 * (FAULT_LIMIT), or one that says more than max bytes (FAULT_LIMIT), before a
 * byte is decoded.  The prefix is borrowed until zframe_close().  Memory is
 * bounded by the window and by what the frame says that it holds.
 */
struct zframe;

int zframe_open(int in, int64_t at, int window_log_max, int64_t max,
    const void *prefix, size_t p, struct zframe **out, struct fault *f)
    __attribute__((warn_unused_result));
void zframe_close(struct zframe **z);

/*
 * Only what the header of a frame says that it holds, judged as above but for
 * the window; its prefix need not be at hand.
 */
int zframe_peek(int in, int64_t at, int64_t max, int64_t *size, struct fault *f)
    __attribute__((warn_unused_result));

int64_t zframe_size(const struct zframe *z); /* decoded bytes, as it says */

/*
 * Up to n more decoded bytes, at least one before the frame's end; *got is 0
 * only there, with size and checksum checked.
 */
int zframe_read(struct zframe *z, void *bytes, size_t n, size_t *got,
    struct fault *f) __attribute__((warn_unused_result));

/* Offset in the file behind the frame; only valid after its end was read. */
int64_t zframe_end(const struct zframe *z);

/* The file ends with this frame, whose end was read: else FAULT_FORMAT. */
int zframe_check_last(const struct zframe *z, struct fault *f)
    __attribute__((warn_unused_result));

/* A whole one-frame file, added to b (its max is the limit). */
int zframe_read_all(int in, struct buf *b, struct fault *f)
    __attribute__((warn_unused_result));

#endif
