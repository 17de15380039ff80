#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fetch/standing.h"
#include "fetch/when.h"

#define NOW 1795000000
#define DAY 86400

static void
the_most_serious_thing_is_told(void **state)
{
	struct book_feed feed = { .serial = 5,
		.stored = 5,
		.settled = 5,
		.expires = NOW };
	struct standing_counts c = { .items = 3, .skipped = 9, .edited = 1 };

	(void)state;
	assert_string_equal(standing_word(&feed, &c, true, NOW), "up to date");
	c.locked = 1;
	assert_string_equal(standing_word(&feed, &c, true, NOW),
	    "not all installed");
	c.conflicts = 1;
	assert_string_equal(standing_word(&feed, &c, true, NOW), "conflicts");
	c.held = 1;
	assert_string_equal(standing_word(&feed, &c, true, NOW), "held");
	feed.stored = 4;
	assert_string_equal(standing_word(&feed, &c, true, NOW), "incomplete");
	assert_string_equal(standing_word(&feed, &c, true, NOW + 1), "expired");
	feed.forked = true;
	assert_string_equal(standing_word(&feed, &c, true, NOW + 1), "forked");
	feed = (struct book_feed){ .serial = 0 };
	assert_string_equal(standing_word(&feed, &c, true, NOW),
	    "not fetched yet");
}

static void
a_feed_without_a_wiki_has_nothing_to_install(void **state)
{
	struct book_feed feed = { .serial = 5,
		.stored = 5,
		.settled = 0,
		.expires = NOW };
	struct standing_counts c = { .items = 0 };

	(void)state;
	assert_string_equal(standing_word(&feed, &c, false, NOW), "up to date");
	assert_string_equal(standing_word(&feed, &c, true, NOW),
	    "not all installed");
}

static void
a_certificate_that_ends_soon_is_told_of(void **state)
{
	struct signer signer = { .key_count = 0 };

	(void)state;
	assert_string_equal(standing_certificate(&signer, NOW),
	    "no certificate yet");
	signer.key_count = 1;
	assert_string_equal(standing_certificate(&signer, NOW), "good");
	signer.expires = NOW + 61 * DAY;
	assert_string_equal(standing_certificate(&signer, NOW), "good");
	signer.expires = NOW + 59 * DAY;
	assert_string_equal(standing_certificate(&signer, NOW), "expires soon");
	signer.expires = NOW - 1;
	assert_string_equal(standing_certificate(&signer, NOW), "expired");
}

static void
since_takes_days_times_and_durations(void **state)
{
	struct fault f = { 0 };
	int64_t t = 0;

	(void)state;
	assert_int_equal(when_since("1970-01-02", NOW, &t, &f), 0);
	assert_int_equal(t, DAY);
	assert_int_equal(when_since("1970-01-01T00:01:00Z", NOW, &t, &f), 0);
	assert_int_equal(t, 60);
	assert_int_equal(when_since("3d", NOW, &t, &f), 0);
	assert_int_equal(t, NOW - 3 * DAY);
	assert_int_equal(when_since("yesterday", NOW, &t, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_int_equal(when_since("2026-13-01", NOW, &t, &f), -1);
	assert_int_equal(when_since("", NOW, &t, &f), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_serious_thing_is_told),
		cmocka_unit_test(a_feed_without_a_wiki_has_nothing_to_install),
		cmocka_unit_test(a_certificate_that_ends_soon_is_told_of),
		cmocka_unit_test(since_takes_days_times_and_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
