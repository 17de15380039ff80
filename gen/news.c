#include "gen/news.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "feeds/page.h"

/* ---- news.atom ---- */

/* The changes, a line each, as a list. */
static void
write_list(struct xml_writer *w, const char *changes)
{
	const char *end;

	if (changes[0] == '\0')
		return;
	xml_begin(w, "content");
	xml_put(w, "type", "xhtml");
	xml_begin(w, "div");
	xml_put(w, "xmlns", XML_XHTML);
	xml_begin(w, "ul");
	for (; (end = strchr(changes, '\n')) != NULL; changes = end + 1) {
		OWNED_MEM char *line =
		    strndup(changes, (size_t)(end - changes));

		if (line != NULL)
			xml_put_element(w, "li", line);
	}
	xml_end(w);
	xml_end(w);
	xml_end(w);
}

static int
write_entries(struct ledger *ledger, const struct feed_settings *feed,
    const struct ledger_feed *now, struct xml_writer *w, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(ledger->db, &q, f,
		"SELECT serial, published, summary, changes FROM serial"
		" WHERE feed = ? ORDER BY serial DESC LIMIT ?",
		"ii", now->row, (int64_t)NEWS_ENTRIES) == -1)
		return -1;
	for (;;) {
		char id[FEED_ID_TEXT], title[80], updated[TIME_TEXT];

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		feed_entry_id(now->id, db_int(&q, 0), id);
		(void)snprintf(title, sizeof(title), "serial %lld",
		    (long long)db_int(&q, 0));
		time_format(db_int(&q, 1), updated);
		xml_begin(w, "entry");
		xml_put_element(w, "id", id);
		xml_put_element(w, "title", title);
		xml_put_element(w, "updated", updated);
		xml_begin(w, "link");
		xml_put(w, "rel", "alternate");
		xml_put(w, "href", feed->url);
		xml_end(w);
		xml_put_element(w, "summary", db_text(&q, 2));
		write_list(w, db_text(&q, 3));
		xml_end(w);
	}
}

static int
write_news(struct ledger *ledger, const struct feed_settings *feed,
    const struct ledger_feed *now, struct buf *out, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	OWNED_BUF struct buf self = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf id = BUF_INIT(BUF_ANY);
	char updated[TIME_TEXT];

	time_format(now->updated, updated);
	/* Another feed for a reader than feed.atom: it has its own id. */
	if (buf_format(&self, f, "%snews.atom", feed->url) == -1 ||
	    buf_format(&id, f, "%s#news", now->id) == -1 ||
	    xml_create(out, &w, f) == -1)
		return -1;
	xml_begin(w, "feed");
	xml_put(w, "xmlns", XML_ATOM);
	xml_put_element(w, "id", id.data);
	xml_put_element(w, "title", feed->title);
	xml_put_element(w, "updated", updated);
	xml_begin(w, "author");
	xml_put_element(w, "name", feed->title);
	xml_end(w);
	xml_begin(w, "link");
	xml_put(w, "rel", "self");
	xml_put(w, "href", self.data);
	xml_end(w);
	if (write_entries(ledger, feed, now, w, f) == -1)
		return -1;
	xml_end(w);
	return xml_finish(&w, f);
}

/* ---- pages ---- */

static int
write_follow(struct xml_writer *w, const struct feed_settings *feed,
    const char *key, struct fault *f)
{
	OWNED_BUF struct buf command = BUF_INIT(BUF_ANY);

	if (buf_format(&command, f, "wikicast follow %s %s --signer %s",
		feed->name, feed->url, key) == -1)
		return -1;
	page_follow(w, command.data);
	xml_begin(w, "p");
	xml_put_text(w, "What changes, for feed readers: ");
	page_link(w, "news.atom", "news.atom");
	xml_end(w);
	return 0;
}

static void
write_mirrors(struct xml_writer *w, const struct feed_settings *feed)
{
	size_t i;

	if (feed->mirrors.count == 0)
		return;
	xml_put_element(w, "h2", "Mirrors");
	xml_begin(w, "ul");
	for (i = 0; i < feed->mirrors.count; i++) {
		xml_begin(w, "li");
		page_link(w, feed->mirrors.word[i], feed->mirrors.word[i]);
		xml_end(w);
	}
	xml_end(w);
}

static int
write_changes(struct ledger *ledger, const struct ledger_feed *now,
    struct xml_writer *w, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	xml_put_element(w, "h2", "What changed");
	xml_begin(w, "dl");
	if (db_query(ledger->db, &q, f,
		"SELECT serial, published, summary FROM serial"
		" WHERE feed = ? ORDER BY serial DESC LIMIT ?",
		"ii", now->row, (int64_t)NEWS_ENTRIES) == -1)
		return -1;
	for (;;) {
		char title[80], when[TIME_TEXT];

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			break;
		time_format(db_int(&q, 1), when);
		(void)snprintf(title, sizeof(title), "%s, serial %lld", when,
		    (long long)db_int(&q, 0));
		xml_put_element(w, "dt", title);
		xml_put_element(w, "dd", db_text(&q, 2));
	}
	xml_end(w);
	return 0;
}

static int
write_page(struct ledger *ledger, const struct feed_settings *feed,
    const struct ledger_feed *now, const char *key, struct buf *out,
    struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	OWNED_BUF struct buf xml = BUF_INIT(PAGE_MAX);
	char state[160], updated[TIME_TEXT], expires[TIME_TEXT];

	time_format(now->updated, updated);
	time_format(now->expires, expires);
	(void)snprintf(state, sizeof(state),
	    "Serial %lld, signed %s, good until %s.", (long long)now->serial,
	    updated, expires);
	if (xml_create(&xml, &w, f) == -1)
		return -1;
	page_begin(w, feed->title);
	xml_put_element(w, "p", state);
	if (write_follow(w, feed, key, f) == -1)
		return -1;
	write_mirrors(w, feed);
	if (write_changes(ledger, now, w, f) == -1)
		return -1;
	return page_end(&w, &xml, out, f);
}

int
news_write(struct ledger *ledger, const struct feed_settings *feed,
    const struct ledger_feed *now, const char *key, int tree, struct fault *f)
{
	OWNED_BUF struct buf news = BUF_INIT(PAGE_MAX);
	OWNED_BUF struct buf page = BUF_INIT(PAGE_MAX);

	if (write_news(ledger, feed, now, &news, f) == -1 ||
	    file_replace(tree, "news.atom", news.data, news.len, 0644, f) == -1)
		return fault_within(f, "news.atom");
	if (write_page(ledger, feed, now, key, &page, f) == -1 ||
	    page_put(tree, &page, f) == -1)
		return fault_within(f, "index.html");
	return 0;
}

int
news_write_site(const struct publisher *settings, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	OWNED_BUF struct buf xml = BUF_INIT(PAGE_MAX);
	OWNED_BUF struct buf page = BUF_INIT(PAGE_MAX);
	OWNED_FD int site = -1;
	size_t i;

	if (xml_create(&xml, &w, f) == -1)
		return -1;
	page_begin(w, "Shared wiki pages");
	xml_begin(w, "ul");
	for (i = 0; i < settings->feed_count; i++) {
		OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);

		if (buf_format(&url, f, "%s/", settings->feeds[i].name) == -1)
			return -1;
		xml_begin(w, "li");
		page_link(w, url.data, settings->feeds[i].title);
		xml_end(w);
	}
	xml_end(w);
	if (page_end(&w, &xml, &page, f) == -1 ||
	    file_open_folder(AT_FDCWD, settings->site, &site, f) == -1)
		return -1;
	return page_put(site, &page, f);
}
