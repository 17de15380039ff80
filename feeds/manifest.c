#include "feeds/manifest.h"

#include <string.h>

#include "base/num.h"
#include "feeds/xml.h"

enum { SNAPSHOT = 1, STEP, ITEM, PUT, DROP, RULES };

#define PUT_ATTRIBUTES \
	{ \
		{ "kind" }, { "name" }, { "page", true }, { "updated" }, \
		    { "author", true }, { "comment", true }, \
		    { "lang", true }, { "format", true }, \
	}

static const struct xml_rule rules[RULES] = {
	[SNAPSHOT] = { .name = "snapshot",
	    .attributes = { { "feed" }, { "serial" }, { "state" } } },
	[STEP] = { .name = "step",
	    .attributes = { { "feed" }, { "from" }, { "base" }, { "serial" },
		{ "state" } } },
	[ITEM] = { .in = SNAPSHOT, .name = "item", .often = XML_ANY,
	    .attributes = PUT_ATTRIBUTES },
	[PUT] = { .in = STEP, .name = "put", .often = XML_ANY,
	    .attributes = PUT_ATTRIBUTES },
	[DROP] = { .in = STEP, .name = "drop", .often = XML_ANY,
	    .attributes = { { "kind" }, { "name" }, { "page", true } } },
};

static const struct xml_grammar grammar = { .rules = rules, .count = RULES,
	.space = XML_WIKICAST, .max = MANIFEST_MAX, .strict = true };

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

static int
check_head(const struct manifest *m, struct fault *f)
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

static int
check_entry(const struct manifest *m, const struct manifest_entry *e,
    struct fault *f)
{
	const struct item *item = &e->item;
	const char *wrong = NULL;

	if (item_check(item, f) == -1)
		return -1;
	if (e->drop && !m->step)
		wrong = "a snapshot drops nothing";
	else if (e->drop && (item->format != NULL || item->lang != NULL ||
	    item->author != NULL || item->comment != NULL))
		wrong = "a drop has nothing but kind and names";
	else if (!e->drop && item_is_text(item->kind) && item->format == NULL)
		wrong = "has no format";
	else if (!item_is_text(item->kind) && item->format != NULL)
		wrong = "an attachment has no format";
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
	    item_path(&m->entries[c->at].item, &c->path, f) : 0;
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
			    "'%.600s' is both put and dropped",
			    put.path.data);
		else
			rc = advance(m, order < 0 ? &put : &drop, f);
	}
	buf_clear(&put.path);
	buf_clear(&drop.path);
	return rc;
}

/* What can only be told when all entries are there. */
static int
check_sequence(const struct manifest *m, struct fault *f)
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

	if (check_head(m, f) == -1)
		return -1;
	if (m->count > ITEM_COUNT_MAX)
		return fault_set(f, FAULT_LIMIT, "more than %d items",
		    ITEM_COUNT_MAX);
	for (i = 0; i < m->count; i++)
		if (check_entry(m, &m->entries[i], f) == -1)
			return -1;
	return check_sequence(m, f);
}

/* ---- writing ---- */

static void
write_entry(struct xml_writer *w, const char *element,
    const struct manifest_entry *e)
{
	const struct item *item = &e->item;

	xml_begin(w, element);
	xml_put(w, "kind", item_kind_text(item->kind));
	xml_put(w, "page", item->page);
	xml_put(w, "name", item->name);
	if (!e->drop)
		xml_put_time(w, "updated", item->updated);
	xml_put(w, "author", item->author);
	xml_put(w, "comment", item->comment);
	xml_put(w, "lang", item->lang);
	xml_put(w, "format", item->format);
	xml_end(w);
}

int
manifest_write(const struct manifest *m, struct buf *out, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	size_t i;

	if (manifest_check(m, f) == -1 || xml_create(out, &w, f) == -1)
		return -1;
	xml_begin(w, m->step ? "step" : "snapshot");
	xml_put(w, "xmlns", XML_WIKICAST);
	xml_put(w, "feed", m->feed);
	if (m->step) {
		xml_put_number(w, "from", m->from);
		xml_put_digest(w, "base", &m->base);
	}
	xml_put_number(w, "serial", m->serial);
	xml_put_digest(w, "state", &m->state);
	for (i = 0; i < m->count; i++)
		write_entry(w, m->entries[i].drop ? "drop" :
			m->step			  ? "put" :
						    "item",
		    &m->entries[i]);
	xml_end(w);
	return xml_finish(&w, f);
}

/* ---- reading ---- */

static int
take_head(const struct xml_reader *x, bool step, struct manifest *m,
    struct fault *f)
{
	m->step = step;
	if (feed_id_parse(xml_value(x, "feed"), m->feed, f) == -1)
		return -1;
	if (step &&
	    (xml_number(x, "from", 1, NUM_MAX, &m->from, f) == -1 ||
		xml_digest(x, "base", &m->base, f) == -1))
		return -1;
	if (xml_number(x, "serial", 1, NUM_MAX, &m->serial, f) == -1 ||
	    xml_digest(x, "state", &m->state, f) == -1)
		return -1;
	return check_head(m, f);
}

/* An optional attribute: NULL if it is not there. */
static int
take_text(const struct xml_reader *x, const char *name, char **out,
    struct fault *f)
{
	const char *value = xml_value(x, name);

	if (value == NULL)
		return 0;
	*out = strdup(value);
	return *out == NULL ? fault_memory(f) : 0;
}

static int
take_names(const struct xml_reader *x, struct item *item, struct fault *f)
{
	const char *kind = xml_value(x, "kind");

	item->kind = item_kind_parse(kind);
	if (item->kind == ITEM_NONE)
		return fault_set(f, FAULT_FORMAT, "unknown kind '%.40s'", kind);
	if (take_text(x, "name", &item->name, f) == -1)
		return -1;
	return take_text(x, "page", &item->page, f);
}

static int
take_entry(const struct xml_reader *x, bool drop, struct manifest *m,
    struct fault *f)
{
	struct item *item;

	if (manifest_add_empty(m, drop, &item, f) == -1 ||
	    take_names(x, item, f) == -1)
		return -1;
	if (!drop &&
	    (xml_time(x, "updated", &item->updated, f) == -1 ||
		take_text(x, "author", &item->author, f) == -1 ||
		take_text(x, "comment", &item->comment, f) == -1 ||
		take_text(x, "lang", &item->lang, f) == -1 ||
		take_text(x, "format", &item->format, f) == -1))
		return -1;
	return check_entry(m, &m->entries[m->count - 1], f);
}

static int
take_element(const struct xml_reader *x, size_t rule, struct manifest *m,
    struct fault *f)
{
	switch (rule) {
	case SNAPSHOT:
	case STEP:
		return take_head(x, rule == STEP, m, f);
	case ITEM:
	case PUT:
		return take_entry(x, false, m, f);
	case DROP:
		return take_entry(x, true, m, f);
	default:
		return 0;
	}
}

int
manifest_read(const char *bytes, size_t n, struct manifest *m,
    struct fault *f)
{
	OWNED_XML struct xml_reader *x = NULL;
	OWNED_MANIFEST struct manifest read = { 0 };
	size_t rule;

	if (xml_open(&grammar, bytes, n, &x, f) == -1)
		return -1;
	do {
		if (xml_next(x, &rule, f) == -1)
			return -1;
		if (take_element(x, rule, &read, f) == -1)
			return xml_within(x, f);
	} while (rule != 0);
	if (check_sequence(&read, f) == -1)
		return -1;
	manifest_clear(m);
	*m = read;
	manifest_init(&read);
	return 0;
}
