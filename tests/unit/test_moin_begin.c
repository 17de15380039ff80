/*
 * What crashes and other people left in a MoinMoin wiki, and whose it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/libmoinwiki.h"
#include "tests/support/libscratch.h"
#include "wiki/moin.h"
#include "wiki/wiki.h"

#define OWNED_PAGE OWNED(wiki_page_clear)

static struct fault f;

static void
a_torn_line_is_mended_before_the_next(void **state)
{
	static const char torn[] =
	    "1500000000000000\t00000001\tSAVE\tX\t\tJ\xc3";
	OWNED_MEM char *log = NULL;

	(void)state;
	scratch_write("data/edit-log", torn);
	assert_int_equal(moinwiki_change("P", NULL, "x\n"), WIKI_DONE);
	log = scratch_read("data/edit-log");
	assert_memory_equal(log, torn, strlen(torn) - 1);
	assert_memory_equal(log + strlen(torn) - 1, "?\n", 2);
	assert_int_equal(moinwiki_lines("edit-log", "\tSAVENEW\tP\t", ""), 1);
}

static void
a_line_of_rubbish_becomes_a_number(void **state)
{
	OWNED_MEM char *log = NULL;

	(void)state;
	scratch_write("data/edit-log", "good\nxyz");
	assert_int_equal(moinwiki_change("P", NULL, "x\n"), WIKI_DONE);
	log = scratch_read("data/edit-log");
	assert_memory_equal(log, "good\n000\n", 9);
}

static void
long_comments_are_cut_before_moin_drops_them(void **state)
{
	char comment[1001];
	OWNED_PLAN struct plan p = PLAN("P", NULL, "x\n");
	OWNED_WIKI struct wiki *w = moinwiki_begin();
	OWNED_MEM char *log = NULL;
	const char *last;

	(void)state;
	memset(comment, 'x', sizeof(comment) - 1);
	comment[sizeof(comment) - 1] = '\0';
	moinwiki_plan(w, &p);
	free(p.job.intent);
	p.job.comment = comment;
	assert_int_equal(wiki_intend(w, &p.job, 1, &f), 0);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	log = scratch_read("data/edit-log");
	last = strrchr(log, '\t') + 1;
	assert_int_equal(strlen(last), 199 + 3 + 1);
	assert_string_equal(last + 199, "\xe2\x80\xa6\n");
}

static void
locks_of_crashed_savers_are_opened(void **state)
{
	struct wiki *w = NULL;

	(void)state;
	moinwiki_save("Old", "one\r\n", NULL, "");
	moinwiki_save("Half", "one\r\n", NULL, "");
	moinwiki_save("Whole", "one\r\n", NULL, "");
	moinwiki_save("Whole", "two\r\n", NULL, "");
	assert_int_equal(rename(scratch_path("data/pages/Old/current"),
			     scratch_path("data/pages/Old/current-locked")),
	    0);
	scratch_write("data/pages/Half/current-locked", "00000002\n");
	assert_int_equal(unlink(scratch_path("data/pages/Half/current")), 0);
	assert_int_equal(rename(scratch_path("data/pages/Whole/current"),
			     scratch_path("data/pages/Whole/current-locked")),
	    0);
	/* Young ones are somebody's. */
	w = moinwiki_begin();
	assert_int_equal(moinwiki_number("Old"), -1);
	moin_of(w)->stale = 1;
	(void)nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	assert_int_equal(wiki_begin(w, false, &f), 0);
	moinwiki_text_is("Old", "one\r\n");
	moinwiki_text_is("Half", "one\r\n");
	moinwiki_text_is("Whole", "two\r\n");
	assert_int_equal(moinwiki_lines("edit-log", "\tOld\t", "unlocked"), 1);
	assert_int_equal(
	    moinwiki_lines("edit-log", "\t00000001\tSAVE\tHalf\t", "unlocked"),
	    1);
	assert_int_equal(moinwiki_lines("pages/Half/edit-log", "", "unlocked"),
	    0);
	assert_int_equal(scratch_count("data/pages/Half"), 3);
	wiki_close(w);
}

static void
a_lock_that_is_used_is_not_opened(void **state)
{
	OWNED_PLAN struct plan p = PLAN("P", NULL, "new\n");
	OWNED_WIKI struct wiki *w = NULL;

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	w = moinwiki_begin();
	moinwiki_plan(w, &p);
	assert_int_equal(rename(scratch_path("data/pages/P/current"),
			     scratch_path("data/pages/P/current-locked")),
	    0);
	/* A stale one is opened when we have waited for it in vain. */
	moin_of(w)->stale = 1;
	(void)nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_DONE);
	moinwiki_text_is("P", "new\r\n");
}

