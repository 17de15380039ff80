/*
 * waiting.h -- `hold = TIME`: a version of an item is installed only once
 * this wiki has known it that long and it is still the newest, so that a
 * publisher's mistake can be taken back before it lands (DESIGN section 6).
 */
#ifndef FETCH_WAITING_H
#define FETCH_WAITING_H

#include "fetch/look.h"

/*
 * The item differs from what was installed: does its version, or its removal,
 * still wait?  l->waits then, and l->cause says until when.
 */
int waiting_look(const struct look_at *at, const char *path, struct look *l,
    struct fault *f) __attribute__((warn_unused_result));

#endif
