#include "verify/lint_errand.h"

#include "feeds/parcel.h"
#include "items/lint.h"
#include "items/patterns.h"

static int
add_lines(struct lint *l, const char *list, size_t n, struct fault *f)
{
	struct patterns_walk walk = patterns_walk(list, n);
	struct patterns_line line;

	while (patterns_next(&walk, &line))
		if (line.size > 0 && lint_add(l, line.text, line.size, f) == -1)
			return -1;
	return 0;
}

static int
search_texts(struct lint *l, const struct map *texts, struct fault *f)
{
	struct parcel p = { texts->bytes, texts->size, 0 };
	const char *text;
	size_t n;

	while (p.at < p.len) {
		OWNED_MEM char *where = NULL;

		if (parcel_get_text(&p, LINT_REASON, &where, f) == -1 ||
		    parcel_get_bytes(&p, 2 * (size_t)ITEM_SIZE_MAX, &text, &n,
			f) == -1)
			return -1;
		if (lint_search(l, where == NULL ? "" : where, text, n, f) ==
		    -1)
			return -1;
	}
	return 0;
}

static int
put_answer(const struct lint *l, const char *list, size_t n, struct buf *out,
    struct fault *f)
{
	struct patterns_walk walk = patterns_walk(list, n);
	struct patterns_line line;
	int64_t bad = 0;
	size_t i;

	for (i = 0; i < lint_count(l); i++)
		bad += lint_answer(l, i) != LINT_GOOD;
	if (parcel_put_number(out, bad, f) == -1)
		return -1;
	i = 0;
	while (patterns_next(&walk, &line)) {
		if (line.size == 0 || lint_answer(l, i++) == LINT_GOOD)
			continue;
		if (parcel_put_number(out, (int64_t)line.number, f) == -1 ||
		    parcel_put_text(out, lint_reason(l, i - 1), f) == -1)
			return -1;
	}
	return 0;
}

int
lint_errand(const char *list, size_t size, const struct map *texts,
    struct buf *out, struct fault *f)
{
	OWNED(lint_free) struct lint *l = NULL;

	if (lint_new(&l, f) == -1 || add_lines(l, list, size, f) == -1 ||
	    lint_innocent(l, f) == -1 || search_texts(l, texts, f) == -1)
		return -1;
	return put_answer(l, list, size, out, f);
}
