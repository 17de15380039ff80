#include "tests/support/libdocuments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_SIZE 718

const char *const sample_hostile[] = { "<", ">", "&", "\"", "'", "&amp;", "]]>",
	"<!--", "<?x?>", "</title>", " ", "  two  blanks  ", "%", "%2F", "-",
	"?#&=+", "*", "\\", "\xc2\xa0", "\xc3\xa9", "e\xcc\x81", "\xe2\x80\x8b",
	"\xe2\x80\x8f", "\xef\xbb\xbf", "\xef\xbf\xbd", "\xef\xb7\x90",
	"\xf0\x9f\x92\xa9", "\xf0\x9f\xbf\xbe", "\xf4\x8f\xbf\xbf", "&#10;",
	"&#xFFFE;", "javascript:alert(1)" };
const size_t sample_hostile_count =
    sizeof(sample_hostile) / sizeof(sample_hostile[0]);

static void
must(int rc, const struct fault *f)
{
	if (rc == 0)
		return;
	(void)fprintf(stderr, "sample: %s\n", f->text);
	abort();
}

struct feed_file
sample_file(const char *what, int64_t length, int64_t unpacked)
{
	struct feed_file file = { .present = true,
		.length = length,
		.unpacked = unpacked };

	digest_of(what, strlen(what), &file.digest);
	return file;
}

/* Bytes that do not compress, always the same. */
static void
add_noise(struct buf *b, size_t n)
{
	struct fault f = { 0 };
	uint32_t x = 1;
	char c;

	while (n-- > 0) {
		x = x * 1664525 + 1013904223;
		c = (char)(x >> 24);
		must(buf_add(b, &c, 1, &f), &f);
	}
}

void
sample_feed(struct feed *feed)
{
	feed_init(feed);
	memcpy(feed->id, SAMPLE_ID, FEED_ID_TEXT);
	feed->title = strdup("BadContent of MoinMaster");
	feed->author = strdup("MoinMaster");
	feed->self =
	    strdup("https://master.example/wikicast/badcontent/feed.atom");
	feed->alternate = strdup("https://master.example/wikicast/badcontent/");
	feed->updated = 1795415133;
	feed->serial = 123;
	feed->state = sample_file("state 123", 1, 0).digest;
	feed->expires = feed->updated + 30 * 86400;
	feed->history = sample_file("history 4", 3512, 0);
	feed->network = sample_file("network", 312, 0);
	feed->snapshot = sample_file("snapshot 97", 921234, 3951616);
	feed->snapshot.serial = 97;
	feed->entry_updated = feed->updated - 3600;
	feed->entry_title = strdup("BadContent and 2 pages");
	feed->summary = strdup("BadContent (+5 -1), HelpContents, "
			       "RecentChanges by MoinMaster");
	add_noise(&feed->inside, STEP_SIZE);
	feed->step = (struct feed_file){ .present = true,
		.length = STEP_SIZE,
		.unpacked = 20480,
		.serial = 123,
		.from = 122 };
	digest_of(feed->inside.data, feed->inside.len, &feed->step.digest);
}

void
sample_history(struct history *h)
{
	struct history_skip skip = { .to = 3, .length = 3499 };
	struct fault f = { 0 };
	int64_t n, back;

	history_init(h);
	memcpy(h->feed, SAMPLE_ID, FEED_ID_TEXT);
	h->number = 4;
	skip.digest = sample_file("history 3", 1, 0).digest;
	must(history_add_skip(h, &skip, &f), &f);
	skip.to = 2;
	skip.digest = sample_file("history 2", 1, 0).digest;
	must(history_add_skip(h, &skip, &f), &f);
	for (n = 97; n <= 123; n++) {
		struct digest state = sample_file("state", n, 0).digest;
		struct history_row *row;

		must(history_add_row(h, n, &state, &row, &f), &f);
		for (back = 1; n % back == 0 && back <= 32; back *= 2) {
			struct feed_file step =
			    sample_file("step", 700 + n, 20480);

			step.from = n - back;
			must(history_add_step(row, &step, &f), &f);
		}
		if (n == 97) {
			row->snapshot =
			    sample_file("snapshot 97", 921234, 3951616);
			row->snapshot.serial = n;
		}
		if (n == 99) { /* one that has pieces */
			row->snapshot =
			    sample_file("snapshot 99", 12345678, 23456789);
			row->snapshot.serial = n;
			row->snapshot.pieces =
			    sample_file("table", 1, 0).digest;
			row->snapshot.pieces_length = 12 * 65;
		}
	}
}

