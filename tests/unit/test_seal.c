#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/base64.h"
#include "feeds/seal.h"
#include "items/limits.h"

#define DOCUMENT "<feed>x</feed>\n"

/* A version 4 signature of no meaning: what framing alone can see. */
static const uint8_t packet[] = { 0x88, 0x06, 4, 0x00, 22, 8, 0, 0 };

/* A document with a signature line over the given packets. */
static void
sealed(struct buf *b, const char *document, const void *packets, size_t n)
{
	struct fault f = { 0 };

	assert_int_equal(buf_add_text(b, document, &f), 0);
	assert_int_equal(buf_add_text(b, "<?openpgp-signature ", &f), 0);
	assert_int_equal(base64_encode(packets, n, b, &f), 0);
	assert_int_equal(buf_add_text(b, "?>\n", &f), 0);
}

/* Splits, or is refused with the kind and with words that name the cause. */
static void
refused(const char *bytes, size_t n, enum fault_kind kind, const char *words)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	size_t signed_size = 4711;
	struct fault f = { 0 };

	if (seal_split(bytes, n, &signed_size, &packets, &f) == 0)
		fail_msg("accepted: %.*s", (int)n, bytes);
	if (f.kind != kind || strstr(f.text, words) == NULL)
		fail_msg("kind %d, '%s' without '%s'", f.kind, f.text, words);
	assert_int_equal(signed_size, 4711);
	assert_int_equal(packets.len, 0);
}

static void
refused_text(const char *text, enum fault_kind kind, const char *words)
{
	refused(text, strlen(text), kind, words);
}

static void
refused_packets(const void *packets, size_t n, enum fault_kind kind,
    const char *words)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	sealed(&b, DOCUMENT, packets, n);
	refused(b.data, b.len, kind, words);
}

