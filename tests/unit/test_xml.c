#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"
#include "feeds/xml.h"
#include "items/limits.h"

#define NS "xmlns='urn:x-wikicast:1'"

enum { BOX = 1, NAME, THING, PART, RULES };

static const struct xml_rule rules[RULES] = {
	[BOX] = { .name = "box", .attributes = { { "n" } } },
	[NAME] = { .in = BOX, .name = "name", .often = XML_MAYBE, .text = 20 },
	[THING] = { .in = BOX,
	    .name = "thing",
	    .often = XML_ANY,
	    .attributes = { { "a", true }, { "b", true, "urn:other" } } },
	[PART] = { .in = THING, .name = "part", .often = XML_ONCE },
};

static const struct xml_grammar lenient = {
	.rules = rules, .count = RULES, .space = XML_WIKICAST, .max = MIB
};
static const struct xml_grammar strict = { .rules = rules,
	.count = RULES,
	.space = XML_WIKICAST,
	.max = MIB,
	.strict = true };

/* Reads all; adds "rule " for each element to seen. */
static int
read_all(const struct xml_grammar *grammar, const char *bytes, size_t n,
    struct buf *seen, struct fault *f)
{
	OWNED_XML struct xml_reader *x = NULL;
	size_t rule;

	if (xml_open(grammar, bytes, n, &x, f) == -1)
		return -1;
	for (;;) {
		if (xml_next(x, &rule, f) == -1)
			return -1;
		if (rule == 0)
			return 0;
		assert_int_equal(buf_format(seen, f, "%s ", rules[rule].name),
		    0);
		if (rule == NAME)
			assert_int_equal(
			    buf_format(seen, f, "'%s' ", xml_text(x)), 0);
		if (rule == THING && xml_value(x, "a") != NULL)
			assert_int_equal(
			    buf_format(seen, f, "a='%s' ", xml_value(x, "a")),
			    0);
		if (rule == THING && xml_value(x, "b") != NULL)
			assert_int_equal(
			    buf_format(seen, f, "b='%s' ", xml_value(x, "b")),
			    0);
	}
}

static void
accepts(const struct xml_grammar *grammar, const char *text, const char *want)
{
	OWNED_BUF struct buf seen = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	if (read_all(grammar, text, strlen(text), &seen, &f) == -1)
		fail_msg("%s: %s", text, f.text);
	assert_string_equal(seen.data, want);
}

static void
refuses_bytes(const struct xml_grammar *grammar, const char *bytes, size_t n,
    const char *because)
{
	OWNED_BUF struct buf seen = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	if (read_all(grammar, bytes, n, &seen, &f) == 0)
		fail_msg("%.200s: was read", bytes);
	assert_int_equal(f.kind, FAULT_FORMAT);
	if (strstr(f.text, because) == NULL)
		fail_msg("%.200s: %s", bytes, f.text);
}

static void
refuses(const struct xml_grammar *grammar, const char *text,
    const char *because)
{
	refuses_bytes(grammar, text, strlen(text), because);
}

static void
both_refuse(const char *text, const char *because)
{
	refuses(&lenient, text, because);
	refuses(&strict, text, because);
}

static void
known_elements_come_one_by_one_with_attributes_and_text(void **state)
{
	(void)state;
	accepts(&strict,
	    "<?xml version='1.0' encoding='utf-8'?>\n"
	    "<box " NS " xmlns:o='urn:other' n='1'>\n"
	    " <thing a='  x &lt;&#x41;&quot; ' o:b='y'><part/></thing>\n"
	    " <name>A &amp; B</name><thing><part></part></thing>\n"
	    "</box>\n",
	    "box thing a='  x <A\" ' b='y' part name 'A & B' thing part ");
	accepts(&strict,
	    "<w:box xmlns:w='urn:x-wikicast:1' n='1'>"
	    "<w:name/></w:box>",
	    "box name '' ");
	accepts(&strict, "<box " NS " n='1'/>", "box ");
}

