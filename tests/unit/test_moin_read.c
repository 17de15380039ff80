/*
 * What a MoinMoin wiki says of its pages, also when it is damaged.
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
#include <time.h>

#include "base/num.h"
#include "tests/support/libmoinwiki.h"
#include "tests/support/libscratch.h"
#include "wiki/wiki.h"

static struct fault f;

/* The clock of stamps, in front of libc's. */
time_t
time(time_t *t)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += moinwiki_ahead;
	if (t != NULL)
		*t = now.tv_sec;
	return now.tv_sec;
}

#define OWNED_WIKI OWNED(wiki_close_p)
#define OWNED_WALK OWNED(wiki_walk_close)
#define OWNED_PAGE OWNED(wiki_page_clear)

static void
read_page(struct wiki *w, const char *page, const char *file,
    struct wiki_page *out)
{
	wiki_page_init(out);
	if (wiki_read(w, page, file, out, &f) == -1)
		fail_msg("%s", f.text);
}

static void
assert_page(const char *page, const char *text, const char *author,
    const char *comment)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p;

	read_page(w, page, NULL, &p);
	assert_true(p.present);
	assert_string_equal(p.text.data, text);
	if (author == NULL)
		assert_null(p.author);
	else
		assert_string_equal(p.author, author);
	if (comment == NULL)
		assert_null(p.comment);
	else
		assert_string_equal(p.comment, comment);
}

/* "page|file" a line, with trouble ": where trouble". */
static void
assert_walk(const char *expected)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_WALK struct wiki_walk *walk = NULL;
	OWNED_BUF struct buf seen = BUF_INIT(BUF_ANY);
	const struct wiki_entry *e;
	bool have;

	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	while (wiki_walk_next(walk, &e, &have, &f) == 0 && have) {
		assert_int_equal(buf_format(&seen, &f, "%s|%s",
				     e->page != NULL ? e->page : "-",
				     e->file != NULL ? e->file : "-"),
		    0);
		if (e->trouble != NULL)
			assert_int_equal(buf_format(&seen, &f, ": %s %s",
					     e->where, e->trouble),
			    0);
		assert_int_equal(buf_add_text(&seen, "\n", &f), 0);
	}
	assert_string_equal(seen.data, expected);
}

static void
a_place_without_pages_is_no_wiki(void **state)
{
	struct wiki_options options = { 0 };
	OWNED_WIKI struct wiki *w = NULL;
	char name[100];

	(void)state;
	(void)snprintf(name, sizeof(name), "moin:%s", scratch);
	assert_int_equal(wiki_open(name, &options, &w, &f), -1);
	assert_non_null(strstr(f.text, "not a MoinMoin data folder"));
	(void)snprintf(name, sizeof(name), "moin:%s/data", scratch);
	options.underlay = "/nowhere";
	assert_int_equal(wiki_open(name, &options, &w, &f), -1);
	assert_non_null(strstr(f.text, "underlay '/nowhere'"));
}

static void
the_newest_revision_is_read_with_lf(void **state)
{
	(void)state;
	moinwiki_save("Help", "old\r\n", NULL, "");
	moinwiki_save("Help", "one\r\n\r\ntwo", NULL, "made it better");
	assert_page("Help", "one\n\ntwo", NULL, "made it better");
	moinwiki_save("A(2f)B(20)c", "lf\nonly\n", NULL, "");
	assert_page("A/B c", "lf\nonly\n", NULL, NULL);
	moinwiki_save("Empty", "", NULL, "");
	assert_page("Empty", "", NULL, NULL);
}

static void
breaks_that_only_python_knows_are_kept(void **state)
{
	(void)state;
	moinwiki_save("P",
	    "a\vb\fc\x1c"
	    "d\xc2\x85"
	    "e\xe2\x80\xa8"
	    "f\r\n",
	    NULL, "");
	assert_page("P",
	    "a\vb\fc\x1c"
	    "d\xc2\x85"
	    "e\xe2\x80\xa8"
	    "f\n",
	    NULL, NULL);
}

