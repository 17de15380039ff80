/*
 * when.h -- times that people give on the command line.  Pure.
 */
#ifndef FETCH_WHEN_H
#define FETCH_WHEN_H

#include <stdint.h>

#include "base/fault.h"

/*
 * "2026-11-24", "2026-11-24T06:25:33Z", or a duration before now ("3d"), as
 * seconds.  FAULT_CONFIG for anything else.
 */
int when_since(const char *text, int64_t now, int64_t *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
