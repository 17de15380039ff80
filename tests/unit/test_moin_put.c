/*
 * What a MoinMoin wiki becomes by what is put and dropped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "tests/support/libmoinwiki.h"
#include "tests/support/libscratch.h"
#include "wiki/moin_write.h"
#include "wiki/wiki.h"

#define OWNED_PAGE OWNED(wiki_page_clear)

static struct fault f;

static void
a_new_page_has_all_that_moin_needs(void **state)
{
	OWNED_MEM char *log = NULL, *page_log = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(chmod(scratch_path("data/pages"), 0750), 0);
	assert_int_equal(moinwiki_change("A/\xc3\xbc", NULL, "one\n\ntwo"),
	    WIKI_DONE);
	moinwiki_text_is("A(2fc3bc)", "one\r\n\r\ntwo");
	assert_int_equal(moinwiki_number("A(2fc3bc)"), 1);
	log = scratch_read("data/edit-log");
	page_log = scratch_read("data/pages/A(2fc3bc)/edit-log");
	assert_string_equal(log, page_log);
	assert_string_equal(log + 16,
	    "\t00000001\tSAVENEW\tA(2fc3bc)\t\tJ\xe2\x80\xa4 Doe\t\t\t"
	    "from afar\n");
	assert_int_equal(stat(scratch_path("data/pages/A(2fc3bc)"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(
	    stat(scratch_path("data/pages/A(2fc3bc)/current"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(moinwiki_dot_names("data/pages"), 0);
	assert_int_equal(scratch_count("data/pages/A(2fc3bc)"), 3);
}

static void
an_update_is_a_revision_more(void **state)
{
	OWNED_MEM char *old = NULL;

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	scratch_write("data/pages/P/cache/text_html", "stale");
	scratch_write("data/pages/P/cache/pagelinks", "stale");
	scratch_write("data/cache/wikiconfig/pagegroups/P", "stale");
	scratch_write("data/cache/wikiconfig/pagegroups/Q", "fresh");
	assert_int_equal(moinwiki_change("P", NULL, "new\n"), WIKI_DONE);
	moinwiki_text_is("P", "new\r\n");
	old = scratch_read("data/pages/P/revisions/00000001");
	assert_string_equal(old, "old\r\n");
	assert_int_equal(moinwiki_lines("edit-log", "\t00000002\tSAVE\t", ""),
	    1);
	assert_int_equal(
	    moinwiki_lines("pages/P/edit-log", "\t00000002\tSAVE\t", ""), 1);
	assert_int_equal(scratch_count("data/pages/P/cache"), 0);
	assert_int_equal(scratch_count("data/cache/wikiconfig/pagegroups"), 1);
	assert_int_equal(scratch_count("data/pages/P"), 4);
}

static void
a_drop_is_a_deletion_and_the_next_put_goes_on_from_there(void **state)
{
	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	assert_int_equal(moinwiki_change("P", NULL, NULL), WIKI_DONE);
	moinwiki_text_is("P", NULL);
	assert_int_equal(moinwiki_number("P"), 2);
	assert_int_equal(moinwiki_lines("edit-log", "\t00000002\tSAVE\t", ""),
	    1);
	assert_int_equal(moinwiki_change("P", NULL, "again\n"), WIKI_DONE);
	moinwiki_text_is("P", "again\r\n");
	assert_int_equal(moinwiki_number("P"), 3);
	assert_int_equal(
	    moinwiki_lines("edit-log", "\t00000003\tSAVENEW\t", ""), 1);
}

static void
an_underlay_page_is_hidden_and_shows_again(void **state)
{
	OWNED_WIKI struct wiki *w = NULL;
	OWNED_PAGE struct wiki_page p;

	(void)state;
	moinwiki_underlay("Help", "under\r\n");
	assert_int_equal(moinwiki_change("Help", NULL, "ours\n"), WIKI_DONE);
	assert_int_equal(moinwiki_number("Help"), 1);
	assert_int_equal(moinwiki_change("Help", NULL, NULL), WIKI_DONE);
	w = moinwiki_open();
	wiki_page_init(&p);
	assert_int_equal(wiki_read(w, "Help", NULL, &p, &f), 0);
	assert_true(p.from_underlay);
	assert_int_equal(moinwiki_change("Help", NULL, "again\n"), WIKI_DONE);
	assert_int_equal(moinwiki_number("Help"), 3);
}

static void
a_folder_without_revisions_becomes_a_page(void **state)
{
	(void)state;
	scratch_write("data/pages/P/edit-lock", "");
	scratch_write("data/pages/P/edit-log", "");
	assert_int_equal(moinwiki_change("P", NULL, "x\n"), WIKI_DONE);
	moinwiki_text_is("P", "x\r\n");
	assert_int_equal(moinwiki_number("P"), 1);
	/* And so does an empty one. */
	assert_int_equal(mkdirat(scratch_fd, "data/pages/Q", 0770), 0);
	assert_int_equal(moinwiki_change("Q", NULL, "x\n"), WIKI_DONE);
	moinwiki_text_is("Q", "x\r\n");
}

