/*
 * settle.h -- phase 2 of a fetch: bring the wiki to what the store has, as
 * far as the configuration and the wiki's own people allow (DESIGN sections 2
 * and 6).
 *
 * Compares the store, the records, the wiki and the configuration for each
 * item that can have changed, decides by items/decide.h, and carries out.
 * Idempotent: it also runs without news, when the configuration changed or
 * something is pending, and does nothing twice.  A crash at any point is
 * finished by the next run, from the committed plan.
 */
#ifndef FETCH_SETTLE_H
#define FETCH_SETTLE_H

#include "fetch/book.h"
#include "fetch/settings.h"

struct settle_result {
	int64_t installed, removed, adopted, merged;	  /* of this run */
	int64_t skipped, conflicts, edited, held, locked; /* looked at again;
							     skipped has those
							     that are left */
	int64_t waiting;				  /* the same */
	int64_t newly_skipped; /* that nobody was told of ... */
	int64_t newly_left;    /* ... though they were installed once */
	bool attention; /* a conflict or held removal that nobody was told of */
};

/* Is there anything to do without news? */
bool settle_due(const struct follow_settings *follow,
    const struct book_feed *feed);

/* Does this feed bring BadContent, or is it about to? (settle_patterns.c) */
int settle_brings_patterns(struct book *book,
    const struct follow_settings *follow, const struct book_feed *feed,
    bool *brings, struct fault *f) __attribute__((warn_unused_result));

/*
 * In every run, also without news: the engine's own pull of BadContent is
 * held off while this feed brings that page (MOIN.md 2.4).
 */
int settle_hold_off(struct book *book, const struct follow_settings *follow,
    const struct book_feed *feed, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * book_goal(feed) is what the wiki should have.  On success feed->settled is
 * that, and the row is saved.  settings: for the order of the sections, where
 * two feeds bring one page.
 */
int settle_feed(struct book *book, const struct settings *settings,
    const struct follow_settings *follow, struct book_feed *feed, int64_t now,
    bool dry_run, struct settle_result *result, struct fault *f)
    __attribute__((warn_unused_result));

/* What a person says of one item (resolve.h). */
enum settle_choice {
	SETTLE_MINE,
	SETTLE_THEIRS,
	SETTLE_TEXT,
};

struct settle_one { /* borrowed */
	const char *path;
	enum settle_choice choice;
	const struct buf *text;	    /* of SETTLE_TEXT */
	const struct digest *three; /* what was looked at (merging.h) */
};

/*
 * Do only that.  FAULT_ATTENTION if the three texts are others by now, or
 * what would be written over could not be had again.
 */
int settle_item(struct book *book, const struct settings *settings,
    const struct follow_settings *follow, struct book_feed *feed, int64_t now,
    bool dry_run, const struct settle_one *one, struct settle_result *result,
    struct fault *f) __attribute__((warn_unused_result));

#endif
