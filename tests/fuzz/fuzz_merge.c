/*
 * Lists of three sides, none of which is trusted: base, ours and theirs, with
 * a NUL between.  Whatever they are, no line that was added here is lost, and
 * none that was removed here comes back.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "items/merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct merge_text
take(const char **at, size_t *left)
{
	const char *end = memchr(*at, '\0', *left);
	size_t n = end == NULL ? *left : (size_t)(end - *at);
	struct merge_text t = { *at, n };

	*at += n + (end != NULL);
	*left -= n + (end != NULL);
	return t;
}

/* The next line of a text, without its end; false at the end. */
static bool
next(const struct merge_text *t, size_t *at, struct merge_text *line)
{
	const char *end;

	if (*at >= t->n)
		return false;
	end = memchr(t->text + *at, '\n', t->n - *at);
	line->text = t->text + *at;
	line->n = end == NULL ? t->n - *at : (size_t)(end - line->text);
	*at += line->n + 1;
	return true;
}

static bool
has(const struct merge_text *t, const struct merge_text *line)
{
	struct merge_text other;
	size_t at = 0;

	while (next(t, &at, &other))
		if (other.n == line->n &&
		    memcmp(other.text, line->text, line->n) == 0)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(merge_result_clear) struct merge_result r = MERGE_RESULT_INIT;
	const char *at = (const char *)data;
	struct merge_sides s;
	struct merge_text all, line;
	struct fault f = { 0 };
	size_t i = 0;

	if (size == 0 || size > 4096)
		return 0;
	s.base = take(&at, &size);
	s.ours = take(&at, &size);
	s.theirs = take(&at, &size);
	assert(merge_lines(&s, &r, &f) == 0);
	assert(r.verdict == MERGE_CLEAN);
	all = (struct merge_text){ r.text.data, r.text.len };
	while (next(&s.ours, &i, &line))
		assert(line.n == 0 || has(&s.base, &line) || has(&all, &line));
	i = 0;
	while (next(&s.base, &i, &line))
		assert(line.n == 0 || has(&s.ours, &line) || !has(&all, &line));
	i = 0;
	while (next(&all, &i, &line))
		assert(line.n == 0 || has(&s.ours, &line) ||
		    has(&s.theirs, &line));
	return 0;
}
