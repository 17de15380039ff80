/*
 * path.h -- the cheapest way from what a follower has to the feed's head, over
 * the steps and snapshots that history names; pure.
 */
#ifndef FEEDS_PATH_H
#define FEEDS_PATH_H

#include "feeds/feed.h"

#define PATH_REQUEST_COST 500 /* bytes that one more request counts as */

struct path_edge {
	bool snapshot;	       /* leads to file.serial from anywhere */
	struct feed_file file; /* step: from, serial; snapshot: serial */
	struct digest state;   /* at file.serial */
	bool bad;	       /* failed before in this run: not used */
	bool here;	       /* came inside the feed: costs nothing */
};

/*
 * Choose among edges the cheapest way from serial from (0: nothing) to
 * serial to, by bytes plus PATH_REQUEST_COST each; of equal ones that with
 * fewer requests.  chosen gets indices in order and has room for edge_count.
 * *count is 0 if from is to; no way at all is FAULT_BEHIND: "no way from
 * serial 3 to 9".  Edges may come in any order and, since a stranger signed
 * them, lead anywhere: what does not lead upwards to at most to is not used.
 */
int path_choose(const struct path_edge *edges, size_t edge_count, int64_t from,
    int64_t to, size_t *chosen, size_t *count, struct fault *f)
    __attribute__((warn_unused_result));

#endif
