/*
 * A document that was found good is taken: remembered, and its files fetched
 * and applied, in one transaction.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/file.h"
#include "base/log.h"
#include "feeds/judge.h"
#include "feeds/parcel.h"
#include "fetch/accept_work.h"
#include "fetch/arrival.h"
#include "fetch/chase.h"
#include "fetch/fork.h"
#include "fetch/learn.h"

/* Serials before the newest one: these always, ... */
#define STATES_KEPT 16
#define STATES_TIME (30 * 86400) /* ... those of so many seconds, ... */
#define STATES_MAX 1024		 /* ... but not more than so many. */

static int
remember_head(struct accept *a, struct fault *f)
{
	struct book_feed *feed = a->feed;

	(void)snprintf(feed->id, sizeof(feed->id), "%s", a->head.id);
	feed->serial = a->head.serial;
	feed->state = a->head.state;
	feed->updated = a->head.updated;
	feed->expires = feed_expires(&a->head);
	feed->trust = a->head.trust;
	if (feed->newest < feed->updated)
		feed->newest = feed->updated;
	buf_reset(&feed->head);
	buf_reset(&feed->document);
	if (parcel_put_feed(&feed->head, &a->head, f) == -1)
		return -1;
	return buf_add(&feed->document, a->document.data, a->document.len, f);
}

/* What mirrors did wrong; where that ends the run, its fault says the worst. */
static void
say_refusals(const struct accept *a, const struct download *download)
{
	size_t i, n = download_refusals(download);

	for (i = 0; i < n; i++)
		log_detail("feed '%s': %s", a->follow->name,
		    download_refusal(download, i));
}

/* The newest states are kept: what an undo or a merge starts from. */
static int
forget_old(struct accept *a, struct fault *f)
{
	struct db *db = a->book->db;
	int64_t row = a->feed->row, stored = a->feed->stored, oldest;

	if (arrival_before(db, row, a->options->now - STATES_TIME, &oldest,
		f) == -1)
		return -1;
	if (oldest > stored - STATES_KEPT)
		oldest = stored - STATES_KEPT;
	if (oldest < stored - STATES_MAX)
		oldest = stored - STATES_MAX;
	if (a->feed->held_at > 0 && oldest > a->feed->held_at)
		oldest = a->feed->held_at;
	if (oldest <= 0)
		return 0;
	if (arrival_prune(db, row, oldest, f) == -1)
		return -1;
	return shelf_prune(a->book->shelf, row, oldest, f);
}

/* m gave the document. */
static int
chase(struct accept *a, const struct mirror *m, struct fault *f)
{
	OWNED(download_close) struct download *download = NULL;
	struct chase c = { .book = a->book,
		.feed = a->feed,
		.head = &a->head,
		.worker = &a->worker,
		.now = a->options->now };
	int rc;

	if (a->feed->stored == a->head.serial)
		return 0;
	if (accept_open_download(a, m->url, a->result->spared, &download, f) ==
	    -1)
		return -1;
	c.download = download;
	rc = chase_head(&c, f);
	a->disputed = c.disputed;
	say_refusals(a, download);
	/* Whole files, but bad ones: what is signed is wrong, or leads nowhere. */
	if (rc == -1 && !accept_is_ours(f) &&
	    (download_refusals(download) == 0 || f->kind == FAULT_BEHIND))
		(void)fault_within(f, "mirror '%s'", m->url);
	accept_count_download(a, download);
	if (rc == 0)
		rc = forget_old(a, f);
	a->result->steps = c.steps;
	a->result->snapshots = c.snapshots;
	chase_clear(&c);
	return rc;
}

static int
ask_network(struct accept *a, struct fault *f)
{
	OWNED(download_close) struct download *download = NULL;
	struct learn l = { .db = a->book->db,
		.feed = a->feed->row,
		.url = a->follow->url,
		.worker = &a->worker };
	int rc;

	if (accept_open_download(a, a->result->mirror, false, &download, f) ==
	    -1)
		return -1;
	l.download = download;
	rc = learn_network(&l, &a->head, f);
	say_refusals(a, download);
	accept_count_download(a, download);
	return rc;
}

