/*
 * make.h -- files of the published tree, made from the shelf: steps,
 * snapshots, history and network documents.
 *
 * Each is put into the tree under the name of its digest, harmless until a
 * feed names it, and noted in the ledger inside the caller's transaction.
 */
#ifndef GEN_MAKE_H
#define GEN_MAKE_H

#include "feeds/network.h"
#include "gen/ledger.h"

struct make {
	struct ledger *ledger;
	const struct ledger_feed *feed; /* id, row, oldest */
	int tree;			/* folder of the feed */
	const char *home;		/* GnuPG */
	const char *key;
};

/* All steps that are due at a serial; *first is the one from serial - 1. */
int make_steps(const struct make *m, int64_t serial, struct feed_file *first,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * A snapshot of a state on the shelf, its detached signature, and its piece
 * table if it is a large one.
 */
int make_snapshot(const struct make *m, int64_t serial, struct feed_file *file,
    struct fault *f) __attribute__((warn_unused_result));

/* The history document that holds a serial, from the ledger. */
int make_history(const struct make *m, int64_t serial, struct feed_file *file,
    struct fault *f) __attribute__((warn_unused_result));

int make_network(const struct make *m, const struct network *network,
    struct feed_file *file, struct fault *f)
    __attribute__((warn_unused_result));

#endif
