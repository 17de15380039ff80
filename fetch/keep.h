/*
 * keep.h -- a full copy of a followed feed in a folder, for this wiki's own
 * web server or for a mirror (`serve =`, `wikicast mirror`).
 *
 * Only verified files are laid into it, byte for byte as the publisher made
 * them: every file that the accepted feed names, directly or through history.
 * feed.atom is put in place last, so that a reader never sees one whose files
 * are not there yet (FORMAT section 2).
 */
#ifndef FETCH_KEEP_H
#define FETCH_KEEP_H

#include "fetch/book.h"
#include "fetch/http.h"
#include "fetch/settings.h"

/* SQL that makes the table of what is in the folder; for follow.db. */
extern const char keep_schema[];

struct keep_options {
	const struct follow_settings *follow; /* serve: the folder */
	const char *state;		      /* folder, for the GnuPG home */
	const char *from;		      /* as for mirror_find() */
	const char *giver; /* URL of who gave the feed, or NULL */
	bool spare;	   /* FAULT_NETWORK rather than ask others than peers */
	int64_t now;
	bool *laid; /* answer: the feed in place is another one than before */
};

/*
 * Bring the copy in follow->serve (made if missing) to the accepted feed.  A
 * file that is already there with its digest is not fetched again; one that no
 * mirror has and that only an old history document names is left out.  A file
 * that is not named any more leaves when the last feed that named it has
 * expired.  index.html is made here, from the feed: a mirror's own pages are
 * signed by nobody.
 */
int keep_feed(struct book *book, struct http *http,
    const struct book_feed *feed, const struct keep_options *options,
    struct fault *f) __attribute__((warn_unused_result));

#endif
