/* One item of the store beside one item of the wiki: what is to be done? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "fetch/look.h"
#include "tests/support/libscratch.h"

#define SIGNER "signer = 0123456789ABCDEF0123456789ABCDEF01234567\n"
#define MIRROR "mirror = https://a.example/f/\n"

/* Of the scratch folder "state" is the book, "files" or "moin" the wiki. */
static struct book book;
static struct settings settings;
static int64_t forgotten;
static struct book_feed feed, other;
static struct look_at at;
static struct look look;
static struct fault f;

static int
enter(void **state)
{
	book = (struct book)BOOK_INIT;
	feed = other = (struct book_feed)BOOK_FEED_INIT;
	f = (struct fault){ 0 };
	look_init(&look);
	if (scratch_enter(state) == -1 ||
	    mkdir(scratch_path("files"), 0700) == -1)
		return -1;
	scratch_write("moin/data/edit-log", "");
	scratch_write("moin/data/pages/README", "");
	scratch_write("moin/data/user/README", "");
	scratch_write("moin/underlay/pages/README", "");
	return book_open(scratch_path("state"), 0, &book, &f);
}

static int
leave(void **state)
{
	look_clear(&look);
	wiki_close_p(&at.wiki);
	settings_clear(&settings);
	book_feed_clear(&feed);
	book_feed_clear(&other);
	book_close(&book);
	return scratch_leave(state);
}

static void
fine(int rc)
{
	if (rc == -1)
		fail_msg("%s", f.text);
}

/* Feed "mine" with these lines of [follow], and feed "other" behind it. */
static void
follow(const char *engine, const char *lines)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct wiki_options options = { .underlay = NULL };
	struct config *config = NULL;
	int i;

	fine(buf_format(&b, &f, "[state]\ndir = /x\n"));
	for (i = 0; i < 2; i++)
		fine(buf_format(&b, &f,
		    "[follow %s]\n" MIRROR SIGNER "wiki = %s:%s/%s%s\n%s",
		    i == 0 ? "mine" : "other", engine, scratch, engine,
		    strcmp(engine, "moin") == 0 ? "/data" : "",
		    i == 0 ? lines : ""));
	fine(config_add(&config, "x", b.data, b.len, &f));
	fine(settings_take(config, &settings, &f));
	fine(book_feed_load(&book, "mine", &feed, &f));
	fine(book_feed_load(&book, "other", &other, &f));
	at = (struct look_at){ .book = &book,
		.settings = &settings,
		.follow = &settings.follows[0],
		.feed = &feed,
		.same_rules = true };
	fine(wiki_open(at.follow->wiki, &options, &at.wiki, &f));
	fine(record_set_wiki(book.db, feed.row, at.follow->wiki, NULL,
	    &forgotten, &f));
}

/* The feed has a page with that text, from a serial on; NULL: it goes. */
static void
feed_says(int64_t serial, const char *page, const char *text)
{
	char name[32], path[64];
	struct item item = { .kind = ITEM_PAGE, .name = name };

	(void)snprintf(name, sizeof(name), "%s", page);
	(void)snprintf(path, sizeof(path), "items/%s/text", page);
	feed.stored = serial;
	if (text == NULL) {
		fine(shelf_drop(book.shelf, feed.row, serial, path, &f));
		return;
	}
	digest_of(text, strlen(text), &item.digest);
	item.size = (int64_t)strlen(text);
	fine(
	    shelf_keep_bytes(book.shelf, &item.digest, text, strlen(text), &f));
	fine(shelf_put(book.shelf, feed.row, serial, &item, &f));
}

static enum decide_answer
answer(const char *path)
{
	fine(look_item(&at, path, &look, &f));
	return look.answer;
}

/* As settle does after an installation of what was just looked at. */
static void
is_installed(int64_t row, const char *path, const char *revision)
{
	const struct record r = { .have = true,
		.kind = look.item.kind,
		.feed = look.item.digest,
		.wrote = look.wrote,
		.revision = (char *)revision,
		.serial = feed.stored };

	fine(record_put(book.db, row, path, &r, &f));
}

static void
content_is(const char *text)
{
	fine(look_content(&at, &look, &f));
	assert_int_equal(look.content.len, strlen(text));
	assert_memory_equal(look.content.data, text, strlen(text));
}

#define A "items/A/text"

/* ---- the sides ---- */

static void
what_the_wiki_lacks_is_put(void **state)
{
	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	assert_int_equal(answer(A), DECIDE_PUT);
	assert_null(look.before);
	assert_true(look.theirs);
	content_is("text\n");
}

static void
what_it_has_already_is_adopted(void **state)
{
	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	scratch_write("files/A.txt", "text\n");
	assert_int_equal(answer(A), DECIDE_ADOPT);
	assert_non_null(look.before);
}

static void
a_text_of_its_own_is_a_conflict(void **state)
{
	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	scratch_write("files/A.txt", "mine\n");
	assert_int_equal(answer(A), DECIDE_CONFLICT);
}

