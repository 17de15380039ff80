#include "notify/answer.h"

static bool
is_same(const struct answer_version *a, const struct answer_version *b)
{
	return a->serial == b->serial && digest_equal(&a->state, &b->state);
}

/* Can the clock that says now have set it? */
static bool
is_possible(int64_t due, const struct answer_pace *pace, int64_t now)
{
	return due > 0 && due <= now + pace->every + pace->jitter;
}

enum answer
answer_to(const struct answer_question *q, const struct answer_pace *pace,
    int64_t now)
{
	if (q->said.serial < q->store.serial || is_same(&q->said, &q->store))
		return ANSWER_KNOWN;
	/* Perhaps a fork: it takes that source's document to tell. */
	if (q->said.serial == q->store.serial && !q->is_source)
		return ANSWER_OTHER;
	if (is_same(&q->said, &q->told) && is_possible(q->due, pace, now) &&
	    now < q->due + pace->every)
		return ANSWER_KNOWN;
	return ANSWER_NEWS;
}

int64_t
answer_due(int64_t due, const struct answer_pace *pace, int64_t now,
    uint64_t draw)
{
	int64_t soon = now + (int64_t)(draw % ((uint64_t)pace->jitter + 1));

	if (!is_possible(due, pace, now))
		return soon;
	if (due > now)
		return due;
	return due + pace->every > soon ? due + pace->every : soon;
}

int64_t
answer_wait(const struct answer_limit *limit, int64_t *until, int64_t now)
{
	int64_t room = limit->burst * limit->period;
	int64_t from = *until;

	if (from < now || from > now + room)
		from = now;
	if (from + limit->period > now + room)
		return from + limit->period - now - room;
	*until = from + limit->period;
	return 0;
}
