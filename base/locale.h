/*
 * locale.h -- UTF-8 for a library that asks the locale how names are coded,
 * whatever the environment says (cron has none): for the calling thread only,
 * and only for a while.
 *
 *	OWNED(locale_leave) locale_t before = LOCALE_NONE;
 *	locale_enter(&before, f)
 *
 * The first call reads the locale from a file: whoever shuts himself into a
 * sandbox calls locale_start() before.
 */
#ifndef BASE_LOCALE_H
#define BASE_LOCALE_H

#include <locale.h>

#include "base/fault.h"

#define LOCALE_NONE ((locale_t)0)

int locale_start(struct fault *f) __attribute__((warn_unused_result));
int locale_enter(locale_t *before, struct fault *f)
    __attribute__((warn_unused_result));
void locale_leave(locale_t *before);

#endif
