#include "tests/sim/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feeds/notice.h"
#include "fetch/mirror.h"
#include "fetch/rumour.h"
#include "notify/answer.h"

#define NEVER ((int64_t)-1)
#define SECOND 1000 /* ms, the unit of time here */
#define TIMEOUT (10 * SECOND)
#define WORK 200 /* ms that a CGI program or a fetch takes */
#define END (48 * 3600 * (int64_t)SECOND)
#define FILES 6		 /* history and steps for one that is behind */
#define START 1000000000 /* seconds: clocks are not at zero */
/* Bytes both ways, headers included, as the bench counts them. */
#define NOTICE_BYTES 700
#define SAME_BYTES 323
#define NEWS_BYTES 3000
#define FILE_BYTES 2000
#define MISS_BYTES 420

enum event_kind { TOLD, ANSWERED, FETCH, GOT, POLL };

struct event {
	int64_t at;
	uint32_t wiki, other;
	uint16_t status;
	uint8_t kind;
};

/* What becomes of one wiki; the publisher is the one behind the last. */
struct wiki {
	int64_t got;	    /* ms, or NEVER */
	int64_t gone_until; /* ms */
	int64_t due;	    /* seconds */
	struct answer_version told;
	uint32_t source; /* who told, and is known here; NOBODY */
	uint32_t from;	 /* who gave it */
	uint16_t hops;
	bool liar, behind;
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
	struct event *heap;
	size_t events, room;
	int64_t now;
	uint64_t random;
	uint32_t reached;
	int64_t notices, bytes, polls, files;
	int64_t *got;
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

/* ---- events ---- */

static void
push(int64_t at, enum event_kind kind, uint32_t wiki, uint32_t other,
    uint16_t status)
{
	size_t i = w.events++;

	if (i == w.room) {
		w.room = w.room == 0 ? 1024 : 2 * w.room;
		w.heap = reallocarray(w.heap, w.room, sizeof(*w.heap));
		if (w.heap == NULL)
			abort();
	}
	for (; i > 0 && w.heap[(i - 1) / 2].at > at; i = (i - 1) / 2)
		w.heap[i] = w.heap[(i - 1) / 2];
	w.heap[i] = (struct event){ .at = at,
		.kind = kind,
		.wiki = wiki,
		.other = other,
		.status = status };
}

static struct event
pop(void)
{
	struct event top = w.heap[0], last = w.heap[--w.events];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < w.events) {
		if (child + 1 < w.events &&
		    w.heap[child + 1].at < w.heap[child].at)
			child++;
		if (w.heap[child].at >= last.at)
			break;
		w.heap[i] = w.heap[child];
		i = child;
	}
	w.heap[i] = last;
	return top;
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
			push(w.now + TIMEOUT, ANSWERED, wiki, other, 0);
		else
			push(w.now + latency(), TOLD, other, wiki, 0);
	}
}

static void
begin_to_tell(uint32_t wiki)
{
	struct wiki *me = &w.wikis[wiki];
	size_t order[PEERS_MAX], i;

	if (!w.s->rumour)
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
		push(w.now + TIMEOUT, ANSWERED, from, wiki, 0);
		return;
	}
	answer = answer_to(&q, &pace, second);
	if (answer == ANSWER_NEWS) {
		due = answer_due(me->due, &pace, second, draw());
		if (due != me->due || second > me->due)
			push((due - START) * SECOND +
				(int64_t)(draw() % SECOND),
			    FETCH, wiki, NOBODY, 0);
		me->due = due;
		me->told = news;
		if (q.is_source)
			me->source = from;
	}
	if (share() < w.s->lost)
		push(w.now + TIMEOUT, ANSWERED, from, wiki, 0);
	else
		push(w.now + WORK + latency(), ANSWERED, from, wiki,
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

static bool
has_news(uint32_t place)
{
	return w.wikis[place].got != NEVER && w.wikis[place].got <= w.now;
}

/* Files of one that is behind: those of peers first (fetch/wanted.c). */
static void
get_files(const struct mirror_list *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->count; i++) {
		uint32_t place = (uint32_t)l->list[i].id;

		if (!l->list[i].peer || is_gone(place) || w.wikis[place].liar)
			continue;
		if (has_news(place)) {
			w.bytes += FILES * FILE_BYTES;
			return;
		}
		w.bytes += MISS_BYTES;
		n++;
	}
	if (w.reached < w.g->wikis * 0.99)
		w.files += FILES;
	w.bytes += FILES * FILE_BYTES;
}

static void
fetch(uint32_t wiki, bool told)
{
	struct mirror places[PEERS_MAX + 1];
	struct mirror_list l = { .list = places, .count = 0 };
	int64_t at = w.now + WORK;
	bool same = false;
	size_t i, curious;

	if (w.wikis[wiki].got != NEVER || is_gone(wiki))
		return;
	curious = order_places(wiki, told, &l);
	for (i = 0; i < l.count && !(same && i >= curious); i++) {
		uint32_t place = (uint32_t)l.list[i].id;

		if (is_gone(place)) {
			at += TIMEOUT;
			continue;
		}
		if (is_publisher(place) && w.reached < w.g->wikis * 0.99)
			w.polls++;
		at += 2 * latency();
		if (w.wikis[place].liar) {
			w.bytes += NEWS_BYTES;
			continue;
		}
		if (!has_news(place)) {
			w.bytes += SAME_BYTES;
			same = true;
			continue;
		}
		w.bytes += NEWS_BYTES;
		if (w.wikis[wiki].behind)
			get_files(&l);
		push(at, GOT, wiki, place, 0);
		return;
	}
}

