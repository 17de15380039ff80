#include "fetch/accept.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "feeds/judge.h"
#include "feeds/parcel.h"
#include "fetch/accept_work.h"
#include "fetch/chase.h"
#include "fetch/download.h"
#include "fetch/fork.h"
#include "fetch/mirror.h"
#include "fetch/trust.h"
#include "fetch/worker.h"

#define KEYS_EVERY (7 * 86400) /* seconds: key.asc is looked at again */

/* What came of asking one mirror. */
enum answer {
	ANSWER_NOTHING, /* nothing usable: the worst cause is kept */
	ANSWER_STANDS,	/* what we have is the newest that it has */
	ANSWER_TAKE,	/* a good document that is newer than ours */
};

void
accept_result_clear(struct accept_result *r)
{
	free(r->mirror);
	*r = (struct accept_result){ .news = false };
}

/* ---- what went wrong, and with whom ---- */

static void
keep_worst(struct accept *a, const struct fault *why)
{
	int is = fault_exit(why), was = fault_exit(&a->worst);

	if (a->worst.kind == FAULT_NONE ||
	    (is != was && exit_worse(is, was) == is))
		a->worst = *why;
}

/* A mirror's copy is no good: noted with the mirror, which is put back. */
static int
blame(struct accept *a, struct mirror *m, const struct fault *why,
    int64_t retry_after, struct fault *f)
{
	struct fault said = *why;

	(void)fault_within(&said, "mirror '%s'", m->url);
	log_detail("feed '%s': %s", a->follow->name, said.text);
	keep_worst(a, &said);
	if (why->kind == FAULT_BEHIND || why->kind == FAULT_EXPIRED)
		return 0;
	return mirror_failed(a->book->db, m, why->text, retry_after, a->now, f);
}

bool
accept_is_ours(const struct fault *f)
{
	return f->kind == FAULT_MEMORY || f->kind == FAULT_SYSTEM ||
	    f->kind == FAULT_BUG || f->kind == FAULT_CONFIG;
}

/* ---- getting files ---- */

static void
count(struct accept *a, const struct http_job *job)
{
	a->result->requests++;
	a->result->sent += job->got.sent;
	a->result->received += job->got.received;
}

int
accept_open_download(struct accept *a, const char *giver, bool spare,
    struct download **download, struct fault *f)
{
	struct download_where where = { .http = a->http,
		.db = a->book->db,
		.mirrors = &a->mirrors,
		.folder = a->book->folder,
		.now = a->now,
		.label = a->follow->name,
		.giver = giver,
		.spare = spare,
		.keep = a->options->keep };

	return download_open(&where, download, f);
}

void
accept_count_download(struct accept *a, const struct download *download)
{
	struct download_count n;

	download_count(download, &n);
	a->result->requests += n.requests;
	a->result->sent += n.sent;
	a->result->received += n.received;
}

/* GET one of the unsigned names of a feed's folder into an empty descriptor. */
static int
get(struct accept *a, const struct mirror *m, const char *name, int64_t max,
    bool conditional, int out, struct http_result *got, struct fault *f)
{
	OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);
	struct http_job job;

	if (buf_format(&url, f, "%s%s", m->url, name) == -1)
		return -1;
	http_job(&job, url.data, out, max);
	job.configured = m->configured;
	job.gzip = strcmp(name, "feed.atom") == 0; /* FORMAT section 6.1 */
	job.fresh = true;
	/* Validators of an older document would make its 304 look like ours. */
	if (conditional && m->serial == a->feed->serial) {
		job.etag = m->etag;
		job.modified = m->modified;
	}
	if (http_get(a->http, &job, f) == -1)
		return -1;
	count(a, &job);
	*got = job.got;
	return 0;
}

/* ---- certificates ---- */

/* key.asc of this mirror, once a run; what it brings of our pins is merged. */
static int
ask_for_keys(struct accept *a, const struct mirror *m, struct fault *f)
{
	struct http_result got;
	OWNED_FD int out = -1;

	a->keys_asked = true;
	if (file_memory("key.asc", &out, f) == -1 ||
	    get(a, m, "key.asc", KEY_MAX, false, out, &got, f) == -1)
		return -1;
	if (got.answer != HTTP_OK) {
		*f = got.why;
		return fault_within(f, "'key.asc'");
	}
	worker_stop(&a->worker);
	if (trust_add(a->book, a->feed, &a->worker, out, f) == -1)
		return fault_within(f, "'key.asc'");
	a->feed->keys_checked = a->options->now;
	/* Whatever becomes of this run: a revocation once seen stays. */
	return book_feed_save(a->book, a->feed, f);
}

