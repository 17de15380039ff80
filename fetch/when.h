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

/*
 * How long this machine waits within a splay, 0 to most: always the same for
 * a machine and a state folder, so that many machines spread and each keeps
 * its beat.
 */
int64_t when_splay(const char *machine, const char *state, int64_t most);

#endif
