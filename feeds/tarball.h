/*
 * tarball.h -- plain tar, written and read as FORMAT section 4 says, and the
 * snapshots and steps made of it.
 *
 * Contents travel in files: the contents of all puts, concatenated in
 * manifest order, in one descriptor ("contents"), and the old contents of all
 * entries that existed before, concatenated in manifest order, in another
 * ("prefix").  So a program that may not parse can hand over and take back
 * descriptors, and nobody holds a snapshot in memory.
 *
 * Reading a step, two parts, since the prefix is known only after the first:
 *
 *	step_open(in, &step, f)		frame 1: the manifest; nothing else
 *	... the caller compares step_manifest() with its records and gathers
 *	    the prefix from its own store ...
 *	step_contents(step, prefix, out, f)	frame 2: contents to out; sizes
 *						and digests into the manifest
 *
 * Readers take only the one form of FORMAT section 4 and regard their bytes
 * as a stranger's: FAULT_FORMAT names the member.  They also check that texts
 * are texts (section 3).  After a failure out may hold some contents, and the
 * manifest something; neither is to be used.
 */
#ifndef FEEDS_TARBALL_H
#define FEEDS_TARBALL_H

#include "feeds/manifest.h"

struct tarball_made {
	int64_t unpacked;     /* bytes of the whole tar */
	int64_t length;	      /* bytes written to out */
	struct digest digest; /* of the bytes written */
};

/*
 * Write a snapshot to out (at its place, which must be 0).  m's items have
 * their sizes set; contents is read from its start.  Same input, same bytes.
 */
int snapshot_write(const struct manifest *m, int contents, int out,
    struct tarball_made *made, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Write a step.  prefix holds prefix_size bytes of old contents; if it is 0,
 * prefix may be -1.
 */
int step_write(const struct manifest *m, int contents, int prefix,
    int64_t prefix_size, int out, struct tarball_made *made, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Read a snapshot from in.  Its digest and length were checked by the caller;
 * it is still read as if a stranger had made it.  Fills an initialised
 * manifest, with sizes and digests, and appends contents to out, a file that
 * can be read as well.  unpacked is what the signed document says: more is
 * FAULT_LIMIT, less FAULT_FORMAT.  The items are the state that the manifest
 * names: whether that is the one wanted, and the feed and serial, is for the
 * caller to compare.
 */
int snapshot_read(int in, int64_t unpacked, struct manifest *m, int out,
    struct fault *f) __attribute__((warn_unused_result));

struct step; /* or a snapshot */

/*
 * The same in parts, so that contents can be kept while others are still
 * read: first the manifest, then the contents of the next items, at least so
 * many bytes.  Those before *done are in out, and have sizes and digests; all
 * else is as above once that is the manifest's count.  A snapshot without
 * items takes one call, too.
 */
int snapshot_open(int in, int64_t unpacked, struct step **out, struct fault *f)
    __attribute__((warn_unused_result));
int snapshot_more(struct step *snapshot, int64_t bytes, int out, size_t *done,
    struct fault *f) __attribute__((warn_unused_result));

int step_open(int in, int64_t unpacked, struct step **out, struct fault *f)
    __attribute__((warn_unused_result));
void step_close(struct step **step);
struct manifest *step_manifest(struct step *step); /* borrowed */
/* Once, and as snapshot_read() does; the state is for the caller to check. */
int step_contents(struct step *step, int prefix, int64_t prefix_size, int out,
    struct fault *f) __attribute__((warn_unused_result));

#endif
