/*
 * worker.h -- `wikicast-verify worker`, which parses for fetch (DESIGN
 * section 2; feeds/errand.h has the protocol).
 *
 *	OWNED(worker_stop) struct worker w = WORKER_INIT;
 *	worker_feed(&w, ..., f)		starts it if need be
 *	worker_history(&w, ...)
 *
 * One worker looks at one mirror's copy: worker_feed() is its first errand
 * (after worker_certificates()), since it gives up its rights before it
 * parses.  A worker that crashes, hangs or answers nonsense costs one try:
 * the fault is FAULT_FORMAT, and the next errand starts another.
 */
#ifndef FETCH_WORKER_H
#define FETCH_WORKER_H

#include "base/child.h"
#include "feeds/feed.h"
#include "feeds/history.h"
#include "feeds/manifest.h"
#include "feeds/network.h"
#include "feeds/page.h"
#include "feeds/signature.h"

struct worker {
	int socket; /* -1: not running */
	struct child child;
};

#define WORKER_INIT \
	{ \
		.socket = -1, .child = {.pidfd = -1 } \
	}

/* Fine if it is not running. */
void worker_stop(struct worker *w);

/* key.asc's bytes and the keyring so far; fills signers' keys and keyring. */
int worker_certificates(struct worker *w, const char *scratch, int key_asc,
    struct signers *signers, struct buf *keyring, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Check a document's signature and read it.  refresh: other certificates
 * might help.
 */
struct worker_trust {
	const char *home;
	const struct signers *signers;
	int64_t now;
};
int worker_feed(struct worker *w, const struct worker_trust *trust,
    int document, struct feed *feed, bool *refresh, struct fault *f)
    __attribute__((warn_unused_result));

/* A detached signature, over a file; before anything else is asked. */
int worker_signature(struct worker *w, const struct worker_trust *trust,
    int file, int packets, struct fault *f) __attribute__((warn_unused_result));

int worker_history(struct worker *w, int file, struct history *h,
    struct fault *f) __attribute__((warn_unused_result));
int worker_network(struct worker *w, int file, struct network *n,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * First the manifest, then as often as it takes (end is false) the sizes and
 * digests of items from *done on, which moves behind them: their contents
 * were appended to out.  A worker that is not listened to until then must be
 * stopped.
 */
int worker_snapshot(struct worker *w, int file, int64_t unpacked, int out,
    struct manifest *m, struct fault *f) __attribute__((warn_unused_result));
int worker_snapshot_more(struct worker *w, struct manifest *m, size_t *done,
    bool *end, struct fault *f) __attribute__((warn_unused_result));

/* First the manifest, then, with the prefix, contents. */
int worker_step(struct worker *w, int file, int64_t unpacked,
    struct manifest *m, struct fault *f) __attribute__((warn_unused_result));
int worker_contents(struct worker *w, int prefix, int64_t prefix_size, int out,
    struct manifest *m, struct fault *f) __attribute__((warn_unused_result));

/* index.html of a copy; it goes into html. */
int worker_page(struct worker *w, const struct page_copy *copy,
    struct buf *html, struct fault *f) __attribute__((warn_unused_result));

/*
 * Judge patterns, one a line (items/lint.h), beside texts (feeds/errand.h):
 * bad_count of them, each with the number of its line from 1, in order, and
 * the reason; owned by the caller, also after a failure.
 */
struct worker_bad {
	int64_t line;
	char *reason;
};
struct worker_verdict {
	struct worker_bad *bad;
	size_t count;
};
void worker_verdict_clear(struct worker_verdict *v);
int worker_lint(struct worker *w, const struct buf *list, int texts,
    int64_t size, struct worker_verdict *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
