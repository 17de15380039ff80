/*
 * lint_lists.h -- the verb lint: pattern lists, line by line (items/lint.h).
 */
#ifndef VERIFY_LINT_LISTS_H
#define VERIFY_LINT_LISTS_H

#include "base/options.h"

extern const struct options_row lint_lists_rows[];
extern const char lint_lists_more[];

/* Gives the exit status. */
int lint_lists_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f) __attribute__((warn_unused_result));

#endif
