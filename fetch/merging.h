/*
 * merging.h -- an item that was edited here and changed by its feed: one text
 * out of both, or a conflict and why.
 *
 * The base is the text that the record names: what wikicast wrote, or after a
 * merge what the feed had.  The shelf has it: record.h keeps it from being
 * forgotten, and what the #acl rule made of it is made again.  Without a base
 * there is no merge: nothing is guessed.
 */
#ifndef FETCH_MERGING_H
#define FETCH_MERGING_H

#include "fetch/look.h"
#include "items/merge.h"

enum merging_answer {
	MERGING_CONFLICT,
	MERGING_OURS,	/* ours has all of it: only the record is behind */
	MERGING_THEIRS, /* theirs has all of it: it is put as it is */
	MERGING_BOTH,	/* look->content is the merged text */
};

struct merging {
	enum merging_answer answer;
	bool known;	     /* a conflict that was found before */
	struct digest three; /* of the three sides, for note_tried() */
	char what[256];	     /* of a merge: what stands of this wiki's; of a
				conflict: why */
};

/* After look_item() with DECIDE_MERGE. */
int merging_look(const struct look_at *at, const char *path, struct look *l,
    struct merging *out, struct fault *f) __attribute__((warn_unused_result));

/* Of base, ours and theirs, as they were looked at: which case this is. */
void merging_three(const struct look *l, struct digest *out);

/* Add the base to out; have is false if there is none any more. */
int merging_base(const struct look_at *at, const struct look *l,
    struct buf *out, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Before a record is made of what is written: of lists the shelf gets what
 * the wiki gets, since nothing else tells later which lines were left out.
 */
int merging_keep_base(const struct look_at *at, struct look *l, struct fault *f)
    __attribute__((warn_unused_result));

/* Why a DECIDE_CONFLICT is one, for people; why, if not "", says more. */
void merging_explain(const struct look *l, const char *why, char *out,
    size_t size);

#endif
