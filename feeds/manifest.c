#include "feeds/manifest.h"

#include <string.h>

#include "base/num.h"

void
manifest_init(struct manifest *m)
{
	*m = (struct manifest){ 0 };
}

void
manifest_clear(struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		item_clear(&m->entries[i].item);
	free(m->entries);
	manifest_init(m);
}

int
manifest_add_empty(struct manifest *m, bool drop, struct item **item,
    struct fault *f)
{
	struct manifest_entry *more;
	size_t room = m->room == 0 ? 16 : m->room + m->room / 2;

	if (m->count >= ITEM_COUNT_MAX)
		return fault_set(f, FAULT_LIMIT, "more than %d items",
		    ITEM_COUNT_MAX);
	if (m->count == m->room) {
		more = reallocarray(m->entries, room, sizeof(*more));
		if (more == NULL)
			return fault_memory(f);
		m->entries = more;
		m->room = room;
	}
	m->entries[m->count] = (struct manifest_entry){ .drop = drop };
	*item = &m->entries[m->count++].item;
	return 0;
}

int
manifest_add(struct manifest *m, bool drop, const struct item *item,
    struct fault *f)
{
	struct item *copy;

	if (manifest_add_empty(m, drop, &copy, f) == -1)
		return -1;
	if (item_copy(item, copy, f) == 0)
		return 0;
	m->count--;
	return -1;
}

/* ---- is it all right? ---- */

int
manifest_check_head(const struct manifest *m, struct fault *f)
{
	if (!feed_id_valid(m->feed))
		return fault_set(f, FAULT_FORMAT, "'%.45s' is not a feed id",
		    m->feed);
	if (m->serial < 1 || m->serial > NUM_MAX)
		return fault_set(f, FAULT_FORMAT, "serial %lld",
		    (long long)m->serial);
	if (m->step && (m->from < 1 || m->from >= m->serial))
		return fault_set(f, FAULT_FORMAT,
		    "a step from serial %lld to %lld", (long long)m->from,
		    (long long)m->serial);
	return 0;
}

int
manifest_check_entry(const struct manifest *m, const struct manifest_entry *e,
    struct fault *f)
{
	const struct item *item = &e->item;
	const char *wrong = NULL;

	if (item_check(item, f) == -1)
		return -1;
	if (e->drop && !m->step)
		wrong = "a snapshot drops nothing";
	else if (e->drop &&
	    (item->format != NULL || item->lang != NULL ||
		item->author != NULL || item->comment != NULL))
		wrong = "a drop has nothing but kind and names";
	else if (!e->drop && item_is_text(item->kind) && item->format == NULL)
		wrong = "has no format";
	if (wrong != NULL)
		return fault_set(f, FAULT_FORMAT, "'%.300s': %s", item->name,
		    wrong);
	return 0;
}

/* Puts or drops, sorted by path.  A cursor that also knows the last path. */
struct cursor {
	size_t at, end;
	struct buf path; /* of the entry at */
};

static int
load(const struct manifest *m, struct cursor *c, struct fault *f)
{
	buf_reset(&c->path);
	return c->at < c->end ?
	    item_path(&m->entries[c->at].item, &c->path, f) :
	    0;
}

/* One on; its path must come after the last one's. */
static int
advance(const struct manifest *m, struct cursor *c, struct fault *f)
{
	char last[ITEM_PATH_MAX];

	memcpy(last, c->path.data, c->path.len + 1);
	c->at++;
	if (load(m, c, f) == -1)
		return -1;
	if (c->at < c->end && strcmp(last, c->path.data) >= 0)
		return fault_set(f, FAULT_FORMAT,
		    "'%.600s' does not come after '%.600s'", c->path.data,
		    last);
	return 0;
}

/* Both halves rise, and no path is in both: one walk over the two. */
static int
check_order(const struct manifest *m, size_t puts, struct fault *f)
{
	struct cursor put = { 0, puts, BUF_INIT(ITEM_PATH_MAX - 1) };
	struct cursor drop = { puts, m->count, BUF_INIT(ITEM_PATH_MAX - 1) };
	int rc = 0;

	if (load(m, &put, f) == -1 || load(m, &drop, f) == -1)
		rc = -1;
	while (rc == 0 && (put.at < put.end || drop.at < drop.end)) {
		int order = put.at == put.end ? 1 :
		    drop.at == drop.end	      ? -1 :
					  strcmp(put.path.data, drop.path.data);

		if (order == 0)
			rc = fault_set(f, FAULT_FORMAT,
			    "'%.600s' is both put and dropped", put.path.data);
		else
			rc = advance(m, order < 0 ? &put : &drop, f);
	}
	buf_clear(&put.path);
	buf_clear(&drop.path);
	return rc;
}

/* What can only be told when all entries are there. */
int
manifest_check_sequence(const struct manifest *m, struct fault *f)
{
	size_t puts = 0, i;

	for (i = 0; i < m->count; i++) {
		if (m->entries[i].drop)
			continue;
		if (puts != i)
			return fault_set(f, FAULT_FORMAT,
			    "'%.300s': a put after a drop",
			    m->entries[i].item.name);
		puts++;
	}
	return check_order(m, puts, f);
}

int
manifest_check(const struct manifest *m, struct fault *f)
{
	size_t i;

	if (manifest_check_head(m, f) == -1)
		return -1;
	if (m->count > ITEM_COUNT_MAX)
		return fault_set(f, FAULT_LIMIT, "more than %d items",
		    ITEM_COUNT_MAX);
	for (i = 0; i < m->count; i++)
		if (manifest_check_entry(m, &m->entries[i], f) == -1)
			return -1;
	return manifest_check_sequence(m, f);
}
