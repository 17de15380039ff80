/*
 * Writing into a plain folder: nothing of anybody's is lost, at whatever call
 * a crash, a full disk or somebody else's edit comes in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/calls.h"
#include "tests/support/libplan.h"
#include "tests/support/libscratch.h"

#define IN_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

/* Besides the calls of calls.h: */

static bool without_flags; /* an old file system: no renameat2() */
static int looks;	   /* calls that look at a name */
static int look_at;	   /* the event comes before that one; 0: none */

int
renameat2(int d1, const char *from, int d2, const char *to, unsigned int flags)
{
	if (fails("renameat2"))
		return -1;
	if (without_flags) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, d1, from, d2, to, flags);
}

int
fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	void (*now)(void) = event;

	if (++looks == look_at && now != NULL) {
		event = NULL;
		now();
	}
	return (int)syscall(SYS_newfstatat, dirfd, name, st, flags);
}

/* ---- at each call ---- */

static const struct scene {
	const char *page, *file, *old_text, *new_text;
	const char *place, *kept;
} scenes[] = {
	{ "A", NULL, NULL, "new text", "A.txt", NULL },
	{ "A", NULL, "old", "new text", "A.txt", "A.txt.~1~" },
	{ "A", NULL, "old", NULL, "A.txt", "A.txt.~1~" },
	{ "A", "x", NULL, "new text", "A.files/x", NULL },
	{ "A", "x", "old", "new text", "A.files/x", "A.files/.old/x.~1~" },
	{ "A", "x", "old", NULL, "A.files/x", "A.files/.old/x.~1~" },
};
#define SCENE_COUNT (sizeof(scenes) / sizeof(scenes[0]))

static void
set_scene(const struct scene *s)
{
	void *nothing = NULL;

	no_events();
	assert_int_equal(scratch_leave(&nothing), 0);
	assert_int_equal(scratch_enter(&nothing), 0);
	if (s->old_text != NULL)
		scratch_write(s->place, s->old_text);
}

/* As after an undisturbed change, and nothing else. */
static void
scene_is_done(const struct scene *s)
{
	OWNED_WIKI struct wiki *w = plan_wiki();
	struct stat st;
	size_t entries = (s->new_text != NULL) + (s->old_text != NULL);

	plan_file_is(s->place, s->new_text);
	if (s->kept != NULL)
		plan_file_is(s->kept, s->old_text);
	if (s->file == NULL)
		assert_int_equal(scratch_count(""), entries);
	else
		assert_int_equal(scratch_count("A.files"), entries);
	if (s->file != NULL && fstatat(scratch_fd, "A.files/.old", &st, 0) == 0)
		assert_int_equal(scratch_count("A.files/.old"), 1);
}

static bool
crash_scene(const struct scene *s, int at)
{
	OWNED_PLAN struct plan p = PLAN(s->page, s->file, s->new_text);
	OWNED_MEM char *revision = NULL;
	OWNED_MEM char *now = NULL;
	enum wiki_outcome outcome = WIKI_OPEN;
	bool crashed;

	set_scene(s);
	{
		OWNED_WIKI struct wiki *w = plan_wiki();

		plan_make(w, &p);
		crashed = run_and_die(w, &p.job, 1, at);
	}
	OWNED_WIKI struct wiki *w = plan_wiki();
	assert_int_equal(wiki_finish(w, p.job.intent, &outcome, &revision, &f),
	    0);
	if (outcome == WIKI_MOVED) {
		plan_file_is(s->place, s->old_text);
		assert_int_equal(plan_run(s->page, s->file, s->new_text),
		    WIKI_DONE);
	} else {
		assert_int_equal(outcome, WIKI_DONE);
		assert_int_equal(wiki_revision(w, s->page, s->file, &now, &f),
		    0);
		assert_true((revision == NULL) == (now == NULL));
		if (now != NULL)
			assert_string_equal(revision, now);
	}
	scene_is_done(s);
	return crashed;
}

static void
crash_everywhere(void)
{
	size_t i;
	int at;

	for (i = 0; i < SCENE_COUNT; i++) {
		for (at = 1; crash_scene(&scenes[i], at); at++)
			assert_true(at < 50);
		assert_true(at > 2);
	}
}

static void
a_crash_at_any_call_ends_in_the_same_place(void **state)
{
	(void)state;
	without_flags = false;
	crash_everywhere();
}

static void
so_it_does_on_file_systems_without_exchange(void **state)
{
	(void)state;
	without_flags = true;
	crash_everywhere();
	without_flags = false;
}

/* Somebody's editor. */
static const struct scene *edited;

static void
edit_in_place(void)
{
	scratch_write(edited->place, "somebody's");
}

static void
edit_by_rename(void)
{
	scratch_write("draft", "somebody's");
	assert_int_equal(
	    renameat(scratch_fd, "draft", scratch_fd, edited->place), 0);
}

static void
remove_it(void)
{
	(void)unlinkat(scratch_fd, edited->place, 0);
}