/* Once a week; a time ahead was of a clock that was wrong. */
static bool
keys_due(const struct accept *a)
{
	int64_t now = a->options->now, checked = a->feed->keys_checked;

	return now < checked || now >= checked + KEYS_EVERY;
}

/* Fetched where there is none yet, and when they are due. */
static int
keys_if_due(struct accept *a, const struct mirror *m, struct fault *f)
{
	struct fault ignored = { 0 };

	if (a->keys_asked || (trust_has_keys(a->feed) && !keys_due(a)))
		return 0;
	if (!trust_has_keys(a->feed)) {
		if (ask_for_keys(a, m, f) == -1)
			return -1;
		if (trust_has_keys(a->feed))
			return 0;
		return fault_set(f, FAULT_UNSIGNED,
		    "'key.asc' has no certificate of a pinned signer");
	}
	/* A weekly look that fails is no reason to refuse the feed. */
	if (ask_for_keys(a, m, &ignored) == -1)
		log_detail("feed '%s': mirror '%s': %s", a->follow->name,
		    m->url, ignored.text);
	return 0;
}

/* ---- one document ---- */

static int
check_once(struct accept *a, int document, bool *refresh, struct fault *f)
{
	OWNED_MEM char *home = NULL;
	struct worker_trust trust = { .signers = &a->feed->signers,
		.now = a->now };

	*refresh = false;
	if (trust_home(a->book, a->settings->state, a->feed, &home, f) == -1)
		return -1;
	trust.home = home;
	/* One worker, one copy: the last one may have seen another. */
	worker_stop(&a->worker);
	feed_clear(&a->head);
	feed_init(&a->head);
	return worker_feed(&a->worker, &trust, document, &a->head, refresh, f);
}

static int
explain(int document, struct fault *f)
{
	OWNED_BUF struct buf start = BUF_INIT(FEED_MAX);
	struct fault ignored = { 0 };

	if (file_read_fd(document, &start, &ignored) == 0 &&
	    http_looks_like_html(start.data, start.len))
		return fault_set(f, FAULT_UNSIGNED,
		    "'feed.atom' is a web page, not a feed (a log-in page "
		    "of the network?)");
	return fault_within(f, "'feed.atom'");
}

/* Signature, then syntax; other certificates are asked for once. */
static int
check_document(struct accept *a, const struct mirror *m, int document,
    struct fault *f)
{
	struct fault first;
	bool refresh;

	if (keys_if_due(a, m, f) == -1)
		return -1;
	if (check_once(a, document, &refresh, f) == 0)
		return 0;
	if (!refresh || a->keys_asked)
		return explain(document, f);
	first = *f;
	if (ask_for_keys(a, m, f) == -1) {
		if (accept_is_ours(f))
			return -1;
		*f = first;
		return explain(document, f);
	}
	if (check_once(a, document, &refresh, f) == -1)
		return explain(document, f);
	return 0;
}

int
accept_fork_found(struct accept *a, int64_t serial, const struct fault *why,
    struct fault *f)
{
	const struct fork_seen seen = { .name = a->follow->name,
		.head = &a->head,
		.document = &a->document,
		.serial = serial,
		.now = a->now,
		.why = why };

	if (fork_begin(a->book, a->feed, &seen, f) == -1)
		return -1;
	*f = *why;
	return -1;
}

/* Does the candidate leave behind all that is in dispute? */
static int
judge_forked(struct accept *a, struct mirror *m, enum answer *answer,
    struct fault *f)
{
	OWNED(download_close) struct download *download = NULL;
	struct chase c = { .book = a->book,
		.feed = a->feed,
		.head = &a->head,
		.worker = &a->worker,
		.now = a->options->now };
	struct fault why = { 0 };
	bool over = false;

	if (accept_open_download(a, m->url, false, &download, f) == -1)
		return -1;
	c.download = download;
	if (fork_is_over(&c, a->now, &over, &why) == -1) {
		if (!accept_is_ours(&why))
			return blame(a, m, &why, 0, f);
		*f = why;
		return -1;
	}
	accept_count_download(a, download);
	if (over)
		*answer = ANSWER_TAKE;
	return 0;
}

