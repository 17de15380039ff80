#include "feeds/atom.h"

#include <string.h>

#include "base/base64.h"
#include "base/num.h"
#include "base/utf8.h"
#include "feeds/network.h"
#include "feeds/tree.h"
#include "feeds/xml.h"

enum {
	FEED = 1,
	ID,
	TITLE,
	UPDATED,
	AUTHOR,
	NAME,
	HEAD,
	LINK,
	ENTRY,
	ENTRY_ID,
	ENTRY_TITLE,
	ENTRY_UPDATED,
	SUMMARY,
	STATE,
	ENTRY_LINK,
	CONTENT,
	RULES,
};

#define LINK_ATTRIBUTES \
	{ \
		{ "href" }, { "rel", true }, { "type", true }, \
		    { "length", true }, { "serial", true, XML_WIKICAST }, \
		    { "unpacked", true, XML_WIKICAST }, \
		    { "from", true, XML_WIKICAST }, \
	}

static const struct xml_rule rules[RULES] = {
	[FEED] = { .name = "feed" },
	[ID] = { .in = FEED, .name = "id", .text = NOTE_MAX },
	[TITLE] = { .in = FEED, .name = "title", .text = NOTE_MAX },
	[UPDATED] = { .in = FEED, .name = "updated", .text = TIME_TEXT },
	[AUTHOR] = { .in = FEED, .name = "author", .often = XML_ANY },
	[NAME] = { .in = AUTHOR, .name = "name", .text = NOTE_MAX },
	[HEAD] = { .in = FEED,
	    .name = "head",
	    .space = XML_WIKICAST,
	    .attributes = { { "serial" }, { "state" }, { "expires" },
		{ "trust" } } },
	[LINK] = { .in = FEED,
	    .name = "link",
	    .often = XML_ANY,
	    .attributes = LINK_ATTRIBUTES },
	[ENTRY] = { .in = FEED, .name = "entry" },
	[ENTRY_ID] = { .in = ENTRY, .name = "id", .text = NOTE_MAX },
	[ENTRY_TITLE] = { .in = ENTRY, .name = "title", .text = NOTE_MAX },
	[ENTRY_UPDATED] = { .in = ENTRY, .name = "updated", .text = TIME_TEXT },
	[SUMMARY] = { .in = ENTRY,
	    .name = "summary",
	    .often = XML_MAYBE,
	    .text = FEED_MAX },
	[STATE] = { .in = ENTRY,
	    .name = "state",
	    .space = XML_WIKICAST,
	    .attributes = { { "serial" }, { "sha256" } } },
	[ENTRY_LINK] = { .in = ENTRY,
	    .name = "link",
	    .often = XML_ANY,
	    .attributes = LINK_ATTRIBUTES },
	[CONTENT] = { .in = ENTRY,
	    .name = "content",
	    .often = XML_MAYBE,
	    .text = INLINE_STEP_MAX / 3 * 4,
	    .attributes = { { "type", true } } },
};

static const struct xml_grammar grammar = {
	.rules = rules, .count = RULES, .space = XML_ATOM, .max = FEED_MAX
};

struct reading {
	struct feed *feed;
	/* of the entry, to be compared: elements come in any order */
	char entry_id[FEED_ID_TEXT];
	int64_t serial;
	struct digest state;
};

static int
take_text(const struct xml_reader *x, char **out, struct fault *f)
{
	*out = strdup(xml_text(x));
	return *out == NULL ? fault_memory(f) : 0;
}

/* Prose of any length and form; we keep a line of it. */
static int
take_summary(const struct xml_reader *x, char **out, struct fault *f)
{
	char *p;

	if (take_text(x, out, f) == -1)
		return -1;
	for (p = *out; *p != '\0'; p++)
		if (strchr("\t\r\n", *p) != NULL)
			*p = ' ';
	utf8_defang(*out);
	if (strlen(*out) > NOTE_MAX)
		utf8_cut(*out, NOTE_MAX / 4);
	return 0;
}

