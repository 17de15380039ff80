#include "tests/support/libstates.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "feeds/state.h"
#include "feeds/tarball.h"
#include "tests/support/libdocuments.h"

static void
must(int rc, const struct fault *f)
{
	if (rc == 0)
		return;
	(void)fprintf(stderr, "states: %s\n", f->text);
	abort();
}

static const struct page nothing[] = { { NULL, NULL } };

static const struct page *
list(const struct page *pages)
{
	return pages != NULL ? pages : nothing;
}

/* Borrows the page's name. */
static struct item
item_of(const struct page *page)
{
	static char format[] = "text";
	struct item item = { .kind = ITEM_PAGE,
		.format = format,
		.updated = 1795000000,
		.size = (int64_t)strlen(page->text) };

	memcpy(&item.name, &page->name, sizeof(item.name));
	digest_of(page->text, strlen(page->text), &item.digest);
	return item;
}

void
states_digest(const struct page *pages, struct digest *out)
{
	struct fault f = { 0 };
	struct state_run run;

	state_start(&run);
	for (; pages->name != NULL; pages++) {
		struct item item = item_of(pages);

		must(state_add(&run, &item, &f), &f);
	}
	state_end(&run, out);
}

static void
add_all(struct manifest *m, bool drop, const struct page *pages,
    struct buf *contents)
{
	struct fault f = { 0 };

	for (pages = list(pages); pages->name != NULL; pages++) {
		struct item item = item_of(pages);

		if (drop)
			item = (struct item){ .kind = item.kind,
				.name = item.name };
		must(manifest_add(m, drop, &item, &f), &f);
		if (!drop)
			must(buf_add_text(contents, pages->text, &f), &f);
	}
}

static int
file_of(const struct buf *b)
{
	struct fault f = { 0 };
	int fd;

	must(file_memory("test", &fd, &f), &f);
	must(file_write(fd, b->data, b->len, &f), &f);
	return fd;
}

static struct feed_file
told(const struct tarball_made *made, int64_t from, int64_t serial)
{
	return (struct feed_file){ .present = true,
		.digest = made->digest,
		.length = made->length,
		.unpacked = made->unpacked,
		.from = from,
		.serial = serial };
}

void
states_snapshot(int out, int64_t serial, const struct page *pages,
    struct feed_file *file)
{
	OWNED_BUF struct buf contents = BUF_INIT(BUF_ANY);
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int in = -1;
	struct tarball_made made;
	struct fault f = { 0 };

	manifest_init(&m);
	memcpy(m.feed, SAMPLE_ID, FEED_ID_TEXT);
	m.serial = serial;
	states_digest(pages, &m.state);
	add_all(&m, false, pages, &contents);
	in = file_of(&contents);
	must(snapshot_write(&m, in, out, &made, &f), &f);
	*file = told(&made, 0, serial);
}

static void
add_old(const struct states_step *s, const struct page *named, struct buf *out)
{
	struct fault f = { 0 };
	const struct page *was;

	for (named = list(named); named->name != NULL; named++)
		for (was = list(s->was); was->name != NULL; was++)
			if (strcmp(named->name, was->name) == 0)
				must(buf_add_text(out, was->text, &f), &f);
}

void
states_prefix(const struct states_step *s, struct buf *out)
{
	add_old(s, s->put, out);
	add_old(s, s->drop, out);
}

void
states_step(int out, const struct states_step *s, struct feed_file *file)
{
	OWNED_BUF struct buf contents = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf old = BUF_INIT(BUF_ANY);
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int in = -1;
	OWNED_FD int prefix = -1;
	struct tarball_made made;
	struct fault f = { 0 };

	manifest_init(&m);
	memcpy(m.feed, SAMPLE_ID, FEED_ID_TEXT);
	m.step = true;
	m.from = s->from;
	m.serial = s->serial;
	states_digest(s->was, &m.base);
	states_digest(s->is, &m.state);
	add_all(&m, false, s->put, &contents);
	add_all(&m, true, s->drop, &contents);
	states_prefix(s, &old);
	in = file_of(&contents);
	prefix = file_of(&old);
	must(step_write(&m, in, prefix, (int64_t)old.len, out, &made, &f), &f);
	*file = told(&made, s->from, s->serial);
}
