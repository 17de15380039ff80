#include "feeds/history.h"

#include <string.h>

#include "base/num.h"
#include "feeds/xml.h"

enum { HISTORY = 1, SKIP, SERIAL, STEP, SNAPSHOT, RULES };

static const struct xml_rule rules[RULES] = {
	[HISTORY] = { .name = "history",
	    .attributes = { { "feed" }, { "number" } } },
	[SKIP] = { .in = HISTORY, .name = "skip", .often = XML_ANY,
	    .attributes = { { "to" }, { "href" }, { "length" } } },
	[SERIAL] = { .in = HISTORY, .name = "serial", .often = XML_ANY,
	    .attributes = { { "n" }, { "state" } } },
	[STEP] = { .in = SERIAL, .name = "step", .often = XML_ANY,
	    .attributes = { { "from" }, { "href" }, { "length" },
		{ "unpacked" } } },
	[SNAPSHOT] = { .in = SERIAL, .name = "snapshot", .often = XML_MAYBE,
	    .attributes = { { "href" }, { "length" }, { "unpacked" } } },
};

static const struct xml_grammar grammar = { .rules = rules, .count = RULES,
	.space = XML_WIKICAST, .max = HISTORY_MAX };

void
history_init(struct history *h)
{
	*h = (struct history){ 0 };
}

void
history_clear(struct history *h)
{
	size_t i;

	for (i = 0; i < h->row_count; i++)
		free(h->rows[i].steps);
	free(h->rows);
	free(h->skips);
	history_init(h);
}

int64_t
history_number(int64_t serial)
{
	return (serial - 1) / HISTORY_SERIALS + 1;
}

size_t
history_targets(int64_t number, int64_t out[64])
{
	size_t count = 0;
	int64_t i;

	if (number <= 1)
		return 0;
	out[count++] = number - 1;
	for (i = 2; i < number && number % i == 0; i *= 2)
		out[count++] = number - i;
	return count;
}

int
history_add_skip(struct history *h, const struct history_skip *skip,
    struct fault *f)
{
	struct history_skip *more = reallocarray(h->skips, h->skip_count + 1,
	    sizeof(*more));

	if (more == NULL)
		return fault_memory(f);
	h->skips = more;
	more[h->skip_count++] = *skip;
	return 0;
}

int
history_add_row(struct history *h, int64_t serial, const struct digest *state,
    struct history_row **row, struct fault *f)
{
	struct history_row *more;

	if (h->row_count > 0 && serial <= h->rows[h->row_count - 1].serial)
		return fault_set(f, FAULT_FORMAT,
		    "serial %lld does not come after %lld", (long long)serial,
		    (long long)h->rows[h->row_count - 1].serial);
	more = reallocarray(h->rows, h->row_count + 1, sizeof(*more));
	if (more == NULL)
		return fault_memory(f);
	h->rows = more;
	*row = &more[h->row_count++];
	**row = (struct history_row){ .serial = serial, .state = *state };
	return 0;
}

int
history_add_step(struct history_row *row, const struct feed_file *step,
    struct fault *f)
{
	struct feed_file *more = reallocarray(row->steps, row->step_count + 1,
	    sizeof(*more));

	if (more == NULL)
		return fault_memory(f);
	row->steps = more;
	more[row->step_count] = *step;
	more[row->step_count].present = true;
	more[row->step_count++].serial = row->serial;
	return 0;
}

/* ---- is it all right? ---- */

static int
check_skips(const struct history *h, struct fault *f)
{
	int64_t above = h->number;
	size_t i;

	for (i = 0; i < h->skip_count; i++) {
		const struct history_skip *skip = &h->skips[i];

		if (skip->to < 1 || skip->to >= above)
			return fault_set(f, FAULT_FORMAT,
			    "skip to document %lld, which is not below %lld",
			    (long long)skip->to, (long long)above);
		if (skip->length < 1 || skip->length > HISTORY_MAX)
			return fault_set(f, FAULT_FORMAT,
			    "skip to document %lld: its length is out of "
			    "range", (long long)skip->to);
		above = skip->to;
	}
	return 0;
}

static int
check_row(const struct history_row *row, struct fault *f)
{
	int64_t above = row->serial;
	size_t i;

	for (i = 0; i < row->step_count; i++) {
		const struct feed_file *step = &row->steps[i];

		if (step->from < 1 || step->from >= above)
			return fault_set(f, FAULT_FORMAT,
			    "step from serial %lld, which is not below %lld",
			    (long long)step->from, (long long)above);
		if (feed_file_check(step, "step", f) == -1)
			return -1;
		above = step->from;
	}
	if (!row->snapshot.present)
		return 0;
	if (row->snapshot.serial != row->serial)
		return fault_set(f, FAULT_FORMAT,
		    "a snapshot of serial %lld",
		    (long long)row->snapshot.serial);
	return feed_file_check(&row->snapshot, "snapshot", f);
}

int
history_check(const struct history *h, struct fault *f)
{
	int64_t last = 0;
	size_t i;

	if (!feed_id_valid(h->feed))
		return fault_set(f, FAULT_FORMAT, "'%.45s' is not a feed id",
		    h->feed);
	if (h->number < 1 || h->number > history_number(NUM_MAX))
		return fault_set(f, FAULT_FORMAT, "number %lld",
		    (long long)h->number);
	if (check_skips(h, f) == -1)
		return -1;
	for (i = 0; i < h->row_count; i++) {
		const struct history_row *row = &h->rows[i];

		if (row->serial < 1 || row->serial <= last ||
		    history_number(row->serial) != h->number)
			return fault_set(f, FAULT_FORMAT,
			    "serial %lld does not belong there",
			    (long long)row->serial);
		if (check_row(row, f) == -1)
			return fault_within(f, "serial %lld",
			    (long long)row->serial);
		last = row->serial;
	}
	return 0;
}

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

static int
take_step(const struct xml_reader *x, struct history_row *row,
    struct fault *f)
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
	struct history_row *row = h->row_count == 0 ? NULL :
	    &h->rows[h->row_count - 1];

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
		return take_step(x, row, f);
	case SNAPSHOT:
		row->snapshot.serial = row->serial;
		return take_file(x, &row->snapshot, f);
	default:
		return 0;
	}
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
	if (history_check(&read, f) == -1)
		return -1;
	history_clear(h);
	*h = read;
	history_init(&read);
	return 0;
}
