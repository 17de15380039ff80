#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fetch/given.h"

static char name[] = "NAME", bare[] = "https://a.example/f";
static char slash[] = "https://b.example/f/", feed[] = "file:///f/feed.atom";
static char alike[] = "https://c.example/my-feed.atom";

static void
urls_of_folders_get_their_slash(void **state)
{
	OWNED_WORDS struct words urls = WORDS_INIT;
	char *list[] = { name, bare, slash, feed, alike, name, NULL };
	const struct words given = { list, 6 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(given_urls(&given, 1, 5, &urls, &f), 0);
	assert_int_equal(urls.count, 4);
	assert_string_equal(urls.word[0], "https://a.example/f/");
	assert_string_equal(urls.word[1], "https://b.example/f/");
	assert_string_equal(urls.word[2], "file:///f/");
	assert_string_equal(urls.word[3], "https://c.example/my-feed.atom/");
}

static void
signers_are_written_as_the_configuration_has_them(void **state)
{
	OWNED_WORDS struct words signers = WORDS_INIT;
	char first[] = "0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567";
	char second[] = "0123456789ABCDEF0123456789ABCDEF0123456";
	char *list[] = { first, second, NULL };
	struct words given = { list, 1 };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(given_signers(&given, &signers, &f), 0);
	assert_int_equal(signers.count, 1);
	assert_string_equal(signers.word[0],
	    "0123456789ABCDEF0123456789ABCDEF01234567");
	given.count = 2;
	assert_int_equal(given_signers(&given, &signers, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_non_null(strstr(f.text, "option '--signer': "));
}

static void
nobody_is_followed_without_a_signer(void **state)
{
	OWNED_WORDS struct words signers = WORDS_INIT;
	const struct words given = WORDS_INIT;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(given_signers(&given, &signers, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	assert_non_null(strstr(f.text, "--signer"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_of_folders_get_their_slash),
		cmocka_unit_test(
		    signers_are_written_as_the_configuration_has_them),
		cmocka_unit_test(nobody_is_followed_without_a_signer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