static void
somebody_elses_wiki_is_refused(void **state)
{
	OWNED_WIKI struct wiki *w = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(scratch_path("data/pages"), 4321, 4322), 0);
	assert_int_equal(chmod(scratch, 0711), 0);
	assert_int_equal(chmod(scratch_path("data"), 0777), 0);
	assert_int_equal(chmod(scratch_path("data/pages"), 0777), 0);
	w = moinwiki_open();
	assert_int_equal(seteuid(1234), 0);
	assert_int_equal(wiki_begin(w, false, &f), -1);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "belongs to the user"));
}

static void
root_gives_what_it_makes_to_the_owner(void **state)
{
	static const char *const made[] = { "data/pages/P",
		"data/pages/P/current", "data/pages/P/edit-log",
		"data/pages/P/revisions", "data/pages/P/revisions/00000001",
		"data/pages/Q/attachments/x",
		"data/cache/wikiconfig/antispam/failure" };
	OWNED_WIKI struct wiki *w = NULL;
	struct stat st;
	size_t i;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(scratch_path("data/pages"), 4321, 4322), 0);
	assert_int_equal(moinwiki_change("P", NULL, "x\n"), WIKI_DONE);
	assert_int_equal(moinwiki_change("Q", "x", "x\n"), WIKI_DONE);
	w = moinwiki_open();
	assert_int_equal(wiki_begin(w, true, &f), 0);
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		assert_int_equal(stat(scratch_path(made[i]), &st), 0);
		assert_int_equal(st.st_uid, 4321);
		assert_int_equal(st.st_gid, 4322);
	}
}

static void
moins_own_pull_of_patterns_is_held_off_for_days(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	struct stat st;

	(void)state;
	scratch_write("data/cache/other/antispam/failure", "");
	scratch_write("data/cache/__common__/x", "");
	scratch_write("data/cache/README", "");
	assert_int_equal(wiki_begin(w, true, &f), 0);
	assert_int_equal(
	    stat(scratch_path("data/cache/wikiconfig/antispam/failure"), &st),
	    0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_true(st.st_mtime > time(NULL) + 6 * 24 * 3600);
	assert_int_equal(
	    stat(scratch_path("data/cache/other/antispam/failure"), &st), 0);
	assert_true(st.st_mtime > time(NULL) + 6 * 24 * 3600);
	assert_int_equal(
	    stat(scratch_path("data/cache/__common__/antispam"), &st), -1);
	/* So it is by the runs without news. */
	assert_int_equal(
	    utimensat(scratch_fd, "data/cache/other/antispam/failure", NULL, 0),
	    0);
	assert_int_equal(wiki_hold_off(w, &f), 0);
	assert_int_equal(
	    stat(scratch_path("data/cache/other/antispam/failure"), &st), 0);
	assert_true(st.st_mtime > time(NULL) + 6 * 24 * 3600);
}

static void
nothing_is_intended_before_the_beginning(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	struct wiki_job job = { 0 };

	(void)state;
	assert_int_equal(wiki_intend(w, &job, 0, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
}

static void
a_strange_intent_is_refused(void **state)
{
	static const char *const bad[] = { "", "moin-1", "put\tP",
		"moin-1\tput\tP\t\tt\t-1\t\t\t0\t0\t\t" };
	OWNED_WIKI struct wiki *w = moinwiki_begin();
	enum wiki_outcome outcome;
	char *revision;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    wiki_finish(w, bad[i], &outcome, &revision, &f), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MOINWIKI(a_torn_line_is_mended_before_the_next),
		IN_MOINWIKI(a_line_of_rubbish_becomes_a_number),
		IN_MOINWIKI(long_comments_are_cut_before_moin_drops_them),
		IN_MOINWIKI(locks_of_crashed_savers_are_opened),
		IN_MOINWIKI(a_lock_that_is_used_is_not_opened),
		IN_MOINWIKI(somebody_elses_wiki_is_refused),
		IN_MOINWIKI(root_gives_what_it_makes_to_the_owner),
		IN_MOINWIKI(moins_own_pull_of_patterns_is_held_off_for_days),
		IN_MOINWIKI(nothing_is_intended_before_the_beginning),
		IN_MOINWIKI(a_strange_intent_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