static void
a_revision_that_a_crash_left_is_stepped_over(void **state)
{
	OWNED_MEM char *left = NULL;

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	scratch_write("data/pages/P/revisions/00000002", "half");
	assert_int_equal(moinwiki_change("P", NULL, "new\n"), WIKI_DONE);
	assert_int_equal(moinwiki_number("P"), 3);
	moinwiki_text_is("P", "new\r\n");
	left = scratch_read("data/pages/P/revisions/00000002");
	assert_string_equal(left, "half");
	scratch_write("data/pages/P/revisions/00000004", "half");
	assert_int_equal(moinwiki_change("P", NULL, NULL), WIKI_DONE);
	moinwiki_text_is("P", NULL);
	assert_int_equal(moinwiki_number("P"), 5);
}

static void
attachments_are_put_replaced_and_dropped(void **state)
{
	OWNED_MEM char *one = NULL, *two = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(moinwiki_change("P", "a b.png", "one"), WIKI_DONE);
	one = scratch_read("data/pages/P/attachments/a b.png");
	assert_string_equal(one, "one");
	assert_int_equal(moinwiki_change("P", "a b.png", "two"), WIKI_DONE);
	two = scratch_read("data/pages/P/attachments/a b.png");
	assert_string_equal(two, "two");
	assert_int_equal(moinwiki_change("P", "a b.png", NULL), WIKI_DONE);
	assert_int_equal(
	    fstatat(scratch_fd, "data/pages/P/attachments/a b.png", &st, 0),
	    -1);
	assert_int_equal(moinwiki_lines("edit-log", "\t99999999\tATTNEW\tP\t",
			     "\ta%20b.png\t"),
	    2);
	assert_int_equal(moinwiki_lines("edit-log", "\t99999999\tATTDEL\tP\t",
			     "\ta%20b.png\t"),
	    1);
	assert_int_equal(moinwiki_lines("pages/P/edit-log", "\tATT", ""), 3);
	assert_int_equal(moinwiki_dot_names("data/pages/P"), 0);
}

static void
stamps_are_later_than_all_before(void **state)
{
	OWNED_MEM char *log = NULL;

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	/* A clock that was ahead. */
	scratch_write("data/pages/P/edit-log",
	    "9000000000000000\t00000001\tSAVE\tP\n"
	    "1500000000000000\t99999999\tATTNEW\tP\t\t\t\tx\n");
	assert_int_equal(moinwiki_change("P", NULL, "new\n"), WIKI_DONE);
	log = scratch_read("data/pages/P/edit-log");
	assert_non_null(strstr(log, "\n9000000000000001\t00000002\tSAVE\t"));
}

static void
what_cannot_be_is_said_so(void **state)
{
	(void)state;
	assert_int_equal(moinwiki_change("P", NULL, "a\rb"), WIKI_CANNOT);
	assert_int_equal(moinwiki_change("P", NULL, "caf\xe9"), WIKI_CANNOT);
	assert_int_equal(moinwiki_change("P", NULL, "\xef\xbb\xbf#acl x"),
	    WIKI_CANNOT);
	assert_int_equal(moinwiki_change("P  Q", NULL, "x"), WIKI_CANNOT);
	assert_int_equal(moinwiki_change("P", "..", "x"), WIKI_CANNOT);
	assert_int_equal(moinwiki_change("P", ".htaccess", "x"), WIKI_CANNOT);
	assert_int_equal(scratch_count("data/pages"), 0);
	scratch_write("data/pages/File", "in the way");
	assert_int_equal(moinwiki_change("File", NULL, "x"), WIKI_CANNOT);
	assert_int_equal(moinwiki_change("File", "a", "x"), WIKI_CANNOT);
}

