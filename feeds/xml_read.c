#include "feeds/xml.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include <libxml/xmlreader.h>

#include "base/num.h"
#include "base/utf8.h"
#include "feeds/xml_memory.h"
#include "items/limits.h"

/*
 * "=" from one "<" to the next.  Each attribute has one, texts and values of
 * honest documents have at most NOTE_MAX each.
 */
#define EQUALS_MAX 4096

struct xml_reader {
	xmlTextReaderPtr reader;
	unsigned long failures; /* of memory, when it was made */
	const struct xml_grammar *grammar;
	size_t open[XML_DEPTH_MAX]; /* rules of the open elements, by depth */
	int ignored; /* depth of the unknown element that we are in, or -1 */
	bool seen[XML_RULES_MAX]; /* below the open parent of that rule */
	/* of the element that was handed over last: */
	size_t rule;
	long line;
	struct buf values; /* its attributes and text, each with a NUL */
	size_t value[XML_VALUES_MAX]; /* offset + 1, or 0 */
	size_t text;
};

static int
check_tag(const char *tag, size_t n, struct fault *f)
{
	size_t equals = 0, i;

	if (n > 1 && tag[1] == '!')
		return fault_set(f, FAULT_FORMAT,
		    "a DOCTYPE, CDATA section or comment");
	if (n <= EQUALS_MAX)
		return 0;
	for (i = 0; i < n; i++)
		equals += tag[i] == '=';
	if (equals > EQUALS_MAX)
		return fault_set(f, FAULT_FORMAT,
		    "an element with more than "
		    "%d attributes",
		    XML_ATTRIBUTE_MAX);
	return 0;
}

/*
 * What can be refused without a parser.  In XML a "<" is never but the start
 * of a tag, or of one of the things that we refuse.
 */
static int
check_bytes(const char *bytes, size_t n, struct fault *f)
{
	const char *end = bytes + n, *tag, *next;

	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		return fault_set(f, FAULT_FORMAT, "a byte order mark");
	if (memchr(bytes, '\0', n) != NULL || !utf8_valid(bytes, n))
		return fault_set(f, FAULT_FORMAT, "not UTF-8");
	for (tag = memchr(bytes, '<', n); tag != NULL; tag = next) {
		next = memchr(tag + 1, '<', (size_t)(end - tag) - 1);
		if (tag != bytes && end - tag > 1 && tag[1] == '?')
			return fault_set(f, FAULT_FORMAT,
			    "a processing instruction");
		if (check_tag(tag, (size_t)((next != NULL ? next : end) - tag),
			f) == -1)
			return -1;
	}
	return 0;
}

int
xml_open(const struct xml_grammar *grammar, const char *bytes, size_t n,
    struct xml_reader **out, struct fault *f)
{
	OWNED_XML struct xml_reader *x = NULL;

	assert(grammar->count <= XML_RULES_MAX);
	assert(xml_started());
	if (n > (uint64_t)grammar->max)
		return fault_set(f, FAULT_LIMIT,
		    "a document of %zu bytes, at most %lld are allowed", n,
		    (long long)grammar->max);
	if (check_bytes(bytes, n, f) == -1)
		return -1;
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return fault_memory(f);
	x->grammar = grammar;
	x->ignored = -1;
	buf_init(&x->values, BUF_ANY);
	xmlResetLastError();
	x->failures = xml_memory_failures();
	x->reader = xmlReaderForMemory(bytes, (int)n, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		XML_PARSE_BIG_LINES);
	if (x->reader == NULL || xml_memory_failures() != x->failures)
		return fault_memory(f);
	*out = own_give(&x);
	return 0;
}

void
xml_close(struct xml_reader **x)
{
	if (*x == NULL)
		return;
	if ((*x)->reader != NULL)
		xmlFreeTextReader((*x)->reader);
	xmlResetLastError();
	buf_clear(&(*x)->values);
	free(*x);
	*x = NULL;
}

