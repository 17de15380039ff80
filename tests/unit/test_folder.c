#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/folder.h"
#include "base/own.h"
#include "base/words.h"
#include "tests/support/libscratch.h"

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
every_name_of_a_folder_is_listed_but_the_dots(void **state)
{
	OWNED_FOLDER DIR *list = NULL;
	OWNED_WORDS struct words names = WORDS_INIT;
	struct fault f = { 0 };
	const char *name;

	(void)state;
	scratch_write("a/.hidden", "x");
	scratch_write("a/...", "x");
	scratch_write("a/b/c", "x");
	list = folder_list(open(scratch_path("a"), O_RDONLY | O_DIRECTORY));
	assert_non_null(list);
	while ((name = folder_next(list)) != NULL)
		assert_int_equal(words_add(&names, name, &f), 0);
	assert_int_equal(errno, 0);
	assert_int_equal(names.count, 3);
	qsort(names.word, names.count, sizeof(*names.word), by_text);
	assert_string_equal(names.word[0], "...");
	assert_string_equal(names.word[1], ".hidden");
	assert_string_equal(names.word[2], "b");
}

static void
what_cannot_be_listed_keeps_its_errno_and_no_descriptor(void **state)
{
	int fd;

	(void)state;
	assert_null(folder_list(open(scratch_path("none"), O_RDONLY)));
	assert_int_equal(errno, ENOENT);
	scratch_write("file", "x");
	fd = open(scratch_path("file"), O_RDONLY);
	assert_null(folder_list(fd));
	assert_int_equal(errno, ENOTDIR);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void
a_tree_is_removed_and_links_are_not_followed(void **state)
{
	struct fault f = { 0 };
	char *got;

	(void)state;
	scratch_write("keep/f", "mine");
	scratch_write("tree/a/b/c", "x");
	scratch_write("tree/.hidden", "x");
	assert_int_equal(symlink("../keep", scratch_path("tree/link")), 0);
	assert_int_equal(mkfifo(scratch_path("tree/a/fifo"), 0600), 0);
	assert_int_equal(folder_remove(scratch_fd, "tree", &f), 0);
	assert_int_equal(scratch_count(""), 1);
	got = scratch_read("keep/f");
	assert_string_equal(got, "mine");
	free(got);
	assert_int_equal(folder_remove(scratch_fd, "tree", &f), 0);
}

static void
what_is_no_folder_stays(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("keep/f", "x");
	assert_int_equal(symlink("keep", scratch_path("link")), 0);
	assert_int_equal(folder_remove(scratch_fd, "keep/f", &f), -1);
	assert_int_equal(folder_remove(scratch_fd, "link", &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(access(scratch_path("link/f"), F_OK), 0);
}

static void
a_scratch_folder_is_private_and_its_path_short(void **state)
{
	OWNED_MEM char *path = NULL;
	OWNED_MEM char *other = NULL;
	OWNED_FD int fd = -1;
	struct fault f = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(folder_scratch(scratch_fd, &path, &f), 0);
	assert_int_equal(strncmp(path, scratch, strlen(scratch)), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	scratch_write("a-long-name-of-a-folder/a-long-name-of-a-folder/"
		      "a-long-name-of-a-folder/f",
	    "x");
	fd = open(scratch_path(
		      "a-long-name-of-a-folder/"
		      "a-long-name-of-a-folder/a-long-name-of-a-folder"),
	    O_RDONLY | O_DIRECTORY);
	(void)setenv("TMPDIR", scratch, 1);
	assert_int_equal(folder_scratch(fd, &other, &f), 0);
	(void)unsetenv("TMPDIR");
	assert_true(strlen(other) < 80);
	assert_int_equal(folder_remove(AT_FDCWD, other, &f), 0);
	assert_int_equal(folder_remove(AT_FDCWD, path, &f), 0);
}

#define TEST(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_name_of_a_folder_is_listed_but_the_dots),
		TEST(what_cannot_be_listed_keeps_its_errno_and_no_descriptor),
		TEST(a_tree_is_removed_and_links_are_not_followed),
		TEST(what_is_no_folder_stays),
		TEST(a_scratch_folder_is_private_and_its_path_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
