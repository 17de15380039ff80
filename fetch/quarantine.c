#include "fetch/quarantine.h"

#include <string.h>

#include "base/log.h"
#include "fetch/chosen.h"
#include "fetch/proof.h"
#include "items/came.h"
#include "items/line_set.h"
#include "items/patterns.h"

#define TOLD_MAX 10 /* lines in a run; status has them all */

const char quarantine_schema[] =
    "CREATE TABLE judged ("
    " feed INTEGER NOT NULL, path TEXT NOT NULL, content BLOB NOT NULL,"
    " PRIMARY KEY (feed, path)) WITHOUT ROWID;"
    "CREATE TABLE quarantine ("
    " feed INTEGER NOT NULL, path TEXT NOT NULL, pattern TEXT NOT NULL,"
    " reason TEXT NOT NULL, told INTEGER NOT NULL, current INTEGER NOT NULL,"
    " PRIMARY KEY (feed, path, pattern)) WITHOUT ROWID;";

int
quarantine_forget(struct db *db, int64_t feed, struct fault *f)
{
	if (db_run(db, f, "DELETE FROM judged WHERE feed = ?", "i", feed) == -1)
		return -1;
	return db_run(db, f, "DELETE FROM quarantine WHERE feed = ?", "i",
	    feed);
}

/* ---- what was judged before ---- */

struct sorting {
	const struct look_at *at;
	const char *path;
	const struct item *item;
	struct buf *text;
	struct buf before;	/* the list that was judged last, */
	struct buf quarantined; /* and what was bad in it */
	struct buf came;	/* lines since then */
	struct buf unknown;	/* lines to judge, */
	struct line_set asked;	/* the same, and those that are never judged */
	struct line_set bad;
};

/*
 * The list that was judged last, if the shelf still has it.  Under other
 * rules: what was let in by the old ones was not judged.
 */
static int
load_before(struct sorting *s, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	const struct book *book = s->at->book;
	struct fault why = { 0 };
	struct digest content;
	bool have;

	if (!s->at->same_rules)
		return 0;
	if (db_query(book->db, &q, f,
		"SELECT content FROM judged WHERE feed = ? AND path = ?", "it",
		s->at->feed->row, s->path) == -1 ||
	    db_next(&q, &have, f) == -1)
		return -1;
	if (!have)
		return 0;
	if (db_digest(&q, 0, &content, f) == -1)
		return -1;
	if (shelf_content_bytes(book->shelf, &content, &s->before, &why) == 0 ||
	    why.kind == FAULT_BUG) /* so old that it was not kept */
		return 0;
	*f = why;
	return -1;
}

static int
load_quarantined(struct sorting *s, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(s->at->book->db, &q, f,
		"SELECT pattern FROM quarantine WHERE feed = ? AND path = ?",
		"it", s->at->feed->row, s->path) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (buf_add_text(&s->quarantined, db_text(&q, 0), f) == -1 ||
		    buf_add_text(&s->quarantined, "\n", f) == -1)
			return -1;
	}
}

static int
add_allowed(struct sorting *s, struct fault *f)
{
	const struct words *allow = &s->at->follow->allow;
	size_t i;

	for (i = 0; i < allow->count; i++)
		if (line_set_add(&s->asked, allow->word[i],
			strlen(allow->word[i]), f) == -1)
			return -1;
	return 0;
}

/* A reason that changed is told of again. */
static int
put_bad(struct db *db, int64_t feed, const char *path, const char *pattern,
    const char *reason, struct fault *f)
{
	return db_run(db, f,
	    "INSERT INTO quarantine VALUES (?,?,?,?,0,1)"
	    " ON CONFLICT DO UPDATE SET current = 1,"
	    " told = told AND reason = excluded.reason,"
	    " reason = excluded.reason",
	    "ittt", feed, path, pattern, reason);
}

/* ---- judging ---- */

static int
ask(struct sorting *s, const struct patterns_line *line, struct fault *f)
{
	if (line_set_has(&s->asked, line->text, line->size))
		return 0;
	if (line_set_add(&s->asked, line->text, line->size, f) == -1 ||
	    buf_add(&s->unknown, line->text, line->size, f) == -1)
		return -1;
	return buf_add_text(&s->unknown, "\n", f);
}

/* Whatever was in quarantine and still is in the list. */
static int
ask_again(struct sorting *s, struct fault *f)
{
	OWNED(line_set_clear) struct line_set bad = LINE_SET_INIT;
	struct patterns_walk walk = patterns_walk(s->text->data, s->text->len);
	struct patterns_line line;

	if (s->quarantined.len == 0)
		return 0;
	if (line_set_add_patterns(&bad, s->quarantined.data, s->quarantined.len,
		f) == -1)
		return -1;
	while (patterns_next(&walk, &line))
		if (line.size > 0 && line_set_has(&bad, line.text, line.size) &&
		    ask(s, &line, f) == -1)
			return -1;
	return 0;
}

static int
find_unknown(struct sorting *s, struct fault *f)
{
	struct patterns_walk walk;
	struct patterns_line line;

	if (load_before(s, f) == -1 || load_quarantined(s, f) == -1 ||
	    add_allowed(s, f) == -1 ||
	    came_patterns(&s->before, s->text, &s->came, f) == -1)
		return -1;
	walk = patterns_walk(s->came.data, s->came.len);
	while (patterns_next(&walk, &line))
		if (ask(s, &line, f) == -1)
			return -1;
	return ask_again(s, f);
}

