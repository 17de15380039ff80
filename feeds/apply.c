#include "feeds/apply.h"

#include <string.h>

int
apply_check(const struct manifest *m, const struct apply_wanted *wanted,
    struct fault *f)
{
	if (m->step != wanted->step)
		return fault_set(f, FAULT_FORMAT,
		    "manifest: is of a %s, not of a %s",
		    m->step ? "step" : "snapshot",
		    wanted->step ? "step" : "snapshot");
	if (strcmp(m->feed, wanted->feed) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "manifest: is of another feed '%s'", m->feed);
	if (m->serial != wanted->serial)
		return fault_set(f, FAULT_FORMAT,
		    "manifest: leads to serial %lld, not %lld",
		    (long long)m->serial, (long long)wanted->serial);
	if (!digest_equal(&m->state, &wanted->state))
		return fault_set(f, FAULT_FORMAT,
		    "manifest: leads to another state at serial %lld",
		    (long long)m->serial);
	if (!wanted->step)
		return 0;
	if (m->from != wanted->from)
		return fault_set(f, FAULT_FORMAT,
		    "manifest: is from serial %lld, not %lld",
		    (long long)m->from, (long long)wanted->from);
	if (!digest_equal(&m->base, &wanted->base))
		return fault_set(f, FAULT_FORMAT,
		    "manifest: is from another state at serial %lld",
		    (long long)m->from);
	return 0;
}

static int
entry_path(const struct manifest_entry *e, struct buf *path, struct fault *f)
{
	buf_reset(path);
	if (item_check(&e->item, f) == -1)
		return -1;
	return item_path(&e->item, path, f);
}

int
apply_prefix(struct shelf *shelf, int64_t feed, const struct manifest *m,
    int out, int64_t *size, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
	OWNED_ITEM struct item was = { .kind = ITEM_NONE };
	bool have;
	size_t i;

	*size = 0;
	for (i = 0; i < m->count; i++) {
		if (entry_path(&m->entries[i], &path, f) == -1)
			return -1;
		item_clear(&was);
		if (shelf_get(shelf, feed, m->from, path.data, &was, &have,
			f) == -1)
			return -1;
		if (!have)
			continue;
		if (shelf_content(shelf, &was.digest, was.size, out, f) == -1)
			return -1;
		*size += was.size;
	}
	return 0;
}

static int
put(struct shelf *shelf, int64_t feed, int64_t serial, const struct item *item,
    int contents, int64_t at, struct fault *f)
{
	if (item->size < 0 || item->size > ITEM_SIZE_MAX)
		return fault_set(f, FAULT_LIMIT, "'%s' is too large",
		    item->name);
	if (shelf_keep(shelf, &item->digest, contents, at, item->size, f) == -1)
		return -1;
	return shelf_put(shelf, feed, serial, item, f);
}

int
apply_begin(struct shelf *shelf, int64_t feed, const struct manifest *m,
    struct fault *f)
{
	/* A snapshot names all that there is. */
	return m->step ? 0 : shelf_drop_all(shelf, feed, m->serial, f);
}

int
apply_part(struct shelf *shelf, int64_t feed, const struct manifest *m,
    size_t from, size_t to, int contents, int64_t *at, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);
	size_t i;

	for (i = from; i < to; i++) {
		const struct manifest_entry *e = &m->entries[i];

		if (entry_path(e, &path, f) == -1)
			return -1;
		if (e->drop ?
			shelf_drop(shelf, feed, m->serial, path.data, f) == -1 :
			put(shelf, feed, m->serial, &e->item, contents, *at,
			    f) == -1)
			return fault_within(f, "'%s'", path.data);
		*at += e->drop ? 0 : e->item.size;
	}
	return 0;
}

int
apply_end(struct shelf *shelf, int64_t feed, const struct manifest *m,
    struct fault *f)
{
	struct digest state;
	int64_t count;

	if (shelf_state(shelf, feed, m->serial, &state, &count, f) == -1)
		return -1;
	if (!digest_equal(&state, &m->state))
		return fault_set(f, FAULT_FORMAT,
		    "the items do not make the state that is signed for "
		    "serial %lld",
		    (long long)m->serial);
	return 0;
}

int
apply_items(struct shelf *shelf, int64_t feed, const struct manifest *m,
    int contents, struct fault *f)
{
	int64_t at = 0;

	if (apply_begin(shelf, feed, m, f) == -1 ||
	    apply_part(shelf, feed, m, 0, m->count, contents, &at, f) == -1)
		return -1;
	return apply_end(shelf, feed, m, f);
}
