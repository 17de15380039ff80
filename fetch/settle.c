#include "fetch/settle.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/progress.h"
#include "fetch/chosen.h"
#include "fetch/look.h"
#include "fetch/record.h"
#include "items/select.h"

#define PATTERNS_PATH "items/BadContent/text"
#define BATCH_JOBS 2048
#define BATCH_BYTES (16 * MIB)
#define GATE_ITEMS 20 /* removals that always pass (DESIGN section 6) */

/* One action in the making: what look_item() found, and the wiki's job. */
struct action {
	char *path;
	struct look look;
	char *author;
	char *comment;
};

struct settle {
	struct look_at at;
	struct book *book;
	struct book_feed *feed;
	const struct follow_settings *follow;
	int64_t now;
	bool dry_run;
	bool whole; /* every item is looked at */
	bool hold;  /* removals wait for a person */
	struct settle_result *result;
	struct action *actions; /* BATCH_JOBS of them */
	struct wiki_job *jobs;
	size_t count;
	int64_t bytes;
	struct progress bar;
	int64_t done;
};

/* ---- telling people ---- */

/* The first time, a person should hear of it; later only who asks. */
static int
say(struct settle *s, const char *path, enum note_answer answer,
    const char *cause, bool first, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	bool loud = first && answer != NOTE_LOCKED && answer != NOTE_SKIPPED;

	if (chosen_item(path, &text, f) == -1)
		return -1;
	if (s->dry_run)
		log_note("feed '%s': %s would be %s: %s", s->follow->name,
		    text.data, note_text(answer), cause);
	else if (loud)
		log_warn("feed '%s': %s: %s: %s", s->follow->name, text.data,
		    note_text(answer), cause);
	else
		log_detail("feed '%s': %s: %s: %s", s->follow->name, text.data,
		    note_text(answer), cause);
	return 0;
}

static int
note(struct settle *s, const char *path, enum note_answer answer,
    const char *cause, struct fault *f)
{
	bool first = false;

	if (s->dry_run)
		return say(s, path, answer, cause, false, f);
	if (answer != NOTE_LOCKED &&
	    book_tell(s->book, s->feed->row, path, cause, &first, f) == -1)
		return -1;
	if (first) {
		s->result->attention |= answer == NOTE_CONFLICT ||
		    answer == NOTE_HELD;
		s->result->newly_skipped += answer == NOTE_SKIPPED;
		if (book_event(s->book, s->feed->row, s->now, s->feed->stored,
			path, note_text(answer), cause, f) == -1)
			return -1;
	}
	if (say(s, path, answer, cause, first, f) == -1)
		return -1;
	return note_put(s->book->db, s->feed->row, path, answer, cause, f);
}

static int
settled(struct settle *s, const char *path, struct fault *f)
{
	if (s->dry_run)
		return 0;
	if (note_remove(s->book->db, s->feed->row, path, f) == -1)
		return -1;
	return book_heard(s->book, s->feed->row, path, f);
}

/* ---- carrying out ---- */

static void
clear_batch(struct settle *s)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		wiki_job_clear(&s->jobs[i]);
		look_clear(&s->actions[i].look);
		free(s->actions[i].path);
		free(s->actions[i].author);
		free(s->actions[i].comment);
	}
	s->count = 0;
	s->bytes = 0;
}

static void
next_record(const struct settle *s, const struct look *l, struct record *r)
{
	*r = (struct record){ .have = true, .kind = l->item.kind,
		.feed = l->item.digest, .wrote = l->wrote,
		.serial = s->feed->stored };
}

/*
 * Before the first write: what is going to be done, durable.  The pass runs
 * inside a transaction that only this ends.
 */
static int
commit_plans(struct settle *s, struct fault *f)
{
	struct plan p;
	size_t i;

	for (i = 0; i < s->count; i++) {
		if (s->jobs[i].outcome != WIKI_OPEN)
			continue;
		p = (struct plan){ .path = s->actions[i].path,
			.intent = s->jobs[i].intent,
			.drop = s->jobs[i].drop };
		next_record(s, &s->actions[i].look, &p.record);
		if (plan_put(s->book->db, s->feed->row, &p, f) == -1)
			return -1;
	}
	return db_commit(s->book->db, f);
}

