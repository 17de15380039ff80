/*
 * page.h -- pages for people: index.html of a feed, of a copy, of a site.
 *
 *	xml_create(&xml, &w, f)
 *	page_begin(w, title)
 *	... xml_put_element(w, "p", text), page_link(w, url, text) ...
 *	page_end(&w, &xml, &html, f)
 *	page_put(folder, &html, f)
 *
 * Nothing in a page runs or is loaded, whatever a title says: the XML writer
 * escapes, and the page itself forbids the rest.  No reader of a feed reads it.
 */
#ifndef FEEDS_PAGE_H
#define FEEDS_PAGE_H

#include "base/buf.h"
#include "feeds/xml.h"
#include "items/limits.h"

#define PAGE_MAX (4 * MIB)

void page_begin(struct xml_writer *w, const char *title);
void page_link(struct xml_writer *w, const char *url, const char *text);
/* How a feed is followed: `wikicast follow ...`, and what goes with it. */
void page_follow(struct xml_writer *w, const char *command);
/* As HTML: a document type in place of the XML declaration. */
int page_end(struct xml_writer **w, const struct buf *xml, struct buf *html,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * index.html, if it is another one.  A page that somebody else wrote stays as
 * it is.
 */
int page_put(int folder, const struct buf *html, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The page of a copy: what its signed feed says.  fetch, which has no XML
 * writer, lets its worker write it.
 */
#define PAGE_TEXT_MAX (64 * KIB) /* bytes of each text */

struct page_copy {
	const char *title;
	const char *standing; /* serial, when it was signed, whose copy */
	const char *changes;  /* or NULL */
	const char *command;
};

int page_of_copy(const struct page_copy *copy, struct buf *html,
    struct fault *f) __attribute__((warn_unused_result));

#endif
