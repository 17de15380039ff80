#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <zstd.h>

#include "base/file.h"
#include "feeds/zframe.h"
#include "items/limits.h"

#define BIG (300 * 1024)

static char text[BIG], old[BIG], got[BIG + 1];

/* Lines that differ, so that nothing is trivially small. */
static void
fill(char *bytes, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		bytes[i] = i % 40 == 39 ? '\n' : (char)('a' + (seed >> 28));
	}
}

static int
memory(const void *bytes, size_t n)
{
	struct fault f = { 0 };
	int fd;

	assert_int_equal(file_memory("test", &fd, &f), 0);
	assert_int_equal(file_write(fd, bytes, n, &f), 0);
	return fd;
}

static int64_t
length_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

/* Read the frame at an offset into got, in small pieces; its end. */
static int
read_frame(int fd, int64_t at, const void *prefix, size_t p, size_t *n,
    int64_t *end, struct fault *f)
{
	OWNED(zframe_close) struct zframe *z = NULL;
	size_t piece = 0;

	*n = 0;
	if (zframe_open(fd, at, STEP_WINDOW_LOG, BIG, prefix, p, &z, f) == -1)
		return -1;
	do {
		size_t want = sizeof(got) - *n;

		assert_true(want > 0);
		if (zframe_read(z, got + *n, want < 777 ? want : 777, &piece,
			f) == -1)
			return -1;
		*n += piece;
	} while (piece > 0);
	assert_int_equal(zframe_size(z), *n);
	*end = zframe_end(z);
	return 0;
}

static void
round_trip(enum zframe_sort sort, size_t n, size_t p)
{
	OWNED_FD int fd = memory("head", 4);
	struct fault f = { 0 };
	int64_t end;
	size_t back;

	assert_int_equal(zframe_write(sort, text, n, old, p, fd, &f), 0);
	assert_int_equal(file_write(fd, "tail", 4, &f), 0);
	assert_int_equal(read_frame(fd, 4, old, p, &back, &end, &f), 0);
	assert_int_equal(back, n);
	assert_memory_equal(got, text, n);
	assert_int_equal(end, length_of(fd) - 4);
}

static void
what_is_written_is_read_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 511, 512, 1023, 1025, 4096,
		100000, 131072, 131073, BIG };
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		round_trip(ZFRAME_DOCUMENT, sizes[i], 0);
		round_trip(ZFRAME_SNAPSHOT, sizes[i], 0);
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++)
			round_trip(ZFRAME_STEP, sizes[i], sizes[j]);
	}
}

static void
a_step_costs_what_changed(void **state)
{
	OWNED_FD int fd = memory("", 0);
	struct fault f = { 0 };
	int64_t end;
	size_t n;

	(void)state;
	memcpy(old, text, BIG);
	memcpy(old + BIG / 2, "something else stood here before", 32);
	assert_int_equal(zframe_write(ZFRAME_STEP, text, BIG, old, BIG, fd, &f),
	    0);
	assert_true(length_of(fd) < 200);
	assert_int_equal(read_frame(fd, 0, old, BIG, &n, &end, &f), 0);
	assert_memory_equal(got, text, BIG);
}

static void
a_prefix_that_begins_like_a_dictionary_is_raw(void **state)
{
	OWNED_FD int fd = memory("", 0);
	struct fault f = { 0 };
	int64_t end;
	size_t n;

	(void)state;
	memcpy(old, text, BIG);
	memcpy(old, "\x37\xa4\x30\xec", 4);
	assert_int_equal(zframe_write(ZFRAME_STEP, text, BIG, old, BIG, fd, &f),
	    0);
	assert_true(length_of(fd) < 200);
	assert_int_equal(read_frame(fd, 0, old, BIG, &n, &end, &f), 0);
	assert_memory_equal(got, text, BIG);
}

