/*
 * map.h -- a part of a file as memory, for reading.
 *
 *	OWNED(map_close) struct map m = MAP_NONE;
 *	map_open(fd, at, n, &m, f)
 *	... m.bytes, m.size ...
 *
 * Costs no memory of our own, however large.  For files that nobody else can
 * cut while they are mapped: our own, and unlinked or sealed ones that were
 * handed over; their sizes are checked here.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/own.h"

struct map {
	const char *bytes; /* never NULL once open */
	size_t size;
	void *start; /* of the mapping, which begins at a page; or NULL */
	size_t length;
};
#define MAP_NONE \
	{ \
		NULL, 0, NULL, 0 \
	}

/* n bytes at offset at; a shorter file is FAULT_SYSTEM. */
int map_open(int fd, int64_t at, int64_t n, struct map *m, struct fault *f)
    __attribute__((warn_unused_result));
void map_close(struct map *m);

#endif
