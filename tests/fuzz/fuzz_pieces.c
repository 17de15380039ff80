/*
 * Piece tables from strangers: one that is read has the lines of its digests
 * and no others.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "feeds/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_for(const uint8_t *data, size_t size, int64_t length)
{
	OWNED_MEM struct digest *list = NULL;
	struct fault f = { 0 };
	char line[DIGEST_TEXT];
	int64_t i;

	if (pieces_read((const char *)data, size, length, &list, &f) == -1) {
		assert(f.kind == FAULT_FORMAT && list == NULL);
		return;
	}
	assert((int64_t)size == pieces_table_length(length));
	for (i = 0; i < pieces_count(length); i++) {
		digest_format(&list[i], line);
		line[DIGEST_TEXT - 1] = '\n';
		assert(memcmp(data + i * DIGEST_TEXT, line, DIGEST_TEXT) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t lines = (int64_t)(size / DIGEST_TEXT);

	read_for(data, size, lines * PIECE_SIZE);
	read_for(data, size, lines * PIECE_SIZE + 1);
	return 0;
}
