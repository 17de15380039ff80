#include "feeds/manifest.h"

#include <string.h>

#include "base/num.h"
#include "feeds/xml.h"

enum { SNAPSHOT = 1, STEP, ITEM, PUT, DROP, RULES };

#define PUT_ATTRIBUTES \
	{ \
		{ "kind" }, { "name" }, { "page", true }, { "updated" }, \
		    { "author", true }, { "comment", true }, { "lang", true }, \
		    { "format", true }, \
	}

static const struct xml_rule rules[RULES] = {
	[SNAPSHOT] = { .name = "snapshot",
	    .attributes = { { "feed" }, { "serial" }, { "state" } } },
	[STEP] = { .name = "step",
	    .attributes = { { "feed" }, { "from" }, { "base" }, { "serial" },
		{ "state" } } },
	[ITEM] = { .in = SNAPSHOT,
	    .name = "item",
	    .often = XML_ANY,
	    .attributes = PUT_ATTRIBUTES },
	[PUT] = { .in = STEP,
	    .name = "put",
	    .often = XML_ANY,
	    .attributes = PUT_ATTRIBUTES },
	[DROP] = { .in = STEP,
	    .name = "drop",
	    .often = XML_ANY,
	    .attributes = { { "kind" }, { "name" }, { "page", true } } },
};

static const struct xml_grammar grammar = { .rules = rules,
	.count = RULES,
	.space = XML_WIKICAST,
	.max = MANIFEST_MAX,
	.strict = true };

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
		write_entry(w,
		    m->entries[i].drop ? "drop" :
			m->step	       ? "put" :
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
	return manifest_check_head(m, f);
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
	return manifest_check_entry(m, &m->entries[m->count - 1], f);
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
manifest_read(const char *bytes, size_t n, struct manifest *m, struct fault *f)
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
	if (manifest_check_sequence(&read, f) == -1)
		return -1;
	manifest_clear(m);
	*m = read;
	manifest_init(&read);
	return 0;
}
