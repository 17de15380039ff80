#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "feeds/pieces.h"
#include "feeds/xml.h"
#include "tests/support/libdocuments.h"
#include "tests/support/libscratch.h"
#include "tests/support/libstates.h"
#include "verify/check.h"

/*
 * Serials 1 to 3 of a publisher who may lie: each step is well formed and has
 * the digest that history says, and leads where a test wants it to.
 */

#define END \
	{ \
		NULL, NULL \
	}
static const struct page first[] = { { "A", "a" }, { "B", "b" }, { "C", "c" },
	{ "E", "e" }, END };
static const struct page second[] = { { "A", "a2" }, { "B", "b" }, { "C", "c" },
	{ "E", "e" }, END };
static const struct page third[] = { { "A", "a2" }, { "B", "b3" }, { "D", "d" },
	{ "E", "e" }, END };

#define FILES 4

static struct world {
	struct check check;
	struct tally tally;
	struct vouch vouch;
	struct check_row rows[3];
	struct check_file files[3][FILES];
	int told; /* the report goes there */
} w;

static void
must(int rc, const struct fault *f)
{
	if (rc == -1)
		fail_msg("%s", f->text);
}
#define MUST(call) must((call), &f)

static int
enter(void **state)
{
	static const struct page *const states[] = { first, second, third };
	const char *migrations[] = { shelf_schema };
	struct fault f = { 0 };
	size_t i;

	if (scratch_enter(state) != 0)
		return -1;
	w = (struct world){ .check = CHECK_INIT, .vouch = VOUCH_INIT };
	w.vouch.folder = w.check.tree = scratch_fd;
	w.check.tally = &w.tally;
	w.check.vouch = &w.vouch;
	w.check.rows = w.rows;
	w.check.row_count = 3;
	w.check.head.serial = 3;
	memcpy(w.check.head.id, SAMPLE_ID, FEED_ID_TEXT);
	for (i = 0; i < 3; i++) {
		w.rows[i] = (struct check_row){ .serial = (int64_t)i + 1,
			.files = w.files[i] };
		states_digest(states[i], &w.rows[i].state);
	}
	MUST(file_temporary(scratch_fd, &w.told, &f));
	w.tally.json = true;
	MUST(report_start(true, w.told, &w.tally.out, &f));
	MUST(db_open_passing(migrations, 1, &w.check.db, &f));
	MUST(shelf_open(w.check.db, scratch_fd, &w.check.shelf, &f));
	MUST(db_begin(w.check.db, &f));
	return 0;
}

static int
leave(void **state)
{
	report_free(&w.tally.out);
	shelf_close(&w.check.shelf);
	db_close_p(&w.check.db);
	own_close_fd(&w.told);
	return scratch_leave(state);
}

static void
add_file(struct check_row *row, enum tree_sort sort, int fd,
    const struct feed_file *file)
{
	char name[TREE_NAME_MAX];
	struct fault f = { 0 };

	tree_name(sort, &file->digest, name);
	MUST(tree_put(scratch_fd, name, fd, file->length, &f));
	row->files[row->file_count++] =
	    (struct check_file){ .sort = sort, .file = *file, .there = true };
}

static void
add_step(const struct states_step *s)
{
	OWNED_FD int fd = -1;
	struct fault f = { 0 };
	struct feed_file file;

	MUST(file_memory("step", &fd, &f));
	states_step(fd, s, &file);
	add_file(&w.rows[s->serial - 1], TREE_STEP, fd, &file);
}

/* The snapshot of serial 1, and the steps from it to 2, and from 2 to 3. */
static void
add_good(void)
{
	static const struct page put[] = { { "A", "a2" }, END };
	OWNED_FD int fd = -1;
	struct fault f = { 0 };
	struct feed_file file;

	MUST(file_memory("snapshot", &fd, &f));
	states_snapshot(fd, 1, first, &file);
	add_file(&w.rows[0], TREE_SNAPSHOT, fd, &file);
	add_step(&(struct states_step){ .from = 1,
	    .was = first,
	    .serial = 2,
	    .is = second,
	    .put = put });
}

