#include "fetch/rollback.h"

#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "base/report.h"
#include "fetch/after.h"
#include "fetch/arrival.h"
#include "fetch/book.h"
#include "fetch/chosen.h"
#include "fetch/fetch.h"
#include "fetch/settle.h"
#include "fetch/when.h"

struct given {
	const char *before;
};

#define IN(member) offsetof(struct given, member)
const struct options_row rollback_rows[] = {
	{ "before", 0, OPTIONS_TEXT, IN(before), "TIME",
	    "to what was here then: 2026-11-24, or 3d for three days ago", 0,
	    0 },
	{ 0 },
};
#undef IN

const char rollback_more[] =
    "The feed is held there: 'wikicast resume FEED' ends that.\n";

struct rollback {
	const struct options *o;
	const struct given *given;
	struct settings settings;
	const struct follow_settings *follow;
	struct book book;
	struct book_feed feed;
	int64_t serial, now;
	struct settle_result settled;
};

static void
clear(struct rollback *r)
{
	book_feed_clear(&r->feed);
	book_close(&r->book);
	settings_clear(&r->settings);
}

/* ---- where to ---- */

/* SERIAL, or --before: one of the two. */
static int
take_serial(struct rollback *r, struct fault *f)
{
	bool has_serial = r->o->arguments.count > 1;

	if (has_serial == (r->given->before != NULL))
		return fault_set(f, FAULT_CONFIG,
		    "say how far back: a serial, or '--before TIME'");
	if (!has_serial)
		return 0;
	if (num_parse(r->o->arguments.word[1], 1, NUM_MAX, &r->serial, f) == -1)
		return fault_set(f, FAULT_CONFIG, "'%s' is no serial",
		    r->o->arguments.word[1]);
	return 0;
}

static int
find_before(struct rollback *r, struct fault *f)
{
	int64_t time;

	if (r->given->before == NULL)
		return 0;
	if (when_since(r->given->before, r->now, &time, f) == -1 ||
	    arrival_before(r->book.db, r->feed.row, time, &r->serial, f) == -1)
		return -1;
	if (r->serial > 0)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "feed '%s': no serial is known that was here before '%s'",
	    r->follow->name, r->given->before);
}

/* Only a state that was here whole can be gone back to. */
static int
check_serial(struct rollback *r, struct fault *f)
{
	OWNED_BUF struct buf list = BUF_INIT(BUF_ANY);
	int64_t time;
	bool have;

	if (arrival_time(r->book.db, r->feed.row, r->serial, &time, &have, f) ==
		-1 ||
	    arrival_list(r->book.db, r->feed.row, &list, f) == -1)
		return -1;
	if (have)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "feed '%s': serial %lld was not here, or too long ago; there %s%s",
	    r->follow->name, (long long)r->serial,
	    list.len > 0 ? "is: " : "is none", list.data);
}

static int
find(struct rollback *r, struct fault *f)
{
	bool have;

	if (r->follow->wiki == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "feed '%s' has no 'wiki' in the configuration: nothing to "
		    "put back",
		    r->follow->name);
	if (book_feed_find(&r->book, r->follow->name, &r->feed, &have, f) == -1)
		return -1;
	if (!have || r->feed.stored == 0)
		return fault_set(f, FAULT_CONFIG,
		    "feed '%s' was not fetched yet", r->follow->name);
	return find_before(r, f) == -1 ? -1 : check_serial(r, f);
}

/* ---- there ---- */

static int
hold(struct rollback *r, struct fault *f)
{
	r->feed.held_at = r->serial;
	if (db_begin(r->book.db, f) == -1 ||
	    book_feed_save(&r->book, &r->feed, f) == -1 ||
	    book_event(&r->book, r->feed.row, r->now, r->serial, NULL,
		"rolled back", NULL, f) == -1)
		return -1;
	return db_commit(r->book.db, f);
}

static int
put_back(struct rollback *r, struct fault *f)
{
	bool ran;

	if (hold(r, f) == -1)
		return -1;
	if (!settle_due(r->follow, &r->feed))
		return 0;
	if (settle_feed(&r->book, &r->settings, r->follow, &r->feed, r->now,
		r->o->dry_run, &r->settled, f) == -1)
		return fault_within(f, "feed '%s': wiki '%s'", r->follow->name,
		    r->follow->wiki);
	if (r->o->dry_run ||
	    r->settled.installed + r->settled.removed + r->settled.merged == 0)
		return 0;
	return after_hook(&r->book, r->follow, &r->feed, true, &ran, f);
}

static int
say(const struct rollback *r, struct report *out, struct fault *f)
{
	const struct settle_result *s = &r->settled;

	if (report_say(out, f,
		"feed '%s'%s held at serial %lld until "
		"'wikicast resume %s'",
		r->follow->name, r->o->dry_run ? " would be" : " is",
		(long long)r->serial, r->follow->name) == -1)
		return -1;
	report_row(out, "rollback");
	report_text(out, "feed", r->follow->name);
	report_number(out, "serial", r->serial);
	report_number(out, "installed", s->installed);
	report_number(out, "removed", s->removed);
	report_number(out, "adopted", s->adopted);
	report_number(out, "merged", s->merged);
	report_number(out, "skipped", s->skipped);
	report_number(out, "conflicts", s->conflicts);
	report_number(out, "edited_here", s->edited);
	report_number(out, "locked", s->locked);
	return report_row_end(out, f);
}

static int
run(struct rollback *r, struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;
	const char *name = r->o->arguments.word[0];

	if (take_serial(r, f) == -1 ||
	    settings_load(r->o->config, &r->settings, f) == -1 ||
	    chosen_find(&r->settings, name, &r->follow, f) == -1 ||
	    file_become_owner(r->settings.state, f) == -1 ||
	    book_open(r->settings.state, FETCH_LOCK_SECONDS, &r->book, f) ==
		-1 ||
	    (r->o->dry_run && db_rehearse(r->book.db, f) == -1) ||
	    find(r, f) == -1 || put_back(r, f) == -1)
		return -1;
	if (report_start(r->o->json, STDOUT_FILENO, &out, f) == -1 ||
	    (r->o->verbosity != LOG_QUIET && say(r, out, f) == -1))
		return -1;
	return report_end(out, f);
}

int
rollback_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct given given = { .before = NULL };
	OWNED(clear) struct rollback r = { .o = &o,
		.given = &given,
		.settings = { .state = NULL },
		.book = BOOK_INIT,
		.feed = BOOK_FEED_INIT,
		.now = time_now() };

	if (options_parse(verb, argc, argv, &given, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	if (run(&r, f) == -1)
		return fault_exit(f);
	return r.settled.attention ? EXIT_LOCAL : EXIT_DONE;
}
