/*
 * Writing into a plain folder: nothing of anybody's is lost, at whatever call
 * a crash or somebody else's edit comes in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/support/libscratch.h"
#include "wiki/wiki.h"

#define IN_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)
#define OWNED_WIKI OWNED(wiki_close_p)

static struct fault f;

/* ---- every call that changes the disk goes through here ---- */

static int calls;	       /* so many have been made */
static int event_at;	       /* before which call the event comes; 0: none */
static void (*event)(void);    /* what happens then */
static bool without_flags;     /* an old file system: no renameat2() */
static int fail_with;	       /* errno of the call instead; 0: none */

static bool
fails(void)
{
	void (*now)(void) = event;

	if (++calls != event_at)
		return false;
	if (now != NULL) {
		event = NULL; /* its own calls do not count */
		now();
	}
	errno = fail_with;
	return fail_with != 0;
}

static void
die(void)
{
	_exit(9);
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	return fails() ? -1 : syscall(SYS_write, fd, bytes, n);
}

int
renameat2(int d1, const char *from, int d2, const char *to, unsigned int flags)
{
	if (fails())
		return -1;
	if (without_flags) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, d1, from, d2, to, flags);
}

int
renameat(int d1, const char *from, int d2, const char *to)
{
	return fails() ? -1 :
			 (int)syscall(SYS_renameat2, d1, from, d2, to, 0);
}

int
linkat(int d1, const char *from, int d2, const char *to, int flags)
{
	return fails() ? -1 :
			 (int)syscall(SYS_linkat, d1, from, d2, to, flags);
}

int
unlinkat(int dirfd, const char *name, int flags)
{
	return fails() ? -1 : (int)syscall(SYS_unlinkat, dirfd, name, flags);
}

int
mkdirat(int dirfd, const char *name, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_mkdirat, dirfd, name, mode);
}