static void
authors_are_users_or_outside_writers_never_hosts(void **state)
{
	(void)state;
	scratch_write("data/user/1203544210.08.12345",
	    "# Data saved\nemail=j@example.org\nname=J\xc3\xb6rg Wei\n");
	scratch_write("data/secret", "name=Secret\n");
	moinwiki_save("P", "1",
	    "192.0.2.1\thost.example.org\t"
	    "1203544210.08.12345",
	    "");
	assert_page("P", "1", "J\xc3\xb6rg Wei", NULL);
	moinwiki_save("P", "2", "192.0.2.1\thost.example.org\t1.2.3", "");
	assert_page("P", "2", NULL, NULL);
	moinwiki_save("P", "3", "192.0.2.1\thost.example.org\t", "");
	assert_page("P", "3", NULL, NULL);
	moinwiki_save("P", "4", "\tAntispam subsystem\t", "");
	assert_page("P", "4", "Antispam subsystem", NULL);
	moinwiki_save("P", "5", "\t192.0.2.1\t", "");
	assert_page("P", "5", NULL, NULL);
	moinwiki_save("P", "6", "\t2001:db8::1\t", "");
	assert_page("P", "6", NULL, NULL);
	moinwiki_save("P", "7", "\t\t../secret", "");
	assert_page("P", "7", NULL, NULL);
	/* How wikicast writes a dot, which Moin would cut the name at. */
	moinwiki_save("P", "8", "\tJ\xe2\x80\xa4 Doe\t", "");
	assert_page("P", "8", "J. Doe", NULL);
}

static void
the_log_is_read_from_its_end(void **state)
{
	OWNED_BUF struct buf log = BUF_INIT(BUF_ANY);
	int i;

	(void)state;
	moinwiki_save("P", "text", NULL, "");
	assert_int_equal(
	    buf_add_text(&log,
		"1500000000000001\t00000001\tSAVE\tP\t\tfirst\t\t\tother\n"
		"1500000000000002\t00000001\tSAVENEW\tP\t\tX\t\t\tthis one\n",
		&f),
	    0);
	/* Attachments and a bad line, as far as two blocks from the end. */
	for (i = 0; i < 1000; i++)
		assert_int_equal(
		    buf_format(&log, &f,
			"15000000%08d\t99999999\tATTNEW\tP\t\tY\t\tf\t\n", i),
		    0);
	assert_int_equal(buf_add_text(&log, "\xff\t00000001\tSAVE\tP\n", &f),
	    0);
	scratch_write("data/pages/P/edit-log", log.data);
	assert_page("P", "text", "X", "this one");
	scratch_write("data/pages/P/edit-log",
	    "1500000000000002\t00000001\tSAVE\tP\t\tno end");
	assert_page("P", "text", "no end", NULL);
	scratch_write("data/pages/P/edit-log", "");
	assert_page("P", "text", NULL, NULL);
	assert_int_equal(unlinkat(scratch_fd, "data/pages/P/edit-log", 0), 0);
	assert_page("P", "text", NULL, NULL);
}

static void
time_language_and_format_are_told(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p, q, r;

	(void)state;
	moinwiki_save("P", "## x\r\n#language pt-br\r\n#format RST\r\ntext",
	    NULL, "");
	scratch_write("data/pages/P/edit-log",
	    "1500000000999999\t00000001\tSAVE\tP\n");
	read_page(w, "P", NULL, &p);
	assert_int_equal(p.updated, 1500000000);
	assert_string_equal(p.lang, "pt-br");
	assert_string_equal(p.format, "rst");
	assert_false(p.from_underlay);
	moinwiki_save("Q", "#format plain\r\n#language x_y\r\n", NULL, "");
	read_page(w, "Q", NULL, &q);
	assert_string_equal(q.format, "text");
	assert_null(q.lang);
	moinwiki_save("R", "no\r\n#format plain\r\n", NULL, "");
	read_page(w, "R", NULL, &r);
	assert_string_equal(r.format, "moin");
	assert_null(r.lang);
}

