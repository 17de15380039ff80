/*
 * round.h -- one feed's run, start to end: accept, settle, serve, hook.
 *
 * The two phases do not depend on each other: when no mirror can be reached,
 * what is in the store is still settled, and a wiki that cannot be written
 * does not keep the store from following the feed.
 */
#ifndef FETCH_ROUND_H
#define FETCH_ROUND_H

#include "base/report.h"
#include "fetch/accept.h"
#include "fetch/announce.h"
#include "fetch/inbox.h"
#include "fetch/settle.h"

struct round_options {
	const char *from; /* --from DIR, or NULL */
	bool dry_run;
	bool quiet; /* say each cause once, and network trouble late */
	int64_t now;
	const struct inbox *inbox; /* news that were told of; or NULL */
	bool told_only;		   /* nothing is done for feeds without such */
	struct announce_list *announce; /* gets what others are to be told of
					   when all is done; or NULL */
};

/*
 * Returns the exit status of this feed; everything was said.  A row of what
 * happened is added to the report, unless quiet.
 */
int round_feed(struct book *book, struct http *http,
    const struct settings *settings, const struct follow_settings *follow,
    const struct round_options *options, struct report *out);

#endif