static int
malformed(const xmlError *e, struct fault *f)
{
	size_t n;

	if (e == NULL || e->message == NULL)
		return fault_set(f, FAULT_FORMAT, "malformed XML");
	n = strcspn(e->message, "\n");
	return fault_set(f, FAULT_FORMAT, "line %d: malformed XML: %.*s",
	    e->line, n < 200 ? (int)n : 200, e->message);
}

/* Of the node that we are at. */
static int
refuse(const struct xml_reader *x, struct fault *f, const char *what)
{
	xmlNodePtr node = xmlTextReaderCurrentNode(x->reader);

	return fault_set(f, FAULT_FORMAT, "line %ld: element '%.100s' %s",
	    xmlGetLineNo(node), (const char *)node->name, what);
}

static int
check_declaration(xmlTextReaderPtr reader, struct fault *f)
{
	const char *encoding = (const char *)xmlTextReaderConstEncoding(reader);
	const char *version =
	    (const char *)xmlTextReaderConstXmlVersion(reader);

	if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0)
		return fault_set(f, FAULT_FORMAT, "encoding '%.40s', not UTF-8",
		    encoding);
	if (version != NULL && strcmp(version, "1.0") != 0)
		return fault_set(f, FAULT_FORMAT, "XML '%.40s', not 1.0",
		    version);
	return 0;
}

/* One node on; *type is 0 at the end. */
static int
read_node(struct xml_reader *x, int *type, struct fault *f)
{
	int got = xmlTextReaderRead(x->reader);
	const xmlError *e = xmlGetLastError();

	if (xml_memory_failures() != x->failures)
		return fault_memory(f);
	/* Also errors that libxml2 goes on after, such as of namespaces. */
	if (got == -1 || (e != NULL && e->level >= XML_ERR_ERROR))
		return malformed(e, f);
	*type = got == 0 ? 0 : xmlTextReaderNodeType(x->reader);
	if (xmlTextReaderDepth(x->reader) > XML_DEPTH_MAX)
		return fault_set(f, FAULT_FORMAT, "more than %d levels deep",
		    XML_DEPTH_MAX);
	switch (*type) {
	case 0:
	case XML_READER_TYPE_END_ELEMENT:
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_WHITESPACE:
	case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
		return 0;
	case XML_READER_TYPE_ELEMENT:
		if (xmlTextReaderDepth(x->reader) == XML_DEPTH_MAX)
			return fault_set(f, FAULT_FORMAT,
			    "more than %d levels deep", XML_DEPTH_MAX);
		if (xmlTextReaderAttributeCount(x->reader) > XML_ATTRIBUTE_MAX)
			return refuse(x, f, "has too many attributes");
		return 0;
	default:
		return fault_set(f, FAULT_FORMAT,
		    "something else than elements and text");
	}
}

static bool
in_space(const xmlNs *ns, const char *space)
{
	if (ns == NULL || space == NULL)
		return ns == NULL && space == NULL;
	return strcmp((const char *)ns->href, space) == 0;
}

/* The rule for an element, or 0. */
static size_t
find_rule(const struct xml_reader *x, const xmlNode *node, int depth)
{
	size_t in = depth == 0 ? 0 : x->open[depth - 1], i;

	for (i = 1; i < x->grammar->count; i++) {
		const struct xml_rule *rule = &x->grammar->rules[i];

		if (rule->in == in &&
		    strcmp(rule->name, (const char *)node->name) == 0 &&
		    in_space(node->ns,
			rule->space != NULL ? rule->space : x->grammar->space))
			return i;
	}
	return 0;
}

static int
find_attribute(const struct xml_rule *rule, const char *name)
{
	int i;

	for (i = 0; i < XML_VALUES_MAX && rule->attributes[i].name; i++)
		if (strcmp(rule->attributes[i].name, name) == 0)
			return i;
	return -1;
}