static void
assert_refused(const char *page, const char *why)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p;

	wiki_page_init(&p);
	f = (struct fault){ 0 };
	assert_int_equal(wiki_read(w, page, NULL, &p, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	if (strstr(f.text, why) == NULL)
		fail_msg("'%s' is not in '%s'", why, f.text);
	assert_false(p.present);
}

static void
texts_that_cannot_be_shared_are_refused(void **state)
{
	(void)state;
	moinwiki_save("Latin", "caf\xe9\r\n", NULL, "");
	assert_refused("Latin", "not UTF-8");
	moinwiki_save("Bom", "\xef\xbb\xbf#acl All:\r\n", NULL, "");
	assert_refused("Bom", "byte order mark");
	moinwiki_save("Cr", "a\rb\r\n", NULL, "");
	assert_refused("Cr", "carriage return");
	moinwiki_save("Cur", "x\r\n", NULL, "");
	scratch_write("data/pages/Cur/current", "");
	assert_refused("Cur", "'current' is damaged");
	scratch_write("data/pages/Cur/current", "0000000x\n");
	assert_refused("Cur", "'current' is damaged");
	assert_int_equal(mkdirat(scratch_fd, "data/pages/Dir", 0700), 0);
	scratch_write("data/pages/Dir/current", "00000001\n");
	scratch_write("data/pages/Dir/revisions/00000001/x", "");
	assert_refused("Dir", "not a regular file");
	assert_int_equal(mkdirat(scratch_fd, "data/pages/Link", 0700), 0);
	assert_int_equal(mkdirat(scratch_fd, "data/pages/Link/revisions", 0700),
	    0);
	scratch_write("data/pages/Link/current", "00000001\n");
	assert_int_equal(symlinkat("/etc/passwd", scratch_fd,
			     "data/pages/Link/revisions/00000001"),
	    0);
	assert_refused("Link", "not a regular file");
}

static void
a_deleted_page_is_not_there_but_its_deletion_has_a_name(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p, q;
	OWNED_MEM char *revision = NULL, *none = NULL;

	(void)state;
	moinwiki_save("P", "x", NULL, "");
	moinwiki_save("P", NULL, NULL, "");
	read_page(w, "P", NULL, &p);
	assert_false(p.present);
	assert_string_equal(p.revision, "2-deleted");
	assert_int_equal(wiki_revision(w, "P", NULL, &revision, &f), 0);
	assert_string_equal(revision, "2-deleted");
	read_page(w, "Never", NULL, &q);
	assert_false(q.present);
	assert_null(q.revision);
	assert_int_equal(wiki_revision(w, "Never", NULL, &none, &f), 0);
	assert_null(none);
}

static void
the_underlay_shows_where_the_wiki_has_no_page(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p, q, r;
	OWNED_MEM char *revision = NULL;

	(void)state;
	moinwiki_underlay("Help", "under\r\n");
	read_page(w, "Help", NULL, &p);
	assert_true(p.present);
	assert_true(p.from_underlay);
	assert_string_equal(p.text.data, "under\n");
	assert_memory_equal(p.revision, "u1-7-", 5);
	moinwiki_save("Help", "ours\r\n", NULL, "");
	read_page(w, "Help", NULL, &q);
	assert_false(q.from_underlay);
	assert_string_equal(q.text.data, "ours\n");
	assert_memory_equal(q.revision, "1-6-", 4);
	moinwiki_save("Help", NULL, NULL, "");
	read_page(w, "Help", NULL, &r);
	assert_true(r.from_underlay);
	assert_int_equal(wiki_revision(w, "Help", NULL, &revision, &f), 0);
	assert_string_equal(revision, p.revision);
	assert_string_equal(revision, r.revision);
}

static void
every_save_changes_the_revision_also_one_in_place(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_MEM char *one = NULL, *two = NULL;
	const struct timespec tick = { 0, 20000000 };

	(void)state;
	moinwiki_save("P", "#deprecated\r\na", NULL, "");
	assert_int_equal(wiki_revision(w, "P", NULL, &one, &f), 0);
	(void)nanosleep(&tick, NULL); /* of the file system's clock */
	scratch_write("data/pages/P/revisions/00000001", "#deprecated\r\nb");
	assert_int_equal(wiki_revision(w, "P", NULL, &two, &f), 0);
	assert_string_not_equal(one, two);
}

static void
a_locked_page_is_busy_and_not_gone(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p;

	(void)state;
	moinwiki_save("P", "x", NULL, "");
	assert_int_equal(renameat(scratch_fd, "data/pages/P/current",
			     scratch_fd, "data/pages/P/current-locked"),
	    0);
	wiki_page_init(&p);
	assert_int_equal(wiki_read(w, "P", NULL, &p, &f), -1);
	assert_int_equal(f.kind, FAULT_BUSY);
	assert_walk("P|-\n");
}

/*
 * As one sees it who looks for `current` during a save, and for a lock after
 * it, while the next save takes `current` again.
 */
static void
a_page_between_two_saves_is_busy_and_not_gone(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p, q;
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };

	(void)state;
	moinwiki_save("P", "x", NULL, "");
	assert_int_equal(unlinkat(scratch_fd, "data/pages/P/current", 0), 0);
	wiki_page_init(&p);
	assert_int_equal(wiki_read(w, "P", NULL, &p, &f), -1);
	assert_int_equal(f.kind, FAULT_BUSY);
	assert_walk("P|-\n");
	/* A folder in which nothing moves has no page. */
	assert_int_equal(utimensat(scratch_fd, "data/pages/P", old, 0), 0);
	read_page(w, "P", NULL, &q);
	assert_false(q.present);
}

