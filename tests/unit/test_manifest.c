#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"
#include "feeds/manifest.h"
#include "feeds/xml.h"
#include "tests/support/libdocuments.h"

static char *
written(const struct manifest *m)
{
	struct buf out = BUF_INIT(MANIFEST_MAX);
	struct fault f = { 0 };

	if (manifest_write(m, &out, &f) == -1)
		fail_msg("%s", f.text);
	return buf_take(&out);
}

/* Sizes and digests of the items do not travel. */
static void
same_manifest(const struct manifest *a, const struct manifest *b)
{
	size_t i;

	assert_int_equal(a->step, b->step);
	assert_string_equal(a->feed, b->feed);
	assert_int_equal(a->from, b->from);
	assert_memory_equal(a->base.bytes, b->base.bytes, 32);
	assert_int_equal(a->serial, b->serial);
	assert_memory_equal(a->state.bytes, b->state.bytes, 32);
	assert_int_equal(a->count, b->count);
	for (i = 0; i < a->count; i++) {
		const struct item *x = &a->entries[i].item;
		const struct item *y = &b->entries[i].item;

		assert_int_equal(a->entries[i].drop, b->entries[i].drop);
		assert_int_equal(x->kind, y->kind);
		sample_same(x->name, y->name);
		sample_same(x->page, y->page);
		sample_same(x->format, y->format);
		sample_same(x->lang, y->lang);
		sample_same(x->author, y->author);
		sample_same(x->comment, y->comment);
		assert_int_equal(x->updated, y->updated);
		assert_int_equal(y->size, 0);
	}
}

static void
comes_back(const struct manifest *m)
{
	OWNED_MEM char *text = written(m);
	OWNED_MEM char *again = NULL;
	OWNED_MANIFEST struct manifest back;
	struct fault f = { 0 };

	manifest_init(&back);
	if (manifest_read(text, strlen(text), &back, &f) == -1)
		fail_msg("%s\n%s", f.text, text);
	same_manifest(m, &back);
	again = written(&back);
	assert_string_equal(text, again);
}

static void
what_is_written_is_read_back(void **state)
{
	OWNED_MANIFEST struct manifest snapshot, step, empty;

	(void)state;
	sample_manifest(&snapshot, false);
	sample_manifest(&step, true);
	sample_manifest(&empty, true);
	comes_back(&snapshot);
	comes_back(&step);
	while (empty.count > 0)
		item_clear(&empty.entries[--empty.count].item);
	comes_back(&empty);
	empty.step = false;
	empty.from = 0;
	empty.base = (struct digest){ 0 };
	comes_back(&empty);
}

static void
comes_back_as_the_only_page(const char *name, const char *comment)
{
	OWNED_MANIFEST struct manifest m;

	sample_manifest(&m, false);
	while (m.count > 0)
		item_clear(&m.entries[--m.count].item);
	sample_add_page(&m, name, comment);
	comes_back(&m);
}

static void
names_and_comments_come_back_whatever_they_are(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sample_hostile_count; i++)
		comes_back_as_the_only_page(
		    strchr(sample_hostile[i], '/') == NULL ? sample_hostile[i] :
							     "x",
		    sample_hostile[i]);
	comes_back_as_the_only_page("x", "");
}

