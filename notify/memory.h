/*
 * memory.h -- the receiver's memory: who asked how often, and what was told
 * of which feed.
 *
 *	OWNED(memory_close) struct memory memory = MEMORY_INIT;
 *	if (memory_open(folder, &memory, f) == -1) ...	others wait
 *	... memory_sender(), memory_feed(): look and change ...
 *	if (memory_save(&memory, f) == -1) ...
 *
 * A file of fixed size that only this program reads.  Losing it loses some
 * counts: one that is missing or not of this version is begun anew.  It has no
 * addresses in it, only how busy each of MEMORY_SENDERS groups of them is; how
 * they are grouped is not known outside.
 */
#ifndef NOTIFY_MEMORY_H
#define NOTIFY_MEMORY_H

#include <stddef.h>

#include "notify/answer.h"

#define MEMORY_SENDERS 1024
#define MEMORY_FEEDS 64
#define MEMORY_SECONDS 5 /* to wait for another one that has it open */

struct memory_feed {
	struct digest id; /* of the feed's id; all zero: free */
	struct answer_version told;
	int64_t due;   /* when fetch could run for it */
	int64_t until; /* answer_wait() */
};

struct memory_page { /* what is in the file */
	char version[16];
	uint8_t salt[16];
	int64_t senders[MEMORY_SENDERS]; /* answer_wait() */
	struct memory_feed feeds[MEMORY_FEEDS];
};

struct memory {
	int fd;
	struct memory_page *page; /* owned */
};

#define MEMORY_INIT \
	{ \
		-1, NULL \
	}

/* FAULT_BUSY: others had it all the time. */
int memory_open(int folder, struct memory *memory, struct fault *f)
    __attribute__((warn_unused_result));
int memory_save(struct memory *memory, struct fault *f)
    __attribute__((warn_unused_result));
void memory_close(struct memory *memory);

/*
 * The memory of a sender: for IPv6 that of its /64, since one subscriber has
 * that many.  A text that is no address is a sender, too.
 */
int64_t *memory_sender(struct memory *memory, const char *address);

/* That of a feed; where there is none, in place of the one least recent. */
struct memory_feed *memory_feed(struct memory *memory, const char *id);

#endif
