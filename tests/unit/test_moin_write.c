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

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/support/libmoinwiki.h"
#include "tests/support/libscratch.h"
#include "wiki/moin.h"
#include "wiki/wiki.h"

#define OWNED_WIKI OWNED(wiki_close_p)
#define OWNED_PAGE OWNED(wiki_page_clear)

static struct fault f;

/* ---- every call that changes the disk goes through here ---- */

static int calls;	    /* so many have been made */
static int event_at;	    /* before which call the event comes; 0: none */
static void (*event)(void); /* what happens then */
static int fail_with;	    /* errno of that call; 0: none */

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

/* A full disk does not keep files from being removed. */
int
unlinkat(int dirfd, const char *name, int flags)
{
	(void)fails();
	return (int)syscall(SYS_unlinkat, dirfd, name, flags);
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

int
openat(int dirfd, const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
		if (fails())
			return -1;
	}
	return (int)syscall(SYS_openat, dirfd, name, flags, mode);
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
begin(void)
{
	struct wiki *w = moinwiki_open();

	moin_of(w)->patience = 50;
	if (wiki_begin(w, false, &f) == -1)
		fail_msg("%s", f.text);
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
	OWNED_PAGE struct wiki_page now;

	wiki_page_init(&now);
	if (wiki_read(w, p->page, p->file, &now, &f) == -1)
		fail_msg("%s", f.text);
	p->before = now.revision != NULL ? strdup(now.revision) : NULL;
	p->item.kind = p->file != NULL ? ITEM_ATTACHMENT : ITEM_PAGE;
	p->item.name = strdup(p->file != NULL ? p->file : p->page);
	p->item.page = p->file != NULL ? strdup(p->page) : NULL;
	p->job.item = &p->item;
	p->job.drop = p->new_text == NULL;
	p->job.content = p->new_text;
	p->job.size = p->new_text != NULL ? strlen(p->new_text) : 0;
	p->job.before = p->before;
	p->job.author = "J. Doe";
	p->job.comment = "from\tafar\n";
	if (wiki_intend(w, &p->job, 1, &f) == -1)
		fail_msg("%s", f.text);
	if (p->job.intent != NULL)
		assert_null(strchr(p->job.intent, '\n'));
}

static enum wiki_outcome
change(const char *page, const char *file, const char *text)
{
	struct plan p OWNED(plan_clear) = { page, file, text, { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = begin();
	OWNED_MEM char *revision = NULL;

	plan_make(w, &p);
	if (p.job.outcome == WIKI_CANNOT)
		return WIKI_CANNOT;
	if (wiki_carry_out(w, &p.job, 1, &f) == -1)
		fail_msg("%s", f.text);
	if (p.job.outcome != WIKI_DONE)
		return p.job.outcome;
	assert_int_equal(wiki_revision(w, page, file, &revision, &f), 0);
	if (revision == NULL)
		assert_null(p.job.revision);
	else
		assert_string_equal(p.job.revision, revision);
	return WIKI_DONE;
}

static void
text_is(const char *folder, const char *text)
{
	OWNED_MEM char *is = moinwiki_text(folder);

	if (text == NULL) {
		assert_null(is);
		return;
	}
	assert_non_null(is);
	assert_string_equal(is, text);
}

/* Names that begin with a dot, in pages and in a page's folder. */
static size_t
dot_names(const char *folder)
{
	DIR *d = opendir(scratch_path(folder));
	const struct dirent *e;
	size_t n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += *e->d_name == '.' && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

/* ---- undisturbed ---- */

static void
a_new_page_has_all_that_moin_needs(void **state)
{
	OWNED_MEM char *log = NULL, *page_log = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(chmod(scratch_path("data/pages"), 0750), 0);
	assert_int_equal(change("A/\xc3\xbc", NULL, "one\n\ntwo"), WIKI_DONE);
	text_is("A(2fc3bc)", "one\r\n\r\ntwo");
	assert_int_equal(moinwiki_number("A(2fc3bc)"), 1);
	log = scratch_read("data/edit-log");
	page_log = scratch_read("data/pages/A(2fc3bc)/edit-log");
	assert_string_equal(log, page_log);
	assert_string_equal(log + 16,
	    "\t00000001\tSAVENEW\tA(2fc3bc)\t\tJ\xe2\x80\xa4 Doe\t\t\t"
	    "from afar\n");
	assert_int_equal(stat(scratch_path("data/pages/A(2fc3bc)"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(stat(scratch_path("data/pages/A(2fc3bc)/current"),
	    &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(dot_names("data/pages"), 0);
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
	assert_int_equal(change("P", NULL, "new\n"), WIKI_DONE);
	text_is("P", "new\r\n");
	old = scratch_read("data/pages/P/revisions/00000001");
	assert_string_equal(old, "old\r\n");
	assert_int_equal(moinwiki_lines("edit-log", "\t00000002\tSAVE\t", ""),
	    1);
	assert_int_equal(moinwiki_lines("pages/P/edit-log",
	    "\t00000002\tSAVE\t", ""), 1);
	assert_int_equal(scratch_count("data/pages/P/cache"), 0);
	assert_int_equal(scratch_count("data/cache/wikiconfig/pagegroups"), 1);
	assert_int_equal(scratch_count("data/pages/P"), 4);
}

static void
a_drop_is_a_deletion_and_the_next_put_goes_on_from_there(void **state)
{
	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	assert_int_equal(change("P", NULL, NULL), WIKI_DONE);
	text_is("P", NULL);
	assert_int_equal(moinwiki_number("P"), 2);
	assert_int_equal(moinwiki_lines("edit-log", "\t00000002\tSAVE\t", ""),
	    1);
	assert_int_equal(change("P", NULL, "again\n"), WIKI_DONE);
	text_is("P", "again\r\n");
	assert_int_equal(moinwiki_number("P"), 3);
	assert_int_equal(moinwiki_lines("edit-log",
	    "\t00000003\tSAVENEW\t", ""), 1);
}

static void
an_underlay_page_is_hidden_and_shows_again(void **state)
{
	OWNED_WIKI struct wiki *w = NULL;
	OWNED_PAGE struct wiki_page p;

	(void)state;
	moinwiki_underlay("Help", "under\r\n");
	assert_int_equal(change("Help", NULL, "ours\n"), WIKI_DONE);
	assert_int_equal(moinwiki_number("Help"), 1);
	assert_int_equal(change("Help", NULL, NULL), WIKI_DONE);
	w = moinwiki_open();
	wiki_page_init(&p);
	assert_int_equal(wiki_read(w, "Help", NULL, &p, &f), 0);
	assert_true(p.from_underlay);
	assert_int_equal(change("Help", NULL, "again\n"), WIKI_DONE);
	assert_int_equal(moinwiki_number("Help"), 3);
}

static void
a_folder_without_revisions_becomes_a_page(void **state)
{
	(void)state;
	scratch_write("data/pages/P/edit-lock", "");
	scratch_write("data/pages/P/edit-log", "");
	assert_int_equal(change("P", NULL, "x\n"), WIKI_DONE);
	text_is("P", "x\r\n");
	assert_int_equal(moinwiki_number("P"), 1);
	/* And so does an empty one. */
	assert_int_equal(mkdirat(scratch_fd, "data/pages/Q", 0770), 0);
	assert_int_equal(change("Q", NULL, "x\n"), WIKI_DONE);
	text_is("Q", "x\r\n");
}

static void
a_revision_that_a_crash_left_is_stepped_over(void **state)
{
	OWNED_MEM char *left = NULL;

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	scratch_write("data/pages/P/revisions/00000002", "half");
	assert_int_equal(change("P", NULL, "new\n"), WIKI_DONE);
	assert_int_equal(moinwiki_number("P"), 3);
	text_is("P", "new\r\n");
	left = scratch_read("data/pages/P/revisions/00000002");
	assert_string_equal(left, "half");
	scratch_write("data/pages/P/revisions/00000004", "half");
	assert_int_equal(change("P", NULL, NULL), WIKI_DONE);
	text_is("P", NULL);
	assert_int_equal(moinwiki_number("P"), 5);
}

static void
attachments_are_put_replaced_and_dropped(void **state)
{
	OWNED_MEM char *one = NULL, *two = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(change("P", "a b.png", "one"), WIKI_DONE);
	one = scratch_read("data/pages/P/attachments/a b.png");
	assert_string_equal(one, "one");
	assert_int_equal(change("P", "a b.png", "two"), WIKI_DONE);
	two = scratch_read("data/pages/P/attachments/a b.png");
	assert_string_equal(two, "two");
	assert_int_equal(change("P", "a b.png", NULL), WIKI_DONE);
	assert_int_equal(fstatat(scratch_fd,
	    "data/pages/P/attachments/a b.png", &st, 0), -1);
	assert_int_equal(moinwiki_lines("edit-log",
	    "\t99999999\tATTNEW\tP\t", "\ta%20b.png\t"), 2);
	assert_int_equal(moinwiki_lines("edit-log",
	    "\t99999999\tATTDEL\tP\t", "\ta%20b.png\t"), 1);
	assert_int_equal(moinwiki_lines("pages/P/edit-log", "\tATT", ""), 3);
	assert_int_equal(dot_names("data/pages/P"), 0);
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
	assert_int_equal(change("P", NULL, "new\n"), WIKI_DONE);
	log = scratch_read("data/pages/P/edit-log");
	assert_non_null(strstr(log, "\n9000000000000001\t00000002\tSAVE\t"));
}

static void
what_cannot_be_is_said_so(void **state)
{
	(void)state;
	assert_int_equal(change("P", NULL, "a\rb"), WIKI_CANNOT);
	assert_int_equal(change("P", NULL, "caf\xe9"), WIKI_CANNOT);
	assert_int_equal(change("P", NULL, "\xef\xbb\xbf#acl x"), WIKI_CANNOT);
	assert_int_equal(change("P  Q", NULL, "x"), WIKI_CANNOT);
	assert_int_equal(change("P", "..", "x"), WIKI_CANNOT);
	assert_int_equal(change("P", ".htaccess", "x"), WIKI_CANNOT);
	assert_int_equal(scratch_count("data/pages"), 0);
	scratch_write("data/pages/File", "in the way");
	assert_int_equal(change("File", NULL, "x"), WIKI_CANNOT);
	assert_int_equal(change("File", "a", "x"), WIKI_CANNOT);
}

static void
a_damaged_page_is_left_alone(void **state)
{
	struct plan p OWNED(plan_clear) = { "P", NULL, "new\n", { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = begin();

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	plan_make(w, &p);
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
	assert_int_equal(dot_names("data/pages/P"), 0);
	assert_int_equal(scratch_count("data/pages/P/revisions"), 1);
}

/* ---- the logs ---- */

static void
a_torn_line_is_mended_before_the_next(void **state)
{
	static const char torn[] =
	    "1500000000000000\t00000001\tSAVE\tX\t\tJ\xc3";
	OWNED_MEM char *log = NULL;

	(void)state;
	scratch_write("data/edit-log", torn);
	assert_int_equal(change("P", NULL, "x\n"), WIKI_DONE);
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
	assert_int_equal(change("P", NULL, "x\n"), WIKI_DONE);
	log = scratch_read("data/edit-log");
	assert_memory_equal(log, "good\n000\n", 9);
}

static void
long_comments_are_cut_before_moin_drops_them(void **state)
{
	char comment[1001];
	struct plan p OWNED(plan_clear) = { "P", NULL, "x\n", { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = begin();
	OWNED_MEM char *log = NULL;
	const char *last;

	(void)state;
	memset(comment, 'x', sizeof(comment) - 1);
	comment[sizeof(comment) - 1] = '\0';
	plan_make(w, &p);
	free(p.job.intent);
	p.job.comment = comment;
	assert_int_equal(wiki_intend(w, &p.job, 1, &f), 0);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	log = scratch_read("data/edit-log");
	last = strrchr(log, '\t') + 1;
	assert_int_equal(strlen(last), 199 + 3 + 1);
	assert_string_equal(last + 199, "\xe2\x80\xa6\n");
}

/* ---- somebody else ---- */

static const char *save_text;

static void
user_saves(void)
{
	moinwiki_save("P", save_text, NULL, "user");
}

static void
a_save_since_the_decision_wins(void **state)
{
	struct plan p OWNED(plan_clear) = { "P", NULL, "new\n", { 0 }, NULL,
		{ 0 } };
	struct plan q OWNED(plan_clear) = { "P", "f", "new", { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = begin();

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	plan_make(w, &p);
	moinwiki_save("P", "user's\r\n", NULL, "");
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_MOVED);
	text_is("P", "user's\r\n");
	plan_make(w, &q);
	moinwiki_attach("P", "f", "user's");
	assert_int_equal(wiki_carry_out(w, &q.job, 1, &f), 0);
	assert_int_equal(q.job.outcome, WIKI_MOVED);
	assert_int_equal(dot_names("data/pages/P"), 0);
	no_events();
}

/* A save in Moin waits for the lock; here it can only come around it. */
static void
a_save_before_any_call_is_not_lost(void **state)
{
	int at;

	(void)state;
	for (at = 1; at < 60; at++) {
		struct plan p OWNED(plan_clear) = { "P", NULL, "new\n", { 0 },
			NULL, { 0 } };
		OWNED_WIKI struct wiki *w = NULL;
		OWNED_MEM char *text = NULL;
		char name[64];
		int64_t number, i, seen = 0;

		no_events();
		assert_int_equal(moinwiki_leave(state), 0);
		assert_int_equal(moinwiki_enter(state), 0);
		moinwiki_save("P", "old\r\n", NULL, "");
		w = begin();
		plan_make(w, &p);
		save_text = "user's\r\n";
		calls = 0;
		event_at = at;
		/* While we hold the lock, his save would wait. */
		event = user_saves;
		if (at >= 8 && at <= 14)
			event = NULL;
		assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
		number = moinwiki_number("P");
		for (i = 1; i <= number; i++) {
			(void)snprintf(name, sizeof(name),
			    "data/pages/P/revisions/%08" PRId64, i);
			text = scratch_read(name);
			seen += strcmp(text, "user's\r\n") == 0;
			free(own_give(&text));
		}
		if (at < calls && (at < 8 || at > 14))
			assert_int_equal(seen, 1);
	}
	no_events();
}

static void
a_locked_page_is_left_for_the_next_run(void **state)
{
	struct plan p OWNED(plan_clear) = { "P", NULL, "new\n", { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = begin();

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	plan_make(w, &p);
	assert_int_equal(rename(scratch_path("data/pages/P/current"),
	    scratch_path("data/pages/P/current-locked")), 0);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_LOCKED);
	assert_int_equal(dot_names("data/pages/P"), 0);
	assert_int_equal(rename(scratch_path("data/pages/P/current-locked"),
	    scratch_path("data/pages/P/current")), 0);
	text_is("P", "old\r\n");
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
		struct plan p OWNED(plan_clear) = { "P", NULL, "new\n", { 0 },
			NULL, { 0 } };
		OWNED_WIKI struct wiki *w = NULL;
		OWNED_MEM char *first = NULL, *second = NULL;

		no_events();
		assert_int_equal(moinwiki_leave(state), 0);
		assert_int_equal(moinwiki_enter(state), 0);
		w = begin();
		plan_make(w, &p);
		calls = 0;
		event_at = at;
		event = user_makes_the_page;
		assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
		if (event != NULL)
			break;
		if (p.job.outcome == WIKI_MOVED) {
			text_is("P", "user's\r\n");
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
	{ "P", NULL, NULL, "new\n", 1 },
	{ "P", NULL, "old\r\n", "new\n", 2 },
	{ "P", NULL, "old\r\n", NULL, 2 },
	{ "P", "x", NULL, "new\n", -1 },
	{ "P", "x", "old", "new\n", -1 },
	{ "P", "x", "old", NULL, -1 },
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

	assert_int_equal(dot_names("data/pages"), 0);
	assert_int_equal(dot_names("data/pages/P"), 0);
	if (s->file != NULL) {
		const char *action = s->new_text != NULL ? "\tATTNEW\tP\t" :
							   "\tATTDEL\tP\t";

		assert_int_equal(moinwiki_lines("edit-log", action, "\tx\t"),
		    1);
		assert_int_equal(moinwiki_lines("pages/P/edit-log", action,
		    "\tx\t"), 1);
		if (s->new_text == NULL) {
			assert_int_equal(fstatat(scratch_fd,
			    "data/pages/P/attachments/x", &st, 0), -1);
			return;
		}
		is = scratch_read("data/pages/P/attachments/x");
		assert_string_equal(is, s->new_text);
		return;
	}
	text_is("P", s->new_text != NULL ? "new\r\n" : NULL);
	assert_int_equal(moinwiki_number("P"), s->number);
	assert_int_equal(scratch_count("data/pages/P/revisions"),
	    s->new_text != NULL ? (size_t)s->number : 1);
	(void)snprintf(revision, sizeof(revision), "\t%08" PRId64 "\tSAVE",
	    s->number);
	assert_int_equal(moinwiki_lines("edit-log", revision, "\tP\t"), 1);
	assert_int_equal(moinwiki_lines("pages/P/edit-log", revision, ""), 1);
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

static void
finish(struct plan *p, const struct scene *s)
{
	OWNED_WIKI struct wiki *w = begin();
	OWNED_MEM char *revision = NULL, *now = NULL;
	enum wiki_outcome outcome = WIKI_OPEN;

	if (wiki_finish(w, p->job.intent, &outcome, &revision, &f) == -1)
		fail_msg("%s", f.text);
	if (outcome == WIKI_MOVED) {
		assert_int_equal(change(s->page, s->file, s->new_text),
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
	struct plan p OWNED(plan_clear) = { s->page, s->file, s->new_text,
		{ 0 }, NULL, { 0 } };
	bool crashed;

	set_scene(s);
	{
		OWNED_WIKI struct wiki *w = begin();

		plan_make(w, &p);
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
	struct plan p OWNED(plan_clear) = { s->page, s->file, s->new_text,
		{ 0 }, NULL, { 0 } };
	int status;
	pid_t pid;

	set_scene(s);
	{
		OWNED_WIKI struct wiki *w = begin();

		plan_make(w, &p);
		(void)run_and_die(w, &p.job, 1, first);
	}
	pid = fork();
	if (pid == 0) {
		OWNED_WIKI struct wiki *w = begin();
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
		struct plan p OWNED(plan_clear) = { "P", NULL, "new\n", { 0 },
			NULL, { 0 } };
		OWNED_WIKI struct wiki *w = NULL;
		OWNED_MEM char *revision = NULL;
		enum wiki_outcome outcome = WIKI_OPEN;
		bool crashed;

		set_scene(s);
		w = begin();
		plan_make(w, &p);
		crashed = run_and_die(w, &p.job, 1, at);
		/* If it is locked he gets an error, and nothing is saved. */
		if (moinwiki_number("P") < 0)
			continue;
		moinwiki_save("P", "user's\r\n", NULL, "");
		assert_int_equal(wiki_finish(w, p.job.intent, &outcome,
		    &revision, &f), 0);
		text_is("P", "user's\r\n");
		if (outcome == WIKI_DONE) {
			assert_int_equal(moinwiki_number("P"), 3);
			assert_int_equal(moinwiki_lines("edit-log",
			    "\t00000002\tSAVE\t", "Doe"), 1);
			assert_memory_equal(revision, "2-", 2);
		} else {
			assert_int_equal(moinwiki_number("P"), 2);
		}
		assert_int_equal(dot_names("data/pages/P"), 0);
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
			struct plan p OWNED(plan_clear) = { s->page, s->file,
				s->new_text, { 0 }, NULL, { 0 } };
			OWNED_WIKI struct wiki *w = NULL;
			bool happened;

			set_scene(s);
			w = begin();
			plan_make(w, &p);
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
				assert_int_equal(change(s->page, s->file,
				    s->new_text), WIKI_DONE);
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
		many[i] = (struct plan){ many_names[i],
			i % 4 == 1 ? "x" : NULL,
			i % 4 == 2 ? NULL : "new\n", { 0 }, NULL, { 0 } };
		plan_make(w, &many[i]);
		many_jobs[i] = many[i].job;
	}
}

static void
many_old(void)
{
	char name[12];
	size_t i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), i == 7 ? "My%zuGroup" :
							    "P%zu", i);
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
		plan_clear(&many[i]);
	}
}

static void
many_are_done(void)
{
	char line[600];
	size_t i;

	assert_int_equal(dot_names("data/pages"), 0);
	for (i = 0; i < MANY; i++) {
		if (i % 4 == 1) {
			(void)snprintf(line, sizeof(line), "\tATTNEW\tP%zu\t",
			    i);
		} else {
			text_is(many_names[i], i % 4 == 2 ? NULL : "new\r\n");
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
	w = begin();
	many_make(w);
	assert_int_equal(wiki_carry_out(w, many_jobs, MANY, &f), 0);
	for (i = 0; i < MANY; i++) {
		OWNED_MEM char *now = NULL;

		assert_int_equal(many_jobs[i].outcome, WIKI_DONE);
		assert_int_equal(wiki_revision(w, many[i].page, many[i].file,
		    &now, &f), 0);
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
	w = begin();
	many_make(w);
	moinwiki_save("P3", "user's\r\n", NULL, "");
	scratch_write("data/pages/P4", "in the way");
	assert_int_equal(rename(scratch_path("data/pages/P6/current"),
	    scratch_path("data/pages/P6/current-locked")), 0);
	assert_int_equal(wiki_carry_out(w, many_jobs, MANY, &f), 0);
	for (i = 0; i < MANY; i++)
		assert_int_equal(many_jobs[i].outcome,
		    i == 3 ? WIKI_MOVED : i == 4 ? WIKI_CANNOT :
			i == 6			 ? WIKI_LOCKED :
						   WIKI_DONE);
	assert_int_equal(dot_names("data/pages/P3"), 0);
	assert_int_equal(dot_names("data/pages/P6"), 0);
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
		w = begin();
		many_make(w);
		crashed = run_and_die(w, many_jobs, MANY, at);
		for (i = 0; i < MANY; i++) {
			enum wiki_outcome outcome = WIKI_OPEN;
			OWNED_MEM char *revision = NULL;

			assert_int_equal(wiki_finish(w, many_jobs[i].intent,
			    &outcome, &revision, &f), 0);
			if (outcome == WIKI_MOVED)
				assert_int_equal(change(many[i].page,
				    many[i].file, many[i].new_text),
				    WIKI_DONE);
		}
		many_are_done();
		many_clear();
	}
	assert_true(at > 300);
}

/* ---- beginning ---- */

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
	    scratch_path("data/pages/Old/current-locked")), 0);
	scratch_write("data/pages/Half/current-locked", "00000002\n");
	assert_int_equal(unlink(scratch_path("data/pages/Half/current")), 0);
	assert_int_equal(rename(scratch_path("data/pages/Whole/current"),
	    scratch_path("data/pages/Whole/current-locked")), 0);
	/* Young ones are somebody's. */
	w = begin();
	assert_int_equal(moinwiki_number("Old"), -1);
	moin_of(w)->stale = 1;
	(void)nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	assert_int_equal(wiki_begin(w, false, &f), 0);
	text_is("Old", "one\r\n");
	text_is("Half", "one\r\n");
	text_is("Whole", "two\r\n");
	assert_int_equal(moinwiki_lines("edit-log", "\tOld\t", "unlocked"), 1);
	assert_int_equal(moinwiki_lines("edit-log", "\t00000001\tSAVE\tHalf\t",
	    "unlocked"), 1);
	assert_int_equal(moinwiki_lines("pages/Half/edit-log", "", "unlocked"),
	    0);
	assert_int_equal(scratch_count("data/pages/Half"), 3);
	wiki_close(w);
}

static void
a_lock_that_is_used_is_not_opened(void **state)
{
	struct plan p OWNED(plan_clear) = { "P", NULL, "new\n", { 0 }, NULL,
		{ 0 } };
	OWNED_WIKI struct wiki *w = NULL;

	(void)state;
	moinwiki_save("P", "old\r\n", NULL, "");
	w = begin();
	plan_make(w, &p);
	assert_int_equal(rename(scratch_path("data/pages/P/current"),
	    scratch_path("data/pages/P/current-locked")), 0);
	/* A stale one is opened when we have waited for it in vain. */
	moin_of(w)->stale = 1;
	(void)nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(p.job.outcome, WIKI_DONE);
	text_is("P", "new\r\n");
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
	no_events();
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
	assert_int_equal(change("P", NULL, "x\n"), WIKI_DONE);
	assert_int_equal(change("Q", "x", "x\n"), WIKI_DONE);
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
	assert_int_equal(stat(scratch_path(
	    "data/cache/wikiconfig/antispam/failure"), &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_true(st.st_mtime > time(NULL) + 6 * 24 * 3600);
	assert_int_equal(stat(scratch_path(
	    "data/cache/other/antispam/failure"), &st), 0);
	assert_true(st.st_mtime > time(NULL) + 6 * 24 * 3600);
	assert_int_equal(stat(scratch_path("data/cache/__common__/antispam"),
	    &st), -1);
}

static void
nothing_is_intended_before_the_beginning(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	struct wiki_job job = { 0 };

	(void)state;
	assert_int_equal(wiki_intend(w, &job, 0, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
	no_events();
}

static void
a_strange_intent_is_refused(void **state)
{
	static const char *const bad[] = { "", "moin-1", "put\tP",
		"moin-1\tput\tP\t\tt\t-1\t\t\t0\t0\t\t" };
	OWNED_WIKI struct wiki *w = begin();
	enum wiki_outcome outcome;
	char *revision;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wiki_finish(w, bad[i], &outcome, &revision,
		    &f), -1);
	no_events();
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
		IN_MOINWIKI(stamps_are_later_than_all_before),
		IN_MOINWIKI(what_cannot_be_is_said_so),
		IN_MOINWIKI(a_damaged_page_is_left_alone),
		IN_MOINWIKI(a_torn_line_is_mended_before_the_next),
		IN_MOINWIKI(a_line_of_rubbish_becomes_a_number),
		IN_MOINWIKI(long_comments_are_cut_before_moin_drops_them),
		IN_MOINWIKI(a_save_since_the_decision_wins),
		IN_MOINWIKI(a_save_before_any_call_is_not_lost),
		IN_MOINWIKI(a_locked_page_is_left_for_the_next_run),
		IN_MOINWIKI(a_page_that_is_made_meanwhile_is_not_overwritten),
		IN_MOINWIKI(a_crash_at_any_call_ends_in_the_same_place),
		IN_MOINWIKI(a_crash_while_finishing_ends_there_too),
		IN_MOINWIKI(a_user_who_saves_after_the_crash_keeps_his_text),
		IN_MOINWIKI(after_a_failure_at_any_call_the_page_is_whole),
		IN_MOINWIKI(many_changes_are_carried_out_in_a_group),
		IN_MOINWIKI(one_bad_page_does_not_hold_up_the_others),
		IN_MOINWIKI(a_crash_in_a_group_ends_in_the_same_place),
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