static void
blanks_in_names_are_kept(void **state)
{
	static const char *const names[] = { " leading", "double  blank",
		"trailing ", "     ", "sub / page" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		comes_back_as_the_only_page(names[i], names[i]);
}

/* Nothing is left of a manifest that is refused. */
static int
read_bent(const char *text, size_t n, struct fault *f)
{
	OWNED_MANIFEST struct manifest m;
	int rc;

	manifest_init(&m);
	rc = manifest_read(text, n, &m, f);
	if (rc == -1)
		assert_int_equal(m.count, 0);
	return rc;
}

static void
bend_all(bool step, const struct sample_bend *bends, size_t n)
{
	OWNED_MANIFEST struct manifest m;
	OWNED_MEM char *text = NULL;

	sample_manifest(&m, step);
	text = written(&m);
	sample_bend_all(text, bends, n, read_bent);
}
#define BEND_ALL(step, bends) \
	bend_all(step, bends, sizeof(bends) / sizeof((bends)[0]))

static void
a_step_with_a_fault_is_refused_with_the_element_that_has_it(void **state)
{
	static const struct sample_bend bends[] = {
		{ "<step", "<stop", "not what" },
		{ "urn:x-wikicast:1", "urn:x-wikicast:2", "not what" },
		{ "feed=\"urn", "feed=\"URN", "element 'step'" },
		{ "from=\"122\"", "from=\"0\"", "element 'step'" },
		{ "from=\"122\"", "from=\"123\"", "element 'step'" },
		{ "from=\"122\"", "from=\"0x7a\"", "element 'step'" },
		{ "from=\"122\"", "from=\"007\"", "element 'step'" },
		{ "from=\"122\"", "", "attribute 'from' is missing" },
		{ "serial=\"123\"", "serial=\"+123\"", "element 'step'" },
		{ "serial=\"123\"", "serial=\"9223372036854775808\"",
		    "element 'step'" },
		{ "base=\"", "base=\"0", "element 'step'" },
		{ "state=\"", "state=\"A", "element 'step'" },
		{ "state=\"", "nonce=\"1\" state=\"",
		    "unknown attribute 'nonce'" },
		{ "<put kind=\"patterns\"", "<put kind=\"script\"",
		    "element 'put': unknown kind 'script'" },
		{ "<put kind=\"patterns\"", "<put kind=\"none\"",
		    "unknown kind" },
		{ "<put kind=\"patterns\"", "<put mode=\"0777\" kind=\"page\"",
		    "unknown attribute 'mode'" },
		{ "<put kind=\"patterns\"",
		    "<item kind=\"page\" name=\"A\" "
		    "updated=\"2026-11-24T06:25:33Z\"/><put kind=\"patterns\"",
		    "'item' is unknown" },
		{ "<put kind=\"patterns\"",
		    "<x:put xmlns:x=\"urn:x\"/>"
		    "<put kind=\"patterns\"",
		    "'put' is unknown" },
		{ "<put kind=\"patterns\"", "text<put kind=\"patterns\"",
		    "text between elements" },
		{ "<put kind=\"patterns\"", "<!-- x --><put kind=\"patterns\"",
		    "comment" },
		{ "name=\"BadContent\"", "name=\"\"", "element 'put'" },
		{ "name=\"BadContent\"", "name=\"../BadContent\"",
		    "element 'put'" },
		{ "name=\"BadContent\"", "name=\"Bad&#10;Content\"",
		    "element 'put'" },
		{ "name=\"BadContent\"", "name=\"Bad&#x202E;Content\"",
		    "element 'put'" },
		{ "name=\"BadContent\"", "", "attribute 'name' is missing" },
		{ "name=\"BadContent\"", "name=\"BadContent\" page=\"A\"",
		    "element 'put'" },
		{ "page=\"HelpContents\" name=\"a.png\"", "name=\"a.png\"",
		    "element 'put'" },
		{ "name=\"a.png\"", "name=\"b/a.png\"", "element 'put'" },
		{ " format=\"moin\"", "", "has no format" },
		{ "format=\"moin\"", "format=\"Moin\"", "element 'put'" },
		{ "lang=\"en\"", "lang=\"e\"", "element 'put'" },
		{ "author=\"MoinMaster\"", "author=\"&#9;\"", "author" },
		{ "updated=\"2026", "updated=\"226", "element 'put'" },
		{ "updated=\"2026-11-23T", "updated=\"2026-02-30T",
		    "element 'put'" },
		{ "<drop kind=\"page\"", "<drop kind=\"page\" lang=\"en\"",
		    "unknown attribute 'lang'" },
		{ "<drop kind=\"page\"", "<drop", "is missing" },
	};

	(void)state;
	BEND_ALL(true, bends);
}

static void
entries_are_in_member_order_and_no_path_twice(void **state)
{
	static const struct sample_bend bends[] = {
		{ "name=\"BadContent\"", "name=\"ZadContent\"",
		    "does not come after" },
		{ "name=\"BadContent\"", "name=\"HelpContents\"",
		    "does not come after" },
		/* A list and a page of one name are one path. */
		{ "name=\"InterWikiMap\"", "name=\"HelpContents\"",
		    "does not come after" },
		{ "name=\"OldPage\"", "name=\"OldPage3\"",
		    "does not come after" },
		{ "name=\"OldPage\"", "name=\"BadContent\"",
		    "is both put and dropped" },
		{ "name=\"OldPage\"", "name=\"InterWikiMap\"",
		    "is both put and dropped" },
		{ "</step>",
		    "<put kind=\"page\" name=\"Z\" format=\"moin\" "
		    "updated=\"2026-11-24T06:25:33Z\"/></step>",
		    "a put after a drop" },
	};

	(void)state;
	BEND_ALL(true, bends);
}

static void
a_snapshot_has_items_only(void **state)
{
	static const struct sample_bend bends[] = {
		{ "</snapshot>", "<drop kind=\"page\" name=\"Z\"/></snapshot>",
		    "'drop' is unknown" },
		{ "</snapshot>",
		    "<put kind=\"page\" name=\"Z\" format=\"moin\" "
		    "updated=\"2026-11-24T06:25:33Z\"/>"
		    "</snapshot>",
		    "'put' is unknown" },
		{ "serial=\"123\"", "serial=\"123\" from=\"1\"",
		    "unknown attribute 'from'" },
		{ "serial=\"123\"", "serial=\"0\"", "element 'snapshot'" },
	};

	(void)state;
	BEND_ALL(false, bends);
}

static void
what_may_not_be_said_is_not_written(void **state)
{
	OWNED_MANIFEST struct manifest m;
	OWNED_BUF struct buf out = BUF_INIT(MANIFEST_MAX);
	struct fault f = { 0 };

	(void)state;
	sample_manifest(&m, false);
	m.entries[1].drop = true;
	assert_int_equal(manifest_write(&m, &out, &f), -1);
	assert_non_null(strstr(f.text, "a snapshot drops nothing"));
	m.entries[1].drop = false;
	m.entries[0].item.name[0] = '\n';
	assert_int_equal(manifest_write(&m, &out, &f), -1);
	m.entries[0].item.name[0] = 'X';
	assert_int_equal(manifest_write(&m, &out, &f), -1);
	assert_non_null(strstr(f.text, "does not come after"));
	m.entries[0].item.name[0] = 'B';
	m.serial = NUM_MAX + 1;
	assert_int_equal(manifest_write(&m, &out, &f), -1);
	m.serial = NUM_MAX;
	m.step = true;
	m.from = NUM_MAX;
	assert_int_equal(manifest_write(&m, &out, &f), -1);
	assert_int_equal(out.len, 0);
	m.from--;
	assert_int_equal(manifest_write(&m, &out, &f), 0);
}

static void
items_are_counted(void **state)
{
	OWNED_BUF struct buf text = BUF_INIT(MANIFEST_MAX);
	OWNED_MANIFEST struct manifest m;
	struct fault f = { 0 };
	int i;

	(void)state;
	manifest_init(&m);
	assert_int_equal(buf_format(&text, &f,
			     "<snapshot xmlns='%s' "
			     "feed='" SAMPLE_ID "' serial='1' state='%064d'>",
			     XML_WIKICAST, 0),
	    0);
	for (i = 0; i <= ITEM_COUNT_MAX; i++)
		assert_int_equal(buf_format(&text, &f,
				     "<item kind='page' "
				     "name='%06d' format='x' "
				     "updated='2026-11-24T06:25:33Z'/>",
				     i),
		    0);
	assert_int_equal(buf_add_text(&text, "</snapshot>", &f), 0);
	assert_int_equal(manifest_read(text.data, text.len, &m, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_non_null(strstr(f.text, "more than 250000 items"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(
		    names_and_comments_come_back_whatever_they_are),
		cmocka_unit_test(blanks_in_names_are_kept),
		cmocka_unit_test(
		    a_step_with_a_fault_is_refused_with_the_element_that_has_it),
		cmocka_unit_test(entries_are_in_member_order_and_no_path_twice),
		cmocka_unit_test(a_snapshot_has_items_only),
		cmocka_unit_test(what_may_not_be_said_is_not_written),
		cmocka_unit_test(items_are_counted),
	};

	xml_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
