#include "items/select.h"

#include <string.h>
#include <strings.h>

#include "items/name.h"
#include "items/prefix.h"

/* RFC 4647 basic filtering: "en" chooses "en" and "en-GB", not "eng". */
static bool
speaks(const struct words *languages, const char *lang)
{
	size_t i;

	for (i = 0; i < languages->count; i++) {
		const char *range = languages->word[i];
		size_t n = strlen(range);

		if (strcmp(range, "*") == 0)
			return true;
		if (strncasecmp(range, lang, n) == 0 &&
		    (lang[n] == '\0' || lang[n] == '-'))
			return true;
	}
	return false;
}

enum select_answer
select_item(const struct select_rules *rules, const struct item *item,
    bool has_power)
{
	const char *name =
	    item->kind == ITEM_ATTACHMENT ? item->page : item->name;
	const char *there = prefix_strip(rules->prefix, name);

	if (rules->pages.count > 0 && !name_matches_any(&rules->pages, there))
		return SELECT_NOT_CHOSEN;
	if (name_matches_any(&rules->not_pages, there))
		return SELECT_NOT_CHOSEN;
	if (rules->languages.count > 0 && item->lang != NULL &&
	    !speaks(&rules->languages, item->lang))
		return SELECT_LANGUAGE;
	if (has_power && !name_matches_any(&rules->grants, name))
		return SELECT_POWER;
	return SELECT_WANTED;
}

void
select_digest(const struct select_rules *rules, struct digest_run *run)
{
	words_digest(&rules->pages, run);
	words_digest(&rules->not_pages, run);
	words_digest(&rules->grants, run);
	words_digest(&rules->languages, run);
	digest_text(run, rules->prefix);
}

const char *
select_text(enum select_answer answer)
{
	static const char *const texts[] = {
		[SELECT_WANTED] = "wanted",
		[SELECT_NOT_CHOSEN] = "not chosen",
		[SELECT_LANGUAGE] = "its language is not chosen",
		[SELECT_POWER] = "gives power, no grant",
	};

	return texts[answer];
}
