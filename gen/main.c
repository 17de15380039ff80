/*
 * wikicast-gen: the publisher's program.  Has the secret key and the
 * publisher's wiki, and no network.
 */
#include <signal.h>

#include "base/log.h"
#include "base/options.h"
#include "feeds/xml.h"
#include "gen/init.h"
#include "gen/run.h"

typedef int verb_run(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f);

static const struct options_verb verbs[] = {
	{ "init", "NAME", "make a publisher: folder, key, configuration", 1, 1,
	    init_rows, init_more },
	{ "gen", "[FEED...]", "publish what changed in the wiki", 0,
	    OPTIONS_ANY, run_rows, NULL },
	{ 0 },
};

/* In the order of the verbs. */
static verb_run *const runs[] = { init_verb, run_verb };

int
main(int argc, char *argv[])
{
	const struct options_verb *verb;
	struct fault f = { 0 };
	int status;

	log_start("wikicast", LOG_NORMAL);
	(void)signal(SIGPIPE, SIG_IGN);
	xml_start();
	if (options_choose(verbs, argc, argv, &verb, &f) == -1)
		status = fault_exit(&f);
	else if (verb == NULL)
		status = EXIT_DONE;
	else
		status = runs[verb - verbs](verb, argc, argv, &f);
	log_fault(&f);
	return status;
}
