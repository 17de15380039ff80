/*
 * Writing into a plain folder, one thing after another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/support/libplan.h"
#include "tests/support/libscratch.h"

#define IN_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

static struct fault f;

static void
a_page_is_made_changed_dropped_and_made_again(void **state)
{
	(void)state;
	assert_int_equal(plan_run("A/B", NULL, "one\n"), WIKI_DONE);
	plan_file_is("A%2FB.txt", "one\n");
	assert_int_equal(scratch_count(""), 1);
	assert_int_equal(plan_run("A/B", NULL, "two\n"), WIKI_DONE);
	assert_int_equal(plan_run("A/B", NULL, "three\n"), WIKI_DONE);
	plan_file_is("A%2FB.txt", "three\n");
	plan_file_is("A%2FB.txt.~1~", "one\n");
	plan_file_is("A%2FB.txt.~2~", "two\n");
	assert_int_equal(plan_run("A/B", NULL, NULL), WIKI_DONE);
	plan_file_is("A%2FB.txt", NULL);
	plan_file_is("A%2FB.txt.~3~", "three\n");
	assert_int_equal(plan_run("A/B", NULL, NULL), WIKI_DONE);
	assert_int_equal(plan_run("A/B", NULL, ""), WIKI_DONE);
	plan_file_is("A%2FB.txt", "");
	assert_int_equal(scratch_count(""), 4);
}

static int
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(scratch_fd, name, &st, 0), 0);
	return st.st_mode & 07777;
}

static void
modes_are_those_of_the_wiki_whatever_the_umask(void **state)
{
	static const struct {
		mode_t umask, wiki;
		int file, folder;
	} cases[] = {
		{ 077, 0755, 0644, 0755 },
		{ 0, 0755, 0644, 0755 },
		{ 022, 02775, 0664, 02775 },
		{ 0, 0777, 0664, 0775 },
	};
	size_t i;
	mode_t mask;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char page[2] = { (char)('A' + i), '\0' };
		char text[16], folder[16];

		assert_int_equal(fchmod(scratch_fd, cases[i].wiki), 0);
		mask = umask(cases[i].umask);
		assert_int_equal(plan_run(page, NULL, "one\n"), WIKI_DONE);
		assert_int_equal(plan_run(page, "x", "one\n"), WIKI_DONE);
		(void)umask(mask);
		(void)snprintf(text, sizeof(text), "%s.txt", page);
		(void)snprintf(folder, sizeof(folder), "%s.files", page);
		assert_int_equal(mode_of(text), cases[i].file);
		assert_int_equal(mode_of(folder), cases[i].folder);
		/* What its people chose is kept. */
		assert_int_equal(fchmodat(scratch_fd, text, 0600, 0), 0);
		assert_int_equal(plan_run(page, NULL, "two\n"), WIKI_DONE);
		assert_int_equal(mode_of(text), 0600);
	}
}

static void
an_attachment_and_its_old_versions_do_not_mix(void **state)
{
	(void)state;
	assert_int_equal(plan_run("A", "x.png", "one"), WIKI_DONE);
	plan_file_is("A.files/x.png", "one");
	assert_int_equal(plan_run("A", "x.png", "two"), WIKI_DONE);
	plan_file_is("A.files/x.png", "two");
	plan_file_is("A.files/.old/x.png.~1~", "one");
	/* An attachment that is called like an old version. */
	assert_int_equal(plan_run("A", "x.png.~1~", "mine"), WIKI_DONE);
	assert_int_equal(plan_run("A", "x.png", NULL), WIKI_DONE);
	plan_file_is("A.files/x.png", NULL);
	plan_file_is("A.files/x.png.~1~", "mine");
	plan_file_is("A.files/.old/x.png.~2~", "two");
	plan_file_is("A.txt", NULL);
	assert_int_equal(plan_run("B", "x.png", NULL), WIKI_DONE);
	plan_file_is("B.files", NULL);
}

