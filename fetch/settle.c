#include "fetch/settle.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/progress.h"
#include "fetch/arrival.h"
#include "fetch/batch.h"
#include "fetch/merging.h"
#include "fetch/outcome.h"
#include "fetch/quarantine.h"
#include "fetch/record.h"
#include "fetch/todo.h"
#include "items/select.h"

#define BATCHES 4 /* one is filled while others are carried out */

struct settle {
	struct look_at at;
	struct outcome outcome;
	struct book *book;
	struct book_feed *feed;
	const struct follow_settings *follow;
	bool dry_run;
	const struct settle_one *one; /* what a person says, or NULL */
	bool whole;		      /* every item is looked at */
	bool hold;		      /* removals wait for a person */
	struct settle_result *result;
	const char *origin; /* of edits, for people */
	struct batch batches[BATCHES];
	size_t filling; /* the one that is; the next in turn is the oldest */
	struct progress bar;
	int64_t done;
};

/* ---- carrying out ---- */

static void
next_record(const struct settle *s, const struct look *l, struct record *r)
{
	*r = (struct record){ .have = true,
		.kind = l->item.kind,
		.feed = l->item.digest,
		.wrote = l->wrote,
		.serial = book_goal(s->feed) };
}

/*
 * Before the first write: what is going to be done, durable.  The pass runs
 * inside transactions of which only this ends one.
 */
static int
commit_plans(struct settle *s, const struct batch *b, struct fault *f)
{
	struct plan p;
	size_t i;

	for (i = 0; i < b->count; i++) {
		if (b->jobs[i].outcome != WIKI_OPEN)
			continue;
		p = (struct plan){ .path = b->items[i].path,
			.intent = b->jobs[i].intent,
			.drop = b->jobs[i].drop,
			.merged = b->items[i].look.merged ?
			    b->items[i].look.cause :
			    NULL };
		next_record(s, &b->items[i].look, &p.record);
		if (plan_put(s->book->db, s->feed->row, &p, f) == -1)
			return -1;
	}
	if (db_commit(s->book->db, f) == -1)
		return -1;
	return db_begin(s->book->db, f);
}

static int
book_outcome(struct settle *s, const struct batch *b, size_t i, struct fault *f)
{
	const struct wiki_job *job = &b->jobs[i];
	const char *path = b->items[i].path;
	struct record r;

	switch (job->outcome) {
	case WIKI_DONE:
		next_record(s, &b->items[i].look, &r);
		if (b->items[i].look.merged)
			return outcome_merged(&s->outcome, path, &r,
			    b->items[i].look.cause, f);
		r.revision = job->revision;
		return outcome_done(&s->outcome, path, &r, job->drop, f);
	case WIKI_MOVED:
		s->result->locked++;
		return outcome_note(&s->outcome, path, NOTE_LOCKED,
		    "was edited at this moment; the next run looks again", f);
	case WIKI_OPEN:
	case WIKI_LOCKED:
		s->result->locked++;
		return outcome_note(&s->outcome, path, NOTE_LOCKED,
		    job->reason[0] != '\0' ? job->reason :
					     "is locked by the wiki",
		    f);
	case WIKI_CANNOT:
		s->result->skipped++;
		return outcome_note(&s->outcome, path, NOTE_SKIPPED,
		    job->reason, f);
	}
	return fault_set(f, FAULT_BUG, "unknown outcome");
}

/* Wait for a batch, if it was started; then it is empty. */
static int
end_batch(struct settle *s, struct batch *b, struct fault *f)
{
	size_t i;

	if (!b->started)
		return 0;
	batch_wait(b);
	if (b->got == -1) {
		*f = b->fault;
		return -1;
	}
	for (i = 0; i < b->count; i++)
		if (book_outcome(s, b, i, f) == -1)
			return -1;
	/* No other batch has a path between its first and its last. */
	if (plan_remove(s->book->db, s->feed->row, b->items[0].path,
		b->items[b->count - 1].path, f) == -1)
		return -1;
	s->done += (int64_t)b->count;
	progress_set(&s->bar, 0, s->done);
	batch_clear(b);
	return 0;
}

