/*
 * wikicast-verify: the offline checker, and the worker that parses for fetch.
 * Has the readers of the format and OpenPGP, no network and no secret key.
 */
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/options.h"
#include "feeds/errand.h"
#include "feeds/xml.h"
#include "verify/lint_lists.h"
#include "verify/verify.h"
#include "verify/worker.h"

static const struct options_verb verbs[] = {
	{ "verify", "DIR|FILE...", "check a published folder or file, offline",
	    1, OPTIONS_ANY, verify_rows, verify_more },
	{ "lint", "FILE...", "check pattern lists", 1, OPTIONS_ANY,
	    lint_lists_rows, lint_lists_more },
	{ 0 },
};

/* fetch starts "wikicast-verify worker" with a socket; no verb for people. */
static bool
is_worker(int argc, char *argv[])
{
	return argc == 2 && strcmp(argv[1], "worker") == 0;
}

static int
run(int argc, char *argv[], struct fault *f)
{
	const struct options_verb *verb;

	if (is_worker(argc, argv))
		return worker_serve(ERRAND_SOCKET, f) == -1 ? fault_exit(f) :
							      EXIT_DONE;
	if (options_choose(verbs, argc, argv, &verb, f) == -1)
		return fault_exit(f);
	if (verb == NULL)
		return EXIT_DONE;
	return verb->rows == lint_lists_rows ?
	    lint_lists_verb(verb, argc, argv, f) :
	    verify_verb(verb, argc, argv, f);
}

int
main(int argc, char *argv[])
{
	struct fault f = { 0 };
	int status;

	log_start("wikicast", LOG_NORMAL);
	(void)signal(SIGPIPE, SIG_IGN);
	xml_start();
	status = run(argc, argv, &f);
	log_fault(&f);
	return status;
}