static int
take_verdict(struct sorting *s, const struct worker_verdict *v, struct fault *f)
{
	struct patterns_walk walk =
	    patterns_walk(s->unknown.data, s->unknown.len);
	struct db *db = s->at->book->db;
	struct patterns_line line;
	size_t i = 0;

	while (patterns_next(&walk, &line)) {
		OWNED_BUF struct buf pattern = BUF_INIT(BUF_ANY);

		if (i == v->count || v->bad[i].line != (int64_t)line.number)
			continue;
		if (buf_add(&pattern, line.text, line.size, f) == -1 ||
		    put_bad(db, s->at->feed->row, s->path, pattern.data,
			v->bad[i++].reason, f) == -1 ||
		    line_set_add(&s->bad, line.text, line.size, f) == -1)
			return -1;
	}
	return 0;
}

static int
judge(struct sorting *s, struct fault *f)
{
	OWNED(worker_verdict_clear) struct worker_verdict v = { NULL, 0 };

	if (find_unknown(s, f) == -1)
		return -1;
	if (s->unknown.len == 0)
		return 0;
	if (proof_judge(s->at, s->item->name, &s->unknown, &v, f) == -1)
		return -1;
	return take_verdict(s, &v, f);
}

static int
leave_out(const struct sorting *s, struct buf *kept, struct fault *f)
{
	struct patterns_walk walk = patterns_walk(s->text->data, s->text->len);
	struct patterns_line line;
	size_t from = 0;

	while (patterns_next(&walk, &line)) {
		/* With its line end, which the last one may lack. */
		if ((line.size == 0 ||
			!line_set_has(&s->bad, line.text, line.size)) &&
		    buf_add(kept, s->text->data + from, walk.at - from, f) ==
			-1)
			return -1;
		from = walk.at;
	}
	return 0;
}

static int
filter(struct sorting *s, struct fault *f)
{
	OWNED_BUF struct buf kept = BUF_INIT(BUF_ANY);
	int64_t feed = s->at->feed->row;
	struct db *db = s->at->book->db;

	if (db_run(db, f,
		"UPDATE quarantine SET current = 0"
		" WHERE feed = ? AND path = ?",
		"it", feed, s->path) == -1 ||
	    judge(s, f) == -1 ||
	    db_run(db, f,
		"DELETE FROM quarantine WHERE feed = ? AND path = ?"
		" AND NOT current",
		"it", feed, s->path) == -1 ||
	    db_run(db, f, "INSERT OR REPLACE INTO judged VALUES (?,?,?)", "itd",
		feed, s->path, &s->item->digest) == -1)
		return -1;
	if (s->bad.count == 0)
		return 0;
	if (leave_out(s, &kept, f) == -1)
		return -1;
	buf_reset(s->text);
	return buf_add(s->text, kept.data, kept.len, f);
}

int
quarantine_filter(const struct look_at *at, const struct item *item,
    struct buf *text, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
	struct sorting s = { .at = at,
		.item = item,
		.text = text,
		.before = BUF_INIT(BUF_ANY),
		.quarantined = BUF_INIT(BUF_ANY),
		.came = BUF_INIT(BUF_ANY),
		.unknown = BUF_INIT(BUF_ANY) };
	int rc = item_path(item, &path, f);

	s.path = path.data;
	if (rc == 0)
		rc = filter(&s, f);
	line_set_clear(&s.asked);
	line_set_clear(&s.bad);
	buf_clear(&s.before);
	buf_clear(&s.quarantined);
	buf_clear(&s.came);
	buf_clear(&s.unknown);
	return rc;
}

/* ---- telling ---- */

static int
tell(const char *feed_name, const struct db_query *row, bool would,
    struct fault *f)
{
	OWNED_BUF struct buf item = BUF_INIT(BUF_ANY);
	void (*say)(const char *fmt, ...) = would ? log_note : log_warn;

	if (chosen_item(db_text(row, 0), &item, f) == -1)
		return -1;
	say("feed '%s': %s: the pattern '%s' %s left out: it %s", feed_name,
	    item.data, db_text(row, 1), would ? "would be" : "is",
	    db_text(row, 2));
	return 0;
}

int
quarantine_tell(struct book *book, const struct book_feed *feed,
    const char *feed_name, int64_t now, bool would, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	int64_t count = 0;
	bool have;

	if (db_query(book->db, &q, f,
		"SELECT path, pattern, reason FROM quarantine"
		" WHERE feed = ? AND NOT told",
		"i", feed->row) == -1)
		return -1;
	for (;;) {
		OWNED_BUF struct buf cause = BUF_INIT(BUF_ANY);

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (count++ < TOLD_MAX && tell(feed_name, &q, would, f) == -1)
			return -1;
		if (buf_format(&cause, f, "'%s' %s", db_text(&q, 1),
			db_text(&q, 2)) == -1 ||
		    book_event(book, feed->row, now, book_goal(feed),
			db_text(&q, 0), "left out", cause.data, f) == -1)
			return -1;
	}
	db_done(&q);
	if (count > TOLD_MAX)
		log_warn("feed '%s': %lld more patterns are left out; "
			 "'wikicast status' has them all",
		    feed_name, (long long)(count - TOLD_MAX));
	return db_run(book->db, f,
	    "UPDATE quarantine SET told = 1 WHERE feed"
	    " = ? AND NOT told",
	    "i", feed->row);
}