static void
what_is_added_is_split_off_again(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	struct fault f = { 0 };
	size_t signed_size;

	(void)state;
	assert_int_equal(buf_add_text(&b, DOCUMENT, &f), 0);
	assert_int_equal(seal_add(&b, packet, sizeof(packet), &f), 0);
	assert_string_equal(b.data,
	    DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>\n");
	assert_int_equal(seal_split(b.data, b.len, &signed_size, &packets, &f),
	    0);
	assert_int_equal(signed_size, strlen(DOCUMENT));
	assert_int_equal(packets.len, sizeof(packet));
	assert_memory_equal(packets.data, packet, sizeof(packet));
}

static void
a_document_is_sealed_only_once_and_only_behind_a_line_end(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(seal_add(&b, packet, sizeof(packet), &f), -1);
	assert_int_equal(buf_add_text(&b, "<feed/>", &f), 0);
	assert_int_equal(seal_add(&b, packet, sizeof(packet), &f), -1);
	assert_int_equal(buf_add_text(&b, "\n", &f), 0);
	assert_int_equal(seal_add(&b, "junk", 4, &f), -1);
	assert_string_equal(b.data, "<feed/>\n");
	assert_int_equal(seal_add(&b, packet, sizeof(packet), &f), 0);
	assert_int_equal(seal_add(&b, packet, sizeof(packet), &f), -1);
	assert_non_null(strstr(f.text, "already"));
}

static void
a_document_without_the_line_is_refused(void **state)
{
	(void)state;
	refused("", 0, FAULT_UNSIGNED, "no signature line");
	refused_text("\n", FAULT_UNSIGNED, "no signature line");
	refused_text(DOCUMENT, FAULT_UNSIGNED, "no signature line");
	refused_text(DOCUMENT "<?openpgp-signature?>\n", FAULT_UNSIGNED,
	    "no signature line");
	refused_text(DOCUMENT "<?OpenPGP-Signature iAYEABYIAAA=?>\n",
	    FAULT_UNSIGNED, "no signature line");
	refused_text(DOCUMENT "<?openpgp-signature\tiAYEABYIAAA=?>\n",
	    FAULT_UNSIGNED, "no signature line");
}

static void
a_clear_signed_or_armored_text_is_refused(void **state)
{
	(void)state;
	refused_text(
	    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" DOCUMENT
	    "-----BEGIN PGP SIGNATURE-----\n\niAYEABYIAAA=\n"
	    "-----END PGP SIGNATURE-----\n",
	    FAULT_UNSIGNED, "no signature line");
	refused_text(DOCUMENT
	    "<?openpgp-signature -----BEGIN PGP SIGNATURE-----?>\n",
	    FAULT_FORMAT, "base64");
}

static void
a_web_page_instead_of_a_feed_is_called_one(void **state)
{
	(void)state;
	refused_text("<!DOCTYPE HTML>\n<html>Please log in</html>\n",
	    FAULT_UNSIGNED, "web page");
	refused_text("\n <HTML><body>404</body></html>", FAULT_UNSIGNED,
	    "web page");
}

static void
nothing_may_stand_behind_the_line(void **state)
{
	(void)state;
	refused_text(DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>",
	    FAULT_FORMAT, "does not end");
	refused_text(DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>\r\n",
	    FAULT_FORMAT, "does not end");
	refused_text(DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>\n\n",
	    FAULT_FORMAT, "does not end");
	refused_text(DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>\n<x/>\n",
	    FAULT_FORMAT, "does not end");
	refused_text(DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>\n<x?>\n",
	    FAULT_FORMAT, "base64");
	refused(DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>\n\0",
	    strlen(DOCUMENT) + 36, FAULT_FORMAT, "does not end");
	refused_text(DOCUMENT "<?openpgp-signature ?>\n", FAULT_FORMAT,
	    "no signature");
	refused_text(DOCUMENT "<?openpgp-signature >\n", FAULT_FORMAT,
	    "does not end");
	refused_text(DOCUMENT "<?openpgp-signature ", FAULT_FORMAT,
	    "does not end");
}

static void
the_line_stands_nowhere_else(void **state)
{
	(void)state;
	refused_text("<?openpgp-signature iAYEABYIAAA=?>\n", FAULT_FORMAT,
	    "line of its own");
	refused_text("<feed/><?openpgp-signature iAYEABYIAAA=?>\n",
	    FAULT_FORMAT, "line of its own");
	refused_text("<a>\n<?openpgp-signature iAYEABYIAAA=?>\n</a>\n"
		     "<?openpgp-signature iAYEABYIAAA=?>\n",
	    FAULT_FORMAT, "more than one");
	refused_text(DOCUMENT "<?openpgp-signature iAYEABYIAAA=?>\n"
			      "<?openpgp-signature iAYEABYIAAA=?>\n",
	    FAULT_FORMAT, "more than one");
	refused_text("<a title='<?openpgp-signature '/>\n"
		     "<?openpgp-signature iAYEABYIAAA=?>\n",
	    FAULT_FORMAT, "more than one");
}

static void
base64_has_one_spelling(void **state)
{
	static const char *const texts[] = { "iAYEABYIAAA", "iAYEABYIAAA==",
		"iAYEABYIAAB=", " iAYEABYIAAA=", "iAYEABYIAAA= ",
		"iAYE ABYIAAA=", "iAYE\nABYIAAA=", "iAYEABYIAAA=\n",
		"iAYEABYIAA\t=", "iAYEABYIAAA=iAYEABYIAAA=", "iAYEABYIAAA=?",
		"\xef\xbb\xbfiAYEABYIAAA=", "iAYE-BYI_AA=", "====" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
		struct fault f = { 0 };

		assert_int_equal(buf_format(&b, &f,
				     DOCUMENT "<?openpgp-signature %s?>\n",
				     texts[i]),
		    0);
		refused(b.data, b.len, FAULT_FORMAT, "base64");
	}
}

static void
a_nul_in_the_document_hides_nothing(void **state)
{
	static const char text[] = "a\0b\n<?openpgp-signature iAYEABYIAAA=?>\n"
				   "\0<?openpgp-signature iAYEABYIAAA=?>\n";
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	size_t signed_size;
	struct fault f = { 0 };

	(void)state;
	refused(text, sizeof(text) - 1, FAULT_FORMAT, "more than one");
	assert_int_equal(seal_split(text, 39, &signed_size, &packets, &f), 0);
	assert_int_equal(signed_size, 4);
}

/* Both header formats of RFC 4880 section 4.2, in every definite length. */
static void
every_definite_length_is_read(void **state)
{
	static const struct {
		uint8_t header[6];
		size_t size, body;
	} cases[] = {
		{ { 0x88, 0xbf }, 2, 191 },
		{ { 0x89, 0x00, 0x06 }, 3, 6 },
		{ { 0x8a, 0x00, 0x00, 0x01, 0x01 }, 5, 257 },
		{ { 0xc2, 0x06 }, 2, 6 },
		{ { 0xc2, 0xbf }, 2, 191 },
		{ { 0xc2, 0xc0, 0x00 }, 3, 192 },
		{ { 0xc2, 0xdf, 0xff }, 3, 8383 },
		{ { 0xc2, 0xff, 0x00, 0x00, 0x20, 0xc0 }, 6, 8384 },
		{ { 0xc2, 0xff, 0x00, 0x00, 0x00, 0x06 }, 6, 6 },
	};
	uint8_t bytes[9000] = { 0 };
	struct fault f = { 0 };
	size_t i, count;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = cases[i].size;

		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes, cases[i].header, size);
		bytes[size] = 4;
		count = 0;
		assert_int_equal(
		    seal_check_packets(bytes, size + cases[i].body, &count, &f),
		    0);
		assert_int_equal(count, 1);
		assert_int_equal(seal_check_packets(bytes,
				     size + cases[i].body - 1, &count, &f),
		    -1);
		/* One byte more is the start of something else. */
		assert_int_equal(seal_check_packets(bytes,
				     size + cases[i].body + 1, &count, &f),
		    -1);
	}
}

