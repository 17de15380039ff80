/*
 * notice.h -- a notification, by which one wiki tells another that a feed has
 * a new serial: four fields of a form (FORMAT section 8), both directions.
 *
 * Whoever sends one is a stranger.  It carries nothing that is used but to
 * find out whether there is news: `from` is no place to fetch from, it only
 * selects one that is known already, by its tag.
 */
#ifndef FEEDS_NOTICE_H
#define FEEDS_NOTICE_H

#include "feeds/feed.h"
#include "feeds/network.h"

struct notice {
	char feed[FEED_ID_TEXT];
	int64_t serial;
	struct digest state;
	char from[NETWORK_URL_MAX + 1]; /* folder of the sender's own copy, or
					   "" if it has none */
};

/*
 * Read n bytes of a form.  Unknown fields are passed over.  FAULT_LIMIT: more
 * than NOTICE_MAX bytes; FAULT_FORMAT: anything else.  *out is untouched then.
 */
int notice_read(const char *form, size_t n, struct notice *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Add the form of a notice, as notice_read() takes it. */
int notice_write(const struct notice *notice, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Add a value of a form; notice_write() does so for its own. */
int notice_encode(const char *value, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * A short name for the URL of a folder, for file names and lists: 16 hex
 * digits of its digest.  The slash at its end may be missing.
 */
#define NOTICE_TAG_TEXT 17
void notice_tag(const char *url, char out[NOTICE_TAG_TEXT]);

#endif
