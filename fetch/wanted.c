#include "fetch/wanted.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "fetch/partial.h"
#include "items/limits.h"

#define TRIES 2	     /* requests of a URL in a run */
#define FAILURES 2   /* of a mirror, in a row and without a byte */
#define LATE_MS 5000 /* for a piece, when nothing else is to be done ... */
#define FASTER 4     /* ... and another mirror is so many times as fast */

void
wanted_free(struct wanted **p)
{
	struct wanted *w = own_give(p);

	if (w == NULL)
		return;
	own_close_fd(&w->fd);
	buf_clear(&w->url);
	free(w->tries);
	free(w->passed);
	free(w);
}

int
wanted_find(struct download *d, const struct download_file *file,
    struct wanted **out, struct fault *f)
{
	OWNED(wanted_free) struct wanted *w = NULL;
	struct wanted **more;
	size_t i;

	for (i = 0; i < d->wanted_count; i++) {
		*out = d->wanted[i];
		if ((*out)->sort == file->sort &&
		    (*out)->whole == file->whole &&
		    digest_equal(&(*out)->digest, &file->digest))
			return 0;
	}
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return fault_memory(f);
	w->sort = file->sort;
	w->digest = file->digest;
	w->length = file->length;
	w->whole = file->whole;
	w->at = file->at;
	w->source = WANTED_NOBODY;
	w->fd = -1;
	buf_init(&w->url, BUF_ANY);
	tree_name(w->sort, w->whole != NULL ? &w->whole->digest : &w->digest,
	    w->name);
	w->tries = calloc(d->where.mirrors->count + 1, 1);
	w->passed = calloc(d->where.mirrors->count + 1, sizeof(*w->passed));
	if (w->tries == NULL || w->passed == NULL)
		return fault_memory(f);
	more = reallocarray(d->wanted, d->wanted_count + 1, sizeof(*more));
	if (more == NULL)
		return fault_memory(f);
	d->wanted = more;
	d->wanted[d->wanted_count++] = *out = own_give(&w);
	return 0;
}

int
wanted_folder(struct download *d, struct fault *f)
{
	if (d->folder != -1)
		return 0;
	return partial_folder(d->where.folder, &d->folder, f);
}

/* A signature has no digest that it could be known by, so it is no part. */
static int
open_part(struct download *d, struct wanted *w, struct fault *f)
{
	w->size = 0;
	if (w->sort == TREE_SIGNATURE)
		return file_temporary(d->where.folder, &w->fd, f);
	if (wanted_folder(d, f) == -1)
		return -1;
	return partial_open(d->folder, &w->digest, w->file->length, &w->fd,
	    &w->size, f);
}

static int
empty_part(struct wanted *w, struct fault *f)
{
	w->size = 0;
	w->source = WANTED_NOBODY;
	w->etag[0] = '\0';
	return file_cut(w->fd, 0, f);
}

static int
is_right(struct wanted *w, bool *right, struct fault *f)
{
	struct digest is;
	int64_t size;

	*right = w->sort == TREE_SIGNATURE;
	if (*right)
		return 0;
	if (digest_of_fd(w->fd, &is, &size, f) == -1)
		return -1;
	*right = size == w->file->length && digest_equal(&is, &w->digest);
	return 0;
}

/* To whoever waits for it: whole, verified, at its start.  A piece stays. */
static int
deliver(struct wanted *w, struct fault *f)
{
	if (lseek(w->fd, 0, SEEK_SET) == -1)
		return fault_set(f, FAULT_SYSTEM, "cannot seek in '%s'",
		    w->name);
	if (w->whole == NULL)
		w->file->fd = own_give_fd(&w->fd);
	w->file->why = (struct fault){ 0 };
	w->file = NULL;
	w->delivered = w->sort != TREE_SIGNATURE;
	return 0;
}

/* What a former run left may be all of it, or not what it should be. */
static int
look_at_part(struct wanted *w, struct fault *f)
{
	bool right;

	if (w->sort == TREE_SIGNATURE || w->size < w->file->length)
		return 0;
	if (is_right(w, &right, f) == -1)
		return -1;
	return right ? deliver(w, f) : empty_part(w, f);
}

int
wanted_open(struct download *d, struct wanted *w, struct download_file *file,
    struct fault *f)
{
	w->file = file;
	if (open_part(d, w, f) == -1)
		return -1;
	return look_at_part(w, f);
}

void
wanted_close(struct wanted *w)
{
	own_close_fd(&w->fd);
	w->fd = -1;
	w->file = NULL;
}

/* ---- requests ---- */

/*
 * Of a file that a mirror does not have, or of which it had a bad piece, it is
 * asked for no piece; nor is one without ranges.
 */
static bool
may_ask(const struct download *d, const struct wanted *w, size_t i)
{
	const struct seat *seat = &d->seats[i];

	if ((w->whole != NULL &&
		(seat->ranges == RANGES_NONE || w->whole->passed[i])) ||
	    mirror_state(&d->where.mirrors->list[i], d->where.now) ==
		MIRROR_QUIET)
		return false;
	return !seat->out && w->tries[i] < TRIES;
}

