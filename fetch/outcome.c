#include "fetch/outcome.h"

#include "base/log.h"
#include "fetch/chosen.h"

/* The first time, a person should hear of it; later only who asks. */
static int
say(const struct outcome *o, const char *path, enum note_answer answer,
    const char *cause, bool first, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	bool loud = first && answer != NOTE_LOCKED && answer != NOTE_SKIPPED &&
	    answer != NOTE_WAITING &&
	    (answer != NOTE_LEFT || o->result->newly_left <= OUTCOME_TOLD);
	void (*tell)(const char *fmt, ...) = o->dry_run ? log_note :
	    loud					? log_warn :
							  log_detail;

	if (chosen_item(path, &text, f) == -1)
		return -1;
	tell("feed '%s': %s: %s: %s", o->follow->name, text.data,
	    note_text(answer), cause);
	return 0;
}

static int
event(const struct outcome *o, const char *path, const char *what,
    const char *cause, struct fault *f)
{
	return book_event(o->book, o->feed->row, o->now, book_goal(o->feed),
	    path, what, cause, f);
}

int
outcome_note(struct outcome *o, const char *path, enum note_answer answer,
    const char *cause, struct fault *f)
{
	bool first = false;

	if (o->dry_run)
		return say(o, path, answer, cause, false, f);
	if (answer != NOTE_LOCKED &&
	    book_tell(o->book, o->feed->row, path, cause, &first, f) == -1)
		return -1;
	if (first) {
		o->result->attention |=
		    answer == NOTE_CONFLICT || answer == NOTE_HELD;
		o->result->newly_skipped += answer == NOTE_SKIPPED;
		o->result->newly_left += answer == NOTE_LEFT;
		if (event(o, path, note_text(answer), cause, f) == -1)
			return -1;
	}
	if (say(o, path, answer, cause, first, f) == -1)
		return -1;
	return note_put(o->book->db, o->feed->row, path, answer, cause, f);
}

int
outcome_settled(struct outcome *o, const char *path, struct fault *f)
{
	if (o->dry_run)
		return 0;
	if (note_remove(o->book->db, o->feed->row, path, f) == -1)
		return -1;
	return book_heard(o->book, o->feed->row, path, f);
}

int
outcome_done(struct outcome *o, const char *path, const struct record *r,
    bool drop, struct fault *f)
{
	o->result->removed += drop;
	o->result->installed += !drop;
	if (event(o, path, drop ? "removed" : "installed", NULL, f) == -1 ||
	    outcome_settled(o, path, f) == -1)
		return -1;
	if (drop)
		return record_remove(o->book->db, o->feed->row, path, f);
	return record_put(o->book->db, o->feed->row, path, r, f);
}

int
outcome_merged(struct outcome *o, const char *path, const struct record *r,
    const char *what, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);

	if (o->dry_run)
		return outcome_would(o, path, what, &o->result->merged, f);
	o->result->merged++;
	if (chosen_item(path, &text, f) == -1)
		return -1;
	log_note("feed '%s': %s: %s", o->follow->name, text.data, what);
	if (event(o, path, "merged", what, f) == -1 ||
	    outcome_settled(o, path, f) == -1 ||
	    record_put(o->book->db, o->feed->row, path, r, f) == -1)
		return -1;
	return note_put(o->book->db, o->feed->row, path, NOTE_EDITED, what, f);
}

#define STANDS "the local text stands, as a person said"

int
outcome_stands(struct outcome *o, const char *path, const struct record *r,
    struct fault *f)
{
	o->result->edited++;
	if (o->dry_run)
		return 0;
	if (event(o, path, "resolved", STANDS, f) == -1 ||
	    outcome_settled(o, path, f) == -1 ||
	    record_put(o->book->db, o->feed->row, path, r, f) == -1)
		return -1;
	return note_put(o->book->db, o->feed->row, path, NOTE_EDITED, STANDS,
	    f);
}

int
outcome_left(struct outcome *o, const char *path, struct fault *f)
{
	o->result->edited++;
	if (o->dry_run)
		return 0;
	if (event(o, path, "resolved", STANDS, f) == -1)
		return -1;
	return outcome_forget(o, path, f);
}

int
outcome_would(struct outcome *o, const char *path, const char *what,
    int64_t *count, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);

	(*count)++;
	if (chosen_item(path, &text, f) == -1)
		return -1;
	log_note("feed '%s': %s would be %s", o->follow->name, text.data, what);
	return 0;
}

int
outcome_adopted(struct outcome *o, const char *path, const struct record *r,
    struct fault *f)
{
	o->result->adopted++;
	if (o->dry_run)
		return 0;
	if (event(o, path, "adopted", NULL, f) == -1 ||
	    outcome_settled(o, path, f) == -1)
		return -1;
	return record_put(o->book->db, o->feed->row, path, r, f);
}

int
outcome_forget(struct outcome *o, const char *path, struct fault *f)
{
	if (o->dry_run)
		return 0;
	if (outcome_settled(o, path, f) == -1)
		return -1;
	return record_remove(o->book->db, o->feed->row, path, f);
}