static void
a_damaged_page_is_left_alone(void **state)
{
	OWNED_PLAN struct plan p = PLAN("P", NULL, "new\n");
	OWNED_WIKI struct wiki *w = moinwiki_begin();

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	moinwiki_plan(w, &p);
	scratch_write("data/pages/P/current", "");
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_MOVED);
	free(p.before);
	p.before = NULL;
	p.job.before = NULL;
	p.job.outcome = WIKI_OPEN;
	free(p.job.intent);
	assert_int_equal(wiki_intend(w, &p.job, 1, &f), 0);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_CANNOT);
	assert_non_null(strstr(p.job.reason, "damaged"));
	assert_int_equal(moinwiki_dot_names("data/pages/P"), 0);
	assert_int_equal(scratch_count("data/pages/P/revisions"), 1);
}

static void
a_save_since_the_decision_wins(void **state)
{
	OWNED_PLAN struct plan p = PLAN("P", NULL, "new\n");
	OWNED_PLAN struct plan q = PLAN("P", "f", "new");
	OWNED_WIKI struct wiki *w = moinwiki_begin();

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	moinwiki_plan(w, &p);
	moinwiki_save("P", "user's\r\n", NULL, "");
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_MOVED);
	moinwiki_text_is("P", "user's\r\n");
	moinwiki_plan(w, &q);
	moinwiki_attach("P", "f", "user's");
	assert_int_equal(wiki_carry_out(w, &q.job, 1, &f), 0);
	assert_int_equal(q.job.outcome, WIKI_MOVED);
	assert_int_equal(moinwiki_dot_names("data/pages/P"), 0);
}

static void
an_upload_just_after_ours_is_seen_to_be_a_users(void **state)
{
	OWNED_PLAN struct plan p = PLAN("P", "f", "ours");
	OWNED_WIKI struct wiki *w = moinwiki_begin();
	OWNED_INTENT struct moin_intent in = { 0 };
	OWNED_MEM char *now = NULL;
	struct moin_step step = { 0 };
	struct moin *m = moin_of(w);

	(void)state;
	moinwiki_plan(w, &p);
	assert_int_equal(moin_intent_read(p.job.intent, &in, &f), 0);
	assert_int_equal(moin_attach_prepare(m, &in, &p.job, &step, true, &f),
	    0);
	assert_int_equal(moin_attach_make(m, &in, &p.job, &step, &f), 0);
	assert_int_equal(step.stage, MOIN_MADE);
	moinwiki_attach("P", "f", "a user's");
	assert_int_equal(moin_attach_tell(m, &in, &step, &p.job.revision, &f),
	    0);
	assert_int_equal(wiki_revision(w, "P", "f", &now, &f), 0);
	assert_string_not_equal(now, p.job.revision);
}

static void
a_save_just_after_ours_is_seen_to_be_a_users(void **state)
{
	OWNED_PLAN struct plan p = PLAN("P", NULL, "#deprecated\n");
	OWNED_WIKI struct wiki *w = moinwiki_begin();
	OWNED_INTENT struct moin_intent in = { 0 };
	OWNED_MEM char *now = NULL;
	struct moin_step step = { 0 };
	struct moin *m = moin_of(w);

	(void)state;
	moinwiki_plan(w, &p);
	assert_int_equal(moin_intent_read(p.job.intent, &in, &f), 0);
	assert_int_equal(moin_save_prepare(m, &in, &p.job, &step, true, &f), 0);
	assert_int_equal(moin_save_make(m, &in, &p.job, &step, &f), 0);
	assert_int_equal(step.stage, MOIN_MADE);
	/* As Moin does with such a page. */
	scratch_write("data/pages/P/revisions/00000001",
	    "#deprecated\r\na user's");
	assert_int_equal(moin_save_tell(m, &in, &step, &p.job.revision, &f), 0);
	assert_int_equal(wiki_revision(w, "P", NULL, &now, &f), 0);
	assert_string_not_equal(now, p.job.revision);
}

static void
a_locked_page_is_left_for_the_next_run(void **state)
{
	OWNED_PLAN struct plan p = PLAN("P", NULL, "new\n");
	OWNED_WIKI struct wiki *w = moinwiki_begin();

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	moinwiki_plan(w, &p);
	assert_int_equal(rename(scratch_path("data/pages/P/current"),
			     scratch_path("data/pages/P/current-locked")),
	    0);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_LOCKED);
	assert_int_equal(moinwiki_dot_names("data/pages/P"), 0);
	assert_int_equal(rename(scratch_path("data/pages/P/current-locked"),
			     scratch_path("data/pages/P/current")),
	    0);
	moinwiki_text_is("P", "old\r\n");
}

