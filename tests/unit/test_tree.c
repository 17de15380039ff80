#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/file.h"
#include "feeds/tree.h"
#include "tests/support/libscratch.h"

#define HEX "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

static void
a_digest_and_a_sort_give_one_name_and_back(void **state)
{
	static const char *const names[] = {
		[TREE_SNAPSHOT] = "pool/2d/" HEX ".tar.zst",
		[TREE_SIGNATURE] = "pool/2d/" HEX ".tar.zst.sig",
		[TREE_STEP] = "pool/2d/" HEX ".step.zst",
		[TREE_HISTORY] = "history/" HEX ".xml.zst",
		[TREE_NETWORK] = "network/" HEX ".xml.zst",
		[TREE_PIECES] = "pool/2d/" HEX ".pieces",
	};
	char name[TREE_NAME_MAX];
	struct digest d, back;
	struct fault f = { 0 };
	enum tree_sort sort;
	size_t i;

	(void)state;
	digest_of("x", 1, &d);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		tree_name((enum tree_sort)i, &d, name);
		assert_string_equal(name, names[i]);
		assert_int_equal(tree_parse(name, &sort, &back, &f), 0);
		assert_int_equal(sort, i);
		assert_true(digest_equal(&d, &back));
	}
}

static void
no_other_name_is_one(void **state)
{
	static const char *const bad[] = { "", "/", "pool", "pool/2d/",
		"feed.atom", HEX, "history/" HEX, "history/" HEX ".xml",
		"history/2d/" HEX ".xml.zst", "/history/" HEX ".xml.zst",
		"./history/" HEX ".xml.zst", "history//" HEX ".xml.zst",
		"history/../history/" HEX ".xml.zst",
		"history/" HEX ".xml.zst/", "history/" HEX ".xml.zst ",
		"history/" HEX ".xml.zst?", "history/" HEX ".XML.zst",
		"history/" HEX ".xml%2Ezst", "history/" HEX ".step.zst",
		"pool/" HEX ".step.zst", "pool/2e/" HEX ".step.zst",
		"pool/2D/" HEX ".step.zst", "pool/2d/" HEX ".xml.zst",
		"pool/2d/2D711642b726b04401627ca9fbac32f5c8530fb1903cc4db0225"
		"8717921a4881.step.zst",
		"pool/2d/" HEX "0.step.zst", "pool/2d/.step.zst",
		"../pool/2d/" HEX ".step.zst",
		"https://b.example/history/" HEX ".xml.zst",
		"pool/" HEX ".pieces", "pool/2d/" HEX ".pieces.zst", "a%2fb",
		"?", "#", "\n" };
	struct fault f = { 0 };
	enum tree_sort sort;
	struct digest d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (tree_parse(bad[i], &sort, &d, &f) == 0)
			fail_msg("'%s' was taken for a name", bad[i]);
		assert_int_equal(f.kind, FAULT_FORMAT);
	}
}

static void
has(const char *name, const char *text)
{
	OWNED_MEM char *got = scratch_read(name);

	assert_string_equal(got, text);
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(scratch_path(name), &st), 0);
	return st.st_mode & 07777;
}

static void
files_and_folders_can_be_read_by_a_web_server(void **state)
{
	struct fault f = { 0 };
	mode_t before = umask(077);
	int rc;

	(void)state;
	rc = tree_put_bytes(scratch_fd, "pool/2d/a", "abc", 3, &f);
	if (rc == 0)
		rc = tree_put_feed(scratch_fd, "<feed/>", 7, 1000000, &f);
	(void)umask(before);
	assert_int_equal(rc, 0);
	has("pool/2d/a", "abc");
	assert_int_equal(mode_of("pool"), 0755);
	assert_int_equal(mode_of("pool/2d"), 0755);
	assert_int_equal(mode_of("pool/2d/a"), 0644);
	assert_int_equal(mode_of("feed.atom"), 0644);
	assert_int_equal(tree_sync(scratch_fd, &f), 0);
}