/* The batch at hand is full, or the last. */
static int
start_batch(struct settle *s, struct fault *f)
{
	struct batch *b = &s->batches[s->filling];

	if (b->count == 0)
		return 0;
	if (wiki_intend(s->at.wiki, b->jobs, b->count, f) == -1 ||
	    commit_plans(s, b, f) == -1)
		return -1;
	batch_start(b);
	s->filling = (s->filling + 1) % BATCHES;
	return end_batch(s, &s->batches[s->filling], f);
}

static int
end_batches(struct settle *s, struct fault *f)
{
	size_t i;

	if (start_batch(s, f) == -1)
		return -1;
	for (i = 1; i <= BATCHES; i++)
		if (end_batch(s, &s->batches[(s->filling + i) % BATCHES], f) ==
		    -1)
			return -1;
	return 0;
}

/*
 * After a failure: what was carried out is recorded.  The rest stays planned,
 * for the next run, and what else was decided it finds out again.
 */
static int
save_outcomes(struct settle *s, struct fault *f)
{
	size_t i, k;

	if (db_begin(s->book->db, f) == -1)
		return -1;
	for (k = 0; k < BATCHES; k++) {
		struct batch *b = &s->batches[k];

		if (!b->started)
			continue;
		batch_wait(b);
		for (i = 0; i < b->count; i++)
			if (b->jobs[i].outcome != WIKI_OPEN &&
			    (book_outcome(s, b, i, f) == -1 ||
				plan_remove(s->book->db, s->feed->row,
				    b->items[i].path, b->items[i].path,
				    f) == -1))
				return -1;
	}
	return db_commit(s->book->db, f);
}

static int
add_job(struct settle *s, const char *path, struct look *l, bool drop,
    struct fault *f)
{
	struct batch *b = &s->batches[s->filling];

	if (s->dry_run && drop)
		return outcome_would(&s->outcome, path, "removed",
		    &s->result->removed, f);
	if (s->dry_run)
		return outcome_would(&s->outcome, path,
		    l->merged ? l->cause : "installed",
		    l->merged ? &s->result->merged : &s->result->installed, f);
	if ((!drop &&
		(look_content(&s->at, l, f) == -1 ||
		    merging_keep_base(&s->at, l, f) == -1)) ||
	    batch_add(b, path, l, drop, s->origin, f) == -1)
		return -1;
	return batch_full(b) ? start_batch(s, f) : 0;
}

/* ---- deciding ---- */

static int
adopt(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	struct record r;

	if (merging_keep_base(&s->at, l, f) == -1)
		return -1;
	next_record(s, l, &r);
	r.revision = l->before;
	return outcome_adopted(&s->outcome, path, &r, f);
}

static int
skipped(struct settle *s, const char *path, const struct look *l,
    struct fault *f)
{
	char why[sizeof(l->cause)];

	/* The record stays with what arrived: rules may be changed back. */
	if (l->theirs && l->cause[0] != '\0') {
		s->result->skipped++;
		if (!l->record.have)
			return outcome_note(&s->outcome, path, NOTE_SKIPPED,
			    l->cause, f);
		(void)snprintf(why, sizeof(why),
		    "%.220s; what was installed stays", l->cause);
		return outcome_note(&s->outcome, path, NOTE_LEFT, why, f);
	}
	return l->answer == DECIDE_LEAVE ?
	    outcome_forget(&s->outcome, path, f) :
	    outcome_settled(&s->outcome, path, f);
}

static int
waits(struct settle *s, const char *path, const struct look *l, struct fault *f)
{
	s->result->waiting++;
	return outcome_note(&s->outcome, path, NOTE_WAITING, l->cause, f);
}

static int
conflict(struct settle *s, const char *path, const char *why, struct fault *f)
{
	s->result->conflicts++;
	return outcome_note(&s->outcome, path, NOTE_CONFLICT, why, f);
}

/* A merged one has a note that says more, until something else becomes of it. */
static int
keep(struct settle *s, const char *path, struct fault *f)
{
	bool noted;

	s->result->edited++;
	if (note_is(s->book->db, s->feed->row, path, NOTE_EDITED, &noted, f) ==
	    -1)
		return -1;
	return noted ? 0 :
		       outcome_note(&s->outcome, path, NOTE_EDITED,
			   "edited here; the local text stands", f);
}

