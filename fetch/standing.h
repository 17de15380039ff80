/*
 * standing.h -- how a feed and its signers stand, in a word or two.  Pure.
 */
#ifndef FETCH_STANDING_H
#define FETCH_STANDING_H

#include "fetch/book.h"

/* How many items a feed has, and notes of each kind (enum note_answer). */
struct standing_counts {
	int64_t items; /* installed */
	int64_t skipped, conflicts, edited, held, locked, waiting, left;
};

/* The most serious first. */
const char *standing_word(const struct book_feed *feed,
    const struct standing_counts *counts, bool has_wiki, int64_t now);

/* Of a signer's certificate; "expires soon" within 60 days. */
const char *standing_certificate(const struct signer *signer, int64_t now);

#endif