static void
the_next_old_version_is_found_among_many(void **state)
{
	char name[40];
	int i;

	(void)state;
	scratch_write("A.txt", "now");
	for (i = 1; i <= 21; i++) {
		(void)snprintf(name, sizeof(name), "A.txt.~%d~", i);
		scratch_write(name, "old");
	}
	assert_int_equal(plan_run("A", NULL, "new"), WIKI_DONE);
	plan_file_is("A.txt.~22~", "now");
	plan_file_is("A.txt.~21~", "old");
}

static void
a_changed_file_keeps_its_mode(void **state)
{
	struct stat st;

	(void)state;
	scratch_write("A.txt", "x");
	assert_int_equal(fchmodat(scratch_fd, "A.txt", 0664, 0), 0);
	assert_int_equal(plan_run("A", NULL, "y"), WIKI_DONE);
	assert_int_equal(fstatat(scratch_fd, "A.txt", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0664);
}

static void
refused_names_are_not_written(void **state)
{
	OWNED_PLAN struct plan p = PLAN("A", "x.php", "<?php");
	OWNED_WIKI struct wiki *w = plan_wiki();

	(void)state;
	plan_make(w, &p);
	assert_int_equal(p.job.outcome, WIKI_CANNOT);
	assert_non_null(strstr(p.job.reason, "web server"));
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_CANNOT);
	assert_int_equal(scratch_count(""), 0);
}

static void
what_is_in_the_way_stops_one_job_and_no_other(void **state)
{
	char outside[] = "/tmp/wcXXXXXX";
	int fd = mkstemp(outside);
	struct stat st;

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(symlinkat("/tmp", scratch_fd, "B.files"), 0);
	assert_int_equal(symlinkat("..", scratch_fd, "C.files"), 0);
	assert_int_equal(plan_run("B", strrchr(outside, '/') + 1, "evil"),
	    WIKI_CANNOT);
	assert_int_equal(plan_run("C", "x", "evil"), WIKI_CANNOT);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(plan_run("D", "x", "fine"), WIKI_DONE);
	(void)close(fd);
	(void)unlink(outside);
}

static void
a_link_in_the_place_of_a_text_is_not_written_through(void **state)
{
	struct item item = { .kind = ITEM_PAGE };
	char name[] = "A";
	struct wiki_job job = { .item = &item, .content = "evil", .size = 4 };
	OWNED_WIKI struct wiki *w = plan_wiki();

	(void)state;
	item.name = name;
	scratch_write("victim", "safe");
	assert_int_equal(symlinkat("victim", scratch_fd, "A.txt"), 0);
	assert_int_equal(symlinkat("victim", scratch_fd, ".A.txt.part"), 0);
	assert_int_equal(wiki_intend(w, &job, 1, &f), 0);
	assert_int_equal(wiki_carry_out(w, &job, 1, &f), 0);
	assert_int_equal(job.outcome, WIKI_CANNOT);
	plan_file_is("victim", "safe");
	wiki_job_clear(&job);
	job = (struct wiki_job){ .item = &item, .content = "new", .size = 3 };
	assert_int_equal(unlinkat(scratch_fd, "A.txt", 0), 0);
	assert_int_equal(wiki_intend(w, &job, 1, &f), 0);
	assert_int_equal(wiki_carry_out(w, &job, 1, &f), 0);
	assert_int_equal(job.outcome, WIKI_DONE);
	plan_file_is("victim", "safe");
	plan_file_is("A.txt", "new");
	wiki_job_clear(&job);
}