static void
what_is_there_is_not_written_again_unless_its_length_differs(void **state)
{
	struct fault f = { 0 };
	struct stat one, two;

	(void)state;
	assert_int_equal(tree_put_bytes(scratch_fd, "history/a", "abc", 3, &f),
	    0);
	assert_int_equal(stat(scratch_path("history/a"), &one), 0);
	assert_int_equal(tree_put_bytes(scratch_fd, "history/a", "xyz", 3, &f),
	    0);
	assert_int_equal(stat(scratch_path("history/a"), &two), 0);
	assert_true(one.st_ino == two.st_ino);
	has("history/a", "abc");
	/* A copy that was cut short is made whole. */
	assert_int_equal(truncate(scratch_path("history/a"), 1), 0);
	assert_int_equal(tree_put_bytes(scratch_fd, "history/a", "abc", 3, &f),
	    0);
	has("history/a", "abc");
	assert_int_equal(scratch_count("history"), 1);
}

static void
a_file_comes_from_a_descriptor_wherever_it_stands(void **state)
{
	OWNED_FD int fd = -1;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(file_memory("test", &fd, &f), 0);
	assert_int_equal(file_write(fd, "abcdef", 6, &f), 0);
	assert_int_equal(tree_put(scratch_fd, "network/a", fd, 6, &f), 0);
	has("network/a", "abcdef");
	/* It has fewer bytes than promised: nothing is put. */
	assert_int_equal(tree_put(scratch_fd, "network/b", fd, 7, &f), -1);
	assert_int_equal(scratch_count("network"), 1);
}

static void
the_feed_is_replaced_with_its_time(void **state)
{
	struct fault f = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(tree_put_feed(scratch_fd, "one", 3, 1000000, &f), 0);
	has("feed.atom", "one");
	assert_int_equal(stat(scratch_path("feed.atom"), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1000000);
	assert_int_equal(st.st_mtim.tv_nsec, 0);
	/* The same length is replaced all the same. */
	assert_int_equal(tree_put_feed(scratch_fd, "two", 3, 1000001, &f), 0);
	has("feed.atom", "two");
	assert_int_equal(stat(scratch_path("feed.atom"), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1000001);
	assert_int_equal(scratch_count(""), 1);
}

static void
a_temporary_file_of_a_crash_is_in_nobodys_way(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("pool/2d/.a.new", "half");
	scratch_write(".feed.atom.new", "half");
	assert_int_equal(tree_put_bytes(scratch_fd, "pool/2d/a", "abc", 3, &f),
	    0);
	assert_int_equal(tree_put_feed(scratch_fd, "one", 3, 1, &f), 0);
	has("pool/2d/a", "abc");
	has("feed.atom", "one");
	assert_int_equal(scratch_count("pool/2d"), 1);
	assert_int_equal(scratch_count(""), 2);
}

static void
links_are_not_followed(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("precious", "kept");
	scratch_write("pool/2d/x", "");
	assert_int_equal(
	    symlink("../../precious", scratch_path("pool/2d/.a.new")), 0);
	assert_int_equal(symlink("../../precious", scratch_path("pool/2d/a")),
	    0);
	assert_int_equal(tree_put_bytes(scratch_fd, "pool/2d/a", "abcd", 4, &f),
	    0);
	has("precious", "kept");
	has("pool/2d/a", "abcd");
}

static void
what_is_in_the_way_is_a_fault_that_names_the_file(void **state)
{
	struct fault f = { 0 };

	(void)state;
	scratch_write("pool", "a file");
	assert_int_equal(tree_put_bytes(scratch_fd, "pool/2d/a", "abc", 3, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "pool"));
	assert_int_equal(mkdir(scratch_path("feed.atom"), 0700), 0);
	scratch_write("feed.atom/x", "");
	assert_int_equal(tree_put_feed(scratch_fd, "one", 3, 1, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "feed.atom"));
	assert_int_equal(scratch_count(""), 2);
}

#define IN_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_and_a_sort_give_one_name_and_back),
		cmocka_unit_test(no_other_name_is_one),
		IN_SCRATCH(files_and_folders_can_be_read_by_a_web_server),
		IN_SCRATCH(
		    what_is_there_is_not_written_again_unless_its_length_differs),
		IN_SCRATCH(a_file_comes_from_a_descriptor_wherever_it_stands),
		IN_SCRATCH(the_feed_is_replaced_with_its_time),
		IN_SCRATCH(a_temporary_file_of_a_crash_is_in_nobodys_way),
		IN_SCRATCH(links_are_not_followed),
		IN_SCRATCH(what_is_in_the_way_is_a_fault_that_names_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
