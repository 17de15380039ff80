/*
 * news.h -- pages for people in the published folder: news.atom (what
 * changed, readable, the last 50 publications) and index.html (what this feed
 * is, how to follow it), and the site's index.html.  Conveniences, never
 * trusted (FORMAT section 2).  A page that the site's owner put there under
 * that name is left alone.
 */
#ifndef GEN_NEWS_H
#define GEN_NEWS_H

#include "gen/ledger.h"
#include "gen/publisher.h"

#define NEWS_ENTRIES 50

/* After feed.atom is in place.  tree: the feed's folder. */
int news_write(struct ledger *ledger, const struct feed_settings *feed,
    const struct ledger_feed *now, const char *key, int tree, struct fault *f)
    __attribute__((warn_unused_result));

/* The site's own page: the feeds, and how to follow them. */
int news_write_site(const struct publisher *settings, struct fault *f)
    __attribute__((warn_unused_result));

#endif
