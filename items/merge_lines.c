#include <string.h>

#include "items/merge.h"

struct line {
	const char *text; /* without its LF */
	size_t n;
	bool ends; /* has an LF */
	bool top;  /* of the instructions */
};

struct lines {
	struct line *list;   /* in their order */
	struct line *sorted; /* by bytes */
	size_t count;
};

static void
lines_clear(struct lines *l)
{
	free(l->list);
	free(l->sorted);
}

static int
compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int got = n > 0 ? memcmp(x->text, y->text, n) : 0;

	return got != 0 ? got : (x->n > y->n) - (x->n < y->n);
}

static bool
has(const struct lines *l, const struct line *line)
{
	return l->count > 0 &&
	    bsearch(line, l->sorted, l->count, sizeof(*line), compare) != NULL;
}

static size_t
count_lines(const struct merge_text *t)
{
	size_t count = 1, i;

	for (i = 0; i < t->n; i++)
		count += t->text[i] == '\n';
	return count;
}

/* As Moin reads them, they end at a line that is "#", too. */
static bool
is_instruction(const struct line *line)
{
	return line->n > 1 && line->text[0] == '#';
}

static int
split(const struct merge_text *t, struct lines *l, struct fault *f)
{
	const char *p = t->text, *end = t->text + t->n, *lf;
	size_t count = count_lines(t);
	bool top = true;

	l->list = calloc(count, sizeof(*l->list));
	l->sorted = calloc(count, sizeof(*l->sorted));
	if (l->list == NULL || l->sorted == NULL)
		return fault_memory(f);
	for (; p < end; p += l->list[l->count++].n + 1) {
		struct line *line = &l->list[l->count];

		lf = memchr(p, '\n', (size_t)(end - p));
		*line = (struct line){ .text = p,
			.n = (size_t)((lf != NULL ? lf : end) - p),
			.ends = lf != NULL };
		top = top && is_instruction(line);
		line->top = top;
	}
	if (l->count > 0)
		memcpy(l->sorted, l->list, l->count * sizeof(*l->list));
	qsort(l->sorted, l->count, sizeof(*l->sorted), compare);
	return 0;
}

/* last: the line that was added before, or NULL. */
static int
add(struct buf *out, const struct line **last, const struct line *line,
    struct fault *f)
{
	if (*last != NULL && buf_add(out, "\n", 1, f) == -1)
		return -1;
	*last = line;
	return buf_add(out, line->text, line->n, f);
}

struct three {
	struct lines base, ours, theirs;
};

static void
three_clear(struct three *t)
{
	lines_clear(&t->base);
	lines_clear(&t->ours);
	lines_clear(&t->theirs);
}

static int
add_ours(const struct three *t, bool top, const struct line **last,
    struct merge_result *out, struct fault *f)
{
	size_t i;

	for (i = 0; i < t->ours.count; i++) {
		const struct line *line = &t->ours.list[i];

		if (line->n == 0 || line->top != top || has(&t->base, line) ||
		    has(&t->theirs, line))
			continue;
		out->added++;
		if (add(&out->text, last, line, f) == -1)
			return -1;
	}
	return 0;
}

static int
add_theirs(const struct three *t, const struct line **last,
    struct merge_result *out, struct fault *f)
{
	size_t i;

	for (i = 0; i < t->theirs.count; i++) {
		const struct line *line = &t->theirs.list[i];
		bool gone =
		    line->n > 0 && has(&t->base, line) && !has(&t->ours, line);

		out->removed += gone;
		if (!gone && add(&out->text, last, line, f) == -1)
			return -1;
	}
	return 0;
}

int
merge_lines(const struct merge_sides *sides, struct merge_result *out,
    struct fault *f)
{
	OWNED(three_clear) struct three t = { { NULL } };
	const struct line *last = NULL;

	if (split(&sides->base, &t.base, f) == -1 ||
	    split(&sides->ours, &t.ours, f) == -1 ||
	    split(&sides->theirs, &t.theirs, f) == -1 ||
	    add_ours(&t, true, &last, out, f) == -1 ||
	    add_theirs(&t, &last, out, f) == -1 ||
	    add_ours(&t, false, &last, out, f) == -1)
		return -1;
	if (last != NULL && last->ends && buf_add(&out->text, "\n", 1, f) == -1)
		return -1;
	out->verdict = MERGE_CLEAN;
	return 0;
}