/* Once for each three texts: a note says which were tried in vain. */
static int
merge(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	struct merging m;
	struct record r;

	if (merging_look(&s->at, path, l, &m, f) == -1)
		return -1;
	(void)snprintf(l->cause, sizeof(l->cause), "%s", m.what);
	switch (m.answer) {
	case MERGING_CONFLICT:
		if (!m.known)
			return conflict(s, path, m.what, f) == -1 ?
			    -1 :
			    note_tried(s->book->db, s->feed->row, path,
				&m.three, f);
		s->result->conflicts++;
		return 0;
	case MERGING_OURS:
		next_record(s, l, &r);
		return outcome_merged(&s->outcome, path, &r, m.what, f);
	case MERGING_THEIRS:
	case MERGING_BOTH:
		return add_job(s, path, l, false, f);
	}
	return fault_set(f, FAULT_BUG, "unknown answer of a merge");
}

/* ---- what a person says ---- */

static int
take_mine(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	struct record r;

	if (!l->theirs)
		return outcome_left(&s->outcome, path, f);
	if (merging_keep_base(&s->at, l, f) == -1)
		return -1;
	next_record(s, l, &r);
	return outcome_stands(&s->outcome, path, &r, f);
}

static int
take_theirs(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	if (l->have_ours && l->form == EDITS_FRAGILE)
		return fault_set(f, FAULT_ATTENTION,
		    "the wiki would keep no old version of what is there: save "
		    "and remove it in the wiki, then again");
	return add_job(s, path, l, !l->theirs, f);
}

static bool
is_text(const struct buf *text, const struct buf *other)
{
	return text->len == other->len &&
	    memcmp(text->data, other->data, text->len) == 0;
}

static int
take_edited(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	const struct buf *text = s->one->text;

	if (l->have_ours && is_text(text, &l->ours))
		return take_mine(s, path, l, f);
	if (l->theirs &&
	    (look_content(&s->at, l, f) == -1 ||
		merging_keep_base(&s->at, l, f) == -1))
		return -1;
	if (l->theirs && is_text(text, &l->content))
		return take_theirs(s, path, l, f);
	buf_reset(&l->content);
	l->have_content = l->merged = true;
	(void)snprintf(l->cause, sizeof(l->cause),
	    "merged with the local edit, by hand");
	if (buf_add(&l->content, text->data, text->len, f) == -1)
		return -1;
	return add_job(s, path, l, false, f);
}

static int
act_as_told(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	struct digest three;

	merging_three(l, &three);
	if (!digest_equal(&three, s->one->three))
		return fault_set(f, FAULT_ATTENTION,
		    "was edited or changed meanwhile; look at it again");
	switch (s->one->choice) {
	case SETTLE_MINE:
		return take_mine(s, path, l, f);
	case SETTLE_THEIRS:
		return take_theirs(s, path, l, f);
	case SETTLE_TEXT:
		return take_edited(s, path, l, f);
	}
	return fault_set(f, FAULT_BUG, "unknown choice");
}

/* ---- one decision ---- */

static int
act(struct settle *s, const char *path, struct look *l, struct fault *f)
{
	char why[sizeof(l->cause)];

	if (s->one != NULL)
		return act_as_told(s, path, l, f);
	if (l->waits)
		return waits(s, path, l, f);
	switch (l->answer) {
	case DECIDE_NOTHING:
	case DECIDE_LEAVE:
		return skipped(s, path, l, f);
	case DECIDE_ADOPT:
		return adopt(s, path, l, f);
	case DECIDE_FORGET:
		return outcome_forget(&s->outcome, path, f);
	case DECIDE_CONFLICT:
		merging_explain(l, "", why, sizeof(why));
		return conflict(s, path, why, f);
	case DECIDE_MERGE:
		return merge(s, path, l, f);
	case DECIDE_KEEP:
		return keep(s, path, f);
	case DECIDE_PUT:
		return add_job(s, path, l, false, f);
	case DECIDE_DROP:
		if (!s->hold)
			return add_job(s, path, l, true, f);
		s->result->held++;
		return outcome_note(&s->outcome, path, NOTE_HELD,
		    "the feed removed it with many others; 'wikicast resume' "
		    "lets the removals happen",
		    f);
	}
	return fault_set(f, FAULT_BUG, "unknown decision");
}