void
sample_network(struct network *n)
{
	struct fault f = { 0 };

	network_init(n);
	memcpy(n->feed, SAMPLE_ID, FEED_ID_TEXT);
	must(network_add_mirror(n, "https://a.example/wikicast/badcontent/", 10,
		 &f),
	    &f);
	must(network_add_mirror(n, "http://[2001:db8::1]:8080/", 20, &f), &f);
	must(network_add_peer(n, "https://w1.example/wikicast/badcontent/",
		 "https://w1.example/cgi-bin/notify?feed=x", &f),
	    &f);
	must(network_add_peer(n, "https://w2.example/", NULL, &f), &f);
}

static void
add(struct manifest *m, bool drop, const struct item *item)
{
	struct item more = *item;
	struct fault f = { 0 };

	more.size = (int64_t)strlen(item->name);
	digest_of(item->name, strlen(item->name), &more.digest);
	must(manifest_add(m, drop, &more, &f), &f);
}

void
sample_add_page(struct manifest *m, const char *name, const char *comment)
{
	OWNED_MEM char *n = strdup(name);
	OWNED_MEM char *c = comment == NULL ? NULL : strdup(comment);
	char moin[] = "moin";

	add(m, false,
	    &(struct item){ .kind = ITEM_PAGE,
		.name = n,
		.comment = c,
		.format = moin,
		.updated = 1795000000 });
}

void
sample_manifest(struct manifest *m, bool step)
{
	char list[] = "BadContent", page[] = "HelpContents", text[] = "text";
	char file[] = "a.png", map[] = "InterWikiMap", old[] = "OldPage";
	char older[] = "OldPage2", who[] = "MoinMaster", en[] = "en";

	manifest_init(m);
	memcpy(m->feed, SAMPLE_ID, FEED_ID_TEXT);
	m->step = step;
	m->serial = 123;
	m->state = sample_file("state 123", 1, 0).digest;
	if (step) {
		m->from = 122;
		m->base = sample_file("state 122", 1, 0).digest;
	}
	add(m, false,
	    &(struct item){ .kind = ITEM_PATTERNS,
		.name = list,
		.format = text,
		.author = who,
		.updated = 1795415000 });
	add(m, false,
	    &(struct item){ .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = page,
		.updated = 0 });
	sample_add_page(m, page, "fixed a <typo> & more");
	add(m, false,
	    &(struct item){ .kind = ITEM_INTERWIKI,
		.name = map,
		.format = text,
		.lang = en,
		.updated = 1700000000 });
	if (!step)
		return;
	add(m, true, &(struct item){ .kind = ITEM_PAGE, .name = old });
	add(m, true,
	    &(struct item){ .kind = ITEM_ATTACHMENT,
		.name = file,
		.page = older });
}

char *
sample_replace(const char *text, const char *old, const char *new)
{
	const char *at = strstr(text, old);
	char *made = NULL;

	if (at == NULL ||
	    asprintf(&made, "%.*s%s%s", (int)(at - text), text, new,
		at + strlen(old)) == -1) {
		(void)fprintf(stderr, "sample: no '%s' in:\n%s\n", old, text);
		abort();
	}
	return made;
}

static void
wrong(const struct sample_bend *b, const char *what)
{
	(void)fprintf(stderr, "sample: '%s' for '%s': %s\n", b->new, b->old,
	    what);
	abort();
}

void
sample_bend_all(const char *text, const struct sample_bend *bends, size_t n,
    sample_reader *read)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct sample_bend *b = &bends[i];
		OWNED_MEM char *bent = sample_replace(text, b->old, b->new);
		struct fault f = { 0 };
		int rc = read(bent, strlen(bent), &f);

		if (b->because == NULL && rc == -1)
			wrong(b, f.text);
		if (b->because == NULL)
			continue;
		if (rc == 0)
			wrong(b, "it was read");
		if (f.kind != FAULT_FORMAT ||
		    strstr(f.text, b->because) == NULL)
			wrong(b, f.text);
	}
}

void
sample_same(const char *a, const char *b)
{
	if (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0))
		return;
	(void)fprintf(stderr, "sample: '%s' is not '%s'\n",
	    a != NULL ? a : "NULL", b != NULL ? b : "NULL");
	abort();
}
