/*
 * tree.h -- names in the published folder (FORMAT section 2), and putting
 * files there so that a reader at any moment sees a consistent tree.
 */
#ifndef FEEDS_TREE_H
#define FEEDS_TREE_H

#include "feeds/feed.h"

enum tree_sort {
	TREE_SNAPSHOT,	/* pool/aa/<sha256>.tar.zst */
	TREE_SIGNATURE, /* pool/aa/<sha256 of the snapshot>.tar.zst.sig */
	TREE_STEP,	/* pool/aa/<sha256>.step.zst */
	TREE_HISTORY,	/* history/<sha256>.xml.zst */
	TREE_NETWORK,	/* network/<sha256>.xml.zst */
	TREE_PIECES,	/* pool/aa/<sha256>.pieces */
};

#define TREE_NAME_MAX 96

void tree_name(enum tree_sort sort, const struct digest *d,
    char out[TREE_NAME_MAX]);
/* The reverse, for hrefs and folder walks; FAULT_FORMAT for anything else. */
int tree_parse(const char *name, enum tree_sort *sort, struct digest *d,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Put a file in place from a descriptor, unless it is there with that length
 * already: temporary name, rename; folders are made.  Mode 0644.  Not
 * flushed: tree_sync() does it for all, before feed.atom is replaced.
 */
int tree_put(int tree, const char *name, int fd, int64_t length,
    struct fault *f) __attribute__((warn_unused_result));
int tree_put_bytes(int tree, const char *name, const void *bytes, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
int tree_sync(int tree, struct fault *f) __attribute__((warn_unused_result));

/*
 * Replace feed.atom, last, with mtime updated (FORMAT section 2), flushed.
 */
int tree_put_feed(int tree, const void *bytes, size_t n, int64_t updated,
    struct fault *f) __attribute__((warn_unused_result));

#endif
