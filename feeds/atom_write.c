#include "feeds/atom.h"

#include "base/base64.h"
#include "base/num.h"
#include "feeds/tree.h"
#include "feeds/xml.h"

static void
begin_link(struct xml_writer *w, const char *rel, const char *type,
    const char *href)
{
	xml_begin(w, "link");
	xml_put(w, "rel", rel);
	xml_put(w, "type", type);
	xml_put(w, "href", href);
}

static void
write_link(struct xml_writer *w, const char *rel, const char *href)
{
	if (href == NULL)
		return;
	begin_link(w, rel, NULL, href);
	xml_end(w);
}

/* What is 0 is not written. */
static void
write_file(struct xml_writer *w, const char *type, enum tree_sort sort,
    const struct feed_file *file, int64_t serial)
{
	char name[TREE_NAME_MAX];

	if (!file->present)
		return;
	tree_name(sort, &file->digest, name);
	begin_link(w, type == NULL ? "related" : "enclosure", type, name);
	xml_put_number(w, "length", file->length);
	if (serial != 0)
		xml_put_number(w, "wc:serial", serial);
	if (sort == TREE_STEP)
		xml_put_number(w, "wc:from", file->from);
	if (sort == TREE_STEP || sort == TREE_SNAPSHOT)
		xml_put_number(w, "wc:unpacked", file->unpacked);
	xml_end(w);
}

static void
write_updated(struct xml_writer *w, int64_t seconds)
{
	char text[TIME_TEXT];

	time_format(seconds, text);
	xml_put_element(w, "updated", text);
}

static void
write_head(struct xml_writer *w, const struct feed *feed)
{
	xml_put_element(w, "id", feed->id);
	xml_put_element(w, "title", feed->title);
	write_updated(w, feed->updated);
	xml_begin(w, "author");
	xml_put_element(w, "name", feed->author);
	xml_end(w);
	write_link(w, "self", feed->self);
	write_link(w, "alternate", feed->alternate);
	write_link(w, "hub", feed->hub);
	xml_begin(w, "wc:head");
	xml_put_number(w, "serial", feed->serial);
	xml_put_digest(w, "state", &feed->state);
	xml_put_time(w, "expires", feed->expires);
	xml_put_number(w, "trust", feed->trust);
	xml_end(w);
	write_file(w, NULL, TREE_HISTORY, &feed->history, 0);
	write_file(w, NULL, TREE_SNAPSHOT, &feed->snapshot,
	    feed->snapshot.serial);
	write_file(w, NULL, TREE_NETWORK, &feed->network, 0);
}

static int
write_content(struct xml_writer *w, const struct buf *inside, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(2 * INLINE_STEP_MAX);

	if (inside->len == 0)
		return 0;
	if (base64_encode(inside->data, inside->len, &text, f) == -1)
		return -1;
	xml_begin(w, "content");
	xml_put(w, "type", ATOM_STEP_TYPE);
	xml_put_text(w, text.data);
	xml_end(w);
	return 0;
}

static int
write_entry(struct xml_writer *w, const struct feed *feed, struct fault *f)
{
	char id[FEED_ID_TEXT];

	feed_entry_id(feed->id, feed->serial, id);
	xml_begin(w, "entry");
	xml_put_element(w, "id", id);
	xml_put_element(w, "title", feed->entry_title);
	write_updated(w,
	    feed->entry_updated != 0 ? feed->entry_updated : feed->updated);
	/*
	 * Atom wants it where there is no content.  The page of FORMAT
	 * section 2 is on every mirror, so relative.
	 */
	if (feed->inside.len == 0)
		write_link(w, "alternate", "index.html");
	xml_put_element(w, "summary", feed->summary);
	xml_begin(w, "wc:state");
	xml_put_number(w, "serial", feed->serial);
	xml_put_digest(w, "sha256", &feed->state);
	xml_end(w);
	write_file(w, ATOM_STEP_TYPE, TREE_STEP, &feed->step, 0);
	write_file(w, ATOM_SNAPSHOT_TYPE, TREE_SNAPSHOT, &feed->entry_snapshot,
	    0);
	if (write_content(w, &feed->inside, f) == -1)
		return -1;
	xml_end(w);
	return 0;
}

int
atom_write(const struct feed *feed, struct buf *out, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;

	if (feed_check(feed, f) == -1 || xml_create(out, &w, f) == -1)
		return -1;
	xml_begin(w, "feed");
	xml_put(w, "xmlns", XML_ATOM);
	xml_put(w, "xmlns:wc", XML_WIKICAST);
	write_head(w, feed);
	if (write_entry(w, feed, f) == -1)
		return -1;
	xml_end(w);
	return xml_finish(&w, f);
}
