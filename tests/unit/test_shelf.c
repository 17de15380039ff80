#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/file.h"
#include "feeds/shelf.h"
#include "feeds/state.h"
#include "tests/support/libscratch.h"

#define FEED 3
#define LARGE ((1 << 20) + 1) /* bytes: a file of its own */

static struct db *db;
static struct shelf *shelf;
static char moin[] = "moin", large[LARGE];

/* As each run of a program does. */
static void
open_shelf(void)
{
	static const char *const migrations[] = { shelf_schema };
	struct fault f = { 0 };

	assert_int_equal(db_open(scratch_path("x.db"), migrations, 1, &db, &f),
	    0);
	assert_int_equal(shelf_open(db, scratch_fd, &shelf, &f), 0);
}

static void
close_shelf(void)
{
	shelf_close(&shelf);
	db_close_p(&db);
}

static int
enter(void **state)
{
	if (scratch_enter(state) == -1)
		return -1;
	open_shelf();
	memset(large, 'L', sizeof(large));
	return 0;
}

static int
leave(void **state)
{
	close_shelf();
	return scratch_leave(state);
}

static void
begin(void)
{
	struct fault f = { 0 };

	assert_int_equal(db_begin(db, &f), 0);
}

static void
commit(void)
{
	struct fault f = { 0 };

	assert_int_equal(db_commit(db, &f), 0);
}

static void
keep(const void *bytes, size_t n, struct digest *digest)
{
	struct fault f = { 0 };

	digest_of(bytes, n, digest);
	assert_int_equal(shelf_keep_bytes(shelf, digest, bytes, n, &f), 0);
}

/* Put a page with a text, in the transaction at hand. */
static int
put_bytes(int64_t feed, int64_t serial, const char *name, const char *bytes,
    size_t n, struct fault *f)
{
	char copy[64];
	struct item item = { .kind = ITEM_PAGE,
		.name = copy,
		.format = moin,
		.updated = 1000 + serial,
		.size = (int64_t)n };

	(void)snprintf(copy, sizeof(copy), "%s", name);
	keep(bytes, n, &item.digest);
	return shelf_put(shelf, feed, serial, &item, f);
}

static void
put(int64_t serial, const char *name, const char *text)
{
	struct fault f = { 0 };

	assert_int_equal(put_bytes(FEED, serial, name, text, strlen(text), &f),
	    0);
}

static void
drop(int64_t serial, const char *path)
{
	struct fault f = { 0 };

	assert_int_equal(shelf_drop(shelf, FEED, serial, path, &f), 0);
}

/* A state as text: "A=text B=text". */
static const char *
show(int64_t serial)
{
	static char out[4096];
	OWNED(shelf_walk_close) struct shelf_walk *walk = NULL;
	struct fault f = { 0 };
	const struct item *item;
	const char *path;
	bool have;

	out[0] = '\0';
	assert_int_equal(shelf_walk_open(shelf, FEED, serial, &walk, &f), 0);
	for (;;) {
		OWNED_BUF struct buf text = BUF_INIT(1000);
		size_t len = strlen(out);

		assert_int_equal(shelf_walk_next(walk, &item, &path, &have, &f),
		    0);
		if (!have)
			return out;
		assert_int_equal(
		    shelf_content_bytes(shelf, &item->digest, &text, &f), 0);
		assert_int_equal(text.len, item->size);
		(void)snprintf(out + len, sizeof(out) - len, "%s%s=%s",
		    len > 0 ? " " : "", item->name, text.data);
	}
}

/* A difference as text: "+A -B *C". */
static const char *
show_diff(int64_t from, int64_t to)
{
	static char out[4096];
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	const struct item *was, *is;
	struct fault f = { 0 };
	const char *path;
	bool have;

	out[0] = '\0';
	assert_int_equal(shelf_diff_open(shelf, FEED, from, to, &diff, &f), 0);
	for (;;) {
		size_t len = strlen(out);
		char sign;

		assert_int_equal(
		    shelf_diff_next(diff, &was, &is, &path, &have, &f), 0);
		if (!have)
			return out;
		sign = was->kind == ITEM_NONE ? '+' :
		    is->kind == ITEM_NONE     ? '-' :
						'*';
		(void)snprintf(out + len, sizeof(out) - len, "%s%c%s",
		    len > 0 ? " " : "", sign,
		    sign == '-' ? was->name : is->name);
	}
}

