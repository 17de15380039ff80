#include "items/came.h"

#include <string.h>

#include "items/line_set.h"
#include "items/patterns.h"

#define LOOK 16 /* lines that came or went at one place, to go on behind them */

/* A list up to its end, which the end that both have in common is not in. */
struct side {
	const char *text;
	size_t n, at;
};

struct line {
	const char *text;
	size_t size; /* without its LF */
};

struct walk {
	struct side old, list;
	struct line_set went;
	struct buf came; /* whole lines */
};

/* Of two texts, the bytes that they begin with alike. */
static size_t
common(const char *a, const char *b, size_t n)
{
	uint64_t x, y;
	size_t i = 0;

	for (; n - i >= sizeof(x); i += sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		if (x != y)
			break;
	}
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/* Go on to the first line that is not the same on both sides. */
static void
pass_common(struct walk *w)
{
	const char *text = w->list.text + w->list.at;
	size_t a = w->old.n - w->old.at, b = w->list.n - w->list.at;
	size_t n = common(w->old.text + w->old.at, text, a < b ? a : b);

	while (n > 0 && text[n - 1] != '\n')
		n--;
	w->old.at += n;
	w->list.at += n;
}

/* Leave out whole lines that both end with. */
static void
cut_common(struct walk *w)
{
	size_t a = w->old.n, b = w->list.n, a_end = a, b_end = b;

	while (a > w->old.at && b > w->list.at &&
	    w->old.text[a - 1] == w->list.text[b - 1]) {
		/* Behind a line's end is where a line begins on both sides. */
		if (w->old.text[a - 1] == '\n') {
			a_end = a;
			b_end = b;
		}
		a--;
		b--;
	}
	w->old.n = a_end;
	w->list.n = b_end;
}

/* The line at a place, which moves behind it; false at the end. */
static bool
next_line(const struct side *s, size_t *at, struct line *line)
{
	const char *start = s->text + *at, *end;

	if (*at >= s->n)
		return false;
	end = memchr(start, '\n', s->n - *at);
	line->text = start;
	line->size = end != NULL ? (size_t)(end - start) : s->n - *at;
	*at += line->size + (end != NULL);
	return true;
}

static bool
is_same(const struct line *a, const struct line *b)
{
	return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

/*
 * Where the two go on alike: before old_at and list_at, of which one stays
 * where it was unless nothing near is the same, which makes it a changed line.
 */
static void
find_place(const struct walk *w, size_t *old_at, size_t *list_at)
{
	size_t a = w->old.at, b = w->list.at, a_before, b_before;
	struct line old = { NULL, 0 }, came = { NULL, 0 }, other;
	bool have_old = next_line(&w->old, &a, &old);
	bool have_came = next_line(&w->list, &b, &came);
	int i;

	*old_at = a;
	*list_at = b;
	if (have_old && have_came && is_same(&old, &came))
		return;
	for (i = 0; have_old && have_came && i < LOOK; i++) {
		b_before = b;
		if (next_line(&w->list, &b, &other) && is_same(&other, &old)) {
			*old_at = w->old.at;
			*list_at = b_before;
			return;
		}
		a_before = a;
		if (next_line(&w->old, &a, &other) && is_same(&other, &came)) {
			*old_at = a_before;
			*list_at = w->list.at;
			return;
		}
	}
}

static int
pass_changed(struct walk *w, struct fault *f)
{
	size_t old_at, list_at;

	find_place(w, &old_at, &list_at);
	if (line_set_add_patterns(&w->went, w->old.text + w->old.at,
		old_at - w->old.at, f) == -1 ||
	    buf_add(&w->came, w->list.text + w->list.at, list_at - w->list.at,
		f) == -1)
		return -1;
	w->old.at = old_at;
	w->list.at = list_at;
	return 0;
}

static int
put_came(const struct walk *w, struct buf *out, struct fault *f)
{
	struct patterns_walk walk = patterns_walk(w->came.data, w->came.len);
	OWNED(line_set_clear) struct line_set put = LINE_SET_INIT;
	struct patterns_line line;

	while (patterns_next(&walk, &line)) {
		if (line.size == 0 ||
		    line_set_has(&w->went, line.text, line.size) ||
		    line_set_has(&put, line.text, line.size))
			continue;
		if (line_set_add(&put, line.text, line.size, f) == -1 ||
		    buf_add(out, line.text, line.size, f) == -1 ||
		    buf_add(out, "\n", 1, f) == -1)
			return -1;
	}
	return 0;
}

int
came_patterns(const struct buf *old, const struct buf *list, struct buf *out,
    struct fault *f)
{
	struct walk w = { .old = { old->data, old->len, 0 },
		.list = { list->data, list->len, 0 },
		.went = LINE_SET_INIT,
		.came = BUF_INIT(BUF_ANY) };
	int rc = 0;

	pass_common(&w);
	cut_common(&w);
	while (rc == 0 && w.list.at < w.list.n) {
		rc = pass_changed(&w, f);
		pass_common(&w);
	}
	if (rc == 0)
		rc = line_set_add_patterns(&w.went, w.old.text + w.old.at,
		    w.old.n - w.old.at, f);
	if (rc == 0)
		rc = put_came(&w, out, f);
	line_set_clear(&w.went);
	buf_clear(&w.came);
	return rc;
}
