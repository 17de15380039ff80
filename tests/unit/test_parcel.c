#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"
#include "feeds/parcel.h"
#include "tests/support/libdocuments.h"

static void
fields_come_out_as_they_went_in(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_MEM char *text = NULL, *none = strdup("something");
	struct digest d, back;
	struct parcel p = { 0 };
	struct fault f = { 0 };
	const char *bytes;
	int64_t n;
	size_t len;

	(void)state;
	digest_of("x", 1, &d);
	assert_int_equal(parcel_put_number(&b, INT64_MIN, &f), 0);
	assert_int_equal(parcel_put_text(&b, "", &f), 0);
	assert_int_equal(parcel_put_text(&b, NULL, &f), 0);
	assert_int_equal(parcel_put_bytes(&b, "a\0b", 3, &f), 0);
	assert_int_equal(parcel_put_digest(&b, &d, &f), 0);
	p.data = b.data;
	p.len = b.len;
	assert_int_equal(parcel_get_number(&p, INT64_MIN, 0, &n, &f), 0);
	assert_true(n == INT64_MIN);
	assert_int_equal(parcel_get_text(&p, 0, &text, &f), 0);
	assert_string_equal(text, "");
	assert_int_equal(parcel_get_text(&p, 0, &none, &f), 0);
	assert_null(none);
	assert_int_equal(parcel_end(&p, &f), -1);
	assert_int_equal(parcel_get_bytes(&p, 3, &bytes, &len, &f), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	assert_int_equal(parcel_get_digest(&p, &back, &f), 0);
	assert_true(digest_equal(&d, &back));
	assert_int_equal(parcel_end(&p, &f), 0);
}

static void
fields_out_of_bounds_are_refused(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_MEM char *text = NULL;
	struct parcel p = { 0 };
	struct fault f = { 0 };
	const char *bytes = NULL;
	int64_t n = 77;
	size_t len;

	(void)state;
	assert_int_equal(parcel_put_number(&b, 5, &f), 0);
	assert_int_equal(parcel_put_bytes(&b, "a\0b", 3, &f), 0);
	p.data = b.data;
	p.len = b.len;
	assert_int_equal(parcel_get_number(&p, 6, 9, &n, &f), -1);
	p.at = 0;
	assert_int_equal(parcel_get_number(&p, 1, 4, &n, &f), -1);
	assert_int_equal(n, 77);
	p.at = 8;
	assert_int_equal(parcel_get_bytes(&p, 2, &bytes, &len, &f), -1);
	p.at = 8;
	assert_int_equal(parcel_get_text(&p, 3, &text, &f), -1);
	assert_non_null(strstr(f.text, "NUL"));
	p.at = 8;
	p.len = b.len - 1;
	assert_int_equal(parcel_get_bytes(&p, 3, &bytes, &len, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_null(bytes);
	/* NULL where bytes must be. */
	buf_reset(&b);
	assert_int_equal(parcel_put_text(&b, NULL, &f), 0);
	p = (struct parcel){ .data = b.data, .len = b.len };
	assert_int_equal(parcel_get_bytes(&p, 3, &bytes, &len, &f), -1);
}

/* The four documents behind one interface: in, out, out again. */

static int
pass_feed(struct parcel *p, struct buf *again, struct fault *f)
{
	OWNED_FEED struct feed feed;

	feed_init(&feed);
	if (parcel_get_feed(p, &feed, f) == -1)
		return -1;
	return parcel_put_feed(again, &feed, f);
}

static int
pass_history(struct parcel *p, struct buf *again, struct fault *f)
{
	OWNED_HISTORY struct history h;

	history_init(&h);
	if (parcel_get_history(p, &h, f) == -1)
		return -1;
	return parcel_put_history(again, &h, f);
}

static int
pass_network(struct parcel *p, struct buf *again, struct fault *f)
{
	OWNED_NETWORK struct network n;

	network_init(&n);
	if (parcel_get_network(p, &n, f) == -1)
		return -1;
	return parcel_put_network(again, &n, f);
}

static int
pass_manifest(struct parcel *p, struct buf *again, struct fault *f)
{
	OWNED_MANIFEST struct manifest m;

	manifest_init(&m);
	if (parcel_get_manifest(p, &m, f) == -1)
		return -1;
	return parcel_put_manifest(again, &m, f);
}

typedef int pass_fn(struct parcel *p, struct buf *again, struct fault *f);

static void
survives(pass_fn *pass, const struct buf *good)
{
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	struct parcel p = { .data = good->data, .len = good->len };
	struct fault f = { 0 };
	size_t i;

	if (pass(&p, &again, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(parcel_end(&p, &f), 0);
	assert_int_equal(again.len, good->len);
	assert_memory_equal(again.data, good->data, good->len);
	/* Cut anywhere: refused.  In a block of its own, for the sanitizer. */
	for (i = 0; i < good->len; i++) {
		OWNED_MEM char *cut = malloc(i + 1);

		memcpy(cut, good->data, i);
		p = (struct parcel){ .data = cut, .len = i };
		buf_reset(&again);
		if (pass(&p, &again, &f) == 0)
			fail_msg("%zu of %zu bytes were enough", i, good->len);
		assert_int_equal(f.kind, FAULT_FORMAT);
	}
	/* Bent anywhere: refused, or a document that passes its checks. */
	for (i = 0; i < good->len; i++) {
		OWNED_MEM char *bent = malloc(good->len);

		memcpy(bent, good->data, good->len);
		bent[i] ^= (char)(1 << i % 8);
		p = (struct parcel){ .data = bent, .len = good->len };
		buf_reset(&again);
		if (pass(&p, &again, &f) == 0)
			assert_memory_equal(again.data, bent, again.len);
	}
}

static void
a_feed_passes_and_survives_a_broken_sender(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_FEED struct feed feed;
	struct fault f = { 0 };

	(void)state;
	sample_feed(&feed);
	assert_int_equal(parcel_put_feed(&b, &feed, &f), 0);
	survives(pass_feed, &b);
	free(own_give(&feed.self));
	buf_reset(&feed.inside);
	feed.snapshot.serial = feed.serial;
	feed.entry_snapshot = feed.snapshot;
	buf_reset(&b);
	assert_int_equal(parcel_put_feed(&b, &feed, &f), 0);
	survives(pass_feed, &b);
}

static void
a_history_passes_and_survives_a_broken_sender(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_HISTORY struct history h;
	struct fault f = { 0 };

	(void)state;
	sample_history(&h);
	assert_int_equal(parcel_put_history(&b, &h, &f), 0);
	survives(pass_history, &b);
}

static void
a_network_passes_and_survives_a_broken_sender(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_NETWORK struct network n;
	struct fault f = { 0 };

	(void)state;
	sample_network(&n);
	assert_int_equal(parcel_put_network(&b, &n, &f), 0);
	survives(pass_network, &b);
}

static void
a_manifest_passes_with_sizes_and_digests(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_MANIFEST struct manifest m, back;
	struct parcel p = { 0 };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		OWNED_MANIFEST struct manifest one;

		sample_manifest(&one, i == 1);
		buf_reset(&b);
		assert_int_equal(parcel_put_manifest(&b, &one, &f), 0);
		survives(pass_manifest, &b);
	}
	sample_manifest(&m, true);
	manifest_init(&back);
	p = (struct parcel){ .data = b.data, .len = b.len };
	assert_int_equal(parcel_get_manifest(&p, &back, &f), 0);
	assert_int_equal(back.count, m.count);
	for (i = 0; i < m.count && !m.entries[i].drop; i++) {
		assert_int_equal(back.entries[i].item.size,
		    m.entries[i].item.size);
		assert_true(digest_equal(&back.entries[i].item.digest,
		    &m.entries[i].item.digest));
	}
}

static void
documents_are_judged_again_when_they_arrive(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY), again = BUF_INIT(BUF_ANY);
	OWNED_FEED struct feed feed;
	OWNED_HISTORY struct history h;
	OWNED_NETWORK struct network n;
	OWNED_MANIFEST struct manifest m;
	struct parcel p = { 0 };
	struct fault f = { 0 };

	(void)state;
	sample_feed(&feed);
	feed.step.from = 1;
	assert_int_equal(parcel_put_feed(&b, &feed, &f), 0);
	p = (struct parcel){ .data = b.data, .len = b.len };
	assert_int_equal(pass_feed(&p, &again, &f), -1);

	sample_history(&h);
	h.number = 5;
	buf_reset(&b);
	assert_int_equal(parcel_put_history(&b, &h, &f), 0);
	p = (struct parcel){ .data = b.data, .len = b.len };
	assert_int_equal(pass_history(&p, &again, &f), -1);

	sample_network(&n);
	memcpy(n.mirrors[0].url, "gopher", 6);
	buf_reset(&b);
	assert_int_equal(parcel_put_network(&b, &n, &f), 0);
	p = (struct parcel){ .data = b.data, .len = b.len };
	assert_int_equal(pass_network(&p, &again, &f), -1);

	sample_manifest(&m, true);
	memcpy(m.entries[0].item.name, "..", 3);
	buf_reset(&b);
	assert_int_equal(parcel_put_manifest(&b, &m, &f), 0);
	p = (struct parcel){ .data = b.data, .len = b.len };
	assert_int_equal(pass_manifest(&p, &again, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_int_equal(again.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_come_out_as_they_went_in),
		cmocka_unit_test(fields_out_of_bounds_are_refused),
		cmocka_unit_test(a_feed_passes_and_survives_a_broken_sender),
		cmocka_unit_test(a_history_passes_and_survives_a_broken_sender),
		cmocka_unit_test(a_network_passes_and_survives_a_broken_sender),
		cmocka_unit_test(a_manifest_passes_with_sizes_and_digests),
		cmocka_unit_test(documents_are_judged_again_when_they_arrive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
