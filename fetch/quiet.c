#include "fetch/quiet.h"

#include "base/log.h"
#include "fetch/book.h"

const char quiet_schema[] =
    "CREATE TABLE quiet ("
    " url TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;";

static int
is_quiet(struct db *db, const char *url, int64_t now, bool *quiet,
    struct fault *f)
{
	int64_t until;

	if (db_one(db, 0, &until, f, "SELECT until FROM quiet WHERE url = ?",
		"t", url) == -1)
		return -1;
	/* Further away: another clock wrote it. */
	*quiet = until > now && until - now <= HTTP_RETRY_MAX;
	return 0;
}

int
quiet_spare(struct db *db, struct announcement *a, int64_t now, struct fault *f)
{
	size_t i;
	bool quiet;

	for (i = 0; i < a->place_count;) {
		if (is_quiet(db, a->places[i].url, now, &quiet, f) == -1)
			return -1;
		if (quiet)
			announce_leave_out(a, i);
		else
			i++;
	}
	return 0;
}

static int
keep(struct db *db, const struct announce_place *place, int64_t now,
    struct fault *f)
{
	if (place->retry_after == 0)
		return 0;
	return db_run(db, f, "INSERT OR REPLACE INTO quiet VALUES (?, ?)", "ti",
	    place->url, now + place->retry_after);
}

static int
keep_all(struct db *db, const struct announce_list *list, int64_t now,
    struct fault *f)
{
	size_t i, k;

	if (db_begin(db, f) == -1)
		return -1;
	for (i = 0; i < list->count; i++)
		for (k = 0; k < list->list[i].place_count; k++)
			if (keep(db, &list->list[i].places[k], now, f) == -1)
				return -1;
	/* Those whose time is over, and the nearest to it of too many. */
	if (db_run(db, f, "DELETE FROM quiet WHERE until <= ?", "i", now) ==
		-1 ||
	    db_run(db, f,
		"DELETE FROM quiet WHERE url NOT IN (SELECT url FROM quiet"
		" ORDER BY until DESC LIMIT ?)",
		"i", (int64_t)QUIET_ROWS) == -1)
		return -1;
	return db_commit(db, f);
}

static bool
anybody_asked(const struct announce_list *list)
{
	size_t i, k;

	for (i = 0; i < list->count; i++)
		for (k = 0; k < list->list[i].place_count; k++)
			if (list->list[i].places[k].retry_after > 0)
				return true;
	return false;
}

void
quiet_keep(const char *state, const struct announce_list *list, int64_t now)
{
	OWNED(book_close) struct book book = BOOK_INIT;
	struct fault f = { 0 };

	if (anybody_asked(list) &&
	    (book_open(state, 0, &book, &f) == -1 ||
		keep_all(book.db, list, now, &f) == -1))
		log_detail("%s", f.text);
}
