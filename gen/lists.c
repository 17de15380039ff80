#include "gen/lists.h"

#include <string.h>

#include "gen/glance.h"
#include "items/came.h"
#include "items/line_set.h"
#include "items/lint.h"
#include "items/patterns.h"

const char lists_schema[] =
    "CREATE TABLE left_out ("
    " feed INTEGER NOT NULL, path TEXT NOT NULL, pattern TEXT NOT NULL,"
    " reason TEXT NOT NULL, current INTEGER NOT NULL,"
    " PRIMARY KEY (feed, path, pattern)) WITHOUT ROWID;";

/* A list that changed. */
struct list {
	struct item was, is; /* was may have no kind */
	char *path;
	struct buf old, text; /* contents */
	struct buf came;      /* its new patterns, one a line */
	size_t first;	      /* of these, in the lint */
};

struct lists {
	struct ledger *ledger;
	const struct ledger_feed *published;
	int64_t feed, serial;
	struct scan_result *result;
	struct lint *lint;
	struct list *list;
	size_t count;
};

static void
list_clear(struct list *l)
{
	item_clear(&l->was);
	item_clear(&l->is);
	free(l->path);
	buf_clear(&l->old);
	buf_clear(&l->text);
	buf_clear(&l->came);
}

static void
lists_clear(struct lists *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		list_clear(&s->list[i]);
	free(s->list);
	lint_free(&s->lint);
}

/* ---- which lists changed ---- */

static int
add_list(struct lists *s, const struct item *was, const struct item *is,
    const char *path, struct fault *f)
{
	struct list *grown =
	    reallocarray(s->list, s->count + 1, sizeof(*grown));
	struct list *l;

	if (grown == NULL)
		return fault_memory(f);
	s->list = grown;
	l = &grown[s->count++];
	*l = (struct list){ .path = strdup(path),
		.old = BUF_INIT(BUF_ANY),
		.text = BUF_INIT(BUF_ANY),
		.came = BUF_INIT(BUF_ANY) };
	if (l->path == NULL)
		return fault_memory(f);
	if (was->kind != ITEM_NONE && item_copy(was, &l->was, f) == -1)
		return -1;
	return item_copy(is, &l->is, f);
}

static int
find_lists(struct lists *s, int64_t previous, struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	const struct item *was, *is;
	const char *path;
	bool have;

	if (shelf_diff_open(s->ledger->shelf, s->feed, previous, s->serial,
		&diff, f) == -1)
		return -1;
	for (;;) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (is->kind == ITEM_PATTERNS &&
		    add_list(s, was, is, path, f) == -1)
			return -1;
	}
}

/* ---- judging ---- */

static int
add_new_lines(struct lists *s, struct list *l, struct fault *f)
{
	struct shelf *shelf = s->ledger->shelf;
	struct patterns_walk walk;
	struct patterns_line line;

	if (shelf_content_bytes(shelf, &l->is.digest, &l->text, f) == -1 ||
	    (l->was.kind == ITEM_PATTERNS &&
		shelf_content_bytes(shelf, &l->was.digest, &l->old, f) == -1) ||
	    came_patterns(&l->old, &l->text, &l->came, f) == -1)
		return -1;
	l->first = lint_count(s->lint);
	walk = patterns_walk(l->came.data, l->came.len);
	while (patterns_next(&walk, &line))
		if (lint_add(s->lint, line.text, line.size, f) == -1)
			return -1;
	return 0;
}

/* ---- leaving out ---- */

static int
leave_out(struct lists *s, const struct list *l,
    const struct patterns_line *line, const char *reason, struct fault *f)
{
	OWNED_BUF struct buf pattern = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	struct db *db = s->ledger->db;
	int64_t known;

	if (buf_add(&pattern, line->text, line->size, f) == -1 ||
	    item_describe(&l->is, &text, f) == -1 ||
	    buf_format(&text, f, ": line %zu: '%s' %s", line->number,
		pattern.data, reason) == -1 ||
	    db_one(db, 0, &known, f,
		"SELECT count(*) FROM left_out WHERE feed = ? AND path = ?"
		" AND pattern = ? AND reason = ?",
		"ittt", s->feed, l->path, pattern.data, reason) == -1 ||
	    db_run(db, f, "INSERT OR REPLACE INTO left_out VALUES (?,?,?,?,1)",
		"ittt", s->feed, l->path, pattern.data, reason) == -1)
		return -1;
	s->result->left_out++;
	return scan_say(s->result, text.data, known > 0, f);
}

/* Bad lines of a list: all of them, and as they stand in it at first. */
struct bad {
	struct line_set set;
	struct patterns_walk came;
	struct patterns_line next; /* text NULL: no more */
	size_t number;		   /* of the next one, in the lint */
};

static void
bad_clear(struct bad *bad)
{
	line_set_clear(&bad->set);
}

