#include "fetch/when.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
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

int64_t
when_splay(const char *machine, const char *state, int64_t most)
{
	struct digest_run run;
	struct digest d;
	uint64_t n = 0;
	size_t i;

	digest_start(&run);
	digest_more(&run, machine, strlen(machine) + 1);
	digest_more(&run, state, strlen(state) + 1);
	digest_end(&run, &d);
	for (i = 0; i < sizeof(n); i++)
		n = n << 8 | d.bytes[i];
	return (int64_t)(n % ((uint64_t)most + 1));
}
