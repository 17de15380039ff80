#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fetch/armor.h"

#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define END "-----END PGP PUBLIC KEY BLOCK-----\n"
#define BODY "\nmDMEZ+/a==\n=AbCd\n"

static bool
plain(const char *text)
{
	return armor_is_plain(text, strlen(text));
}

static void
blocks_of_base64_are_plain(void **state)
{
	(void)state;
	assert_true(plain(BEGIN BODY END));
	assert_true(plain(BEGIN BODY END BEGIN BODY END));
	assert_true(plain("-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\nAA==\r\n"
			  "-----END PGP PUBLIC KEY BLOCK-----"));
}

static void
nothing_may_stand_around_or_between_them(void **state)
{
	(void)state;
	assert_false(plain("<script>\n" BEGIN BODY END));
	assert_false(plain("\n" BEGIN BODY END));
	assert_false(plain(BEGIN BODY END "<p>hello"));
	assert_false(plain(BEGIN BODY END "\n" BEGIN BODY END));
	assert_false(plain(BEGIN "Comment: <script>\n" BODY END));
	assert_false(plain(BEGIN BODY "<b>\n" END));
	assert_false(
	    armor_is_plain(BEGIN "\0\n" END, sizeof(BEGIN "\0\n" END) - 1));
}

static void
halves_of_blocks_are_not(void **state)
{
	(void)state;
	assert_false(plain(""));
	assert_false(plain(BEGIN BODY));
	assert_false(plain(END));
	assert_false(plain(BEGIN BEGIN BODY END));
	assert_false(plain("mDMEZ\n"));
	assert_false(plain("<!DOCTYPE html><title>Not found</title>"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_base64_are_plain),
		cmocka_unit_test(nothing_may_stand_around_or_between_them),
		cmocka_unit_test(halves_of_blocks_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
