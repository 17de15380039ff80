#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/atom.h"
#include "feeds/xml.h"
#include "tests/support/libdocuments.h"

#define WC "xmlns:wc=\"urn:x-wikicast:1\""

static void
set(char **text, const char *value)
{
	free(*text);
	*text = value == NULL ? NULL : strdup(value);
}

static char *
written(const struct feed *feed)
{
	struct buf out = BUF_INIT(FEED_MAX);
	struct fault f = { 0 };

	if (atom_write(feed, &out, &f) == -1)
		fail_msg("%s", f.text);
	return buf_take(&out);
}

static void
same_file(const struct feed_file *a, const struct feed_file *b)
{
	assert_int_equal(a->present, b->present);
	assert_memory_equal(a->digest.bytes, b->digest.bytes, 32);
	assert_int_equal(a->length, b->length);
	assert_int_equal(a->unpacked, b->unpacked);
	assert_int_equal(a->serial, b->serial);
	assert_int_equal(a->from, b->from);
}

static void
same_feed(const struct feed *a, const struct feed *b)
{
	assert_string_equal(a->id, b->id);
	sample_same(a->title, b->title);
	sample_same(a->author, b->author);
	sample_same(a->self, b->self);
	sample_same(a->alternate, b->alternate);
	sample_same(a->hub, b->hub);
	assert_int_equal(a->updated, b->updated);
	assert_int_equal(a->serial, b->serial);
	assert_memory_equal(a->state.bytes, b->state.bytes, 32);
	assert_int_equal(a->expires, b->expires);
	assert_int_equal(a->trust, b->trust);
	same_file(&a->history, &b->history);
	same_file(&a->snapshot, &b->snapshot);
	same_file(&a->network, &b->network);
	assert_int_equal(a->entry_updated, b->entry_updated);
	sample_same(a->entry_title, b->entry_title);
	sample_same(a->summary, b->summary);
	same_file(&a->step, &b->step);
	same_file(&a->entry_snapshot, &b->entry_snapshot);
	assert_int_equal(a->inside.len, b->inside.len);
	assert_memory_equal(a->inside.data, b->inside.data, a->inside.len);
}

static void
comes_back(const struct feed *feed)
{
	OWNED_MEM char *text = written(feed);
	OWNED_MEM char *again = NULL;
	OWNED_FEED struct feed back;
	struct fault f = { 0 };

	feed_init(&back);
	if (atom_read(text, strlen(text), &back, &f) == -1)
		fail_msg("%s\n%s", f.text, text);
	same_feed(feed, &back);
	again = written(&back);
	assert_string_equal(text, again);
}

static void
what_is_written_is_read_back(void **state)
{
	OWNED_FEED struct feed feed;

	(void)state;
	sample_feed(&feed);
	comes_back(&feed);
	set(&feed.hub, "https://hub.example/");
	feed.trust = 7;
	comes_back(&feed);
	set(&feed.self, NULL);
	set(&feed.alternate, NULL);
	set(&feed.hub, NULL);
	buf_reset(&feed.inside);
	comes_back(&feed);
	feed.step = (struct feed_file){ 0 };
	feed.snapshot.serial = feed.serial;
	feed.entry_snapshot = feed.snapshot;
	comes_back(&feed);
}

static void
titles_and_names_come_back_whatever_they_are(void **state)
{
	OWNED_FEED struct feed feed;
	size_t i;

	(void)state;
	sample_feed(&feed);
	for (i = 0; i < sample_hostile_count; i++) {
		set(&feed.title, sample_hostile[i]);
		set(&feed.author, sample_hostile[i]);
		set(&feed.entry_title, sample_hostile[i]);
		set(&feed.summary, sample_hostile[i]);
		comes_back(&feed);
	}
	set(&feed.title, "");
	comes_back(&feed);
}

static void
a_step_of_the_largest_size_fits_and_no_larger(void **state)
{
	OWNED_FEED struct feed feed;
	OWNED_BUF struct buf out = BUF_INIT(FEED_MAX);
	struct fault f = { 0 };

	(void)state;
	sample_feed(&feed);
	while (feed.inside.len < INLINE_STEP_MAX)
		assert_int_equal(buf_add(&feed.inside, "x", 1, &f), 0);
	digest_of(feed.inside.data, feed.inside.len, &feed.step.digest);
	feed.step.length = INLINE_STEP_MAX;
	comes_back(&feed);
	feed.inside.max++;
	assert_int_equal(buf_add(&feed.inside, "x", 1, &f), 0);
	digest_of(feed.inside.data, feed.inside.len, &feed.step.digest);
	feed.step.length++;
	assert_int_equal(atom_write(&feed, &out, &f), -1);
	assert_int_equal(out.len, 0);
}