static bool
holds(const char *name, const char *text)
{
	OWNED_MEM char *is = NULL;
	struct stat st;

	if (fstatat(scratch_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return false;
	is = scratch_read(name);
	return strcmp(is, text) == 0;
}

/* Nothing but somebody's text is there, if that. */
static void
scene_has_moved(const struct scene *s, bool theirs)
{
	if (s->file == NULL)
		assert_int_equal(scratch_count(""), theirs);
	else if (access(scratch_path("A.files/.old"), F_OK) == 0)
		assert_int_equal(scratch_count("A.files/.old"), 0);
	if (s->file != NULL)
		plan_file_is("A.files/.x.part", NULL);
}

/*
 * The edit comes before a call, or before a look at a name; false if there
 * were fewer.
 */
static bool
edit_scene(const struct scene *s, void (*edit)(void), int at, bool look)
{
	OWNED_PLAN struct plan p = PLAN(s->page, s->file, s->new_text);
	OWNED_WIKI struct wiki *w = NULL;
	bool theirs, kept;

	set_scene(s);
	if (s->file != NULL)
		scratch_write("A.files/other", "x");
	w = plan_wiki();
	plan_make(w, &p);
	edited = s;
	calls = looks = 0;
	event_at = look ? 0 : at;
	look_at = look ? at : 0;
	event = edit;
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	look_at = 0;
	if (event != NULL)
		return false;
	no_events();
	theirs = holds(s->place, "somebody's");
	kept = s->kept != NULL && holds(s->kept, "somebody's");
	if (edit != remove_it && !theirs && !kept)
		fail_msg("scene %td, call %d: lost", s - scenes, at);
	if (p.job.outcome == WIKI_MOVED) {
		assert_true(theirs || edit == remove_it);
		scene_has_moved(s, theirs);
	}
	/* Only there can it slip in, and then it is kept. */
	if (p.job.outcome == WIKI_DONE && kept)
		assert_true(without_flags && !look &&
		    (strcmp(met, "renameat") == 0 ||
			strcmp(met, "unlinkat") == 0));
	if (p.job.outcome == WIKI_DONE && s->new_text != NULL && theirs) {
		OWNED_MEM char *now = NULL;

		assert_int_equal(wiki_revision(w, s->page, s->file, &now, &f),
		    0);
		assert_string_not_equal(now, p.job.revision);
	}
	return true;
}

static void
edit_everywhere(void (*edit)(void), bool look)
{
	size_t i;
	int at;

	for (i = 0; i < SCENE_COUNT; i++)
		for (at = 1; edit_scene(&scenes[i], edit, at, look); at++)
			assert_true(at < 50);
}

static void
an_edit_at_any_call_is_not_lost(void **state)
{
	(void)state;
	without_flags = false;
	edit_everywhere(edit_in_place, false);
	edit_everywhere(edit_by_rename, false);
	edit_everywhere(remove_it, false);
	edit_everywhere(edit_in_place, true);
	edit_everywhere(edit_by_rename, true);
	edit_everywhere(remove_it, true);
}

/* A rename right before ours has no defence there: only looks are tried. */
static void
an_edit_before_the_last_look_is_not_lost_without_exchange(void **state)
{
	(void)state;
	without_flags = true;
	edit_everywhere(edit_in_place, false);
	edit_everywhere(edit_in_place, true);
	edit_everywhere(edit_by_rename, true);
	edit_everywhere(remove_it, true);
	without_flags = false;
}

static void
edit_with_the_old_date(void)
{
	struct timespec times[2];
	struct stat st;

	assert_int_equal(fstatat(scratch_fd, "A.txt", &st, 0), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	scratch_write("A.txt", "OLD");
	assert_int_equal(utimensat(scratch_fd, "A.txt", times, 0), 0);
}

static void
an_edit_that_hides_its_date_is_seen(void **state)
{
	OWNED_PLAN struct plan p = PLAN("A", NULL, "new");
	OWNED_WIKI struct wiki *w = plan_wiki();

	(void)state;
	no_events();
	scratch_write("A.txt", "old");
	plan_make(w, &p);
	calls = 0;
	event_at = 5; /* the flush of what is prepared */
	event = edit_with_the_old_date;
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_string_equal(met, "fsync");
	assert_int_equal(p.job.outcome, WIKI_MOVED);
	plan_file_is("A.txt", "OLD");
	assert_int_equal(scratch_count(""), 1);
}

static void
a_full_disk_at_any_call_changes_nothing_that_is_seen(void **state)
{
	size_t i;
	int at;

	(void)state;
	for (i = 0; i < SCENE_COUNT; i++)
		for (at = 1;; at++) {
			const struct scene *s = &scenes[i];
			OWNED_PLAN struct plan p =
			    PLAN(s->page, s->file, s->new_text);
			OWNED_WIKI struct wiki *w = NULL;
			OWNED_MEM char *revision = NULL;
			enum wiki_outcome outcome = WIKI_OPEN;
			int rc;

			set_scene(s);
			w = plan_wiki();
			plan_make(w, &p);
			calls = 0;
			event_at = at;
			fail_with = ENOSPC;
			rc = wiki_carry_out(w, &p.job, 1, &f);
			if (calls < at)
				break;
			no_events();
			if (rc == 0)
				continue; /* only tidying failed */
			assert_int_equal(p.job.outcome, WIKI_OPEN);
			assert_int_equal(wiki_finish(w, p.job.intent, &outcome,
					     &revision, &f),
			    0);
			if (outcome == WIKI_MOVED)
				assert_int_equal(
				    plan_run(s->page, s->file, s->new_text),
				    WIKI_DONE);
			scene_is_done(s);
		}
}

/* ---- groups ---- */

#define MANY 40
static struct plan many[MANY];
static struct wiki_job many_jobs[MANY];
static char many_names[MANY][16];

static void
make_many(struct wiki *w)
{
	int i;

	for (i = 0; i < MANY; i++) {
		char name[24];

		(void)snprintf(many_names[i], sizeof(many_names[i]), "P%d", i);
		(void)snprintf(name, sizeof(name), "P%d.txt", i);
		if (i % 2 == 0)
			scratch_write(name, "old");
		many[i] = (struct plan){ .page = many_names[i],
			.new_text = i % 4 == 2 ? NULL : "new" };
		plan_make(w, &many[i]);
		many_jobs[i] = many[i].job;
	}
}

static void
clear_many(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		many[i].job = many_jobs[i];
		libplan_clear(&many[i]);
	}
}

static void
many_are_done(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "P%d.txt", i);
		plan_file_is(name, i % 4 == 2 ? NULL : "new");
		(void)snprintf(name, sizeof(name), "P%d.txt.~1~", i);
		plan_file_is(name, i % 2 == 0 ? "old" : NULL);
	}
	assert_int_equal(scratch_count(""), MANY + MANY / 4);
}