static void
what_stands_as_it_was_installed_follows_the_feed(void **state)
{
	OWNED_MEM char *revision = NULL;

	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	scratch_write("files/A.txt", "text\n");
	assert_int_equal(answer(A), DECIDE_ADOPT);
	revision = strdup(look.before);
	look.item.kind = ITEM_PATTERNS;
	is_installed(feed.row, A, revision);
	assert_int_equal(answer(A), DECIDE_NOTHING);
	feed_says(2, "A", "news\n");
	assert_int_equal(answer(A), DECIDE_PUT);
	assert_string_equal(look.before, revision);
	feed_says(3, "A", NULL);
	assert_int_equal(answer(A), DECIDE_DROP);
	assert_false(look.theirs);
	assert_int_equal(look.item.kind, ITEM_PATTERNS); /* the record's */
}

/* The revision tells: the same one is what the record says that it is. */
static void
a_text_is_not_read_where_its_revision_is_known(void **state)
{
	OWNED_MEM char *revision = NULL;

	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	scratch_write("files/A.txt", "another\n");
	assert_int_equal(answer(A), DECIDE_CONFLICT);
	revision = strdup(look.before);
	is_installed(feed.row, A, revision);
	assert_int_equal(answer(A), DECIDE_NOTHING);
}

static void
an_edit_is_seen_and_stands(void **state)
{
	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	assert_int_equal(answer(A), DECIDE_PUT);
	is_installed(feed.row, A, "a revision that is gone");
	scratch_write("files/A.txt", "edited\n");
	assert_int_equal(answer(A), DECIDE_KEEP);
	feed_says(2, "A", "news\n");
	assert_int_equal(answer(A), DECIDE_MERGE);
	scratch_write("files/A.txt", "news\n");
	assert_int_equal(answer(A), DECIDE_ADOPT);
	assert_int_equal(unlink(scratch_path("files/A.txt")), 0);
	assert_int_equal(answer(A), DECIDE_CONFLICT);
	feed_says(3, "A", NULL);
	assert_int_equal(answer(A), DECIDE_FORGET);
}

static void
what_is_no_text_in_the_wiki_is_somebodys(void **state)
{
	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	assert_int_equal(mkfifo(scratch_path("files/A.txt"), 0600), 0);
	assert_int_equal(answer(A), DECIDE_CONFLICT);
}

static void
what_neither_side_has_is_nothing(void **state)
{
	(void)state;
	follow("files", "");
	feed_says(1, "A", "text\n");
	feed_says(2, "A", NULL);
	assert_int_equal(answer(A), DECIDE_NOTHING);
	assert_string_equal(look.cause, "");
}

/* ---- is it wanted? ---- */

static void
what_is_not_chosen_is_left_alone_and_told_why(void **state)
{
	(void)state;
	follow("files", "not = A*\n");
	feed_says(1, "A", "text\n");
	assert_int_equal(answer(A), DECIDE_NOTHING);
	assert_string_equal(look.cause, "not chosen");
	/* It came before the rule did. */
	is_installed(feed.row, A, NULL);
	assert_int_equal(answer(A), DECIDE_LEAVE);
	feed_says(2, "A", NULL);
	assert_int_equal(answer(A), DECIDE_LEAVE);
	assert_string_equal(look.cause, "not chosen");
}

static void
power_needs_a_grant(void **state)
{
	(void)state;
	follow("files", "grant = BadContent\n");
	feed_says(1, "BadContent", "spam\n");
	feed_says(1, "AdminGroup", " * Mallory\n");
	assert_int_equal(answer("items/BadContent/text"), DECIDE_PUT);
	assert_int_equal(answer("items/AdminGroup/text"), DECIDE_NOTHING);
	assert_string_equal(look.cause, "gives power, no grant");
}

static void
what_the_wiki_cannot_hold_is_skipped(void **state)
{
	(void)state;
	follow("files", "");
	feed_says(1, "x.php", "text\n");
	assert_int_equal(answer("items/x.php/text"), DECIDE_NOTHING);
	assert_string_equal(look.cause,
	    "page name 'x.php': a web server might execute its file");
}

/* ---- #acl lines ---- */

#define LOCKED "#acl Admin:read\ntext\n"

static void
acl_lines_are_dropped_unless_said_otherwise(void **state)
{
	(void)state;
	follow("moin", "");
	feed_says(1, "A", LOCKED);
	assert_int_equal(answer(A), DECIDE_PUT);
	assert_false(digest_equal(&look.wrote, &look.item.digest));
	content_is("text\n");
	/* What it becomes is what the record has to say. */
	scratch_write("moin/data/pages/A/current", "00000001\n");
	scratch_write("moin/data/pages/A/revisions/00000001", "text\r\n");
	assert_int_equal(answer(A), DECIDE_ADOPT);
}

