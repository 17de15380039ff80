#include <string.h>

#include "feeds/page.h"

static void
put_meta(struct xml_writer *w, const char *kind, const char *of,
    const char *content)
{
	xml_begin(w, "meta");
	xml_put(w, kind, of);
	xml_put(w, "content", content);
	xml_end(w);
}

void
page_begin(struct xml_writer *w, const char *title)
{
	xml_begin(w, "html");
	xml_put(w, "xmlns", XML_XHTML);
	xml_begin(w, "head");
	xml_begin(w, "meta");
	xml_put(w, "charset", "utf-8");
	xml_end(w);
	put_meta(w, "name", "generator", "wikicast");
	put_meta(w, "http-equiv", "Content-Security-Policy",
	    "default-src 'none'");
	xml_put_element(w, "title", title);
	xml_end(w);
	xml_begin(w, "body");
	xml_put_element(w, "h1", title);
}

void
page_link(struct xml_writer *w, const char *url, const char *text)
{
	xml_begin(w, "a");
	xml_put(w, "href", url);
	xml_put_text(w, text);
	xml_end(w);
}

static void
put_file(struct xml_writer *w, const char *name, const char *what)
{
	xml_begin(w, "li");
	page_link(w, name, name);
	xml_put_text(w, " ");
	xml_put_text(w, what);
	xml_end(w);
}

void
page_follow(struct xml_writer *w, const char *command)
{
	xml_put_element(w, "h2", "How to follow it");
	xml_put_element(w, "pre", command);
	xml_put_element(w, "p",
	    "A signer is named by the fingerprint of an OpenPGP key: compare "
	    "it with what reached you by another way.");
	xml_begin(w, "ul");
	put_file(w, "feed.atom", "the feed itself");
	put_file(w, "key.asc", "the certificates");
	xml_end(w);
}

int
page_end(struct xml_writer **w, const struct buf *xml, struct buf *html,
    struct fault *f)
{
	const char *root;

	xml_end(*w);
	xml_end(*w);
	if (xml_finish(w, f) == -1)
		return -1;
	root = strstr(xml->data, "<html");
	if (root == NULL)
		return fault_set(f, FAULT_BUG, "no root element");
	if (buf_add_text(html, "<!DOCTYPE html>\n", f) == -1)
		return -1;
	return buf_add_text(html, root, f);
}

int
page_of_copy(const struct page_copy *copy, struct buf *html, struct fault *f)
{
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	OWNED_BUF struct buf xml = BUF_INIT(PAGE_MAX);

	if (xml_create(&xml, &w, f) == -1)
		return -1;
	page_begin(w, copy->title);
	xml_put_element(w, "p", copy->standing);
	if (copy->changes != NULL) {
		xml_put_element(w, "h2", "What changed");
		xml_put_element(w, "p", copy->changes);
	}
	page_follow(w, copy->command);
	return page_end(&w, &xml, html, f);
}
