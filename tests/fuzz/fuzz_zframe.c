/* A stranger's frames: alone, as a file, and one after another on a prefix. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "base/file.h"
#include "feeds/zframe.h"
#include "items/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX 65536 /* decoded bytes; enough, and quick */

static int
read_frame(int fd, int64_t at, int64_t *end, struct fault *f)
{
	static const char prefix[] = "the old text of a page\n";
	OWNED(zframe_close) struct zframe *z = NULL;
	char piece[4096];
	size_t got;

	if (zframe_open(fd, at, STEP_WINDOW_LOG, MAX, prefix,
		sizeof(prefix) - 1, &z, f) == -1)
		return -1;
	do {
		if (zframe_read(z, piece, sizeof(piece), &got, f) == -1)
			return -1;
	} while (got > 0);
	*end = zframe_end(z);
	return zframe_check_last(z, f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_BUF struct buf b = BUF_INIT(MAX);
	OWNED_FD int fd = -1;
	struct fault f = { 0 };
	int64_t end = 0, at;

	if (file_memory("fuzz", &fd, &f) == -1 ||
	    file_write(fd, data, size, &f) == -1)
		return 0;
	if (zframe_read_all(fd, &b, &f) == 0)
		assert(b.len <= MAX);
	do {
		at = end;
	} while (read_frame(fd, at, &end, &f) == -1 && end > at);
	return 0;
}
