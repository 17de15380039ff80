/*
 * libhostile.h -- tars block by block, also as no tar program writes them.
 *
 *	hostile_add(&tar, &(struct hostile){ .name = "items/A/text",
 *	    .body = "hello", .size = 5 });
 *	hostile_end(&tar);
 *
 * Whatever is left out is as FORMAT wants it.  Numbers end in NUL, as Python's
 * tarfile has them and libarchive has not.  Failures end the test.
 */
#ifndef TESTS_LIBHOSTILE_H
#define TESTS_LIBHOSTILE_H

#include <stdint.h>

#include "base/buf.h"

struct hostile {
	const char *name;   /* the ustar field, cut at 100 bytes */
	const char *prefix; /* the ustar field */
	const char *link;
	const char *owner;  /* uname and gname */
	const char *magic;  /* magic and version, 8 bytes */
	const char *number; /* 12 bytes in place of the size */
	char type;	    /* 0: '0' */
	unsigned int mode;  /* 0: 0644 */
	unsigned int id;    /* uid and gid */
	int64_t mtime;
	const void *body;
	size_t size;
	int64_t claim; /* size in the header if not the body's; 0: true one */
	bool bad_checksum;
	char padding; /* what the last block is filled with */
};

void hostile_add(struct buf *tar, const struct hostile *h);

/* The same behind a pax header with the records given, of type 'x' or 'g'. */
void hostile_add_pax(struct buf *tar, char type, const void *records, size_t n,
    const struct hostile *h);

/* Add a pax record "<length> key=value\n"; the value of n bytes. */
void hostile_record(struct buf *records, const char *key, const void *value,
    size_t n);

void hostile_end(struct buf *tar); /* two zero blocks */

#endif
