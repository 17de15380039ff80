/*
 * moin_ahead.h -- stat() of many pages, a little ahead of who wants to know.
 *
 * A wiki of 100,000 pages takes two system calls for each of them, and one
 * more for each revision that is compared; a second thread makes the first
 * two while the walk's user is busy with the third.  Without a thread (few
 * pages, or none to be had) they are made when asked for.
 */
#ifndef WIKI_MOIN_AHEAD_H
#define WIKI_MOIN_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct fault;
struct names;
struct moin_ahead;

struct moin_sight {
	int failed;	     /* errno of the stat of current, ENOENT too */
	struct stat current; /* if not failed */
	bool attachments;    /* there is such a folder */
};

/* The names, which stay the caller's, must not change any more. */
int moin_ahead_open(int pages, const struct names *names,
    struct moin_ahead **out, struct fault *f)
    __attribute__((warn_unused_result));

/* What was seen of the next page: lives until the next call. */
const struct moin_sight *moin_ahead_next(struct moin_ahead *a);

void moin_ahead_close(struct moin_ahead *a);

#endif
