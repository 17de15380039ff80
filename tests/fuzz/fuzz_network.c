/*
 * Network documents from strangers: whatever is read is written, and that is
 * read as the same again.
 */
#include <assert.h>
#include <stdint.h>

#include "feeds/network.h"
#include "feeds/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BUF struct buf one = BUF_INIT(2 * NETWORK_MAX);
	OWNED_BUF struct buf two = BUF_INIT(2 * NETWORK_MAX);
	OWNED_NETWORK struct network read, again;
	struct fault f = { 0 };

	xml_start();
	network_init(&read);
	network_init(&again);
	if (network_read((const char *)data, size, &read, &f) == -1) {
		assert(f.kind == FAULT_FORMAT || f.kind == FAULT_LIMIT);
		return 0;
	}
	assert(network_write(&read, &one, &f) == 0);
	assert(network_read(one.data, one.len, &again, &f) == 0);
	assert(network_write(&again, &two, &f) == 0);
	assert(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
	return 0;
}