/* ---- a real wiki's pages ---- */

#define REAL_MAX 3000

static struct item real_items[REAL_MAX];
static struct wiki_job real_jobs[REAL_MAX];
static size_t real_count;

static void
plan_real(struct wiki *from)
{
	OWNED(wiki_walk_close) struct wiki_walk *walk = NULL;
	const struct wiki_entry *e;
	bool have;

	assert_int_equal(wiki_walk_open(from, &walk, &f), 0);
	while (wiki_walk_next(walk, &e, &have, &f) == 0 && have) {
		OWNED_PAGE struct wiki_page p;
		struct item *item = &real_items[real_count];
		struct wiki_job *job = &real_jobs[real_count++];

		assert_true(real_count < REAL_MAX);
		wiki_page_init(&p);
		if (e->trouble != NULL)
			fail_msg("%s: %s", e->where, e->trouble);
		if (wiki_read(from, e->page, e->file, &p, &f) == -1)
			fail_msg("%s", f.text);
		item->kind = e->file != NULL ? ITEM_ATTACHMENT : ITEM_PAGE;
		item->name = strdup(e->file != NULL ? e->file : e->page);
		item->page = e->file != NULL ? strdup(e->page) : NULL;
		job->item = item;
		job->size = p.text.len;
		job->content = buf_take(&p.text);
	}
}

static void
clear_real(void)
{
	size_t i;

	for (i = 0; i < real_count; i++) {
		free((char *)real_jobs[i].content);
		item_clear(&real_items[i]);
		wiki_job_clear(&real_jobs[i]);
	}
	real_count = 0;
}

static void
pages_of_a_real_wiki_come_back_byte_for_byte(void **state)
{
	const char *shared = getenv("WIKICAST_SHARED");
	OWNED_WIKI struct wiki *from = NULL, *to = NULL;
	struct wiki_options options = { 0 };
	char command[1000], name[100];
	size_t i;

	(void)state;
	assert_int_equal(mkdirat(scratch_fd, "real", 0700), 0);
	(void)snprintf(command, sizeof(command),
	    "tar --zstd -xf '%s/data/moin-underlay-pages.tar.zst' -C '%s/real'"
	    " 2>/dev/null",
	    shared != NULL ? shared : "../shared", scratch);
	if (system(command) != 0)
		skip();
	(void)snprintf(name, sizeof(name), "moin:%s/real", scratch);
	assert_int_equal(wiki_open(name, &options, &from, &f), 0);
	plan_real(from);
	assert_true(real_count > 1900);
	to = moinwiki_begin();
	assert_int_equal(wiki_intend(to, real_jobs, real_count, &f), 0);
	assert_int_equal(wiki_carry_out(to, real_jobs, real_count, &f), 0);
	for (i = 0; i < real_count; i++)
		assert_int_equal(real_jobs[i].outcome, WIKI_DONE);
	clear_real();
	/* Folders without files are all that differs, but for our logs. */
	(void)snprintf(command, sizeof(command),
	    "cd '%s' && find real/pages data/pages -name edit-log -delete &&"
	    " find real/pages data/pages -type d -empty -delete &&"
	    " diff -r real/pages data/pages >/dev/null",
	    scratch);
	assert_int_equal(system(command), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MOINWIKI(a_new_page_has_all_that_moin_needs),
		IN_MOINWIKI(an_update_is_a_revision_more),
		IN_MOINWIKI(
		    a_drop_is_a_deletion_and_the_next_put_goes_on_from_there),
		IN_MOINWIKI(an_underlay_page_is_hidden_and_shows_again),
		IN_MOINWIKI(a_folder_without_revisions_becomes_a_page),
		IN_MOINWIKI(a_revision_that_a_crash_left_is_stepped_over),
		IN_MOINWIKI(attachments_are_put_replaced_and_dropped),
		IN_MOINWIKI(a_save_just_after_ours_is_seen_to_be_a_users),
		IN_MOINWIKI(an_upload_just_after_ours_is_seen_to_be_a_users),
		IN_MOINWIKI(stamps_are_later_than_all_before),
		IN_MOINWIKI(what_cannot_be_is_said_so),
		IN_MOINWIKI(a_damaged_page_is_left_alone),
		IN_MOINWIKI(a_save_since_the_decision_wins),
		IN_MOINWIKI(a_locked_page_is_left_for_the_next_run),
		IN_MOINWIKI(pages_of_a_real_wiki_come_back_byte_for_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
