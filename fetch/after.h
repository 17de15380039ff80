/*
 * after.h -- the hook `after` of a [follow] section: after an installation.
 */
#ifndef FETCH_AFTER_H
#define FETCH_AFTER_H

#include "fetch/book.h"
#include "fetch/settings.h"

/* Wait for it; WIKICAST_SERIAL is the serial that the wiki has now. */
int after_hook(const struct follow_settings *follow,
    const struct book_feed *feed, struct fault *f)
    __attribute__((warn_unused_result));

#endif