static void
a_group_is_carried_out_and_flushed_twice(void **state)
{
	OWNED_WIKI struct wiki *w = plan_wiki();
	int i;

	(void)state;
	no_events();
	make_many(w);
	assert_int_equal(wiki_carry_out(w, many_jobs, MANY, &f), 0);
	for (i = 0; i < MANY; i++)
		assert_int_equal(many_jobs[i].outcome, WIKI_DONE);
	many_are_done();
	clear_many();
}

static void
a_group_that_crashed_is_finished(void **state)
{
	static const int points[] = { 1, 50, 71, 100, 101, 102, 103, 130, 160,
		170 };
	size_t k;
	int i;

	(void)state;
	for (k = 0; k < sizeof(points) / sizeof(points[0]); k++) {
		void *nothing = NULL;
		OWNED_WIKI struct wiki *w = NULL;

		no_events();
		assert_int_equal(scratch_leave(&nothing), 0);
		assert_int_equal(scratch_enter(&nothing), 0);
		w = plan_wiki();
		make_many(w);
		(void)run_and_die(w, many_jobs, MANY, points[k]);
		for (i = 0; i < MANY; i++) {
			OWNED_MEM char *revision = NULL;
			enum wiki_outcome outcome = WIKI_OPEN;

			assert_int_equal(wiki_finish(w, many_jobs[i].intent,
					     &outcome, &revision, &f),
			    0);
			if (outcome == WIKI_MOVED)
				assert_int_equal(plan_run(many[i].page, NULL,
						     many[i].new_text),
				    WIKI_DONE);
		}
		many_are_done();
		clear_many();
	}
}

static void
a_group_whose_flush_fails_is_not_done(void **state)
{
	OWNED_WIKI struct wiki *w = plan_wiki();
	int i, total;

	(void)state;
	no_events();
	make_many(w);
	calls = 0;
	assert_int_equal(wiki_carry_out(w, many_jobs, MANY, &f), 0);
	total = calls; /* the last one is the flush */
	clear_many();
	wiki_close_p(&w);
	void *nothing = NULL;
	assert_int_equal(scratch_leave(&nothing), 0);
	assert_int_equal(scratch_enter(&nothing), 0);
	w = plan_wiki();
	make_many(w);
	calls = 0;
	event_at = total;
	fail_with = EIO;
	assert_int_equal(wiki_carry_out(w, many_jobs, MANY, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	for (i = 0; i < MANY; i++)
		assert_int_equal(many_jobs[i].outcome, WIKI_OPEN);
	no_events();
	clear_many();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(a_crash_at_any_call_ends_in_the_same_place),
		IN_SCRATCH(so_it_does_on_file_systems_without_exchange),
		IN_SCRATCH(an_edit_at_any_call_is_not_lost),
		IN_SCRATCH(
		    an_edit_before_the_last_look_is_not_lost_without_exchange),
		IN_SCRATCH(an_edit_that_hides_its_date_is_seen),
		IN_SCRATCH(
		    a_full_disk_at_any_call_changes_nothing_that_is_seen),
		IN_SCRATCH(a_group_is_carried_out_and_flushed_twice),
		IN_SCRATCH(a_group_that_crashed_is_finished),
		IN_SCRATCH(a_group_whose_flush_fails_is_not_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
