#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/digest.h"
#include "base/own.h"
#include "tests/support/libscratch.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MILLION \
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static const char *
hex(const void *bytes, size_t n)
{
	static char text[DIGEST_TEXT];
	struct digest d;

	digest_of(bytes, n, &d);
	digest_format(&d, text);
	return text;
}

static void
the_vectors_of_fips_180_come_out(void **state)
{
	char *million = malloc(1000000);

	(void)state;
	assert_non_null(million);
	memset(million, 'a', 1000000);
	assert_string_equal(hex("abc", 3), ABC);
	assert_string_equal(hex("", 0), EMPTY);
	assert_string_equal(
	    hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	assert_string_equal(
	    hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklm"
		"noijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		112),
	    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
	assert_string_equal(hex(million, 1000000), MILLION);
	free(million);
}

static void
pieces_of_any_size_give_the_same(void **state)
{
	char text[300];
	size_t piece, i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (piece = 1; piece <= sizeof(text); piece++) {
		struct digest_run run;
		struct digest d, whole;

		digest_start(&run);
		for (i = 0; i < sizeof(text); i += piece)
			digest_more(&run, text + i,
			    sizeof(text) - i < piece ? sizeof(text) - i :
						       piece);
		digest_end(&run, &d);
		digest_of(text, sizeof(text), &whole);
		assert_true(digest_equal(&d, &whole));
	}
}

static void
a_file_is_read_from_its_start_wherever_it_stands(void **state)
{
	OWNED_FD int fd = open(scratch_path("f"), O_RDWR | O_CREAT, 0600);
	struct fault f = { 0 };
	char text[DIGEST_TEXT], *block = malloc(200000);
	struct digest d;
	int64_t size;
	int i;

	(void)state;
	assert_non_null(block);
	memset(block, 'a', 200000);
	for (i = 0; i < 5; i++)
		assert_int_equal(write(fd, block, 200000), 200000);
	free(block);
	assert_int_equal(digest_of_fd(fd, &d, &size, &f), 0);
	digest_format(&d, text);
	assert_string_equal(text, MILLION);
	assert_int_equal(size, 1000000);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 1000000);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(digest_of_fd(fd, &d, &size, &f), 0);
	assert_int_equal(size, 0);
	assert_int_equal(digest_of_fd(-1, &d, &size, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
}

static void
text_is_64_lower_case_digits_or_refused(void **state)
{
	static const char *const bad[] = {
		"", "b", ABC "0", " " ABC, ABC "\n",
		"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
		"0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015",
		"ba7816bf 8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a"
	};
	struct digest d, want;
	struct fault f;
	size_t i;

	(void)state;
	digest_of("abc", 3, &want);
	assert_int_equal(digest_parse(ABC, &d, &f), 0);
	assert_true(digest_equal(&d, &want));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(digest_parse(bad[i], &d, &f), -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_true(digest_equal(&d, &want));
	}
	d.bytes[31] ^= 1;
	assert_false(digest_equal(&d, &want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_fips_180_come_out),
		cmocka_unit_test(pieces_of_any_size_give_the_same),
		cmocka_unit_test_setup_teardown(
		    a_file_is_read_from_its_start_wherever_it_stands,
		    scratch_enter, scratch_leave),
		cmocka_unit_test(text_is_64_lower_case_digits_or_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
