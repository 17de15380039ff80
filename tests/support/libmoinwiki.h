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

struct wiki;

/* setup and teardown for cmocka: a scratch folder with an empty wiki. */
int moinwiki_enter(void **state);
int moinwiki_leave(void **state);

#define IN_MOINWIKI(test) \
	cmocka_unit_test_setup_teardown(test, moinwiki_enter, moinwiki_leave)

/* Open it through wiki.h. */
struct wiki *moinwiki_open(void);

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

/* Lines with both strings in a log ("edit-log", "pages/X/edit-log"). */
size_t moinwiki_lines(const char *log, const char *a, const char *b);

/* Set the clock of time() forward, for stamps that are old enough. */
extern int64_t moinwiki_ahead;

#endif
