/*
 * lint_errand.h -- what the worker does for fetch when a pattern list has new
 * lines (feeds/errand.h, LINT).
 */
#ifndef VERIFY_LINT_ERRAND_H
#define VERIFY_LINT_ERRAND_H

#include "base/buf.h"
#include "base/map.h"

/* Adds the answer to out.  List and texts are borrowed. */
int lint_errand(const char *list, size_t size, const struct map *texts,
    struct buf *out, struct fault *f) __attribute__((warn_unused_result));

#endif
