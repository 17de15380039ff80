#include "base/report.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include <jansson.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"

struct report {
	int fd;
	bool as_json;
	bool wrote; /* something stands above: a table begins with a gap */
	/* The row at hand. */
	json_t *object;
	bool escape; /* its text could drive a terminal */
	size_t field;
	/* The table: cells row by row, fields to the row. */
	const char *type;
	const char *names[REPORT_FIELDS_MAX];
	bool right[REPORT_FIELDS_MAX]; /* numbers stand at the right */
	size_t fields;		       /* 0 until the first row is complete */
	struct words cells;
	/* The first failure since the last function that could tell. */
	bool failed;
	struct fault fault;
};

int
report_start(bool json, int fd, struct report **out, struct fault *f)
{
	struct report *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return fault_memory(f);
	r->fd = fd;
	r->as_json = json;
	*out = r;
	return 0;
}

void
report_free(struct report **r)
{
	if (*r == NULL)
		return;
	json_decref((*r)->object);
	words_clear(&(*r)->cells);
	free(*r);
	*r = NULL;
}

static int
put(struct report *r, const struct buf *b, struct fault *f)
{
	log_status(NULL); /* a progress bar may stand on the same terminal */
	if (file_write(r->fd, b->data, b->len, f) == -1)
		return fault_within(f, "results");
	return 0;
}

/* ---- tables ---- */

/* How wide each column must be. */
static void
measure(const struct report *r, size_t width[REPORT_FIELDS_MAX])
{
	size_t i;

	for (i = 0; i < r->fields; i++)
		width[i] = strlen(r->names[i]);
	for (i = 0; i < r->cells.count; i++) {
		size_t n = utf8_count(r->cells.word[i]);

		if (n > width[i % r->fields])
			width[i % r->fields] = n;
	}
}

static int
add_cell(struct buf *b, const char *text, size_t width, bool right, bool last,
    struct fault *f)
{
	int fill = (int)(width - utf8_count(text));

	if (right && buf_format(b, f, "%*s", fill, "") == -1)
		return -1;
	if (buf_add_text(b, text, f) == -1)
		return -1;
	if (last)
		return buf_add_text(b, "\n", f);
	return buf_format(b, f, "%*s", right ? 2 : fill + 2, "");
}

static int
add_header(const struct report *r, struct buf *b, const size_t *width,
    struct fault *f)
{
	size_t i, k;

	for (i = 0; i < r->fields; i++) {
		char name[64];

		for (k = 0; r->names[i][k] != '\0'; k++) {
			char c = r->names[i][k];

			assert(k + 1 < sizeof(name));
			name[k] = (char)(c == '_'    ? ' ' :
				c >= 'a' && c <= 'z' ? c - ('a' - 'A') :
						       c);
		}
		name[k] = '\0';
		if (add_cell(b, name, width[i], r->right[i], i + 1 == r->fields,
			f) == -1)
			return -1;
	}
	return 0;
}

/* Write the table, if there is one, and forget it. */
static int
end_table(struct report *r, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	size_t width[REPORT_FIELDS_MAX], i;

	if (r->fields == 0)
		return 0;
	measure(r, width);
	if ((r->wrote && buf_add_text(&b, "\n", f) == -1) ||
	    add_header(r, &b, width, f) == -1)
		return -1;
	for (i = 0; i < r->cells.count; i++) {
		size_t at = i % r->fields;

		if (add_cell(&b, r->cells.word[i], width[at], r->right[at],
			at + 1 == r->fields, f) == -1)
			return -1;
	}
	words_clear(&r->cells);
	r->fields = 0;
	r->wrote = true;
	return put(r, &b, f);
}

/* Add a field of the row to the table. */
static int
cell(struct report *r, const char *name, const char *text, bool right,
    struct fault *f)
{
	size_t at = r->field++;

	assert(at < REPORT_FIELDS_MAX);
	if (r->fields == 0) {
		r->names[at] = name;
		r->right[at] = false;
	}
	r->right[at] = r->right[at] || right;
	assert(r->fields == 0 || at < r->fields);
	assert(strcmp(r->names[at], name) == 0);
	if (words_add(&r->cells, text, f) == -1)
		return -1;
	utf8_defang(r->cells.word[r->cells.count - 1]);
	return 0;
}

/* ---- rows ---- */

