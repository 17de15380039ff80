/*
 * Names from strangers: whatever unspells is spelt the same again, and a path
 * that is taken for an item's is that item's path.
 */
#include <assert.h>
#include <stdint.h>

#include "items/item.h"
#include "items/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_spelling(const char *bytes, size_t n)
{
	OWNED_BUF struct buf name = BUF_INIT(4096);
	OWNED_BUF struct buf spelt = BUF_INIT(8192);
	struct fault f = { 0 };

	if (name_unspell(bytes, n, &name, &f) == -1)
		return;
	assert(name_spell(name.data, &spelt, &f) == 0);
	assert(spelt.len == n && memcmp(spelt.data, bytes, n) == 0);
	if (name_check_page(name.data, &f) == 0)
		assert(spelt.len >= 1 && spelt.len <= NAME_SPELT_MAX);
	if (name_check_file(name.data, &f) == 0)
		assert(name_check_page(name.data, &f) == 0);
}

static void
try_path(const char *bytes, size_t n)
{
	OWNED_MEM char *path = strndup(bytes, n);
	OWNED_BUF struct buf again = BUF_INIT(ITEM_PATH_MAX - 1);
	OWNED_ITEM struct item item = { 0 };
	struct fault f = { 0 };

	assert(path != NULL);
	assert(name_matches("*", path));
	assert(strlen(path) != 1 || !name_matches("?*?", path));
	if (name_check_lang(path, &f) == 0)
		assert(strlen(path) <= LANG_MAX);
	if (name_check_format(path, &f) == 0)
		assert(strlen(path) <= FORMAT_MAX);
	if (item_from_path(path, &item, &f) == -1)
		return;
	assert(item_check(&item, &f) == 0);
	assert(item_path(&item, &again, &f) == 0);
	assert(strcmp(again.data, path) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 4096)
		return 0;
	try_spelling((const char *)data, size);
	try_path((const char *)data, size);
	return 0;
}
