#include "tests/sim/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feeds/notice.h"
#include "fetch/mirror.h"
#include "fetch/rumour.h"
#include "notify/answer.h"
#include "tests/sim/events.h"
#include "tests/sim/files.h"
#include "tests/sim/summary.h"

#define NEVER ((int64_t)-1)
#define SECOND 1000 /* ms, the unit of time here */
#define TIMEOUT (10 * SECOND)
#define WORK 200 /* ms that a CGI program or a fetch takes */
#define END (48 * 3600 * (int64_t)SECOND)
#define START 1000000000 /* seconds: clocks are not at zero */
/* Bytes both ways, headers included, as the bench counts them. */
#define NOTICE_BYTES 700
#define SAME_BYTES 323
#define NEWS_BYTES 3000
#define FILE_BYTES 3000
#define LARGE_BYTES 20000
#define SNAPSHOT_BYTES 900000
#define MISS_BYTES 420

/* What becomes of one wiki; the publisher is the one behind the last. */
struct wiki {
	int64_t got;	    /* ms, or NEVER; its store has the news */
	int64_t kept;	    /* so does its copy */
	int64_t gone_until; /* ms */
	int64_t due;	    /* seconds */
	struct answer_version told;
	uint32_t source; /* who told, and is known here; NOBODY */
	uint32_t from;	 /* who gave it */
	uint16_t hops;
	bool liar;
	bool busy;	/* it fetches */
	bool seen;	/* the feed, if not its files */
	uint8_t behind; /* serials */
	struct rumour rumour;
	uint8_t order[PEERS_MAX];
	uint8_t next;
};
#define NOBODY UINT32_MAX

static struct world {
	const struct scenario *s;
	const struct graph *g;
	struct wiki *wikis;
	size_t *order; /* of the publisher */
	size_t next;
	int64_t now;
	uint64_t random;
	uint32_t reached;
	int64_t notices, bytes;
	struct result_load load;
	struct files files;
	int64_t *got;
	uint16_t *hops;
	uint32_t size;
} w;

/* ---- chance ---- */