static int
take_url(const struct xml_reader *x, char **out, struct fault *f)
{
	if (*out != NULL)
		return fault_set(f, FAULT_FORMAT, "a second link with rel '%s'",
		    xml_value(x, "rel"));
	*out = strdup(xml_value(x, "href"));
	return *out == NULL ? fault_memory(f) : 0;
}

/*
 * Atom allows several of them: the first counts.  One that is not a place on
 * the web is as good as not there.
 */
static int
take_page(const struct xml_reader *x, char **out, struct fault *f)
{
	if (*out != NULL || !network_url_valid(xml_value(x, "href")))
		return 0;
	return take_url(x, out, f);
}

static int
take_file(const struct xml_reader *x, enum tree_sort sort,
    struct feed_file *file, struct fault *f)
{
	const char *href = xml_value(x, "href");
	enum tree_sort found;

	if (file->present)
		return fault_set(f, FAULT_FORMAT,
		    "a second link of the sort of '%.120s'", href);
	if (tree_parse(href, &found, &file->digest, f) == -1)
		return -1;
	if (found != sort)
		return fault_set(f, FAULT_FORMAT,
		    "'%.120s' is a file of another sort", href);
	file->present = true;
	if (xml_number(x, "length", 1, NUM_MAX, &file->length, f) == -1)
		return -1;
	if (sort != TREE_SNAPSHOT && sort != TREE_STEP)
		return 0;
	return xml_number(x, "unpacked", 1, NUM_MAX, &file->unpacked, f);
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static int
take_related(const struct xml_reader *x, struct feed *feed, struct fault *f)
{
	const char *href = xml_value(x, "href");

	if (begins(href, "history/"))
		return take_file(x, TREE_HISTORY, &feed->history, f);
	if (begins(href, "network/"))
		return take_file(x, TREE_NETWORK, &feed->network, f);
	if (!begins(href, "pool/"))
		return 0;
	if (take_file(x, TREE_SNAPSHOT, &feed->snapshot, f) == -1)
		return -1;
	return xml_number(x, "serial", 1, NUM_MAX, &feed->snapshot.serial, f);
}

static int
take_link(const struct xml_reader *x, struct feed *feed, struct fault *f)
{
	const char *rel = xml_value(x, "rel");

	if (rel == NULL)
		return 0;
	if (strcmp(rel, "self") == 0)
		return take_url(x, &feed->self, f);
	if (strcmp(rel, "alternate") == 0)
		return take_page(x, &feed->alternate, f);
	if (strcmp(rel, "hub") == 0)
		return take_page(x, &feed->hub, f);
	if (strcmp(rel, "related") == 0)
		return take_related(x, feed, f);
	return 0;
}

static int
take_entry_link(const struct xml_reader *x, struct feed *feed, struct fault *f)
{
	const char *rel = xml_value(x, "rel");
	const char *type = xml_value(x, "type");

	if (rel == NULL || type == NULL || strcmp(rel, "enclosure") != 0)
		return 0;
	if (strcmp(type, ATOM_SNAPSHOT_TYPE) == 0)
		return take_file(x, TREE_SNAPSHOT, &feed->entry_snapshot, f);
	if (strcmp(type, ATOM_STEP_TYPE) != 0)
		return 0;
	if (take_file(x, TREE_STEP, &feed->step, f) == -1)
		return -1;
	return xml_number(x, "from", 1, NUM_MAX, &feed->step.from, f);
}

static int
take_head(const struct xml_reader *x, struct feed *feed, struct fault *f)
{
	if (xml_number(x, "serial", 1, NUM_MAX, &feed->serial, f) == -1 ||
	    xml_digest(x, "state", &feed->state, f) == -1 ||
	    xml_time(x, "expires", &feed->expires, f) == -1)
		return -1;
	return xml_number(x, "trust", 0, NUM_MAX, &feed->trust, f);
}

static int
take_content(const struct xml_reader *x, struct feed *feed, struct fault *f)
{
	const char *type = xml_value(x, "type"), *text = xml_text(x);

	if (type == NULL || strcmp(type, ATOM_STEP_TYPE) != 0)
		return fault_set(f, FAULT_FORMAT, "not of type '%s'",
		    ATOM_STEP_TYPE);
	if (*text == '\0')
		return fault_set(f, FAULT_FORMAT, "it is empty");
	return base64_decode(text, strlen(text), &feed->inside, f);
}

static int
take_element(const struct xml_reader *x, size_t rule, struct reading *r,
    struct fault *f)
{
	struct feed *feed = r->feed;

