/*
 * libplan.h -- one change of a files: wiki in the scratch folder, decided upon
 * and carried out as fetch does it.  Failures end the test.
 */
#ifndef TESTS_LIBPLAN_H
#define TESTS_LIBPLAN_H

#include "wiki/wiki.h"

#define OWNED_WIKI OWNED(wiki_close_p)

struct plan {
	const char *page, *file; /* file is NULL for the page's text */
	const char *new_text;	 /* NULL: drop */
	struct item item;
	char *before;
	struct wiki_job job;
};
#define PLAN(page, file, new_text) \
	{ \
		page, file, new_text, { 0 }, NULL, \
		{ \
			0 \
		} \
	}
#define OWNED_PLAN OWNED(libplan_clear)

/* The scratch folder as a wiki, begun. */
struct wiki *plan_wiki(void);

/* Decide upon what is there now; the job has its intent. */
void plan_make(struct wiki *w, struct plan *p);
void libplan_clear(struct plan *p);

/* All of it, and how it ended; the revision told is the one that is there. */
enum wiki_outcome plan_run(const char *page, const char *file,
    const char *text);

/* The scratch folder has such a file with that text; NULL: has none. */
void plan_file_is(const char *name, const char *want);

#endif
