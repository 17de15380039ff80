/*
 * parcel.h -- verified documents as plain bytes, between fetch and its worker
 * (DESIGN section 2): the program that has the network cannot parse XML, and
 * gets these instead.
 *
 * A parcel is a sequence of fields: numbers of 8 bytes, texts and bytes with
 * their length in front, all bounded when read.  Sender and receiver are of
 * one build, but the receiver does not trust the sender, whose parsers a
 * stranger's bytes may have broken: parcel_get_* refuse what is too long, and
 * the documents' *_unpack functions check ids, names, orders and limits again.
 */
#ifndef FEEDS_PARCEL_H
#define FEEDS_PARCEL_H

#include "feeds/feed.h"
#include "feeds/history.h"
#include "feeds/manifest.h"
#include "feeds/network.h"

struct parcel { /* reading: a borrowed piece of memory */
	const char *data;
	size_t len;
	size_t at;
};

int parcel_put_number(struct buf *out, int64_t n, struct fault *f)
    __attribute__((warn_unused_result));
int parcel_put_bytes(struct buf *out, const void *bytes, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
int parcel_put_text(struct buf *out, const char *text, struct fault *f)
    __attribute__((warn_unused_result)); /* NULL travels as NULL */
int parcel_put_digest(struct buf *out, const struct digest *d, struct fault *f)
    __attribute__((warn_unused_result));

int parcel_get_number(struct parcel *p, int64_t min, int64_t max, int64_t *out,
    struct fault *f) __attribute__((warn_unused_result));
/* Borrowed from the parcel. */
int parcel_get_bytes(struct parcel *p, size_t max, const char **bytes,
    size_t *n, struct fault *f) __attribute__((warn_unused_result));
/* Owned by the caller; no NUL inside; NULL if NULL was put. */
int parcel_get_text(struct parcel *p, size_t max, char **out, struct fault *f)
    __attribute__((warn_unused_result));
int parcel_get_digest(struct parcel *p, struct digest *out, struct fault *f)
    __attribute__((warn_unused_result));
/* Nothing may be left. */
int parcel_end(const struct parcel *p, struct fault *f)
    __attribute__((warn_unused_result));

int parcel_put_feed(struct buf *out, const struct feed *feed, struct fault *f)
    __attribute__((warn_unused_result));
int parcel_get_feed(struct parcel *p, struct feed *feed, struct fault *f)
    __attribute__((warn_unused_result));
int parcel_put_history(struct buf *out, const struct history *h,
    struct fault *f) __attribute__((warn_unused_result));
int parcel_get_history(struct parcel *p, struct history *h, struct fault *f)
    __attribute__((warn_unused_result));
int parcel_put_network(struct buf *out, const struct network *n,
    struct fault *f) __attribute__((warn_unused_result));
int parcel_get_network(struct parcel *p, struct network *n, struct fault *f)
    __attribute__((warn_unused_result));
/* With sizes and digests of the items. */
int parcel_put_manifest(struct buf *out, const struct manifest *m,
    struct fault *f) __attribute__((warn_unused_result));
int parcel_get_manifest(struct parcel *p, struct manifest *m, struct fault *f)
    __attribute__((warn_unused_result));
/*
 * Sizes and digests alone, of the items from one to before another; they are
 * those from *done on, which moves behind them.
 */
int parcel_put_contents(struct buf *out, const struct manifest *m, size_t from,
    size_t to, struct fault *f) __attribute__((warn_unused_result));
int parcel_get_contents(struct parcel *p, struct manifest *m, size_t *done,
    struct fault *f) __attribute__((warn_unused_result));

#endif
