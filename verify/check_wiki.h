/*
 * check_wiki.h -- a wiki beside the state of a folder that was checked: which
 * shared items does it have?
 */
#ifndef VERIFY_CHECK_WIKI_H
#define VERIFY_CHECK_WIKI_H

#include "verify/check.h"

/*
 * Compare each item of the head's state with the wiki ENGINE:PLACE; the pin
 * (may be NULL: everything) says which are chosen.  Whatever is found, the
 * folder is as good as before: a wiki's users may edit.
 */
int check_wiki(struct check *c, const struct pin *pin, const char *name,
    struct fault *f) __attribute__((warn_unused_result));

#endif
