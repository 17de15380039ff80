/*
 * What a plain folder of files says as a wiki, also when it is hostile.
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
#include <time.h>

#include "tests/support/libscratch.h"
#include "wiki/wiki.h"

#define IN_SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

static struct fault f;

static int64_t ahead;	     /* of the clock, seconds */
static struct timespec noon; /* if set: the fine clock stands there */
static struct timespec slept;

/* The walk's clock, in front of libc's. */
time_t
time(time_t *t)
{
	struct timespec now;

	(void)syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	if (t != NULL)
		*t = now.tv_sec + ahead;
	return now.tv_sec + ahead;
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	if (noon.tv_sec == 0)
		return (int)syscall(SYS_clock_gettime, id, now);
	*now = noon;
	return 0;
}

int
nanosleep(const struct timespec *pause, struct timespec *rest)
{
	slept = *pause;
	return (int)syscall(SYS_nanosleep, pause, rest);
}

static struct wiki *
open_scratch(void)
{
	struct wiki_options options = { 0 };
	struct wiki *w = NULL;
	char name[100];

	f = (struct fault){ 0 };
	(void)snprintf(name, sizeof(name), "files:%s", scratch);
	assert_int_equal(wiki_open(name, &options, &w, &f), 0);
	return w;
}

#define OWNED_WIKI OWNED(wiki_close_p)
#define OWNED_WALK OWNED(wiki_walk_close)
#define OWNED_PAGE OWNED(wiki_page_clear)

