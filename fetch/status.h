/*
 * status.h -- `wikicast status [FEED...]`: where every feed and mirror
 * stands, and what needs a person.  Reads without the lock.
 */
#ifndef FETCH_STATUS_H
#define FETCH_STATUS_H

#include "base/options.h"
#include "fetch/book.h"

extern const char status_more[];

/* Returns the exit status; f is for the caller to say. */
int status_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

/* How many notes of each kind a feed has (enum note_answer). */
struct status_counts {
	int64_t items; /* installed */
	int64_t skipped, conflicts, edited, held, locked;
};

/* One word or a few for how a feed stands, the most serious first.  Pure. */
const char *status_word(const struct book_feed *feed,
    const struct status_counts *counts, bool has_wiki, int64_t now);

#endif