static int
book_done(struct settle *s, const char *path, struct record *r, bool drop,
    struct fault *f)
{
	s->result->removed += drop;
	s->result->installed += !drop;
	if (book_event(s->book, s->feed->row, s->now, s->feed->stored, path,
		drop ? "removed" : "installed", NULL, f) == -1 ||
	    settled(s, path, f) == -1)
		return -1;
	if (drop)
		return record_remove(s->book->db, s->feed->row, path, f);
	return record_put(s->book->db, s->feed->row, path, r, f);
}

static int
book_outcome(struct settle *s, size_t i, struct fault *f)
{
	struct wiki_job *job = &s->jobs[i];
	const char *path = s->actions[i].path;
	struct record r;

	switch (job->outcome) {
	case WIKI_DONE:
		next_record(s, &s->actions[i].look, &r);
		r.revision = job->revision;
		return book_done(s, path, &r, job->drop, f);
	case WIKI_MOVED:
		s->result->locked++;
		return note(s, path, NOTE_LOCKED,
		    "was edited at this moment; the next run looks again", f);
	case WIKI_OPEN:
	case WIKI_LOCKED:
		s->result->locked++;
		return note(s, path, NOTE_LOCKED,
		    job->reason[0] != '\0' ? job->reason :
					     "is locked by the wiki", f);
	case WIKI_CANNOT:
		s->result->skipped++;
		return note(s, path, NOTE_SKIPPED, job->reason, f);
	}
	return fault_set(f, FAULT_BUG, "unknown outcome");
}

static int
book_outcomes(struct settle *s, struct fault *f)
{
	size_t i;

	if (db_begin(s->book->db, f) == -1)
		return -1;
	for (i = 0; i < s->count; i++)
		if (book_outcome(s, i, f) == -1)
			return -1;
	return plan_remove_all(s->book->db, s->feed->row, f);
}

/* Jobs that a failure left open stay planned, for the next run. */
static int
book_some_outcomes(struct settle *s, struct fault *f)
{
	size_t i;

	if (db_begin(s->book->db, f) == -1)
		return -1;
	for (i = 0; i < s->count; i++)
		if (s->jobs[i].outcome != WIKI_OPEN &&
		    (book_outcome(s, i, f) == -1 ||
			plan_remove(s->book->db, s->feed->row,
			    s->actions[i].path, f) == -1))
			return -1;
	return db_commit(s->book->db, f);
}

static int
flush(struct settle *s, struct fault *f)
{
	struct fault ignored = { 0 };

	if (s->count == 0)
		return 0;
	if (wiki_intend(s->at.wiki, s->jobs, s->count, f) == -1 ||
	    commit_plans(s, f) == -1)
		return -1;
	if (wiki_carry_out(s->at.wiki, s->jobs, s->count, f) == -1) {
		/* The first fault is the one to tell of. */
		if (book_some_outcomes(s, &ignored) == -1)
			log_detail("%s", ignored.text);
		return -1;
	}
	if (book_outcomes(s, f) == -1)
		return -1;
	s->done += (int64_t)s->count;
	progress_set(&s->bar, 0, s->done);
	clear_batch(s);
	return 0;
}

/* What RecentChanges shows: the edit's own comment, and where it came from. */
static int
describe_edit(const struct settle *s, struct action *a, struct fault *f)
{
	const struct item *item = &a->look.item;
	bool has = item->comment != NULL && item->comment[0] != '\0';

	a->author = strdup(item->author != NULL ? item->author : "wikicast");
	if (a->author == NULL ||
	    asprintf(&a->comment, "%s%s%s %lld%s", has ? item->comment : "",
		has ? " (" : "", s->follow->name, (long long)s->feed->stored,
		has ? ")" : "") == -1) {
		a->comment = NULL;
		return fault_memory(f);
	}
	return 0;
}

static int
would(struct settle *s, const char *path, bool drop, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);

	s->result->removed += drop;
	s->result->installed += !drop;
	if (chosen_item(path, &text, f) == -1)
		return -1;
	log_note("feed '%s': %s would be %s", s->follow->name, text.data,
	    drop ? "removed" : "installed");
	return 0;
}

static int
add_job(struct settle *s, const char *path, struct look *l, bool drop,
    struct fault *f)
{
	struct action *a = &s->actions[s->count];
	struct wiki_job *job = &s->jobs[s->count];

