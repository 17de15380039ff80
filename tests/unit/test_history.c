#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"
#include "feeds/history.h"
#include "feeds/xml.h"
#include "tests/support/libdocuments.h"

static char *
written(const struct history *h)
{
	struct buf out = BUF_INIT(HISTORY_MAX);
	struct fault f = { 0 };

	if (history_write(h, &out, &f) == -1)
		fail_msg("%s", f.text);
	return buf_take(&out);
}

static void
what_is_written_is_read_back(void **state)
{
	OWNED_HISTORY struct history h, back;
	OWNED_MEM char *text = NULL, *again = NULL;
	struct fault f = { 0 };
	size_t i;

	(void)state;
	sample_history(&h);
	history_init(&back);
	text = written(&h);
	if (history_read(text, strlen(text), &back, &f) == -1)
		fail_msg("%s\n%s", f.text, text);
	assert_string_equal(back.feed, h.feed);
	assert_int_equal(back.number, 4);
	assert_int_equal(back.skip_count, 2);
	assert_int_equal(back.skips[1].to, 2);
	assert_int_equal(back.skips[1].length, 3499);
	assert_memory_equal(&back.skips[1].digest, &h.skips[1].digest, 32);
	assert_int_equal(back.row_count, h.row_count);
	for (i = 0; i < h.row_count; i++) {
		assert_int_equal(back.rows[i].serial, h.rows[i].serial);
		assert_memory_equal(&back.rows[i].state, &h.rows[i].state, 32);
		assert_int_equal(back.rows[i].step_count, h.rows[i].step_count);
		assert_memory_equal(back.rows[i].steps, h.rows[i].steps,
		    h.rows[i].step_count * sizeof(struct feed_file));
		assert_memory_equal(&back.rows[i].snapshot, &h.rows[i].snapshot,
		    sizeof(struct feed_file));
	}
	again = written(&back);
	assert_string_equal(text, again);
}

static void
a_document_without_rows_or_skips_comes_back(void **state)
{
	OWNED_HISTORY struct history h, back;
	OWNED_MEM char *text = NULL;
	struct fault f = { 0 };

	(void)state;
	history_init(&h);
	history_init(&back);
	memcpy(h.feed, SAMPLE_ID, FEED_ID_TEXT);
	h.number = history_number(NUM_MAX);
	text = written(&h);
	assert_int_equal(history_read(text, strlen(text), &back, &f), 0);
	assert_int_equal(back.number, h.number);
	assert_int_equal(back.row_count, 0);
}

static void
serials_and_documents_are_numbered_from_one(void **state)
{
	(void)state;
	assert_int_equal(history_number(1), 1);
	assert_int_equal(history_number(32), 1);
	assert_int_equal(history_number(33), 2);
	assert_int_equal(history_number(123), 4);
	assert_int_equal(history_number(128), 4);
	assert_int_equal(history_number(129), 5);
}

static void
names(int64_t number, const int64_t *want, size_t n)
{
	int64_t got[64];
	size_t i;

	assert_int_equal(history_targets(number, got), n);
	for (i = 0; i < n; i++)
		assert_int_equal(got[i], want[i]);
}

static void
a_document_names_the_one_before_and_those_at_powers_of_two(void **state)
{
	(void)state;
	names(1, NULL, 0);
	names(2, (int64_t[]){ 1 }, 1);
	names(3, (int64_t[]){ 2 }, 1);
	names(4, (int64_t[]){ 3, 2 }, 2);
	names(6, (int64_t[]){ 5, 4 }, 2);
	names(8, (int64_t[]){ 7, 6, 4 }, 3);
	names(12, (int64_t[]){ 11, 10, 8 }, 3);
	names(96, (int64_t[]){ 95, 94, 92, 88, 80, 64 }, 6);
	assert_true(history_targets(INT64_C(1) << 48, (int64_t[64]){ 0 }) < 64);
}

