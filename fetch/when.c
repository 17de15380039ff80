#include "fetch/when.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

int
when_since(const char *text, int64_t now, int64_t *out, struct fault *f)
{
	struct fault ignored = { 0 };
	char day[TIME_TEXT];
	int64_t seconds;

	if (time_parse(text, out, &ignored) == 0)
		return 0;
	if (duration_parse(text, &seconds, &ignored) == 0) {
		*out = now - seconds;
		return 0;
	}
	if (strlen(text) == 10) {
		(void)snprintf(day, sizeof(day), "%sT00:00:00Z", text);
		if (time_parse(day, out, &ignored) == 0)
			return 0;
	}
	return fault_set(f, FAULT_CONFIG,
	    "option '--since': '%s' is not a "
	    "time such as 2026-11-24, 2026-11-24T06:25:33Z or 3d",
	    text);
}
