#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/base64.h"

static void
the_vectors_of_rfc_4648_go_there_and_back(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd", "//79" }, { "\xfb\xef\xbe", "++++" } };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		OWNED_BUF struct buf text = BUF_INIT(100);
		OWNED_BUF struct buf bytes = BUF_INIT(100);

		assert_int_equal(
		    base64_encode(pairs[i][0], strlen(pairs[i][0]), &text, &f),
		    0);
		assert_string_equal(text.data, pairs[i][1]);
		assert_int_equal(base64_decode(text.data, text.len, &bytes, &f),
		    0);
		assert_string_equal(bytes.data, pairs[i][0]);
	}
}

static void
bytes_of_every_length_and_value_go_there_and_back(void **state)
{
	uint8_t bytes[256];
	struct fault f = { 0 };
	size_t n, i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + 3);
	for (n = 0; n <= sizeof(bytes); n++) {
		OWNED_BUF struct buf text = BUF_INIT(1000);
		OWNED_BUF struct buf back = BUF_INIT(1000);

		assert_int_equal(buf_add_text(&text, "=", &f), 0);
		assert_int_equal(base64_encode(bytes, n, &text, &f), 0);
		assert_int_equal(text.len, 1 + (n + 2) / 3 * 4);
		assert_int_equal(buf_add_text(&back, "x", &f), 0);
		assert_int_equal(
		    base64_decode(text.data + 1, text.len - 1, &back, &f), 0);
		assert_int_equal(back.len, 1 + n);
		assert_memory_equal(back.data + 1, bytes, n);
	}
}

static void
only_one_text_stands_for_given_bytes(void **state)
{
	static const char *const bad[] = { "Z", "Zg",
		"Zg=", "Zg===", "=Zg=", "====", "Zh==", "Zm9=", "Zm8", "Zm9v ",
		" Zm9v", "Zm9v\n", "Zm9v\r\n", "Zm\n9v", "Zm 9v", "Zm9vZm9",
		"Zg==Zg==", "Zm8=Zm8=", "Zg==Zm9v", "Z===", "-_79", "__79",
		"Zm9v====", "Zm9*", "Zm9\xc3\xa9", "Zg=a", "Zm9v    ",
		"\n\n\n\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OWNED_BUF struct buf b = BUF_INIT(100);
		struct fault f = { 0 };

		assert_int_equal(buf_add_text(&b, "kept", &f), 0);
		assert_int_equal(base64_decode(bad[i], strlen(bad[i]), &b, &f),
		    -1);
		assert_int_equal(f.kind, FAULT_FORMAT);
		assert_string_equal(b.data, "kept");
		assert_int_equal(b.len, 4);
	}
}

static void
a_nul_is_no_base64(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(100);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(base64_decode("Zm\0v", 4, &b, &f), -1);
	assert_int_equal(base64_decode("\0\0\0\0", 4, &b, &f), -1);
	assert_int_equal(b.len, 0);
}

static void
limits_of_the_result_hold(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(3);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(base64_encode("foo", 3, &b, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(base64_decode("Zm9vZm9v", 8, &b, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(b.len, 0);
	assert_int_equal(base64_decode("Zm9v", 4, &b, &f), 0);
	assert_string_equal(b.data, "foo");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_4648_go_there_and_back),
		cmocka_unit_test(
		    bytes_of_every_length_and_value_go_there_and_back),
		cmocka_unit_test(only_one_text_stands_for_given_bytes),
		cmocka_unit_test(a_nul_is_no_base64),
		cmocka_unit_test(limits_of_the_result_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