/* Any document is reached from any later one in few hops. */
static void
the_way_back_is_logarithmic(void **state)
{
	int64_t goal, at, out[64];
	size_t n, i, hops;

	(void)state;
	for (goal = 1; goal <= 4000; goal += 7) {
		for (at = 4000, hops = 0; at > goal; hops++) {
			n = history_targets(at, out);
			for (i = n; i > 1 && out[i - 1] < goal; i--)
				continue;
			at = out[i - 1];
		}
		assert_int_equal(at, goal);
		assert_in_range(hops, 0, 24);
	}
}

/* Nothing is left of a document that is refused. */
static int
read_bent(const char *text, size_t n, struct fault *f)
{
	OWNED_HISTORY struct history h;
	int rc;

	history_init(&h);
	rc = history_read(text, n, &h, f);
	if (rc == -1)
		assert_int_equal(h.row_count, 0);
	return rc;
}

static void
a_document_with_a_fault_is_refused_with_the_element_that_has_it(void **state)
{
	static const struct sample_bend bends[] = {
		{ "<history", "<hostory", "not what" },
		{ "urn:x-wikicast:1", "urn:x-wikicast:2", "not what" },
		{ "feed=\"urn", "feed=\"URN", "element 'history'" },
		{ "number=\"4\"", "number=\"0\"", "element 'history'" },
		{ "number=\"4\"", "number=\"04\"", "element 'history'" },
		{ "number=\"4\"", "number=\"9007199254740991\"", "number" },
		{ "number=\"4\"", "number=\"5\"", "does not belong" },
		{ "number=\"4\"", "number=\"3\"", "not below 3" },
		{ "to=\"3\"", "to=\"4\"", "not below 4" },
		{ "to=\"3\"", "to=\"2\"", "not below 2" },
		{ "to=\"3\"", "to=\"1\"", NULL },
		{ "to=\"3\"", "to=\"0\"", "element 'skip'" },
		{ "to=\"3\"", "to=\"0x3\"", "element 'skip'" },
		{ "to=\"3\"", "", "element 'skip'" },
		{ "length=\"3499\"", "length=\"0\"", "element 'skip'" },
		{ "length=\"3499\"", "length=\"1048577\"", "length" },
		{ "href=\"", "href=\"history/", "element 'skip'" },
		{ "<serial n=\"97\"", "<serial n=\"96\"", "does not belong" },
		{ "<serial n=\"97\"", "<serial n=\"98\"",
		    "serial 98 comes after 98" },
		{ "<serial n=\"97\"", "<serial n=\"007\"", "element 'serial'" },
		{ "<serial n=\"97\"", "<serial n=\"9223372036854775808\"",
		    "element 'serial'" },
		{ "<serial n=\"123\"", "<serial n=\"129\"", "does not belong" },
		{ "<serial n=\"97\" state=\"", "<serial n=\"97\" state=\"0",
		    "element 'serial'" },
		{ "from=\"96\"", "from=\"97\"", "not below 97" },
		{ "from=\"96\"", "from=\"0\"", "element 'step'" },
		{ "from=\"96\"", "", "element 'step'" },
		{ "<step from=\"97\"", "<step from=\"96\"", "not below 96" },
		{ "<step from=\"97\"", "<step from=\"1\"", NULL },
		{ "length=\"797\"", "length=\"1073741825\"", "step" },
		{ "length=\"797\"", "length=\"+797\"", "element 'step'" },
		{ "unpacked=\"20480\"", "unpacked=\"0\"", "element 'step'" },
		{ "unpacked=\"20480\"", "unpacked=\"1073741825\"", "unpacked" },
		{ "unpacked=\"3951616\"", "", "element 'snapshot'" },
		{ "<snapshot ",
		    "<snapshot href=\"\" length=\"\" unpacked=\"\"/>"
		    "<snapshot ",
		    "element 'snapshot'" },
		{ "pieces=\"", "pieces=\"0", "element 'snapshot'" },
		{ "pieces=\"", "bits=\"", "element 'snapshot'" },
		{ " pieces-length=\"780\"", "", "element 'snapshot'" },
		{ "pieces-length=\"780\"", "pieces-length=\"0\"",
		    "element 'snapshot'" },
		{ "pieces-length=\"780\"", "pieces-length=\"845\"",
		    "serial 99: snapshot: a piece table of 845 bytes, not of "
		    "780" },
		{ "length=\"12345678\"", "length=\"12582913\"",
		    "a piece table of 780 bytes, not of 845" },
		{ "<skip ", "<new to=\"9\"><skip/></new><skip new=\"1\" ",
		    NULL },
		{ "</serial>", "<delta from=\"1\"/></serial>", NULL },
	};
	OWNED_HISTORY struct history h;
	OWNED_MEM char *text = NULL;

	(void)state;
	sample_history(&h);
	text = written(&h);
	SAMPLE_BEND(text, bends, read_bent);
}

