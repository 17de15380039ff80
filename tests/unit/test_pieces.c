#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "feeds/pieces.h"

#define MORE 77 /* bytes behind the last whole piece */

/* A file of three MiB and some bytes, all MiB different. */
static int
sample(void)
{
	static char block[1 << 20];
	struct fault f = { 0 };
	int fd = -1, i;

	assert_int_equal(file_memory("sample", &fd, &f), 0);
	for (i = 0; i < 4; i++) {
		memset(block, 'a' + i, sizeof(block));
		assert_int_equal(
		    file_write(fd, block, i < 3 ? sizeof(block) : MORE, &f), 0);
	}
	return fd;
}

static void
the_last_piece_is_what_is_left(void **state)
{
	(void)state;
	assert_int_equal(pieces_count(1), 1);
	assert_int_equal(pieces_count(PIECE_SIZE), 1);
	assert_int_equal(pieces_count(PIECE_SIZE + 1), 2);
	assert_int_equal(pieces_count(TARBALL_MAX), 1024);
	assert_int_equal(pieces_table_length(PIECES_FROM + 1), 9 * 65);
	assert_int_equal(pieces_size(PIECE_SIZE + 1, 0), PIECE_SIZE);
	assert_int_equal(pieces_size(PIECE_SIZE + 1, 1), 1);
	assert_int_equal(pieces_size(2 * PIECE_SIZE, 1), PIECE_SIZE);
}

static void
a_table_has_the_digest_of_each_piece_in_a_line(void **state)
{
	OWNED_BUF struct buf table = BUF_INIT(1000);
	OWNED_MEM struct digest *list = NULL;
	OWNED_FD int fd = sample();
	char bytes[MORE], hex[DIGEST_TEXT];
	struct fault f = { 0 };
	struct digest d;

	(void)state;
	assert_int_equal(pieces_write(fd, 3 * PIECE_SIZE + MORE, &table, &f),
	    0);
	assert_int_equal(table.len, 4 * 65);
	/* printf 'a%.0s' $(seq 1048576) | sha256sum */
	assert_memory_equal(table.data,
	    "9bc1b2a288b26af7257a36277ae3816a7d4f16"
	    "e89c1e7e77d0a5c48bad62b360\n",
	    65);
	memset(bytes, 'd', sizeof(bytes));
	digest_of(bytes, sizeof(bytes), &d);
	digest_format(&d, hex);
	assert_memory_equal(table.data + 3 * 65, hex, 64);
	assert_int_equal(pieces_read(table.data, table.len,
			     3 * PIECE_SIZE + MORE, &list, &f),
	    0);
	assert_true(digest_equal(&list[3], &d));
}

static void
a_file_that_ends_early_has_no_table(void **state)
{
	OWNED_BUF struct buf table = BUF_INIT(1000);
	OWNED_FD int fd = sample();
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(
	    pieces_write(fd, 3 * PIECE_SIZE + MORE + 1, &table, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
}

static void
refused(const char *table, size_t n, int64_t length, const char *because)
{
	struct digest *list = NULL;
	struct fault f = { 0 };

	assert_int_equal(pieces_read(table, n, length, &list, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_null(list);
	if (strstr(f.text, because) == NULL)
		fail_msg("%s", f.text);
}

static void
what_is_no_table_for_that_length_is_refused(void **state)
{
	OWNED_BUF struct buf t = BUF_INIT(1000);
	OWNED_FD int fd = sample();
	int64_t length = 3 * PIECE_SIZE + MORE;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(pieces_write(fd, length, &t, &f), 0);
	refused(t.data, t.len, 3 * PIECE_SIZE, "260 bytes for 3 pieces");
	refused(t.data, t.len, 4 * PIECE_SIZE + 1, "260 bytes for 5 pieces");
	refused(t.data, t.len - 1, length, "259 bytes for 4 pieces");
	refused(t.data, 0, length, "0 bytes for 4 pieces");
	t.data[64 + 65] = ' ';
	refused(t.data, t.len, length, "line 2 is not one of 64 digits");
	t.data[64 + 65] = '\n';
	t.data[2 * 65] = 'A';
	refused(t.data, t.len, length, "line 3");
	t.data[2 * 65] = '\0';
	refused(t.data, t.len, length, "line 3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_piece_is_what_is_left),
		cmocka_unit_test(
		    a_table_has_the_digest_of_each_piece_in_a_line),
		cmocka_unit_test(a_file_that_ends_early_has_no_table),
		cmocka_unit_test(what_is_no_table_for_that_length_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
