#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/num.h"
#include "feeds/notice.h"

#define ID "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"
#define STATE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GOOD "feed=" ID "&serial=7&state=" STATE

static void
good(const char *form, const char *from)
{
	struct notice n = { .serial = 0 };
	struct fault f = { 0 };
	char state[DIGEST_TEXT];

	if (notice_read(form, strlen(form), &n, &f) == -1)
		fail_msg("%s: %s", form, f.text);
	digest_format(&n.state, state);
	assert_string_equal(n.feed, ID);
	assert_int_equal(n.serial, 7);
	assert_string_equal(state, STATE);
	assert_string_equal(n.from, from);
}

static void
bad(const char *form, size_t n, enum fault_kind kind, const char *words)
{
	struct notice out = { .serial = 42 };
	struct fault f = { 0 };

	if (notice_read(form, n, &out, &f) == 0)
		fail_msg("taken: %s", form);
	assert_int_equal(f.kind, kind);
	if (strstr(f.text, words) == NULL)
		fail_msg("'%s' is not about '%s'", f.text, words);
	assert_int_equal(out.serial, 42);
}

static void
refused(const char *form, const char *words)
{
	bad(form, strlen(form), FAULT_FORMAT, words);
}

static void
a_form_is_read_however_it_is_encoded(void **state)
{
	(void)state;
	good(GOOD, "");
	good(GOOD "&from=https://a.example/f/", "https://a.example/f/");
	good(GOOD "&from=https%3A%2f%2Fa.example%2Ff%2f",
	    "https://a.example/f/");
	good("state=" STATE "&serial=%37&feed=%75rn:uuid:"
	     "6b1f1c56-0000-4000-8000-000000000001",
	    "");
	good("&" GOOD "&&", "");
	good(GOOD "&from=", "");
}

static void
unknown_fields_are_passed_over(void **state)
{
	(void)state;
	good(GOOD "&later=%zz&x&=&Feed=other", "");
}

static void
a_form_that_is_not_whole_is_refused(void **state)
{
	(void)state;
	refused("", "'feed'");
	refused("feed=" ID "&state=" STATE, "'serial'");
	refused("feed=" ID "&serial=7", "'state'");
	refused("serial=7&state=" STATE, "'feed'");
	refused("feed&serial=7&state=" STATE, "'feed' has no value");
	refused(GOOD "&serial=7", "'serial' stands twice");
	refused(GOOD "&from=&from=", "'from' stands twice");
}

static void
values_are_judged_strictly(void **state)
{
	(void)state;
	refused("feed=x&serial=7&state=" STATE, "'feed'");
	refused("feed=" ID "x&serial=7&state=" STATE, "too long");
	refused("feed=" ID "&serial=0&state=" STATE, "'serial'");
	refused("feed=" ID "&serial=-1&state=" STATE, "'serial'");
	refused("feed=" ID "&serial=+7&state=" STATE, "'serial'");
	refused("feed=" ID "&serial=07&state=" STATE, "'serial'");
	refused("feed=" ID "&serial=9007199254740992&state=" STATE, "large");
	refused("feed=" ID "&serial=99999999999999999999&state=" STATE,
	    "too long");
	refused("feed=" ID "&serial=7&state=" STATE "0", "too long");
	refused("feed=" ID "&serial=7&state=0", "'state'");
	refused(GOOD "&from=ftp://a.example/", "'from'");
	refused(GOOD "&from=file:///etc/", "'from'");
	refused(GOOD "&from=http://a.example/f", "'from'");
	refused(GOOD "&from=http://a.example/%0a/", "'from'");
	refused(GOOD "&from=http://user@a.example/", "'from'");
}

static void
what_is_not_form_encoded_is_refused(void **state)
{
	static const char nul[] = GOOD "&from=http://a.example/\0/";

	(void)state;
	refused(GOOD "&from=%", "not form encoded");
	refused(GOOD "&from=%4", "not form encoded");
	refused(GOOD "&from=%4g", "not form encoded");
	refused(GOOD "&from=http://a.example/%00/", "not form encoded");
	bad(nul, sizeof(nul) - 1, FAULT_FORMAT, "not form encoded");
}

static void
too_much_of_anything_is_refused(void **state)
{
	char form[NOTICE_MAX + 2] = GOOD "&x=";
	size_t n = strlen(form);
	struct fault f = { 0 };
	struct notice out;
	int i;

	(void)state;
	memset(form + n, 'x', sizeof(form) - n);
	assert_int_equal(notice_read(form, NOTICE_MAX, &out, &f), 0);
	bad(form, NOTICE_MAX + 1, FAULT_LIMIT, "longer than 4096 bytes");
	(void)snprintf(form, sizeof(form), "%s", GOOD);
	for (i = 3; i < NOTICE_FIELDS_MAX; i++)
		memcpy(form + strlen(form), "&x", 3);
	assert_int_equal(notice_read(form, strlen(form), &out, &f), 0);
	memcpy(form + strlen(form), "&x", 3);
	refused(form, "fields");
	n = (size_t)snprintf(form, sizeof(form), "%s&from=http://a.example/",
	    GOOD);
	memset(form + n, 'x', NETWORK_URL_MAX);
	memcpy(form + n + NETWORK_URL_MAX, "/", 2);
	refused(form, "'from' is too long");
}

static void
what_is_written_is_read_again(void **state)
{
	OWNED_BUF struct buf form = BUF_INIT(NOTICE_MAX);
	struct notice n = { .feed = ID,
		.serial = NUM_MAX,
		.from = "https://[2001:db8::1]:8080/a~b/%7e&x=1/" };
	struct notice again;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(digest_parse(STATE, &n.state, &f), 0);
	assert_int_equal(notice_write(&n, &form, &f), 0);
	assert_null(strchr(form.data, '/'));
	assert_int_equal(notice_read(form.data, form.len, &again, &f), 0);
	assert_string_equal(again.feed, n.feed);
	assert_int_equal(again.serial, n.serial);
	assert_true(digest_equal(&again.state, &n.state));
	assert_string_equal(again.from, n.from);
	/* Who has no copy to show says nothing of one. */
	buf_reset(&form);
	n.from[0] = '\0';
	assert_int_equal(notice_write(&n, &form, &f), 0);
	assert_null(strstr(form.data, "from"));
}

static void
a_tag_is_of_the_folder(void **state)
{
	char one[NOTICE_TAG_TEXT], two[NOTICE_TAG_TEXT];

	(void)state;
	notice_tag("https://a.example/f/", one);
	notice_tag("https://a.example/f", two);
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), 16);
	notice_tag("https://a.example/g/", two);
	assert_string_not_equal(one, two);
	notice_tag("", two);
	assert_int_equal(strlen(two), 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_is_read_however_it_is_encoded),
		cmocka_unit_test(unknown_fields_are_passed_over),
		cmocka_unit_test(a_form_that_is_not_whole_is_refused),
		cmocka_unit_test(values_are_judged_strictly),
		cmocka_unit_test(what_is_not_form_encoded_is_refused),
		cmocka_unit_test(too_much_of_anything_is_refused),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(a_tag_is_of_the_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