static void
a_wiki_is_engine_and_place(void **state)
{
	static const char *const bad[] = { "", "files", "files:", ":x",
		"Files:/tmp", "moin2:/tmp", "file:/tmp" };
	OWNED_WIKI struct wiki *w = NULL;
	struct wiki_options options = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(wiki_open(bad[i], &options, &w, &f), -1);
		assert_int_equal(f.kind, FAULT_CONFIG);
	}
	f = (struct fault){ 0 };
	assert_int_equal(wiki_open("files:/nowhere/at/all", &options, &w, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(f.sys, ENOENT);
	assert_null(w);
	w = open_scratch();
	assert_false(wiki_has_acl_lines(w));
}

static void
a_page_is_read(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_PAGE struct wiki_page p;
	struct timespec times[2] = { { 5, 0 }, { 1700000000, 5 } };

	(void)state;
	wiki_page_init(&p);
	scratch_write("Help%2FTop.txt",
	    "#language de\r\nGr\xc3\xbc\xc3\x9f"
	    "e\r\n");
	assert_int_equal(utimensat(scratch_fd, "Help%2FTop.txt", times, 0), 0);
	assert_int_equal(wiki_read(w, "Help/Top", NULL, &p, &f), 0);
	assert_true(p.present);
	assert_string_equal(p.text.data,
	    "#language de\nGr\xc3\xbc\xc3\x9f"
	    "e\n");
	assert_null(p.format); /* a folder does not know */
	assert_string_equal(p.lang, "de");
	assert_int_equal(p.updated, 1700000000);
	assert_null(p.author);
	assert_null(p.comment);
	assert_false(p.from_underlay);
	assert_non_null(p.revision);
	/* The same page struct again. */
	assert_int_equal(wiki_read(w, "Other", NULL, &p, &f), 0);
	assert_false(p.present);
	assert_null(p.revision);
	assert_null(p.lang);
	assert_int_equal(p.text.len, 0);
}

static void
an_attachment_is_read_as_it_is(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_PAGE struct wiki_page p;

	(void)state;
	wiki_page_init(&p);
	scratch_write("A%2FB.files/50%25.png", "\x89PNG\r\n\xff");
	assert_int_equal(wiki_read(w, "A/B", "50%.png", &p, &f), 0);
	assert_true(p.present);
	assert_string_equal(p.text.data, "\x89PNG\r\n\xff");
	assert_null(p.format);
	assert_null(p.lang);
	assert_int_equal(wiki_read(w, "A/B", "other.png", &p, &f), 0);
	assert_false(p.present);
	assert_int_equal(wiki_read(w, "A", "50%.png", &p, &f), 0);
	assert_false(p.present);
}

static void
dates_that_no_tar_can_hold_are_bounded(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_PAGE struct wiki_page p;
	struct timespec times[2] = { { 5, 0 }, { -5, 0 } };

	(void)state;
	wiki_page_init(&p);
	scratch_write("A.txt", "x");
	assert_int_equal(utimensat(scratch_fd, "A.txt", times, 0), 0);
	assert_int_equal(wiki_read(w, "A", NULL, &p, &f), 0);
	assert_int_equal(p.updated, 0);
	times[1].tv_sec = UPDATED_MAX + 5;
	assert_int_equal(utimensat(scratch_fd, "A.txt", times, 0), 0);
	assert_int_equal(wiki_read(w, "A", NULL, &p, &f), 0);
	assert_in_range(p.updated, 1, UPDATED_MAX);
}

static void
names_too_long_for_the_folder_are_not_there(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_PAGE struct wiki_page p;
	char *revision = NULL;
	char name[256];

	(void)state;
	wiki_page_init(&p);
	memset(name, 'x', 255);
	name[255] = '\0';
	assert_int_equal(wiki_read(w, name, NULL, &p, &f), 0);
	assert_false(p.present);
	assert_int_equal(wiki_read(w, name, name, &p, &f), 0);
	assert_false(p.present);
	assert_int_equal(wiki_revision(w, name, NULL, &revision, &f), 0);
	assert_null(revision);
}

static void
refuse(struct wiki *w, const char *page, const char *file, const char *word)
{
	OWNED_PAGE struct wiki_page p;

	wiki_page_init(&p);
	f = (struct fault){ 0 };
	assert_int_equal(wiki_read(w, page, file, &p, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	if (strstr(f.text, word) == NULL)
		fail_msg("no '%s' in '%s'", word, f.text);
	assert_false(p.present);
}

static void
what_is_no_text_is_refused(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	int fd;

	(void)state;
	scratch_write("Latin.txt", "\xe9t\xe9");
	scratch_write("Bom.txt", "\xef\xbb\xbfx");
	scratch_write("Cr.txt", "a\rb");
	refuse(w, "Latin", NULL, "UTF-8");
	refuse(w, "Bom", NULL, "byte order mark");
	refuse(w, "Cr", NULL, "carriage return");
	fd = openat(scratch_fd, "Big.txt", O_WRONLY | O_CREAT, 0644);
	assert_int_equal(ftruncate(fd, ITEM_SIZE_MAX + 1), 0);
	(void)close(fd);
	refuse(w, "Big", NULL, "64 MiB");
}

static void
links_and_devices_are_not_followed(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	struct wiki_options options = { 0 };
	OWNED_WIKI struct wiki *linked = NULL;
	OWNED_PAGE struct wiki_page p;
	char name[100];

	(void)state;
	wiki_page_init(&p);
	assert_int_equal(symlinkat("/etc/passwd", scratch_fd, "A.txt"), 0);
	assert_int_equal(symlinkat("/etc", scratch_fd, "B.files"), 0);
	scratch_write("C.files/keep", "x");
	assert_int_equal(symlinkat("/etc/passwd", scratch_fd, "C.files/p"), 0);
	assert_int_equal(mkfifoat(scratch_fd, "D.txt", 0644), 0);
	assert_int_equal(mkdirat(scratch_fd, "E.txt", 0755), 0);
	refuse(w, "A", NULL, "not a regular file");
	refuse(w, "B", "passwd", "not a folder");
	refuse(w, "C", "p", "not a regular file");
	refuse(w, "D", NULL, "not a regular file");
	refuse(w, "E", NULL, "not a regular file");
	/* The place itself is its owner's choice. */
	assert_int_equal(symlinkat(".", scratch_fd, "link"), 0);
	(void)snprintf(name, sizeof(name), "files:%s/link", scratch);
	assert_int_equal(wiki_open(name, &options, &linked, &f), 0);
	assert_int_equal(wiki_read(linked, "C", "keep", &p, &f), 0);
	assert_true(p.present);
}

static void
each_edit_is_another_revision(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_MEM char *cheap = NULL;
	OWNED_PAGE struct wiki_page one, two;
	struct stat st;
	struct timespec times[2];

	(void)state;
	wiki_page_init(&one);
	wiki_page_init(&two);
	scratch_write("A.txt", "one");
	assert_int_equal(wiki_read(w, "A", NULL, &one, &f), 0);
	assert_int_equal(wiki_revision(w, "A", NULL, &cheap, &f), 0);
	assert_string_equal(one.revision, cheap);
	/* At once, of the same size, and with its old date put back. */
	assert_int_equal(fstatat(scratch_fd, "A.txt", &st, 0), 0);
	scratch_write("A.txt", "two");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(scratch_fd, "A.txt", times, 0), 0);
	assert_int_equal(wiki_read(w, "A", NULL, &two, &f), 0);
	assert_string_not_equal(one.revision, two.revision);
}

static void
what_changed_in_this_tick_is_read_in_the_next(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_PAGE struct wiki_page p;
	struct stat st;

	(void)state;
	wiki_page_init(&p);
	do { /* a time that no coarse clock has */
		scratch_write("A.txt", "x");
		assert_int_equal(fstatat(scratch_fd, "A.txt", &st, 0), 0);
	} while (st.st_ctim.tv_nsec == 0 || st.st_ctim.tv_nsec > 900000000);
	noon = st.st_ctim;
	noon.tv_nsec += 5000000;
	slept = (struct timespec){ 0 };
	assert_int_equal(wiki_read(w, "A", NULL, &p, &f), 0);
	assert_int_equal(slept.tv_nsec, 15000000);
	noon.tv_nsec = st.st_ctim.tv_nsec + 20000000;
	slept = (struct timespec){ 0 };
	assert_int_equal(wiki_read(w, "A", NULL, &p, &f), 0);
	assert_int_equal(slept.tv_nsec, 0);
	noon.tv_sec += 100;
	assert_int_equal(wiki_read(w, "A", NULL, &p, &f), 0);
	/* A clock that was put back must not make it wait for long. */
	noon.tv_sec -= 200;
	assert_int_equal(wiki_read(w, "A", NULL, &p, &f), 0);
	assert_int_equal(slept.tv_sec, 0);
	assert_int_equal(slept.tv_nsec, 0);
	noon.tv_sec = 0;
}

/* Walk; each entry as "page|file|trouble" in one text, "-" for NULL. */
static char *
walk_all(struct wiki *w)
{
	OWNED_WALK struct wiki_walk *walk = NULL;
	OWNED_BUF struct buf out = BUF_INIT(100000);
	const struct wiki_entry *e;
	bool have;

	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	for (;;) {
		assert_int_equal(wiki_walk_next(walk, &e, &have, &f), 0);
		if (!have)
			break;
		assert_int_equal(buf_format(&out, &f, "%s|%s",
				     e->page != NULL ? e->page : "-",
				     e->file != NULL ? e->file : "-"),
		    0);
		assert_true((e->trouble != NULL) == (e->where != NULL));
		if (e->trouble != NULL)
			assert_int_equal(buf_format(&out, &f, "|%s: %s",
					     e->where, e->trouble),
			    0);
		assert_int_equal(buf_add_text(&out, "\n", &f), 0);
	}
	return buf_take(&out);
}

static void
the_walk_is_in_order_of_tar_paths(void **state)
{
	static const char *const files[] = { "B.txt", "A.txt", "A%2FB.txt",
		"A b.txt", "A-c.txt", "A.b.txt", "A0.txt", "A.files/b.png",
		"A.files/b", "A.files/b c", "A.files/B", "A b.files/x",
		"Z.files/x", "\xc3\x84.txt", "%2Edot.txt", "50%25.txt" };
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_WALK struct wiki_walk *walk = NULL;
	char last[ITEM_PATH_MAX] = "";
	const struct wiki_entry *e;
	size_t i, seen = 0;
	bool have;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scratch_write(files[i], "x");
	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	for (;; seen++) {
		OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
		struct item item = { 0 };

		assert_int_equal(wiki_walk_next(walk, &e, &have, &f), 0);
		if (!have)
			break;
		assert_null(e->trouble);
		item.kind = e->file != NULL ? ITEM_ATTACHMENT : ITEM_PAGE;
		item.name = e->file != NULL ? e->file : e->page;
		item.page = e->file != NULL ? e->page : NULL;
		assert_int_equal(item_path(&item, &path, &f), 0);
		if (strcmp(last, path.data) >= 0)
			fail_msg("'%s' after '%s'", path.data, last);
		memcpy(last, path.data, path.len + 1);
	}
	assert_int_equal(seen, sizeof(files) / sizeof(files[0]));
}

static void
other_files_are_no_pages(void **state)
{
	static const char *const files[] = { "README.md", "A.txt.~1~",
		".A.txt.part", ".hidden.txt", "A.txt~", ".txt", ".files",
		"A.files/.old/x.~1~", "A.files/.x.part", "x.TXT",
		".git/config.txt" };
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_MEM char *seen = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		scratch_write(files[i], "x");
	scratch_write("A.txt", "x");
	seen = walk_all(w);
	assert_string_equal(seen, "A|-\n");
}

static void
what_cannot_be_shared_is_reported_and_the_walk_goes_on(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	OWNED_MEM char *seen = NULL;
	int fd;

	(void)state;
	scratch_write("100%.txt", "x");
	scratch_write("A.txt", "x");
	scratch_write("A%2F..%2FB.txt", "x");
	scratch_write("A.files/50%.png", "x");
	scratch_write("A.files/good.png", "x");
	scratch_write("a\xff.txt", "x");
	assert_int_equal(symlinkat("/etc/passwd", scratch_fd, "L.txt"), 0);
	assert_int_equal(symlinkat("/etc", scratch_fd, "L.files"), 0);
	scratch_write("M.files", "x");
	assert_int_equal(mkdirat(scratch_fd, "A.files/sub", 0755), 0);
	fd = openat(scratch_fd, "N.txt", O_WRONLY | O_CREAT, 0644);
	assert_int_equal(ftruncate(fd, ITEM_SIZE_MAX + 1), 0);
	(void)close(fd);
	scratch_write("Z.txt", "x");
	seen = walk_all(w);
	assert_string_equal(seen,
	    "-|-|100%.txt: '100%' is not the spelling of a name\n"
	    "-|-|A%2F..%2FB.txt: page name 'A/../B': has a part '..'\n"
	    "-|-|A.files/50%.png: '50%.png' is not the spelling of a name\n"
	    "A|good.png\n"
	    "A|sub|A.files/sub: is not a regular file\n"
	    "A|-\n"
	    "L|-|L.files: is not a folder\n"
	    "L|-|L.txt: is not a regular file\n"
	    "M|-|M.files: is not a folder\n"
	    "N|-|N.txt: is larger than 64 MiB\n"
	    "Z|-\n"
	    "-|-|a\xff.txt: page name 'a?': is not UTF-8\n");
}

/* The stamp of the only page. */
static void
only_stamp(struct wiki *w, char stamp[WIKI_STAMP_MAX])
{
	OWNED_WALK struct wiki_walk *walk = NULL;
	OWNED(wiki_page_clear) struct wiki_page page;
	const struct wiki_entry *e;
	bool have;

	wiki_page_init(&page);
	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	assert_int_equal(wiki_walk_next(walk, &e, &have, &f), 0);
	assert_true(have);
	assert_int_equal(wiki_read(w, e->page, e->file, &page, &f), 0);
	memcpy(stamp, page.stamp, WIKI_STAMP_MAX);
	assert_int_equal(wiki_walk_same(walk, stamp), *stamp != '\0');
}

static void
stamps_tell_of_every_change_once_they_are_old_enough(void **state)
{
	char one[WIKI_STAMP_MAX], two[WIKI_STAMP_MAX];
	OWNED_WIKI struct wiki *w = open_scratch();
	struct timespec times[2] = { { 5, 0 }, { 1000, 0 } };

	(void)state;
	scratch_write("A.txt", "one");
	ahead = 0;
	only_stamp(w, one);
	assert_string_equal(one, "");
	/* An old date does not make it old. */
	assert_int_equal(utimensat(scratch_fd, "A.txt", times, 0), 0);
	only_stamp(w, one);
	assert_string_equal(one, "");
	ahead = 10;
	only_stamp(w, one);
	assert_string_not_equal(one, "");
	only_stamp(w, two);
	assert_string_equal(one, two);
	/* Another file under its name, of the same size and date. */
	scratch_write("B", "two");
	assert_int_equal(utimensat(scratch_fd, "B", times, 0), 0);
	assert_int_equal(renameat(scratch_fd, "B", scratch_fd, "A.txt"), 0);
	only_stamp(w, two);
	assert_string_not_equal(two, "");
	assert_string_not_equal(one, two);
	ahead = 0;
}

static void
hold(struct wiki *w, const char *page, const char *file, const char *word)
{
	OWNED_ITEM struct item item = { .kind = ITEM_PAGE };

	item.name = strdup(file != NULL ? file : page);
	if (file != NULL) {
		item.kind = ITEM_ATTACHMENT;
		item.page = strdup(page);
	}
	f = (struct fault){ 0 };
	if (word == NULL) {
		if (wiki_can_hold(w, &item, &f) == -1)
			fail_msg("'%s': %s", item.name, f.text);
		return;
	}
	if (wiki_can_hold(w, &item, &f) != -1)
		fail_msg("'%s' was not refused", item.name);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_non_null(strstr(f.text, word));
}

static void
names_that_a_web_server_acts_on_are_refused(void **state)
{
	static const char *const bad[] = { "x.php", "x.PHP", "x.pHp5", "x.php7",
		"x.phtml", "x.phar", "x.php.txt", "x.cgi", "x.pl", "x.py",
		"x.rb", "x.sh", "x.asp", "x.aspx", "x.jsp", "x.shtml", "x.exe",
		"x.php.jpg", "a.b.php.c.png", "x.phps", "x.htaccess",
		"x.htpasswd", "web.config", "Web.Config", "x.php." };
	static const char *const good[] = { "x.png", "php", "x.phpx.png",
		"cgi.txt", "x", "x.tar.gz", "py", "x.python", "x.", "x.html",
		"x.webconfig" };
	OWNED_WIKI struct wiki *w = open_scratch();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		hold(w, "Page", bad[i], "web server");
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		hold(w, "Page", good[i], NULL);
	hold(w, "Page", ".htaccess", "dot");
	hold(w, "Page", ".user.ini", "dot");
	hold(w, ".Page", "x", "dot");
	hold(w, ".Page", NULL, "dot");
	hold(w, "Page.php", NULL, "web server");
	hold(w, "Help/Page.cgi", NULL, "web server");
	hold(w, "Page.php/Sub", NULL, NULL);
	hold(w, "example.com", NULL, NULL);
	hold(w, "web.config", NULL, NULL); /* its file is web.config.txt */
}

static void
names_that_leave_no_room_for_old_versions_are_refused(void **state)
{
	OWNED_WIKI struct wiki *w = open_scratch();
	char name[256];

	(void)state;
	memset(name, 'x', 255);
	name[255] = '\0';
	hold(w, name, NULL, "longer");
	hold(w, "Page", name, "longer");
	hold(w, name, "x", "longer");
	name[239] = '\0';
	hold(w, name, NULL, NULL);
	name[0] = '%'; /* three bytes */
	hold(w, name, NULL, "longer");
}

static bool
has_power(struct wiki *w, const char *page, const char *file)
{
	OWNED_ITEM struct item item = { .kind = ITEM_PAGE };

	item.name = strdup(file != NULL ? file : page);
	if (file != NULL) {
		item.kind = ITEM_ATTACHMENT;
		item.page = strdup(page);
	}
	return wiki_has_power(w, &item);
}

static void
names_with_power_are_known(void **state)
{
	static const char *const strong[] = { "BadContent", "LocalBadContent",
		"InterWikiMap", "SystemPagesGroup", "AdminGroup",
		"My/AdminGroup", "Group", "MyDict", "HomepageTemplate" };
	static const char *const weak[] = { "badcontent", "BadContent2",
		"Groups", "AdminGroup/Sub", "Template2", "FrontPage" };
	OWNED_WIKI struct wiki *w = open_scratch();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strong) / sizeof(strong[0]); i++)
		assert_true(has_power(w, strong[i], NULL));
	for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		assert_false(has_power(w, weak[i], NULL));
	assert_true(has_power(w, "AdminGroup", "x.png"));
	assert_false(has_power(w, "FrontPage", "AdminGroup"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(a_wiki_is_engine_and_place),
		IN_SCRATCH(a_page_is_read),
		IN_SCRATCH(an_attachment_is_read_as_it_is),
		IN_SCRATCH(dates_that_no_tar_can_hold_are_bounded),
		IN_SCRATCH(names_too_long_for_the_folder_are_not_there),
		IN_SCRATCH(what_is_no_text_is_refused),
		IN_SCRATCH(links_and_devices_are_not_followed),
		IN_SCRATCH(each_edit_is_another_revision),
		IN_SCRATCH(what_changed_in_this_tick_is_read_in_the_next),
		IN_SCRATCH(the_walk_is_in_order_of_tar_paths),
		IN_SCRATCH(other_files_are_no_pages),
		IN_SCRATCH(
		    what_cannot_be_shared_is_reported_and_the_walk_goes_on),
		IN_SCRATCH(
		    stamps_tell_of_every_change_once_they_are_old_enough),
		IN_SCRATCH(names_that_a_web_server_acts_on_are_refused),
		IN_SCRATCH(
		    names_that_leave_no_room_for_old_versions_are_refused),
		IN_SCRATCH(names_with_power_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