static void
get(uint32_t wiki, uint32_t from)
{
	struct wiki *me = &w.wikis[wiki];

	if (me->got != NEVER)
		return;
	me->got = w.now;
	me->from = from;
	me->hops = (uint16_t)(w.wikis[from].hops + 1);
	w.reached++;
	w.got[wiki] = w.now / SECOND;
	begin_to_tell(wiki);
}

static void
poll(uint32_t wiki)
{
	if (w.wikis[wiki].got != NEVER)
		return;
	fetch(wiki, false);
	push(w.now + (int64_t)POLL_EVERY * SECOND, POLL, wiki, 0, 0);
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
		get(e->wiki, e->other);
		break;
	case POLL:
		poll(e->wiki);
		break;
	}
}

/* ---- runs ---- */

static void
begin(const struct scenario *s, const struct graph *g, uint64_t seed)
{
	uint32_t i;

	if (w.size < g->wikis + 1) {
		world_clear();
		w.size = g->wikis + 1;
		w.wikis = calloc(w.size, sizeof(*w.wikis));
		w.order = calloc(w.size, sizeof(*w.order));
		w.got = calloc(w.size, sizeof(*w.got));
		if (w.wikis == NULL || w.order == NULL || w.got == NULL)
			abort();
	}
	w.s = s;
	w.g = g;
	w.random = seed;
	w.now = 0;
	w.events = 0;
	w.reached = 0;
	w.notices = w.bytes = w.polls = w.files = 0;
	for (i = 0; i < g->wikis; i++) {
		struct wiki *me = &w.wikis[i];

		memset(me, 0, sizeof(*me));
		me->got = w.got[i] = NEVER;
		me->source = me->from = NOBODY;
		me->liar = share() < s->liars;
		me->behind = share() < s->behind;
		if (share() < s->offline)
			me->gone_until = (int64_t)(share() *
			    (double)s->offline_for * SECOND);
		if (s->poll)
			push((int64_t)(share() * POLL_EVERY * SECOND), POLL, i,
			    0, 0);
	}
	memset(&w.wikis[g->wikis], 0, sizeof(*w.wikis));
	begin_to_tell(g->wikis);
}

static int
rising(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int64_t
time_to(const int64_t *sorted, uint32_t n, uint32_t reached, double part)
{
	uint32_t need = (uint32_t)ceil(part * n);

	return reached < need ? NEVER : sorted[n - reached + need - 1];
}

static void
sum_up(struct result *r)
{
	uint32_t i, n = w.g->wikis;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < n; i++)
		if (w.wikis[i].got != NEVER && w.wikis[i].hops > r->hops)
			r->hops = w.wikis[i].hops;
	qsort(w.got, n, sizeof(*w.got), rising); /* NEVER is first */
	r->reached = (double)w.reached / n;
	r->to_99 = time_to(w.got, n, w.reached, 0.99);
	r->to_999 = time_to(w.got, n, w.reached, 0.999);
	r->to_all = time_to(w.got, n, w.reached, 1);
	r->messages = (double)w.notices / n;
	r->bytes = (double)w.bytes / n;
	r->polls = w.polls;
	r->files = w.files;
	r->got = w.got;
}

int
world_run(const struct scenario *s, const struct graph *g, uint64_t seed,
    struct result *r)
{
	bool killed = false;

	begin(s, g, seed);
	while (w.events > 0 && w.reached < g->wikis) {
		struct event e = pop();

		if (e.at > END)
			break;
		w.now = e.at;
		happen(&e);
		if (s->dead && !killed && w.reached >= 4) {
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
	free(w.heap);
	memset(&w, 0, sizeof(w));
}

/* ---- graphs ---- */

int
graph_make(uint32_t wikis, uint32_t listed, size_t number, struct graph *g)
{
	uint64_t *numbers = calloc(listed, sizeof(*numbers));
	struct mirror_peers chosen;
	uint32_t i;
	size_t j;

	*g = (struct graph){ .wikis = wikis, .listed = listed };
	g->urls = calloc(wikis + 1, sizeof(*g->urls));
	g->peers = calloc(wikis, sizeof(*g->peers));
	g->count = calloc(wikis, 1);
	if (numbers == NULL || g->urls == NULL || g->peers == NULL ||
	    g->count == NULL)
		abort();
	for (i = 0; i <= wikis; i++) {
		if (asprintf(&g->urls[i], "https://w%u.example/%zu/", i,
			number) == -1)
			abort();
		if (i < listed)
			numbers[i] = mirror_number(g->urls[i]);
	}
	for (i = 0; i < wikis; i++) {
		mirror_choose(numbers, listed, mirror_number(g->urls[i]),
		    &chosen);
		g->count[i] = (uint8_t)chosen.count;
		for (j = 0; j < chosen.count; j++)
			g->peers[i][j] = (uint32_t)chosen.place[j];
	}
	free(numbers);
	return 0;
}

void
graph_clear(struct graph *g)
{
	uint32_t i;

	for (i = 0; i <= g->wikis && g->urls != NULL; i++)
		free(g->urls[i]);
	free(g->urls);
	free(g->peers);
	free(g->count);
	*g = (struct graph){ .wikis = 0 };
}