static void
attachments_are_read_byte_for_byte(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p, q;
	OWNED_MEM char *revision = NULL;

	(void)state;
	moinwiki_attach("P", "a b.bin", "\xff\r\n\r");
	read_page(w, "P", "a b.bin", &p);
	assert_true(p.present);
	assert_string_equal(p.text.data, "\xff\r\n\r");
	assert_null(p.format);
	assert_int_equal(wiki_revision(w, "P", "a b.bin", &revision, &f), 0);
	assert_string_equal(revision, p.revision);
	read_page(w, "P", "b", &q);
	assert_false(q.present);
	assert_null(q.revision);
}

static void
names_that_cannot_be_are_not_there(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p, q;

	(void)state;
	moinwiki_save("A(20)", "x", NULL, "");
	read_page(w, "A ", NULL, &p);
	assert_false(p.present);
	scratch_write("data/pages/P/secret", "x");
	read_page(w, "P", "../secret", &q);
	assert_false(q.present);
}

static void
a_walk_goes_in_the_order_of_tar_paths(void **state)
{
	(void)state;
	moinwiki_save("A", "x", NULL, "");
	moinwiki_save("A(20)b", "x", NULL, "");
	moinwiki_save("A(2f)b", "x", NULL, "");
	moinwiki_save("A0", "x", NULL, "");
	moinwiki_save("(2e)a", "x", NULL, "");
	moinwiki_save("(25)", "x", NULL, "");
	moinwiki_attach("A", "z.png", "");
	moinwiki_attach("A", "b 2.png", "");
	moinwiki_attach("OnlyFiles", "f", "");
	scratch_write("data/pages/Viewed/cache/pagelinks", "");
	scratch_write("data/pages/.tmp-1/current", "00000001\n");
	scratch_write("data/pages/stray", "");
	moinwiki_underlay("Under", "x");
	/* %25, %2Ea, A b, A%2Fb, A/attachments, A/text, A0 */
	assert_walk("%|-\n.a|-\nA b|-\nA/b|-\nA|b 2.png\nA|z.png\nA|-\n"
		    "A0|-\nOnlyFiles|f\n");
}

