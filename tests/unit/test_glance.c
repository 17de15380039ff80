#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "gen/glance.h"
#include "items/sieve.h"
#include "tests/support/libscratch.h"

static struct ledger ledger;
static struct ledger_feed feed;
static struct fault f;

static void
must(int rc)
{
	if (rc == -1)
		fail_msg("%s", f.text);
}

static void
put(int64_t serial, enum item_kind kind, const char *name, const char *text)
{
	OWNED_ITEM struct item item = { .kind = kind };

	item.name = strdup(name);
	item.format = strdup("wiki");
	item.size = (int64_t)strlen(text);
	digest_of(text, strlen(text), &item.digest);
	must(shelf_keep_bytes(ledger.shelf, &item.digest, text, strlen(text),
	    &f));
	must(shelf_put(ledger.shelf, feed.row, serial, &item, &f));
}

/* Serial 1 has a page and a list; nothing was glanced at. */
static int
enter(void **state)
{
	if (scratch_enter(state) != 0)
		return -1;
	f = (struct fault){ 0 };
	ledger = (struct ledger)LEDGER_INIT;
	feed = (struct ledger_feed)LEDGER_FEED_INIT;
	must(ledger_open(scratch, &ledger, &f));
	must(ledger_feed_load(&ledger, "news", &feed, &f));
	put(1, ITEM_PAGE, "BikeShop", "we repair bicycles");
	put(1, ITEM_PATTERNS, "BadContent", "unicycle");
	feed.serial = 1;
	return 0;
}

static int
leave(void **state)
{
	ledger_feed_clear(&feed);
	ledger_close(&ledger);
	return scratch_leave(state);
}

/* What becomes of a new pattern at the serial. */
static enum lint_answer
judge(int64_t serial, const char *pattern)
{
	OWNED(lint_free) struct lint *l = NULL;

	must(lint_new(&l, &f));
	must(lint_add(l, pattern, strlen(pattern), &f));
	must(glance_search(&ledger, &feed, serial, l, &f));
	return lint_answer(l, 0);
}

/* Each text can be read no more. */
static void
damage_texts(void)
{
	must(db_run(ledger.db, &f, "UPDATE shelf_bytes SET bytes = x'00'", ""));
}

static void
a_page_is_searched_with_its_name(void **state)
{
	(void)state;
	assert_int_equal(judge(1, "BICYCLE"), LINT_MATCHES);
	assert_int_equal(judge(1, "bikeshop\\s+we"), LINT_MATCHES);
	assert_int_equal(judge(1, "shop\\nwe rep"), LINT_MATCHES);
	assert_int_equal(judge(1, "re[a-z]+ir bic"), LINT_MATCHES);
	assert_int_equal(judge(1, "tricycle"), LINT_GOOD);
	assert_int_equal(judge(1, "unicycle"), LINT_GOOD); /* a list has it */
}

static void
texts_are_not_read_for_a_word_that_none_has(void **state)
{
	OWNED(lint_free) struct lint *l = NULL;

	(void)state;
	assert_int_equal(judge(1, "tricycle"), LINT_GOOD);
	damage_texts();
	assert_int_equal(judge(1, "tricycle"), LINT_GOOD);
	must(lint_new(&l, &f));
	must(lint_add(l, "bicycle", 7, &f));
	assert_int_equal(glance_search(&ledger, &feed, 1, l, &f), -1);
	f = (struct fault){ 0 };
}

static void
they_are_read_for_a_pattern_without_a_word(void **state)
{
	OWNED(lint_free) struct lint *l = NULL;
	static const char loose[] = "bic[a-z]+les";

	(void)state;
	assert_int_equal(judge(1, "tricycle"), LINT_GOOD);
	must(lint_new(&l, &f));
	must(lint_add(l, loose, strlen(loose), &f));
	must(glance_search(&ledger, &feed, 1, l, &f));
	if (lint_answer(l, 0) == LINT_SHORT)
		fail_msg("it is refused before it is searched for");
	assert_int_equal(lint_answer(l, 0), LINT_MATCHES);
}

