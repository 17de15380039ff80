#include "fetch/round.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "fetch/after.h"
#include "fetch/keep.h"
#include "fetch/outcome.h"
#include "fetch/quiet.h"

#define SILENCE 86400 /* seconds that network trouble may last unsaid */

struct round {
	struct book *book;
	struct http *http;
	const struct settings *settings;
	const struct follow_settings *follow;
	const struct round_options *options;
	struct book_feed feed;
	bool told;	      /* of news ... */
	struct words sources; /* ... by these, as tags */
	struct accept_result accepted;
	struct settle_result settled;
	bool served; /* the copy is at the newest serial ... */
	bool laid;   /* ... since this run */
	int status;
};

/*
 * Under cron each cause is said once, until it is over; that a mirror cannot
 * be reached is nothing to be told of before it has lasted.
 */
static void
complain(struct round *r, const char *subject, const struct fault *why)
{
	struct fault ignored = { 0 };
	bool first = true;

	r->status = exit_worse(r->status, fault_exit(why));
	if (!r->options->quiet || r->options->dry_run) {
		log_fault(why);
		return;
	}
	if (fault_exit(why) == EXIT_NETWORK &&
	    r->options->now < r->feed.success + SILENCE)
		return;
	if (book_tell(r->book, r->feed.row, subject, why->text, &first,
		&ignored) == -1 ||
	    first)
		log_fault(why);
}

static void
no_complaint(struct round *r, const char *subject)
{
	struct fault ignored = { 0 };

	if (!r->options->dry_run &&
	    book_heard(r->book, r->feed.row, subject, &ignored) == -1)
		log_fault(&ignored);
}

/* Trouble of our own, that would not spare what comes next. */
static bool
is_ours(const struct fault *f)
{
	int is = fault_exit(f);

	return is == EXIT_LOCAL || is == EXIT_BUSY || is == EXIT_BUG;
}

/* What failed may have left in r->feed what is not in the database. */
static int
go_on_after(struct round *r, const struct fault *why)
{
	struct fault f = { 0 };

	if (book_feed_load(r->book, r->follow->name, &r->feed, &f) == 0)
		return is_ours(why) ? -1 : 0;
	if (!is_ours(why))
		complain(r, "!accept", &f);
	return -1;
}

/* -1: nothing more can be done. */
static int
accept_phase(struct round *r)
{
	struct accept_options how = { .from = r->options->from,
		.keep = r->options->dry_run ? NULL : r->follow->serve,
		.told = r->told ? &r->sources : NULL,
		.by_clock = r->options->quiet && !r->options->dry_run,
		.now = r->options->now };
	struct fault f = { 0 };

	if (accept_feed(r->book, r->http, r->settings, r->follow, &how,
		&r->feed, &r->accepted, &f) == -1) {
		(void)fault_within(&f, "feed '%s'", r->follow->name);
		complain(r, "!accept", &f);
		return go_on_after(r, &f);
	}
	no_complaint(r, "!accept");
	return 0;
}

static void
settle_phase(struct round *r)
{
	struct fault f = { 0 };

	if (!settle_due(r->follow, &r->feed)) {
		if (settle_hold_off(r->book, r->follow, &r->feed, &f) == -1)
			complain(r, "!settle", &f);
		return;
	}
	if (settle_feed(r->book, r->settings, r->follow, &r->feed,
		r->options->now, r->options->dry_run, &r->settled, &f) == -1) {
		(void)fault_within(&f, "feed '%s': wiki '%s'", r->follow->name,
		    r->follow->wiki);
		complain(r, "!settle", &f);
		return;
	}
	no_complaint(r, "!settle");
	if (r->settled.newly_skipped > 0)
		log_warn("feed '%s': %lld %s not installed; 'wikicast status "
			 "%s' tells which and why",
		    r->follow->name, (long long)r->settled.newly_skipped,
		    r->settled.newly_skipped == 1 ? "item is" : "items are",
		    r->follow->name);
	if (r->settled.newly_left > OUTCOME_TOLD)
		log_warn(
		    "feed '%s': %lld more items are left; 'wikicast status "
		    "%s' tells which and why",
		    r->follow->name,
		    (long long)r->settled.newly_left - OUTCOME_TOLD,
		    r->follow->name);
	if (r->settled.attention)
		r->status = exit_worse(r->status, EXIT_LOCAL);
}

static void
serve_phase(struct round *r)
{
	struct keep_options how = { .follow = r->follow,
		.state = r->settings->state,
		.from = r->options->from,
		.giver = r->accepted.mirror,
		.spare = r->accepted.spared,
		.now = r->options->now,
		.laid = &r->laid };
	struct fault f = { 0 };

	if (r->follow->serve == NULL || r->feed.stored == 0)
		return;
	if (keep_feed(r->book, r->http, &r->feed, &how, &f) == -1) {
		/* What the peers do not have yet is for a later run. */
		if (how.spare && f.kind == FAULT_NETWORK)
			return;
		(void)fault_within(&f, "feed '%s': serving in '%s'",
		    r->follow->name, r->follow->serve);
		complain(r, "!serve", &f);
	} else {
		r->served = r->feed.stored == r->feed.serial;
		no_complaint(r, "!serve");
	}
}