static void
names_with_trouble_do_not_end_a_walk(void **state)
{
	(void)state;
	moinwiki_save("A", "x", NULL, "");
	moinwiki_save("A(2F)b", "x", NULL, "");
	moinwiki_save("(ff)", "x", NULL, "");
	moinwiki_save("x(20)", "x", NULL, "");
	scratch_write("data/pages/(abc)/edit-lock", "");
	moinwiki_attach("A", ".htaccess", "");
	moinwiki_attach("A", "\xff", "");
	moinwiki_attach("A", "good", "");
	scratch_write("data/pages/A/attachments/dir/x", "");
	assert_int_equal(symlinkat("/etc/passwd", scratch_fd,
			     "data/pages/A/attachments/passwd"),
	    0);
	assert_walk(
	    "-|-: (ff) its name is not UTF-8\n"
	    "A/b|-: A(2F)b MoinMoin would name its folder 'A(2f)b'\n"
	    "x |-: x(20) MoinMoin reads that name as 'x'\n"
	    "A|-: A/attachments/.htaccess file name '.htaccess' begins with "
	    "a dot\n"
	    "A|-: A/attachments/dir 'A/attachments/dir' is not a regular "
	    "file\n"
	    "A|good\n"
	    "A|-: A/attachments/passwd 'A/attachments/passwd' is not a "
	    "regular file\n"
	    "A|-: A/attachments/\xff file name '?': is not UTF-8\n"
	    "A|-\n");
}

/* Whether the only entry of a walk is what it was. */
static bool
is_same(struct wiki *w, const char *stamp)
{
	OWNED_WALK struct wiki_walk *walk = NULL;
	const struct wiki_entry *e;
	bool have;

	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	assert_int_equal(wiki_walk_next(walk, &e, &have, &f), 0);
	assert_true(have);
	return wiki_walk_same(walk, stamp);
}

static void
stamps_tell_of_every_save(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page young, p, q, r;

	(void)state;
	moinwiki_save("P", "#deprecated\r\na", NULL, "");
	read_page(w, "P", NULL, &young);
	assert_string_equal(young.stamp, "");
	assert_false(is_same(w, young.stamp));
	moinwiki_ahead = 10;
	read_page(w, "P", NULL, &p);
	assert_string_not_equal(p.stamp, "");
	assert_true(is_same(w, p.stamp));
	/* Moin's save of a deprecated page: no new number. */
	scratch_write("data/pages/P/current-new", "00000001\n");
	assert_int_equal(renameat(scratch_fd, "data/pages/P/current-new",
			     scratch_fd, "data/pages/P/current"),
	    0);
	assert_false(is_same(w, p.stamp));
	read_page(w, "P", NULL, &q);
	assert_true(is_same(w, q.stamp));
	moinwiki_save("P", NULL, NULL, "");
	assert_false(is_same(w, q.stamp));
	read_page(w, "P", NULL, &r);
	assert_false(r.present);
	assert_true(is_same(w, r.stamp));
	scratch_write("data/pages/P/revisions/00000002", "by hand");
	assert_false(is_same(w, r.stamp));
}

static void
stamps_tell_of_edits_by_hand(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p;
	struct timespec times[2] = { { 5, 0 }, { 1000, 0 } };
	const struct timespec tick = { 0, 20000000 };

	(void)state;
	moinwiki_save("P", "a", NULL, "");
	assert_int_equal(
	    utimensat(scratch_fd, "data/pages/P/revisions/00000001", times, 0),
	    0);
	moinwiki_ahead = 10;
	read_page(w, "P", NULL, &p);
	assert_true(is_same(w, p.stamp));
	(void)nanosleep(&tick, NULL);
	scratch_write("data/pages/P/revisions/00000001", "b");
	assert_int_equal(
	    utimensat(scratch_fd, "data/pages/P/revisions/00000001", times, 0),
	    0);
	assert_false(is_same(w, p.stamp));
}

