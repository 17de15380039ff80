/*
 * publish.h -- the one path from the wiki to the published tree.
 *
 * One run for one feed, inside the publisher's lock:
 *
 *	1. the tree is brought to what the ledger says (a crash, a restored
 *	   folder), or the ledger to what the tree says (a lost database)
 *	2. the wiki is scanned; changes go to the shelf as the next serial
 *	3. steps, snapshot, history and network documents are put into the
 *	   tree, where nothing names them yet, and flushed
 *	4. the feed document is signed and committed with all of it to the
 *	   ledger: the point of no return
 *	5. feed.atom is replaced; old files leave; pages for people follow
 *
 * A crash before 4 leaves files that nothing names (the next run removes
 * them), one after 4 is finished by the next run.  No serial is burnt.
 */
#ifndef GEN_PUBLISH_H
#define GEN_PUBLISH_H

#include "gen/ledger.h"
#include "gen/publisher.h"

struct publish_options {
	bool dry_run;
	bool allow_drop; /* --allow-drop */
	bool at_once;	 /* --now: whatever `every` says */
	int64_t after;	 /* --after SERIAL; 0: not given */
	int64_t now;	 /* the clock, once a run */
};

enum publish_outcome {
	PUBLISH_NOTHING,  /* no change, and fresh enough */
	PUBLISH_WAITING,  /* `every` has not passed */
	PUBLISH_RESIGNED, /* the same serial, signed anew */
	PUBLISH_NEWS,
};

struct publish_result {
	enum publish_outcome outcome;
	int64_t serial;
	struct scan_result scan;
	struct feed_file step;	   /* of this run */
	struct feed_file snapshot; /* of this run */
	int64_t expires;
	size_t document; /* bytes of feed.atom */
	bool rebuilt;	 /* the ledger was lost or older than the tree */
	bool jumped;
};

int publish_feed(struct ledger *ledger, const struct publisher *settings,
    const struct feed_settings *feed, const struct publish_options *options,
    struct publish_result *result, struct fault *f)
    __attribute__((warn_unused_result));

#endif
