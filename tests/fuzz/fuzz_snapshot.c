/*
 * A stranger's tar in a good frame: manifest reader, libarchive, and our own
 * look at its headers.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "feeds/tarball.h"
#include "feeds/xml.h"
#include "feeds/zframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken must be written again as a snapshot that is taken. */
static void
write_again(const struct manifest *m, int contents)
{
	OWNED_FD int again = -1, out = -1;
	OWNED_MANIFEST struct manifest back;
	struct tarball_made made;
	struct fault f = { 0 };

	manifest_init(&back);
	assert(file_memory("again", &again, &f) == 0);
	assert(file_memory("out", &out, &f) == 0);
	assert(snapshot_write(m, contents, again, &made, &f) == 0);
	assert(snapshot_read(again, made.unpacked, &back, out, &f) == 0);
	assert(back.count == m->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_FD int in = -1, out = -1;
	OWNED_MANIFEST struct manifest m;
	struct fault f = { 0 };

	xml_start();
	manifest_init(&m);
	assert(file_memory("in", &in, &f) == 0);
	assert(file_memory("out", &out, &f) == 0);
	assert(zframe_write(ZFRAME_STEP, data, size, NULL, 0, in, &f) == 0);
	if (snapshot_read(in, (int64_t)size, &m, out, &f) == 0)
		write_again(&m, out);
	return 0;
}
