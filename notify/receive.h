/*
 * receive.h -- one notification, from its bytes to the file that wakes fetch.
 */
#ifndef NOTIFY_RECEIVE_H
#define NOTIFY_RECEIVE_H

#include "feeds/notice.h"

struct receive_answer {
	int status;	     /* HTTP */
	int64_t retry_after; /* seconds; 0: not said */
};

/*
 * folder is the one of feeds/board.h, address the sender's.  Waits for other
 * receivers at the same folder.  A fault is our own trouble; after one, fetch
 * may be run once too often, never too seldom.
 */
int receive_notice(const char *folder, const char *address,
    const struct notice *notice, int64_t now, struct receive_answer *answer,
    struct fault *f) __attribute__((warn_unused_result));

#endif
