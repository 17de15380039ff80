/*
 * edits.h -- what an edit of the wiki's own people is worth: the second pure
 * table, over the answers of decide.h, with what the configuration says of
 * such pages (on-local-edit, merge-local, keep-local, overwrite-local).
 *
 *			merge		keep	overwrite
 *	CONFLICT	MERGE, if base, ours and theirs are texts;
 *			else CONFLICT	KEEP	PUT, or DROP if theirs is gone
 *	KEEP		KEEP		KEEP	PUT
 *	others		as they are
 *
 * Nothing is lost by any of them: MERGE, PUT and DROP leave what was there in
 * the wiki's history.  What is not in it afterwards (an attachment in a wiki
 * that keeps one version, a file that is no text) is never written over:
 * CONFLICT under overwrite, too.
 */
#ifndef ITEMS_EDITS_H
#define ITEMS_EDITS_H

#include "base/words.h"
#include "items/decide.h"
#include "items/item.h"

enum edits_policy {
	EDITS_MERGE,	 /* both changes, where they do not meet */
	EDITS_KEEP,	 /* the local text stands */
	EDITS_OVERWRITE, /* the shared one becomes the new revision */
};

struct edits_rules {
	enum edits_policy policy; /* of pages that no list names */
	struct words merge;	  /* lists of globs */
	struct words keep;
	struct words overwrite;
};

/* Of two texts, or what ours is. */
enum edits_form {
	EDITS_TEXT,
	EDITS_FILE,    /* an attachment; its old versions are kept */
	EDITS_FRAGILE, /* what is written over would be gone */
};

/*
 * Of a page and its attachments.  Where several lists name it, the most
 * careful counts: keep, merge, overwrite.
 */
enum edits_policy edits_policy(const struct edits_rules *rules,
    const struct item *item);

enum decide_answer edits_decide(const struct decide_case *c,
    enum edits_policy policy, enum edits_form form);

/* Add all of the rules: others give another digest. */
void edits_digest(const struct edits_rules *rules, struct digest_run *run);

#endif