static void
what_is_no_element_or_text_is_refused(void **state)
{
	static const char doctype[] = "a DOCTYPE, CDATA section or comment";
	static const char pi[] = "a processing instruction";

	(void)state;
	both_refuse("<!DOCTYPE box><box " NS " n='1'/>", doctype);
	both_refuse("<!DOCTYPE box [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
		    "<box " NS " n='1'><name>&x;</name></box>",
	    doctype);
	both_refuse("<!DOCTYPE box [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>"
		    "<box " NS " n='1'><name>&b;</name></box>",
	    doctype);
	both_refuse("<!DOCTYPE box SYSTEM 'http://127.0.0.1/x.dtd'>"
		    "<box " NS " n='1'/>",
	    doctype);
	both_refuse("<box " NS " n='1'><!-- x --></box>", doctype);
	both_refuse("<box " NS " n='1'><name>a<!-- x -->b</name></box>",
	    doctype);
	both_refuse("<box " NS " n='1'><name><![CDATA[x]]></name></box>",
	    doctype);
	both_refuse("<box " NS " n='1'/><!-- behind -->", doctype);
	both_refuse("<box " NS " n='1'><u:u xmlns:u='u'><!-- --></u:u></box>",
	    doctype);
	both_refuse("<?xml-stylesheet href='x'?><box " NS " n='1'/>",
	    "something else than elements and text");
	both_refuse("\n<?xml-stylesheet href='x'?><box " NS " n='1'/>", pi);
	both_refuse("<box " NS " n='1'><?x y?></box>", pi);
	both_refuse("<box " NS " n='1'/>\n<?x y?>\n", pi);
	both_refuse("<box " NS " n='1'><name>&x;</name></box>", "malformed");
	both_refuse("<box " NS " n='&x;'/>", "malformed");
}

