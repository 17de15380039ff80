/*
 * manifest.h -- manifest.xml of a snapshot or a step (FORMAT section 4).
 *
 * Entries are in member order: puts sorted by path, then drops sorted by
 * path; no path twice.  size and digest of the items are not in the document:
 * whoever reads the tarball fills them in.
 */
#ifndef FEEDS_MANIFEST_H
#define FEEDS_MANIFEST_H

#include "feeds/feed.h"
#include "items/item.h"

struct manifest_entry {
	bool drop; /* then only kind and names are set */
	struct item item;
};

struct manifest {
	bool step; /* else a snapshot */
	char feed[FEED_ID_TEXT];
	int64_t from;	    /* steps */
	struct digest base; /* steps */
	int64_t serial;
	struct digest state;
	struct manifest_entry *entries;
	size_t count;
	size_t room; /* allocated */
};

#define OWNED_MANIFEST OWNED(manifest_clear)

void manifest_init(struct manifest *m);
void manifest_clear(struct manifest *m);

/*
 * Copies the item. The caller adds in order; manifest_write checks it.
 * FAULT_LIMIT behind ITEM_COUNT_MAX.
 */
int manifest_add(struct manifest *m, bool drop, const struct item *item,
    struct fault *f) __attribute__((warn_unused_result));

/* Adds an empty item, for the caller to fill in; borrowed until the next. */
int manifest_add_empty(struct manifest *m, bool drop, struct item **item,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Serials, ids, names, kinds, fields and order are as FORMAT section 4 says;
 * sizes and digests are not looked at.
 */
int manifest_check(const struct manifest *m, struct fault *f)
    __attribute__((warn_unused_result));

/* Both ask manifest_check(). */
int manifest_write(const struct manifest *m, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));
/* Unknown elements and attributes are refused here; m untouched on failure. */
int manifest_read(const char *bytes, size_t n, struct manifest *m,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * The parts of manifest_check(), for a reader that goes from one entry to the
 * next: what stands in the root's attributes, one entry by itself, and what
 * can only be told when all are there.
 */
int manifest_check_head(const struct manifest *m, struct fault *f)
    __attribute__((warn_unused_result));
int manifest_check_entry(const struct manifest *m,
    const struct manifest_entry *e, struct fault *f)
    __attribute__((warn_unused_result));
int manifest_check_sequence(const struct manifest *m, struct fault *f)
    __attribute__((warn_unused_result));

#endif
