/*
 * merge.h -- one text out of two changes of a third.
 *
 * base is what both began with, ours what the wiki's own people made of it,
 * theirs what the feed did.  A merge is clean when everything that either
 * changed is in it; else it is a conflict, and no text at all comes out.
 * Neither side is trusted: texts may be anything that text_check() passes.
 */
#ifndef ITEMS_MERGE_H
#define ITEMS_MERGE_H

#include "items/item.h"

#define MERGE_TEXT_MAX ((size_t)(4 * MIB)) /* of each; larger: a conflict */
#define MERGE_SECONDS 30		   /* longer: a conflict */

struct merge_text { /* borrowed */
	const char *text;
	size_t n;
};

struct merge_sides {
	struct merge_text base, ours, theirs;
};

enum merge_verdict {
	MERGE_CONFLICT = 0,
	MERGE_CLEAN,
};

struct merge_result {
	enum merge_verdict verdict;
	struct buf text; /* only of a clean one */
	size_t added;	 /* lines: added here, and staying */
	size_t removed;	 /* removed here, and staying away */
	char why[200];	 /* of a conflict, for people */
};

#define MERGE_RESULT_INIT \
	{ \
		.text = BUF_INIT(ITEM_SIZE_MAX + 4096) \
	}
void merge_result_clear(struct merge_result *r);

/* By kind: lists as sets of lines, pages as texts. */
int merge_items(enum item_kind kind, const struct merge_sides *sides,
    struct merge_result *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Sets of lines (pattern lists, interwiki maps), a pure function that is
 * always clean: theirs in its order, without the lines that were removed
 * here, and behind it those that were added here, in their order.  Lines are
 * compared byte for byte; comments are lines like others, empty ones are
 * theirs alone.  What was added to the instructions on top, the "#" lines
 * before any other, comes first: an #acl line counts only there.
 */
int merge_lines(const struct merge_sides *sides, struct merge_result *out,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Texts, with diff3 of diffutils.  What cannot be merged for whatever reason
 * is a conflict: only a lack of memory or descriptors is a fault.
 */
int merge_texts(const struct merge_sides *sides, struct merge_result *out,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * The same for a person to finish: where the changes meet, both stand between
 * the three marker lines.  base.text NULL: there is none; then all that
 * differs stands so.
 */
#define MERGE_MARK_OURS "<<<<<<< this wiki"
#define MERGE_MARK_MIDDLE "======="
#define MERGE_MARK_THEIRS ">>>>>>> the feed"
int merge_marked(const struct merge_sides *sides, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

/* Does such a marker line still stand, which neither side has of its own? */
bool merge_is_marked(const struct merge_sides *sides, const char *text,
    size_t n);

/*
 * A unified diff from one text to another, with these labels; nothing where
 * they are the same.
 */
int merge_diff(const struct merge_text *from, const char *from_label,
    const struct merge_text *to, const char *to_label, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

#endif
