/*
 * quarantine.h -- lines of pattern lists that are not let into the wiki, and
 * why (tables of follow.db).
 *
 * Before a list is installed each line that was not found good before is
 * judged (fetch/proof.h).  Bad ones are left out of the text that is
 * written, for which a record has two digests anyway, and everything else
 * goes in.  Lines in quarantine are judged anew whenever the list changes;
 * what `allow` names in the configuration is never judged.
 */
#ifndef FETCH_QUARANTINE_H
#define FETCH_QUARANTINE_H

#include "fetch/look.h"

/* SQL that makes the tables; a migration of follow.db. */
extern const char quarantine_schema[];

/* All rows of a feed. */
int quarantine_forget(struct db *db, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Take what is not let in out of the text that would be written for a pattern
 * list of the feed.
 */
int quarantine_filter(const struct look_at *at, const struct item *item,
    struct buf *text, struct fault *f) __attribute__((warn_unused_result));

/*
 * Tell people of what was put there since they were told last; would: of a
 * dry run.
 */
int quarantine_tell(struct book *book, const struct book_feed *feed,
    const char *feed_name, int64_t now, bool would, struct fault *f)
    __attribute__((warn_unused_result));

#endif