	if (s->dry_run)
		return would(s, path, drop, f);
	if (!drop && look_content(&s->at, l, f) == -1)
		return -1;
	*a = (struct action){ .path = strdup(path), .look = *l };
	*job = (struct wiki_job){ .item = &a->look.item, .drop = drop };
	look_init(l); /* its contents are the action's now */
	s->count++;
	if (a->path == NULL)
		return fault_memory(f);
	if (describe_edit(s, a, f) == -1)
		return -1;
	job->content = drop ? NULL : a->look.content.data;
	job->size = drop ? 0 : a->look.content.len;
	job->before = a->look.before;
	job->author = a->author;
	job->comment = a->comment;
	s->bytes += (int64_t)job->size;
	if (s->count == BATCH_JOBS || s->bytes >= BATCH_BYTES)
		return flush(s, f);
	return 0;
}

/* ---- deciding ---- */

static int
adopt(struct settle *s, const char *path, const struct look *l,
    struct fault *f)
{
	struct record r;

	s->result->adopted++;
	if (s->dry_run)
		return 0;
	next_record(s, l, &r);
	r.revision = l->before;
	if (book_event(s->book, s->feed->row, s->now, s->feed->stored, path,
		"adopted", NULL, f) == -1 ||
	    settled(s, path, f) == -1)
		return -1;
	return record_put(s->book->db, s->feed->row, path, &r, f);
}

static int
forget(struct settle *s, const char *path, struct fault *f)
{
	if (s->dry_run)
		return 0;
	if (settled(s, path, f) == -1)
		return -1;
	return record_remove(s->book->db, s->feed->row, path, f);
}

static int
skipped(struct settle *s, const char *path, const struct look *l,
    struct fault *f)
{
	/* The record stays with what arrived: rules may be changed back. */
	if (l->theirs && l->cause[0] != '\0') {
		s->result->skipped++;
		return note(s, path, NOTE_SKIPPED, l->cause, f);
	}
	return l->answer == DECIDE_LEAVE ? forget(s, path, f) :
					   settled(s, path, f);
}

static int
act(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	switch (l->answer) {
	case DECIDE_NOTHING:
	case DECIDE_LEAVE:
		return skipped(s, path, l, f);
	case DECIDE_ADOPT:
		return adopt(s, path, l, f);
	case DECIDE_FORGET:
		return forget(s, path, f);
	case DECIDE_CONFLICT:
		s->result->conflicts++;
		return note(s, path, NOTE_CONFLICT,
		    "edited here and changed by the feed; the local text "
		    "stands", f);
	case DECIDE_KEEP:
		s->result->edited++;
		return note(s, path, NOTE_EDITED,
		    "edited here; the local text stands", f);
	case DECIDE_PUT:
		return add_job(s, path, l, false, f);
	case DECIDE_DROP:
		if (!s->hold)
			return add_job(s, path, l, true, f);
		s->result->held++;
		return note(s, path, NOTE_HELD,
		    "the feed removed it with many others; 'wikicast resume' "
		    "lets the removals happen", f);
	}
	return fault_set(f, FAULT_BUG, "unknown decision");
}

/* ---- which items ---- */

/*
 * The paths to look at go to a table of their own first: what is changed
 * meanwhile must not change the walk.
 */
static int
list_paths(struct settle *s, struct fault *f)
{
	struct db *db = s->book->db;
	int64_t row = s->feed->row;

	if (db_run(db, f,
		"CREATE TEMP TABLE IF NOT EXISTS todo"
		" (path TEXT PRIMARY KEY) WITHOUT ROWID", "") == -1 ||
	    db_run(db, f, "DELETE FROM todo", "") == -1 ||
	    db_run(db, f, "INSERT OR IGNORE INTO todo"
		" SELECT path FROM note WHERE feed = ?", "i", row) == -1)
		return -1;
	if (!s->whole)
		return 0;
	return db_run(db, f, "INSERT OR IGNORE INTO todo"
	    " SELECT path FROM installed WHERE feed = ?", "i", row);
}