static const struct page put3[] = { { "B", "b3" }, { "D", "d" }, END };
static const struct page drop3[] = { { "C", "" }, END };
static const struct states_step good3 = { .from = 2,
	.was = second,
	.serial = 3,
	.is = third,
	.put = put3,
	.drop = drop3 };

static void
run(void)
{
	struct fault f = { 0 };
	size_t i;

	for (i = 0; i < 3; i++)
		MUST(check_states(&w.check, &w.rows[i], &f));
}

static void
steps_are(int64_t good, int64_t bad)
{
	/* The snapshot is good too; its signature, which is not there, is
	 * missing. */
	assert_int_equal(w.tally.count[TALLY_GOOD], good + 1);
	assert_int_equal(w.tally.count[TALLY_BAD], bad);
	assert_int_equal(w.tally.count[TALLY_MISSING], 1);
}

static void
says(const char *text)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	MUST(file_read_fd(w.told, &b, &f));
	if (strstr(b.data, text) == NULL)
		fail_msg("not '%s' but:\n%s", text, b.data);
}

/* A step from 1 to 3 is found out beside the good way there. */
static void
is_found_out(const struct page *put, const struct page *drop, const char *words)
{
	struct fault f = { 0 };

	add_good();
	add_step(&good3);
	run();
	w.rows[2].file_count = 0;
	add_step(&(struct states_step){ .from = 1,
	    .was = first,
	    .serial = 3,
	    .is = third,
	    .put = put,
	    .drop = drop });
	MUST(check_states(&w.check, &w.rows[2], &f));
	steps_are(2, 1);
	says(words);
}

static void
two_ways_to_one_state_are_good(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" },
		{ "D", "d" }, END };

	(void)state;
	add_good();
	add_step(&good3);
	add_step(&(struct states_step){ .from = 1,
	    .was = first,
	    .serial = 3,
	    .is = third,
	    .put = put,
	    .drop = drop3 });
	run();
	steps_are(3, 0);
}

static void
a_step_that_leaves_a_change_out_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "D", "d" }, END };

	(void)state;
	is_found_out(put, drop3, "does not name what changed: 'items/B/text'");
}

static void
a_step_that_leaves_the_last_change_out_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" }, END };

	(void)state;
	is_found_out(put, drop3, "does not name what changed: 'items/D/text'");
}

static void
a_step_that_leaves_a_drop_out_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" },
		{ "D", "d" }, END };

	(void)state;
	is_found_out(put, NULL, "does not name what changed: 'items/C/text'");
}

static void
a_step_with_another_text_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b9" },
		{ "D", "d" }, END };

	(void)state;
	is_found_out(put, drop3, "something else at 'items/B/text'");
}

static void
a_step_that_names_too_much_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" },
		{ "D", "d" }, { "E", "e" }, END };

	(void)state;
	is_found_out(put, drop3, "names what did not change: 'items/E/text'");
}

static void
a_step_that_puts_what_is_gone_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" },
		{ "C", "c" }, { "D", "d" }, END };

	(void)state;
	is_found_out(put, NULL, "does not name what changed: 'items/C/text'");
}

static void
a_step_that_drops_what_never_was_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" },
		{ "D", "d" }, END };
	static const struct page drop[] = { { "C", "" }, { "X", "" }, END };

	(void)state;
	is_found_out(put, drop, "names what did not change");
}

static void
the_only_way_must_name_no_more_than_changed(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" },
		{ "D", "d" }, END };

	(void)state;
	add_good();
	add_step(&(struct states_step){ .from = 2,
	    .was = second,
	    .serial = 3,
	    .is = third,
	    .put = put,
	    .drop = drop3 });
	run();
	steps_are(1, 1);
	says("names what did not change: 'items/A/text'");
	assert_true(w.rows[2].built); /* it is the state all the same */
}

static void
a_step_that_makes_another_state_is_bad_and_leaves_nothing(void **state)
{
	/* Shorter than the good one, so that it is tried first. */
	static const struct page put[] = { { "A", "a2" }, END };

	(void)state;
	add_good();
	add_step(&(struct states_step){ .from = 1,
	    .was = first,
	    .serial = 3,
	    .is = third,
	    .put = put });
	add_step(&good3);
	run();
	steps_are(2, 1);
	says("do not make the state that is signed for serial 3");
	assert_true(w.rows[2].built);
}

