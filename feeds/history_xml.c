#include "feeds/history.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"
#include "feeds/xml.h"

enum { HISTORY = 1, SKIP, SERIAL, STEP, SNAPSHOT, RULES };

static const struct xml_rule rules[RULES] = {
	[HISTORY] = { .name = "history",
	    .attributes = { { "feed" }, { "number" } } },
	[SKIP] = { .in = HISTORY,
	    .name = "skip",
	    .often = XML_ANY,
	    .attributes = { { "to" }, { "href" }, { "length" } } },
	[SERIAL] = { .in = HISTORY,
	    .name = "serial",
	    .often = XML_ANY,
	    .attributes = { { "n" }, { "state" } } },
	[STEP] = { .in = SERIAL,
	    .name = "step",
	    .often = XML_ANY,
	    .attributes = { { "from" }, { "href" }, { "length" },
		{ "unpacked" } } },
	[SNAPSHOT] = { .in = SERIAL,
	    .name = "snapshot",
	    .often = XML_MAYBE,
	    .attributes = { { "href" }, { "length" }, { "unpacked" },
		{ "pieces", .optional = true },
		{ "pieces-length", .optional = true } } },
};

static const struct xml_grammar grammar = { .rules = rules,
	.count = RULES,
	.space = XML_WIKICAST,
	.max = HISTORY_MAX };

/* ---- writing ---- */

static void
write_file(struct xml_writer *w, const char *element,
    const struct feed_file *file)
{
	xml_begin(w, element);
	if (file->from != 0)
		xml_put_number(w, "from", file->from);
	xml_put_digest(w, "href", &file->digest);
	xml_put_number(w, "length", file->length);
	xml_put_number(w, "unpacked", file->unpacked);
	if (file->pieces_length != 0) {
		xml_put_digest(w, "pieces", &file->pieces);
		xml_put_number(w, "pieces-length", file->pieces_length);
	}
	xml_end(w);
}

static void
write_row(struct xml_writer *w, const struct history_row *row)
{
	size_t i;

	xml_begin(w, "serial");
	xml_put_number(w, "n", row->serial);
	xml_put_digest(w, "state", &row->state);
	for (i = 0; i < row->step_count; i++)
		write_file(w, "step", &row->steps[i]);
	if (row->snapshot.present)
		write_file(w, "snapshot", &row->snapshot);
	xml_end(w);
}

int
history_write(const struct history *h, struct buf *out, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	size_t i;

	if (history_check(h, f) == -1 || xml_create(out, &w, f) == -1)
		return -1;
	xml_begin(w, "history");
	xml_put(w, "xmlns", XML_WIKICAST);
	xml_put(w, "feed", h->feed);
	xml_put_number(w, "number", h->number);
	for (i = 0; i < h->skip_count; i++) {
		xml_begin(w, "skip");
		xml_put_number(w, "to", h->skips[i].to);
		xml_put_digest(w, "href", &h->skips[i].digest);
		xml_put_number(w, "length", h->skips[i].length);
		xml_end(w);
	}
	for (i = 0; i < h->row_count; i++)
		write_row(w, &h->rows[i]);
	xml_end(w);
	return xml_finish(&w, f);
}

/* ---- reading ---- */

static int
take_file(const struct xml_reader *x, struct feed_file *file, struct fault *f)
{
	file->present = true;
	if (xml_digest(x, "href", &file->digest, f) == -1 ||
	    xml_number(x, "length", 1, NUM_MAX, &file->length, f) == -1)
		return -1;
	return xml_number(x, "unpacked", 1, NUM_MAX, &file->unpacked, f);
}

/* Both attributes or neither: one without the other is refused. */
static int
take_snapshot(const struct xml_reader *x, struct feed_file *file,
    struct fault *f)
{
	if (take_file(x, file, f) == -1)
		return -1;
	if (xml_value(x, "pieces") == NULL &&
	    xml_value(x, "pieces-length") == NULL)
		return 0;
	if (xml_digest(x, "pieces", &file->pieces, f) == -1)
		return -1;
	return xml_number(x, "pieces-length", 1, NUM_MAX, &file->pieces_length,
	    f);
}

