#include "fetch/fetch.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "fetch/chosen.h"
#include "fetch/round.h"
#include "fetch/when.h"

#define DAY 86400

struct given {
	const char *from;
	int64_t splay;
};

#define IN(member) offsetof(struct given, member)
const struct options_row fetch_rows[] = {
	{ "from", 0, OPTIONS_TEXT, IN(from), "DIR",
	    "from this folder (a feed's, or a site's) instead of the mirrors",
	    0, 0 },
	{ "splay", 0, OPTIONS_DURATION, IN(splay), "TIME",
	    "not at a terminal: first wait up to so long, for cron", 0, DAY },
	{ 0 },
};
#undef IN

static int
fetch_all(const struct settings *settings, const struct options *o,
    const struct round_options *how, struct report *out)
{
	OWNED(book_close) struct book book = BOOK_INIT;
	OWNED(http_close) struct http *http = NULL;
	struct fault f = { 0 };
	int status = EXIT_DONE;
	size_t i;

	if (book_open(settings->state, FETCH_LOCK_SECONDS, &book, &f) == -1 ||
	    (how->dry_run && db_rehearse(book.db, &f) == -1) ||
	    http_start(&f) == -1 || http_open(&http, &f) == -1) {
		log_fault(&f);
		return fault_exit(&f);
	}
	for (i = 0; i < settings->follow_count; i++)
		if (chosen_has(o, settings->follows[i].name))
			status = exit_worse(status,
			    round_feed(&book, http, settings,
				&settings->follows[i], how, out));
	return status;
}

/* Before any lock is taken; a person does not wait. */
static void
wait_splay(const struct settings *settings, int64_t most)
{
	OWNED_BUF struct buf machine = BUF_INIT(256);
	struct fault ignored = { 0 };
	struct timespec left;
	bool have;

	if (most == 0 || isatty(STDIN_FILENO) == 1 ||
	    isatty(STDERR_FILENO) == 1)
		return;
	if (file_read(AT_FDCWD, "/etc/machine-id", &machine, &have,
		&ignored) == -1 || !have) {
		if (buf_reserve(&machine, 128, &ignored) == 0 &&
		    gethostname(machine.data, 128) == 0)
			machine.data[127] = '\0';
	}
	left = (struct timespec){ .tv_sec = (time_t)when_splay(machine.data,
					  settings->state, most) };
	log_detail("waiting %lld seconds", (long long)left.tv_sec);
	while (nanosleep(&left, &left) == -1)
		continue;
}

static int
run(const struct options *o, const struct given *given, struct fault *f)
{
	OWNED(settings_clear) struct settings settings = { .state = NULL };
	OWNED(report_free) struct report *out = NULL;
	struct round_options how = { .from = given->from,
		.dry_run = o->dry_run, .quiet = o->verbosity == LOG_QUIET };
	int status;

	if (settings_load(o->config, &settings, f) == -1 ||
	    chosen_check(o, &settings, f) == -1 ||
	    file_become_owner(settings.state, f) == -1 ||
	    report_start(o->json, STDOUT_FILENO, &out, f) == -1)
		return fault_exit(f);
	wait_splay(&settings, given->splay);
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