static void
go_to_next(struct bad *bad)
{
	do {
		bad->number++;
		if (!patterns_next(&bad->came, &bad->next)) {
			bad->next.text = NULL;
			return;
		}
	} while (!line_set_has(&bad->set, bad->next.text, bad->next.size));
}

static bool
is_next(const struct bad *bad, const struct patterns_line *line)
{
	return bad->next.text != NULL && bad->next.size == line->size &&
	    memcmp(bad->next.text, line->text, line->size) == 0;
}

/* What was published already may have come for a second time. */
static int
find_bad(const struct lists *s, const struct list *l, struct bad *bad,
    struct fault *f)
{
	OWNED(line_set_clear) struct line_set published = LINE_SET_INIT;
	struct patterns_walk walk = patterns_walk(l->came.data, l->came.len);
	struct patterns_line line;
	size_t i;

	for (i = l->first; patterns_next(&walk, &line); i++) {
		if (lint_answer(s->lint, i) == LINT_GOOD)
			continue;
		if (published.count == 0 &&
		    line_set_add_patterns(&published, l->old.data, l->old.len,
			f) == -1)
			return -1;
		if (!line_set_has(&published, line.text, line.size) &&
		    line_set_add(&bad->set, line.text, line.size, f) == -1)
			return -1;
	}
	return 0;
}

static int
filter(struct lists *s, const struct list *l, struct bad *bad, struct buf *kept,
    struct fault *f)
{
	struct patterns_walk walk = patterns_walk(l->text.data, l->text.len);
	struct patterns_line line;
	size_t from = 0;

	bad->came = patterns_walk(l->came.data, l->came.len);
	bad->number = l->first - 1;
	go_to_next(bad);
	for (; patterns_next(&walk, &line); from = walk.at) {
		if (is_next(bad, &line)) {
			if (leave_out(s, l, &line,
				lint_reason(s->lint, bad->number), f) == -1)
				return -1;
			go_to_next(bad);
		} else if (!line_set_has(&bad->set, line.text, line.size) &&
		    buf_add(kept, l->text.data + from, walk.at - from, f) ==
			-1) {
			return -1;
		}
	}
	return 0;
}

static int
put_filtered(struct lists *s, struct list *l, const struct buf *kept,
    struct fault *f)
{
	struct shelf *shelf = s->ledger->shelf;

	l->is.size = (int64_t)kept->len;
	digest_of(kept->data, kept->len, &l->is.digest);
	/* Then nothing is new. */
	if (l->was.kind != ITEM_NONE && item_same_state(&l->was, &l->is))
		s->result->put--;
	if (shelf_keep_bytes(shelf, &l->is.digest, kept->data, kept->len, f) ==
	    -1)
		return -1;
	return shelf_put(shelf, s->feed, s->serial, &l->is, f);
}

static int
finish_list(struct lists *s, struct list *l, struct fault *f)
{
	OWNED(bad_clear) struct bad bad = { .set = LINE_SET_INIT };
	OWNED_BUF struct buf kept = BUF_INIT(BUF_ANY);
	struct db *db = s->ledger->db;

	if (find_bad(s, l, &bad, f) == -1 ||
	    db_run(db, f,
		"UPDATE left_out SET current = 0 WHERE feed = ? AND path = ?",
		"it", s->feed, l->path) == -1 ||
	    (bad.set.count > 0 && filter(s, l, &bad, &kept, f) == -1) ||
	    db_run(db, f,
		"DELETE FROM left_out WHERE feed = ? AND path = ?"
		" AND NOT current",
		"it", s->feed, l->path) == -1)
		return -1;
	return bad.set.count == 0 ? 0 : put_filtered(s, l, &kept, f);
}

static int
judge(struct lists *s, struct fault *f)
{
	size_t i;

	if (lint_new(&s->lint, f) == -1)
		return -1;
	for (i = 0; i < s->count; i++)
		if (add_new_lines(s, &s->list[i], f) == -1)
			return -1;
	if (lint_count(s->lint) > 0 &&
	    (lint_innocent(s->lint, f) == -1 ||
		glance_search(s->ledger, s->published, s->serial, s->lint, f) ==
		    -1))
		return -1;
	for (i = 0; i < s->count; i++)
		if (finish_list(s, &s->list[i], f) == -1)
			return -1;
	return 0;
}

int
lists_lint(struct ledger *ledger, const struct ledger_feed *feed,
    int64_t serial, struct scan_result *result, struct fault *f)
{
	struct lists s = { .ledger = ledger,
		.published = feed,
		.feed = feed->row,
		.serial = serial,
		.result = result };
	int rc = 0;

	if (result->put > 0)
		rc = find_lists(&s, feed->serial, f);
	if (rc == 0 && s.count > 0)
		rc = judge(&s, f);
	lists_clear(&s);
	return rc;
}