static void
a_wrong_prefix_is_refused(void **state)
{
	OWNED_FD int fd = memory("", 0);
	struct fault f = { 0 };
	int64_t end;
	size_t n;

	(void)state;
	memcpy(old, text, BIG);
	assert_int_equal(zframe_write(ZFRAME_STEP, text, BIG, old, BIG, fd, &f),
	    0);
	old[BIG - 1] ^= 1;
	assert_int_equal(read_frame(fd, 0, old, BIG, &n, &end, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_int_equal(read_frame(fd, 0, old, BIG - 1, &n, &end, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_int_equal(read_frame(fd, 0, NULL, 0, &n, &end, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
}

/* A frame as libzstd makes it with one parameter. */
static size_t
strange_frame(ZSTD_cParameter parameter, int value, size_t n, char *out,
    size_t room)
{
	ZSTD_CCtx *ctx = ZSTD_createCCtx();
	size_t rc;

	assert_non_null(ctx);
	(void)ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
	rc = ZSTD_CCtx_setParameter(ctx, parameter, value);
	assert_false(ZSTD_isError(rc));
	rc = ZSTD_compress2(ctx, out, room, text, n);
	assert_false(ZSTD_isError(rc));
	(void)ZSTD_freeCCtx(ctx);
	return rc;
}

static void
check_refused(const void *bytes, size_t n, enum fault_kind kind,
    const char *words)
{
	OWNED_BUF struct buf b = BUF_INIT(BIG);
	OWNED_FD int fd = memory(bytes, n);
	struct fault f = { 0 };

	assert_int_equal(zframe_read_all(fd, &b, &f), -1);
	assert_int_equal(f.kind, kind);
	assert_non_null(strstr(f.text, words));
}

static void
frames_without_size_or_checksum_are_refused(void **state)
{
	char frame[2048];
	size_t n;

	(void)state;
	n = strange_frame(ZSTD_c_contentSizeFlag, 0, 1000, frame,
	    sizeof(frame));
	check_refused(frame, n, FAULT_FORMAT, "has no content size");
	n = strange_frame(ZSTD_c_checksumFlag, 0, 1000, frame, sizeof(frame));
	check_refused(frame, n, FAULT_FORMAT, "has no checksum");
}

static void
a_dictionary_id_is_refused(void **state)
{
	/* RFC 8878: single segment, checksum, dictionary id of one byte. */
	static const char frame[] = "\x28\xb5\x2f\xfd\x25\x07\x00\x01\x00\x00"
				    "\x99\xe9\xd8\x51";

	(void)state;
	check_refused(frame, sizeof(frame) - 1, FAULT_FORMAT,
	    "has a dictionary id");
}

static void
other_frames_are_refused(void **state)
{
	char frame[2048] = "\x50\x2a\x4d\x18\x04\0\0\0skip", old_format[2048];
	size_t n;

	(void)state;
	n = strange_frame(ZSTD_c_compressionLevel, 3, 1000, frame + 12,
	    sizeof(frame) - 12);
	check_refused(frame, n + 12, FAULT_FORMAT, "not a zstd frame");
	memcpy(old_format, frame + 12, n);
	old_format[0] = 0x27; /* version 0.7 */
	check_refused(old_format, n, FAULT_FORMAT, "not a zstd frame");
	check_refused("", 0, FAULT_FORMAT, "ends too early");
	check_refused("\x28\xb5\x2f\xfd", 4, FAULT_FORMAT, "not a zstd");
	check_refused("<?xml version='1.0'?>", 21, FAULT_FORMAT, "not a zstd");
}

static void
what_stands_behind_a_frame_is_refused(void **state)
{
	char frame[4096];
	size_t n;

	(void)state;
	n = strange_frame(ZSTD_c_compressionLevel, 3, 1000, frame,
	    sizeof(frame));
	memcpy(frame + n, frame, n); /* another frame */
	check_refused(frame, 2 * n, FAULT_FORMAT, "behind the last");
	check_refused(frame, n + 1, FAULT_FORMAT, "behind the last");
	memcpy(frame + n, "\x50\x2a\x4d\x18\0\0\0\0", 8); /* skippable */
	check_refused(frame, n + 8, FAULT_FORMAT, "behind the last");
}

static void
a_bomb_is_refused_by_what_it_says(void **state)
{
	/* Says 2^40 bytes; then a run-length block of 128 KiB. */
	static const char frame[] = "\x28\xb5\x2f\xfd\xc4\x58"
				    "\0\0\0\0\0\1\0\0"
				    "\x03\x00\x10"
				    "x";
	static char zeros[9 << 20], packed[4096];
	OWNED_BUF struct buf b = BUF_INIT(1000);
	OWNED_FD int fd = memory("", 0);
	struct fault f = { 0 };
	size_t n;

	(void)state;
	check_refused(frame, sizeof(frame) - 1, FAULT_LIMIT, "are allowed");
	n = ZSTD_compress(packed, sizeof(packed), zeros, sizeof(zeros), 3);
	packed[4] |= 4; /* a checksum that is not there */
	check_refused(packed, n, FAULT_LIMIT, "9437184 bytes unpacked");
	assert_int_equal(zframe_write(ZFRAME_STEP, text, 1001, NULL, 0, fd, &f),
	    0);
	assert_int_equal(zframe_read_all(fd, &b, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
}

static void
a_large_window_is_refused(void **state)
{
	/* 4 bytes of size, a checksum, and a window of 2^31, 2^24, 2^23. */
	char frame[] = "\x28\xb5\x2f\xfd\x84\xa8\x05\0\0\0\x29\0\0hello"
		       "\0\0\0\0";

	(void)state;
	check_refused(frame, sizeof(frame) - 1, FAULT_LIMIT, "window");
	frame[5] = (24 - 10) << 3;
	check_refused(frame, sizeof(frame) - 1, FAULT_LIMIT, "window");
	frame[5] = (23 - 10) << 3; /* allowed: only the checksum is wrong */
	check_refused(frame, sizeof(frame) - 1, FAULT_FORMAT, "checksum");
}

static void
a_snapshot_keeps_its_window(void **state)
{
	static char bytes[20 << 20];
	OWNED_BUF struct buf b = BUF_INIT(sizeof(bytes));
	OWNED_FD int fd = memory("", 0);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(zframe_write(ZFRAME_SNAPSHOT, bytes, sizeof(bytes),
			     NULL, 0, fd, &f),
	    0);
	assert_int_equal(zframe_read_all(fd, &b, &f), 0);
	assert_int_equal(b.len, sizeof(bytes));
}

static void
a_frame_that_was_cut_or_changed_is_refused(void **state)
{
	OWNED_FD int fd = memory("", 0);
	OWNED_BUF struct buf frame = BUF_INIT(4096);
	struct fault f = { 0 };
	size_t i, bit;

	(void)state;
	assert_int_equal(zframe_write(ZFRAME_STEP, text, 200, NULL, 0, fd, &f),
	    0);
	assert_int_equal(file_read_fd(fd, &frame, &f), 0);
	for (i = 0; i < frame.len; i++)
		check_refused(frame.data, i, FAULT_FORMAT, "zstd frame");
	for (i = 0; i < frame.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			OWNED_BUF struct buf b = BUF_INIT(BIG);
			OWNED_FD int changed = -1;

			frame.data[i] = (char)(frame.data[i] ^ 1 << bit);
			changed = memory(frame.data, frame.len);
			frame.data[i] = (char)(frame.data[i] ^ 1 << bit);
			if (zframe_read_all(changed, &b, &f) == -1)
				continue;
			/* Some bits say nothing: then nothing changed. */
			assert_int_equal(b.len, 200);
			assert_memory_equal(b.data, text, 200);
		}
	}
}

static void
a_promise_is_kept(void **state)
{
	OWNED(zframe_drop) struct zframe_writer *w = NULL;
	OWNED_FD int fd = memory("", 0);
	struct fault f = { 0 };
	int rc;

	(void)state;
	assert_int_equal(zframe_begin(ZFRAME_STEP, 10, NULL, 0, fd, &w, &f), 0);
	assert_int_equal(zframe_put(w, text, 9, &f), 0);
	assert_int_equal(zframe_finish(w, &f), -1);
	assert_int_equal(f.kind, FAULT_BUG);
	zframe_drop(&w);
	assert_int_equal(zframe_begin(ZFRAME_STEP, 10, NULL, 0, fd, &w, &f), 0);
	rc = zframe_put(w, text, 11, &f);
	if (rc == 0)
		rc = zframe_finish(w, &f);
	assert_int_equal(rc, -1);
	assert_int_equal(f.kind, FAULT_BUG);
}

static int
setup(void **state)
{
	(void)state;
	fill(text, sizeof(text), 1);
	fill(old, sizeof(old), 2);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_step_costs_what_changed),
		cmocka_unit_test(a_prefix_that_begins_like_a_dictionary_is_raw),
		cmocka_unit_test(a_wrong_prefix_is_refused),
		cmocka_unit_test(frames_without_size_or_checksum_are_refused),
		cmocka_unit_test(a_dictionary_id_is_refused),
		cmocka_unit_test(other_frames_are_refused),
		cmocka_unit_test(what_stands_behind_a_frame_is_refused),
		cmocka_unit_test(a_bomb_is_refused_by_what_it_says),
		cmocka_unit_test(a_large_window_is_refused),
		cmocka_unit_test(a_snapshot_keeps_its_window),
		cmocka_unit_test(a_frame_that_was_cut_or_changed_is_refused),
		cmocka_unit_test(a_promise_is_kept),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
