/*
 * Writing into a MoinMoin wiki: nothing of anybody's is lost and nothing is
 * told twice, at whatever call a crash or a user's save comes in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <inttypes.h>

#include "tests/support/calls.h"
#include "tests/support/libmoinwiki.h"
#include "tests/support/libscratch.h"
#include "wiki/moin.h"
#include "wiki/wiki.h"

#define OWNED_PAGE OWNED(wiki_page_clear)

/* Besides the calls of calls.h. */
int
openat(int dirfd, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
		if (fails("openat"))
			return -1;
	}
	return (int)syscall(SYS_openat, dirfd, name, flags, mode);
}

/* ---- somebody else ---- */

static bool saved;

static void
user_saves(void)
{
	/* While we have the lock he waits. */
	saved = moinwiki_number("P") >= 0;
	if (saved)
		moinwiki_save("P", "user's\r\n", NULL, "user");
}

/* How many revisions of the page have that text. */
static int64_t
count_revisions(const char *text)
{
	int64_t number = moinwiki_number("P"), i, seen = 0;
	char name[64];

	for (i = 1; i <= number; i++) {
		OWNED_MEM char *is = NULL;

		(void)snprintf(name, sizeof(name),
		    "data/pages/P/revisions/%08" PRId64, i);
		is = scratch_read(name);
		seen += strcmp(is, text) == 0;
	}
	return seen;
}

static void
a_save_before_any_call_is_not_lost(void **state)
{
	int at, times = 0;

	(void)state;
	for (at = 1;; at++) {
		OWNED_PLAN struct plan p = PLAN("P", NULL, "new\n");
		OWNED_WIKI struct wiki *w = NULL;

		no_events();
		assert_int_equal(moinwiki_leave(state), 0);
		assert_int_equal(moinwiki_enter(state), 0);
		moinwiki_save("P", "old\r\n", NULL, "");
		w = moinwiki_begin();
		moinwiki_plan(w, &p);
		calls = 0;
		event_at = at;
		event = user_saves;
		assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
		if (event != NULL)
			break;
		assert_int_equal(count_revisions("user's\r\n"), saved);
		assert_int_equal(count_revisions("new\r\n"),
		    p.job.outcome == WIKI_DONE);
		assert_int_equal(moinwiki_dot_names("data/pages/P"), 0);
		times += saved;
	}
	assert_true(times > 10);
	no_events();
}

static void
user_makes_the_page(void)
{
	moinwiki_save("P", "user's\r\n", NULL, "");
}

static void
a_page_that_is_made_meanwhile_is_not_overwritten(void **state)
{
	int at;

	(void)state;
	for (at = 1; at < 30; at++) {
		OWNED_PLAN struct plan p = PLAN("P", NULL, "new\n");
		OWNED_WIKI struct wiki *w = NULL;
		OWNED_MEM char *first = NULL, *second = NULL;

		no_events();
		assert_int_equal(moinwiki_leave(state), 0);
		assert_int_equal(moinwiki_enter(state), 0);
		w = moinwiki_begin();
		moinwiki_plan(w, &p);
		calls = 0;
		event_at = at;
		event = user_makes_the_page;
		assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
		if (event != NULL)
			break;
		if (p.job.outcome == WIKI_MOVED) {
			moinwiki_text_is("P", "user's\r\n");
			continue;
		}
		assert_int_equal(p.job.outcome, WIKI_DONE);
		first = scratch_read("data/pages/P/revisions/00000001");
		second = scratch_read("data/pages/P/revisions/00000002");
		assert_string_equal(first, "new\r\n");
		assert_string_equal(second, "user's\r\n");
	}
	assert_true(at > 10);
	no_events();
}

/* ---- crashes ---- */

static const struct scene {
	const char *page, *file, *old_text, *new_text;
	int64_t number; /* of the page afterwards */
} scenes[] = {
	{ "P", NULL, NULL, "new\n", 1 }, { "P", NULL, "old\r\n", "new\n", 2 },
	{ "P", NULL, "old\r\n", NULL, 2 }, { "P", "x", NULL, "new\n", -1 },
	{ "P", "x", "old", "new\n", -1 }, { "P", "x", "old", NULL, -1 },
	{ "P", NULL, "", "new\n", 1 }, /* a folder without revisions */
};
#define SCENE_COUNT (sizeof(scenes) / sizeof(scenes[0]))

