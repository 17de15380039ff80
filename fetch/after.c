#include "fetch/after.h"

#include <stdio.h>

#include "base/child.h"

int
after_hook(const struct follow_settings *follow, const struct book_feed *feed,
    struct fault *f)
{
	char serial[48];
	const char *environment[] = { serial, NULL };

	(void)snprintf(serial, sizeof(serial), "WIKICAST_SERIAL=%lld",
	    (long long)book_goal(feed));
	if (child_hook(&follow->after, environment, 0, f) == -1)
		return fault_within(f, "feed '%s'", follow->name);
	return 0;
}