static void
indefinite_and_partial_lengths_are_refused(void **state)
{
	static const uint8_t indefinite[] = { 0x8b, 4, 0, 22, 8, 0, 0 };
	uint8_t partial[600] = { 0xc2, 0xe9, 4 };
	unsigned octet;

	(void)state;
	refused_packets(indefinite, sizeof(indefinite), FAULT_FORMAT,
	    "no definite length");
	for (octet = 224; octet < 255; octet++) {
		partial[1] = (uint8_t)octet;
		refused_packets(partial, sizeof(partial), FAULT_FORMAT,
		    "no definite length");
	}
}

static void
cut_off_headers_are_refused(void **state)
{
	static const uint8_t old[] = { 0x8a, 0, 0, 0 };
	static const uint8_t new_two[] = { 0xc2, 0xc0 };
	static const uint8_t new_five[] = { 0xc2, 0xff, 0, 0, 0 };
	static const uint8_t huge[] = { 0xc2, 0xff, 0xff, 0xff, 0xff, 0xff, 4,
		0 };
	static const uint8_t empty[] = { 0xc2, 0 };
	static const uint8_t one[] = { 0xc2, 1, 4 };

	(void)state;
	refused_packets(old, 1, FAULT_FORMAT, "cut off");
	refused_packets(old, sizeof(old), FAULT_FORMAT, "cut off");
	refused_packets(new_two, 1, FAULT_FORMAT, "cut off");
	refused_packets(new_two, sizeof(new_two), FAULT_FORMAT, "cut off");
	refused_packets(new_five, sizeof(new_five), FAULT_FORMAT, "cut off");
	refused_packets(huge, sizeof(huge), FAULT_FORMAT, "cut off");
	refused_packets(empty, sizeof(empty), FAULT_FORMAT, "version");
	refused_packets(one, sizeof(one), FAULT_FORMAT, "version");
}

/* Inline-signed, compressed, encrypted, literal, keys, trust, marker. */
static void
any_other_packet_is_refused(void **state)
{
	unsigned tag;

	(void)state;
	for (tag = 0; tag < 64; tag++) {
		uint8_t bytes[2 * sizeof(packet)];

		memcpy(bytes, packet, sizeof(packet));
		memcpy(bytes + sizeof(packet), packet, sizeof(packet));
		if (tag == 2)
			continue;
		bytes[0] = (uint8_t)(0xc0 | tag);
		refused_packets(bytes, sizeof(bytes), FAULT_FORMAT,
		    "is not a signature");
		memcpy(bytes, packet, sizeof(packet));
		bytes[sizeof(packet)] = (uint8_t)(0xc0 | tag);
		refused_packets(bytes, sizeof(bytes), FAULT_FORMAT,
		    "signature 2: ");
		if (tag >= 16)
			continue;
		bytes[sizeof(packet)] = (uint8_t)(0x80 | tag << 2);
		refused_packets(bytes, sizeof(bytes), FAULT_FORMAT,
		    "signature 2: ");
	}
	refused_packets("\x08\x06\x04", 3, FAULT_FORMAT,
	    "not an OpenPGP packet");
	refused_packets("-----BEGIN PGP SIGNATURE-----", 29, FAULT_FORMAT,
	    "not an OpenPGP packet");
}