/* ---- one item after another ---- */

/* One page that someone holds does not hold up the others. */
static int
look_one(struct settle *s, const char *path, struct look *look, struct fault *f)
{
	struct fault why = { 0 };

	if (look_item(&s->at, path, look, &why) == 0)
		return act(s, path, look, f);
	if (why.kind != FAULT_BUSY) {
		*f = why;
		return -1;
	}
	s->result->locked++;
	return outcome_note(&s->outcome, path, NOTE_LOCKED,
	    "is locked by the wiki", f);
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
	if (todo_walk(s->book, &q, &total, f) == -1)
		return -1;
	progress_start(&s->bar, "installing", 0, total);
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return end_batches(s, f);
		free(path);
		path = strdup(db_text(&q, 0));
		if (path == NULL)
			return fault_memory(f);
		if (look_one(s, path, &look, f) == -1)
			return fault_within(f, "'%s'", path);
	}
}

/* ---- before and after ---- */

/* The revision of a merged text is none of the record's. */
static int
record_plan(struct settle *s, struct plan *p, struct fault *f)
{
	if (p->merged == NULL)
		return outcome_done(&s->outcome, p->path, &p->record, p->drop,
		    f);
	free(own_give(&p->record.revision));
	return outcome_merged(&s->outcome, p->path, &p->record, p->merged, f);
}

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
			rc = record_plan(s, &p, f);
		/* Not done: looked at again, whatever else there is. */
		if (rc == 0 && outcome != WIKI_DONE)
			rc = note_put(s->book->db, s->feed->row, p.path,
			    NOTE_LOCKED, "was being installed", f);
		if (rc == 0)
			rc = plan_remove(s->book->db, s->feed->row, p.path,
			    p.path, f);
		if (rc == 0)
			rc = db_commit(s->book->db, f);
	}
	plan_clear(&p);
	return rc;
}

/* Of one item: what else there may be to do stays to be done. */
static int
finish_one(struct settle *s, struct fault *f)
{
	if (s->dry_run)
		return 0;
	if (note_pending(s->book->db, s->feed->row, &s->feed->pending, f) ==
		-1 ||
	    book_feed_save(s->book, s->feed, f) == -1)
		return -1;
	return db_commit(s->book->db, f);
}

static int
finish(struct settle *s, const struct digest *rules, struct fault *f)
{
	if (s->one != NULL)
		return finish_one(s, f);
	if (quarantine_tell(s->book, s->feed, s->follow->name, s->outcome.now,
		s->dry_run, f) == -1)
		return -1;
	if (s->dry_run)
		return 0;
	if (note_pending(s->book->db, s->feed->row, &s->feed->pending, f) == -1)
		return -1;
	s->feed->settled = book_goal(s->feed);
	s->feed->settings = *rules;
	if (book_feed_save(s->book, s->feed, f) == -1)
		return -1;
	return db_commit(s->book->db, f);
}

/*
 * With another prefix all pages have other names: what was installed before
 * is this wiki's own from now on.
 */
static void
say_forgotten(const struct settle *s, int64_t count)
{
	const char *prefix = s->follow->select.prefix;

	if (count > 0)
		log_warn("feed '%s': its prefix is '%s' now: what it installed "
			 "before, %lld %s, stays in the wiki as it is",
		    s->follow->name, prefix != NULL ? prefix : "",
		    (long long)count, count == 1 ? "item" : "items");
}

static int
take_wiki(struct settle *s, struct fault *f)
{
	int64_t forgotten;

	if (db_begin(s->book->db, f) == -1 ||
	    record_set_wiki(s->book->db, s->feed->row, s->follow->wiki,
		s->follow->select.prefix, &forgotten, f) == -1 ||
	    record_shared(s->book->db, s->feed->row, s->follow->wiki,
		&s->at.shared, f) == -1)
		return -1;
	say_forgotten(s, forgotten);
	return db_commit(s->book->db, f);
}