static void
malformed_documents_are_refused(void **state)
{
	static const char *const bad[] = { "", " ", "x", "<", "<box",
		"<box " NS " n='1'>", "<box " NS " n='1'></bax>",
		"<box " NS " n='1'/>x", "<box " NS " n='1'/><box/>",
		"<box " NS " n='1' n='1'/>", "<box " NS " n=1/>",
		"<box " NS " n='<'/>", "<box " NS " n='1' u:x='1'/>",
		"<box " NS " n='1'><u:u/></box>",
		"<box " NS " n='1'><name>&#0;</name></box>",
		"<box " NS " n='1'><name>&#xFFFE;</name></box>",
		"<box " NS " n='1'><name>&#xD800;</name></box>",
		"<box " NS " n='1'><name>\x01</name></box>",
		"<box " NS " n='1'><name>\xef\xbf\xbe</name></box>",
		"<box " NS " xmlns:a='u' xmlns:b='u' n='1' a:x='' b:x=''/>",
		"<?xml version='1.0' encoding='X-NONE'?><box " NS " n='1'/>" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		both_refuse(bad[i], "malformed XML");
}

static void
only_utf8_is_read(void **state)
{
	static const char utf16[] = "\xff\xfe<\0b\0o\0x\0/\0>";
	static const char utf16_bare[] = "<\0b\0o\0x\0/\0>";
	static const char ebcdic[] = "\x4c\x6f\xa7\x94\x93\x40\xa5\x85\x99";
	static const char nul[] = "<box " NS " n='1'/>\0";

	(void)state;
	refuses_bytes(&lenient, utf16, sizeof(utf16), "not UTF-8");
	refuses_bytes(&lenient, utf16_bare, sizeof(utf16_bare), "not UTF-8");
	refuses_bytes(&lenient, ebcdic, sizeof(ebcdic), "not UTF-8");
	refuses_bytes(&lenient, nul, sizeof(nul) - 1, "not UTF-8");
	both_refuse("\xef\xbb\xbf<box " NS " n='1'/>", "byte order mark");
	both_refuse("<box " NS " n='\xc0\xaf'/>", "not UTF-8");
	both_refuse("<box " NS " n='\xed\xa0\x80'/>", "not UTF-8");
	both_refuse("<box " NS " n='\xe4'/>", "not UTF-8");
	both_refuse("<?xml version='1.0' encoding='ISO-8859-1'?>"
		    "<box " NS " n='1'/>",
	    "not UTF-8");
	both_refuse("<?xml version='1.0' encoding='UTF-7'?>"
		    "<box " NS " n='1'/>",
	    "not UTF-8");
	both_refuse("<?xml version='1.0' encoding='UTF-16'?>"
		    "<box " NS " n='1'/>",
	    "UTF-");
	both_refuse("<?xml version='1.1'?><box " NS " n='1'/>", "1.0");
}

static void
unknown_things_are_ignored_or_refused_as_the_grammar_says(void **state)
{
	static const char element[] =
	    "<box " NS " n='1'>"
	    "<new><name>not this one</name>text<box n='2'/></new>"
	    "<name>this one</name><new/><thing><part><part/></part></thing>"
	    "</box>";
	static const char foreign[] =
	    "<box " NS " n='1'>"
	    "<name xmlns='urn:other'>no</name><thing b='unqualified'><part/>"
	    "</thing></box>";

	(void)state;
	accepts(&lenient, element, "box name 'this one' thing part ");
	refuses(&strict, element, "'new' is unknown");
	accepts(&lenient, foreign, "box thing part ");
	refuses(&strict, foreign, "'name' is unknown");
	accepts(&lenient, "<box " NS " n='1' m='2' xml:lang='en'/>", "box ");
	refuses(&strict, "<box " NS " n='1' m='2'/>", "unknown attribute 'm'");
	refuses(&strict, "<box " NS " n='1' xml:base='x'/>",
	    "unknown attribute 'base'");
}

static void
the_root_must_be_the_right_one(void **state)
{
	(void)state;
	both_refuse("<bax " NS " n='1'/>", "not what was expected");
	both_refuse("<box n='1'/>", "not what was expected");
	both_refuse("<box xmlns='urn:x-wikicast:2' n='1'/>",
	    "not what was expected");
	both_refuse("<html><body>Please log in</body></html>",
	    "not what was expected");
}

static void
how_often_something_stands_there_is_counted(void **state)
{
	(void)state;
	both_refuse("<box " NS " n='1'><name/><name/></box>",
	    "'name' stands there twice");
	both_refuse("<box " NS " n='1'><thing/></box>",
	    "'thing' has no 'part'");
	both_refuse("<box " NS " n='1'><thing> </thing></box>",
	    "'thing' has no 'part'");
	both_refuse("<box " NS " n='1'><thing><part/><part/></thing></box>",
	    "'part' stands there twice");
	both_refuse("<box " NS "/>", "attribute 'n' is missing");
	/* One in each parent is fine. */
	accepts(&strict,
	    "<box " NS " n='1'><thing><part/></thing><thing>"
	    "<part/></thing></box>",
	    "box thing part thing part ");
}

static void
text_stands_only_where_it_belongs(void **state)
{
	(void)state;
	both_refuse("<box " NS " n='1'>x</box>", "text between elements");
	both_refuse("<box " NS " n='1'><thing>x<part/></thing></box>",
	    "text between elements");
	both_refuse("<box " NS " n='1'><name>a<b/>c</name></box>",
	    "elements within its text");
	accepts(&lenient,
	    "<box " NS " n='1'><name>12345678901234567890</name>"
	    "</box>",
	    "box name '12345678901234567890' ");
	both_refuse("<box " NS " n='1'><name>123456789012345678901</name>"
		    "</box>",
	    "a text of more than 20 bytes");
}

static void
depth_is_bounded(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	int depth, i;

	(void)state;
	for (depth = XML_DEPTH_MAX; depth <= XML_DEPTH_MAX + 1; depth++) {
		buf_reset(&b);
		assert_int_equal(buf_add_text(&b, "<box " NS " n='1'>", &f), 0);
		for (i = 1; i < depth; i++)
			assert_int_equal(buf_add_text(&b, "<u>", &f), 0);
		for (i = 1; i < depth; i++)
			assert_int_equal(buf_add_text(&b, "</u>", &f), 0);
		assert_int_equal(buf_add_text(&b, "</box>", &f), 0);
		if (depth == XML_DEPTH_MAX)
			accepts(&lenient, b.data, "box ");
		else
			refuses(&lenient, b.data, "levels deep");
	}
	buf_reset(&b);
	for (i = 0; i < 100000; i++)
		assert_int_equal(buf_add_text(&b, "<u>", &f), 0);
	refuses(&lenient, b.data, "");
}

static void
add_attributes(struct buf *b, int count)
{
	struct fault f = { 0 };
	int i;

	buf_reset(b);
	assert_int_equal(buf_add_text(b, "<box " NS " n='1'><u", &f), 0);
	for (i = 0; i < count; i++)
		assert_int_equal(buf_format(b, &f, " a%x=''", (unsigned)i), 0);
	assert_int_equal(buf_add_text(b, "/></box>", &f), 0);
}

static void
attributes_are_bounded(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	(void)state;
	add_attributes(&b, XML_ATTRIBUTE_MAX);
	accepts(&lenient, b.data, "box ");
	add_attributes(&b, XML_ATTRIBUTE_MAX + 1);
	refuses(&lenient, b.data, "too many attributes");
	/* Half a minute in libxml2, so it must not get there. */
	add_attributes(&b, 100000);
	refuses(&lenient, b.data, "more than 64 attributes");
}

static void
a_long_text_with_many_equals_signs_is_no_attribute_bomb(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	int i;

	(void)state;
	assert_int_equal(buf_add_text(&b, "<box " NS " n='1'><u>", &f), 0);
	for (i = 0; i < 2 * NOTE_MAX; i++)
		assert_int_equal(buf_add_text(&b, "==", &f), 0);
	assert_int_equal(buf_add_text(&b, "</u></box>", &f), 0);
	accepts(&lenient, b.data, "box ");
}

static void
a_document_above_the_limit_is_not_looked_at(void **state)
{
	struct xml_grammar small = lenient;
	OWNED_BUF struct buf seen = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	(void)state;
	small.max = 10;
	assert_int_equal(read_all(&small, "<box/>     ", 11, &seen, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
}

static void
numbers_times_and_digests_are_read_strictly(void **state)
{
	static const char *const bad[] = { "", "0x2", "+2", "-2", " 2", "2 ",
		"007", "2.0", "2e1", "9223372036854775808", "9007199254740992",
		"18446744073709551617",
		"1234567890123456789012345678901234567890",
		"\xd9\xa2" /* an Arabic 2 */ };
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	size_t i, rule;
	int64_t n;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OWNED_XML struct xml_reader *x = NULL;

		buf_reset(&b);
		assert_int_equal(
		    buf_format(&b, &f, "\n<box " NS " n='%s'/>", bad[i]), 0);
		assert_int_equal(xml_open(&strict, b.data, b.len, &x, &f), 0);
		assert_int_equal(xml_next(x, &rule, &f), 0);
		n = 77;
		if (xml_number(x, "n", 0, NUM_MAX, &n, &f) == 0)
			fail_msg("'%s' was read as %lld", bad[i], (long long)n);
		assert_int_equal(n, 77);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_int_equal(xml_within(x, &f), -1);
		assert_ptr_equal(
		    strstr(f.text, "line 2: element 'box': attribute 'n': "),
		    f.text);
	}
}

/* What names and comments may have, and what XML makes special. */
static const char *const hostile[] = { "<", ">", "&", "\"", "'", "&amp;", "]]>",
	"<!--", "<?x?>", " ", "  two  blanks  ", "a b", "\xc2\xa0", "\xc3\xa9",
	"e\xcc\x81", "\xe2\x80\x8b", "\xef\xbf\xbd", "\xf0\x9f\x92\xa9",
	"\xf0\x9f\xbf\xbe", "\xef\xb7\x90", "%00", "&#10;", "\xe2\x80\x8f",
	"\\n" };

static void
what_is_written_is_read_back(void **state)
{
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
		OWNED_BUF struct buf want = BUF_INIT(BUF_ANY);
		OWNED_XML_WRITER struct xml_writer *w = NULL;

		assert_int_equal(xml_create(&out, &w, &f), 0);
		xml_begin(w, "box");
		xml_put(w, "xmlns", XML_WIKICAST);
		xml_put(w, "xmlns:o", "urn:other");
		xml_put_number(w, "n", INT64_MIN);
		xml_put_element(w, "name", hostile[i]);
		xml_begin(w, "thing");
		xml_put(w, "a", hostile[i]);
		xml_put(w, "o:b", NULL);
		xml_begin(w, "part");
		xml_end(w);
		xml_end(w);
		xml_end(w);
		assert_int_equal(xml_finish(&w, &f), 0);
		assert_null(w);
		assert_int_equal(buf_format(&want, &f,
				     "box name '%s' thing a='%s' part ",
				     hostile[i], hostile[i]),
		    0);
		accepts(&strict, out.data, want.data);
		assert_non_null(
		    strstr(out.data, " n=\"-9223372036854775808\""));
	}
}

static void
one_element_a_line_is_written_without_blanks(void **state)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(buf_add_text(&out, "before|", &f), 0);
	assert_int_equal(xml_create(&out, &w, &f), 0);
	xml_begin(w, "box");
	xml_put(w, "xmlns", XML_WIKICAST);
	xml_put_element(w, "name", "\xc3\xa9");
	xml_begin(w, "thing");
	xml_put(w, "a", "\xc3\xa9");
	xml_put_time(w, "t", 0);
	xml_end(w);
	xml_end(w);
	assert_int_equal(xml_finish(&w, &f), 0);
	assert_string_equal(out.data,
	    "before|<box xmlns=\"urn:x-wikicast:1\">\n"
	    "<name>\xc3\xa9</name>\n"
	    "<thing a=\"\xc3\xa9\" t=\"1970-01-01T00:00:00Z\"/>\n"
	    "</box>\n");
}

