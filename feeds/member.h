/*
 * member.h -- how a tar member's header must look (FORMAT section 4), where
 * libarchive hides it from a reader or has its own way in a writer.
 *
 * A header is the ustar block, 512 bytes; before it, for a path over 100
 * bytes or not ASCII, a pax header: a ustar block of its own and the record
 * "<length> path=<path>\n", padded to 512 bytes.  libarchive reads and writes
 * them; this only looks at fixed places of blocks that it took or made.
 */
#ifndef FEEDS_MEMBER_H
#define FEEDS_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "items/item.h"

#define MEMBER_BLOCK 512
#define MEMBER_MANIFEST "manifest.xml"
#define MEMBER_END (2 * MEMBER_BLOCK) /* zeros behind the last member */

/* Blocks, record, and the longest path. */
#define MEMBER_HEAD_MAX (2 * MEMBER_BLOCK + 2 * MEMBER_BLOCK)

/* n up to whole blocks. */
int64_t member_padded(int64_t n);

/* Does the path need a pax header? */
bool member_has_pax(const char *path);

/* Bytes of a member: header, content, padding. */
int64_t member_size(const char *path, int64_t content);

/*
 * Is this n bytes the header of a regular file with that path, in the one
 * form?  Else FAULT_FORMAT.  What libarchive tells (numbers, owner, checksum)
 * is not looked at.
 */
int member_check_head(const char *head, size_t n, const char *path,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * In a header that was made for a stand-in of path (of the same length): put
 * the path into the pax record, which no checksum covers.
 */
void member_set_path(char *head, const char *path);

bool member_is_zero(const char *bytes, size_t n);

#endif
