/*
 * preview.h -- a feed that nobody follows yet, looked at with all checks: what
 * it is, and what it would do to the wiki.
 */
#ifndef FETCH_PREVIEW_H
#define FETCH_PREVIEW_H

#include "fetch/settings.h"
#include "fetch/settle.h"

struct preview {
	char id[FEED_ID_TEXT];
	char *title;  /* owned */
	char *mirror; /* that it came from; owned */
	int64_t serial, updated, expires;
	int64_t items;
	bool settled; /* there is a wiki, and this would happen to it: */
	struct settle_result result;
};

/*
 * Everything happens in a scratch folder (below the state folder, or where
 * that is not there yet in $TMPDIR or /tmp), which is removed again.
 * verbose: each item is a note of the log.
 */
int preview_feed(const struct settings *settings,
    const struct follow_settings *follow, bool verbose, struct preview *out,
    struct fault *f) __attribute__((warn_unused_result));
void preview_clear(struct preview *p);

#endif