static void
what_xml_or_the_format_cannot_hold_is_not_written(void **state)
{
	static const char *const bad[] = { "\n", "\r", "\t", "\x01", "\x7f",
		"\xc2\x85", "\xe2\x80\xa8", "\xef\xbf\xbe", "\xef\xbf\xbf",
		"\xed\xa0\x80", "\xff", "\xc0\x80" };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(bad) / sizeof(bad[0]); i++) {
		OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
		OWNED_XML_WRITER struct xml_writer *w = NULL;

		assert_int_equal(buf_add_text(&out, "kept", &f), 0);
		assert_int_equal(xml_create(&out, &w, &f), 0);
		xml_begin(w, "box");
		if (i % 2 == 0)
			xml_put(w, "n", bad[i / 2]);
		else
			xml_put_element(w, "name", bad[i / 2]);
		xml_end(w);
		assert_int_equal(xml_finish(&w, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_non_null(strstr(f.text, i % 2 == 0 ? "n: " : "name: "));
		assert_string_equal(out.data, "kept");
	}
}

static void
a_full_buffer_is_a_fault_and_leaves_nothing_behind(void **state)
{
	OWNED_BUF struct buf out = BUF_INIT(100);
	OWNED_XML_WRITER struct xml_writer *w = NULL;
	struct fault f = { 0 };
	int i;

	(void)state;
	assert_int_equal(xml_create(&out, &w, &f), 0);
	xml_begin(w, "box");
	for (i = 0; i < 10000; i++)
		xml_put_element(w, "name", "value");
	xml_end(w);
	assert_int_equal(xml_finish(&w, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    known_elements_come_one_by_one_with_attributes_and_text),
		cmocka_unit_test(what_is_no_element_or_text_is_refused),
		cmocka_unit_test(malformed_documents_are_refused),
		cmocka_unit_test(only_utf8_is_read),
		cmocka_unit_test(
		    unknown_things_are_ignored_or_refused_as_the_grammar_says),
		cmocka_unit_test(the_root_must_be_the_right_one),
		cmocka_unit_test(how_often_something_stands_there_is_counted),
		cmocka_unit_test(text_stands_only_where_it_belongs),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(attributes_are_bounded),
		cmocka_unit_test(
		    a_long_text_with_many_equals_signs_is_no_attribute_bomb),
		cmocka_unit_test(a_document_above_the_limit_is_not_looked_at),
		cmocka_unit_test(numbers_times_and_digests_are_read_strictly),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(one_element_a_line_is_written_without_blanks),
		cmocka_unit_test(
		    what_xml_or_the_format_cannot_hold_is_not_written),
		cmocka_unit_test(
		    a_full_buffer_is_a_fault_and_leaves_nothing_behind),
	};

	xml_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
