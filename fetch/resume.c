#include "fetch/resume.h"

#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "base/report.h"
#include "fetch/book.h"
#include "fetch/chosen.h"
#include "fetch/fetch.h"
#include "fetch/fork.h"
#include "fetch/record.h"

struct resume {
	const struct options *o;
	const char *name;
	struct book book;
	struct book_feed feed;
	int64_t held;	 /* removals that waited */
	int64_t held_at; /* a rollback */
	bool forked;
};

static void
clear(struct resume *r)
{
	book_feed_clear(&r->feed);
	book_close(&r->book);
}

static int
change(struct resume *r, struct fault *f)
{
	r->feed.held_at = 0;
	if (r->held > 0)
		r->feed.allowed = r->feed.stored;
	if (r->forked && fork_end(&r->book, &r->feed, f) == -1)
		return -1;
	if (book_feed_save(&r->book, &r->feed, f) == -1)
		return -1;
	return book_event(&r->book, r->feed.row, time_now(), r->feed.stored,
	    NULL, "resumed",
	    r->forked	       ? "after a fork" :
		r->held_at > 0 ? "after a rollback" :
				 "held removals",
	    f);
}

static int
look(struct resume *r, struct fault *f)
{
	bool have;

	if (book_feed_find(&r->book, r->name, &r->feed, &have, f) == -1 ||
	    !have)
		return have ? -1 : 0;
	r->forked = r->feed.forked;
	r->held_at = r->feed.held_at;
	return db_one(r->book.db, 0, &r->held, f,
	    "SELECT count(*) FROM note WHERE feed = ? AND answer = ?", "ii",
	    r->feed.row, (int64_t)NOTE_HELD);
}

static int
say(const struct resume *r, struct report *out, struct fault *f)
{
	const char *would = r->o->dry_run ? " would" : "";

	if (r->o->json) {
		report_row(out, "resume");
		report_text(out, "feed", r->name);
		report_bool(out, "fork_ended", r->forked);
		report_number(out, "held_at", r->held_at);
		report_number(out, "removals_released", r->held);
		return report_row_end(out, f);
	}
	if (!r->forked && r->held == 0 && r->held_at == 0)
		return report_say(out, f,
		    "feed '%s': nothing is held, nothing to resume", r->name);
	if (r->held_at > 0 && !r->forked &&
	    report_say(out, f,
		"feed '%s': the next fetch%s bring it from serial %lld to %lld",
		r->name, *would != '\0' ? would : " will",
		(long long)r->held_at, (long long)r->feed.stored) == -1)
		return -1;
	if (r->held > 0 &&
	    report_say(out, f,
		"feed '%s': the next fetch%s "
		"carry out %lld removals that waited",
		r->name, *would != '\0' ? would : " will",
		(long long)r->held) == -1)
		return -1;
	if (r->forked)
		return report_say(out, f,
		    "feed '%s': the next good feed%s be "
		    "taken as at the first fetch; the two documents stay in "
		    "the folder 'evidence' of the state folder",
		    r->name, *would != '\0' ? would : " will");
	return 0;
}

static int
run(struct resume *r, struct fault *f)
{
	OWNED(settings_clear) struct settings settings = { .state = NULL };
	OWNED(report_free) struct report *out = NULL;

	if (settings_load(r->o->config, &settings, f) == -1 ||
	    chosen_check(r->o, &settings, f) == -1 ||
	    file_become_owner(settings.state, f) == -1 ||
	    book_open(settings.state, FETCH_LOCK_SECONDS, &r->book, f) == -1 ||
	    db_begin(r->book.db, f) == -1 || look(r, f) == -1)
		return -1;
	if (!r->o->dry_run && (r->forked || r->held > 0 || r->held_at > 0) &&
	    (change(r, f) == -1 || db_commit(r->book.db, f) == -1))
		return -1;
	if (report_start(r->o->json, STDOUT_FILENO, &out, f) == -1 ||
	    (r->o->verbosity != LOG_QUIET && say(r, out, f) == -1))
		return -1;
	return report_end(out, f);
}

int
resume_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	OWNED(clear) struct resume r = { .o = &o,
		.book = BOOK_INIT,
		.feed = BOOK_FEED_INIT };

	if (options_parse(verb, argc, argv, NULL, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	r.name = o.arguments.word[0];
	return run(&r, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
