/*
 * wikicast-fetch: the follower's program.  Has the network and the wiki, no
 * secret key, and no parser of what strangers send: wikicast-verify is its
 * worker.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "fetch/announcing.h"
#include "fetch/fetch.h"
#include "fetch/follow.h"
#include "fetch/mirroring.h"
#include "fetch/past.h"
#include "fetch/resolve.h"
#include "fetch/resume.h"
#include "fetch/rollback.h"
#include "fetch/status.h"
#include "fetch/unfollow.h"

typedef int verb_run(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

static const struct options_verb verbs[] = {
	{ "follow", "NAME URL...", "follow a feed by its URLs and signers", 2,
	    OPTIONS_ANY, follow_rows, follow_more },
	{ "unfollow", "NAME", "stop following a feed; its pages stay", 1, 1,
	    NULL, NULL },
	{ "fetch", "[FEED...]", "bring followed feeds up to date, and install",
	    0, OPTIONS_ANY, fetch_rows, NULL },
	{ "mirror", "URL... DIR", "keep a verified copy of a feed to serve", 1,
	    OPTIONS_ANY, mirroring_rows, mirroring_more },
	{ "announce", "[FEED...]", "tell others that there is news", 0,
	    OPTIONS_ANY, NULL, announcing_more },
	{ "status", "[FEED...]", "show where feeds and mirrors stand", 0,
	    OPTIONS_ANY, NULL, status_more },
	{ "log", "[FEED]", "show what arrived when, and what became of it", 0,
	    1, past_rows, NULL },
	{ "rollback", "FEED [SERIAL]",
	    "put shared pages back to an earlier serial, and hold there", 1, 2,
	    rollback_rows, rollback_more },
	{ "resume", "FEED", "end a hold, after a person has looked", 1, 1, NULL,
	    NULL },
	{ "resolve", "PAGE", "settle a conflict with a local edit", 1, 1,
	    resolve_rows, resolve_more },
	{ 0 },
};

/* In the order of the verbs. */
static verb_run *const runs[] = { follow_verb, unfollow_verb, fetch_verb,
	mirroring_verb, announcing_verb, status_verb, past_verb, rollback_verb,
	resume_verb, resolve_verb };

/*
 * All files are closed and written.  What libraries would tidy up at exit the
 * kernel takes back at once: for OpenSSL's tables alone a poll would spend a
 * fiftieth of its time.  Sanitizers and coverage look at the process when it
 * exits.
 */
static void __attribute__((noreturn)) leave(int status)
{
#ifdef WIKICAST_TIDY_EXIT
	exit(status);
#else
	_exit(status);
#endif
}

int
main(int argc, char *argv[])
{
	const struct options_verb *verb;
	struct fault f = { 0 };
	int status;

	log_start("wikicast", LOG_NORMAL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (options_choose(verbs, argc, argv, &verb, &f) == -1)
		status = fault_exit(&f);
	else if (verb == NULL)
		status = EXIT_DONE;
	else
		status = runs[verb - verbs](verb, argc, argv, &f);
	log_fault(&f);
	if (fflush(stdout) != 0)
		status = exit_worse(status, EXIT_LOCAL);
	leave(status);
}
