/*
 * Feed documents from strangers: whatever is read is written, and that is
 * read as the same again.
 */
#include <assert.h>
#include <stdint.h>

#include "feeds/atom.h"
#include "feeds/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BUF struct buf one = BUF_INIT(2 * FEED_MAX);
	OWNED_BUF struct buf two = BUF_INIT(2 * FEED_MAX);
	OWNED_FEED struct feed read, again;
	struct fault f = { 0 };

	xml_start();
	feed_init(&read);
	feed_init(&again);
	if (atom_read((const char *)data, size, &read, &f) == -1) {
		assert(f.kind == FAULT_FORMAT || f.kind == FAULT_LIMIT);
		return 0;
	}
	assert(atom_write(&read, &one, &f) == 0);
	assert(atom_read(one.data, one.len, &again, &f) == 0);
	assert(atom_write(&again, &two, &f) == 0);
	assert(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
	return 0;
}
