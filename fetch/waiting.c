#include "fetch/waiting.h"

#include <stdio.h>

#include "base/num.h"
#include "fetch/arrival.h"
#include "items/prefix.h"

static bool
is_installed(const struct look *l)
{
	return l->theirs && l->record.have &&
	    digest_equal(&l->item.digest, &l->record.feed);
}

/* Who goes back to a state wants it now. */
int
waiting_look(const struct look_at *at, const char *path, struct look *l,
    struct fault *f)
{
	OWNED_BUF struct buf there = BUF_INIT(ITEM_PATH_MAX);
	int64_t serial, since = 0, until;
	char text[TIME_TEXT];
	bool have;

	if (at->follow->hold == 0 || at->feed->held_at > 0 || is_installed(l))
		return 0;
	if (prefix_strip_path(at->follow->select.prefix, path, &there, f) ==
		-1 ||
	    shelf_since(at->book->shelf, at->feed->row, at->feed->stored,
		there.data, &serial, f) == -1 ||
	    arrival_time(at->book->db, at->feed->row, serial, &since, &have,
		f) == -1)
		return -1;
	until = since + at->follow->hold;
	if (at->now >= until)
		return 0;
	l->waits = true;
	time_format(until, text);
	(void)snprintf(l->cause, sizeof(l->cause), "waits until %s", text);
	return 0;
}