static void
set_scene(const struct scene *s)
{
	void *nothing = NULL;

	no_events();
	assert_int_equal(moinwiki_leave(&nothing), 0);
	assert_int_equal(moinwiki_enter(&nothing), 0);
	if (s->old_text == NULL)
		return;
	if (s->file != NULL)
		moinwiki_attach("P", s->file, s->old_text);
	else if (*s->old_text != '\0')
		moinwiki_save("P", s->old_text, NULL, "");
	else
		scratch_write("data/pages/P/cache/hitcounts", "");
}

/* As after an undisturbed change, and nothing else. */
static void
scene_is_done(const struct scene *s)
{
	char revision[32];
	OWNED_MEM char *is = NULL;
	struct stat st;

	assert_int_equal(moinwiki_dot_names("data/pages"), 0);
	assert_int_equal(moinwiki_dot_names("data/pages/P"), 0);
	if (s->file != NULL) {
		const char *action =
		    s->new_text != NULL ? "\tATTNEW\tP\t" : "\tATTDEL\tP\t";

		assert_int_equal(moinwiki_lines("edit-log", action, "\tx\t"),
		    1);
		assert_int_equal(
		    moinwiki_lines("pages/P/edit-log", action, "\tx\t"), 1);
		if (s->new_text == NULL) {
			assert_int_equal(fstatat(scratch_fd,
					     "data/pages/P/attachments/x", &st,
					     0),
			    -1);
			return;
		}
		is = scratch_read("data/pages/P/attachments/x");
		assert_string_equal(is, s->new_text);
		return;
	}
	moinwiki_text_is("P", s->new_text != NULL ? "new\r\n" : NULL);
	assert_int_equal(moinwiki_number("P"), s->number);
	assert_int_equal(scratch_count("data/pages/P/revisions"),
	    s->new_text != NULL ? (size_t)s->number : 1);
	(void)snprintf(revision, sizeof(revision), "\t%08" PRId64 "\tSAVE",
	    s->number);
	assert_int_equal(moinwiki_lines("edit-log", revision, "\tP\t"), 1);
	assert_int_equal(moinwiki_lines("pages/P/edit-log", revision, ""), 1);
}

static void
finish(struct plan *p, const struct scene *s)
{
	OWNED_WIKI struct wiki *w = moinwiki_begin();
	OWNED_MEM char *revision = NULL, *now = NULL;
	enum wiki_outcome outcome = WIKI_OPEN;

	if (wiki_finish(w, p->job.intent, &outcome, &revision, &f) == -1)
		fail_msg("%s", f.text);
	if (outcome == WIKI_MOVED) {
		assert_int_equal(moinwiki_change(s->page, s->file, s->new_text),
		    WIKI_DONE);
		return;
	}
	assert_int_equal(outcome, WIKI_DONE);
	assert_int_equal(wiki_revision(w, s->page, s->file, &now, &f), 0);
	assert_true((revision == NULL) == (now == NULL));
	if (now != NULL)
		assert_string_equal(revision, now);
}

static bool
crash_scene(const struct scene *s, int at)
{
	struct plan p OWNED(libplan_clear) = { s->page, s->file, s->new_text,
		{ 0 }, NULL, { 0 } };
	bool crashed;

	set_scene(s);
	{
		OWNED_WIKI struct wiki *w = moinwiki_begin();

		moinwiki_plan(w, &p);
		crashed = run_and_die(w, &p.job, 1, at);
	}
	finish(&p, s);
	scene_is_done(s);
	return crashed;
}

static void
a_crash_at_any_call_ends_in_the_same_place(void **state)
{
	size_t i;
	int at;

	(void)state;
	for (i = 0; i < SCENE_COUNT; i++) {
		for (at = 1; crash_scene(&scenes[i], at); at++)
			assert_true(at < 60);
		assert_true(at > 5);
	}
	no_events();
}

