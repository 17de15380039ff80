#include <string.h>

#include "wiki/moin.h"
#include "wiki/power.h"

/*
 * Home pages, and the pages below them: Moin gives their users rights there
 * (security/autoadmin.py), and others take what they say for their word.
 */
bool
moin_has_power(struct wiki *w, const struct item *item)
{
	const char *name =
	    item->kind == ITEM_ATTACHMENT ? item->page : item->name;
	struct fault ignored;
	bool home = false;

	if (power_by_name(item))
		return true;
	/* Where that cannot be found out, it is safer to ask for a grant. */
	return moin_user_exists(moin_of(w), name, strcspn(name, "/"), &home,
		   &ignored) == -1 ||
	    home;
}
