/*
 * Every allocation while documents are read and written is made to fail in
 * turn: nothing may crash, and what is said to have worked must be whole, which
 * libxml2 alone does not promise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/atom.h"
#include "feeds/parcel.h"
#include "feeds/xml.h"
#include "tests/fault/allocator.h"
#include "tests/support/libdocuments.h"

#if !defined(NO_ALLOCATOR)

/* What the acts work on and must come to; made while memory is plenty. */
static struct feed feed;
static struct history history;
static struct network network;
static struct manifest manifest;
static struct buf feed_text = BUF_INIT(BUF_ANY);
static struct buf history_text = BUF_INIT(BUF_ANY);
static struct buf network_text = BUF_INIT(BUF_ANY);
static struct buf manifest_text = BUF_INIT(BUF_ANY);
static struct buf parcel = BUF_INIT(BUF_ANY);

static void
same(const struct buf *got, const struct buf *want)
{
	left = -1;
	assert_int_equal(got->len, want->len);
	assert_memory_equal(got->data, want->data, want->len);
}

/* Written text equals what was made before; read, it gives the same parcel. */

static int
write_feed(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(FEED_MAX);

	if (atom_write(&feed, &out, f) == -1)
		return -1;
	same(&out, &feed_text);
	return 0;
}

static int
write_history(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(HISTORY_MAX);

	if (history_write(&history, &out, f) == -1)
		return -1;
	same(&out, &history_text);
	return 0;
}

static int
write_manifest(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(MANIFEST_MAX);

	if (manifest_write(&manifest, &out, f) == -1)
		return -1;
	same(&out, &manifest_text);
	return 0;
}

static int
read_feed(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_FEED struct feed read;
	struct fault ignored = { 0 };

	feed_init(&read);
	if (atom_read(feed_text.data, feed_text.len, &read, f) == -1)
		return -1;
	left = -1;
	assert_int_equal(atom_write(&read, &out, &ignored), 0);
	same(&out, &feed_text);
	return 0;
}

static int
read_history(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_HISTORY struct history read;
	struct fault ignored = { 0 };

	history_init(&read);
	if (history_read(history_text.data, history_text.len, &read, f) == -1)
		return -1;
	left = -1;
	assert_int_equal(history_write(&read, &out, &ignored), 0);
	same(&out, &history_text);
	return 0;
}

static int
read_network(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_NETWORK struct network read;
	struct fault ignored = { 0 };

	network_init(&read);
	if (network_read(network_text.data, network_text.len, &read, f) == -1)
		return -1;
	left = -1;
	assert_int_equal(network_write(&read, &out, &ignored), 0);
	same(&out, &network_text);
	return 0;
}

static int
read_manifest(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_MANIFEST struct manifest read;
	struct fault ignored = { 0 };

	manifest_init(&read);
	if (manifest_read(manifest_text.data, manifest_text.len, &read, f) ==
	    -1)
		return -1;
	left = -1;
	assert_int_equal(manifest_write(&read, &out, &ignored), 0);
	same(&out, &manifest_text);
	return 0;
}

static int
pass_parcels(struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_FEED struct feed feed_in;
	OWNED_HISTORY struct history history_in;
	OWNED_NETWORK struct network network_in;
	OWNED_MANIFEST struct manifest manifest_in;
	struct parcel p = { .data = parcel.data, .len = parcel.len };

	feed_init(&feed_in);
	history_init(&history_in);
	network_init(&network_in);
	manifest_init(&manifest_in);
	if (parcel_get_feed(&p, &feed_in, f) == -1 ||
	    parcel_get_history(&p, &history_in, f) == -1 ||
	    parcel_get_network(&p, &network_in, f) == -1 ||
	    parcel_get_manifest(&p, &manifest_in, f) == -1 ||
	    parcel_put_feed(&out, &feed_in, f) == -1 ||
	    parcel_put_history(&out, &history_in, f) == -1 ||
	    parcel_put_network(&out, &network_in, f) == -1 ||
	    parcel_put_manifest(&out, &manifest_in, f) == -1)
		return -1;
	same(&out, &parcel);
	return 0;
}

#define CASE(act) \
	static void act##_without_memory(void **state) \
	{ \
		(void)state; \
		every_failure_is_told_and_loses_nothing(act); \
	}
CASE(write_feed)
CASE(write_history)
CASE(write_manifest)
CASE(read_feed)
CASE(read_history)
CASE(read_network)
CASE(read_manifest)
CASE(pass_parcels)

/* libxml2 2.9 loses an element's record and name when its list cannot grow. */
static int
forgive(void **state)
{
	(void)state;
	forgivable = 2;
	return 0;
}

static int
forgive_no_more(void **state)
{
	(void)state;
	forgivable = 0;
	return 0;
}
#define WRITES(test) \
	cmocka_unit_test_setup_teardown(test, forgive, forgive_no_more)

static int
prepare(void **state)
{
	struct fault f = { 0 };

	(void)state;
	xml_start();
	sample_feed(&feed);
	sample_history(&history);
	sample_network(&network);
	sample_manifest(&manifest, true);
	return atom_write(&feed, &feed_text, &f) ||
	    history_write(&history, &history_text, &f) ||
	    network_write(&network, &network_text, &f) ||
	    manifest_write(&manifest, &manifest_text, &f) ||
	    parcel_put_feed(&parcel, &feed, &f) ||
	    parcel_put_history(&parcel, &history, &f) ||
	    parcel_put_network(&parcel, &network, &f) ||
	    parcel_put_manifest(&parcel, &manifest, &f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WRITES(write_feed_without_memory),
		WRITES(write_history_without_memory),
		WRITES(write_manifest_without_memory),
		cmocka_unit_test(read_feed_without_memory),
		cmocka_unit_test(read_history_without_memory),
		cmocka_unit_test(read_network_without_memory),
		cmocka_unit_test(read_manifest_without_memory),
		cmocka_unit_test(pass_parcels_without_memory),
	};
	return cmocka_run_group_tests(tests, prepare, NULL);
}

#endif
