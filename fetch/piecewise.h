/*
 * piecewise.h -- a large snapshot in pieces, from all mirrors at once.  A
 * private part of fetch/download.c.
 *
 * Each piece is a range of the file with a digest of its own, and so is asked
 * for, checked, retried and resumed as a file is (fetch/wanted.h); it waits
 * in a part of its own until the others are there.  Then they become the part
 * of the whole file, which download.c finds complete, and checks.  Pieces that
 * are there when a run ends early, or finds one nowhere, are not asked for by
 * the next.
 *
 * At the end, when no piece waits any more, one that is late is taken over
 * from its mirror by a faster one that has nothing to do, where it stands.
 */
#ifndef FETCH_PIECEWISE_H
#define FETCH_PIECEWISE_H

#include "fetch/download.h"

/*
 * Try it, for a file with pieces_length > 0.  Where it cannot be (one mirror
 * alone, no table, a piece that nobody has), the part of the file stays as it
 * is, and file->why says the cause if a mirror is it.  -1: trouble of our own.
 */
int piecewise_get(struct download *d, struct download_file *file,
    struct fault *f) __attribute__((warn_unused_result));

#endif
