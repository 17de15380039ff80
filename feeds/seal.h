/*
 * seal.h -- the signature line of a feed or trust document (FORMAT section 2).
 *
 * It is found and judged by bytes alone: neither an XML nor an OpenPGP parser
 * sees the document before.  The bytes are a stranger's.
 */
#ifndef FEEDS_SEAL_H
#define FEEDS_SEAL_H

#include "base/buf.h"

/*
 * Split a document: *signed_size bytes are covered, and the OpenPGP packets
 * are added to packets (max SIGNATURE_MAX).  Checked: the last line's shape,
 * that the instruction stands nowhere else, strict base64, 1 to 16 packets of
 * tag 2, version 4 or later, type 0x00, and nothing else.
 */
int seal_split(const char *document, size_t n, size_t *signed_size,
    struct buf *packets, struct fault *f) __attribute__((warn_unused_result));

/* Add the line for packets (checked as above) to a document that ends in LF. */
int seal_add(struct buf *document, const void *packets, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

/* Only the check of the packets (also for a snapshot's .sig). */
int seal_check_packets(const void *packets, size_t n, size_t *count,
    struct fault *f) __attribute__((warn_unused_result));

#endif
