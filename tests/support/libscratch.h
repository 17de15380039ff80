/*
 * libscratch.h -- a private folder for each test: a setup and a teardown for
 * cmocka.  Paths are short, since GnuPG's sockets need that.
 *
 *	cmocka_unit_test_setup_teardown(a_test, scratch_enter, scratch_leave)
 */
#ifndef TESTS_LIBSCRATCH_H
#define TESTS_LIBSCRATCH_H

#include <stddef.h>

extern char scratch[64]; /* the folder's path, without a slash at its end */
extern int scratch_fd;	 /* the folder, opened */

int scratch_enter(void **state); /* makes it */
int scratch_leave(void **state); /* removes it with all that it has */

/* Path of a name in the folder; the last four stay valid. */
const char *scratch_path(const char *name);

/* Write a file; the folders above it are made.  Failures end the test. */
void scratch_write(const char *name, const char *text);

/* A file's text, to be freed. */
char *scratch_read(const char *name);

/* How many entries a folder has ("" for the scratch folder itself). */
size_t scratch_count(const char *name);

#endif
