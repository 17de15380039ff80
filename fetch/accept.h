/*
 * accept.h -- phase 1 of a fetch: bring the store to the feed's head (DESIGN
 * section 2, FORMAT section 6).
 *
 * Asks mirrors one after another for a document that is good: signed by the
 * pinned signers, of this feed, not behind, not expired.  Then brings the
 * shelf to its state by the cheapest way, and commits head and shelf in one
 * transaction.  Whatever a mirror does, a refusal leaves the store as it was,
 * and the next mirror is asked.  The wiki is not looked at here.
 */
#ifndef FETCH_ACCEPT_H
#define FETCH_ACCEPT_H

#include "fetch/book.h"
#include "fetch/http.h"
#include "fetch/settings.h"

struct accept_result {
	bool news;	  /* the store has a higher serial than before */
	bool signed_anew; /* the same serial, a later document */
	int64_t from, to; /* serials of the store, before and after */
	char *mirror;	  /* that gave the document, or the 304; owned */
	bool spared; /* files were left to the peers; if they have not all, a
			later run gets them (FORMAT section 8) */
	int64_t requests, sent, received; /* of this feed, all mirrors */
	int64_t steps, snapshots;	  /* files that were applied */
};

void accept_result_clear(struct accept_result *r);

struct accept_options {
	const char *from; /* --from DIR: this folder instead of the mirrors */
	const char *keep; /* folder of a copy that gets files, too; or NULL */
	const struct words *told; /* there is news, as mirrors with these tags
				     said; or NULL */
	bool by_clock;		  /* nobody waits for what comes of it */
	int64_t now;		  /* the clock, once a run */
};

/*
 * On success the row in *feed is saved.  FAULT_NETWORK, FAULT_BEHIND,
 * FAULT_EXPIRED and the refusals are about the mirrors as a whole and name the
 * worst of them; what each did wrong was logged as a detail.
 */
int accept_feed(struct book *book, struct http *http,
    const struct settings *settings, const struct follow_settings *follow,
    const struct accept_options *options, struct book_feed *feed,
    struct accept_result *result, struct fault *f)
    __attribute__((warn_unused_result));

#endif
