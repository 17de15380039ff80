/*
 * Parcels from a worker that a stranger took over: the first byte chooses the
 * document; what is taken in goes out as the same bytes.
 */
#include <assert.h>
#include <stdint.h>

#include "feeds/parcel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
pass_feed(struct parcel *p, struct buf *out, struct fault *f)
{
	OWNED_FEED struct feed feed;

	feed_init(&feed);
	if (parcel_get_feed(p, &feed, f) == -1)
		return -1;
	assert(parcel_put_feed(out, &feed, f) == 0);
	return 0;
}

static int
pass_history(struct parcel *p, struct buf *out, struct fault *f)
{
	OWNED_HISTORY struct history h;

	history_init(&h);
	if (parcel_get_history(p, &h, f) == -1)
		return -1;
	assert(parcel_put_history(out, &h, f) == 0);
	return 0;
}

static int
pass_network(struct parcel *p, struct buf *out, struct fault *f)
{
	OWNED_NETWORK struct network n;

	network_init(&n);
	if (parcel_get_network(p, &n, f) == -1)
		return -1;
	assert(parcel_put_network(out, &n, f) == 0);
	return 0;
}

static int
pass_manifest(struct parcel *p, struct buf *out, struct fault *f)
{
	OWNED_MANIFEST struct manifest m;

	manifest_init(&m);
	if (parcel_get_manifest(p, &m, f) == -1)
		return -1;
	assert(parcel_put_manifest(out, &m, f) == 0);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const pass[])(struct parcel * p, struct buf * out,
	    struct fault * f) = { pass_feed, pass_history, pass_network,
		pass_manifest };
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	struct parcel p;

	if (size == 0)
		return 0;
	p = (struct parcel){ .data = (const char *)data + 1, .len = size - 1 };
	if (pass[data[0] % 4](&p, &out, &f) == -1) {
		assert(f.kind == FAULT_FORMAT || f.kind == FAULT_LIMIT);
		return 0;
	}
	assert(out.len == p.at && memcmp(out.data, p.data, p.at) == 0);
	return 0;
}
