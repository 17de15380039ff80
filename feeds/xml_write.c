#include "feeds/xml.h"

#include <stdio.h>

#include <libxml/xmlwriter.h>

#include "base/num.h"
#include "feeds/xml_memory.h"
#include "items/name.h"

struct xml_writer {
	xmlTextWriterPtr writer;
	struct buf *out;
	size_t before;		/* length of out at the start */
	unsigned long failures; /* of memory, at the start */
	bool failed;
	struct fault fault; /* the first one */
};

/* Called by libxml2 with what it has written. */
static int
add_output(void *ctx, const char *bytes, int n)
{
	struct xml_writer *w = ctx;

	if (!w->failed && buf_add(w->out, bytes, (size_t)n, &w->fault) == -1)
		w->failed = true;
	return w->failed ? -1 : n;
}

/* What a call of libxml2 gave. */
static void
note(struct xml_writer *w, int got)
{
	if (!w->failed && (got == -1 || xml_memory_failures() != w->failures)) {
		w->failed = true;
		(void)fault_memory(&w->fault);
	}
}

int
xml_create(struct buf *out, struct xml_writer **w, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *made = calloc(1, sizeof(*made));
	xmlOutputBufferPtr output;

	if (made == NULL)
		return fault_memory(f);
	made->out = out;
	made->before = out->len;
	made->failures = xml_memory_failures();
	output = xmlOutputBufferCreateIO(add_output, NULL, made, NULL);
	if (output == NULL)
		return fault_memory(f);
	made->writer = xmlNewTextWriter(output);
	if (made->writer == NULL) {
		(void)xmlOutputBufferClose(output);
		return fault_memory(f);
	}
	/* A line end behind each element, and nothing in front. */
	note(made, xmlTextWriterSetIndent(made->writer, 1));
	note(made, xmlTextWriterSetIndentString(made->writer, BAD_CAST ""));
	/* Without a declaration libxml2 writes other letters as numbers. */
	note(made,
	    xmlTextWriterStartDocument(made->writer, NULL, "UTF-8", NULL));
	note(made, xmlTextWriterFlush(made->writer));
	buf_cut(out, made->before);
	*w = own_give(&made);
	return 0;
}

void
xml_begin(struct xml_writer *w, const char *element)
{
	note(w, xmlTextWriterStartElement(w->writer, BAD_CAST element));
}

void
xml_end(struct xml_writer *w)
{
	note(w, xmlTextWriterEndElement(w->writer));
}

/*
 * Nothing that XML cannot hold, and no line ends or tabs, which a reader
 * would turn into blanks.
 */
static bool
is_good(struct xml_writer *w, const char *text, const char *where)
{
	if (!w->failed && name_check_note(text, (size_t)-1, &w->fault) == -1) {
		(void)fault_within(&w->fault, "%s", where);
		w->failed = true;
	}
	return !w->failed;
}

void
xml_put(struct xml_writer *w, const char *name, const char *value)
{
	if (value == NULL || !is_good(w, value, name))
		return;
	note(w,
	    xmlTextWriterWriteAttribute(w->writer, BAD_CAST name,
		BAD_CAST value));
}

void
xml_put_number(struct xml_writer *w, const char *name, int64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)n);
	xml_put(w, name, text);
}

void
xml_put_time(struct xml_writer *w, const char *name, int64_t seconds)
{
	char text[TIME_TEXT];

	time_format(seconds, text);
	xml_put(w, name, text);
}

void
xml_put_digest(struct xml_writer *w, const char *name, const struct digest *d)
{
	char text[DIGEST_TEXT];

	digest_format(d, text);
	xml_put(w, name, text);
}

static void
put_text(struct xml_writer *w, const char *text, const char *where)
{
	if (is_good(w, text, where))
		note(w, xmlTextWriterWriteString(w->writer, BAD_CAST text));
}

void
xml_put_text(struct xml_writer *w, const char *text)
{
	put_text(w, text, "text");
}

void
xml_put_element(struct xml_writer *w, const char *element, const char *text)
{
	xml_begin(w, element);
	put_text(w, text, element);
	xml_end(w);
}

int
xml_finish(struct xml_writer **w, struct fault *f)
{
	struct xml_writer *done = *w;
	int rc = 0;

	note(done, xmlTextWriterEndDocument(done->writer));
	note(done, xmlTextWriterFlush(done->writer));
	if (done->failed) {
		buf_cut(done->out, done->before);
		*f = done->fault;
		rc = -1;
	}
	xml_drop(w);
	return rc;
}

void
xml_drop(struct xml_writer **w)
{
	if (*w == NULL)
		return;
	/* What it still holds must not be added. */
	(*w)->failed = true;
	if ((*w)->writer != NULL)
		xmlFreeTextWriter((*w)->writer);
	xmlResetLastError();
	free(*w);
	*w = NULL;
}
