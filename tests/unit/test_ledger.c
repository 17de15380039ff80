#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "gen/ledger.h"
#include "tests/support/libdocuments.h"
#include "tests/support/libscratch.h"

#define UNTIL 1000 /* seconds */

static struct ledger ledger;
static struct ledger_feed feed;

static void
must(int rc, const struct fault *f)
{
	if (rc == -1)
		fail_msg("%s", f->text);
}
#define MUST(call) must((call), &f)

static struct feed_file
file_of(const char *what, int64_t serial, int64_t length)
{
	struct feed_file file = { .present = true,
		.serial = serial,
		.length = length,
		.unpacked = length };
	char text[40];

	(void)snprintf(text, sizeof(text), "%s %lld", what, (long long)serial);
	digest_of(text, strlen(text), &file.digest);
	return file;
}

/* Serials 1 to 4, each with a snapshot; those of 2 and 3 are large ones. */
static int
enter(void **state)
{
	struct fault f = { 0 };
	struct feed_file file;
	int64_t n;

	if (scratch_enter(state) != 0)
		return -1;
	ledger = (struct ledger)LEDGER_INIT;
	feed = (struct ledger_feed)LEDGER_FEED_INIT;
	MUST(ledger_open(scratch, &ledger, &f));
	MUST(ledger_feed_load(&ledger, "news", &feed, &f));
	for (n = 1; n <= 4; n++) {
		struct ledger_serial serial = { .serial = n,
			.summary = "",
			.changes = "" };

		MUST(ledger_add_serial(&ledger, feed.row, &serial, &f));
		file = file_of("snapshot", n, 9 * MIB);
		MUST(ledger_add_file(&ledger, feed.row, TREE_SNAPSHOT, &file,
		    &f));
		file = file_of("table", n, 9 * 65);
		if (n == 2 || n == 3)
			MUST(ledger_add_file(&ledger, feed.row, TREE_PIECES,
			    &file, &f));
	}
	return 0;
}

static int
leave(void **state)
{
	ledger_feed_clear(&feed);
	ledger_close(&ledger);
	return scratch_leave(state);
}

static void
history_has_the_piece_table_of_each_snapshot(void **state)
{
	OWNED_HISTORY struct history h;
	struct feed_file table;
	struct fault f = { 0 };

	(void)state;
	history_init(&h);
	MUST(ledger_history(&ledger, feed.row, SAMPLE_ID, 1, &h, &f));
	MUST(history_check(&h, &f));
	assert_int_equal(h.row_count, 4);
	assert_int_equal(h.rows[0].snapshot.pieces_length, 0);
	assert_int_equal(h.rows[1].snapshot.pieces_length, 9 * 65);
	table = file_of("table", 2, 0);
	assert_true(digest_equal(&h.rows[1].snapshot.pieces, &table.digest));
	assert_int_equal(h.rows[3].snapshot.pieces_length, 0);
}

static void
is_due(enum tree_sort want, const char *what, int64_t serial)
{
	struct feed_file file = file_of(what, serial, 1);
	struct fault f = { 0 };
	enum tree_sort sort;
	struct digest d;
	bool have;

	MUST(ledger_due(&ledger, feed.row, UNTIL + 1, &sort, &d, &have, &f));
	assert_true(have);
	assert_int_equal(sort, want);
	assert_true(digest_equal(&d, &file.digest));
	MUST(ledger_remove_file(&ledger, feed.row, sort, &d, &f));
}

static void
a_piece_table_leaves_when_its_snapshot_does(void **state)
{
	struct fault f = { 0 };
	enum tree_sort sort;
	struct digest d;
	bool have, knows;

	(void)state;
	MUST(ledger_keep_snapshots(&ledger, feed.row, 2, UNTIL, &f));
	MUST(ledger_due(&ledger, feed.row, UNTIL, &sort, &d, &have, &f));
	assert_false(have);
	is_due(TREE_SNAPSHOT, "snapshot", 1);
	is_due(TREE_SNAPSHOT, "snapshot", 2);
	is_due(TREE_PIECES, "table", 2);
	MUST(ledger_due(&ledger, feed.row, UNTIL + 1, &sort, &d, &have, &f));
	assert_false(have);
	d = file_of("table", 3, 0).digest;
	MUST(ledger_knows(&ledger, feed.row, TREE_PIECES, &d, &knows, &f));
	assert_true(knows);
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(history_has_the_piece_table_of_each_snapshot),
		T(a_piece_table_leaves_when_its_snapshot_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
