/*
 * keep_work.h -- a copy in the making; for fetch/keep*.c only.
 */
#ifndef FETCH_KEEP_WORK_H
#define FETCH_KEEP_WORK_H

#include "feeds/tree.h"
#include "fetch/download.h"
#include "fetch/keep.h"
#include "fetch/worker.h"

#define KEEP_PORTION 64 /* files that are downloaded at a time */

struct keep {
	struct book *book;
	struct http *http;
	const struct keep_options *options;
	const struct follow_settings *follow; /* of these */
	const struct book_feed *feed;
	int tree;
	struct feed head;
	struct mirror_list mirrors;
	struct download *download;
	struct worker worker;
	/* a portion in the making */
	struct download_file files[KEEP_PORTION];
	bool needed[KEEP_PORTION]; /* the newest document itself names it */
	size_t count;
	int64_t left_out;
};

/* Trouble that is not a mirror's. */
bool keep_is_ours(const struct fault *f);

/* ---- keep_keys.c: what other signatures than the feed's cover ---- */

/* Have or get a key.asc with a certificate of a pinned signer's. */
int keep_keys(struct keep *k, struct fault *f)
    __attribute__((warn_unused_result));

/* Is a downloaded .sig one of a pinned signer over the snapshot laid here? */
int keep_check_signature(struct keep *k, const struct download_file *file,
    bool *good, struct fault *f) __attribute__((warn_unused_result));

/* ---- keep_old.c: what is there ---- */

/* Was the file laid here, with its content known?  NULL: any at all. */
int keep_is_known(const struct keep *k, const char *name, bool *known,
    struct fault *f) __attribute__((warn_unused_result));

/* What is named has to stay until the feed that names it has expired. */
int keep_note(struct keep *k, struct fault *f)
    __attribute__((warn_unused_result));
int keep_remove_old(struct keep *k, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- keep_page.c: index.html, for people ---- */

int keep_page(struct keep *k, struct fault *f)
    __attribute__((warn_unused_result));

#endif
