/*
 * after.h -- the hook `after` of a [follow] section: after an installation.
 */
#ifndef FETCH_AFTER_H
#define FETCH_AFTER_H

#include "fetch/book.h"
#include "fetch/settings.h"

/*
 * Wait for it; WIKICAST_SERIAL is the serial that the wiki has now.  news: the
 * wiki was changed.  Without that it is run if it is to be run again, since it
 * failed; ran says so.
 */
int after_hook(struct book *book, const struct follow_settings *follow,
    const struct book_feed *feed, bool news, bool *ran, struct fault *f)
    __attribute__((warn_unused_result));

#endif
