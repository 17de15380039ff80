/*
 * board.h -- the folder that fetch and the receiver of notifications share:
 * what fetch tells the receiver, and what the receiver tells fetch.
 *
 *	feeds	written by fetch: each feed that is followed here, what is in
 *		its store, and who is known as a source of it (an INI file)
 *	memory	the receiver's own memory (notify/memory.h)
 *	news/	an empty file for each source that told of news: its name says
 *		which feed and which source, its time when fetch may run
 *
 * The receiver, which strangers talk to, needs no right but to read feeds,
 * to write memory, and to make files in news/.  Those names are all that fetch
 * takes from it: nothing that a stranger sent is in them but a choice among
 * known feeds and sources.
 */
#ifndef FEEDS_BOARD_H
#define FEEDS_BOARD_H

#include "base/words.h"
#include "feeds/notice.h"

#define BOARD_FOLDER "/var/spool/wikicast" /* where it usually is */
#define BOARD_FEEDS "feeds"
#define BOARD_MEMORY "memory"
#define BOARD_NEWS "news"
#define BOARD_MAX (1 * MIB) /* bytes of the file "feeds" */

struct board_feed {
	char id[FEED_ID_TEXT];
	int64_t serial; /* of the store; 0: nothing yet */
	struct digest state;
	struct words sources; /* tags of mirrors and peers */
};

struct board {
	int64_t every;	/* seconds: a feed is fetched for notifications at most
			   once in this time */
	int64_t jitter; /* seconds: up to so long each fetch waits */
	struct board_feed *feeds;
	size_t count;
};

#define OWNED_BOARD OWNED(board_clear)

void board_init(struct board *b);
void board_clear(struct board *b);

/*
 * Add a feed, or what another section says of the same one: the lower serial
 * counts, so that what is news to either is news.
 */
int board_add(struct board *b, const char *id, int64_t serial,
    const struct digest *state, struct board_feed **feed, struct fault *f)
    __attribute__((warn_unused_result));
/* A source of it, by URL; twice is once. */
int board_add_source(struct board_feed *feed, const char *url, struct fault *f)
    __attribute__((warn_unused_result));

const struct board_feed *board_find(const struct board *b, const char *id);
bool board_knows(const struct board_feed *feed, const char *tag);

int board_write(const struct board *b, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));
/* FAULT_CONFIG where it is not what board_write() wrote. */
int board_read(const char *bytes, size_t len, struct board *b, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- names in news/ ---- */

#define BOARD_NAME_MAX 64 /* bytes of a name, with NUL */

/* tag "": a source that is not known. */
void board_name(const char *id, const char *tag, char out[BOARD_NAME_MAX]);

/* Is this a name that board_name() makes for the feed?  Then *tag is set. */
bool board_is_name(const char *name, const char *id, char tag[NOTICE_TAG_TEXT]);

#endif
