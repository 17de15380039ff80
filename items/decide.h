/*
 * decide.h -- what becomes of one item in the wiki: a pure table.
 *
 * base is what wikicast wrote last (as it wrote it, after the #acl rule),
 * theirs what the feed has now (after the same rule), ours what the wiki has
 * now.  Absent is a value like any other: a page that was dropped, or never
 * was.  Texts are compared by digest.
 *
 * With a record, where A, B, C are three different values and - is absent
 * (absence compares like a text, so a row with B may be read with B = -):
 *
 *	base ours theirs
 *	 A    A    A    NOTHING		 -    -    -    FORGET
 *	 A    B    B    ADOPT		 A    -    -    FORGET
 *	 A    A    B    PUT		 A    A    -    DROP
 *	 A    B    A    KEEP (edited or deleted here, unchanged there)
 *	 A    B    C    CONFLICT (B = -: deleted here, C = -: dropped there)
 *	 -    B    -    LEAVE (dropped once, made anew by the wiki's people)
 *
 * Without a record: theirs alone is PUT, the same on both sides ADOPT, two
 * texts CONFLICT, ours alone NOTHING, neither NOTHING.  Unwanted: LEAVE with
 * a record, else NOTHING, so that what arrived stays when a rule changes.  The
 * caller keeps that record for as long as theirs is there: when the rule is
 * changed back, base still tells whether someone edited here.
 */
#ifndef ITEMS_DECIDE_H
#define ITEMS_DECIDE_H

#include <stdbool.h>

#include "base/digest.h"

struct decide_side {
	bool present;
	struct digest digest; /* only if present */
};

struct decide_case {
	bool known; /* wikicast has a record of this item: base is set */
	struct decide_side base;
	struct decide_side ours;
	struct decide_side theirs;
	bool wanted; /* selected, granted, allowed: theirs may be installed */
};

enum decide_answer {
	DECIDE_NOTHING,	 /* as it should be; nothing to record */
	DECIDE_ADOPT,	 /* the texts agree: only the record is behind */
	DECIDE_PUT,	 /* write theirs */
	DECIDE_DROP,	 /* remove ours, which is base */
	DECIDE_FORGET,	 /* theirs and ours are gone: drop the record */
	DECIDE_LEAVE,	 /* leave ours; not shared any more: no record */
	DECIDE_CONFLICT, /* edited here and changed there */
	DECIDE_KEEP,	 /* edited here, unchanged there: ours stands */
	DECIDE_MERGE,	 /* a CONFLICT that may be none (edits.h) */
};

enum decide_answer decide_item(const struct decide_case *c);

#endif
