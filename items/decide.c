#include "items/decide.h"

static bool
same(const struct decide_side *a, const struct decide_side *b)
{
	if (!a->present || !b->present)
		return a->present == b->present;
	return digest_equal(&a->digest, &b->digest);
}

static enum decide_answer
without_record(const struct decide_case *c)
{
	if (!c->theirs.present)
		return DECIDE_NOTHING;
	if (!c->ours.present)
		return DECIDE_PUT;
	return same(&c->ours, &c->theirs) ? DECIDE_ADOPT : DECIDE_CONFLICT;
}

static enum decide_answer
with_record(const struct decide_case *c)
{
	if (!c->ours.present && !c->theirs.present)
		return DECIDE_FORGET;
	if (same(&c->ours, &c->theirs))
		return same(&c->base, &c->ours) ? DECIDE_NOTHING : DECIDE_ADOPT;
	if (same(&c->ours, &c->base))
		return c->theirs.present ? DECIDE_PUT : DECIDE_DROP;
	if (!same(&c->theirs, &c->base))
		return DECIDE_CONFLICT;
	return c->theirs.present ? DECIDE_KEEP : DECIDE_LEAVE;
}

enum decide_answer
decide_item(const struct decide_case *c)
{
	if (!c->wanted)
		return c->known ? DECIDE_LEAVE : DECIDE_NOTHING;
	return c->known ? with_record(c) : without_record(c);
}
