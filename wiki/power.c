#include "wiki/power.h"

#include "items/name.h"

bool
power_by_name(const struct item *item)
{
	/*
	 * MoinMoin's defaults want something without blanks before Group,
	 * Dict and Template; a wiki may loosen that, so it is not asked here.
	 */
	static const char *const powers[] = { "BadContent", "LocalBadContent",
		"InterWikiMap", "SystemPagesGroup", "*Group", "*Dict",
		"*Template" };
	const char *name =
	    item->kind == ITEM_ATTACHMENT ? item->page : item->name;
	size_t i;

	for (i = 0; i < sizeof(powers) / sizeof(powers[0]); i++)
		if (name_matches(powers[i], name))
			return true;
	return false;
}
