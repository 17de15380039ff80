#include "items/merge.h"

#include <stdio.h>
#include <string.h>

#include "base/child.h"
#include "base/file.h"

#define TEXTS_MAX 3
#define TEXT_FD 3 /* of the first one, in the child */

void
merge_result_clear(struct merge_result *r)
{
	buf_clear(&r->text);
	*r = (struct merge_result)MERGE_RESULT_INIT;
}

/* ---- running diff and diff3 ---- */

/* Texts as /dev/fd/3, /dev/fd/4, ...: nothing of them is left on any disk. */
struct tool {
	const char *const *argv;
	const struct merge_text *texts[TEXTS_MAX];
	size_t count;
	bool whole_lines; /* an LF is added where the last one is missing */
};

struct files {
	struct child_fd list[TEXTS_MAX];
	size_t count;
};

static void
close_files(struct files *t)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		own_close_fd(&t->list[i].from);
}

static bool
lacks_end(const struct merge_text *t)
{
	return t->n > 0 && t->text[t->n - 1] != '\n';
}

static int
put_texts(const struct tool *tool, struct files *to, struct fault *f)
{
	size_t i;

	for (i = 0; i < tool->count; i++) {
		const struct merge_text *t = tool->texts[i];
		struct child_fd *fd = &to->list[i];

		if (file_memory("text", &fd->from, f) == -1)
			return -1;
		fd->to = TEXT_FD + (int)i;
		to->count++;
		if (file_write(fd->from, t->text, t->n, f) == -1 ||
		    (tool->whole_lines && lacks_end(t) &&
			file_write(fd->from, "\n", 1, f) == -1))
			return -1;
	}
	return 0;
}

/*
 * Add what it says to out.  *status is its exit status, or 2, its word for
 * trouble, if it could not be run or did not end: then why, if not NULL, has
 * words for it.
 */
static int
run(const struct tool *tool, struct buf *out, int *status, char *why,
    size_t size, struct fault *f)
{
	OWNED(close_files) struct files files = { .count = 0 };
	OWNED_FD int said = -1;
	struct child_plan plan = { .argv = tool->argv,
		.fds = files.list,
		.fd_count = tool->count,
		.seconds = MERGE_SECONDS };
	struct child_end end = { .how = CHILD_EXITED };
	struct fault trouble = { 0 };
	char words[CHILD_TEXT];

	*status = 2;
	if (put_texts(tool, &files, f) == -1 ||
	    file_memory("merged", &said, f) == -1)
		return -1;
	plan.out = said;
	if (child_run(&plan, &end, &trouble) == -1 ||
	    file_read_fd(said, out, &trouble) == -1) {
		(void)snprintf(why, size, "%.*s", (int)size - 1, trouble.text);
		return 0;
	}
	if (end.how == CHILD_EXITED)
		*status = end.number;
	if (*status > 1) {
		*status = 2;
		child_text(&end, words);
		(void)snprintf(why, size, "%s: %s", tool->argv[0], words);
	}
	return 0;
}

/* ---- texts ---- */

static int
refuse(struct merge_result *out, const char *why)
{
	buf_clear(&out->text);
	out->verdict = MERGE_CONFLICT;
	(void)snprintf(out->why, sizeof(out->why), "%s", why);
	return 0;
}

static bool
too_large(const struct merge_sides *s)
{
	return s->base.n > MERGE_TEXT_MAX || s->ours.n > MERGE_TEXT_MAX ||
	    s->theirs.n > MERGE_TEXT_MAX;
}

/*
 * diff3 joins a last line without LF to what follows it, so it gets none
 * such, and whether the text ends with one is merged like a line of its own.
 */
static bool
ends_without(const struct merge_sides *s)
{
	bool base = lacks_end(&s->base), ours = lacks_end(&s->ours);

	return base == ours ? lacks_end(&s->theirs) : ours;
}

int
merge_texts(const struct merge_sides *sides, struct merge_result *out,
    struct fault *f)
{
	/* -E: what both changed alike is no conflict; -A would say so. */
	static const char *const argv[] = { "diff3", "-a", "-m", "-E",
		"/dev/fd/3", "/dev/fd/4", "/dev/fd/5", NULL };
	const struct tool tool = { .argv = argv,
		.texts = { &sides->ours, &sides->base, &sides->theirs },
		.count = 3,
		.whole_lines = true };
	char why[sizeof(out->why)] = "";
	int status;

