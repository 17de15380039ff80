/*
 * A signature line from a stranger: whatever splits must be put together
 * again to the same bytes.
 */
#include <assert.h>

#include "feeds/seal.h"
#include "items/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	size_t signed_size, count;

	if (seal_check_packets(data, size, &count, &f) == 0)
		assert(count >= 1 && count <= SIGNATURE_COUNT_MAX);
	if (seal_split((const char *)data, size, &signed_size, &packets, &f) ==
	    -1)
		return 0;
	assert(signed_size < size);
	assert(buf_add(&again, data, signed_size, &f) == 0);
	assert(seal_add(&again, packets.data, packets.len, &f) == 0);
	assert(again.len == size && memcmp(again.data, data, size) == 0);
	return 0;
}
