/*
 * hook.h -- a hook that is run until it succeeds.
 *
 * News call for it; where it fails, the next run runs it again, also without
 * news: a copy that could not be brought to its server is brought later.  A
 * file remembers that, and why it failed.
 */
#ifndef BASE_HOOK_H
#define BASE_HOOK_H

#include <stdbool.h>

#include "base/words.h"

struct hook_result {
	bool ran;
	bool known; /* it failed as it did the time before */
};

/*
 * mark is the file, in the folder; an empty hook needs none.  It is run if
 * there is news or the mark is there (see child_hook() for how), and waited
 * for.
 */
int hook_run(int folder, const char *mark, bool news, const struct words *hook,
    const char *const *environment, struct hook_result *result,
    struct fault *f) __attribute__((warn_unused_result));

#endif
