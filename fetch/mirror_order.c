/*
 * What is decided about mirrors and peers, without a clock, a database or a
 * network: a simulator links it, too.
 */
#include <stdlib.h>
#include <string.h>

#include "feeds/notice.h"
#include "fetch/mirror.h"

#define BEHIND_FOR 21600 /* seconds that being behind is remembered */

/* Further away than any wait: another clock wrote it. */
static bool
is_to_come(int64_t until, int64_t now)
{
	return until > now && until - now <= MIRROR_BACKOFF_MAX;
}

enum mirror_state
mirror_state(const struct mirror *m, int64_t now)
{
	if (is_to_come(m->quiet_until, now))
		return MIRROR_QUIET;
	if (is_to_come(m->wait_until, now))
		return MIRROR_RESTING;
	if (m->behind_since != 0 && m->behind_seen <= now &&
	    now - m->behind_seen < BEHIND_FOR)
		return MIRROR_BEHIND;
	return MIRROR_HEALTHY;
}

/* ---- lots ---- */

uint64_t
mirror_number(const char *url)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (; *url != '\0'; url++)
		h = (h ^ (unsigned char)*url) * 0x100000001b3u;
	return h;
}

/*
 * A number that is random over seeds, and for one seed over URLs: so each
 * mirror gets its share of the load, and of that of one that failed.
 * (splitmix64's mixing.)  With two mirror_number()s it is the same whichever
 * is the seed.
 */
static uint64_t
draw(uint64_t number, uint64_t seed)
{
	uint64_t h = number + seed;

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

/* ---- which peers ---- */

/* Those with the lowest lots, but not itself; is it among them all? */
static bool
draw_lots(const uint64_t *numbers, size_t count, uint64_t own,
    struct mirror_peers *chosen)
{
	uint64_t rank[PEERS_MAX];
	bool listed = false;
	size_t i, j;

	chosen->count = 0;
	for (i = 0; i < count; i++) {
		uint64_t drawn = draw(numbers[i], own);

		listed |= numbers[i] == own;
		if (numbers[i] == own ||
		    (chosen->count == PEERS_MAX &&
			drawn >= rank[PEERS_MAX - 1]))
			continue;
		if (chosen->count < PEERS_MAX)
			chosen->count++;
		for (j = chosen->count - 1; j > 0 && rank[j - 1] > drawn; j--) {
			rank[j] = rank[j - 1];
			chosen->place[j] = chosen->place[j - 1];
		}
		rank[j] = drawn;
		chosen->place[j] = i;
	}
	return listed;
}

/* Are there not too many with lower lots? */
static bool
draws(const uint64_t *numbers, size_t count, uint64_t own, uint64_t other)
{
	uint64_t drawn = draw(other, own);
	size_t i, lower = 0;

	for (i = 0; i < count && lower < PEERS_MAX; i++)
		lower += draw(numbers[i], own) < drawn && numbers[i] != own;
	return lower < PEERS_MAX;
}

void
mirror_choose(const uint64_t *numbers, size_t count, uint64_t own,
    struct mirror_peers *chosen)
{
	size_t i, n = 0;

	if (!draw_lots(numbers, count, own, chosen))
		return;
	for (i = 0; i < chosen->count; i++)
		if (draws(numbers, count, numbers[chosen->place[i]], own))
			chosen->place[n++] = chosen->place[i];
	chosen->count = n;
}

/* ---- in which order ---- */

struct order {
	int64_t now;
	bool peers_first;
};

static int
compare(const void *x, const void *y, void *given)
{
	const struct mirror *a = x, *b = y;
	const struct order *order = given;
	enum mirror_state sa = mirror_state(a, order->now);
	enum mirror_state sb = mirror_state(b, order->now);

	if (sa != sb)
		return sa < sb ? -1 : 1;
	if (sa >= MIRROR_RESTING && a->wait_until != b->wait_until)
		return a->wait_until < b->wait_until ? -1 : 1;
	if (a->peer != b->peer)
		return a->peer == order->peers_first ? -1 : 1;
	return (a->lot > b->lot) - (a->lot < b->lot);
}

void
mirror_order(struct mirror_list *mirrors, int64_t now, uint64_t seed)
{
	struct order order = { now, draw(0, seed) % 2 == 1 };
	size_t i;

	for (i = 0; i < mirrors->count; i++)
		mirrors->list[i].lot =
		    draw(mirror_number(mirrors->list[i].url), seed);
	if (mirrors->count > 0)
		qsort_r(mirrors->list, mirrors->count, sizeof(*mirrors->list),
		    compare, &order);
}

bool
mirror_told_it(const struct mirror *m, const struct words *tags)
{
	char tag[NOTICE_TAG_TEXT];
	size_t i;

	notice_tag(m->url, tag);
	for (i = 0; i < tags->count; i++)
		if (strcmp(tags->word[i], tag) == 0)
			return true;
	return false;
}

/* In which order places are asked of news that this wiki was told of. */
enum told { TOLD_IT, TOLD_PEER, TOLD_MIRROR, TOLD_OTHER };

static enum told
told_class(const struct mirror *m, const struct words *tags, int64_t now,
    size_t peers)
{
	if (tags->count > 0 && mirror_told_it(m, tags))
		return TOLD_IT;
	if (mirror_state(m, now) != MIRROR_HEALTHY)
		return TOLD_OTHER;
	if (!m->peer)
		return TOLD_MIRROR;
	return peers < MIRROR_TOLD_PEERS ? TOLD_PEER : TOLD_OTHER;
}

size_t
mirror_told(struct mirror_list *mirrors, const struct words *tags, int64_t now)
{
	size_t ends[TOLD_OTHER + 1] = { 0 };
	size_t i, k;

	for (i = 0; i < mirrors->count; i++) {
		struct mirror m = mirrors->list[i];
		enum told class =
		    told_class(&m, tags, now, ends[TOLD_PEER] - ends[TOLD_IT]);

		memmove(&mirrors->list[ends[class] + 1],
		    &mirrors->list[ends[class]], (i - ends[class]) * sizeof(m));
		mirrors->list[ends[class]] = m;
		for (k = class; k <= TOLD_OTHER; k++)
			ends[k]++;
	}
	return ends[TOLD_MIRROR];
}

/* ---- files ---- */

int
mirror_file_rank(const struct mirror *m, bool gave, int64_t now)
{
	return 3 * (int)mirror_state(m, now) + (!m->peer ? 2 : gave ? 0 : 1);
}

bool
mirror_spares(const struct mirror_news *news)
{
	if (!news->by_clock || !news->follows || news->again || news->told ||
	    news->peers <= MIRROR_SEEDS)
		return false;
	return !news->serves ||
	    news->lot % (uint64_t)news->peers >= MIRROR_SEEDS;
}
