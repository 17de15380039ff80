/*
 * inbox.h -- fetch's side of the folder that it shares with the receiver of
 * notifications (feeds/board.h).
 *
 *	inbox_wait(&settings, &told, f)		`fetch --notified`, without locks
 *	OWNED(inbox_clear) struct inbox inbox = INBOX_INIT;
 *	inbox_take(&settings, now, due, &inbox, f)
 *	... inbox_sources(&inbox, feed.id, &sources, &told, f), fetch them ...
 *	inbox_publish(&settings, &book, f)
 *
 * What is taken is gone from the folder before it is fetched: news that come
 * meanwhile make new files.  The receiver is talked to by strangers, and may
 * be another user: of its folder only names are looked at, as many as a run
 * can use.
 */
#ifndef FETCH_INBOX_H
#define FETCH_INBOX_H

#include "fetch/book.h"
#include "fetch/settings.h"

struct inbox {
	struct words names; /* of files that were there */
};

#define INBOX_INIT \
	{ \
		WORDS_INIT \
	}
void inbox_clear(struct inbox *inbox);

/*
 * Wait until the first news may be fetched; *told is false where there are
 * none, or where another process waits for them already.
 */
int inbox_wait(const struct settings *settings, bool *told, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Take what may be fetched (due), or all.  Nothing where there is no receiver.
 */
int inbox_take(const struct settings *settings, int64_t now, bool due,
    struct inbox *inbox, struct fault *f) __attribute__((warn_unused_result));

/* Is there news of a feed?  Tags of known sources that told it are added. */
int inbox_sources(const struct inbox *inbox, const char *id,
    struct words *sources, bool *told, struct fault *f)
    __attribute__((warn_unused_result));

/* Tell the receiver what is in the store now; writes only what changed. */
int inbox_publish(const struct settings *settings, struct book *book,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * When may news be fetched whose file has this time?  One that is further away
 * than the receiver can have meant may be fetched at once.  Pure.
 */
int64_t inbox_due(int64_t time, const struct notify_settings *notify,
    int64_t now);

#endif
