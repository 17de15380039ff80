/*
 * progress.h -- how far a long work has come, for a person at a terminal.
 *
 *	struct progress p;
 *	progress_start(&p, "fetching badcontent", bytes_total, items_total);
 *	progress_set(&p, bytes, items);		as often as one likes
 *	progress_end(&p);
 *
 * shows "fetching badcontent  12 of 340  1.2 of 9.1 MB  430 kB/s  0:18 left"
 * as one line at the bottom of stderr, redrawn ten times a second at most, and
 * gone at the end.  Nothing is shown in the first half second, nor where
 * log_is_live() says that nobody looks.  No colours are used, so NO_COLOR has
 * nothing to switch off.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

#define PROGRESS_TEXT 256

struct progress {
	const char *label; /* borrowed; made harmless when shown */
	int64_t bytes_total, items_total; /* 0: not known or not counted */
	int64_t bytes, items;
	int64_t begun, drawn; /* ms of a clock that only goes forward */
};

void progress_start(struct progress *p, const char *label, int64_t bytes_total,
    int64_t items_total);
void progress_set(struct progress *p, int64_t bytes, int64_t items);
void progress_end(struct progress *p);

/*
 * The line at a time, for a terminal of so many columns: pure.  Parts that
 * are not known are left out; what does not fit is cut from the end.
 */
void progress_text(const struct progress *p, int64_t now, int columns,
    char out[PROGRESS_TEXT]);

#endif