/* And a crash of the run that finishes. */
static bool
crash_twice(const struct scene *s, int first, int second)
{
	struct plan p OWNED(libplan_clear) = { s->page, s->file, s->new_text,
		{ 0 }, NULL, { 0 } };
	int status;
	pid_t pid;

	set_scene(s);
	{
		OWNED_WIKI struct wiki *w = moinwiki_begin();

		moinwiki_plan(w, &p);
		(void)run_and_die(w, &p.job, 1, first);
	}
	pid = fork();
	if (pid == 0) {
		OWNED_WIKI struct wiki *w = moinwiki_begin();
		enum wiki_outcome outcome;
		char *revision;

		calls = 0;
		event_at = second;
		event = die;
		_exit(wiki_finish(w, p.job.intent, &outcome, &revision, &f));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	finish(&p, s);
	scene_is_done(s);
	return WEXITSTATUS(status) == 9;
}

static void
a_crash_while_finishing_ends_there_too(void **state)
{
	int first, second;

	(void)state;
	for (first = 8; first < 22; first++)
		for (second = 1; crash_twice(&scenes[1], first, second);
		     second++)
			assert_true(second < 40);
	no_events();
}

static void
a_user_who_saves_after_the_crash_keeps_his_text(void **state)
{
	const struct scene *s = &scenes[1];
	int at;

	(void)state;
	for (at = 1; at < 60; at++) {
		OWNED_PLAN struct plan p = PLAN("P", NULL, "new\n");
		OWNED_WIKI struct wiki *w = NULL;
		OWNED_MEM char *revision = NULL;
		enum wiki_outcome outcome = WIKI_OPEN;
		bool crashed;

		set_scene(s);
		w = moinwiki_begin();
		moinwiki_plan(w, &p);
		crashed = run_and_die(w, &p.job, 1, at);
		/* If it is locked he gets an error, and nothing is saved. */
		if (moinwiki_number("P") < 0)
			continue;
		moinwiki_save("P", "user's\r\n", NULL, "");
		assert_int_equal(
		    wiki_finish(w, p.job.intent, &outcome, &revision, &f), 0);
		moinwiki_text_is("P", "user's\r\n");
		if (outcome == WIKI_DONE) {
			assert_int_equal(moinwiki_number("P"), 3);
			assert_int_equal(moinwiki_lines("edit-log",
					     "\t00000002\tSAVE\t", "Doe"),
			    1);
			assert_memory_equal(revision, "2-", 2);
		} else {
			assert_int_equal(moinwiki_number("P"), 2);
		}
		assert_int_equal(moinwiki_dot_names("data/pages/P"), 0);
		if (!crashed)
			break;
	}
	no_events();
}

static void
after_a_failure_at_any_call_the_page_is_whole(void **state)
{
	size_t i;
	int at;

	(void)state;
	for (i = 0; i < SCENE_COUNT; i++)
		for (at = 1; at < 60; at++) {
			const struct scene *s = &scenes[i];
			OWNED_PLAN struct plan p =
			    PLAN(s->page, s->file, s->new_text);
			OWNED_WIKI struct wiki *w = NULL;
			bool happened;

			set_scene(s);
			w = moinwiki_begin();
			moinwiki_plan(w, &p);
			calls = 0;
			event_at = at;
			fail_with = ENOSPC;
			if (wiki_carry_out(w, &p.job, 1, &f) == -1)
				assert_int_equal(f.sys, ENOSPC);
			happened = calls >= at;
			no_events();
			if (s->file == NULL && moinwiki_number("P") < 0)
				assert_true(s->number == 1 ||
				    p.job.outcome == WIKI_OPEN);
			if (p.job.outcome == WIKI_OPEN)
				finish(&p, s);
			if (p.job.outcome == WIKI_MOVED)
				assert_int_equal(moinwiki_change(s->page,
						     s->file, s->new_text),
				    WIKI_DONE);
			scene_is_done(s);
			if (!happened)
				break;
		}
}

/* ---- many ---- */

#define MANY 40

static struct plan many[MANY];
static struct wiki_job many_jobs[MANY];
static char many_names[MANY][12];

static void
many_make(struct wiki *w)
{
	size_t i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(many_names[i], sizeof(many_names[i]),
		    i == 7 ? "My%zuGroup" : "P%zu", i);
		many[i] = (struct plan){ many_names[i], i % 4 == 1 ? "x" : NULL,
			i % 4 == 2 ? NULL : "new\n", { 0 }, NULL, { 0 } };
		moinwiki_plan(w, &many[i]);
		many_jobs[i] = many[i].job;
	}
}

static void
many_old(void)
{
	char name[12];
	size_t i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name),
		    i == 7 ? "My%zuGroup" : "P%zu", i);
		if (i % 4 > 1)
			moinwiki_save(name, "old\r\n", NULL, "");
	}
}

