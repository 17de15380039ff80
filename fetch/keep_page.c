/*
 * index.html of a copy, for people.  A mirror's own page is signed by nobody
 * and would run on the origin of this wiki; this one is made of what the
 * signed feed says, each text escaped, and of the pins of the configuration.
 * No XML library is in this program: what is written here is one fixed form.
 */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "fetch/keep_work.h"

#define PAGE_MAX (1 * MIB)
/* How a page of ours is told from one of the site's owner (gen/news.c). */
#define GENERATOR "<meta name=\"generator\" content=\"wikicast\"/>"
/* How the publisher's news.atom is told from somebody else's. */
#define NEWS_ID "#news</id>"

static int
add_escaped(struct buf *b, const char *text, struct fault *f)
{
	static const char special[] = "<>&\"'";
	size_t n;

	while (*text != '\0') {
		n = strcspn(text, special);
		if (buf_add(b, text, n, f) == -1)
			return -1;
		text += n;
		if (*text != '\0' && buf_format(b, f, "&#%d;", *text++) == -1)
			return -1;
	}
	return 0;
}

static int
add_element(struct buf *b, const char *name, const char *text, struct fault *f)
{
	if (buf_format(b, f, "<%s>", name) == -1 ||
	    add_escaped(b, text, f) == -1)
		return -1;
	return buf_format(b, f, "</%s>\n", name);
}

static int
add_standing(const struct keep *k, struct buf *b, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	char updated[TIME_TEXT], expires[TIME_TEXT];

	time_format(k->feed->updated, updated);
	time_format(k->feed->expires, expires);
	if (buf_format(&text, f, "Serial %lld, signed %s, good until %s. ",
		(long long)k->feed->serial, updated, expires) == -1 ||
	    buf_format(&text, f, "A copy of %s%s.",
		k->head.self != NULL ? k->head.self : "the feed ",
		k->head.self != NULL ? "" : k->head.id) == -1)
		return -1;
	return add_element(b, "p", text.data, f);
}

/* Where this copy is, or else what it is a copy of. */
static int
add_url(const struct keep *k, struct buf *b, struct fault *f)
{
	const char *self = k->head.self, *slash;

	if (k->follow->url != NULL)
		return buf_add_text(b, k->follow->url, f);
	slash = self != NULL ? strrchr(self, '/') : NULL;
	return slash == NULL ? buf_add_text(b, "URL", f) :
			       buf_add(b, self, (size_t)(slash - self) + 1, f);
}

static int
add_follow(const struct keep *k, struct buf *b, struct fault *f)
{
	const struct signers *signers = &k->feed->signers;
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	size_t i;

	if (buf_format(&text, f, "wikicast follow %s ", k->follow->name) ==
		-1 ||
	    add_url(k, &text, f) == -1)
		return -1;
	for (i = 0; i < signers->count; i++)
		if (buf_format(&text, f, " --signer %s",
			signers->list[i].primary) == -1)
			return -1;
	if (signers->threshold > 1 &&
	    buf_format(&text, f, " --threshold %zu", signers->threshold) == -1)
		return -1;
	if (add_element(b, "h2", "How to follow it", f) == -1 ||
	    add_element(b, "pre", text.data, f) == -1)
		return -1;
	return buf_add_text(b,
	    "<p>Compare the fingerprints with what reached you by another way. "
	    "The certificates are <a href=\"key.asc\">key.asc</a>, the feed "
	    "itself <a href=\"feed.atom\">feed.atom</a>.</p>\n",
	    f);
}

static int
write_page(const struct keep *k, struct buf *b, struct fault *f)
{
	const struct feed *head = &k->head;
	const char *title = head->title != NULL ? head->title : head->id;

	if (buf_add_text(b,
		"<!DOCTYPE html>\n<html>\n<head>\n"
		"<meta charset=\"utf-8\"/>\n" GENERATOR "\n"
		"<meta http-equiv=\"Content-Security-Policy\""
		" content=\"default-src 'none'\"/>\n",
		f) == -1 ||
	    add_element(b, "title", title, f) == -1 ||
	    buf_add_text(b, "</head>\n<body>\n", f) == -1 ||
	    add_element(b, "h1", title, f) == -1 || add_standing(k, b, f) == -1)
		return -1;
	if (head->summary != NULL &&
	    (add_element(b, "h2", "What changed", f) == -1 ||
		add_element(b, "p", head->summary, f) == -1))
		return -1;
	if (add_follow(k, b, f) == -1)
		return -1;
	return buf_add_text(b, "</body>\n</html>\n", f);
}

/* A page of that name that somebody else wrote stays as it is. */
static int
put_page(const struct keep *k, const struct buf *page, struct fault *f)
{
	OWNED_BUF struct buf was = BUF_INIT(PAGE_MAX);
	bool have;

	if (file_read(k->tree, "index.html", &was, &have, f) == -1) {
		if (f->kind != FAULT_LIMIT)
			return -1;
		*f = (struct fault){ 0 };
		return 0;
	}
	if (have && strstr(was.data, GENERATOR) == NULL)
		return 0;
	return file_replace(k->tree, "index.html", page->data, page->len, 0644,
	    f);
}

/* The publisher's, which rsync has brought: nobody keeps it up to date here. */
static int
remove_news(const struct keep *k, struct fault *f)
{
	OWNED_BUF struct buf was = BUF_INIT(PAGE_MAX);
	struct fault other = { 0 };
	bool have = false;

	if (file_read(k->tree, "news.atom", &was, &have, &other) == -1 ||
	    !have || strstr(was.data, NEWS_ID) == NULL)
		return 0;
	return file_remove(k->tree, "news.atom", f);
}

int
keep_page(struct keep *k, struct fault *f)
{
	OWNED_BUF struct buf page = BUF_INIT(PAGE_MAX);

	if (write_page(k, &page, f) == -1 || put_page(k, &page, f) == -1 ||
	    remove_news(k, f) == -1)
		return fault_within(f, "index.html");
	return 0;
}