static int
list_changes(struct settle *s, struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	const struct item *was, *is;
	const char *path;
	bool have;

	/* From nothing, the difference is the whole state. */
	if (shelf_diff_open(s->book->shelf, s->feed->row,
		s->whole ? 0 : s->feed->settled, s->feed->stored, &diff, f) ==
	    -1)
		return -1;
	for (;;) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (db_run(s->book->db, f,
			"INSERT OR IGNORE INTO todo VALUES (?)", "t", path) ==
		    -1)
			return -1;
	}
}

/* Removals of records that the state does not have any more. */
static int
count_gone(struct settle *s, int64_t *gone, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };
	bool have, there;

	*gone = 0;
	if (db_query(s->book->db, &q, f,
		"SELECT todo.path FROM todo, installed"
		" WHERE installed.feed = ? AND installed.path = todo.path",
		"i", s->feed->row) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		item_clear(&item);
		if (shelf_get(s->book->shelf, s->feed->row, s->feed->stored,
			db_text(&q, 0), &item, &there, f) == -1)
			return -1;
		*gone += !there;
	}
}

static int
gate(struct settle *s, struct fault *f)
{
	int64_t all, gone;

	if (record_count(s->book->db, s->feed->row, &all, f) == -1 ||
	    count_gone(s, &gone, f) == -1)
		return -1;
	s->hold = gone > GATE_ITEMS && s->feed->stored > s->feed->allowed &&
	    gone * 100 > all * s->follow->max_drop;
	return 0;
}

/* One page that someone holds does not hold up the others. */
static int
look_one(struct settle *s, const char *path, struct look *look,
    struct fault *f)
{
	struct fault why = { 0 };

	if (look_item(&s->at, path, look, &why) == 0)
		return act(s, path, look, f);
	if (why.kind != FAULT_BUSY) {
		*f = why;
		return -1;
	}
	s->result->locked++;
	return note(s, path, NOTE_LOCKED, "is locked by the wiki", f);
}

static int
pass(struct settle *s, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	OWNED_LOOK struct look look;
	OWNED_MEM char *path = NULL;
	int64_t total;
	bool have;

	look_init(&look);
	if (db_one(s->book->db, 0, &total, f, "SELECT count(*) FROM todo",
		"") == -1)
		return -1;
	progress_start(&s->bar, "installing", 0, total);
	if (db_query(s->book->db, &q, f, "SELECT path FROM todo ORDER BY path",
		"") == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return flush(s, f);
		free(path);
		path = strdup(db_text(&q, 0));
		if (path == NULL)
			return fault_memory(f);
		if (look_one(s, path, &look, f) == -1)
			return fault_within(f, "'%s'", path);
	}
}

/* ---- before and after ---- */

/* Finish what a crashed run had begun. */
static int
recover(struct settle *s, struct fault *f)
{
	struct plan p = { .path = NULL };
	bool have = true;
	int rc = 0;

	while (rc == 0 && have) {
		enum wiki_outcome outcome;

		rc = plan_get(s->book->db, s->feed->row, &p, &have, f);
		if (rc == -1 || !have)
			break;
		s->feed->pending = true;
		rc = wiki_finish(s->at.wiki, p.intent, &outcome,
		    &p.record.revision, f);
		if (rc == 0)
			rc = db_begin(s->book->db, f);
		if (rc == 0 && outcome == WIKI_DONE)
			rc = book_done(s, p.path, &p.record, p.drop, f);
		/* Not done: looked at again, whatever else there is. */
		if (rc == 0 && outcome != WIKI_DONE)
			rc = note_put(s->book->db, s->feed->row, p.path,
			    NOTE_LOCKED, "was being installed", f);
		if (rc == 0)
			rc = plan_remove(s->book->db, s->feed->row, p.path, f);
		if (rc == 0)
			rc = db_commit(s->book->db, f);
	}
	plan_clear(&p);
	return rc;
}

static int
finish(struct settle *s, const struct digest *rules, struct fault *f)
{
	if (s->dry_run)
		return 0;
	if (note_pending(s->book->db, s->feed->row, &s->feed->pending, f) ==
		-1)
		return -1;
	s->feed->settled = s->feed->stored;
	s->feed->settings = *rules;
	if (book_feed_save(s->book, s->feed, f) == -1)
		return -1;
	return db_commit(s->book->db, f);
}

