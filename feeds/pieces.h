/*
 * pieces.h -- the piece table of a large snapshot: the digest of each MiB of
 * it (FORMAT section 5).
 *
 * A table is signed by way of history, which has its digest and length, and is
 * read only after that was checked; its snapshot's length is signed as well.
 * It is still held to be a stranger's: a publisher may be hostile.
 */
#ifndef FEEDS_PIECES_H
#define FEEDS_PIECES_H

#include "base/buf.h"
#include "base/digest.h"
#include "items/limits.h"

/* Of a snapshot with so many bytes: how many pieces, bytes of its table ... */
int64_t pieces_count(int64_t length);
int64_t pieces_table_length(int64_t length);
/* ... and bytes of piece i, which begins at i * PIECE_SIZE. */
int64_t pieces_size(int64_t length, int64_t i);

/* Add the table of a file with so many bytes (pread). */
int pieces_write(int fd, int64_t length, struct buf *table, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The digests of a table, for a snapshot of that length: pieces_count() of
 * them, for free().  FAULT_FORMAT: it is no such table; *out is untouched.
 */
int pieces_read(const char *table, size_t n, int64_t length,
    struct digest **out, struct fault *f) __attribute__((warn_unused_result));

#endif