/* Back to an older text: current is written in place, no folder tells. */
static void
stamps_tell_of_numbers_by_hand(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p;
	struct timespec times[2] = { { 5, 0 }, { 1000, 0 } };
	const struct timespec tick = { 0, 20000000 };

	(void)state;
	moinwiki_save("P", "a", NULL, "");
	moinwiki_save("P", "b", NULL, "");
	assert_int_equal(
	    utimensat(scratch_fd, "data/pages/P/current", times, 0), 0);
	moinwiki_ahead = 10;
	read_page(w, "P", NULL, &p);
	assert_true(is_same(w, p.stamp));
	(void)nanosleep(&tick, NULL);
	scratch_write("data/pages/P/current", "00000001\n");
	assert_int_equal(
	    utimensat(scratch_fd, "data/pages/P/current", times, 0), 0);
	assert_false(is_same(w, p.stamp));
}

static void
stamps_tell_of_new_attachments(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	OWNED_PAGE struct wiki_page p;

	(void)state;
	moinwiki_attach("P", "f", "a");
	moinwiki_ahead = 10;
	read_page(w, "P", "f", &p);
	assert_true(is_same(w, p.stamp));
	moinwiki_attach("P", "g", "b");
	assert_int_equal(renameat(scratch_fd, "data/pages/P/attachments/g",
			     scratch_fd, "data/pages/P/attachments/f"),
	    0);
	assert_false(is_same(w, p.stamp));
}

static void
a_walk_of_many_pages_sees_each(void **state)
{
	OWNED_WIKI struct wiki *w = NULL;
	OWNED_WALK struct wiki_walk *walk = NULL;
	const struct wiki_entry *e;
	char name[64], last[64] = "";
	size_t count = 0;
	bool have;
	int i;

	(void)state;
	for (i = 0; i < 1500; i++) {
		(void)snprintf(name, sizeof(name), "data/pages/P%d/current",
		    i * 7919 % 1500);
		scratch_write(name, "00000001\n");
	}
	w = moinwiki_open();
	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	while (wiki_walk_next(walk, &e, &have, &f) == 0 && have) {
		assert_true(strcmp(last, e->page) < 0);
		(void)snprintf(last, sizeof(last), "%s", e->page);
		count++;
	}
	assert_int_equal(count, 1500);
	wiki_walk_close(&walk);
	/* And one may leave early. */
	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	assert_int_equal(wiki_walk_next(walk, &e, &have, &f), 0);
	assert_true(have);
}

#define MANY 1100 /* more than are looked at without a thread */

/* The page whose stamp is not the remembered one; -1: none, -2: several. */
static int
changed_page(struct wiki *w, char stamps[MANY][WIKI_STAMP_MAX])
{
	OWNED_WALK struct wiki_walk *walk = NULL;
	const struct wiki_entry *e;
	int changed = -1, count = 0;
	int64_t i;
	bool have;

	assert_int_equal(wiki_walk_open(w, &walk, &f), 0);
	while (wiki_walk_next(walk, &e, &have, &f) == 0 && have) {
		assert_int_equal(num_parse(e->page + 1, 0, MANY - 1, &i, &f),
		    0);
		count++;
		if (!wiki_walk_same(walk, stamps[i]))
			changed = changed == -1 ? (int)i : -2;
	}
	assert_int_equal(count, MANY);
	return changed;
}

static void
one_edit_among_many_pages_is_found(void **state)
{
	static char stamps[MANY][WIKI_STAMP_MAX];
	OWNED_WIKI struct wiki *w = moinwiki_open();
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "P%d", i);
		moinwiki_save(name, "a", NULL, "");
	}
	moinwiki_ahead = 10;
	for (i = 0; i < MANY; i++) {
		OWNED_PAGE struct wiki_page p;

		(void)snprintf(name, sizeof(name), "P%d", i);
		read_page(w, name, NULL, &p);
		memcpy(stamps[i], p.stamp, sizeof(stamps[i]));
	}
	assert_int_equal(changed_page(w, stamps), -1);
	for (i = 0; i < MANY; i += MANY / 4) {
		OWNED_PAGE struct wiki_page p;

		(void)snprintf(name, sizeof(name), "P%d", i);
		moinwiki_save(name, "b", NULL, "");
		assert_int_equal(changed_page(w, stamps), i);
		read_page(w, name, NULL, &p);
		memcpy(stamps[i], p.stamp, sizeof(stamps[i]));
	}
}

