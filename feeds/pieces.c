#include "feeds/pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE ((int64_t)DIGEST_TEXT) /* the digits, and an LF for the NUL */

int64_t
pieces_count(int64_t length)
{
	return length / PIECE_SIZE + (length % PIECE_SIZE != 0);
}

int64_t
pieces_table_length(int64_t length)
{
	return LINE * pieces_count(length);
}

int64_t
pieces_size(int64_t length, int64_t i)
{
	int64_t left = length - i * PIECE_SIZE;

	return left < PIECE_SIZE ? left : PIECE_SIZE;
}

static int
digest_piece(int fd, int64_t at, int64_t left, struct digest *out,
    struct fault *f)
{
	struct digest_run run;
	char block[65536];

	digest_start(&run);
	while (left > 0) {
		size_t want = left < (int64_t)sizeof(block) ? (size_t)left :
							      sizeof(block);
		ssize_t n = pread(fd, block, want, at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fault_system(f, errno, "cannot read");
		if (n == 0)
			return fault_set(f, FAULT_FORMAT, "ends at byte %lld",
			    (long long)at);
		digest_more(&run, block, (size_t)n);
		at += n;
		left -= n;
	}
	digest_end(&run, out);
	return 0;
}

int
pieces_write(int fd, int64_t length, struct buf *table, struct fault *f)
{
	int64_t i, count = pieces_count(length);
	char line[DIGEST_TEXT];
	struct digest d;

	for (i = 0; i < count; i++) {
		if (digest_piece(fd, i * PIECE_SIZE, pieces_size(length, i), &d,
			f) == -1)
			return -1;
		digest_format(&d, line);
		line[LINE - 1] = '\n';
		if (buf_add(table, line, (size_t)LINE, f) == -1)
			return -1;
	}
	return 0;
}

int
pieces_read(const char *table, size_t n, int64_t length, struct digest **out,
    struct fault *f)
{
	int64_t i, count = pieces_count(length);
	OWNED_MEM struct digest *list = NULL;
	char line[DIGEST_TEXT];

	if ((int64_t)n != pieces_table_length(length))
		return fault_set(f, FAULT_FORMAT,
		    "piece table: %zu bytes for "
		    "%lld pieces",
		    n, (long long)count);
	list = calloc((size_t)count + 1, sizeof(*list));
	if (list == NULL)
		return fault_memory(f);
	for (i = 0; i < count; i++) {
		memcpy(line, table + i * LINE, sizeof(line));
		if (line[LINE - 1] != '\n')
			return fault_set(f, FAULT_FORMAT,
			    "piece table: line %lld is not one of %d digits",
			    (long long)i + 1, DIGEST_TEXT - 1);
		line[LINE - 1] = '\0';
		if (digest_parse(line, &list[i], f) == -1)
			return fault_within(f, "piece table: line %lld",
			    (long long)i + 1);
	}
	*out = own_give(&list);
	return 0;
}
