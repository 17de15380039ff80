/*
 * apply.h -- a verified snapshot or step and the shelf: gather what a step
 * is compressed against, and bring the shelf to the state that it leads to.
 *
 * Used wherever a state is followed: by fetch, by gen when its database was
 * lost, by verify.  The manifest may come from a broken parser: names are
 * checked again, and nothing is kept unless the state digest is right.
 */
#ifndef FEEDS_APPLY_H
#define FEEDS_APPLY_H

#include "feeds/manifest.h"
#include "feeds/shelf.h"

/* What the signed documents say of a snapshot or step. */
struct apply_wanted {
	const char *feed; /* id */
	bool step;
	int64_t from;	    /* steps */
	struct digest base; /* steps: state at from, from our own records */
	int64_t serial;
	struct digest state;
};

/* Compare a manifest's head with that; FAULT_FORMAT names the difference. */
int apply_check(const struct manifest *m, const struct apply_wanted *wanted,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Append the prefix of a step's second frame to out: the contents as of
 * m->from of all entries that existed then, in manifest order.
 */
int apply_prefix(struct shelf *shelf, int64_t feed, const struct manifest *m,
    int out, int64_t *size, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Put the manifest's items on the shelf at m->serial, inside the caller's
 * transaction.  contents holds the puts' bytes in order; each is compared
 * with its digest.  A snapshot replaces whatever state there is.  At the end
 * the state digest must be m->state; -1 leaves the caller to roll back.
 */
int apply_items(struct shelf *shelf, int64_t feed, const struct manifest *m,
    int contents, struct fault *f) __attribute__((warn_unused_result));

/*
 * The same in parts: items from one to before another, whose contents begin
 * at *at, which moves behind them.
 */
int apply_begin(struct shelf *shelf, int64_t feed, const struct manifest *m,
    struct fault *f) __attribute__((warn_unused_result));
int apply_part(struct shelf *shelf, int64_t feed, const struct manifest *m,
    size_t from, size_t to, int contents, int64_t *at, struct fault *f)
    __attribute__((warn_unused_result));
int apply_end(struct shelf *shelf, int64_t feed, const struct manifest *m,
    struct fault *f) __attribute__((warn_unused_result));

#endif
