#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"
#include "feeds/network.h"
#include "feeds/xml.h"
#include "tests/support/libdocuments.h"

#define HEAD "<network xmlns='urn:x-wikicast:1' feed='" SAMPLE_ID "'>"

static char *
written(const struct network *n)
{
	struct buf out = BUF_INIT(NETWORK_MAX);
	struct fault f = { 0 };

	if (network_write(n, &out, &f) == -1)
		fail_msg("%s", f.text);
	return buf_take(&out);
}

static void
what_is_written_is_read_back(void **state)
{
	OWNED_NETWORK struct network n, back;
	OWNED_MEM char *text = NULL, *again = NULL;
	struct fault f = { 0 };

	(void)state;
	sample_network(&n);
	network_init(&back);
	assert_int_equal(network_add_peer(&n, "http://w3.example/a&b='c'/",
			     "http://w3.example/?a=1&b=2", &f),
	    0);
	text = written(&n);
	if (network_read(text, strlen(text), &back, &f) == -1)
		fail_msg("%s\n%s", f.text, text);
	assert_string_equal(back.feed, SAMPLE_ID);
	assert_int_equal(back.mirror_count, 2);
	assert_string_equal(back.mirrors[0].url,
	    "https://a.example/wikicast/badcontent/");
	assert_int_equal(back.mirrors[0].priority, 10);
	assert_int_equal(back.mirrors[1].priority, 20);
	assert_int_equal(back.peer_count, 3);
	assert_string_equal(back.peers[0].notify,
	    "https://w1.example/cgi-bin/notify?feed=x");
	assert_null(back.peers[1].notify);
	assert_string_equal(back.peers[2].url, "http://w3.example/a&b='c'/");
	again = written(&back);
	assert_string_equal(text, again);
}

