/*
 * accept_work.h -- one feed's phase 1 in the making; for fetch/accept*.c only.
 */
#ifndef FETCH_ACCEPT_WORK_H
#define FETCH_ACCEPT_WORK_H

#include "fetch/accept.h"
#include "fetch/download.h"
#include "fetch/mirror.h"
#include "fetch/worker.h"

struct accept {
	struct book *book;
	struct http *http;
	const struct settings *settings;
	const struct follow_settings *follow;
	const struct accept_options *options;
	struct book_feed *feed;
	struct accept_result *result;
	int64_t now; /* never below what was accepted */
	struct mirror_list mirrors;
	struct worker worker;
	struct feed head;    /* the candidate, verified */
	struct buf document; /* its bytes */
	char etag[HTTP_VALIDATOR_MAX], modified[HTTP_VALIDATOR_MAX];
	bool keys_asked;    /* key.asc was fetched in this run */
	int64_t disputed;   /* the serial that chase() found forked */
	struct fault worst; /* of all mirrors */
};

/* Trouble that is not the mirror's: ends the run. */
bool accept_is_ours(const struct fault *f);

int accept_open_download(struct accept *a, const char *giver, bool spare,
    struct download **download, struct fault *f)
    __attribute__((warn_unused_result));
void accept_count_download(struct accept *a, const struct download *download);

/* Both documents are kept as evidence; always -1, with why. */
int accept_fork_found(struct accept *a, int64_t serial, const struct fault *why,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * The verified document of m in a->head and a->document becomes the accepted
 * one, and its files come onto the shelf (accept_take.c).
 */
int accept_take(struct accept *a, struct mirror *m, struct fault *f)
    __attribute__((warn_unused_result));

#endif