	if (run(&tool, &out->text, &status, why, sizeof(why), f) == -1)
		return -1;
	if (status == 1)
		return refuse(out, "the same lines were changed");
	if (status != 0)
		return refuse(out, why);
	if (out->text.len > 0 && ends_without(sides))
		buf_cut(&out->text, out->text.len - 1);
	out->verdict = MERGE_CLEAN;
	return 0;
}

int
merge_items(enum item_kind kind, const struct merge_sides *sides,
    struct merge_result *out, struct fault *f)
{
	merge_result_clear(out);
	if (too_large(sides))
		return refuse(out, "is too large to be merged");
	return kind == ITEM_PATTERNS || kind == ITEM_INTERWIKI ?
	    merge_lines(sides, out, f) :
	    merge_texts(sides, out, f);
}

/* ---- for a person ---- */

#define BOTH \
	MERGE_MARK_OURS "\n%<" MERGE_MARK_MIDDLE "\n%>" MERGE_MARK_THEIRS "\n"

int
merge_marked(const struct merge_sides *sides, struct buf *out, struct fault *f)
{
	static const char *const three[] = { "diff3", "-a", "-m", "-E", "-L",
		&MERGE_MARK_OURS[8], "-L", "base", "-L", &MERGE_MARK_THEIRS[8],
		"/dev/fd/3", "/dev/fd/4", "/dev/fd/5", NULL };
	static const char *const two[] = { "diff", "-a",
		"--unchanged-group-format=%=", "--changed-group-format=" BOTH,
		"--old-group-format=" BOTH, "--new-group-format=" BOTH,
		"/dev/fd/3", "/dev/fd/4", NULL };
	bool has_base = sides->base.text != NULL;
	const struct tool tool = { .argv = has_base ? three : two,
		.texts = { &sides->ours,
		    has_base ? &sides->base : &sides->theirs, &sides->theirs },
		.count = has_base ? 3 : 2,
		.whole_lines = true };
	char why[200] = "";
	int status;

	if (too_large(sides))
		return fault_set(f, FAULT_LIMIT, "is too large to be merged");
	if (run(&tool, out, &status, why, sizeof(why), f) == -1)
		return -1;
	return status > 1 ? fault_set(f, FAULT_SYSTEM, "%s", why) : 0;
}

static bool
has_line(const char *text, size_t n, const char *line)
{
	size_t len = strlen(line);
	const char *p = text, *lf;

	for (; n >= len; n -= (size_t)(lf + 1 - p), p = lf + 1) {
		if (memcmp(p, line, len) == 0 && (n == len || p[len] == '\n'))
			return true;
		lf = memchr(p, '\n', n);
		if (lf == NULL)
			break;
	}
	return false;
}

bool
merge_is_marked(const struct merge_sides *sides, const char *text, size_t n)
{
	static const char *const marks[] = { MERGE_MARK_OURS, MERGE_MARK_MIDDLE,
		MERGE_MARK_THEIRS };
	size_t i;

	for (i = 0; i < 3; i++)
		if (has_line(text, n, marks[i]) &&
		    !has_line(sides->ours.text, sides->ours.n, marks[i]) &&
		    !has_line(sides->theirs.text, sides->theirs.n, marks[i]))
			return true;
	return false;
}

int
merge_diff(const struct merge_text *from, const char *from_label,
    const struct merge_text *to, const char *to_label, struct buf *out,
    struct fault *f)
{
	const char *const argv[] = { "diff", "-a", "-u", "--label", from_label,
		"--label", to_label, "/dev/fd/3", "/dev/fd/4", NULL };
	const struct tool tool = { .argv = argv,
		.texts = { from, to },
		.count = 2 };
	char why[200] = "";
	int status;

	if (run(&tool, out, &status, why, sizeof(why), f) == -1)
		return -1;
	return status > 1 ? fault_set(f, FAULT_SYSTEM, "%s", why) : 0;
}