static int
judge(struct accept *a, struct mirror *m, enum answer *answer, struct fault *f)
{
	struct judge_known known = { .id = a->feed->id[0] != '\0' ?
		    a->feed->id :
		    a->follow->id,
		.serial = a->feed->serial,
		.state = a->feed->state,
		.updated = a->feed->updated,
		.trust = a->feed->trust };
	enum judge_answer verdict = judge_feed(&known, &a->head, a->now);
	struct fault why = { 0 };

	*answer = ANSWER_NOTHING;
	if (a->feed->forked)
		return judge_forked(a, m, answer, f);
	if (judge_refuse(verdict, &known, &a->head, a->now, &why) == -1) {
		if (why.kind == FAULT_BEHIND &&
		    fork_look(a->book, a->feed, &a->head, a->now, &why, f) ==
			-1)
			return -1;
		if (why.kind == FAULT_FORK)
			return accept_fork_found(a, a->head.serial, &why, f);
		if (why.kind == FAULT_BEHIND &&
		    mirror_behind(a->book->db, m, a->head.serial, a->now, f) ==
			-1)
			return -1;
		return blame(a, m, &why, 0, f);
	}
	if (judge_expired(&a->head, a->now)) {
		char when[TIME_TEXT];

		time_format(feed_expires(&a->head), when);
		(void)fault_set(&why, FAULT_EXPIRED,
		    "the feed expired at %s; what is installed stands", when);
		return blame(a, m, &why, 0, f);
	}
	*answer = verdict == JUDGE_SAME ? ANSWER_STANDS : ANSWER_TAKE;
	if (verdict != JUDGE_SAME)
		return 0;
	/* The next poll of this mirror can be a conditional one. */
	if (mirror_good(a->book->db, m, a->head.serial, a->now, f) == -1)
		return -1;
	return mirror_validators(a->book->db, m, a->etag, a->modified, f);
}

/* ---- one mirror ---- */

static int
stands(struct accept *a, struct mirror *m, enum answer *answer, struct fault *f)
{
	struct fault why = { 0 };

	if (a->now <= a->feed->expires) {
		*answer = ANSWER_STANDS;
		return mirror_good(a->book->db, m, a->feed->serial, a->now, f);
	}
	(void)fault_set(&why, FAULT_EXPIRED,
	    "the feed has expired; what is installed stands");
	return blame(a, m, &why, 0, f);
}

static int
ask(struct accept *a, struct mirror *m, bool conditional, enum answer *answer,
    struct fault *f)
{
	struct http_result got;
	struct fault why = { 0 };
	OWNED_FD int out = -1;

	*answer = ANSWER_NOTHING;
	if (file_memory("feed.atom", &out, f) == -1 ||
	    get(a, m, "feed.atom", FEED_MAX, conditional, out, &got, f) == -1)
		return -1;
	if (got.answer == HTTP_UNCHANGED)
		return stands(a, m, answer, f);
	if (got.answer == HTTP_LOCAL) {
		*f = got.why;
		return -1;
	}
	if (got.answer != HTTP_OK) {
		(void)fault_within(&got.why, "'feed.atom'");
		return blame(a, m, &got.why, got.retry_after, f);
	}
	if (check_document(a, m, out, &why) == -1) {
		if (!accept_is_ours(&why))
			return blame(a, m, &why, 0, f);
		*f = why;
		return -1;
	}
	buf_reset(&a->document);
	(void)snprintf(a->etag, sizeof(a->etag), "%s", got.etag);
	(void)snprintf(a->modified, sizeof(a->modified), "%s", got.modified);
	if (file_read_fd(out, &a->document, f) == -1)
		return -1;
	return judge(a, m, answer, f);
}

/* The accepted document again: its files may still be missing. */
static int
go_on(struct accept *a, struct mirror *m, struct fault *f)
{
	struct parcel p = { a->feed->head.data, a->feed->head.len, 0 };

	if (a->feed->stored == a->feed->serial)
		return 0;
	feed_clear(&a->head);
	feed_init(&a->head);
	if (parcel_get_feed(&p, &a->head, f) == -1)
		return -1;
	buf_reset(&a->document);
	if (buf_add(&a->document, a->feed->document.data, a->feed->document.len,
		f) == -1)
		return -1;
	(void)snprintf(a->etag, sizeof(a->etag), "%s", m->etag);
	(void)snprintf(a->modified, sizeof(a->modified), "%s", m->modified);
	return accept_take(a, m, f);
}

