/*
 * Folder names from a wiki's disk and page names from feeds: what Moin could
 * have made is made again, and what may be installed can be opened.
 */
#include <assert.h>
#include <stdint.h>

#include "base/utf8.h"
#include "wiki/moin_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As the name of a folder. */
static void
try_folder(const char *folder)
{
	OWNED_BUF struct buf name = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	if (moin_name_of_folder(folder, &name, &f) == -1)
		return;
	assert(moin_name_check_page(name.data, &f) == 0);
	assert(moin_name_quote(name.data, &again, &f) == 0);
	assert(strcmp(again.data, folder) == 0);
}

/* As the name of a page: any bytes come back from their folder. */
static void
try_page(const char *page)
{
	OWNED_BUF struct buf folder = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf back = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf once = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf twice = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	assert(moin_name_quote(page, &folder, &f) == 0);
	assert(strchr(folder.data, '/') == NULL);
	if (moin_name_unquote(folder.data, &back, &f) == 0)
		assert(strcmp(back.data, page) == 0);
	else
		assert(!utf8_valid(page, strlen(page)));
	assert(moin_name_normalize(page, &once, &f) == 0);
	if (moin_name_check_page(page, &f) == 0) {
		assert(strcmp(once.data, page) == 0);
		assert(folder.len <= MOIN_NAME_MAX);
	}
	/*
	 * A group's name that lost characters may be another group's then; but
	 * blanks and slashes are settled.
	 */
	assert(moin_name_normalize(once.data, &twice, &f) == 0);
	assert(twice.len <= once.len);
}

static void
try_file(const char *name)
{
	OWNED_BUF struct buf once = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	assert(moin_name_taint(name, &once, &f) == 0);
	assert(once.len == strlen(name));
	assert(strpbrk(once.data, "/\\:%\n") == NULL);
	if (moin_name_check_file(name, &f) == 0)
		assert(strcmp(once.data, name) == 0 && *name != '.');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_MEM char *text = strndup((const char *)data, size);

	if (size > 4096)
		return 0;
	assert(text != NULL);
	try_folder(text);
	try_page(text);
	try_file(text);
	return 0;
}
