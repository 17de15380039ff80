/*
 * power.h -- names of pages that give power over a wiki (DESIGN section 6):
 * groups and dictionaries (access), templates (what new pages begin with),
 * antispam lists, the interwiki map.  An engine adds what only it knows, as
 * Moin its users' home pages.
 */
#ifndef WIKI_POWER_H
#define WIKI_POWER_H

#include "items/item.h"

/* An attachment is judged by its page. */
bool power_by_name(const struct item *item);

#endif