static void
only_places_on_the_web_are_urls(void **state)
{
	static const char *const good[] = { "http://a", "https://a/",
		"https://a.example:8080/b/?c=d&e", "http://127.0.0.1:8/x",
		"http://[::1]/", "http://[2001:db8::1]:80/", "http://a?x",
		"https://xn--mnchen-3ya.example/%C3%BC/" };
	static const char *const bad[] = { "", "http://", "http:///x",
		"https://:80/", "ftp://a/", "file:///etc/passwd", "//a/",
		"javascript:alert(1)", "HTTP://a/", "http:/a/", "http://a b/",
		"http://user@a/", "http://user:pw@a/", "http://a:/",
		"http://a:1234567/", "http://a:b/", "http://a/\x01",
		"http://a/\n", "http://a/\xc3\xa9", "http://\xc3\xa9/",
		"http://a/\"", "http://a/<", "http://a/#x", "http://a\\b/",
		"http://[::1/", "http://[]/", "http://[::1]x/", "http://a]/",
		" http://a/", "http://a/ ", "http://a,b/", "http://a%2f/" };
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!network_url_valid(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (network_url_valid(bad[i]))
			fail_msg("'%s' was taken for a URL", bad[i]);
	assert_int_equal(buf_add_text(&b, "http://a/", &f), 0);
	while (b.len < NETWORK_URL_MAX)
		assert_int_equal(buf_add_text(&b, "x", &f), 0);
	assert_true(network_url_valid(b.data));
	assert_int_equal(buf_add_text(&b, "x", &f), 0);
	assert_false(network_url_valid(b.data));
}

static void
a_publisher_is_told_what_is_wrong_with_a_place(void **state)
{
	OWNED_NETWORK struct network n;
	struct fault f = { 0 };

	(void)state;
	network_init(&n);
	assert_int_equal(network_add_mirror(&n, "https://a/x", 1, &f), -1);
	assert_non_null(strstr(f.text, "slash at the end"));
	assert_int_equal(network_add_mirror(&n, "https://a/?/", 1, &f), -1);
	assert_int_equal(network_add_mirror(&n, "https://a/", -1, &f), -1);
	assert_int_equal(network_add_mirror(&n, "https://a/", NUM_MAX + 1, &f),
	    -1);
	assert_int_equal(network_add_peer(&n, "https://a/", "mailto:x", &f),
	    -1);
	assert_int_equal(n.mirror_count, 0);
	assert_int_equal(n.peer_count, 0);
}

static int
read_text(const char *text, struct network *n, struct fault *f)
{
	return network_read(text, strlen(text), n, f);
}

static void
bad_places_are_left_out_and_the_rest_is_read(void **state)
{
	static const char text[] =
	    HEAD "<mirror url='file:///etc/' priority='1'/>"
		 "<mirror url='https://a.example' priority='1'/>"
		 "<mirror url='https://b.example/' priority='7' new='1'/>"
		 "<peer url='gopher://c.example/'/>"
		 "<peer url='https://d.example/' notify='javascript:1'/>"
		 "<friend url='https://e.example/'/></network>";
	OWNED_NETWORK struct network n;
	struct fault f = { 0 };

	(void)state;
	network_init(&n);
	if (read_text(text, &n, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(n.mirror_count, 1);
	assert_string_equal(n.mirrors[0].url, "https://b.example/");
	assert_int_equal(n.peer_count, 1);
	assert_null(n.peers[0].notify);
}

static void
of_a_thousand_mirrors_the_first_are_taken(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(NETWORK_MAX);
	OWNED_NETWORK struct network n;
	struct fault f = { 0 };
	int i;

	(void)state;
	network_init(&n);
	assert_int_equal(buf_add_text(&b, HEAD, &f), 0);
	for (i = 0; i < 1000; i++)
		assert_int_equal(
		    buf_format(&b, &f,
			"<mirror "
			"url='https://m%d.example/' priority='%d'/>"
			"<peer url='https://p%d.example/'/>",
			i, i, i),
		    0);
	assert_int_equal(buf_add_text(&b, "</network>", &f), 0);
	assert_int_equal(read_text(b.data, &n, &f), 0);
	assert_int_equal(n.mirror_count, MIRRORS_MAX);
	assert_string_equal(n.mirrors[MIRRORS_MAX - 1].url,
	    "https://m15.example/");
	/* Of the peers everyone chooses others, so all are needed. */
	assert_int_equal(n.peer_count, 1000);
}

static void
a_document_with_a_fault_is_refused_with_the_element_that_has_it(void **state)
{
	static const struct {
		const char *text;
		const char *because;
	} bad[] = {
		{ HEAD, "malformed" },
		{ "<network xmlns='urn:x-wikicast:1'/>", "'feed' is missing" },
		{ "<network xmlns='urn:x-wikicast:1' feed='x'/>",
		    "element 'network'" },
		{ HEAD "<mirror url='https://a/'/></network>",
		    "element 'mirror': attribute 'priority' is missing" },
		{ HEAD "<mirror url='https://a/' priority='0x2'/></network>",
		    "element 'mirror'" },
		{ HEAD "<mirror url='https://a/' priority='+2'/></network>",
		    "element 'mirror'" },
		{ HEAD "<mirror url='https://a/' priority='007'/></network>",
		    "element 'mirror'" },
		{ HEAD "<mirror url='https://a/' "
		       "priority='9223372036854775808'/></network>",
		    "element 'mirror'" },
		{ HEAD "<mirror priority='1'/></network>", "element 'mirror'" },
		{ HEAD "<peer notify='https://a/'/></network>",
		    "element 'peer'" },
		{ HEAD "https://a/</network>", "text between elements" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OWNED_NETWORK struct network n;
		struct fault f = { 0 };

		network_init(&n);
		if (read_text(bad[i].text, &n, &f) == 0)
			fail_msg("%s: was read", bad[i].text);
		assert_int_equal(f.kind, FAULT_FORMAT);
		if (strstr(f.text, bad[i].because) == NULL)
			fail_msg("%s: %s", bad[i].text, f.text);
		assert_int_equal(n.mirror_count + n.peer_count, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(only_places_on_the_web_are_urls),
		cmocka_unit_test(
		    a_publisher_is_told_what_is_wrong_with_a_place),
		cmocka_unit_test(bad_places_are_left_out_and_the_rest_is_read),
		cmocka_unit_test(of_a_thousand_mirrors_the_first_are_taken),
		cmocka_unit_test(
		    a_document_with_a_fault_is_refused_with_the_element_that_has_it),
	};

	xml_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
