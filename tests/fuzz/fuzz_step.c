/*
 * A stranger's step in good frames.  The first byte says how many blocks of
 * the tar are in the first frame; the prefix is one old text.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "feeds/tarball.h"
#include "feeds/xml.h"
#include "feeds/zframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char old_text[] = "the old text of a page\n";

static void
write_frames(const uint8_t *tar, size_t size, size_t first, int fd)
{
	struct fault f = { 0 };

	assert(zframe_write(ZFRAME_STEP, tar, first, NULL, 0, fd, &f) == 0);
	assert(zframe_write(ZFRAME_STEP, tar + first, size - first, old_text,
		   sizeof(old_text) - 1, fd, &f) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_FD int in = -1, out = -1, prefix = -1;
	OWNED(step_close) struct step *step = NULL;
	struct fault f = { 0 };
	size_t first;

	if (size < 1 || size - 1 < data[0] * (size_t)512)
		return 0;
	first = data[0] * (size_t)512;
	xml_start();
	assert(file_memory("in", &in, &f) == 0);
	assert(file_memory("out", &out, &f) == 0);
	assert(file_memory("prefix", &prefix, &f) == 0);
	assert(file_write(prefix, old_text, sizeof(old_text) - 1, &f) == 0);
	write_frames(data + 1, size - 1, first, in);
	if (step_open(in, (int64_t)(size - 1), &step, &f) == -1)
		return 0;
	if (step_contents(step, prefix, sizeof(old_text) - 1, out, &f) == 0)
		assert(manifest_check(step_manifest(step), &f) == 0);
	return 0;
}