/* A value or text of an element, with a NUL; *at is where it begins. */
static int
keep_value(struct xml_reader *x, const xmlNode *text, struct fault *f)
{
	for (; text != NULL; text = text->next)
		if (text->type != XML_TEXT_NODE)
			return fault_set(f, FAULT_FORMAT,
			    "an entity reference");
		else if (buf_add_text(&x->values, (const char *)text->content,
			     f) == -1)
			return -1;
	return buf_add(&x->values, "", 1, f);
}

static int
take_attributes(struct xml_reader *x, const struct xml_rule *rule,
    const xmlNode *node, struct fault *f)
{
	const xmlAttr *a;
	int i;

	buf_reset(&x->values);
	memset(x->value, 0, sizeof(x->value));
	for (a = node->properties; a != NULL; a = a->next) {
		i = find_attribute(rule, (const char *)a->name);
		if (i == -1 || !in_space(a->ns, rule->attributes[i].space)) {
			if (!x->grammar->strict)
				continue;
			return fault_set(f, FAULT_FORMAT,
			    "unknown attribute '%.100s'",
			    (const char *)a->name);
		}
		x->value[i] = x->values.len + 1;
		if (keep_value(x, a->children, f) == -1)
			return -1;
	}
	for (i = 0; i < XML_VALUES_MAX && rule->attributes[i].name; i++)
		if (x->value[i] == 0 && !rule->attributes[i].optional)
			return fault_set(f, FAULT_FORMAT,
			    "attribute '%s' is missing",
			    rule->attributes[i].name);
	return 0;
}

/* Reads on to the end of an element that has text. */
static int
take_text(struct xml_reader *x, const struct xml_rule *rule, bool empty,
    struct fault *f)
{
	int type = 0;

	x->text = x->values.len;
	while (!empty) {
		if (read_node(x, &type, f) == -1)
			return -1;
		if (type == XML_READER_TYPE_END_ELEMENT)
			break;
		if (type == XML_READER_TYPE_ELEMENT)
			return fault_set(f, FAULT_FORMAT,
			    "elements within its text");
		if (buf_add_text(&x->values,
			(const char *)xmlTextReaderCurrentNode(x->reader)
			    ->content,
			f) == -1)
			return -1;
		if (x->values.len - x->text > rule->text)
			return fault_set(f, FAULT_FORMAT,
			    "a text of more than %zu bytes", rule->text);
	}
	return buf_add(&x->values, "", 1, f);
}

/* An element that has elements ends: is every one there that must be? */
static int
check_children(const struct xml_reader *x, size_t parent, struct fault *f)
{
	size_t i;

	for (i = 1; i < x->grammar->count; i++) {
		const struct xml_rule *rule = &x->grammar->rules[i];

		if (rule->in == parent && rule->often == XML_ONCE &&
		    !x->seen[i])
			return fault_set(f, FAULT_FORMAT,
			    "element '%s' has no '%s'",
			    x->grammar->rules[parent].name, rule->name);
	}
	return 0;
}

static int
enter(struct xml_reader *x, size_t i, const xmlNode *node, int depth,
    struct fault *f)
{
	const struct xml_rule *rule = &x->grammar->rules[i];
	bool empty = xmlTextReaderIsEmptyElement(x->reader) == 1;
	size_t j;

	if (x->seen[i] && rule->often != XML_ANY)
		return refuse(x, f, "stands there twice");
	x->seen[i] = true;
	for (j = 1; j < x->grammar->count; j++)
		if (x->grammar->rules[j].in == i)
			x->seen[j] = false;
	x->open[depth] = i;
	x->rule = i;
	x->line = xmlGetLineNo(node);
	if (take_attributes(x, rule, node, f) == -1)
		return xml_within(x, f);
	if (rule->text > 0)
		return take_text(x, rule, empty, f) == -1 ? xml_within(x, f) :
							    0;
	return empty ? check_children(x, i, f) : 0;
}

