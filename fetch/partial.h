/*
 * partial.h -- files on their way, in "partial" below the state folder, by the
 * digest that they are wanted for.  So a part of another version can never be
 * taken for one of this.
 */
#ifndef FETCH_PARTIAL_H
#define FETCH_PARTIAL_H

#include "base/digest.h"

/* The folder, made if need be. */
int partial_folder(int state, int *folder, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Open or make one; *size is what it has already.  More than length bytes
 * cannot be a part of the file: it is emptied.
 */
int partial_open(int folder, const struct digest *wanted, int64_t length,
    int *fd, int64_t *size, struct fault *f)
    __attribute__((warn_unused_result));

int partial_remove(int folder, const struct digest *wanted, struct fault *f)
    __attribute__((warn_unused_result));

/* Remove what nobody came back for in a week. */
int partial_prune(int folder, int64_t now, struct fault *f)
    __attribute__((warn_unused_result));

#endif