/* ---- all mirrors ---- */

static int
name_mirror(struct accept *a, const struct mirror *m, struct fault *f)
{
	a->result->mirror = strdup(m->url);
	return a->result->mirror != NULL ? 0 : fault_memory(f);
}

/* What is here is as new as what this mirror has. */
static int
keep_ours(struct accept *a, struct mirror *m, struct fault *f)
{
	if (name_mirror(a, m, f) == -1)
		return -1;
	return go_on(a, m, f);
}

/* One that asked for quiet is not asked, whoever else is left. */
static bool
is_quiet(struct accept *a, const struct mirror *m)
{
	struct fault why = { 0 };
	char when[TIME_TEXT];

	if (mirror_state(m, a->now) != MIRROR_QUIET)
		return false;
	time_format(m->quiet_until, when);
	(void)fault_set(&why, FAULT_NETWORK,
	    "mirror '%s': is busy, and is not asked before %s", m->url, when);
	log_detail("feed '%s': %s", a->follow->name, why.text);
	keep_worst(a, &why);
	return true;
}

/*
 * The first that has news or, unless this wiki was told of some, the first
 * that has no worse than what is here: then `curious` more are asked.
 */
static int
ask_all(struct accept *a, size_t curious, struct fault *f)
{
	bool conditional = a->feed->head.len > 0;
	struct mirror *same = NULL;
	enum answer answer;
	size_t i;

	for (i = 0; i < a->mirrors.count; i++) {
		struct mirror *m = &a->mirrors.list[i];

		if (same != NULL && i >= curious)
			break;
		if (is_quiet(a, m))
			continue;
		if (ask(a, m, conditional, &answer, f) == -1)
			return fault_within(f, "mirror '%s'", m->url);
		/* Past its time: others are asked for all of it. */
		if (answer == ANSWER_NOTHING && a->worst.kind == FAULT_EXPIRED)
			conditional = false;
		if (answer == ANSWER_TAKE) {
			if (name_mirror(a, m, f) == -1)
				return -1;
			return accept_take(a, m, f);
		}
		if (answer == ANSWER_STANDS && same == NULL)
			same = m;
	}
	if (a->feed->forked)
		return fork_stands(a->feed, a->follow->name, f);
	if (same != NULL)
		return keep_ours(a, same, f);
	if (a->worst.kind == FAULT_NONE)
		return fault_set(f, FAULT_CONFIG, "there is no mirror to ask");
	*f = a->worst;
	return -1;
}

static int
run(struct accept *a, struct fault *f)
{
	size_t curious = 0;

	if (trust_start(a->book, a->follow, a->feed, &a->worker, f) == -1 ||
	    mirror_find(a->book->db, a->feed->row, a->follow, a->options->from,
		a->options->now, &a->mirrors, f) == -1)
		return -1;
	if (a->options->told != NULL)
		curious = mirror_told(&a->mirrors, a->options->told, a->now);
	return ask_all(a, curious, f);
}

static void
clear(struct accept *a)
{
	worker_stop(&a->worker);
	mirror_list_clear(&a->mirrors);
	feed_clear(&a->head);
	buf_clear(&a->document);
}

int
accept_feed(struct book *book, struct http *http,
    const struct settings *settings, const struct follow_settings *follow,
    const struct accept_options *options, struct book_feed *feed,
    struct accept_result *result, struct fault *f)
{
	OWNED(clear) struct accept a = { .book = book,
		.http = http,
		.settings = settings,
		.follow = follow,
		.options = options,
		.feed = feed,
		.result = result,
		.worker = WORKER_INIT,
		.document = BUF_INIT(FEED_MAX) };
	int rc;

	*result = (struct accept_result){ .from = feed->stored };
	a.now = judge_now(options->now, feed->newest);
	feed_init(&a.head);
	rc = run(&a, f);
	db_rollback(book->db);
	result->to = feed->stored;
	result->news = result->to != result->from;
	return rc;
}