static void
the_standard_update_stays_small(void **state)
{
	OWNED_FEED struct feed feed;
	OWNED_MEM char *text = NULL;

	(void)state;
	sample_feed(&feed);
	text = written(&feed);
	/* With an Ed25519 signature of 119 bytes: 2.8 KB at most. */
	assert_in_range(strlen(text) + 21 + 160 + 3, 2000, 2800);
	assert_null(strstr(text, "  "));
	assert_string_equal(text + strlen(text) - 8, "</feed>\n");
}

static void
what_may_not_be_said_is_not_written(void **state)
{
	OWNED_FEED struct feed feed;
	OWNED_BUF struct buf out = BUF_INIT(FEED_MAX);
	struct fault f = { 0 };

	(void)state;
	sample_feed(&feed);
	set(&feed.title, "two\nlines");
	assert_int_equal(atom_write(&feed, &out, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	set(&feed.title, "\xef\xbf\xbe");
	assert_int_equal(atom_write(&feed, &out, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_int_equal(out.len, 0);
}

/* ---- bent documents: the first occurrence of old becomes new ---- */

/* Nothing is left of a feed that is refused. */
static int
read_bent(const char *text, size_t n, struct fault *f)
{
	OWNED_FEED struct feed feed;
	int rc;

	feed_init(&feed);
	feed.serial = 4711;
	rc = atom_read(text, n, &feed, f);
	if (rc == -1) {
		assert_int_equal(feed.serial, 4711);
		assert_null(feed.title);
	}
	return rc;
}

static void
bend_all(const struct feed *feed, const struct sample_bend *bends, size_t n)
{
	OWNED_MEM char *text = written(feed);

	sample_bend_all(text, bends, n, read_bent);
}
#define BEND_ALL(feed, bends) \
	bend_all(feed, bends, sizeof(bends) / sizeof((bends)[0]))

static void
a_feed_with_a_fault_is_refused_with_the_element_that_has_it(void **state)
{
	static const struct sample_bend bends[] = {
		{ "<id>urn:", "<id>uri:", "element 'id'" },
		{ "<id>", "<id> ", "element 'id'" },
		{ "<updated>2026", "<updated>26", "element 'updated'" },
		{ "33Z</updated>", "33+00:00</updated>", "element 'updated'" },
		{ "<title>", "<title><b/>", "element 'title'" },
		{ "<title>", "<title>\n", "title" },
		{ "<name>", "<nome>", "malformed" },
		{ "serial=\"123\"", "serial=\"0x7b\"", "'head'" },
		{ "serial=\"123\"", "serial=\"+123\"", "'head'" },
		{ "serial=\"123\"", "serial=\"0123\"", "'head'" },
		{ "serial=\"123\"", "serial=\" 123\"", "'head'" },
		{ "serial=\"123\"", "serial=\"0\"", "'head'" },
		{ "serial=\"123\"", "serial=\"9223372036854775808\"",
		    "'head'" },
		{ "serial=\"123\"", "serial=\"9007199254740992\"", "'head'" },
		{ "trust=\"0\"", "trust=\"-1\"", "'head'" },
		{ "trust=\"0\"", "", "'head': attribute 'trust' is missing" },
		{ "expires=\"2026", "expires=\"10000", "'head'" },
		{ "length=\"3512\"", "length=\"0\"", "'link'" },
		{ "length=\"3512\"", "length=\"3e3\"", "'link'" },
		{ "length=\"3512\"", "", "'link': attribute 'length'" },
		{ "length=\"3512\"", "length=\"1048577\"", "history" },
		{ "wc:serial=\"97\"", "serial=\"97\"", "attribute 'serial'" },
		{ "wc:serial=\"97\"", "wc:serial=\"124\"", "snapshot" },
		{ "wc:unpacked=\"3951616\"", "", "attribute 'unpacked'" },
		{ "wc:from=\"122\"", "wc:from=\"121\"", "step from serial" },
		{ "wc:from=\"122\"", "wc:from=\"123\"", "step from serial" },
		{ "wc:from=\"122\"", "", "attribute 'from'" },
		{ "length=\"718\"", "length=\"717\"", "content" },
		{ "content type=\"application/vnd.wikicast.step+zstd\"",
		    "content", "element 'content'" },
		{ "content type=\"application/vnd.wikicast.step+zstd\">",
		    "content type=\"application/vnd.wikicast.step+zstd\"> ",
		    "element 'content': base64" },
		{ "content type=\"application/vnd.wikicast.step+zstd\">P",
		    "content type=\"application/vnd.wikicast.step+zstd\">Q",
		    "content is not the step" },
		{ "rel=\"enclosure\"", "rel=\"via\"", "content" },
		{ "<entry>\n<id>urn:uuid:3", "<entry>\n<id>urn:uuid:4",
		    "entry: its id" },
		{ "<wc:state serial=\"123\"", "<wc:state serial=\"122\"",
		    "entry: its state" },
		{ "sha256=\"", "sha256=\"0", "element 'state'" },
		{ "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#",
		    "not what was expected" },
		{ "urn:x-wikicast:1", "urn:x-wikicast:2", "is missing" },
	};
	OWNED_FEED struct feed feed;

	(void)state;
	sample_feed(&feed);
	BEND_ALL(&feed, bends);
}

static void
the_entry_has_the_state_of_the_head(void **state)
{
	static const struct sample_bend bends[] = {
		{ "", "", "entry: its state is not the head's" },
	};
	OWNED_FEED struct feed feed;
	OWNED_MEM char *text = NULL;
	char *at;

	(void)state;
	sample_feed(&feed);
	text = written(&feed);
	at = strstr(text, "sha256=\"");
	assert_non_null(at);
	at[8] = at[8] == '0' ? '1' : '0';
	SAMPLE_BEND(text, bends, read_bent);
}

static void
known_elements_stand_once(void **state)
{
	static const char link[] =
	    "<link rel=\"related\" length=\"1\" "
	    "href=\"history/"
	    "0000000000000000000000000000000000000000000000000000000000000000"
	    ".xml.zst\"/>\n<entry>";
	static const struct sample_bend bends[] = {
		{ "<title>", "<title/><title>", "'title' stands there twice" },
		{ "<author>", "<id>x</id><author>", "'id' stands there twice" },
		{ "<entry>", "<entry/><entry>", "'entry' has no 'id'" },
		{ "</entry>", "</entry><entry/>",
		    "'entry' stands there twice" },
		{ "<wc:state ",
		    "<wc:state serial=\"1\" sha256=\"\"/><wc:state ",
		    "element 'state'" },
		{ "</content>", "</content><content/>",
		    "'content' stands there twice" },
		{ "<entry>", link, "a second link" },
		{ "<entry>", "<link rel=\"self\" href=\"http://x/\"/><entry>",
		    "a second link" },
		{ "<updated>",
		    "<renamed/><x:updated xmlns:x=\"urn:x\"/>"
		    "<updated>",
		    NULL },
		{ "<name>MoinMaster</name>", "", "'author' has no 'name'" },
		{ "<title>BadContent and 2 pages</title>", "",
		    "'entry' has no 'title'" },
		{ "<title>BadContent of MoinMaster</title>", "",
		    "'feed' has no 'title'" },
	};
	OWNED_FEED struct feed feed;

	(void)state;
	sample_feed(&feed);
	BEND_ALL(&feed, bends);
}

static void
each_of_the_three_related_links_must_be_there(void **state)
{
	static const char *const which[] = { "history/", "network/", "pool/" };
	static const struct sample_bend bends[] = { { "", "", "missing" } };
	OWNED_FEED struct feed feed;
	OWNED_MEM char *text = NULL;
	size_t i;

	(void)state;
	sample_feed(&feed);
	text = written(&feed);
	for (i = 0; i < 3; i++) {
		OWNED_MEM char *without = strdup(text);
		char *at = strstr(without, which[i]);

		/* href="history/ becomes href="tistory/, which is foreign. */
		assert_non_null(at);
		*at = 't';
		SAMPLE_BEND(without, bends, read_bent);
	}
}

static void
hrefs_have_one_spelling(void **state)
{
	static const struct sample_bend bends[] = {
		{ "href=\"history/", "href=\"./history/", "missing" },
		{ "href=\"history/", "href=\"/history/", "missing" },
		{ "href=\"history/", "href=\"https://b.example/history/",
		    "missing" },
		{ "href=\"history/", "href=\"history//", "published file" },
		{ "href=\"history/", "href=\"history/../history/",
		    "published file" },
		{ "href=\"history/", "href=\"history/%", "published file" },
		{ ".xml.zst\"", ".xml.zst?x\"", "published file" },
		{ ".xml.zst\"", ".xml.zst#x\"", "published file" },
		{ ".xml.zst\"", ".xml\"", "published file" },
		{ ".xml.zst\"", ".tar.zst\"", "published file" },
		{ ".xml.zst\"", ".xml.zst&#0000032;\"", "published file" },
		{ ".tar.zst\"", ".tar.zst.sig\"", "another sort" },
		{ ".tar.zst\"", ".step.zst\"", "another sort" },
		{ ".step.zst\"", ".tar.zst\"", "another sort" },
		{ "pool/", "pool/0", "published file" },
	};
	OWNED_FEED struct feed feed;

	(void)state;
	sample_feed(&feed);
	BEND_ALL(&feed, bends);
}

static void
what_is_unknown_is_ignored(void **state)
{
	static const struct sample_bend bends[] = {
		{ "<title>", "<title type=\"text\" xml:lang=\"en\" x=\"1\">",
		    NULL },
		{ "<entry>", "<entry xml:base=\"http://evil.example/\">",
		    NULL },
		{ "<entry>", "<generator uri=\"x\">g</generator><entry>",
		    NULL },
		{ "<entry>",
		    "<wc:critical state=\"1\"><wc:head/></wc:critical>"
		    "<entry>",
		    NULL },
		{ "<entry>", "<link href=\"javascript:alert(1)\"/><entry>",
		    NULL },
		{ "<entry>",
		    "<link rel=\"related\" href=\"https://x/\"/>"
		    "<entry>",
		    NULL },
		{ "<entry>",
		    "<link rel=\"license\" href=\"https://x/\"/>"
		    "<entry>",
		    NULL },
		{ "<summary>",
		    "<link rel=\"enclosure\" type=\"audio/mpeg\" "
		    "href=\"http://x/y.mp3\"/><summary>",
		    NULL },
		{ "<summary>", "<category term=\"x\"/><published/><summary>",
		    NULL },
	};
	OWNED_FEED struct feed feed;

	(void)state;
	sample_feed(&feed);
	BEND_ALL(&feed, bends);
}

static void
what_is_for_people_may_be_as_atom_allows_it(void **state)
{
	static const struct sample_bend bends[] = {
		{ "<author>", "<author><name>A</name><uri/></author><author>",
		    NULL },
		{ "<author>\n<name>MoinMaster</name>\n</author>", "", NULL },
		{ "<entry>",
		    "<link rel=\"alternate\" hreflang=\"de\" "
		    "href=\"http://x/\"/><entry>",
		    NULL },
		{ "<entry>",
		    "<link rel=\"hub\" href=\"http://x/\"/>"
		    "<link rel=\"hub\" href=\"http://y/\"/><entry>",
		    NULL },
		{ "<summary>", "<x/><y/><summary type=\"html\">", NULL },
		{ "rel=\"self\" href=\"https://master",
		    "rel=\"self\" href=\"https://m\xc3\xa4ster", NULL },
	};
	OWNED_FEED struct feed feed, back;
	OWNED_BUF struct buf prose = BUF_INIT(BUF_ANY);
	OWNED_MEM char *text = NULL, *bent = NULL, *less = NULL;
	struct fault f = { 0 };
	int i;

	(void)state;
	sample_feed(&feed);
	feed_init(&back);
	BEND_ALL(&feed, bends);
	/* Long prose with line ends: a line of it is kept. */
	assert_int_equal(buf_add_text(&prose, "<summary>a\nb\xc2\x85", &f), 0);
	for (i = 0; i < 2 * NOTE_MAX; i++)
		assert_int_equal(buf_add_text(&prose, "\xc3\xa9", &f), 0);
	text = written(&feed);
	bent = sample_replace(text, "<summary>", prose.data);
	if (atom_read(bent, strlen(bent), &back, &f) == -1)
		fail_msg("%s", f.text);
	assert_in_range(strlen(back.summary), 300, NOTE_MAX);
	assert_memory_equal(back.summary, "a b??\xc3\xa9", 7);
	less = sample_replace(text,
	    "<summary>BadContent (+5 -1), HelpContents, "
	    "RecentChanges by MoinMaster</summary>",
	    "");
	assert_int_equal(atom_read(less, strlen(less), &back, &f), 0);
	assert_string_equal(back.summary, "");
	assert_string_equal(back.author, "MoinMaster");
}

static void
pages_that_are_no_places_on_the_web_are_as_good_as_not_there(void **state)
{
	OWNED_FEED struct feed feed, back;
	OWNED_MEM char *text = NULL, *bent = NULL, *self = NULL;
	struct fault f = { 0 };

	(void)state;
	sample_feed(&feed);
	feed_init(&back);
	text = written(&feed);
	bent = sample_replace(text,
	    "rel=\"alternate\" href=\"https://master.example",
	    "rel=\"alternate\" href=\"javascript:alert(1)//");
	assert_int_equal(atom_read(bent, strlen(bent), &back, &f), 0);
	assert_null(back.alternate);
	self = sample_replace(text,
	    "rel=\"self\" href=\"https:", "rel=\"self\" href=\"file:");
	assert_int_equal(atom_read(self, strlen(self), &back, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	/* The one that was read before stands. */
	assert_int_equal(back.serial, 123);
}

static void
the_order_of_elements_has_no_meaning(void **state)
{
	OWNED_FEED struct feed feed, back;
	OWNED_MEM char *text = NULL, *moved = NULL;
	struct fault f = { 0 };
	char *entry, *end;

	(void)state;
	sample_feed(&feed);
	feed_init(&back);
	text = written(&feed);
	entry = strstr(text, "<entry>");
	end = strstr(text, "</entry>\n");
	assert_true(entry != NULL && end != NULL);
	assert_true(
	    asprintf(&moved,
		"<feed xmlns=\"" XML_ATOM "\" " WC ">\n"
		"%.*s</entry>%.*s</feed>",
		(int)(end - entry), entry, (int)(entry - strstr(text, "<id>")),
		strstr(text, "<id>")) > 0);
	if (atom_read(moved, strlen(moved), &back, &f) == -1)
		fail_msg("%s", f.text);
	same_feed(&feed, &back);
}

static void
a_signature_line_is_no_part_of_the_document(void **state)
{
	static const struct sample_bend bends[] = {
		{ "</feed>\n", "</feed>\n<?openpgp-signature AAAA?>\n",
		    "processing instruction" },
		{ "<feed", "<!DOCTYPE feed [<!ENTITY x \"y\">]><feed",
		    "DOCTYPE" },
		{ "<summary>", "<summary><!-- x -->", "comment" },
		{ "<summary>", "<summary>&x;", "malformed" },
	};
	OWNED_FEED struct feed feed;

	(void)state;
	sample_feed(&feed);
	BEND_ALL(&feed, bends);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(titles_and_names_come_back_whatever_they_are),
		cmocka_unit_test(a_step_of_the_largest_size_fits_and_no_larger),
		cmocka_unit_test(the_standard_update_stays_small),
		cmocka_unit_test(what_may_not_be_said_is_not_written),
		cmocka_unit_test(
		    a_feed_with_a_fault_is_refused_with_the_element_that_has_it),
		cmocka_unit_test(the_entry_has_the_state_of_the_head),
		cmocka_unit_test(known_elements_stand_once),
		cmocka_unit_test(each_of_the_three_related_links_must_be_there),
		cmocka_unit_test(hrefs_have_one_spelling),
		cmocka_unit_test(what_is_unknown_is_ignored),
		cmocka_unit_test(what_is_for_people_may_be_as_atom_allows_it),
		cmocka_unit_test(
		    pages_that_are_no_places_on_the_web_are_as_good_as_not_there),
		cmocka_unit_test(the_order_of_elements_has_no_meaning),
		cmocka_unit_test(a_signature_line_is_no_part_of_the_document),
	};

	xml_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