static int
take_wiki(struct settle *s, struct fault *f)
{
	if (db_begin(s->book->db, f) == -1 ||
	    record_set_wiki(s->book->db, s->feed->row, s->follow->wiki, f) ==
		-1 ||
	    record_shared(s->book->db, s->feed->row, s->follow->wiki,
		&s->at.shared, f) == -1)
		return -1;
	return db_commit(s->book->db, f);
}

/* A feed that may not bring BadContent has no say in how Moin gets it. */
static bool
may_bring_patterns(const struct follow_settings *follow)
{
	static char name[] = "BadContent";
	const struct item item = { .kind = ITEM_PATTERNS, .name = name };

	return select_item(&follow->select, &item, true) == SELECT_WANTED;
}

/* Does this feed bring BadContent, or is it about to? */
static int
brings_patterns(const struct settle *s, bool *brings, struct fault *f)
{
	struct book *book = s->book;
	const struct book_feed *feed = s->feed;
	OWNED_RECORD struct record r = { .have = false };
	OWNED_ITEM struct item item = { .kind = ITEM_NONE };

	*brings = false;
	if (!may_bring_patterns(s->follow))
		return 0;
	if (record_get(book->db, feed->row, PATTERNS_PATH, &r, f) == -1)
		return -1;
	*brings = r.have;
	if (r.have || feed->stored == 0)
		return 0;
	return shelf_get(book->shelf, feed->row, feed->stored, PATTERNS_PATH,
	    &item, brings, f);
}

static int
run(struct settle *s, const struct digest *rules, struct fault *f)
{
	bool patterns;
	int rc;

	if (take_wiki(s, f) == -1 || brings_patterns(s, &patterns, f) == -1)
		return -1;
	if (!s->dry_run && (wiki_begin(s->at.wiki, patterns, f) == -1 ||
			       recover(s, f) == -1))
		return -1;
	s->actions = calloc(BATCH_JOBS, sizeof(*s->actions));
	s->jobs = calloc(BATCH_JOBS, sizeof(*s->jobs));
	if (s->actions == NULL || s->jobs == NULL)
		return fault_memory(f);
	if (db_begin(s->book->db, f) == -1)
		return -1;
	rc = list_paths(s, f) == -1 || list_changes(s, f) == -1 ||
		gate(s, f) == -1 || pass(s, f) == -1 ?
	    -1 : finish(s, rules, f);
	progress_end(&s->bar);
	clear_batch(s);
	return rc;
}

int
settle_hold_off(struct book *book, const struct follow_settings *follow,
    const struct book_feed *feed, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = follow->underlay };
	OWNED_RECORD struct record r = { .have = false };

	if (follow->wiki == NULL || !may_bring_patterns(follow))
		return 0;
	if (record_get(book->db, feed->row, PATTERNS_PATH, &r, f) == -1)
		return -1;
	if (!r.have)
		return 0;
	if (wiki_open(follow->wiki, &options, &wiki, f) == -1)
		return -1;
	return wiki_hold_off(wiki, f);
}

bool
settle_due(const struct follow_settings *follow, const struct book_feed *feed)
{
	struct digest rules;

	if (follow->wiki == NULL || feed->stored == 0)
		return false;
	settings_digest(follow, &rules);
	return feed->settled != feed->stored || feed->pending ||
	    !digest_equal(&rules, &feed->settings);
}

int
settle_feed(struct book *book, const struct settings *settings,
    const struct follow_settings *follow, struct book_feed *feed, int64_t now,
    bool dry_run, struct settle_result *result, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = follow->underlay };
	struct digest rules;
	struct settle s = { .book = book, .feed = feed, .follow = follow,
		.now = now, .dry_run = dry_run, .result = result };
	int rc;

	*result = (struct settle_result){ .installed = 0 };
	settings_digest(follow, &rules);
	if (wiki_open(follow->wiki, &options, &wiki, f) == -1)
		return -1;
	s.at = (struct look_at){ .book = book, .settings = settings,
		.follow = follow, .feed = feed, .wiki = wiki,
		.same_rules = digest_equal(&rules, &feed->settings) };
	s.whole = !s.at.same_rules || feed->settled == 0;
	rc = run(&s, &rules, f);
	db_rollback(book->db);
	free(s.actions);
	free(s.jobs);
	return rc;
}