/* Who else has it; for later runs, and no reason to fail. */
static int
learn(struct accept *a, struct fault *f)
{
	struct fault why = { 0 };
	bool due;

	if (learn_due(a->book->db, a->feed->row, &a->head, &due, f) == -1)
		return -1;
	if (!due || ask_network(a, &why) == 0)
		return 0;
	if (accept_is_ours(&why)) {
		*f = why;
		return -1;
	}
	log_detail("feed '%s': %s", a->follow->name, why.text);
	return 0;
}

/* With the end of a fork goes what was accepted, in the same transaction. */
static int
begin_taking(struct accept *a, bool jump, struct fault *f)
{
	if (db_begin(a->book->db, f) == -1)
		return -1;
	if (!jump)
		return 0;
	if (fork_end(a->book, a->feed, f) == -1)
		return -1;
	return book_event(a->book, a->feed->row, a->now, a->head.serial, NULL,
	    "resumed", "the publisher has jumped ahead of a fork", f);
}

/*
 * Are its files left to the peers?  Whom nobody known told may have been told
 * by this mirror under another name, and be one of the few.
 */
static int
decide_thrift(struct accept *a, const struct mirror *m, struct fault *f)
{
	const struct words *told = a->options->told;
	struct mirror_news news = { .by_clock = a->options->by_clock,
		.serves = a->follow->serve != NULL,
		.follows = a->feed->stored > 0 && !a->feed->forked,
		.again = a->head.serial == a->feed->serial,
		.told = told != NULL &&
		    (told->count == 0 || mirror_told_it(m, told)) };

	if (learn_peers(a->book->db, a->feed->row, &news.peers, f) == -1)
		return -1;
	if (getrandom(&news.lot, sizeof(news.lot), 0) != sizeof(news.lot))
		return fault_system(f, errno, "no random numbers");
	a->result->spared = mirror_spares(&news);
	return 0;
}

/* The peers do not have all of it yet. */
static bool
is_for_later(const struct accept *a, const struct fault *why)
{
	return a->result->spared &&
	    (why->kind == FAULT_NETWORK || why->kind == FAULT_BEHIND);
}

/*
 * The head was verified: it is remembered also when its files cannot be had
 * now, so that nothing older is taken later, and the next run goes on.
 */
int
accept_take(struct accept *a, struct mirror *m, struct fault *f)
{
	struct fault why = { 0 };
	bool later = a->head.serial == a->feed->serial;
	bool jump = a->feed->forked;
	int64_t stored, settled;

	if (decide_thrift(a, m, f) == -1)
		return -1;
	/* Before its files are asked for: they may be lies all the same. */
	if (begin_taking(a, jump, f) == -1 ||
	    mirror_good(a->book->db, m, a->head.serial, a->now, f) == -1)
		return -1;
	stored = a->feed->stored;
	settled = a->feed->settled;
	if (chase(a, m, &why) == -1) {
		db_rollback(a->book->db);
		a->feed->stored = stored;
		a->feed->settled = settled;
		/* What was learnt of the mirrors went with the transaction. */
		if (a->options->from == NULL &&
		    mirror_save(a->book->db, &a->mirrors, f) == -1)
			return -1;
		if (why.kind == FAULT_FORK)
			return accept_fork_found(a, a->disputed, &why, f);
		if (accept_is_ours(&why)) {
			*f = why;
			return -1;
		}
		if (begin_taking(a, jump, f) == -1)
			return -1;
	}
	if (remember_head(a, f) == -1 ||
	    mirror_validators(a->book->db, m, a->etag, a->modified, f) == -1)
		return -1;
	a->feed->success = a->options->now;
	if (book_accept_state(a->book, a->feed->row, a->head.serial,
		&a->head.state, f) == -1 ||
	    book_feed_save(a->book, a->feed, f) == -1 ||
	    (why.kind == FAULT_NONE && learn(a, f) == -1) ||
	    db_commit(a->book->db, f) == -1)
		return -1;
	a->result->signed_anew = later;
	if (is_for_later(a, &why)) {
		log_detail("feed '%s': no peer has the files of serial %lld "
			   "yet; a later run asks for them",
		    a->follow->name, (long long)a->head.serial);
	} else if (why.kind != FAULT_NONE) {
		*f = why;
		return -1;
	}
	return 0;
}