/*
 * What is new here may be new to others.  Nobody is told it who told it, or
 * who gave it.
 */
static int
announce(struct round *r, struct fault *f)
{
	struct notice n = { .serial = r->feed.stored, .state = r->feed.state };
	struct announcement *a;
	char tag[NOTICE_TAG_TEXT];

	memcpy(n.feed, r->feed.id, sizeof(n.feed));
	if (r->follow->url != NULL)
		(void)snprintf(n.from, sizeof(n.from), "%s", r->follow->url);
	notice_tag(r->accepted.mirror, tag);
	if (words_add(&r->sources, tag, f) == -1 ||
	    announce_add(r->options->announce, r->follow->name, &n,
		&rumour_follower, &a, f) == -1)
		return -1;
	if (announce_followed(a, r->book->db, r->feed.row, r->follow,
		&r->sources, f) == -1)
		return -1;
	return quiet_spare(r->book->db, a, r->options->now, f);
}

/*
 * What a newcomer gets at first is news to nobody else, nor is what was signed
 * anew.  Who has no copy tells nobody: those that it told would all ask the
 * publisher.
 */
static void
announce_phase(struct round *r)
{
	struct fault f = { 0 };

	if (r->options->announce == NULL || !r->laid || !r->served ||
	    (r->accepted.signed_anew && !r->accepted.news) ||
	    r->accepted.from == 0 || r->accepted.mirror == NULL)
		return;
	if (announce(r, &f) == -1)
		log_fault(&f);
}

static void
hook_phase(struct round *r)
{
	const struct settle_result *s = &r->settled;
	struct fault f = { 0 };
	bool news = s->installed + s->removed + s->merged > 0, ran;

	if (after_hook(r->book, r->follow, &r->feed, news, &ran, &f) == -1)
		complain(r, "!after", &f);
	else if (ran)
		no_complaint(r, "!after");
}

static bool
has_news(const struct round *r)
{
	return r->accepted.news || r->settled.installed > 0 ||
	    r->settled.removed > 0 || r->settled.adopted > 0 ||
	    r->settled.merged > 0;
}

static int
report(const struct round *r, struct report *out, struct fault *f)
{
	const struct settle_result *s = &r->settled;

	report_row(out, "feed");
	report_text(out, "feed", r->follow->name);
	report_text(out, "result",
	    has_news(r)		       ? "news" :
		r->status == EXIT_DONE ? "no news" :
					 "trouble");
	report_number(out, "serial", r->feed.stored);
	report_number(out, "installed", s->installed);
	report_number(out, "removed", s->removed);
	report_number(out, "adopted", s->adopted);
	report_number(out, "merged", s->merged);
	report_number(out, "skipped", s->skipped);
	report_number(out, "conflicts", s->conflicts + s->held);
	report_number(out, "edited_here", s->edited);
	report_number(out, "waiting", s->waiting);
	report_number(out, "bytes", r->accepted.sent + r->accepted.received);
	report_number(out, "requests", r->accepted.requests);
	report_text(out, "mirror", r->accepted.mirror);
	return report_row_end(out, f);
}

static void
clear(struct round *r)
{
	book_feed_clear(&r->feed);
	words_clear(&r->sources);
	accept_result_clear(&r->accepted);
}

int
round_feed(struct book *book, struct http *http,
    const struct settings *settings, const struct follow_settings *follow,
    const struct round_options *options, struct report *out)
{
	OWNED(clear) struct round r = { .book = book,
		.http = http,
		.settings = settings,
		.follow = follow,
		.options = options,
		.feed = BOOK_FEED_INIT,
		.sources = WORDS_INIT };
	struct fault f = { 0 };

	if (book_feed_load(book, follow->name, &r.feed, &f) == -1 ||
	    (options->inbox != NULL &&
		inbox_sources(options->inbox, r.feed.id, &r.sources, &r.told,
		    &f) == -1)) {
		log_fault(&f);
		return fault_exit(&f);
	}
	if (options->told_only && !r.told)
		return EXIT_DONE;
	if (accept_phase(&r) == 0) {
		settle_phase(&r);
		if (!options->dry_run) {
			serve_phase(&r);
			hook_phase(&r);
			announce_phase(&r);
		}
	}
	if (!options->quiet && report(&r, out, &f) == -1) {
		log_fault(&f);
		return exit_worse(r.status, fault_exit(&f));
	}
	return r.status;
}