static bool
is_blank(const xmlNode *text)
{
	const char *content = (const char *)text->content;

	return content[strspn(content, " \t\r\n")] == '\0';
}

/* At an unknown element: refuse it, or begin to ignore all that is in it. */
static int
pass_unknown(struct xml_reader *x, int depth, struct fault *f)
{
	if (depth == 0)
		return refuse(x, f, "is not what was expected");
	if (x->grammar->strict)
		return refuse(x, f, "is unknown");
	if (xmlTextReaderIsEmptyElement(x->reader) != 1)
		x->ignored = depth;
	return 0;
}

/* The node that we are at; *rule is 0 if it is not a known element. */
static int
take_node(struct xml_reader *x, int type, size_t *rule, struct fault *f)
{
	const xmlNode *node = xmlTextReaderCurrentNode(x->reader);
	int depth = xmlTextReaderDepth(x->reader);

	*rule = 0;
	if (x->ignored != -1) {
		if (type == XML_READER_TYPE_END_ELEMENT && depth == x->ignored)
			x->ignored = -1;
		return 0;
	}
	if (type == XML_READER_TYPE_END_ELEMENT)
		return check_children(x, x->open[depth], f);
	if (type != XML_READER_TYPE_ELEMENT)
		return is_blank(node) ?
		    0 :
		    fault_set(f, FAULT_FORMAT,
			"line %ld: text between elements", xmlGetLineNo(node));
	*rule = find_rule(x, node, depth);
	if (*rule == 0)
		return pass_unknown(x, depth, f);
	return enter(x, *rule, node, depth, f);
}

int
xml_next(struct xml_reader *x, size_t *rule, struct fault *f)
{
	int type;

	do {
		if (read_node(x, &type, f) == -1)
			return -1;
		if (type == 0) {
			*rule = 0;
			return 0;
		}
		if (check_declaration(x->reader, f) == -1 ||
		    take_node(x, type, rule, f) == -1)
			return -1;
	} while (*rule == 0);
	return 0;
}

const char *
xml_value(const struct xml_reader *x, const char *name)
{
	int i = find_attribute(&x->grammar->rules[x->rule], name);

	assert(i != -1);
	return x->value[i] == 0 ? NULL : x->values.data + x->value[i] - 1;
}

const char *
xml_text(const struct xml_reader *x)
{
	assert(x->grammar->rules[x->rule].text > 0);
	return x->values.data + x->text;
}

static int
need_value(const struct xml_reader *x, const char *name, const char **value,
    struct fault *f)
{
	*value = xml_value(x, name);
	if (*value == NULL)
		return fault_set(f, FAULT_FORMAT, "attribute '%s' is missing",
		    name);
	return 0;
}

int
xml_number(const struct xml_reader *x, const char *name, int64_t min,
    int64_t max, int64_t *out, struct fault *f)
{
	const char *value;

	if (need_value(x, name, &value, f) == -1)
		return -1;
	if (num_parse(value, min, max, out, f) == -1)
		return fault_within(f, "attribute '%s'", name);
	return 0;
}

int
xml_time(const struct xml_reader *x, const char *name, int64_t *out,
    struct fault *f)
{
	const char *value;

	if (need_value(x, name, &value, f) == -1)
		return -1;
	if (time_parse(value, out, f) == -1)
		return fault_within(f, "attribute '%s'", name);
	return 0;
}

int
xml_digest(const struct xml_reader *x, const char *name, struct digest *out,
    struct fault *f)
{
	const char *value;

	if (need_value(x, name, &value, f) == -1)
		return -1;
	if (digest_parse(value, out, f) == -1)
		return fault_within(f, "attribute '%s'", name);
	return 0;
}

int
xml_within(const struct xml_reader *x, struct fault *f)
{
	return fault_within(f, "line %ld: element '%s'", x->line,
	    x->grammar->rules[x->rule].name);
}