/* One at a time until it is known what comes of it. */
static int
connections(const struct download *d, const struct wanted *w, size_t i)
{
	return w->whole != NULL && d->seats[i].ranges != RANGES_GOOD ?
	    1 :
	    HTTP_HOST_CONNECTIONS;
}

/*
 * Pieces come from all at once.  So do files, when there are more than the one
 * that gave the feed has connections for.
 */
static int
rank(const struct download *d, const struct wanted *w, size_t i)
{
	bool gave = i == d->giver && w->whole == NULL &&
	    d->seats[i].busy < connections(d, w, i);

	return mirror_file_rank(&d->where.mirrors->list[i], gave, d->where.now);
}

/* Is mirror i the better one to ask than j?  Both may be asked. */
static bool
is_better(const struct download *d, const struct wanted *w, size_t i, size_t j)
{
	int a = rank(d, w, i), b = rank(d, w, j);

	if (w->tries[i] != w->tries[j])
		return w->tries[i] < w->tries[j];
	if (a != b)
		return a < b;
	return d->seats[i].busy < d->seats[j].busy;
}

size_t
wanted_choose(const struct download *d, const struct wanted *w, bool *ready)
{
	size_t i, best = WANTED_NOBODY;

	for (i = 0; i < d->where.mirrors->count; i++)
		if (may_ask(d, w, i) &&
		    (best == WANTED_NOBODY || is_better(d, w, i, best)))
			best = i;
	*ready = best != WANTED_NOBODY &&
	    d->seats[best].busy < connections(d, w, best);
	return best;
}

int
wanted_ask(struct download *d, struct wanted *w, size_t mirror, struct fault *f)
{
	const struct mirror *m = &d->where.mirrors->list[mirror];

	if (w->pure && w->source != mirror && empty_part(w, f) == -1)
		return -1;
	w->mirror = mirror;
	buf_reset(&w->url);
	if (buf_format(&w->url, f, "%s%s", m->url, w->name) == -1)
		return -1;
	w->asked = time_ticks();
	http_job(&w->job, w->url.data, w->fd, w->file->length);
	w->job.configured = m->configured;
	w->job.start = w->size;
	if (w->whole != NULL) {
		w->job.part = w->at;
		w->job.whole = w->whole->length;
		/* So many share a line, which may be a thin one. */
		w->job.limits =
		    http_limits_for(HTTP_CONNECTIONS * w->file->length);
	}
	/* A weak ETag is no promise about bytes; a piece needs none. */
	if (w->whole == NULL && w->source == mirror &&
	    strncmp(w->etag, "W/", 2) != 0)
		w->job.if_range = w->etag;
	if (d->where.limits != NULL)
		w->job.limits = *d->where.limits;
	w->tries[mirror]++;
	d->seats[mirror].busy++;
	d->under_way++;
	return http_add(d->where.http, &w->job, f);
}

/* ---- blame ---- */

static bool
is_lie(const struct fault *why)
{
	return why->kind == FAULT_FORMAT || why->kind == FAULT_LIMIT;
}

/*
 * One more line; and the file's own cause, in which a lie is more telling than
 * a mirror that could not be reached.
 */
static int
refuse(struct download *d, struct wanted *w, const struct fault *why,
    struct fault *f)
{
	const struct mirror *m = &d->where.mirrors->list[w->mirror];
	struct fault said = *why;
	char **more, *line;

	if (w->whole != NULL)
		(void)fault_within(&said, "piece %lld",
		    (long long)(w->at / PIECE_SIZE) + 1);
	(void)fault_within(&said, "mirror '%s': '%s'", m->url, w->name);
	if (is_lie(&said) || !is_lie(&w->file->why))
		w->file->why = said;
	more = reallocarray(d->refusals, d->refusal_count + 1, sizeof(*more));
	if (more == NULL)
		return fault_memory(f);
	d->refusals = more;
	line = strdup(said.text);
	if (line == NULL)
		return fault_memory(f);
	d->refusals[d->refusal_count++] = line;
	return 0;
}

/* The mirror is put back as well. */
static int
blame(struct download *d, struct wanted *w, const struct fault *why,
    struct fault *f)
{
	struct seat *seat = &d->seats[w->mirror];
	struct mirror *m = &d->where.mirrors->list[w->mirror];

	if (refuse(d, w, why, f) == -1)
		return -1;
	if (seat->told)
		return 0;
	seat->told = true;
	return mirror_failed(d->where.db, m, why->text, w->job.got.retry_after,
	    d->where.now, f);
}

/*
 * No use in asking it for this again, nor for other pieces; but for the whole
 * file, if need be, since a piece table may be wrong.
 */
static void
ask_no_more(struct wanted *w)
{
	w->tries[w->mirror] = TRIES;
	if (w->whole != NULL)
		w->whole->passed[w->mirror] = true;
}

/* The mirror's file is not what was signed. */
static int
blame_lie(struct download *d, struct wanted *w, const struct fault *why,
    struct fault *f)
{
	ask_no_more(w);
	return blame(d, w, why, f);
}

/* ---- answers ---- */

