#include "items/select.h"

#include <string.h>
#include <strings.h>

#include "items/name.h"

static bool
any_matches(char *const *globs, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (name_matches(globs[i], name))
			return true;
	return false;
}

/* RFC 4647 basic filtering: "en" chooses "en" and "en-GB", not "eng". */
static bool
speaks(const struct select_rules *rules, const char *lang)
{
	size_t i;

	for (i = 0; i < rules->language_count; i++) {
		const char *range = rules->languages[i];
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
	const char *name = item->kind == ITEM_ATTACHMENT ? item->page :
							   item->name;

	if (rules->page_count > 0 &&
	    !any_matches(rules->pages, rules->page_count, name))
		return SELECT_NOT_CHOSEN;
	if (any_matches(rules->not_pages, rules->not_count, name))
		return SELECT_NOT_CHOSEN;
	if (rules->language_count > 0 && item->lang != NULL &&
	    !speaks(rules, item->lang))
		return SELECT_LANGUAGE;
	if (has_power && !any_matches(rules->grants, rules->grant_count, name))
		return SELECT_POWER;
	return SELECT_WANTED;
}

const char *
select_text(enum select_answer answer)
{
	static const char *const texts[] = {
		[SELECT_WANTED] = "wanted",
		[SELECT_NOT_CHOSEN] = "not chosen",
		[SELECT_LANGUAGE] = "language",
		[SELECT_POWER] = "gives power, no grant",
	};

	return texts[answer];
}
