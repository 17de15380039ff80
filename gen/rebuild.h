/*
 * rebuild.h -- the ledger and the published tree are brought to agree.
 *
 * The tree is the publisher's own folder, but on a web host: what stands
 * there is believed only as far as the publisher's own signature reaches.
 */
#ifndef GEN_REBUILD_H
#define GEN_REBUILD_H

#include "gen/ledger.h"
#include "gen/publisher.h"

enum rebuild_answer {
	REBUILD_AGREES,
	REBUILD_REPLACED, /* the ledger's newer document was put in place */
	REBUILD_DONE,	  /* the ledger was made anew from the tree */
	REBUILD_HOLES,	  /* files that the document names are gone from the
			     tree: the next serial must be a jump */
};

/*
 * Compare the tree's feed.atom with the ledger's.  FAULT_UNSIGNED: the tree has
 * a document that our key did not sign, and the ledger has none to put there.
 * Inside the caller's transaction.  dry_run: the tree is left as it is.
 */
int rebuild_feed(struct ledger *ledger, const struct publisher *settings,
    struct ledger_feed *known, int tree, bool dry_run,
    enum rebuild_answer *answer, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The same out of somebody's copy of a feed, whose publisher is gone: nothing
 * in it is believed but what the key's signature covers, directly or by
 * digest.  Of settings, home and key are used.
 */

/* FAULT_UNSIGNED: another key signed it; FAULT_CONFIG: it is no copy. */
int rebuild_is_signed(struct ledger *ledger, const struct publisher *settings,
    int copy, struct fault *f) __attribute__((warn_unused_result));

/*
 * Make the ledger's feed anew from it.  *missing: steps and snapshots that
 * history names and the copy does not have; they are not named any more.
 * FAULT_FORMAT: what is there does not lead to the newest state, or is
 * damaged.  Inside the caller's transaction.
 */
int rebuild_from_copy(struct ledger *ledger, const struct publisher *settings,
    struct ledger_feed *known, int copy, int64_t *missing, struct fault *f)
    __attribute__((warn_unused_result));

#endif
