#include "items/edits.h"

#include "items/name.h"

enum edits_policy
edits_policy(const struct edits_rules *rules, const struct item *item)
{
	const char *page =
	    item->kind == ITEM_ATTACHMENT ? item->page : item->name;

	if (name_matches_any(&rules->keep, page))
		return EDITS_KEEP;
	if (name_matches_any(&rules->merge, page))
		return EDITS_MERGE;
	if (name_matches_any(&rules->overwrite, page))
		return EDITS_OVERWRITE;
	return rules->policy;
}

static enum decide_answer
overwrite(const struct decide_case *c, enum edits_form form,
    enum decide_answer answer)
{
	if (c->ours.present && form == EDITS_FRAGILE)
		return answer;
	return c->theirs.present ? DECIDE_PUT : DECIDE_DROP;
}

static bool
can_merge(const struct decide_case *c, enum edits_form form)
{
	return form == EDITS_TEXT && c->known && c->base.present &&
	    c->ours.present && c->theirs.present;
}

enum decide_answer
edits_decide(const struct decide_case *c, enum edits_policy policy,
    enum edits_form form)
{
	enum decide_answer answer = decide_item(c);

	if (answer != DECIDE_CONFLICT && answer != DECIDE_KEEP)
		return answer;
	if (policy == EDITS_OVERWRITE)
		return overwrite(c, form, answer);
	if (answer == DECIDE_KEEP || policy == EDITS_KEEP)
		return DECIDE_KEEP;
	return can_merge(c, form) ? DECIDE_MERGE : DECIDE_CONFLICT;
}

void
edits_digest(const struct edits_rules *rules, struct digest_run *run)
{
	const unsigned char policy = (unsigned char)rules->policy;

	digest_more(run, &policy, 1);
	words_digest(&rules->merge, run);
	words_digest(&rules->keep, run);
	words_digest(&rules->overwrite, run);
}