static int64_t
count_rows(const char *table)
{
	struct fault f = { 0 };
	int64_t n;
	int rc = strcmp(table, "bytes") == 0 ?
	    db_one(db, -1, &n, &f, "SELECT count(*) FROM shelf_bytes", "") :
	    db_one(db, -1, &n, &f, "SELECT count(*) FROM shelf_content", "");

	assert_int_equal(rc, 0);
	return n;
}

static void
past_states_stay(void **state)
{
	(void)state;
	begin();
	put(1, "B", "b1");
	put(1, "A", "a1");
	put(2, "A", "a2");
	put(3, "C", "c3");
	drop(3, "items/B/text");
	put(5, "B", "b5");
	commit();
	assert_string_equal(show(0), "");
	assert_string_equal(show(1), "A=a1 B=b1");
	assert_string_equal(show(2), "A=a2 B=b1");
	assert_string_equal(show(3), "A=a2 C=c3");
	assert_string_equal(show(4), "A=a2 C=c3");
	assert_string_equal(show(5), "A=a2 B=b5 C=c3");
	assert_string_equal(show(99), "A=a2 B=b5 C=c3");
}

static void
a_difference_has_what_differs_and_no_more(void **state)
{
	(void)state;
	begin();
	put(1, "A", "a1");
	put(1, "B", "b1");
	put(2, "A", "a2");
	put(3, "A", "a1"); /* as it was */
	put(3, "C", "c3");
	drop(4, "items/B/text");
	drop(4, "items/C/text");
	put(4, "A", "a1"); /* only the time is another */
	commit();
	assert_string_equal(show_diff(0, 2), "+A +B");
	assert_string_equal(show_diff(2, 0), "-A -B");
	assert_string_equal(show_diff(0, 0), "");
	assert_string_equal(show_diff(1, 2), "*A");
	assert_string_equal(show_diff(1, 3), "+C");
	assert_string_equal(show_diff(1, 4), "-B");
	assert_string_equal(show_diff(4, 1), "+B");
	assert_string_equal(show_diff(3, 4), "-B -C");
	assert_string_equal(show_diff(2, 4), "*A -B");
	assert_string_equal(show_diff(4, 4), "");
}

static void
everything_about_an_item_comes_back(void **state)
{
	static char file[] = "a b%.png", page[] = "Help/Me", lang[] = "pt-BR",
		    who[] = "J\xc3\xb6rg", why[] = "because";
	struct item item = { .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = page,
		.format = moin,
		.lang = lang,
		.author = who,
		.comment = why,
		.updated = 12345,
		.size = 3 };
	OWNED_ITEM struct item back = { 0 };
	struct fault f = { 0 };
	bool have;

	(void)state;
	begin();
	keep("abc", 3, &item.digest);
	assert_int_equal(shelf_put(shelf, FEED, 7, &item, &f), 0);
	commit();
	assert_int_equal(shelf_get(shelf, FEED, 9,
			     "items/Help%2FMe/attachments/a b%25.png", &back,
			     &have, &f),
	    0);
	assert_true(have);
	assert_true(item_same_state(&item, &back));
	assert_string_equal(back.name, file);
	assert_string_equal(back.page, page);
	assert_string_equal(back.author, who);
	assert_string_equal(back.comment, why);
	assert_int_equal(back.updated, 12345);
	assert_int_equal(shelf_get(shelf, FEED, 6,
			     "items/Help%2FMe/attachments/a b%25.png", &back,
			     &have, &f),
	    0);
	assert_false(have);
	assert_int_equal(shelf_get(shelf, FEED + 1, 9,
			     "items/Help%2FMe/attachments/a b%25.png", &back,
			     &have, &f),
	    0);
	assert_false(have);
}

