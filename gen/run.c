#include "gen/run.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hook.h"
#include "base/num.h"
#include "base/report.h"
#include "feeds/signature.h"
#include "gen/news.h"
#include "gen/publish.h"

struct run_options {
	bool allow_drop;
	bool at_once;
	int64_t after;
};

#define IN(member) offsetof(struct run_options, member)
const struct options_row run_rows[] = {
	{ "allow-drop", 0, OPTIONS_FLAG, IN(allow_drop), NULL,
	    "publish although many items would be removed", 0, 0 },
	{ "after", 0, OPTIONS_NUMBER, IN(after), "SERIAL",
	    "jump ahead of this serial (after a restore or a move)", 1, 0 },
	{ "now", 0, OPTIONS_FLAG, IN(at_once), NULL,
	    "do not wait for the time that 'every' says", 0, 0 },
	{ 0 },
};
#undef IN

static const char *const outcomes[] = { "no change", "waiting", "signed anew",
	"published" };

static int
report(const struct feed_settings *feed, const struct publish_result *r,
    struct report *out, struct fault *f)
{
	report_row(out, "feed");
	report_text(out, "feed", feed->name);
	report_text(out, "result", outcomes[r->outcome]);
	report_number(out, "serial", r->serial);
	report_number(out, "changed", r->scan.put);
	report_number(out, "removed", r->scan.dropped);
	report_number(out, "skipped",
	    (int64_t)r->scan.trouble_count - r->scan.left_out);
	report_number(out, "left_out", r->scan.left_out);
	report_number(out, "feed_bytes", (int64_t)r->document);
	report_number(out, "step_bytes", r->step.length);
	report_number(out, "snapshot_bytes", r->snapshot.length);
	report_time(out, "expires", r->expires > 0 ? r->expires : -1);
	return report_row_end(out, f);
}

static void
say_troubles(const struct feed_settings *feed, const struct scan_result *scan)
{
	size_t i;

	for (i = 0; i < scan->trouble_count; i++) {
		const struct scan_trouble *t = &scan->troubles[i];

		if (t->known)
			log_detail("feed '%s': not published: %s", feed->name,
			    t->text);
		else
			log_warn("feed '%s': not published: %s", feed->name,
			    t->text);
	}
}

static void
say_changes(const struct feed_settings *feed, const struct publish_result *r)
{
	if (r->rebuilt)
		log_warn("feed '%s': the database was lost or old; it was "
			 "made anew from the published tree",
		    feed->name);
	if (r->jumped)
		log_note("feed '%s': published anew as serial %lld, without "
			 "a step from the one before",
		    feed->name, (long long)r->serial);
}

static bool
is_asked_for(const struct options *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->arguments.count; i++)
		if (strcmp(o->arguments.word[i], name) == 0)
			return true;
	return o->arguments.count == 0;
}

static int
check_names(const struct options *o, const struct publisher *s, struct fault *f)
{
	size_t i, k;

	for (i = 0; i < o->arguments.count; i++) {
		for (k = 0; k < s->feed_count; k++)
			if (strcmp(s->feeds[k].name, o->arguments.word[i]) == 0)
				break;
		if (k == s->feed_count)
			return fault_set(f, FAULT_CONFIG,
			    "the configuration has no section [feed %s]",
			    o->arguments.word[i]);
	}
	return 0;
}

static bool
is_news(const struct publish_result *r)
{
	return r->outcome == PUBLISH_NEWS || r->outcome == PUBLISH_RESIGNED;
}

/* All feeds that are asked for; one that fails does not stop the others. */
static int
publish_all(const struct publisher *settings, const struct options *o,
    const struct publish_options *how, struct report *out, bool *news)
{
	OWNED(ledger_close) struct ledger ledger = LEDGER_INIT;
	struct fault f = { 0 };
	int status = EXIT_DONE;
	size_t i;

	if (ledger_open(settings->state, &ledger, &f) == -1) {
		log_fault(&f);
		return fault_exit(&f);
	}
	for (i = 0; i < settings->feed_count; i++) {
		const struct feed_settings *feed = &settings->feeds[i];
		struct publish_result r;
		struct fault trouble = { 0 };

		if (!is_asked_for(o, feed->name))
			continue;
		if (publish_feed(&ledger, settings, feed, how, &r, &trouble) ==
		    -1) {
			log_fault(&trouble);
			status = exit_worse(status, fault_exit(&trouble));
		} else {
			say_changes(feed, &r);
			*news |= is_news(&r) && !how->dry_run;
			if (o->verbosity != LOG_QUIET &&
			    report(feed, &r, out, &trouble) == -1) {
				log_fault(&trouble);
				status =
				    exit_worse(status, fault_exit(&trouble));
			}
		}
		say_troubles(feed, &r.scan);
		scan_result_clear(&r.scan);
	}
	return status;
}

/*
 * The site's page is looked at by every run, not only after news: one that
 * ended before it was in place has left none, or a part beside it.
 */
static int
finish_site(const struct publisher *settings, bool news, bool *known,
    struct fault *f)
{
	OWNED_FD int folder = -1;
	struct hook_result hook;
	int rc;

	*known = false;
	if (news_write_site(settings, f) == -1)
		return fault_within(f, "the site's index.html");
	if (file_open_folder(AT_FDCWD, settings->state, &folder, f) == -1)
		return -1;
	rc = hook_run(folder, "after.due", news, &settings->after, NULL, &hook,
	    f);
	*known = hook.known;
	return rc;
}

static int
run(const struct options *o, const struct run_options *g, struct fault *f)
{
	OWNED(publisher_clear) struct publisher settings = { .state = NULL };
	OWNED(report_free) struct report *out = NULL;
	struct publish_options how = { .dry_run = o->dry_run,
		.allow_drop = g->allow_drop,
		.at_once = g->at_once,
		.after = g->after,
		.now = time_now() };
	bool news = false, known;
	int status;

	if (publisher_load(o->config, &settings, f) == -1 ||
	    check_names(o, &settings, f) == -1 ||
	    file_become_owner(settings.state, f) == -1 ||
	    signature_start(f) == -1 ||
	    report_start(o->json, STDOUT_FILENO, &out, f) == -1)
		return fault_exit(f);
	status = publish_all(&settings, o, &how, out, &news);
	if (report_end(out, f) == -1)
		status = exit_worse(status, fault_exit(f));
	if ((news || (status == EXIT_DONE && !how.dry_run)) &&
	    finish_site(&settings, news, &known, f) == -1) {
		status = exit_worse(status, fault_exit(f));
		/* Under cron each cause is said once. */
		if (known && o->verbosity == LOG_QUIET)
			*f = (struct fault){ 0 };
	}
	return status;
}

int
run_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct run_options g = { .after = 0 };

	if (options_parse(verb, argc, argv, &g, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	return run(&o, &g, f);
}
