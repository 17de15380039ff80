/*
 * collect.h -- files leave the published tree: those whose time has come, and
 * after a crash those that nothing ever named.
 */
#ifndef GEN_COLLECT_H
#define GEN_COLLECT_H

#include "gen/ledger.h"

/* Remove files whose time has come; a transaction of its own. */
int collect_due(struct ledger *ledger, int64_t feed, int tree, int64_t now,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * A marker says that a run is writing to the tree.  Where it is found at the
 * start of a run, the one before did not end (crashed): collect_orphans()
 * removes what the ledger does not know.  The marker stays until a run has
 * written all that people read, too.
 */
int collect_mark(struct ledger *ledger, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));
int collect_unmark(struct ledger *ledger, int64_t feed, struct fault *f)
    __attribute__((warn_unused_result));
int collect_orphans(struct ledger *ledger, int64_t feed, int tree,
    bool *crashed, struct fault *f) __attribute__((warn_unused_result));

#endif