static void
the_last_word_of_a_serial_counts(void **state)
{
	(void)state;
	begin();
	put(1, "A", "a1");
	put(2, "A", "wrong");
	put(2, "A", "a2");
	put(2, "B", "wrong");
	drop(2, "items/B/text");
	drop(3, "items/A/text");
	put(3, "A", "a3");
	commit();
	assert_string_equal(show(1), "A=a1");
	assert_string_equal(show(2), "A=a2");
	assert_string_equal(show(3), "A=a3");
	assert_string_equal(show_diff(1, 2), "*A");
}

static void
mistakes_are_refused(void **state)
{
	struct item item = { .kind = ITEM_PAGE, .name = moin, .size = 3 };
	struct fault f = { 0 };

	(void)state;
	begin();
	digest_of("abc", 3, &item.digest);
	assert_int_equal(shelf_put(shelf, FEED, 1, &item, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
	assert_int_equal(shelf_keep_bytes(shelf, &item.digest, "abd", 3, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_int_equal(shelf_drop(shelf, FEED, 2, "items/A/text", &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	put(5, "A", "a5");
	assert_int_equal(put_bytes(FEED, 4, "A", "a4", 2, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
	drop(6, "items/A/text");
	assert_int_equal(shelf_drop(shelf, FEED, 7, "items/A/text", &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	commit();
	assert_string_equal(show(5), "A=a5");
}

static void
contents_are_the_bytes_that_were_kept(void **state)
{
	OWNED_BUF struct buf back = BUF_INIT(2 * LARGE);
	OWNED_FD int fd = -1, out = -1;
	struct digest part, nothing, big;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(file_memory("in", &fd, &f), 0);
	assert_int_equal(file_memory("out", &out, &f), 0);
	assert_int_equal(file_write(fd, "head\0tail", 9, &f), 0);
	digest_of("ad\0ta", 5, &part);
	begin();
	assert_int_equal(shelf_keep(shelf, &part, fd, 2, 5, &f), 0);
	keep("", 0, &nothing);
	keep(large, LARGE, &big);
	keep(large, LARGE, &big); /* again is fine */
	commit();
	assert_int_equal(shelf_content(shelf, &nothing, 0, out, &f), 0);
	assert_int_equal(shelf_content(shelf, &part, 5, out, &f), 0);
	assert_int_equal(shelf_content(shelf, &big, LARGE, out, &f), 0);
	assert_int_equal(file_read_fd(out, &back, &f), 0);
	assert_int_equal(back.len, 5 + LARGE);
	assert_memory_equal(back.data, "ad\0ta", 5);
	assert_memory_equal(back.data + 5, large, LARGE);
	digest_of("never", 5, &part);
	assert_int_equal(shelf_content(shelf, &part, 5, out, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
}

/* The one file in contents/, or NULL. */
static const char *
large_file(void)
{
	static char name[160];
	char hex[DIGEST_TEXT];
	struct digest digest;
	struct stat st;

	digest_of(large, LARGE, &digest);
	digest_format(&digest, hex);
	(void)snprintf(name, sizeof(name), "contents/%.2s/%s", hex, hex);
	return stat(scratch_path(name), &st) == 0 ? name : NULL;
}

static void
damage_is_found(void **state)
{
	OWNED_BUF struct buf back = BUF_INIT(2 * LARGE);
	struct fault f = { 0 };
	struct digest big, small;

	(void)state;
	begin();
	keep(large, LARGE, &big);
	keep("abc", 3, &small);
	commit();
	assert_non_null(large_file());
	scratch_write(large_file(), "short");
	assert_int_equal(shelf_content_bytes(shelf, &big, &back, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(unlink(scratch_path(large_file())), 0);
	assert_int_equal(shelf_content_bytes(shelf, &big, &back, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_int_equal(
	    db_run(db, &f, "UPDATE shelf_bytes SET bytes = x'616264'", ""), 0);
	assert_int_equal(shelf_content_bytes(shelf, &small, &back, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "is damaged"));
}

static void
prune(int64_t oldest)
{
	struct fault f = { 0 };

	begin();
	assert_int_equal(shelf_prune(shelf, FEED, oldest, &f), 0);
	commit();
}

static void
pruning_forgets_what_only_older_states_had(void **state)
{
	struct fault f = { 0 };

	(void)state;
	begin();
	put(1, "A", "a1");
	put(1, "B", "same");
	put(1, "C", "same");
	put(2, "A", "a2");
	drop(3, "items/B/text");
	put(4, "A", "a4");
	assert_int_equal(put_bytes(FEED + 1, 1, "A", "a1", 2, &f), 0);
	keep("nobody's", 8, &(struct digest){ { 0 } });
	commit();
	prune(2);
	assert_string_equal(show(2), "A=a2 B=same C=same");
	assert_int_equal(count_rows("content"), 4); /* a1: the other feed's */
	prune(4);
	assert_string_equal(show(4), "A=a4 C=same");
	assert_int_equal(count_rows("content"), 3);
	assert_int_equal(count_rows("bytes"), 3);
	begin();
	assert_int_equal(shelf_forget(shelf, FEED + 1, &f), 0);
	commit();
	assert_string_equal(show(4), "A=a4 C=same");
	assert_int_equal(count_rows("content"), 2);
	assert_int_equal(count_rows("bytes"), 2);
}

static bool
is_kept(const char *text)
{
	OWNED_BUF struct buf back = BUF_INIT(1000);
	struct fault f = { 0 };
	struct digest digest;

	digest_of(text, strlen(text), &digest);
	if (shelf_content_bytes(shelf, &digest, &back, &f) == 0)
		return true;
	assert_int_equal(f.kind, FAULT_BUG);
	return false;
}

static void
thin(const int64_t *serials, size_t n)
{
	struct fault f = { 0 };

	begin();
	assert_int_equal(shelf_thin(shelf, FEED, serials, n, &f), 0);
	commit();
}

static void
thinning_keeps_the_contents_of_chosen_states(void **state)
{
	(void)state;
	begin();
	put(1, "A", "a1");
	put(1, "B", "b1");
	put(2, "A", "a2");
	put(3, "A", "a3");
	put(4, "A", "a1"); /* shared with the state that goes */
	put(5, "A", "a5");
	commit();
	thin((int64_t[]){ 3, 4, 5 }, 3);
	assert_true(is_kept("a1") && is_kept("a3") && is_kept("a5"));
	assert_false(is_kept("a2"));
	thin((int64_t[]){ 5 }, 1);
	assert_false(is_kept("a1") || is_kept("a3"));
	assert_true(is_kept("a5") && is_kept("b1"));
	assert_string_equal(show_diff(1, 3), "*A");
	assert_string_equal(show_diff(1, 4), "");
	prune(5); /* what went does not go twice */
	thin(NULL, 0);
	assert_string_equal(show(5), "A=a5 B=b1");
	assert_int_equal(count_rows("content"), 2);
	assert_int_equal(count_rows("bytes"), 2);
	begin();
	put(6, "A", "a1"); /* it may come again */
	commit();
	assert_string_equal(show(6), "A=a1 B=b1");
}

static void
a_large_content_goes_in_the_run_after(void **state)
{
	struct fault f = { 0 };

	(void)state;
	begin();
	assert_int_equal(put_bytes(FEED, 1, "A", large, LARGE, &f), 0);
	put(2, "A", "small");
	commit();
	assert_non_null(large_file());
	prune(2);
	prune(2);
	assert_non_null(large_file());
	close_shelf();
	open_shelf();
	prune(2);
	assert_null(large_file());
	assert_string_equal(show(2), "A=small");
}

static void
a_rollback_loses_no_large_content(void **state)
{
	struct fault f = { 0 };
	struct digest digest;

	(void)state;
	begin();
	assert_int_equal(put_bytes(FEED, 1, "A", large, LARGE, &f), 0);
	put(2, "A", "small");
	commit();
	begin();
	assert_int_equal(shelf_prune(shelf, FEED, 2, &f), 0);
	assert_int_equal(shelf_forget(shelf, FEED, &f), 0);
	assert_int_equal(shelf_prune(shelf, FEED, 2, &f), 0);
	db_rollback(db);
	close_shelf();
	open_shelf();
	prune(1);
	digest_of(large, LARGE, &digest);
	assert_int_equal(shelf_content(shelf, &digest, LARGE, scratch_fd, &f),
	    -1); /* only the folder cannot be written */
	assert_int_equal(f.sys, EBADF);
}

static void
a_file_that_a_rollback_left_is_removed(void **state)
{
	struct digest digest;

	(void)state;
	begin();
	keep(large, LARGE, &digest);
	db_rollback(db);
	assert_non_null(large_file());
	close_shelf();
	open_shelf();
	prune(1);
	assert_null(large_file());
}

/* ---- against a model ---- */

#define PAGES 12
#define SERIALS 40

static int model[SERIALS + 1][PAGES]; /* 0: absent, else a revision */

static void
fill_model(void)
{
	uint32_t seed = 12345;
	char name[16], path[48], text[16];
	int serial, page;

	for (serial = 1; serial <= SERIALS; serial++) {
		begin();
		for (page = 0; page < PAGES; page++) {
			int *is = &model[serial][page];

			*is = model[serial - 1][page];
			seed = seed * 1664525u + 1013904223u;
			(void)snprintf(name, sizeof(name), "P%02d", page);
			if (seed >> 30 == 0) {
				*is = (int)(seed >> 20 & 7) + 1;
				(void)snprintf(text, sizeof(text), "r%d", *is);
				put(serial, name, text);
			} else if (seed >> 29 == 2 && *is != 0) {
				*is = 0;
				(void)snprintf(path, sizeof(path),
				    "items/%s/text", name);
				drop(serial, path);
			}
		}
		commit();
	}
}

static void
check_model_diff(int from, int to)
{
	char want[PAGES * 8] = "";
	int page;

	for (page = 0; page < PAGES; page++) {
		int was = model[from][page], is = model[to][page];
		size_t len = strlen(want);

		if (was == is)
			continue;
		(void)snprintf(want + len, sizeof(want) - len, "%s%cP%02d",
		    len > 0 ? " " : "",
		    was == 0	? '+' :
			is == 0 ? '-' :
				  '*',
		    page);
	}
	assert_string_equal(show_diff(from, to), want);
}

static void
check_model_state(int serial)
{
	struct state_run run;
	struct digest want, is;
	struct fault f = { 0 };
	int64_t count, n = 0;
	int page;

	state_start(&run);
	for (page = 0; page < PAGES; page++) {
		char name[16], text[16];
		struct item item = { .kind = ITEM_PAGE,
			.name = name,
			.format = moin,
			.size = 2 };

		if (model[serial][page] == 0)
			continue;
		n++;
		(void)snprintf(name, sizeof(name), "P%02d", page);
		(void)snprintf(text, sizeof(text), "r%d", model[serial][page]);
		digest_of(text, 2, &item.digest);
		assert_int_equal(state_add(&run, &item, &f), 0);
	}
	state_end(&run, &want);
	assert_int_equal(shelf_state(shelf, FEED, serial, &is, &count, &f), 0);
	assert_true(digest_equal(&is, &want));
	assert_int_equal(count, n);
}

static void
states_and_differences_agree_with_a_model(void **state)
{
	int from, to, oldest;

	(void)state;
	fill_model();
	for (oldest = 0; oldest < SERIALS; oldest += 13) {
		prune(oldest);
		for (from = oldest; from <= SERIALS; from++) {
			check_model_state(from);
			for (to = oldest; to <= SERIALS; to++)
				check_model_diff(from, to);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(past_states_stay),
		TEST(a_difference_has_what_differs_and_no_more),
		TEST(everything_about_an_item_comes_back),
		TEST(the_last_word_of_a_serial_counts),
		TEST(mistakes_are_refused),
		TEST(contents_are_the_bytes_that_were_kept),
		TEST(damage_is_found),
		TEST(pruning_forgets_what_only_older_states_had),
		TEST(thinning_keeps_the_contents_of_chosen_states),
		TEST(a_large_content_goes_in_the_run_after),
		TEST(a_rollback_loses_no_large_content),
		TEST(a_file_that_a_rollback_left_is_removed),
		TEST(states_and_differences_agree_with_a_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
