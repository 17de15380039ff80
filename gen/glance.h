/*
 * glance.h -- new patterns beside all published pages, at a glance.
 *
 * To read a thousand pages for five lines would cost a fifth of a run.  So
 * publish.db keeps which windows the pages' texts have (items/windows.h), and
 * for which published serial: pages that changed since are added, and texts
 * are read only for a pattern whose words they may have.  A page that went
 * leaves its windows behind.  Where the row is missing or damaged, it is made
 * anew from the pages.
 */
#ifndef GEN_GLANCE_H
#define GEN_GLANCE_H

#include "gen/ledger.h"
#include "items/lint.h"

/* SQL that makes the table; a migration of publish.db. */
extern const char glance_schema[];

/*
 * In the transaction that makes the serial: search the pages that it has for
 * the patterns of the lint.
 */
int glance_search(struct ledger *ledger, const struct ledger_feed *feed,
    int64_t serial, struct lint *lint, struct fault *f)
    __attribute__((warn_unused_result));

#endif
