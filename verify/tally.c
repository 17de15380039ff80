#include "verify/tally.h"

static const char *const names[TALLY_RESULTS] = {
	[TALLY_GOOD] = "good",
	[TALLY_MISSING] = "missing",
	[TALLY_BAD] = "bad",
	[TALLY_EXPIRED] = "expired",
	[TALLY_STRAY] = "stray",
	[TALLY_ORPHAN] = "orphan",
	[TALLY_GONE] = "gone",
};

static bool
is_shown(const struct tally *t, enum tally_result result)
{
	return t->json || t->verbosity == LOG_VERBOSE ||
	    (result != TALLY_GOOD && result != TALLY_ORPHAN &&
		result != TALLY_GONE);
}

static int
status_of(enum tally_result result)
{
	if (result == TALLY_MISSING || result == TALLY_BAD)
		return EXIT_REFUSED;
	return result == TALLY_EXPIRED ? EXIT_EXPIRED : EXIT_DONE;
}

int
tally_add(struct tally *t, enum tally_result result, const char *kind,
    const char *name, const char *cause, struct fault *f)
{
	t->count[result]++;
	t->status = exit_worse(t->status, status_of(result));
	if (!is_shown(t, result))
		return 0;
	report_row(t->out, "file");
	report_text(t->out, "kind", kind);
	report_text(t->out, "name", name);
	report_text(t->out, "result", names[result]);
	report_text(t->out, "cause", cause);
	return report_row_end(t->out, f);
}

bool
tally_is_finding(const struct fault *why)
{
	return why->kind == FAULT_FORMAT || why->kind == FAULT_LIMIT ||
	    why->kind == FAULT_UNSIGNED || why->kind == FAULT_BEHIND ||
	    why->kind == FAULT_FORK;
}

int
tally_fault(struct tally *t, const char *kind, const char *name,
    const struct fault *why, struct fault *f)
{
	if (tally_is_finding(why))
		return tally_add(t, TALLY_BAD, kind, name, why->text, f);
	*f = *why;
	return fault_within(f, "'%s'", name);
}

int
tally_text(const struct tally *t, struct buf *out, struct fault *f)
{
	size_t i;

	for (i = 0; i < TALLY_RESULTS; i++)
		if ((i == TALLY_GOOD || t->count[i] > 0) &&
		    buf_format(out, f, "%s%lld %s", i > 0 ? ", " : "",
			(long long)t->count[i], names[i]) == -1)
			return -1;
	return 0;
}

void
tally_fields(const struct tally *t)
{
	size_t i;

	for (i = 0; i < TALLY_RESULTS; i++)
		report_number(t->out, names[i], t->count[i]);
}