static void
groups_lists_and_home_pages_have_power(void **state)
{
	static const char *const powers[] = { "AdminGroup", "BadContent",
		"InterWikiMap", "JoeUser", "JoeUser/Notes" };
	static const char *const plain[] = { "HelpContents", "JoeUserX", "Joe",
		"GroupPages" };
	OWNED_WIKI struct wiki *w = moinwiki_open();
	struct item item = { .kind = ITEM_PAGE };
	size_t i;

	(void)state;
	scratch_write("data/user/1.2.3", "name=JoeUser\n");
	scratch_write("data/user/1.2.3.bookmark", "name=Joe\n");
	for (i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
		item.name = strdup(powers[i]);
		if (!wiki_has_power(w, &item))
			fail_msg("%s has no power", powers[i]);
		item_clear(&item);
		item.kind = ITEM_PAGE;
	}
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		item.name = strdup(plain[i]);
		if (wiki_has_power(w, &item))
			fail_msg("%s has power", plain[i]);
		item_clear(&item);
		item.kind = ITEM_PAGE;
	}
	item = (struct item){ .kind = ITEM_ATTACHMENT,
		.name = strdup("f"),
		.page = strdup("JoeUser") };
	assert_true(wiki_has_power(w, &item));
	item_clear(&item);
}

static void
what_moin_cannot_name_it_cannot_hold(void **state)
{
	OWNED_WIKI struct wiki *w = moinwiki_open();
	struct item item = { .kind = ITEM_PATTERNS };

	(void)state;
	item.name = strdup("BadContent");
	assert_int_equal(wiki_can_hold(w, &item, &f), 0);
	free(item.name);
	item.name = strdup("Bad  Content");
	assert_int_equal(wiki_can_hold(w, &item, &f), -1);
	item_clear(&item);
	item = (struct item){ .kind = ITEM_ATTACHMENT,
		.name = strdup("a:b"),
		.page = strdup("P") };
	assert_int_equal(wiki_can_hold(w, &item, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	item_clear(&item);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MOINWIKI(a_place_without_pages_is_no_wiki),
		IN_MOINWIKI(the_newest_revision_is_read_with_lf),
		IN_MOINWIKI(breaks_that_only_python_knows_are_kept),
		IN_MOINWIKI(authors_are_users_or_outside_writers_never_hosts),
		IN_MOINWIKI(the_log_is_read_from_its_end),
		IN_MOINWIKI(time_language_and_format_are_told),
		IN_MOINWIKI(texts_that_cannot_be_shared_are_refused),
		IN_MOINWIKI(
		    a_deleted_page_is_not_there_but_its_deletion_has_a_name),
		IN_MOINWIKI(the_underlay_shows_where_the_wiki_has_no_page),
		IN_MOINWIKI(every_save_changes_the_revision_also_one_in_place),
		IN_MOINWIKI(a_locked_page_is_busy_and_not_gone),
		IN_MOINWIKI(a_page_between_two_saves_is_busy_and_not_gone),
		IN_MOINWIKI(attachments_are_read_byte_for_byte),
		IN_MOINWIKI(names_that_cannot_be_are_not_there),
		IN_MOINWIKI(a_walk_goes_in_the_order_of_tar_paths),
		IN_MOINWIKI(names_with_trouble_do_not_end_a_walk),
		IN_MOINWIKI(stamps_tell_of_every_save),
		IN_MOINWIKI(stamps_tell_of_edits_by_hand),
		IN_MOINWIKI(stamps_tell_of_numbers_by_hand),
		IN_MOINWIKI(stamps_tell_of_new_attachments),
		IN_MOINWIKI(a_walk_of_many_pages_sees_each),
		IN_MOINWIKI(one_edit_among_many_pages_is_found),
		IN_MOINWIKI(groups_lists_and_home_pages_have_power),
		IN_MOINWIKI(what_moin_cannot_name_it_cannot_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