static void
a_writer_may_choose_the_order(void **state)
{
	static const char text[] =
	    "<history xmlns='urn:x-wikicast:1' "
	    "feed='" SAMPLE_ID "' number='4'>"
	    "<serial n='124' state='%064d'>"
	    "<snapshot href='%064d' length='1' unpacked='1'/>"
	    "<step from='120' href='%064d' length='1' unpacked='1'/>"
	    "<step from='123' href='%064d' length='1' unpacked='1'/>"
	    "</serial><skip to='2' href='%064d' length='1'/>"
	    "<serial n='97' state='%064d'/>"
	    "<skip to='3' href='%064d' length='1'/></history>";
	OWNED_BUF struct buf b = BUF_INIT(HISTORY_MAX);
	OWNED_HISTORY struct history h;
	struct fault f = { 0 };

	(void)state;
	history_init(&h);
	assert_int_equal(buf_format(&b, &f, text, 1, 2, 3, 4, 5, 6, 7), 0);
	if (history_read(b.data, b.len, &h, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(h.rows[0].serial, 97);
	assert_int_equal(h.rows[1].serial, 124);
	assert_int_equal(h.rows[1].snapshot.serial, 124);
	assert_int_equal(h.rows[1].steps[0].from, 123);
	assert_int_equal(h.rows[1].steps[1].from, 120);
	assert_int_equal(h.skips[0].to, 3);
	assert_int_equal(h.skips[1].to, 2);
	assert_int_equal(h.skips[1].digest.bytes[31], 5);
}

static void
rows_that_do_not_rise_are_not_written(void **state)
{
	OWNED_HISTORY struct history h;
	OWNED_BUF struct buf out = BUF_INIT(HISTORY_MAX);
	struct history_row *row = NULL;
	struct digest d = { { 0 } };
	struct fault f = { 0 };

	(void)state;
	sample_history(&h);
	assert_int_equal(history_add_row(&h, 123, &d, &row, &f), 0);
	assert_int_equal(history_write(&h, &out, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	row->serial = 100;
	assert_int_equal(history_write(&h, &out, &f), -1);
	assert_int_equal(out.len, 0);
	row->serial = 124;
	assert_int_equal(history_write(&h, &out, &f), 0);
	assert_int_equal(
	    history_add_step(row, &(struct feed_file){ .from = 8 }, &f), 0);
	assert_int_equal(row->steps[0].serial, 124);
	assert_true(row->steps[0].present);
}

static void
a_full_document_of_32_serials_stays_far_below_its_limit(void **state)
{
	OWNED_HISTORY struct history h;
	OWNED_MEM char *text = NULL;

	(void)state;
	sample_history(&h);
	text = written(&h);
	assert_in_range(strlen(text), 1, 32 * 1024);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_document_without_rows_or_skips_comes_back),
		cmocka_unit_test(serials_and_documents_are_numbered_from_one),
		cmocka_unit_test(
		    a_document_names_the_one_before_and_those_at_powers_of_two),
		cmocka_unit_test(the_way_back_is_logarithmic),
		cmocka_unit_test(
		    a_document_with_a_fault_is_refused_with_the_element_that_has_it),
		cmocka_unit_test(a_writer_may_choose_the_order),
		cmocka_unit_test(rows_that_do_not_rise_are_not_written),
		cmocka_unit_test(
		    a_full_document_of_32_serials_stays_far_below_its_limit),
	};

	xml_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