static void
an_item_that_has_moved_is_left_alone(void **state)
{
	OWNED_PLAN struct plan p = PLAN("A", NULL, "theirs");
	OWNED_PLAN struct plan d = PLAN("A", NULL, NULL);
	OWNED_PLAN struct plan n = PLAN("N", NULL, "theirs");
	OWNED_WIKI struct wiki *w = plan_wiki();

	(void)state;
	scratch_write("A.txt", "old");
	plan_make(w, &p);
	plan_make(w, &d);
	plan_make(w, &n);
	scratch_write("A.txt", "edited");
	scratch_write("N.txt", "made here");
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_MOVED);
	assert_int_equal(wiki_carry_out(w, &d.job, 1, &f), 0);
	assert_int_equal(d.job.outcome, WIKI_MOVED);
	assert_int_equal(wiki_carry_out(w, &n.job, 1, &f), 0);
	assert_int_equal(n.job.outcome, WIKI_MOVED);
	plan_file_is("A.txt", "edited");
	plan_file_is("N.txt", "made here");
	assert_int_equal(scratch_count(""), 2);
}

static void
what_somebody_removed_has_moved_as_well(void **state)
{
	OWNED_PLAN struct plan p = PLAN("A", NULL, "theirs");
	OWNED_PLAN struct plan d = PLAN("A", "x", NULL);
	OWNED_WIKI struct wiki *w = plan_wiki();

	(void)state;
	scratch_write("A.txt", "old");
	scratch_write("A.files/x", "old");
	plan_make(w, &p);
	plan_make(w, &d);
	assert_int_equal(unlinkat(scratch_fd, "A.txt", 0), 0);
	assert_int_equal(unlinkat(scratch_fd, "A.files/x", 0), 0);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_MOVED);
	assert_int_equal(wiki_carry_out(w, &d.job, 1, &f), 0);
	assert_int_equal(d.job.outcome, WIKI_MOVED);
	plan_file_is("A.txt", NULL);
}

static void
finish(const char *intent, enum wiki_outcome want)
{
	OWNED_WIKI struct wiki *w = plan_wiki();
	enum wiki_outcome outcome = WIKI_OPEN;
	OWNED_MEM char *revision = NULL;

	f = (struct fault){ 0 };
	assert_int_equal(wiki_finish(w, intent, &outcome, &revision, &f), 0);
	assert_int_equal(outcome, want);
}

static void
old_versions_that_others_made_are_not_tidied(void **state)
{
	static const char put[] =
	    "put 1 11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36ff"
	    "f21c437 items/A/text"; /* "new" */

	(void)state;
	scratch_write("A.txt", "edited since");
	scratch_write("A.txt.~1~", "old");
	finish(put, WIKI_MOVED);
	plan_file_is("A.txt.~1~", "old");
	scratch_write("A.txt.~1~", "new");
	finish(put, WIKI_MOVED);
	plan_file_is("A.txt.~1~", NULL);
	plan_file_is("A.txt", "edited since");
	scratch_write("A.txt", "new");
	finish(put, WIKI_DONE);
}

static void
damaged_intents_decide_nothing(void **state)
{
	(void)state;
	scratch_write("A.txt", "x");
	finish("", WIKI_MOVED);
	finish("drop 1 - items/../text", WIKI_MOVED);
	finish("put 1 - items/A/text", WIKI_MOVED);
	finish("put -1 - items/A/text", WIKI_MOVED);
	plan_file_is("A.txt", "x");
	assert_int_equal(scratch_count(""), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(a_page_is_made_changed_dropped_and_made_again),
		IN_SCRATCH(modes_are_those_of_the_wiki_whatever_the_umask),
		IN_SCRATCH(an_attachment_and_its_old_versions_do_not_mix),
		IN_SCRATCH(the_next_old_version_is_found_among_many),
		IN_SCRATCH(a_changed_file_keeps_its_mode),
		IN_SCRATCH(refused_names_are_not_written),
		IN_SCRATCH(what_is_in_the_way_stops_one_job_and_no_other),
		IN_SCRATCH(
		    a_link_in_the_place_of_a_text_is_not_written_through),
		IN_SCRATCH(an_item_that_has_moved_is_left_alone),
		IN_SCRATCH(what_somebody_removed_has_moved_as_well),
		IN_SCRATCH(old_versions_that_others_made_are_not_tidied),
		IN_SCRATCH(damaged_intents_decide_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
