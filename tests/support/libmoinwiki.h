/*
 * libmoinwiki.h -- MoinMoin wikis for tests, below libscratch's folder:
 * data/pages, data/edit-log, underlay/pages.
 *
 * Pages are named by their folders.  The saver does to the disk what
 * MoinMoin's PageEditor does, in its order.
 */
#ifndef TESTS_LIBMOINWIKI_H
#define TESTS_LIBMOINWIKI_H

#include <stddef.h>
#include <stdint.h>

#include "tests/support/libplan.h"

/* setup and teardown for cmocka: a scratch folder with an empty wiki. */
int moinwiki_enter(void **state);
int moinwiki_leave(void **state);

#define IN_MOINWIKI(test) \
	cmocka_unit_test_setup_teardown(test, moinwiki_enter, moinwiki_leave)

/* Open it through wiki.h, and begin to write; little patience for locks. */
struct wiki *moinwiki_open(void);
struct wiki *moinwiki_begin(void);

/* Plan a change (libplan.h) by the author "J. Doe". */
void moinwiki_plan(struct wiki *w, struct plan *p);

/* All of it, and how it ended; the revision told is the one that is there. */
enum wiki_outcome moinwiki_change(const char *page, const char *file,
    const char *text);

/*
 * Save the next revision, as it is on disk; text NULL deletes the page.
 * editor is the log line's "ADDRESS\tHOST\tUSER", or NULL for an anonymous
 * one.
 */
void moinwiki_save(const char *folder, const char *text, const char *editor,
    const char *comment);

/* A page of the underlay. */
void moinwiki_underlay(const char *folder, const char *text);

void moinwiki_attach(const char *folder, const char *file, const char *text);

/* What current says, -1 if there is no such file. */
int64_t moinwiki_number(const char *folder);

/* What a reader gets, to be freed: NULL if the page does not exist. */
char *moinwiki_text(const char *folder);

void moinwiki_text_is(const char *folder, const char *text);

/* How many names in a folder begin with a dot. */
size_t moinwiki_dot_names(const char *folder);

/* Lines with both strings in a log ("edit-log", "pages/X/edit-log"). */
size_t moinwiki_lines(const char *log, const char *a, const char *b);

/* Set the clock of time() forward, for stamps that are old enough. */
extern int64_t moinwiki_ahead;

#endif