/* Which mirror are the bytes in the part from? */
static void
note_source(struct wanted *w)
{
	const struct http_result *got = &w->job.got;

	if (got->began == -1)
		return;
	if (got->began > 0 && w->source != w->mirror) {
		w->source = WANTED_NOBODY; /* of more than one */
		return;
	}
	w->source = w->mirror;
	memcpy(w->etag, got->etag, sizeof(w->etag));
}

/* A whole answer: is it the file? */
static int
judge_copy(struct download *d, struct wanted *w, struct fault *f)
{
	struct mirror *m = &d->where.mirrors->list[w->mirror];
	const struct http_result *got = &w->job.got;
	struct fault why = { 0 };
	bool right;

	if (w->sort != TREE_SIGNATURE && got->size < w->file->length) {
		(void)fault_set(&why, FAULT_FORMAT,
		    "is %lld bytes long, not "
		    "%lld as signed",
		    (long long)got->size, (long long)w->file->length);
		return empty_part(w, f) == -1 ? -1 : blame_lie(d, w, &why, f);
	}
	if (is_right(w, &right, f) == -1)
		return -1;
	if (right) {
		if (mirror_speed(d->where.db, m, got->received, got->ms, f) ==
		    -1)
			return -1;
		if (w->whole != NULL)
			d->seats[w->mirror].ranges = RANGES_GOOD;
		return deliver(w, f);
	}
	if (w->source == w->mirror) {
		(void)fault_set(&why, FAULT_FORMAT,
		    "has another digest than was signed");
		return empty_part(w, f) == -1 ? -1 : blame_lie(d, w, &why, f);
	}
	w->pure = true;
	(void)fault_set(&why, FAULT_FORMAT,
	    "does not fit to the part that "
	    "was there already; asking for all of it");
	return empty_part(w, f) == -1 ? -1 : refuse(d, w, &why, f);
}

/* Nothing came, or not all of it. */
static int
judge_failure(struct download *d, struct wanted *w, struct fault *f)
{
	const struct http_result *got = &w->job.got;
	struct seat *seat = &d->seats[w->mirror];

	switch (got->answer) {
	case HTTP_LOCAL:
		*f = got->why;
		return -1;
	case HTTP_GONE: /* a mirror that is not yet complete is no bad one */
		ask_no_more(w);
		return refuse(d, w, &got->why, f);
	case HTTP_NO_RANGES:
		seat->ranges = RANGES_NONE;
		return refuse(d, w, &got->why, f);
	case HTTP_TOO_LARGE:
		if (empty_part(w, f) == -1)
			return -1;
		return blame_lie(d, w, &got->why, f);
	case HTTP_REFUSED:
		return blame_lie(d, w, &got->why, f);
	case HTTP_BUSY:
	case HTTP_TLS:
		seat->out = true;
		return blame(d, w, &got->why, f);
	default:
		if (got->began == -1 || got->size == got->began)
			seat->out = ++seat->failures >= FAILURES;
		return blame(d, w, &got->why, f);
	}
}

/* ---- pieces that are late ---- */

size_t
wanted_rescuer(const struct download *d, const struct wanted *w)
{
	const struct http_result *got = &w->job.got;
	int64_t ms = time_ticks() - w->asked, rate;
	int64_t share = http_share(d->where.http);
	size_t i;

	if (w->whole == NULL || ms < LATE_MS || got->size == w->file->length)
		return WANTED_NOBODY;
	rate = got->began == -1 ? 0 : (got->size - got->began) * 1000 / ms;
	if (share > 0 && rate >= share / FASTER)
		return WANTED_NOBODY; /* it is we who are slow */
	for (i = 0; i < d->where.mirrors->count; i++)
		if (may_ask(d, w, i) && d->seats[i].ranges == RANGES_GOOD &&
		    d->seats[i].busy == 0 &&
		    d->where.mirrors->list[i].rate > FASTER * rate)
			return i;
	return WANTED_NOBODY;
}

static void
count(struct download *d, struct wanted *w)
{
	d->under_way--;
	d->seats[w->mirror].busy--;
	d->count.requests++;
	d->count.sent += w->job.got.sent;
	d->count.received += w->job.got.received;
	note_source(w);
}

int
wanted_hand_over(struct download *d, struct wanted *w, size_t mirror,
    struct fault *f)
{
	struct fault why = { 0 };

	http_cancel(d->where.http, &w->job);
	count(d, w);
	if (w->job.got.began != -1)
		w->size = w->job.got.size;
	(void)fault_set(&why, FAULT_NETWORK,
	    "is slow; another mirror goes on with it");
	if (refuse(d, w, &why, f) == -1)
		return -1;
	return wanted_ask(d, w, mirror, f);
}

int
wanted_settle(struct download *d, struct wanted *w, struct fault *f)
{
	struct seat *seat = &d->seats[w->mirror];
	const struct http_result *got = &w->job.got;

	count(d, w);
	if (got->answer != HTTP_OK && got->answer != HTTP_PARTIAL)
		return judge_failure(d, w, f);
	seat->failures = 0;
	return judge_copy(d, w, f);
}
