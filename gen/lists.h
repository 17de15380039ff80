/*
 * lists.h -- pattern lists that are about to be published, without the lines
 * that no follower should install (items/lint.h).
 *
 * A line is judged when it is new: by itself, beside innocent texts, and
 * beside the pages of the feed.  What was published before stays.  Lines that
 * are left out stand in a table, so that each is told of once; they are judged
 * anew with the next change of their list.  The wiki's page stays as it is.
 */
#ifndef GEN_LISTS_H
#define GEN_LISTS_H

#include "gen/scan.h"

/* SQL that makes the table; a migration of publish.db. */
extern const char lists_schema[];

/*
 * After scan_wiki(), in the same transaction: the lists that it put on the
 * shelf at the serial lose their bad lines, each of which becomes a trouble.
 */
int lists_lint(struct ledger *ledger, const struct ledger_feed *feed,
    int64_t serial, struct scan_result *result, struct fault *f)
    __attribute__((warn_unused_result));

#endif
