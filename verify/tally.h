/*
 * tally.h -- what verify found: a row for each thing, and the sum of it.
 *
 * Good files, orphans, which wait until the last feed that named them has
 * expired, and those that have left are only shown with -v; --json has all.
 */
#ifndef VERIFY_TALLY_H
#define VERIFY_TALLY_H

#include "base/log.h"
#include "base/report.h"

enum tally_result {
	TALLY_GOOD,
	TALLY_MISSING, /* a follower needs it */
	TALLY_BAD,
	TALLY_EXPIRED, /* the feed, past its time */
	TALLY_STRAY,   /* no file of a published folder */
	TALLY_ORPHAN,  /* a published file that nothing names any more */
	TALLY_GONE,    /* older than what is kept */
	TALLY_RESULTS,
};

struct tally {
	struct report *out; /* borrowed */
	bool json;
	enum log_verbosity verbosity;
	int64_t count[TALLY_RESULTS];
	int status; /* of the whole, so far: enum exit_status */
};

/* cause: NULL if there is nothing to say. */
int tally_add(struct tally *t, enum tally_result result, const char *kind,
    const char *name, const char *cause, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Is a fault the fault of what was read?  Else (no memory, no disk) it ends
 * the run.
 */
bool tally_is_finding(const struct fault *why);

/* A finding as a row; other faults are handed on, with -1. */
int tally_fault(struct tally *t, const char *kind, const char *name,
    const struct fault *why, struct fault *f)
    __attribute__((warn_unused_result));

/* "7 good, 1 bad"; out is added to. */
int tally_text(const struct tally *t, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* The counts as fields of a report's row. */
void tally_fields(const struct tally *t);

#endif
