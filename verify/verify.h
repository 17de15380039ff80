/*
 * verify.h -- the verb verify (DESIGN section 3).
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "base/options.h"

extern const struct options_row verify_rows[];
extern const char verify_more[];

/* Gives the exit status. */
int verify_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f) __attribute__((warn_unused_result));

#endif
