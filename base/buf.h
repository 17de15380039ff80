/*
 * buf.h -- growing bytes with a maximum that is given at the start.
 *
 *	OWNED_BUF struct buf b = BUF_INIT(FEED_MAX);
 *	if (buf_add(&b, p, n, f) == -1) ...
 *
 * data is never NULL and always has a NUL behind its last byte, so that text
 * can be used as a string; it may hold NULs inside.  Growing past max is
 * FAULT_LIMIT, never an abort, and leaves the buffer as it was.  data moves
 * when the buffer grows: hold offsets, not pointers, and add no part of a
 * buffer to itself.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/own.h"

struct buf {
	char *data;
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated, 0 while data is the shared empty one */
	size_t max; /* bytes allowed, without the NUL */
};

extern char buf_nothing[1];

#define BUF_INIT(maximum) \
	{ \
		buf_nothing, 0, 0, (maximum) \
	}
#define OWNED_BUF OWNED(buf_clear)
#define BUF_ANY (SIZE_MAX / 4) /* where something else sets the bound */

void buf_init(struct buf *b, size_t max);

/* Free; the buffer is empty and ready for use again, with the same max. */
void buf_clear(struct buf *b);

/* Forget the bytes, keep the memory. */
void buf_reset(struct buf *b);

int buf_add(struct buf *b, const void *bytes, size_t n, struct fault *f)
    __attribute__((warn_unused_result));
int buf_add_text(struct buf *b, const char *text, struct fault *f)
    __attribute__((warn_unused_result));
int buf_format(struct buf *b, struct fault *f, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), warn_unused_result));

/*
 * Make room for n more bytes behind len.  The caller may write there and
 * then add to len itself (and calls buf_end).
 */
int buf_reserve(struct buf *b, size_t n, struct fault *f)
    __attribute__((warn_unused_result));
void buf_end(struct buf *b); /* put the NUL behind len */

/* Cut to n bytes, at most len. */
void buf_cut(struct buf *b, size_t n);

/* Take the text out, for free(); NULL if memory is gone. The buffer empties. */
char *buf_take(struct buf *b);

#endif
