#include "fetch/fetch.h"

#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "fetch/announce.h"
#include "fetch/chosen.h"
#include "fetch/inbox.h"
#include "fetch/quiet.h"
#include "fetch/round.h"
#include "fetch/splay.h"

struct given {
	const char *from;
	int64_t splay, rate;
	bool notified;
};

#define IN(member) offsetof(struct given, member)
const struct options_row fetch_rows[] = {
	{ "from", 0, OPTIONS_TEXT, IN(from), "DIR",
	    "from this folder (a feed's, or a site's) instead of the mirrors",
	    0, 0 },
	{ "splay", 0, OPTIONS_DURATION, IN(splay), "TIME", SPLAY_HELP, 0,
	    SPLAY_MAX },
	{ "limit-rate", 0, OPTIONS_SIZE, IN(rate), "SIZE", REACH_RATE_HELP,
	    REACH_RATE_MIN, 0 },
	{ "notified", 0, OPTIONS_FLAG, IN(notified), NULL,
	    "only feeds that others told news of, as soon as may be", 0, 0 },
	{ 0 },
};
#undef IN

/*
 * Trouble with the folder that is shared with the receiver is told of once,
 * and keeps nobody from fetching.
 */
static int
complain(struct book *book, const struct round_options *how,
    const char *subject, const struct fault *why)
{
	struct fault ignored = { 0 };
	bool first = true;

	if (!how->quiet ||
	    book_tell(book, 0, subject, why->text, &first, &ignored) == -1 ||
	    first)
		log_fault(why);
	return fault_exit(why);
}

static int
no_complaint(struct book *book, const char *subject)
{
	struct fault f = { 0 };

	if (book_heard(book, 0, subject, &f) == -1)
		log_fault(&f);
	return fault_exit(&f);
}

/*
 * A feed that is named on the command line leaves what was told of others
 * where it is.
 */
static int
take_inbox(struct book *book, const struct settings *settings,
    const struct options *o, const struct round_options *how,
    struct inbox *inbox)
{
	struct fault f = { 0 };

	if (how->dry_run || o->arguments.count > 0 || how->from != NULL ||
	    settings->notify.folder == NULL)
		return EXIT_DONE;
	if (inbox_take(settings, how->now, how->told_only, inbox, &f) == -1)
		return complain(book, how, "!news", &f);
	return no_complaint(book, "!news");
}

static int
publish_inbox(struct book *book, const struct settings *settings,
    const struct round_options *how)
{
	struct fault f = { 0 };

	if (how->dry_run || settings->notify.folder == NULL)
		return EXIT_DONE;
	if (inbox_publish(settings, book, &f) == -1)
		return complain(book, how, "!notify", &f);
	return no_complaint(book, "!notify");
}

static int
fetch_all(const struct settings *settings, const struct options *o,
    const struct round_options *given, struct report *out)
{
	OWNED(book_close) struct book book = BOOK_INIT;
	OWNED(http_close) struct http *http = NULL;
	OWNED(inbox_clear) struct inbox inbox = INBOX_INIT;
	OWNED(announce_clear) struct announce_list list = { .list = NULL };
	struct round_options how = *given;
	struct fault f = { 0 };
	int status;
	size_t i;

	if (book_open(settings->state, FETCH_LOCK_SECONDS, &book, &f) == -1 ||
	    (how.dry_run && db_rehearse(book.db, &f) == -1) ||
	    reach_open(&settings->reach, &http, &f) == -1) {
		log_fault(&f);
		return fault_exit(&f);
	}
	how.inbox = &inbox;
	how.announce = &list;
	status = take_inbox(&book, settings, o, &how, &inbox);
	for (i = 0; i < settings->follow_count; i++)
		if (chosen_has(o, settings->follows[i].name))
			status = exit_worse(status,
			    round_feed(&book, http, settings,
				&settings->follows[i], &how, out));
	status = exit_worse(status, publish_inbox(&book, settings, &how));
	/* Others who are slow keep no run of this wiki waiting. */
	book_close(&book);
	announce_all(&list, http);
	quiet_keep(settings->state, &list, how.now);
	return status;
}

/* Is there anything to do?  By the splay, or when others told of news. */
static int
wait_turn(const struct settings *settings, const struct options *o,
    const struct given *given, bool *go, struct fault *f)
{
	*go = true;
	if (!given->notified)
		return splay_wait(settings->state, given->splay, f);
	if (settings->notify.folder == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "option '--notified' needs a "
		    "section [notify] in the configuration");
	if (o->arguments.count > 0 || o->dry_run || given->from != NULL)
		return fault_set(f, FAULT_CONFIG,
		    "option '--notified' goes "
		    "with no feed, '--dry-run' or '--from'");
	if (given->splay > 0)
		return fault_set(f, FAULT_CONFIG,
		    "option '--notified' goes without '--splay': it waits as "
		    "'jitter' in section [notify] says");
	return inbox_wait(settings, go, f);
}

static int
run(const struct options *o, const struct given *given, struct fault *f)
{
	OWNED(settings_clear) struct settings settings = { .state = NULL };
	OWNED(report_free) struct report *out = NULL;
	struct round_options how = { .from = given->from,
		.dry_run = o->dry_run,
		.quiet = o->verbosity == LOG_QUIET,
		.told_only = given->notified };
	int status;
	bool go;

	if (settings_load(o->config, &settings, f) == -1 ||
	    chosen_check(o, &settings, f) == -1 ||
	    file_become_owner(settings.state, f) == -1 ||
	    wait_turn(&settings, o, given, &go, f) == -1)
		return fault_exit(f);
	if (!go)
		return EXIT_DONE;
	if (given->rate > 0)
		settings.reach.way.rate = given->rate;
	if (report_start(o->json, STDOUT_FILENO, &out, f) == -1)
		return fault_exit(f);
	how.now = time_now();
	status = fetch_all(&settings, o, &how, out);
	if (report_end(out, f) == -1)
		status = exit_worse(status, fault_exit(f));
	return status;
}

int
fetch_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct given given = { .from = NULL };

	if (options_parse(verb, argc, argv, &given, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	return run(&o, &given, f);
}
