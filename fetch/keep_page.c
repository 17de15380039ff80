/*
 * index.html of a copy, for people.  A mirror's own page is signed by nobody
 * and would run on the origin of this wiki; this one is made of what the
 * signed feed says and of the pins of the configuration.
 */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "feeds/page.h"
#include "fetch/keep_work.h"

/* How the publisher's news.atom is told from somebody else's. */
#define NEWS_ID "#news</id>"

static int
say_standing(const struct keep *k, struct buf *b, struct fault *f)
{
	char updated[TIME_TEXT], expires[TIME_TEXT];

	time_format(k->feed->updated, updated);
	time_format(k->feed->expires, expires);
	if (buf_format(b, f, "Serial %lld, signed %s, good until %s. ",
		(long long)k->feed->serial, updated, expires) == -1)
		return -1;
	return buf_format(b, f, "A copy of %s%s.",
	    k->head.self != NULL ? k->head.self : "the feed ",
	    k->head.self != NULL ? "" : k->head.id);
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
say_command(const struct keep *k, struct buf *b, struct fault *f)
{
	const struct signers *signers = &k->feed->signers;
	size_t i;

	if (buf_format(b, f, "wikicast follow %s ", k->follow->name) == -1 ||
	    add_url(k, b, f) == -1)
		return -1;
	for (i = 0; i < signers->count; i++)
		if (buf_format(b, f, " --signer %s",
			signers->list[i].primary) == -1)
			return -1;
	if (signers->threshold == 1)
		return 0;
	return buf_format(b, f, " --threshold %zu", signers->threshold);
}

static int
write_page(struct keep *k, struct buf *html, struct fault *f)
{
	OWNED_BUF struct buf standing = BUF_INIT(PAGE_TEXT_MAX);
	OWNED_BUF struct buf command = BUF_INIT(PAGE_TEXT_MAX);
	const struct feed *head = &k->head;
	struct page_copy copy = { .changes = head->summary };

	if (say_standing(k, &standing, f) == -1 ||
	    say_command(k, &command, f) == -1)
		return -1;
	copy.title = head->title != NULL ? head->title : head->id;
	copy.standing = standing.data;
	copy.command = command.data;
	/* Another one: what this one writes, strangers' bytes never reached. */
	worker_stop(&k->worker);
	return worker_page(&k->worker, &copy, html, f);
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
	OWNED_BUF struct buf html = BUF_INIT(PAGE_MAX);

	if (write_page(k, &html, f) == -1 ||
	    page_put(k->tree, &html, f) == -1 || remove_news(k, f) == -1)
		return fault_within(f, "index.html");
	return 0;
}
