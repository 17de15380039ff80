/*
 * network.h -- mirrors and peers of a feed (FORMAT section 5).
 */
#ifndef FEEDS_NETWORK_H
#define FEEDS_NETWORK_H

#include "feeds/feed.h"

struct network_place {
	char *url;	  /* of the feed's folder, with a slash at the end */
	char *notify;	  /* peers: URL of the receiver, or NULL */
	int64_t priority; /* mirrors: lower first */
};

struct network {
	char feed[FEED_ID_TEXT];
	struct network_place *mirrors;
	size_t mirror_count;
	struct network_place *peers;
	size_t peer_count;
};

#define OWNED_NETWORK OWNED(network_clear)

void network_init(struct network *n);
void network_clear(struct network *n);
int network_add_mirror(struct network *n, const char *url, int64_t priority,
    struct fault *f) __attribute__((warn_unused_result));
int network_add_peer(struct network *n, const char *url, const char *notify,
    struct fault *f) __attribute__((warn_unused_result));

/* A peer as a line of the configuration has it: URL, or URL and receiver. */
int network_add_line(struct network *n, const char *line, struct fault *f)
    __attribute__((warn_unused_result));

#define NETWORK_URL_MAX 2000 /* bytes */

/* An http or https URL of that many printable ASCII bytes, without a user. */
bool network_url_valid(const char *url);
/* Of a folder: ends in a slash, so that names can be put behind it. */
bool network_is_folder(const char *url);

int network_write(const struct network *n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));
/* More than MIRRORS_MAX mirrors: the first ones are kept; bad URLs dropped. */
int network_read(const char *bytes, size_t len, struct network *n,
    struct fault *f) __attribute__((warn_unused_result));

#endif