	switch (rule) {
	case ID:
		return feed_id_parse(xml_text(x), feed->id, f);
	case TITLE:
		return take_text(x, &feed->title, f);
	case UPDATED:
		return time_parse(xml_text(x), &feed->updated, f);
	case NAME: /* of several authors the first */
		return feed->author != NULL ? 0 :
					      take_text(x, &feed->author, f);
	case HEAD:
		return take_head(x, feed, f);
	case LINK:
		return take_link(x, feed, f);
	case ENTRY_ID:
		return feed_id_parse(xml_text(x), r->entry_id, f);
	case ENTRY_TITLE:
		return take_text(x, &feed->entry_title, f);
	case ENTRY_UPDATED:
		return time_parse(xml_text(x), &feed->entry_updated, f);
	case SUMMARY:
		return take_summary(x, &feed->summary, f);
	case STATE:
		if (xml_number(x, "serial", 1, NUM_MAX, &r->serial, f) == -1)
			return -1;
		return xml_digest(x, "sha256", &r->state, f);
	case ENTRY_LINK:
		return take_entry_link(x, feed, f);
	case CONTENT:
		return take_content(x, feed, f);
	default:
		return 0;
	}
}

static int
check_entry(const struct reading *r, struct fault *f)
{
	const struct feed *feed = r->feed;
	char id[FEED_ID_TEXT];

	feed_entry_id(feed->id, feed->serial, id);
	if (r->serial != feed->serial || !digest_equal(&r->state, &feed->state))
		return fault_set(f, FAULT_FORMAT,
		    "entry: its state is not the head's");
	if (strcmp(id, r->entry_id) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "entry: its id is not that of serial %lld",
		    (long long)feed->serial);
	return 0;
}

/* What Atom does not ask for may be missing. */
static int
fill_in(char **text, struct fault *f)
{
	if (*text == NULL)
		*text = strdup("");
	return *text == NULL ? fault_memory(f) : 0;
}

static int
read_document(const char *bytes, size_t n, struct reading *r, struct fault *f)
{
	OWNED_XML struct xml_reader *x = NULL;
	size_t rule;

	if (xml_open(&grammar, bytes, n, &x, f) == -1)
		return -1;
	do {
		if (xml_next(x, &rule, f) == -1)
			return -1;
		if (take_element(x, rule, r, f) == -1)
			return xml_within(x, f);
	} while (rule != 0);
	return 0;
}

int
atom_read(const char *bytes, size_t n, struct feed *feed, struct fault *f)
{
	OWNED_FEED struct feed read = { .inside = BUF_INIT(INLINE_STEP_MAX) };
	struct reading r = { .feed = &read };

	if (read_document(bytes, n, &r, f) == -1)
		return -1;
	if (fill_in(&read.author, f) == -1 || fill_in(&read.summary, f) == -1)
		return -1;
	if (read.step.present)
		read.step.serial = read.serial;
	if (read.entry_snapshot.present)
		read.entry_snapshot.serial = read.serial;
	if (check_entry(&r, f) == -1 || feed_check(&read, f) == -1)
		return -1;
	feed_clear(feed);
	*feed = read;
	feed_init(&read);
	return 0;
}