static void
acl_lines_may_be_taken_or_replaced(void **state)
{
	(void)state;
	follow("moin", "acl = accept\n");
	feed_says(1, "A", LOCKED);
	assert_int_equal(answer(A), DECIDE_PUT);
	assert_true(digest_equal(&look.wrote, &look.item.digest));
	content_is(LOCKED);
	wiki_close_p(&at.wiki);
	settings_clear(&settings);
	follow("moin", "acl = set \"#acl All:read\"\n");
	feed.stored = 1;
	assert_int_equal(answer(A), DECIDE_PUT);
	content_is("#acl All:read\ntext\n");
}

static void
a_page_with_an_acl_line_may_be_refused(void **state)
{
	(void)state;
	follow("moin", "acl = refuse\n");
	feed_says(1, "A", LOCKED);
	feed_says(1, "B", "text\n");
	assert_int_equal(answer(A), DECIDE_NOTHING);
	assert_string_equal(look.cause, "has an #acl line");
	assert_int_equal(answer("items/B/text"), DECIDE_PUT);
}

static void
what_was_written_is_known_while_the_rules_are_the_same(void **state)
{
	(void)state;
	follow("moin", "");
	feed_says(1, "A", LOCKED);
	assert_int_equal(answer(A), DECIDE_PUT);
	is_installed(feed.row, A, "1");
	assert_int_equal(answer(A), DECIDE_KEEP); /* it was deleted */
	assert_false(look.have_content);
	at.same_rules = false;
	assert_int_equal(answer(A), DECIDE_KEEP);
	assert_true(look.have_content);
}

static void
the_text_of_the_distribution_is_nobodys_edit(void **state)
{
	(void)state;
	follow("moin", "");
	feed_says(1, "A", "text\n");
	scratch_write("moin/underlay/pages/A/current", "00000001\n");
	scratch_write("moin/underlay/pages/A/revisions/00000001", "old\r\n");
	assert_int_equal(answer(A), DECIDE_PUT);
	scratch_write("moin/underlay/pages/A/revisions/00000001", "text\r\n");
	assert_int_equal(answer(A), DECIDE_ADOPT);
}

static void
a_plain_folder_has_no_acl_lines(void **state)
{
	(void)state;
	follow("files", "acl = refuse\n");
	feed_says(1, "A", LOCKED);
	assert_int_equal(answer(A), DECIDE_PUT);
	content_is(LOCKED);
}

/* ---- two feeds ---- */

static void
the_first_section_has_a_page_that_two_bring(void **state)
{
	(void)state;
	follow("files", "");
	fine(record_set_wiki(book.db, other.row, at.follow->wiki, NULL,
	    &forgotten, &f));
	at.shared = true;
	feed_says(1, "A", "text\n");
	scratch_write("files/A.txt", "other's\n");
	assert_int_equal(answer(A), DECIDE_CONFLICT);
	digest_of("other's\n", 8, &look.wrote);
	is_installed(other.row, A, NULL);
	/* Ours comes first in the file: it takes the record over. */
	assert_int_equal(answer(A), DECIDE_PUT);
	fine(record_get(book.db, feed.row, A, &look.record, &f));
	assert_true(look.record.have);
	fine(record_get(book.db, other.row, A, &look.record, &f));
	assert_false(look.record.have);
}

static void
a_later_section_leaves_it_alone(void **state)
{
	struct book_feed *second = &other;

	(void)state;
	follow("files", "");
	fine(record_set_wiki(book.db, other.row, at.follow->wiki, NULL,
	    &forgotten, &f));
	feed_says(1, "A", "text\n");
	assert_int_equal(answer(A), DECIDE_PUT);
	is_installed(feed.row, A, NULL);
	fine(shelf_put(book.shelf, second->row, 1, &look.item, &f));
	second->stored = 1;
	at.shared = true;
	at.feed = second;
	at.follow = &settings.follows[1];
	assert_int_equal(answer(A), DECIDE_NOTHING);
	assert_string_equal(look.cause, "feed 'mine' brings it");
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_the_wiki_lacks_is_put),
		T(what_it_has_already_is_adopted),
		T(a_text_of_its_own_is_a_conflict),
		T(what_stands_as_it_was_installed_follows_the_feed),
		T(a_text_is_not_read_where_its_revision_is_known),
		T(an_edit_is_seen_and_stands),
		T(what_is_no_text_in_the_wiki_is_somebodys),
		T(what_neither_side_has_is_nothing),
		T(what_is_not_chosen_is_left_alone_and_told_why),
		T(power_needs_a_grant),
		T(what_the_wiki_cannot_hold_is_skipped),
		T(acl_lines_are_dropped_unless_said_otherwise),
		T(acl_lines_may_be_taken_or_replaced),
		T(a_page_with_an_acl_line_may_be_refused),
		T(what_was_written_is_known_while_the_rules_are_the_same),
		T(the_text_of_the_distribution_is_nobodys_edit),
		T(a_plain_folder_has_no_acl_lines),
		T(the_first_section_has_a_page_that_two_bring),
		T(a_later_section_leaves_it_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