int
fchmod(int fd, mode_t mode)
{
	return fails() ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

/* A crash of the process needs no flushes, only their place. */
int
fsync(int fd)
{
	(void)fd;
	return fails() ? -1 : 0;
}

int
syncfs(int fd)
{
	(void)fd;
	return fails() ? -1 : 0;
}

static void
no_events(void)
{
	event_at = 0;
	event = NULL;
	fail_with = 0;
	f = (struct fault){ 0 };
}

/* ---- a wiki and a change of it ---- */

static struct wiki *
open_scratch(void)
{
	struct wiki_options options = { 0 };
	struct wiki *w = NULL;
	char name[100];

	(void)snprintf(name, sizeof(name), "files:%s", scratch);
	assert_int_equal(wiki_open(name, &options, &w, &f), 0);
	assert_int_equal(wiki_begin(w, true, &f), 0);
	return w;
}

struct plan {
	const char *page, *file;
	const char *new_text; /* NULL: drop */
	struct item item;
	char *before;
	struct wiki_job job;
};

static void
plan_clear(struct plan *p)
{
	wiki_job_clear(&p->job);
	item_clear(&p->item);
	free(p->before);
	p->before = NULL;
}

/* Decide upon what is there now. */
static void
plan_make(struct wiki *w, struct plan *p)
{
	if (wiki_revision(w, p->page, p->file, &p->before, &f) == -1)
		assert_int_equal(f.kind, FAULT_FORMAT); /* in the way */
	p->item.kind = p->file != NULL ? ITEM_ATTACHMENT : ITEM_PAGE;
	p->item.name = strdup(p->file != NULL ? p->file : p->page);
	p->item.page = p->file != NULL ? strdup(p->page) : NULL;
	p->job.item = &p->item;
	p->job.drop = p->new_text == NULL;
	p->job.content = p->new_text;
	p->job.size = p->new_text != NULL ? strlen(p->new_text) : 0;
	p->job.before = p->before;
	assert_int_equal(wiki_intend(w, &p->job, 1, &f), 0);
}

static enum wiki_outcome
change(const char *page, const char *file, const char *text)
{
	struct plan p OWNED(plan_clear) = { page, file, text, { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_MEM char *revision = NULL;
	bool gone;

	plan_make(w, &p);
	if (p.job.outcome == WIKI_CANNOT)
		return WIKI_CANNOT;
	assert_non_null(p.job.intent);
	assert_null(strchr(p.job.intent, '\n'));
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(wiki_revision(w, page, file, &revision, &f), 0);
	gone = p.job.outcome == WIKI_DONE && text == NULL;
	if (gone)
		assert_null(revision);
	if (p.job.outcome == WIKI_DONE && !gone)
		assert_string_equal(p.job.revision, revision);
	return p.job.outcome;
}

static void
file_is(const char *name, const char *want)
{
	OWNED_MEM char *text = NULL;
	struct stat st;

	if (want == NULL) {
		if (fstatat(scratch_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			fail_msg("'%s' is there", name);
		return;
	}
	if (fstatat(scratch_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		fail_msg("no '%s'", name);
	text = scratch_read(name);
	if (strcmp(text, want) != 0)
		fail_msg("'%s' is '%s', not '%s'", name, text, want);
}

/* ---- one after another ---- */

static void
a_page_is_made_changed_dropped_and_made_again(void **state)
{
	struct stat st;
	mode_t mask = umask(022);

	(void)state;
	no_events();
	assert_int_equal(change("A/B", NULL, "one\n"), WIKI_DONE);
	file_is("A%2FB.txt", "one\n");
	assert_int_equal(scratch_count(""), 1);
	assert_int_equal(fstatat(scratch_fd, "A%2FB.txt", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(change("A/B", NULL, "two\n"), WIKI_DONE);
	assert_int_equal(change("A/B", NULL, "three\n"), WIKI_DONE);
	file_is("A%2FB.txt", "three\n");
	file_is("A%2FB.txt.~1~", "one\n");
	file_is("A%2FB.txt.~2~", "two\n");
	assert_int_equal(change("A/B", NULL, NULL), WIKI_DONE);
	file_is("A%2FB.txt", NULL);
	file_is("A%2FB.txt.~3~", "three\n");
	assert_int_equal(change("A/B", NULL, NULL), WIKI_DONE);
	assert_int_equal(change("A/B", NULL, ""), WIKI_DONE);
	file_is("A%2FB.txt", "");
	assert_int_equal(scratch_count(""), 4);
	(void)umask(mask);
}

static void
an_attachment_and_its_old_versions_do_not_mix(void **state)
{
	(void)state;
	no_events();
	assert_int_equal(change("A", "x.png", "one"), WIKI_DONE);
	file_is("A.files/x.png", "one");
	assert_int_equal(change("A", "x.png", "two"), WIKI_DONE);
	file_is("A.files/x.png", "two");
	file_is("A.files/.old/x.png.~1~", "one");
	/* An attachment that is called like an old version. */
	assert_int_equal(change("A", "x.png.~1~", "mine"), WIKI_DONE);
	assert_int_equal(change("A", "x.png", NULL), WIKI_DONE);
	file_is("A.files/x.png", NULL);
	file_is("A.files/x.png.~1~", "mine");
	file_is("A.files/.old/x.png.~2~", "two");
	file_is("A.txt", NULL);
	assert_int_equal(change("B", "x.png", NULL), WIKI_DONE);
	file_is("B.files", NULL);
}

static void
the_next_old_version_is_found_among_many(void **state)
{
	char name[40];
	int i;

	(void)state;
	no_events();
	scratch_write("A.txt", "now");
	for (i = 1; i <= 21; i++) {
		(void)snprintf(name, sizeof(name), "A.txt.~%d~", i);
		scratch_write(name, "old");
	}
	assert_int_equal(change("A", NULL, "new"), WIKI_DONE);
	file_is("A.txt.~22~", "now");
	file_is("A.txt.~21~", "old");
}

static void
a_changed_file_keeps_its_mode(void **state)
{
	struct stat st;

	(void)state;
	no_events();
	scratch_write("A.txt", "x");
	assert_int_equal(fchmodat(scratch_fd, "A.txt", 0664, 0), 0);
	assert_int_equal(change("A", NULL, "y"), WIKI_DONE);
	assert_int_equal(fstatat(scratch_fd, "A.txt", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0664);
}

static void
refused_names_are_not_written(void **state)
{
	struct plan p OWNED(plan_clear) = { "A", "x.php", "<?php", { 0 },
		NULL, { 0 } };
	OWNED_WIKI struct wiki *w = open_scratch();

	(void)state;
	no_events();
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
	no_events();
	assert_true(fd != -1);
	assert_int_equal(symlinkat("/tmp", scratch_fd, "B.files"), 0);
	assert_int_equal(symlinkat("..", scratch_fd, "C.files"), 0);
	assert_int_equal(change("B", strrchr(outside, '/') + 1, "evil"),
	    WIKI_CANNOT);
	assert_int_equal(change("C", "x", "evil"), WIKI_CANNOT);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(change("D", "x", "fine"), WIKI_DONE);
	(void)close(fd);
	(void)unlink(outside);
}

static void
a_link_in_the_place_of_a_text_is_not_written_through(void **state)
{
	struct item item = { .kind = ITEM_PAGE };
	char name[] = "A";
	struct wiki_job job = { .item = &item, .content = "evil", .size = 4 };
	OWNED_WIKI struct wiki *w = open_scratch();

	(void)state;
	no_events();
	item.name = name;
	scratch_write("victim", "safe");
	assert_int_equal(symlinkat("victim", scratch_fd, "A.txt"), 0);
	assert_int_equal(symlinkat("victim", scratch_fd, ".A.txt.part"), 0);
	assert_int_equal(wiki_intend(w, &job, 1, &f), 0);
	assert_int_equal(wiki_carry_out(w, &job, 1, &f), 0);
	assert_int_equal(job.outcome, WIKI_CANNOT);
	file_is("victim", "safe");
	wiki_job_clear(&job);
	job = (struct wiki_job){ .item = &item, .content = "new", .size = 3 };
	assert_int_equal(unlinkat(scratch_fd, "A.txt", 0), 0);
	assert_int_equal(wiki_intend(w, &job, 1, &f), 0);
	assert_int_equal(wiki_carry_out(w, &job, 1, &f), 0);
	assert_int_equal(job.outcome, WIKI_DONE);
	file_is("victim", "safe");
	file_is("A.txt", "new");
	wiki_job_clear(&job);
}

static void
an_item_that_has_moved_is_left_alone(void **state)
{
	struct plan p OWNED(plan_clear) = { "A", NULL, "theirs", { 0 }, NULL,
		{ 0 } };
	struct plan d OWNED(plan_clear) = { "A", NULL, NULL, { 0 }, NULL,
		{ 0 } };
	struct plan n OWNED(plan_clear) = { "N", NULL, "theirs", { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = open_scratch();

	(void)state;
	no_events();
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
	file_is("A.txt", "edited");
	file_is("N.txt", "made here");
	assert_int_equal(scratch_count(""), 2);
}

static void
what_somebody_removed_has_moved_as_well(void **state)
{
	struct plan p OWNED(plan_clear) = { "A", NULL, "theirs", { 0 }, NULL,
		{ 0 } };
	struct plan d OWNED(plan_clear) = { "A", "x", NULL, { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = open_scratch();

	(void)state;
	no_events();
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
	file_is("A.txt", NULL);
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
	OWNED_WIKI struct wiki *w = open_scratch();
	struct stat st;
	size_t entries = (s->new_text != NULL) + (s->old_text != NULL);

	file_is(s->place, s->new_text);
	if (s->kept != NULL)
		file_is(s->kept, s->old_text);
	if (s->file == NULL)
		assert_int_equal(scratch_count(""), entries);
	else
		assert_int_equal(scratch_count("A.files"), entries);
	if (s->file != NULL &&
	    fstatat(scratch_fd, "A.files/.old", &st, 0) == 0)
		assert_int_equal(scratch_count("A.files/.old"), 1);
}

/* Run the change in a child that dies at the event; false if it did not. */
static bool
run_and_die(struct wiki *w, struct wiki_job *jobs, size_t n, int at)
{
	int status;
	pid_t pid;

	assert_int_equal(fflush(NULL), 0);
	pid = fork();
	if (pid == 0) {
		calls = 0;
		event_at = at;
		event = die;
		_exit(wiki_carry_out(w, jobs, n, &f) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return WEXITSTATUS(status) == 9;
}

static bool
crash_scene(const struct scene *s, int at)
{
	struct plan p OWNED(plan_clear) = { s->page, s->file, s->new_text,
		{ 0 }, NULL, { 0 } };
	OWNED_MEM char *revision = NULL;
	OWNED_MEM char *now = NULL;
	enum wiki_outcome outcome = WIKI_OPEN;
	bool crashed;

	set_scene(s);
	{
		OWNED_WIKI struct wiki *w = open_scratch();

		plan_make(w, &p);
		crashed = run_and_die(w, &p.job, 1, at);
	}
	OWNED_WIKI struct wiki *w = open_scratch();
	assert_int_equal(wiki_finish(w, p.job.intent, &outcome, &revision, &f),
	    0);
	if (outcome == WIKI_MOVED) {
		file_is(s->place, s->old_text);
		assert_int_equal(change(s->page, s->file, s->new_text),
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
	assert_int_equal(renameat(scratch_fd, "draft", scratch_fd,
			     edited->place), 0);
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

/* The edit comes before a call; false if there were fewer calls. */
static bool
edit_scene(const struct scene *s, void (*edit)(void), int at)
{
	struct plan p OWNED(plan_clear) = { s->page, s->file, s->new_text,
		{ 0 }, NULL, { 0 } };
	OWNED_WIKI struct wiki *w = NULL;
	bool theirs, kept;

	set_scene(s);
	if (s->file != NULL)
		scratch_write("A.files/other", "x");
	w = open_scratch();
	plan_make(w, &p);
	edited = s;
	calls = 0;
	event_at = at;
	event = edit;
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	if (event != NULL)
		return false;
	no_events();
	theirs = holds(s->place, "somebody's");
	kept = s->kept != NULL && holds(s->kept, "somebody's");
	if (edit != remove_it && !theirs && !kept)
		fail_msg("scene %td, call %d: lost", s - scenes, at);
	/* Done means that the edit came after, or into the old file. */
	if (p.job.outcome == WIKI_MOVED && edit != remove_it)
		assert_true(theirs);
	if (p.job.outcome == WIKI_DONE && s->new_text != NULL && theirs) {
		OWNED_MEM char *now = NULL;

		assert_int_equal(wiki_revision(w, s->page, s->file, &now, &f),
		    0);
		assert_string_not_equal(now, p.job.revision);
	}
	return true;
}

static void
edit_everywhere(void (*edit)(void))
{
	size_t i;
	int at;

	for (i = 0; i < SCENE_COUNT; i++)
		for (at = 1; edit_scene(&scenes[i], edit, at); at++)
			assert_true(at < 50);
}

static void
an_edit_at_any_call_is_not_lost(void **state)
{
	(void)state;
	without_flags = false;
	edit_everywhere(edit_in_place);
	edit_everywhere(edit_by_rename);
	edit_everywhere(remove_it);
}

static void
an_edit_in_place_is_not_lost_without_exchange(void **state)
{
	(void)state;
	without_flags = true;
	edit_everywhere(edit_in_place);
	without_flags = false;
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
			struct plan p OWNED(plan_clear) = { s->page, s->file,
				s->new_text, { 0 }, NULL, { 0 } };
			OWNED_WIKI struct wiki *w = NULL;
			OWNED_MEM char *revision = NULL;
			enum wiki_outcome outcome = WIKI_OPEN;
			int rc;

			set_scene(s);
			w = open_scratch();
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
			assert_int_equal(wiki_finish(w, p.job.intent,
					     &outcome, &revision, &f), 0);
			if (outcome == WIKI_MOVED)
				assert_int_equal(change(s->page, s->file,
						     s->new_text), WIKI_DONE);
			scene_is_done(s);
		}
}

/* ---- groups ---- */

#define MANY 40
static struct plan many[MANY];
static struct wiki_job many_jobs[MANY];
static char many_names[MANY][8];

static void
make_many(struct wiki *w)
{
	int i;

	for (i = 0; i < MANY; i++) {
		char name[16];

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
		plan_clear(&many[i]);
	}
}

static void
many_are_done(void)
{
	int i;

	for (i = 0; i < MANY; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "P%d.txt", i);
		file_is(name, i % 4 == 2 ? NULL : "new");
		(void)snprintf(name, sizeof(name), "P%d.txt.~1~", i);
		file_is(name, i % 2 == 0 ? "old" : NULL);
	}
	assert_int_equal(scratch_count(""), MANY + MANY / 4);
}

static void
a_group_is_carried_out_and_flushed_twice(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
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
		w = open_scratch();
		make_many(w);
		(void)run_and_die(w, many_jobs, MANY, points[k]);
		for (i = 0; i < MANY; i++) {
			OWNED_MEM char *revision = NULL;
			enum wiki_outcome outcome = WIKI_OPEN;

			assert_int_equal(wiki_finish(w, many_jobs[i].intent,
					     &outcome, &revision, &f), 0);
			if (outcome == WIKI_MOVED)
				assert_int_equal(change(many[i].page, NULL,
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
	OWNED_WIKI struct wiki *w = open_scratch();
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
	w = open_scratch();
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

/* ---- intents ---- */

static void
finish(const char *intent, enum wiki_outcome want)
{
	OWNED_WIKI struct wiki *w = open_scratch();
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
	no_events();
	scratch_write("A.txt", "edited since");
	scratch_write("A.txt.~1~", "old");
	finish(put, WIKI_MOVED);
	file_is("A.txt.~1~", "old");
	scratch_write("A.txt.~1~", "new");
	finish(put, WIKI_MOVED);
	file_is("A.txt.~1~", NULL);
	file_is("A.txt", "edited since");
	scratch_write("A.txt", "new");
	finish(put, WIKI_DONE);
}

static void
damaged_intents_decide_nothing(void **state)
{
	(void)state;
	no_events();
	scratch_write("A.txt", "x");
	finish("", WIKI_MOVED);
	finish("drop 1 - items/../text", WIKI_MOVED);
	finish("put 1 - items/A/text", WIKI_MOVED);
	finish("put -1 - items/A/text", WIKI_MOVED);
	file_is("A.txt", "x");
	assert_int_equal(scratch_count(""), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(a_page_is_made_changed_dropped_and_made_again),
		IN_SCRATCH(an_attachment_and_its_old_versions_do_not_mix),
		IN_SCRATCH(the_next_old_version_is_found_among_many),
		IN_SCRATCH(a_changed_file_keeps_its_mode),
		IN_SCRATCH(refused_names_are_not_written),
		IN_SCRATCH(what_is_in_the_way_stops_one_job_and_no_other),
		IN_SCRATCH(
		    a_link_in_the_place_of_a_text_is_not_written_through),
		IN_SCRATCH(an_item_that_has_moved_is_left_alone),
		IN_SCRATCH(what_somebody_removed_has_moved_as_well),
		IN_SCRATCH(a_crash_at_any_call_ends_in_the_same_place),
		IN_SCRATCH(so_it_does_on_file_systems_without_exchange),
		IN_SCRATCH(an_edit_at_any_call_is_not_lost),
		IN_SCRATCH(an_edit_in_place_is_not_lost_without_exchange),
		IN_SCRATCH(
		    a_full_disk_at_any_call_changes_nothing_that_is_seen),
		IN_SCRATCH(a_group_is_carried_out_and_flushed_twice),
		IN_SCRATCH(a_group_that_crashed_is_finished),
		IN_SCRATCH(a_group_whose_flush_fails_is_not_done),
		IN_SCRATCH(old_versions_that_others_made_are_not_tidied),
		IN_SCRATCH(damaged_intents_decide_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