static void
what_changed_since_is_seen(void **state)
{
	(void)state;
	assert_int_equal(judge(1, "tricycle"), LINT_GOOD);
	put(2, ITEM_PAGE, "BikeShop", "we repair tricycles");
	put(2, ITEM_PAGE, "Circus", "jugglers");
	assert_int_equal(judge(2, "tricycle"), LINT_MATCHES);
	assert_int_equal(judge(2, "jugglers"), LINT_MATCHES);
	assert_int_equal(judge(2, "bicycle"), LINT_GOOD);
}

/* As of a run whose only news were bad lines: it leaves its serial open. */
static void
a_serial_that_came_to_nothing_is_seen_anew(void **state)
{
	(void)state;
	put(2, ITEM_PAGE, "Circus", "jugglers");
	assert_int_equal(judge(2, "jugglers"), LINT_MATCHES);
	put(2, ITEM_PAGE, "Circus", "acrobats");
	assert_int_equal(judge(2, "acrobats"), LINT_MATCHES);
	feed.serial = 2;
	put(3, ITEM_PAGE, "Circus", "magicians");
	put(4, ITEM_PAGE, "Zoo", "elephants");
	assert_int_equal(judge(4, "magicians"), LINT_MATCHES);
	assert_int_equal(judge(4, "elephants"), LINT_MATCHES);
}

static void
a_damaged_row_is_made_anew(void **state)
{
	static const char *const damages[] = {
		"UPDATE glance SET windows = zeroblob(65536)",
		"UPDATE glance SET windows = x'00', digest = x'00'",
		"UPDATE glance SET windows = zeroblob(65536), digest = x''",
		"DELETE FROM glance"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		assert_int_equal(judge(1, "tricycle"), LINT_GOOD);
		must(db_run(ledger.db, &f, damages[i], ""));
		assert_int_equal(judge(1, "bicycle"), LINT_MATCHES);
	}
}

static void
a_feed_that_is_forgotten_takes_its_windows_along(void **state)
{
	(void)state;
	feed.serial = 9;
	assert_int_equal(judge(9, "tricycle"), LINT_GOOD);
	must(ledger_feed_forget(&ledger, &feed, &f));
	put(1, ITEM_PAGE, "Circus", "jugglers");
	feed.serial = 1;
	assert_int_equal(judge(1, "jugglers"), LINT_MATCHES);
}

/* ---- windows ---- */

static void
what_a_sieve_finds_the_windows_may_have(void **state)
{
	static const char *const texts[] = { "", "abc", "Abcd", "xxABCDEFyy",
		"abcd\xc3\xa4"
		"efgh",
		"\xd1\x81\xd0\xbf\xd0\xb0\xd0\xbc" };
	static const char *const words[] = { "abcd", "bcde", "ABCDEF", "efgh",
		"d\xc3\xa4"
		"e",
		"\xd0\xbf\xd0\xb0", "cdxy" };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
			OWNED_SIEVE struct sieve s = SIEVE_INIT;
			static struct windows w;
			struct sieve_scan scan;
			uint32_t id;

			memset(&w, 0, sizeof(w));
			must(sieve_add(&s, words[k], strlen(words[k]), 0, &f));
			scan = sieve_scan(&s, texts[i], strlen(texts[i]));
			windows_add(&w, texts[i], strlen(texts[i]));
			assert_int_equal(sieve_next(&scan, &id),
			    windows_may_have(&w, words[k], strlen(words[k])));
		}
}

static void
a_word_of_three_bytes_may_be_anywhere(void **state)
{
	static struct windows none;

	(void)state;
	assert_true(windows_may_have(&none, "abc", 3));
	assert_false(windows_may_have(&none, "abcd", 4));
}

#define T(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_page_is_searched_with_its_name),
		T(texts_are_not_read_for_a_word_that_none_has),
		T(they_are_read_for_a_pattern_without_a_word),
		T(what_changed_since_is_seen),
		T(a_serial_that_came_to_nothing_is_seen_anew),
		T(a_damaged_row_is_made_anew),
		T(a_feed_that_is_forgotten_takes_its_windows_along),
		cmocka_unit_test(what_a_sieve_finds_the_windows_may_have),
		cmocka_unit_test(a_word_of_three_bytes_may_be_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