static void
a_step_from_another_state_is_bad(void **state)
{
	static const struct page put[] = { { "A", "a2" }, { "B", "b3" },
		{ "D", "d" }, END };

	(void)state;
	add_good();
	add_step(&(struct states_step){ .from = 2,
	    .was = first,
	    .serial = 3,
	    .is = third,
	    .put = put,
	    .drop = drop3 });
	run();
	steps_are(1, 1);
	says("is from another state at serial 2");
	assert_false(w.rows[2].built);
}

static void
a_step_from_a_serial_out_of_reach_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	add_step(&good3);
	run();
	assert_int_equal(w.tally.count[TALLY_GOOD], 1);
	says("only its manifest was checked");
	assert_false(w.rows[2].built);
}

static void
a_snapshot_of_another_state_is_bad(void **state)
{
	OWNED_FD int fd = -1;
	struct fault f = { 0 };
	struct feed_file file;

	(void)state;
	add_good();
	add_step(&good3);
	MUST(file_memory("snapshot", &fd, &f));
	states_snapshot(fd, 3, second, &file);
	add_file(&w.rows[2], TREE_SNAPSHOT, fd, &file);
	run();
	assert_int_equal(w.tally.count[TALLY_BAD], 1);
	says("leads to another state at serial 3");
}

/* Beside the snapshot of serial 1: its piece table, with one digit changed. */
static void
add_table(size_t changed, char to)
{
	OWNED_BUF struct buf table = BUF_INIT(BUF_ANY);
	const struct feed_file *snapshot = &w.rows[0].files[0].file;
	struct feed_file file = { .present = true };
	OWNED_FD int fd = -1;
	OWNED_FD int in = -1;
	char name[TREE_NAME_MAX];
	struct fault f = { 0 };
	bool have;

	tree_name(TREE_SNAPSHOT, &snapshot->digest, name);
	MUST(file_open(scratch_fd, name, &in, &have, &f));
	MUST(pieces_write(in, snapshot->length, &table, &f));
	if (table.data[changed] == to)
		to++;
	table.data[changed] = to;
	digest_of(table.data, table.len, &file.digest);
	file.length = (int64_t)table.len;
	MUST(file_memory("table", &fd, &f));
	MUST(file_write(fd, table.data, table.len, &f));
	add_file(&w.rows[0], TREE_PIECES, fd, &file);
}

static void
a_piece_table_is_that_of_its_snapshot(void **state)
{
	(void)state;
	add_good();
	add_table(64, '\n' - 1);
	run();
	steps_are(1, 1);
	says("piece table: line 1 is not one of 64 digits");
	w.rows[0].file_count--;
	add_table(5, '7');
	run();
	assert_int_equal(w.tally.count[TALLY_BAD], 2);
	says("is not the piece table of its snapshot");
}

static void
of_a_snapshot_that_is_gone_the_table_is_read_by_itself(void **state)
{
	(void)state;
	add_good();
	add_table(5, '7');
	w.rows[0].files[0].there = false;
	run();
	assert_int_equal(w.tally.count[TALLY_BAD], 0);
	w.rows[0].file_count--;
	add_table(5, 'x');
	run();
	assert_int_equal(w.tally.count[TALLY_BAD], 1);
	says("is not a digest");
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(two_ways_to_one_state_are_good),
		T(a_step_that_leaves_a_change_out_is_bad),
		T(a_step_that_leaves_the_last_change_out_is_bad),
		T(a_step_that_leaves_a_drop_out_is_bad),
		T(a_step_with_another_text_is_bad),
		T(a_step_that_names_too_much_is_bad),
		T(a_step_that_puts_what_is_gone_is_bad),
		T(a_step_that_drops_what_never_was_is_bad),
		T(the_only_way_must_name_no_more_than_changed),
		T(a_step_that_makes_another_state_is_bad_and_leaves_nothing),
		T(a_step_from_another_state_is_bad),
		T(a_step_from_a_serial_out_of_reach_is_read_as_far_as_it_goes),
		T(a_snapshot_of_another_state_is_bad),
		T(a_piece_table_is_that_of_its_snapshot),
		T(of_a_snapshot_that_is_gone_the_table_is_read_by_itself),
	};

	xml_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