void
report_row(struct report *r, const char *type)
{
	json_t *o = NULL;

	assert(r->object == NULL && r->field == 0);
	if (r->failed)
		return;
	if (!r->as_json) {
		if (r->type != NULL && strcmp(r->type, type) != 0)
			r->failed = end_table(r, &r->fault) == -1;
		r->type = type;
		return;
	}
	o = json_object();
	if (o == NULL || json_object_set_new(o, "v", json_integer(1)) == -1 ||
	    json_object_set_new(o, "type", json_string(type)) == -1)
		r->failed = fault_memory(&r->fault) == -1;
	r->object = o;
	r->escape = false;
}

/* The field in JSON (taken) or as a cell of the table. */
static void
field(struct report *r, const char *name, json_t *value, const char *text,
    bool right)
{
	if (r->failed) {
		json_decref(value);
		return;
	}
	if (!r->as_json)
		r->failed = cell(r, name, text, right, &r->fault) == -1;
	else if (json_object_set_new(r->object, name, value) == -1)
		r->failed = fault_memory(&r->fault) == -1;
}

/* A string of JSON: NULL if memory is gone. */
static json_t *
json_text(struct report *r, const char *text)
{
	OWNED_MEM char *copy = strdup(text);
	const char *p;
	size_t n, len;
	uint32_t c;

	if (copy == NULL)
		return NULL;
	utf8_repair(copy);
	/* JSON escapes what is below U+0020 itself. */
	for (p = copy, n = strlen(copy); n > 0; p += len, n -= len) {
		len = utf8_next(p, n, &c);
		r->escape = r->escape || (c >= 0x7f && utf8_is_control(c));
	}
	return json_string(copy);
}

void
report_text(struct report *r, const char *name, const char *text)
{
	if (text == NULL)
		report_null(r, name);
	else
		field(r, name, r->as_json ? json_text(r, text) : NULL, text,
		    false);
}

void
report_number(struct report *r, const char *name, int64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)n);
	field(r, name, r->as_json ? json_integer(n) : NULL, text, true);
}

void
report_bool(struct report *r, const char *name, bool yes)
{
	field(r, name, r->as_json ? json_boolean(yes) : NULL,
	    yes ? "yes" : "no", false);
}

void
report_time(struct report *r, const char *name, int64_t seconds)
{
	char text[TIME_TEXT];

	time_format(seconds, text);
	report_text(r, name, seconds < 0 ? NULL : text);
}

void
report_null(struct report *r, const char *name)
{
	field(r, name, r->as_json ? json_null() : NULL, "-", false);
}

void
report_words(struct report *r, const char *name, const struct words *w)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	json_t *list = r->as_json ? json_array() : NULL;
	size_t i;

	for (i = 0; i < w->count && !r->failed; i++) {
		if (r->as_json &&
		    json_array_append_new(list, json_text(r, w->word[i])) == -1)
			r->failed = fault_memory(&r->fault) == -1;
		if (!r->as_json &&
		    buf_format(&b, &r->fault, "%s%s", i > 0 ? " " : "",
			w->word[i]) == -1)
			r->failed = true;
	}
	field(r, name, list, w->count > 0 ? b.data : "-", false);
}

static int
add_json(const char *bytes, size_t n, void *b)
{
	struct fault ignored;

	return buf_add(b, bytes, n, &ignored);
}

static int
put_json(struct report *r, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	size_t flags = JSON_COMPACT | (r->escape ? JSON_ENSURE_ASCII : 0);

	if (json_dump_callback(r->object, add_json, &b, flags) == -1)
		return fault_memory(f);
	if (buf_add_text(&b, "\n", f) == -1)
		return -1;
	return put(r, &b, f);
}

/* Tell the caller what went wrong before. */
static int
tell(struct report *r, struct fault *f)
{
	*f = r->fault;
	return -1;
}

int
report_row_end(struct report *r, struct fault *f)
{
	int rc = 0;

	if (r->failed)
		rc = tell(r, f);
	else if (r->as_json)
		rc = put_json(r, f);
	else if (r->fields == 0)
		r->fields = r->field;
	assert(rc == -1 || r->as_json || r->field == r->fields);
	json_decref(r->object);
	r->object = NULL;
	r->field = 0;
	return rc;
}

int
report_say(struct report *r, struct fault *f, const char *fmt, ...)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_MEM char *text = NULL;
	va_list ap;
	int n;

	if (r->failed)
		return tell(r, f);
	if (r->as_json)
		return 0;
	if (end_table(r, f) == -1)
		return -1;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1) {
		text = NULL;
		return fault_memory(f);
	}
	utf8_defang(text);
	if (buf_format(&b, f, "%s\n", text) == -1)
		return -1;
	r->wrote = true;
	return put(r, &b, f);
}

int
report_end(struct report *r, struct fault *f)
{
	if (r->failed)
		return tell(r, f);
	return end_table(r, f);
}
