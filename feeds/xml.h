/*
 * xml.h -- the strict part of XML 1.0 that the published documents use.
 *
 * A grammar is a table of elements: where each may stand, how often, and
 * which attributes it has.  The reader holds a document to it and hands over
 * one known element after another:
 *
 *	enum { HISTORY = 1, SKIP, RULES };
 *	static const struct xml_rule rules[RULES] = {
 *		[HISTORY] = { .name = "history",
 *		    .attributes = { { "feed" }, { "number" } } },
 *		[SKIP] = { .in = HISTORY, .name = "skip", .often = XML_ANY,
 *		    .attributes = { { "to" }, { "href", .optional = true } } },
 *	};
 *	static const struct xml_grammar grammar = { .rules = rules,
 *		.count = RULES, .space = XML_WIKICAST, .max = HISTORY_MAX };
 *
 *	OWNED_XML struct xml_reader *x = NULL;
 *	if (xml_open(&grammar, bytes, n, &x, f) == -1)
 *		return -1;
 *	for (;;) {
 *		if (xml_next(x, &rule, f) == -1)
 *			return -1;
 *		if (rule == 0)
 *			break;
 *		if (rule == SKIP &&
 *		    xml_number(x, "to", 1, NUM_MAX, &to, f) == -1)
 *			return xml_within(x, f);
 *	}
 *
 * Only bytes that a trusted signature covers come here, and they are still
 * treated as a stranger's.  Refused before libxml2 sees a byte: what is not
 * UTF-8, a byte order mark, DOCTYPE, CDATA, comments, processing
 * instructions, tags that look like having thousands of attributes (libxml2's
 * cost is quadratic in them).  Refused then: another declared encoding, entity
 * references, depth and attributes above items/limits.h, text where none
 * belongs, a known element or attribute twice.
 */
#ifndef FEEDS_XML_H
#define FEEDS_XML_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/digest.h"

#define XML_WIKICAST "urn:x-wikicast:1"
#define XML_ATOM "http://www.w3.org/2005/Atom"
#define XML_XHTML "http://www.w3.org/1999/xhtml"

/*
 * Once, in main(), before any other xml_*: prepares libxml2, forbids it to
 * load anything, and keeps it from printing.
 */
void xml_start(void);

/* ---- reading ---- */

#define XML_VALUES_MAX 8 /* attributes that one rule may name */
#define XML_RULES_MAX 32

enum xml_often {
	XML_ONCE,  /* exactly once in its parent */
	XML_MAYBE, /* at most once */
	XML_ANY,
};

struct xml_attribute {
	const char *name;
	bool optional;
	const char *space; /* namespace, or NULL for none */
};

struct xml_rule {
	size_t in; /* the rule of its parent; 0: a document's root */
	const char *name;
	const char *space; /* NULL: the grammar's */
	enum xml_often often;
	size_t text; /* bytes of text it may have; 0: it has elements */
	struct xml_attribute attributes[XML_VALUES_MAX];
};

struct xml_grammar {
	const struct xml_rule *rules; /* from 1 to count - 1 */
	size_t count;
	const char *space;
	int64_t max; /* bytes of a document */
	bool strict; /* unknown elements and attributes: refused, or ignored */
};

struct xml_reader;

#define OWNED_XML OWNED(xml_close)

/* The bytes are borrowed until xml_close(). */
int xml_open(const struct xml_grammar *grammar, const char *bytes, size_t n,
    struct xml_reader **out, struct fault *f)
    __attribute__((warn_unused_result));
void xml_close(struct xml_reader **x);

/*
 * The next known element: with its attributes, and its text if it has such.
 * *rule is 0 at the end of a document that was good to its last byte.  An
 * element whose parent's rule is unknown is unknown as well.
 */
int xml_next(struct xml_reader *x, size_t *rule, struct fault *f)
    __attribute__((warn_unused_result));

/* Attributes of that element, borrowed until xml_next(); NULL: not there. */
const char *xml_value(const struct xml_reader *x, const char *name);
/* Its text, borrowed until xml_next(). */
const char *xml_text(const struct xml_reader *x);

/* Attributes as FORMAT section 1 has them; not there is FAULT_FORMAT. */
int xml_number(const struct xml_reader *x, const char *name, int64_t min,
    int64_t max, int64_t *out, struct fault *f)
    __attribute__((warn_unused_result));
int xml_time(const struct xml_reader *x, const char *name, int64_t *out,
    struct fault *f) __attribute__((warn_unused_result));
int xml_digest(const struct xml_reader *x, const char *name, struct digest *out,
    struct fault *f) __attribute__((warn_unused_result));

/* fault_within() that element and its line. */
int xml_within(const struct xml_reader *x, struct fault *f);

/* ---- writing ---- */

/*
 * Deterministic, one element a line, no indentation.  Only xml_finish() can
 * fail: it says what went wrong first.  Text that XML or FORMAT section 3
 * cannot hold is FAULT_FORMAT there.
 */
struct xml_writer;

#define OWNED_XML_WRITER OWNED(xml_drop)

/*
 * Adds to out, up to its max.  No declaration: a document without one is
 * UTF-8, and 39 bytes shorter in every update.
 */
int xml_create(struct buf *out, struct xml_writer **w, struct fault *f)
    __attribute__((warn_unused_result));
/* Names as they are written, such as "wc:head". */
void xml_begin(struct xml_writer *w, const char *element);
void xml_end(struct xml_writer *w);
/* Attributes, straight after xml_begin(); a NULL value writes none. */
void xml_put(struct xml_writer *w, const char *name, const char *value);
void xml_put_number(struct xml_writer *w, const char *name, int64_t n);
void xml_put_time(struct xml_writer *w, const char *name, int64_t seconds);
void xml_put_digest(struct xml_writer *w, const char *name,
    const struct digest *d);
/* An element with nothing but text. */
void xml_put_element(struct xml_writer *w, const char *element,
    const char *text);
void xml_put_text(struct xml_writer *w, const char *text);
/* The writer is gone afterwards; on failure out is as it was. */
int xml_finish(struct xml_writer **w, struct fault *f)
    __attribute__((warn_unused_result));
void xml_drop(struct xml_writer **w);

#endif