static void
many_clear(void)
{
	size_t i;

	for (i = 0; i < MANY; i++) {
		many[i].job = many_jobs[i];
		libplan_clear(&many[i]);
	}
}

static void
many_are_done(void)
{
	char line[600];
	size_t i;

	assert_int_equal(moinwiki_dot_names("data/pages"), 0);
	for (i = 0; i < MANY; i++) {
		if (i % 4 == 1) {
			(void)snprintf(line, sizeof(line), "\tATTNEW\tP%zu\t",
			    i);
		} else {
			moinwiki_text_is(many_names[i],
			    i % 4 == 2 ? NULL : "new\r\n");
			(void)snprintf(line, sizeof(line), "\t%s\t",
			    many_names[i]);
		}
		assert_int_equal(moinwiki_lines("edit-log", line, "Doe"), 1);
	}
}

static void
many_changes_are_carried_out_in_a_group(void **state)
{
	OWNED_WIKI struct wiki *w = NULL;
	size_t i;

	(void)state;
	many_old();
	w = moinwiki_begin();
	many_make(w);
	assert_int_equal(wiki_carry_out(w, many_jobs, MANY, &f), 0);
	for (i = 0; i < MANY; i++) {
		OWNED_MEM char *now = NULL;

		assert_int_equal(many_jobs[i].outcome, WIKI_DONE);
		assert_int_equal(
		    wiki_revision(w, many[i].page, many[i].file, &now, &f), 0);
		assert_string_equal(many_jobs[i].revision, now);
	}
	many_are_done();
	many_clear();
}

static void
one_bad_page_does_not_hold_up_the_others(void **state)
{
	OWNED_WIKI struct wiki *w = NULL;
	size_t i;

	(void)state;
	many_old();
	w = moinwiki_begin();
	many_make(w);
	moinwiki_save("P3", "user's\r\n", NULL, "");
	scratch_write("data/pages/P4", "in the way");
	assert_int_equal(rename(scratch_path("data/pages/P6/current"),
			     scratch_path("data/pages/P6/current-locked")),
	    0);
	assert_int_equal(wiki_carry_out(w, many_jobs, MANY, &f), 0);
	for (i = 0; i < MANY; i++)
		assert_int_equal(many_jobs[i].outcome,
		    i == 3     ? WIKI_MOVED :
			i == 4 ? WIKI_CANNOT :
			i == 6 ? WIKI_LOCKED :
				 WIKI_DONE);
	assert_int_equal(moinwiki_dot_names("data/pages/P3"), 0);
	assert_int_equal(moinwiki_dot_names("data/pages/P6"), 0);
	many_clear();
}

static void
a_crash_in_a_group_ends_in_the_same_place(void **state)
{
	bool crashed = true;
	size_t i;
	int at;

	(void)state;
	for (at = 1; crashed; at += 17) {
		OWNED_WIKI struct wiki *w = NULL;

		no_events();
		assert_int_equal(moinwiki_leave(state), 0);
		assert_int_equal(moinwiki_enter(state), 0);
		many_old();
		w = moinwiki_begin();
		many_make(w);
		crashed = run_and_die(w, many_jobs, MANY, at);
		for (i = 0; i < MANY; i++) {
			enum wiki_outcome outcome = WIKI_OPEN;
			OWNED_MEM char *revision = NULL;

			assert_int_equal(wiki_finish(w, many_jobs[i].intent,
					     &outcome, &revision, &f),
			    0);
			if (outcome == WIKI_MOVED)
				assert_int_equal(moinwiki_change(many[i].page,
						     many[i].file,
						     many[i].new_text),
				    WIKI_DONE);
		}
		many_are_done();
		many_clear();
	}
	assert_true(at > 300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MOINWIKI(a_save_before_any_call_is_not_lost),
		IN_MOINWIKI(a_page_that_is_made_meanwhile_is_not_overwritten),
		IN_MOINWIKI(a_crash_at_any_call_ends_in_the_same_place),
		IN_MOINWIKI(a_crash_while_finishing_ends_there_too),
		IN_MOINWIKI(a_user_who_saves_after_the_crash_keeps_his_text),
		IN_MOINWIKI(after_a_failure_at_any_call_the_page_is_whole),
		IN_MOINWIKI(many_changes_are_carried_out_in_a_group),
		IN_MOINWIKI(one_bad_page_does_not_hold_up_the_others),
		IN_MOINWIKI(a_crash_in_a_group_ends_in_the_same_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
