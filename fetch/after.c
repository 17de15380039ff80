#include "fetch/after.h"

#include <stdio.h>

#include "base/hook.h"

int
after_hook(struct book *book, const struct follow_settings *follow,
    const struct book_feed *feed, bool news, bool *ran, struct fault *f)
{
	OWNED_MEM char *mark = NULL;
	struct hook_result hook = { false, false };
	char serial[48];
	const char *environment[] = { serial, NULL };
	int rc;

	*ran = false;
	if (follow->after.count == 0)
		return 0;
	(void)snprintf(serial, sizeof(serial), "WIKICAST_SERIAL=%lld",
	    (long long)book_goal(feed));
	if (asprintf(&mark, "after-%s.due", follow->name) == -1) {
		mark = NULL;
		return fault_memory(f);
	}
	rc = hook_run(book->folder, mark, news, &follow->after, environment,
	    &hook, f);
	*ran = hook.ran;
	return rc == -1 ? fault_within(f, "feed '%s'", follow->name) : 0;
}