static uint64_t
draw(void)
{
	uint64_t z = w.random += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static double
share(void)
{
	return (double)(draw() >> 11) / 9007199254740992.0;
}

/* One way between two wikis: 20 ms and more, mostly about 80. */
static int64_t
latency(void)
{
	return 20 + (int64_t)(60 * -log(1 - share()));
}

/* ---- telling ---- */

static bool
is_publisher(uint32_t wiki)
{
	return wiki == w.g->wikis;
}

static bool
is_gone(uint32_t wiki)
{
	return w.now < w.wikis[wiki].gone_until;
}

static bool
has_news(uint32_t place)
{
	return w.wikis[place].kept != NEVER && w.wikis[place].kept <= w.now;
}

/* Not who told it, or gave it. */
static uint32_t
next_to_tell(uint32_t wiki)
{
	struct wiki *me = &w.wikis[wiki];

	if (is_publisher(wiki))
		return w.next < w.g->listed ? (uint32_t)w.order[w.next++] :
					      NOBODY;
	while (me->next < w.g->count[wiki]) {
		uint32_t other = w.g->peers[wiki][me->order[me->next++]];

		if (other != me->source && other != me->from)
			return other;
	}
	return NOBODY;
}

static void
tell_more(uint32_t wiki)
{
	struct wiki *me = &w.wikis[wiki];
	uint32_t other;

	while (rumour_more(&me->rumour) > 0 &&
	    (other = next_to_tell(wiki)) != NOBODY) {
		rumour_ask(&me->rumour);
		w.notices++;
		w.bytes += NOTICE_BYTES;
		if (share() < w.s->lost)
			events_push(w.now + TIMEOUT, ANSWERED, wiki, other, 0);
		else
			events_push(w.now + latency(), TOLD, other, wiki, 0);
	}
}

static void
begin_to_tell(uint32_t wiki)
{
	struct wiki *me = &w.wikis[wiki];
	size_t order[PEERS_MAX], i;

	if (!w.s->rumour || me->kept == NEVER)
		return;
	me->rumour = (struct rumour){ .rule = &rumour_follower };
	if (is_publisher(wiki)) {
		me->rumour.rule = &rumour_publisher;
		rumour_shuffle(w.order, w.g->listed, draw());
		w.next = 0;
	} else {
		rumour_shuffle(order, w.g->count[wiki], draw());
		for (i = 0; i < w.g->count[wiki]; i++)
			me->order[i] = (uint8_t)order[i];
		me->next = 0;
	}
	tell_more(wiki);
}

static bool
is_peer_of(uint32_t wiki, uint32_t other)
{
	size_t i;

	for (i = 0; i < w.g->count[wiki]; i++)
		if (w.g->peers[wiki][i] == other)
			return true;
	return is_publisher(other);
}

static const struct answer_pace pace = { NOTICE_EVERY, NOTICE_JITTER };

static void
hear(uint32_t wiki, uint32_t from)
{
	static const struct answer_version news = { .serial = 2 };
	static const uint16_t statuses[] = { 202, 208, 409 };
	struct wiki *me = &w.wikis[wiki];
	int64_t second = START + w.now / SECOND, due;
	struct answer_question q = { .said = news,
		.told = me->told,
		.store.serial = me->got == NEVER ? 1 : 2,
		.due = me->due,
		.is_source = is_peer_of(wiki, from) };
	enum answer answer;

	if (is_gone(wiki)) {
		events_push(w.now + TIMEOUT, ANSWERED, from, wiki, 0);
		return;
	}
	answer = answer_to(&q, &pace, second);
	if (answer == ANSWER_NEWS) {
		due = answer_due(me->due, &pace, second, draw());
		if (due != me->due || second > me->due)
			events_push((due - START) * SECOND +
				(int64_t)(draw() % SECOND),
			    FETCH, wiki, NOBODY, 0);
		me->due = due;
		me->told = news;
		if (q.is_source)
			me->source = from;
	}
	if (share() < w.s->lost)
		events_push(w.now + TIMEOUT, ANSWERED, from, wiki, 0);
	else
		events_push(w.now + WORK + latency(), ANSWERED, from, wiki,
		    statuses[answer]);
}

/* ---- fetching ---- */

static void
add_place(struct mirror_list *l, uint32_t wiki, bool peer)
{
	l->list[l->count] = (struct mirror){ .url = w.g->urls[wiki],
		.peer = peer,
		.id = (int64_t)wiki };
	l->count++;
}

/* Whom a run asks, in its order; of how many it goes on to the next. */
static size_t
order_places(uint32_t wiki, bool told, struct mirror_list *l)
{
	int64_t second = START + w.now / SECOND;
	uint32_t source = w.wikis[wiki].source;
	char tag[NOTICE_TAG_TEXT], *tags[] = { tag };
	struct words sources = { .word = tags, .count = source != NOBODY };
	size_t i;

	add_place(l, w.g->wikis, false);
	for (i = 0; i < w.g->count[wiki] && !w.s->central; i++)
		add_place(l, w.g->peers[wiki][i], true);
	mirror_order(l, second, draw());
	if (!told)
		return 0;
	if (source != NOBODY)
		notice_tag(w.g->urls[source], tag);
	return mirror_told(l, &sources, second);
}

/* What the publisher has to do until nearly all have the news. */
static bool
is_counted(void)
{
	return w.reached < w.g->wikis * 0.99;
}

static int64_t
bytes_of(const struct files_need *need)
{
	int64_t file = w.s->large ? LARGE_BYTES : FILE_BYTES;

	return need->history * FILE_BYTES + need->fresh * file +
	    need->snapshot * SNAPSHOT_BYTES;
}

/* A file asks one after another, best first: has anybody got it? */
static bool
is_had(const struct mirror_list *l, uint32_t giver, bool spare,
    const struct files_need *need, int64_t *at)
{
	int files = need->history + need->fresh + need->snapshot, rank;
	size_t i;

	for (rank = 0; rank < 3 && files > 0; rank++)
		for (i = 0; i < l->count; i++) {
			const struct mirror *m = &l->list[i];
			uint32_t place = (uint32_t)m->id;

			if (mirror_file_rank(m, place == giver, START) !=
				rank ||
			    (spare && !m->peer))
				continue;
			*at += is_gone(place) ? TIMEOUT : 2 * latency();
			if (is_gone(place) || w.wikis[place].liar)
				continue;
			if (!has_news(place)) {
				w.bytes += files * MISS_BYTES;
				continue;
			}
			w.bytes += bytes_of(need);
			if (is_publisher(place) && is_counted()) {
				w.load.histories += need->history;
				w.load.files += need->fresh + need->snapshot;
				w.load.bytes += bytes_of(need);
			}
			return true;
		}
	return files == 0;
}

static bool
has_copy(uint32_t wiki)
{
	return wiki < w.g->listed && !w.s->central;
}

/* First what its store needs, and then the rest for its copy. */
#define STORED 1
#define COPIED 2
static void
take(uint32_t wiki, uint32_t giver, bool told, const struct mirror_list *l,
    int64_t at)
{
	struct wiki *me = &w.wikis[wiki];
	const struct mirror_news news = { .by_clock = true,
		.serves = has_copy(wiki),
		.follows = true,
		.again = me->seen,
		.told = told && (me->source == NOBODY || giver == me->source),
		.peers = w.s->central ? 0 : w.g->listed,
		.lot = draw() };
	bool spare = mirror_spares(&news);
	struct files_need need = w.files.by[me->behind], rest = w.files.copy;
	uint16_t what = 0;

	me->seen = true;
	if (me->got != NEVER)
		need = (struct files_need){ 0 };
	w.bytes += need.old * FILE_BYTES;
	if (is_had(l, giver, spare, &need, &at)) {
		what |= STORED;
		rest.history -= need.history;
		rest.fresh -= need.fresh;
		if (has_copy(wiki) && is_had(l, giver, spare, &rest, &at))
			what |= COPIED;
	}
	me->busy = what != 0;
	if (what != 0)
		events_push(at, GOT, wiki, giver, what);
}

static void
ask(uint32_t place, int64_t bytes)
{
	w.bytes += bytes;
	if (!is_publisher(place) || !is_counted())
		return;
	w.load.polls++;
	w.load.bytes += bytes;
}

static bool
is_done(const struct wiki *me, uint32_t wiki)
{
	return me->got != NEVER && (me->kept != NEVER || !has_copy(wiki));
}

static void
fetch(uint32_t wiki, bool told)
{
	struct wiki *me = &w.wikis[wiki];
	struct mirror places[PEERS_MAX + 1];
	struct mirror_list l = { .list = places, .count = 0 };
	int64_t at = w.now + WORK;
	bool same = false;
	size_t i, curious;

	if (is_done(me, wiki) || me->busy || is_gone(wiki))
		return;
	curious = order_places(wiki, told, &l);
	for (i = 0; i < l.count && !(same && i >= curious); i++) {
		uint32_t place = (uint32_t)l.list[i].id;

		if (is_gone(place)) {
			at += TIMEOUT;
			continue;
		}
		at += 2 * latency();
		if (w.wikis[place].liar) {
			ask(place, NEWS_BYTES);
		} else if (has_news(place)) {
			ask(place, NEWS_BYTES);
			take(wiki, place, told, &l, at);
			return;
		} else {
			ask(place, SAME_BYTES);
			same = !me->seen;
		}
	}
}

static void
get(uint32_t wiki, uint32_t from, uint16_t what)
{
	struct wiki *me = &w.wikis[wiki];

	me->busy = false;
	if (what & COPIED) {
		me->kept = w.now;
		me->from = from;
		begin_to_tell(wiki);
	}
	if (me->got != NEVER)
		return;
	me->got = w.now;
	me->hops = (uint16_t)(w.wikis[from].hops + 1);
	w.reached++;
	w.got[wiki] = w.now / SECOND;
}

static void
poll(uint32_t wiki)
{
	if (is_done(&w.wikis[wiki], wiki))
		return;
	fetch(wiki, false);
	events_push(w.now + (int64_t)POLL_EVERY * SECOND, POLL, wiki, 0, 0);
}

static void
happen(const struct event *e)
{
	switch (e->kind) {
	case TOLD:
		hear(e->wiki, e->other);
		break;
	case ANSWERED:
		rumour_hear(&w.wikis[e->wiki].rumour, rumour_answer(e->status));
		tell_more(e->wiki);
		break;
	case FETCH:
		fetch(e->wiki, true);
		break;
	case GOT:
		get(e->wiki, e->other, e->status);
		break;
	case POLL:
		poll(e->wiki);
		break;
	}
}

/* ---- runs ---- */

static void
begin(const struct scenario *s, const struct graph *g, int64_t serial,
    uint64_t seed)
{
	uint32_t i;

	if (w.size < g->wikis + 1) {
		world_clear();
		w.size = g->wikis + 1;
		w.wikis = calloc(w.size, sizeof(*w.wikis));
		w.order = calloc(w.size, sizeof(*w.order));
		w.got = calloc(w.size, sizeof(*w.got));
		w.hops = calloc(w.size, sizeof(*w.hops));
		if (w.wikis == NULL || w.order == NULL || w.got == NULL ||
		    w.hops == NULL)
			abort();
	}
	w.s = s;
	w.g = g;
	w.random = seed;
	w.now = 0;
	events_clear();
	w.reached = 0;
	w.notices = w.bytes = 0;
	w.load = (struct result_load){ 0 };
	files_of(serial, !s->large, s->snapshot, &w.files);
	for (i = 0; i < g->wikis; i++) {
		struct wiki *me = &w.wikis[i];

		memset(me, 0, sizeof(*me));
		me->got = me->kept = w.got[i] = NEVER;
		me->source = me->from = NOBODY;
		me->liar = share() < s->liars;
		me->behind = 1;
		if (share() < s->behind)
			me->behind = (uint8_t)(2 + draw() % (BEHIND_MAX - 1));
		if (share() < s->offline)
			me->gone_until = (int64_t)(share() *
			    (double)s->offline_for * SECOND);
		if (s->poll)
			events_push((int64_t)(share() * POLL_EVERY * SECOND),
			    POLL, i, 0, 0);
	}
	memset(&w.wikis[g->wikis], 0, sizeof(*w.wikis));
	begin_to_tell(g->wikis);
}

static void
sum_up(struct result *r)
{
	uint32_t n = w.g->wikis, i;

	*r = (struct result){ .messages = (double)w.notices / n,
		.bytes = (double)w.bytes / n,
		.load = w.load,
		.got = w.got };
	for (i = 0; i < n; i++)
		w.hops[i] = w.wikis[i].hops;
	summary_hops(w.hops, w.got, n, r);
	summary_times(w.got, n, r);
}

int
world_run(const struct scenario *s, const struct graph *g, int64_t serial,
    uint64_t seed, struct result *r)
{
	bool killed = false;
	uint32_t copies = 0;

	begin(s, g, serial, seed);
	while (events_count() > 0 && w.reached < g->wikis) {
		struct event e = events_pop();

		if (e.at > END)
			break;
		w.now = e.at;
		happen(&e);
		copies += e.kind == GOT && (e.status & COPIED) != 0;
		if (s->dead && !killed && copies >= 4) {
			killed = true;
			w.wikis[g->wikis].gone_until = END + 1;
		}
	}
	sum_up(r);
	return 0;
}

void
world_clear(void)
{
	free(w.wikis);
	free(w.order);
	free(w.got);
	free(w.hops);
	events_clear();
	memset(&w, 0, sizeof(w));
}
