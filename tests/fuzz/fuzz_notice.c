/*
 * Notifications from strangers: what is taken keeps to its limits, and is
 * written and read again as the same.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "feeds/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Encoded, a character may take three. */
	OWNED_BUF struct buf form = BUF_INIT(3 * NOTICE_MAX);
	struct notice n, again;
	struct fault f = { 0 };

	if (notice_read((const char *)data, size, &n, &f) == -1) {
		assert(f.kind == FAULT_FORMAT || f.kind == FAULT_LIMIT);
		return 0;
	}
	assert(feed_id_valid(n.feed));
	assert(n.serial >= 1 && n.serial <= NUM_MAX);
	assert(n.from[0] == '\0' || network_is_folder(n.from));
	assert(notice_write(&n, &form, &f) == 0);
	if ((int64_t)form.len > NOTICE_MAX)
		return 0;
	assert(notice_read(form.data, form.len, &again, &f) == 0);
	assert(strcmp(again.feed, n.feed) == 0 && again.serial == n.serial);
	assert(digest_equal(&again.state, &n.state));
	assert(strcmp(again.from, n.from) == 0);
	return 0;
}