static int
choose(struct settle *s, struct fault *f)
{
	if (s->one != NULL)
		return todo_only(s->book, s->one->path, f);
	if (todo_make(s->book, s->feed, s->follow, s->whole, f) == -1)
		return -1;
	return todo_gate(s->book, s->feed, s->follow, &s->hold, f);
}

static int
run(struct settle *s, const struct digest *rules, struct fault *f)
{
	struct fault ignored = { 0 };
	bool patterns;
	size_t i;
	int rc;

	if (take_wiki(s, f) == -1 ||
	    settle_brings_patterns(s->book, s->follow, s->feed, &patterns, f) ==
		-1)
		return -1;
	if (!s->dry_run &&
	    (wiki_begin(s->at.wiki, patterns, f) == -1 || recover(s, f) == -1))
		return -1;
	for (i = 0; i < BATCHES; i++)
		if (batch_open(&s->batches[i], s->at.wiki, f) == -1)
			return -1;
	if (db_begin(s->book->db, f) == -1)
		return -1;
	rc = choose(s, f) == -1 || pass(s, f) == -1 ? -1 : finish(s, rules, f);
	progress_end(&s->bar);
	db_rollback(s->book->db);
	if (rc == -1 && save_outcomes(s, &ignored) == -1)
		log_detail("%s", ignored.text); /* f is the one to tell of */
	return rc;
}

bool
settle_due(const struct follow_settings *follow, const struct book_feed *feed)
{
	struct digest rules;

	if (follow->wiki == NULL || feed->stored == 0)
		return false;
	settings_digest(follow, &rules);
	return feed->settled != book_goal(feed) || feed->pending ||
	    !digest_equal(&rules, &feed->settings);
}

/* After a fork the store begins anew, and has no state to be held at. */
static int
check_hold(struct book *book, const struct book_feed *feed, struct fault *f)
{
	int64_t time;
	bool have = true;

	if (feed->held_at > 0 &&
	    arrival_time(book->db, feed->row, feed->held_at, &time, &have, f) ==
		-1)
		return -1;
	if (have)
		return 0;
	return fault_set(f, FAULT_ATTENTION,
	    "is held at serial %lld, which is not known here any more; "
	    "nothing is installed until 'wikicast resume'",
	    (long long)feed->held_at);
}

static int
open_and_run(struct settle *s, const struct digest *rules, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = s->follow->underlay };
	OWNED_MEM char *origin = NULL;
	size_t i;
	int rc;

	if (wiki_open(s->follow->wiki, &options, &wiki, f) == -1)
		return -1;
	if (asprintf(&origin, "%s %lld", s->follow->name,
		(long long)book_goal(s->feed)) == -1) {
		origin = NULL;
		return fault_memory(f);
	}
	s->origin = origin;
	s->at.wiki = wiki;
	rc = run(s, rules, f);
	db_rollback(s->book->db);
	for (i = 0; i < BATCHES; i++)
		batch_free(&s->batches[i]);
	return rc;
}

int
settle_item(struct book *book, const struct settings *settings,
    const struct follow_settings *follow, struct book_feed *feed, int64_t now,
    bool dry_run, const struct settle_one *one, struct settle_result *result,
    struct fault *f)
{
	struct digest rules;
	struct settle s = { .book = book,
		.feed = feed,
		.follow = follow,
		.dry_run = dry_run,
		.one = one,
		.result = result };

	*result = (struct settle_result){ .installed = 0 };
	settings_digest(follow, &rules);
	if (check_hold(book, feed, f) == -1)
		return -1;
	s.outcome = (struct outcome){ .book = book,
		.feed = feed,
		.follow = follow,
		.now = now,
		.dry_run = dry_run,
		.result = result };
	s.at = (struct look_at){ .book = book,
		.settings = settings,
		.follow = follow,
		.feed = feed,
		.now = now,
		.same_rules = digest_equal(&rules, &feed->settings) };
	s.whole = !s.at.same_rules || feed->settled == 0;
	return open_and_run(&s, &rules, f);
}

int
settle_feed(struct book *book, const struct settings *settings,
    const struct follow_settings *follow, struct book_feed *feed, int64_t now,
    bool dry_run, struct settle_result *result, struct fault *f)
{
	return settle_item(book, settings, follow, feed, now, dry_run, NULL,
	    result, f);
}
