/* Which items are looked at, and whether their removals wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "fetch/record.h"
#include "fetch/todo.h"
#include "tests/support/libscratch.h"

static struct book book;
static const struct follow_settings follow = { .max_drop = 25 };
static struct book_feed feed;
static struct fault f;

static void
fine(int rc)
{
	if (rc == -1)
		fail_msg("%s", f.text);
}

static int
enter(void **state)
{
	book = (struct book)BOOK_INIT;
	feed = (struct book_feed)BOOK_FEED_INIT;
	f = (struct fault){ 0 };
	if (scratch_enter(state) == -1 ||
	    book_open(scratch_path("state"), 0, &book, &f) == -1 ||
	    book_feed_load(&book, "mine", &feed, &f) == -1)
		return -1;
	return db_begin(book.db, &f);
}

static int
leave(void **state)
{
	book_feed_clear(&feed);
	book_close(&book);
	return scratch_leave(state);
}

static void
feed_has(int64_t serial, const char *page, const char *text)
{
	char name[32];
	struct item item = { .kind = ITEM_PAGE, .name = name };

	(void)snprintf(name, sizeof(name), "%s", page);
	digest_of(text, strlen(text), &item.digest);
	item.size = (int64_t)strlen(text);
	fine(
	    shelf_keep_bytes(book.shelf, &item.digest, text, strlen(text), &f));
	fine(shelf_put(book.shelf, feed.row, serial, &item, &f));
}

static void
feed_drops(int64_t serial, const char *path)
{
	fine(shelf_drop(book.shelf, feed.row, serial, path, &f));
}

static void
is_installed(const char *path)
{
	const struct record r = { .have = true, .kind = ITEM_PAGE };

	fine(record_put(book.db, feed.row, path, &r, &f));
}

/* The paths, with a blank behind each. */
static void
paths_are(const char *want)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	OWNED_BUF struct buf got = BUF_INIT(BUF_ANY);
	int64_t count, n = 0;
	bool have;

	fine(todo_walk(&book, &q, &count, &f));
	for (;; n++) {
		fine(db_next(&q, &have, &f));
		if (!have)
			break;
		fine(buf_format(&got, &f, "%s ", db_text(&q, 0)));
	}
	assert_string_equal(got.data, want);
	assert_int_equal(count, n);
}

#define P(page) "items/" page "/text"

static void
what_changed_since_and_what_has_a_note_is_looked_at(void **state)
{
	(void)state;
	feed_has(1, "A", "1");
	feed_has(1, "B", "1");
	feed_has(1, "C", "1");
	feed_has(2, "B", "2");
	feed_drops(2, P("C"));
	feed_has(2, "D", "2");
	fine(note_put(book.db, feed.row, P("N"), NOTE_LOCKED, "x", &f));
	fine(note_put(book.db, feed.row, P("D"), NOTE_EDITED, "x", &f));
	fine(note_put(book.db, feed.row + 1, P("O"), NOTE_EDITED, "x", &f));
	feed.settled = 1;
	feed.stored = 2;
	fine(todo_make(&book, &feed, &follow, false, &f));
	paths_are(P("B") " " P("C") " " P("D") " " P("N") " ");
	feed.settled = 2;
	fine(todo_make(&book, &feed, &follow, false, &f));
	paths_are(P("D") " " P("N") " ");
}

static void
of_the_whole_everything_here_and_there_is(void **state)
{
	(void)state;
	feed_has(1, "A", "1");
	feed_has(1, "B", "1");
	feed_drops(2, P("B"));
	is_installed(P("Z"));
	feed.settled = feed.stored = 2;
	fine(todo_make(&book, &feed, &follow, true, &f));
	paths_are(P("A") " " P("Z") " ");
}

static void
twenty_removals_always_pass_and_more_by_their_share(void **state)
{
	(void)state;
	assert_false(todo_too_many(20, 20, 1));
	assert_true(todo_too_many(21, 21, 25));
	assert_false(todo_too_many(84, 21, 25)); /* a quarter is not more */
	assert_true(todo_too_many(83, 21, 25));
	assert_false(todo_too_many(21, 21, 100));
	assert_false(todo_too_many(0, 0, 1));
}

/* Thirty are installed; the newest state has some of them. */
static bool
holds(int left)
{
	char page[16], path[40];
	bool hold;
	int i;

	for (i = 0; i < 30; i++) {
		(void)snprintf(page, sizeof(page), "P%02d", i);
		(void)snprintf(path, sizeof(path), P("%s"), page);
		feed_has(1, page, "1");
		is_installed(path);
		if (i >= left)
			feed_drops(2, path);
	}
	feed.settled = 1;
	feed.stored = 2;
	fine(todo_make(&book, &feed, &follow, false, &f));
	fine(todo_gate(&book, &feed, &follow, &hold, &f));
	return hold;
}

static void
many_removals_wait_for_a_person(void **state)
{
	bool hold = false;

	(void)state;
	assert_true(holds(9));
	/* Who looked at them lets them pass, and those of that serial only. */
	feed.allowed = 1;
	fine(todo_gate(&book, &feed, &follow, &hold, &f));
	assert_true(hold);
	feed.allowed = 2;
	fine(todo_gate(&book, &feed, &follow, &hold, &f));
	assert_false(hold);
}

static void
few_removals_do_not(void **state)
{
	(void)state;
	assert_false(holds(10));
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_changed_since_and_what_has_a_note_is_looked_at),
		T(of_the_whole_everything_here_and_there_is),
		T(twenty_removals_always_pass_and_more_by_their_share),
		T(many_removals_wait_for_a_person),
		T(few_removals_do_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
