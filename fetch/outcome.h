/*
 * outcome.h -- what became of an item in phase 2 of a fetch: recorded in the
 * book, and said to people, who hear of each thing once.
 *
 * With dry_run it is only said.
 */
#ifndef FETCH_OUTCOME_H
#define FETCH_OUTCOME_H

#include "fetch/book.h"
#include "fetch/record.h"
#include "fetch/settings.h"
#include "fetch/settle.h"

#define OUTCOME_TOLD 10 /* items that are left of which a run tells singly */

struct outcome { /* all borrowed */
	struct book *book;
	const struct book_feed *feed;
	const struct follow_settings *follow;
	int64_t now;
	bool dry_run;
	struct settle_result *result; /* is counted up */
};

/* It is not as the feed has it, and why; it is looked at again. */
int outcome_note(struct outcome *o, const char *path, enum note_answer answer,
    const char *cause, struct fault *f) __attribute__((warn_unused_result));

/* Nothing is to be said of it any more. */
int outcome_settled(struct outcome *o, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

/* It was installed or removed; the record is what it became. */
int outcome_done(struct outcome *o, const char *path, const struct record *r,
    bool drop, struct fault *f) __attribute__((warn_unused_result));

/*
 * The wiki has a text with both changes, and what stands of its own is said.
 * The record is what the feed has, without a revision.
 */
int outcome_merged(struct outcome *o, const char *path, const struct record *r,
    const char *what, struct fault *f) __attribute__((warn_unused_result));

/* A person says that the local text stands; the record is what the feed has. */
int outcome_stands(struct outcome *o, const char *path, const struct record *r,
    struct fault *f) __attribute__((warn_unused_result));
/* The same of what the feed has no more: it is not shared any longer. */
int outcome_left(struct outcome *o, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

/* With dry_run: it would be "installed", ...; counts one more in the result. */
int outcome_would(struct outcome *o, const char *path, const char *what,
    int64_t *count, struct fault *f) __attribute__((warn_unused_result));

/* The wiki had it already. */
int outcome_adopted(struct outcome *o, const char *path, const struct record *r,
    struct fault *f) __attribute__((warn_unused_result));

/* Neither side has it any more, or it is wanted no more. */
int outcome_forget(struct outcome *o, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

#endif
