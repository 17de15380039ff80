#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"
#include "feeds/feed.h"
#include "tests/support/libdocuments.h"

static void
a_new_id_is_a_random_uuid_of_version_4(void **state)
{
	char one[FEED_ID_TEXT], other[FEED_ID_TEXT];
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(feed_id_new(one, &f), 0);
	assert_int_equal(feed_id_new(other, &f), 0);
	assert_string_not_equal(one, other);
	assert_true(feed_id_valid(one));
	assert_int_equal(one[9 + 14], '4');
	assert_non_null(strchr("89ab", one[9 + 19]));
}

static void
an_entry_id_is_the_version_8_uuid_of_feed_and_serial(void **state)
{
	char id[FEED_ID_TEXT], other[FEED_ID_TEXT];

	(void)state;
	/* printf '%s#%s' ID 123 | sha256sum: 3feecd79eaa143408077a873131c6fb7... */
	feed_entry_id(SAMPLE_ID, 123, id);
	assert_string_equal(id,
	    "urn:uuid:3feecd79-eaa1-8340-8077-a873131c6fb7");
	feed_entry_id(SAMPLE_ID, 124, other);
	assert_string_not_equal(id, other);
	feed_entry_id(SAMPLE_ID, NUM_MAX, other);
	assert_true(feed_id_valid(other));
	assert_int_equal(other[9 + 14], '8');
}

static void
only_the_one_spelling_of_an_id_is_valid(void **state)
{
	static const char *const bad[] = { "",
		"urn:uuid:", "0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a10",
		"urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a1",
		"urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a100",
		"urn:uuid:0B4F3A52-7d7e-4d5c-9e4f-4f2f6d1c2a10",
		"URN:uuid:0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a10",
		"urn:uuid:0b4f3a527d7e4d5c9e4f4f2f6d1c2a10",
		"urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2ag0",
		" urn:uuid:0b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a10",
		"urn:uuid:{b4f3a52-7d7e-4d5c-9e4f-4f2f6d1c2a1}" };
	char out[FEED_ID_TEXT] = "as it was";
	struct fault f = { 0 };
	size_t i;

	(void)state;
	assert_true(feed_id_valid(SAMPLE_ID));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(feed_id_valid(bad[i]));
		assert_int_equal(feed_id_parse(bad[i], out, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_string_equal(out, "as it was");
	}
	assert_int_equal(feed_id_parse(SAMPLE_ID, out, &f), 0);
	assert_string_equal(out, SAMPLE_ID);
}

static void
expires_counts_for_a_year_at_most(void **state)
{
	struct feed feed;

	(void)state;
	feed_init(&feed);
	feed.updated = 1000;
	feed.expires = 5000;
	assert_int_equal(feed_expires(&feed), 5000);
	feed.expires = INT64_C(253402300799);
	assert_int_equal(feed_expires(&feed), 1000 + 366 * 86400);
}

/* Each spoils one thing of a good feed. */
static void
no_title(struct feed *feed)
{
	free(own_give(&feed->title));
}

static void
long_summary(struct feed *feed)
{
	free(feed->summary);
	feed->summary = calloc(1, NOTE_MAX + 2);
	memset(feed->summary, 'a', NOTE_MAX + 1);
}

static void
line_end_in_author(struct feed *feed)
{
	feed->author[3] = '\n';
}

static void
script_as_self(struct feed *feed)
{
	memcpy(feed->self, "javascr:", 8);
}

static void
no_id(struct feed *feed)
{
	feed->id[0] = '\0';
}

static void
serial_0(struct feed *feed)
{
	feed->serial = 0;
}

static void
serial_too_large(struct feed *feed)
{
	feed->serial = feed->step.serial = NUM_MAX + 1;
	feed->step.from = NUM_MAX;
}

static void
negative_trust(struct feed *feed)
{
	feed->trust = -1;
}

static void
year_10000(struct feed *feed)
{
	feed->expires = INT64_C(253402300800);
}

static void
no_history(struct feed *feed)
{
	feed->history.present = false;
}

static void
empty_network(struct feed *feed)
{
	feed->network.length = 0;
}

static void
giant_history(struct feed *feed)
{
	feed->history.length = HISTORY_MAX + 1;
}

static void
no_snapshot(struct feed *feed)
{
	feed->snapshot.present = false;
}

static void
snapshot_from_the_future(struct feed *feed)
{
	feed->snapshot.serial = feed->serial + 1;
}

static void
giant_snapshot(struct feed *feed)
{
	feed->snapshot.unpacked = TARBALL_MAX + 1;
}

static void
entry_after_the_feed(struct feed *feed)
{
	feed->entry_updated = feed->updated + 1;
}

static void
step_over_two_serials(struct feed *feed)
{
	feed->step.from--;
}

static void
step_of_another_serial(struct feed *feed)
{
	feed->step.serial--;
	feed->step.from--;
}

static void
step_without_size(struct feed *feed)
{
	feed->step.unpacked = 0;
}

static void
content_without_step(struct feed *feed)
{
	feed->step.present = false;
}

static void
content_of_another_length(struct feed *feed)
{
	feed->step.length--;
}

static void
content_of_another_digest(struct feed *feed)
{
	feed->inside.data[100] ^= 1;
}

static void
entry_snapshot_is_not_the_newest(struct feed *feed)
{
	feed->entry_snapshot = feed->snapshot;
	feed->entry_snapshot.serial = feed->serial;
}

static void
a_feed_is_judged_field_by_field(void **state)
{
	static void (*const spoil[])(struct feed * feed) = { no_title,
		long_summary, line_end_in_author, script_as_self, no_id,
		serial_0, serial_too_large, negative_trust, year_10000,
		no_history, empty_network, giant_history, no_snapshot,
		snapshot_from_the_future, giant_snapshot, entry_after_the_feed,
		step_over_two_serials, step_of_another_serial,
		step_without_size, content_without_step,
		content_of_another_length, content_of_another_digest,
		entry_snapshot_is_not_the_newest };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		OWNED_FEED struct feed feed;
		struct fault f = { 0 };

		sample_feed(&feed);
		if (feed_check(&feed, &f) == -1)
			fail_msg("%s", f.text);
		spoil[i](&feed);
		if (feed_check(&feed, &f) == 0)
			fail_msg("number %zu was taken for good", i);
		assert_int_equal(f.kind, FAULT_FORMAT);
	}
}

static void
what_may_be_missing_may_be_missing(void **state)
{
	OWNED_FEED struct feed feed;
	struct fault f = { 0 };

	(void)state;
	sample_feed(&feed);
	buf_reset(&feed.inside);
	assert_int_equal(feed_check(&feed, &f), 0);
	feed.step.present = false;
	free(own_give(&feed.self));
	free(own_give(&feed.alternate));
	feed.entry_updated = 0;
	assert_int_equal(feed_check(&feed, &f), 0);
	feed.snapshot.serial = feed.serial;
	feed.entry_snapshot = feed.snapshot;
	assert_int_equal(feed_check(&feed, &f), 0);
	feed_clear(&feed);
	assert_null(feed.title);
	assert_int_equal(feed.inside.len, 0);
	feed_clear(&feed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_id_is_a_random_uuid_of_version_4),
		cmocka_unit_test(
		    an_entry_id_is_the_version_8_uuid_of_feed_and_serial),
		cmocka_unit_test(only_the_one_spelling_of_an_id_is_valid),
		cmocka_unit_test(expires_counts_for_a_year_at_most),
		cmocka_unit_test(a_feed_is_judged_field_by_field),
		cmocka_unit_test(what_may_be_missing_may_be_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