static void
old_versions_and_other_types_are_refused(void **state)
{
	uint8_t bytes[sizeof(packet)];
	unsigned v;

	(void)state;
	for (v = 0; v < 256; v++) {
		struct fault f = { 0 };
		size_t count;

		memcpy(bytes, packet, sizeof(bytes));
		bytes[2] = (uint8_t)v;
		assert_int_equal(
		    seal_check_packets(bytes, sizeof(bytes), &count, &f),
		    v < 4 ? -1 : 0);
		memcpy(bytes, packet, sizeof(bytes));
		bytes[3] = (uint8_t)v;
		assert_int_equal(
		    seal_check_packets(bytes, sizeof(bytes), &count, &f),
		    v != 0 ? -1 : 0);
	}
}

static void
at_most_sixteen_signatures_and_sixteen_kibibytes(void **state)
{
	static uint8_t bytes[SIGNATURE_MAX + 1];
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	size_t i, count, signed_size;
	struct fault f = { 0 };

	(void)state;
	for (i = 0; i < 17; i++)
		memcpy(bytes + i * sizeof(packet), packet, sizeof(packet));
	assert_int_equal(
	    seal_check_packets(bytes, 16 * sizeof(packet), &count, &f), 0);
	assert_int_equal(count, 16);
	refused_packets(bytes, 17 * sizeof(packet), FAULT_LIMIT,
	    "more than 16");

	/* One packet of exactly the limit, then one byte more. */
	memcpy(bytes, "\x89\x3f\xfd\x04\x00", 5);
	sealed(&b, DOCUMENT, bytes, SIGNATURE_MAX);
	assert_int_equal(seal_split(b.data, b.len, &signed_size, &packets, &f),
	    0);
	assert_int_equal(packets.len, SIGNATURE_MAX);
	memcpy(bytes, "\x89\x3f\xfe\x04\x00", 5);
	refused_packets(bytes, sizeof(bytes), FAULT_LIMIT,
	    "larger than 16 KiB");
}

static void
ten_thousand_signatures_are_refused_before_they_are_decoded(void **state)
{
	OWNED_BUF struct buf many = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 10000; i++)
		assert_int_equal(buf_add(&many, packet, sizeof(packet), &f), 0);
	refused_packets(many.data, many.len, FAULT_LIMIT, "larger than 16 KiB");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_split_off_again),
		cmocka_unit_test(
		    a_document_is_sealed_only_once_and_only_behind_a_line_end),
		cmocka_unit_test(a_document_without_the_line_is_refused),
		cmocka_unit_test(a_clear_signed_or_armored_text_is_refused),
		cmocka_unit_test(a_web_page_instead_of_a_feed_is_called_one),
		cmocka_unit_test(nothing_may_stand_behind_the_line),
		cmocka_unit_test(the_line_stands_nowhere_else),
		cmocka_unit_test(base64_has_one_spelling),
		cmocka_unit_test(a_nul_in_the_document_hides_nothing),
		cmocka_unit_test(every_definite_length_is_read),
		cmocka_unit_test(indefinite_and_partial_lengths_are_refused),
		cmocka_unit_test(cut_off_headers_are_refused),
		cmocka_unit_test(any_other_packet_is_refused),
		cmocka_unit_test(old_versions_and_other_types_are_refused),
		cmocka_unit_test(
		    at_most_sixteen_signatures_and_sixteen_kibibytes),
		cmocka_unit_test(
		    ten_thousand_signatures_are_refused_before_they_are_decoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