static int
take_step(const struct xml_reader *x, struct history_row *row, struct fault *f)
{
	struct feed_file step = { 0 };

	if (xml_number(x, "from", 1, NUM_MAX, &step.from, f) == -1 ||
	    take_file(x, &step, f) == -1)
		return -1;
	return history_add_step(row, &step, f);
}

static int
take_skip(const struct xml_reader *x, struct history *h, struct fault *f)
{
	struct history_skip skip = { 0 };

	if (xml_number(x, "to", 1, NUM_MAX, &skip.to, f) == -1 ||
	    xml_digest(x, "href", &skip.digest, f) == -1 ||
	    xml_number(x, "length", 1, NUM_MAX, &skip.length, f) == -1)
		return -1;
	return history_add_skip(h, &skip, f);
}

static int
take_row(const struct xml_reader *x, struct history *h, struct fault *f)
{
	struct history_row *row;
	struct digest state;
	int64_t n;

	if (xml_number(x, "n", 1, NUM_MAX, &n, f) == -1 ||
	    xml_digest(x, "state", &state, f) == -1)
		return -1;
	return history_add_row(h, n, &state, &row, f);
}

static int
take_element(const struct xml_reader *x, size_t rule, struct history *h,
    struct fault *f)
{
	/* The grammar has steps and snapshots within a row only. */
	struct history_row *row =
	    h->row_count == 0 ? NULL : &h->rows[h->row_count - 1];

	switch (rule) {
	case HISTORY:
		if (feed_id_parse(xml_value(x, "feed"), h->feed, f) == -1)
			return -1;
		return xml_number(x, "number", 1, NUM_MAX, &h->number, f);
	case SKIP:
		return take_skip(x, h, f);
	case SERIAL:
		return take_row(x, h, f);
	case STEP:
		assert(row != NULL);
		return take_step(x, row, f);
	case SNAPSHOT:
		assert(row != NULL);
		row->snapshot.serial = row->serial;
		return take_snapshot(x, &row->snapshot, f);
	default:
		return 0;
	}
}

static int
rising_rows(const void *a, const void *b)
{
	const struct history_row *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

static int
falling_steps(const void *a, const void *b)
{
	const struct feed_file *x = a, *y = b;

	return (x->from < y->from) - (x->from > y->from);
}

static int
falling_skips(const void *a, const void *b)
{
	const struct history_skip *x = a, *y = b;

	return (x->to < y->to) - (x->to > y->to);
}

/* FORMAT leaves the order in a document to its writer. */
static void
sort(struct history *h)
{
	size_t i;

	if (h->skip_count > 1)
		qsort(h->skips, h->skip_count, sizeof(*h->skips),
		    falling_skips);
	if (h->row_count > 1)
		qsort(h->rows, h->row_count, sizeof(*h->rows), rising_rows);
	for (i = 0; i < h->row_count; i++)
		if (h->rows[i].step_count > 1)
			qsort(h->rows[i].steps, h->rows[i].step_count,
			    sizeof(*h->rows[i].steps), falling_steps);
}

int
history_read(const char *bytes, size_t n, struct history *h, struct fault *f)
{
	OWNED_XML struct xml_reader *x = NULL;
	OWNED_HISTORY struct history read = { 0 };
	size_t rule;

	if (xml_open(&grammar, bytes, n, &x, f) == -1)
		return -1;
	do {
		if (xml_next(x, &rule, f) == -1)
			return -1;
		if (take_element(x, rule, &read, f) == -1)
			return xml_within(x, f);
	} while (rule != 0);
	sort(&read);
	if (history_check(&read, f) == -1)
		return -1;
	history_clear(h);
	*h = read;
	history_init(&read);
	return 0;
}
