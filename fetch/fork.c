#include "fetch/fork.h"

#include <string.h>

#include "base/file.h"
#include "feeds/judge.h"
#include "fetch/arrival.h"

const char fork_schema[] =
    "ALTER TABLE feed ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN disputed_to INTEGER NOT NULL DEFAULT 0;";

static int
keep(struct book *book, const char *feed, int64_t serial,
    const struct buf *document, struct fault *f)
{
	OWNED_BUF struct buf name = BUF_INIT(BUF_ANY);
	char hex[DIGEST_TEXT];
	struct digest d;

	if (document->len == 0)
		return 0;
	digest_of(document->data, document->len, &d);
	digest_format(&d, hex);
	if (buf_format(&name, f, "evidence/%s-%lld-%s.atom", feed,
		(long long)serial, hex) == -1 ||
	    file_make_folders(book->folder, "evidence", 0700, f) == -1)
		return -1;
	return file_replace(book->folder, name.data, document->data,
	    document->len, 0600, f);
}

int
fork_begin(struct book *book, struct book_feed *feed,
    const struct fork_seen *seen, struct fault *f)
{
	int64_t theirs = seen->head->serial;

	if (keep(book, seen->name, feed->serial, &feed->document, f) == -1 ||
	    keep(book, seen->name, theirs, seen->document, f) == -1)
		return -1;
	feed->forked = true;
	feed->disputed = seen->serial;
	feed->disputed_to = theirs > feed->serial ? theirs : feed->serial;
	if (db_begin(book->db, f) == -1 ||
	    book_feed_save(book, feed, f) == -1 ||
	    book_event(book, feed->row, seen->now, feed->serial, NULL, "fork",
		seen->why->text, f) == -1)
		return -1;
	return db_commit(book->db, f);
}

int
fork_look(struct book *book, const struct book_feed *feed,
    const struct feed *head, int64_t now, struct fault *why, struct fault *f)
{
	struct digest state;
	bool have;

	if (judge_expired(head, now))
		return 0;
	if (book_accepted_state(book, feed->row, head->serial, &state, &have,
		f) == -1)
		return -1;
	if (have && !digest_equal(&state, &head->state))
		(void)fault_set(why, FAULT_FORK,
		    "fork: serial %lld is signed "
		    "with another state than the one accepted before",
		    (long long)head->serial);
	return 0;
}

int
fork_stands(const struct book_feed *feed, const char *name, struct fault *f)
{
	return fault_set(f, FAULT_FORK,
	    "a fork was seen; nothing is "
	    "installed until 'wikicast resume %s', or until the publisher "
	    "jumps ahead of serial %lld",
	    name, (long long)feed->disputed_to);
}

int
fork_is_over(struct chase *c, int64_t now, bool *over, struct fault *f)
{
	const struct book_feed *feed = c->feed;
	struct judge_known known = { .id = feed->id,
		.serial = feed->disputed_to,
		.trust = feed->trust };
	bool has;

	*over = false;
	if (judge_feed(&known, c->head, now) != JUDGE_NEWS ||
	    judge_expired(c->head, now))
		return 0;
	if (chase_has_rows(c, feed->disputed, feed->disputed_to, &has, f) == -1)
		return -1;
	*over = !has;
	return 0;
}

int
fork_end(struct book *book, struct book_feed *feed, struct fault *f)
{
	if (shelf_forget(book->shelf, feed->row, f) == -1 ||
	    arrival_forget(book->db, feed->row, f) == -1 ||
	    db_run(book->db, f, "DELETE FROM accepted WHERE feed = ?", "i",
		feed->row) == -1)
		return -1;
	feed->forked = false;
	feed->disputed = feed->disputed_to = 0;
	feed->serial = 0;
	feed->stored = 0;
	feed->settled = 0;
	feed->updated = 0;
	feed->state = (struct digest){ { 0 } };
	buf_reset(&feed->head);
	buf_reset(&feed->document);
	return 0;
}
