#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "feeds/state.h"
#include "feeds/tarball.h"
#include "feeds/xml.h"
#include "feeds/zframe.h"
#include "tests/support/libscratch.h"

#define FEED "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"
#define WHEN 1795501533 /* 2026-11-24T06:25:33Z */

/* What a test puts into a tar: names, contents, and what was there before. */
struct thing {
	enum item_kind kind;
	const char *page; /* of an attachment */
	const char *name;
	const char *text; /* NULL: dropped */
	const char *old;  /* NULL: it is new */
};

static char long_name[201], long_file[251], block_text[513];

static char *
shared(const char *text)
{
	return (char *)(uintptr_t)text; /* a struct item does not change it */
}

static int
memory(void)
{
	struct fault f = { 0 };
	int fd;

	assert_int_equal(file_memory("test", &fd, &f), 0);
	return fd;
}

static void
put(int fd, const char *bytes, size_t n)
{
	struct fault f = { 0 };

	assert_int_equal(file_write(fd, bytes, n, &f), 0);
}

/* Fill a manifest, and the files of contents and of old contents. */
static void
make(struct manifest *m, const struct thing *things, size_t n, int contents,
    int prefix)
{
	struct state_run run;
	struct fault f = { 0 };
	size_t i;

	manifest_init(m);
	memcpy(m->feed, FEED, sizeof(FEED));
	m->serial = 12;
	state_start(&run);
	for (i = 0; i < n; i++) {
		const struct thing *t = &things[i];
		struct item item = { .kind = t->kind,
			.updated = WHEN + (int)i,
			.name = shared(t->name),
			.page = shared(t->page) };

		if (t->old != NULL)
			put(prefix, t->old, strlen(t->old));
		if (t->text != NULL) {
			item.size = (int64_t)strlen(t->text);
			digest_of(t->text, strlen(t->text), &item.digest);
			if (item_is_text(t->kind))
				item.format = shared("moin");
			put(contents, t->text, strlen(t->text));
			assert_int_equal(state_add(&run, &item, &f), 0);
		}
		assert_int_equal(manifest_add(m, t->text == NULL, &item, &f),
		    0);
	}
	state_end(&run, &m->state);
}

static void
check_same(const struct manifest *m, const struct manifest *back)
{
	OWNED_BUF struct buf a = BUF_INIT(MANIFEST_MAX);
	OWNED_BUF struct buf b = BUF_INIT(MANIFEST_MAX);
	struct fault f = { 0 };
	size_t i;

	assert_int_equal(m->count, back->count);
	for (i = 0; i < m->count; i++)
		assert_true(m->entries[i].drop ||
		    item_same_state(&m->entries[i].item,
			&back->entries[i].item));
	assert_int_equal(manifest_write(m, &a, &f), 0);
	assert_int_equal(manifest_write(back, &b, &f), 0);
	assert_string_equal(a.data, b.data);
}

static void
check_same_files(int a, int b)
{
	OWNED_BUF struct buf x = BUF_INIT(1 << 20);
	OWNED_BUF struct buf y = BUF_INIT(1 << 20);
	struct fault f = { 0 };

	assert_int_equal(file_read_fd(a, &x, &f), 0);
	assert_int_equal(file_read_fd(b, &y, &f), 0);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
}

static void
check_made(const struct tarball_made *made, int fd)
{
	struct fault f = { 0 };
	struct digest digest;
	int64_t length;

	assert_int_equal(digest_of_fd(fd, &digest, &length, &f), 0);
	assert_int_equal(made->length, length);
	assert_true(digest_equal(&made->digest, &digest));
}

static const struct thing everything[] = {
	{ ITEM_PAGE, NULL, "A/B", "one\ntwo", NULL },
	{ ITEM_ATTACHMENT, "A", "empty.bin", "", NULL },
	{ ITEM_PATTERNS, NULL, "A", "spam\n", NULL },
	{ ITEM_ATTACHMENT, long_name, long_file, "\x89PNG\r\n\x1a", NULL },
	{ ITEM_PAGE, NULL, long_name, block_text, NULL },
	{ ITEM_INTERWIKI, NULL, "Z", "Wiki http://wiki.example/\n", NULL },
	/* The same letter in two spellings: neither is changed. */
	{ ITEM_PAGE, NULL, "e\xcc\x81t\xc3\xa9", "caf\xc3\xa9\n", NULL },
	{ ITEM_PAGE, NULL, "\xc3\xa9t\xc3\xa9", "caf\xc3\xa9\n", NULL },
	{ ITEM_PAGE, NULL, "\xe9\xa0\x81\xe9\xa0\x81", "\n", NULL },
};
#define EVERYTHING (sizeof(everything) / sizeof(everything[0]))

static void
a_snapshot_is_read_back(void **state)
{
	OWNED_FD int contents = memory(), snapshot = memory(), out = memory();
	OWNED_MANIFEST struct manifest m, back;
	struct tarball_made made;
	struct fault f = { 0 };

	(void)state;
	manifest_init(&back);
	make(&m, everything, EVERYTHING, contents, -1);
	assert_int_equal(snapshot_write(&m, contents, snapshot, &made, &f), 0);
	check_made(&made, snapshot);
	assert_int_equal(snapshot_read(snapshot, made.unpacked, &back, out, &f),
	    0);
	check_same(&m, &back);
	check_same_files(contents, out);
}

static void
a_snapshot_is_read_in_parts(void **state)
{
	OWNED_FD int contents = memory(), snapshot = memory(), out = memory();
	OWNED(step_close) struct step *parts = NULL;
	OWNED_MANIFEST struct manifest m;
	struct tarball_made made;
	struct fault f = { 0 };
	size_t done = 0, before, i, calls = 0;
	int64_t size = 0;

	(void)state;
	make(&m, everything, EVERYTHING, contents, -1);
	assert_int_equal(snapshot_write(&m, contents, snapshot, &made, &f), 0);
	assert_int_equal(snapshot_open(snapshot, made.unpacked, &parts, &f), 0);
	assert_int_equal(step_manifest(parts)->count, m.count);
	for (; done < m.count; calls++) {
		before = done;
		assert_int_equal(snapshot_more(parts, 1, out, &done, &f), 0);
		assert_true(done > before);
		for (i = before; i < done; i++)
			size += step_manifest(parts)->entries[i].item.size;
		assert_int_equal(size, lseek(out, 0, SEEK_CUR));
	}
	assert_true(calls > 1);
	check_same(&m, step_manifest(parts));
	check_same_files(contents, out);
}

static void
a_snapshot_of_nothing_is_read_back(void **state)
{
	OWNED_FD int contents = memory(), snapshot = memory(), out = memory();
	OWNED_MANIFEST struct manifest m, back;
	struct tarball_made made;
	struct fault f = { 0 };

	(void)state;
	manifest_init(&back);
	make(&m, NULL, 0, contents, -1);
	assert_int_equal(snapshot_write(&m, contents, snapshot, &made, &f), 0);
	assert_int_equal(snapshot_read(snapshot, made.unpacked, &back, out, &f),
	    0);
	check_same(&m, &back);
}

static void
the_same_input_gives_the_same_bytes(void **state)
{
	OWNED_FD int contents = memory(), prefix = memory();
	OWNED_FD int a = memory(), b = memory();
	OWNED_MANIFEST struct manifest m;
	struct tarball_made made, again;
	struct fault f = { 0 };

	(void)state;
	make(&m, everything, EVERYTHING, contents, prefix);
	assert_int_equal(snapshot_write(&m, contents, a, &made, &f), 0);
	assert_int_equal(snapshot_write(&m, contents, b, &again, &f), 0);
	assert_true(digest_equal(&made.digest, &again.digest));
	check_same_files(a, b);
}

/*
 * The form, looked at without libarchive: numbers, names, pax records.
 */
static size_t
octal(const char *field)
{
	size_t n = 0;

	for (; *field >= '0' && *field <= '7'; field++)
		n = n * 8 + (size_t)(*field - '0');
	return n;
}

static void
check_header(const char *block, char type, size_t mtime)
{
	assert_memory_equal(block + 257,
	    "ustar\0"
	    "00",
	    8);
	assert_int_equal(block[156], type);
	assert_int_equal(octal(block + 100), 0644);
	assert_int_equal(octal(block + 108), 0);
	assert_int_equal(octal(block + 116), 0);
	assert_int_equal(octal(block + 136), mtime);
	assert_int_equal(block[157], 0); /* link */
	assert_int_equal(block[265], 0); /* uname */
	assert_int_equal(block[297], 0); /* gname */
	assert_int_equal(block[345], 0); /* prefix */
}

/* Check the member at a place of a tar; the place behind it. */
static size_t
check_member(const char *tar, size_t at, const char *path, size_t mtime)
{
	const char *block = tar + at;
	char record[700];
	size_t n, size;

	if (block[156] == 'x') {
		check_header(block, 'x', mtime);
		n = octal(block + 124);
		assert_int_equal(
		    snprintf(record, sizeof(record), "%zu path=%s\n", n, path),
		    n);
		assert_memory_equal(block + 512, record, n);
		block += 512 + (n + 511) / 512 * 512;
	} else {
		assert_true(strlen(path) <= 100);
		assert_memory_equal(block, path, strlen(path));
		assert_true(strlen(path) == 100 || block[strlen(path)] == 0);
	}
	check_header(block, '0', mtime);
	size = octal(block + 124);
	return (size_t)(block - tar) + 512 + (size + 511) / 512 * 512;
}

static void
a_tar_has_the_one_form(void **state)
{
	OWNED_FD int contents = memory(), snapshot = memory();
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	OWNED_MANIFEST struct manifest m;
	struct tarball_made made;
	struct fault f = { 0 };
	size_t at, i;

	(void)state;
	make(&m, everything, EVERYTHING, contents, -1);
	assert_int_equal(snapshot_write(&m, contents, snapshot, &made, &f), 0);
	assert_int_equal(zframe_read_all(snapshot, &tar, &f), 0);
	assert_int_equal(made.unpacked, tar.len);
	at = check_member(tar.data, 0, "manifest.xml", 0);
	for (i = 0; i < m.count; i++) {
		OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX);

		assert_int_equal(item_path(&m.entries[i].item, &path, &f), 0);
		at = check_member(tar.data, at, path.data, WHEN + i);
	}
	assert_int_equal(at + 1024, tar.len);
	for (; at < tar.len; at++)
		assert_int_equal(tar.data[at], 0);
}

static const struct thing changes[] = {
	{ ITEM_PAGE, NULL, "A", "one\ntwo\nthree\n", "one\nthree\n" },
	{ ITEM_PATTERNS, NULL, "BadContent", "a\nb\nc\n", "a\nb\n" },
	{ ITEM_PAGE, NULL, "B\xc3\xa9", "new\n", NULL },
	{ ITEM_ATTACHMENT, "A", "a.png", NULL, "\x37\xa4\x30\xec PNG" },
	{ ITEM_PAGE, NULL, "Gone", NULL, "old\n" },
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

static void
write_step(const struct thing *things, size_t n, struct manifest *m,
    int contents, int prefix, int step, struct tarball_made *made)
{
	struct fault f = { 0 };
	struct stat st;

	make(m, things, n, contents, prefix);
	m->step = true;
	m->from = 11;
	assert_int_equal(fstat(prefix, &st), 0);
	assert_int_equal(
	    step_write(m, contents, prefix, st.st_size, step, made, &f), 0);
	check_made(made, step);
}

static void
check_step(const struct thing *things, size_t n)
{
	OWNED_FD int contents = memory(), prefix = memory(), file = memory();
	OWNED_FD int out = memory();
	OWNED(step_close) struct step *step = NULL;
	OWNED_MANIFEST struct manifest m;
	struct tarball_made made;
	struct fault f = { 0 };
	struct stat st;

	write_step(things, n, &m, contents, prefix, file, &made);
	assert_int_equal(step_open(file, made.unpacked, &step, &f), 0);
	assert_int_equal(step_manifest(step)->from, 11);
	assert_int_equal(step_manifest(step)->count, n);
	assert_int_equal(fstat(prefix, &st), 0);
	assert_int_equal(step_contents(step, prefix, st.st_size, out, &f), 0);
	check_same(&m, step_manifest(step));
	check_same_files(contents, out);
}

static void
a_step_is_read_back(void **state)
{
	(void)state;
	check_step(changes, CHANGES);
	check_step(changes + 2, 1); /* without a prefix */
	check_step(changes + 3, 2); /* only drops */
}

static void
a_step_needs_its_prefix(void **state)
{
	OWNED_FD int contents = memory(), prefix = memory(), file = memory();
	OWNED_FD int out = memory();
	OWNED(step_close) struct step *step = NULL;
	OWNED_MANIFEST struct manifest m;
	static char old_text[4001], new_text[4001];
	const struct thing one[] = { { ITEM_PAGE, NULL, "A", new_text,
	    old_text } };
	struct tarball_made made;
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < 4000; i++)
		new_text[i] = old_text[i] =
		    (char)('a' + (i * i ^ i * 37 >> 5) % 23);
	write_step(one, 1, &m, contents, prefix, file, &made);
	assert_true(made.length < 600);
	assert_int_equal(step_open(file, made.unpacked, &step, &f), 0);
	assert_int_equal(pwrite(prefix, "?", 1, 2000), 1);
	assert_int_equal(step_contents(step, prefix, 4000, out, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
}

/* FORMAT section 4: plain tools can do it. */
static void
zstd_decodes_both_frames_of_a_step_in_one_call(void **state)
{
	OWNED_FD int contents = memory(), prefix = memory(), file = memory();
	OWNED_BUF struct buf bytes = BUF_INIT(1 << 20);
	OWNED_MEM char *tar = NULL;
	OWNED_MANIFEST struct manifest m;
	struct tarball_made made;
	struct fault f = { 0 };
	char command[700];

	(void)state;
	if (system("zstd --version >/dev/null 2>&1") != 0)
		skip();
	write_step(changes, 3, &m, contents, prefix, file, &made);
	assert_int_equal(file_read_fd(file, &bytes, &f), 0);
	assert_int_equal(file_replace(scratch_fd, "a.step.zst", bytes.data,
			     bytes.len, 0600, &f),
	    0);
	buf_reset(&bytes);
	assert_int_equal(file_read_fd(prefix, &bytes, &f), 0);
	scratch_write("prefix", bytes.data);
	(void)snprintf(command, sizeof(command),
	    "zstd -q -d --patch-from=%s "
	    "%s -o %s",
	    scratch_path("prefix"), scratch_path("a.step.zst"),
	    scratch_path("a.tar"));
	assert_int_equal(system(command), 0);
	tar = scratch_read("a.tar");
	assert_string_equal(tar, "manifest.xml");
	assert_non_null(strstr(tar + 512, "serial"));
}

static void
what_the_tar_cannot_hold_is_refused(void **state)
{
	OWNED_FD int contents = memory(), out = memory();
	OWNED_MANIFEST struct manifest m;
	struct tarball_made made;
	struct fault f = { 0 };

	(void)state;
	make(&m, everything, EVERYTHING, contents, -1);
	m.entries[1].item.updated = UPDATED_MAX + 1; /* 12 octal digits */
	assert_int_equal(snapshot_write(&m, contents, out, &made, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	m.entries[1].item.updated = WHEN;
	m.entries[1].item.size = TARBALL_MAX;
	assert_int_equal(snapshot_write(&m, contents, out, &made, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	m.entries[1].item.size = 1 << 20; /* more than there is */
	assert_int_equal(snapshot_write(&m, contents, out, &made, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
}

/* As verify's worker does it: all that needs files comes before. */
static void
a_reader_works_in_a_sandbox(void **state)
{
	OWNED_FD int contents = memory(), snapshot = memory(), out = memory();
	OWNED_MANIFEST struct manifest m, back;
	struct tarball_made made;
	struct fault f = { 0 };
	unsigned int missing;
	int status;
	pid_t pid;

	(void)state;
	manifest_init(&back);
	make(&m, everything, EVERYTHING, contents, -1);
	assert_int_equal(snapshot_write(&m, contents, snapshot, &made, &f), 0);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		if (sandbox_enter(&missing, &f) == -1)
			_exit(1);
		if (snapshot_read(snapshot, made.unpacked, &back, out, &f) ==
		    -1)
			_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	check_same_files(contents, out);
}

static int
setup(void **state)
{
	(void)state;
	xml_start();
	memset(long_name, 'L', sizeof(long_name) - 1);
	memcpy(long_name + 100, "/", 1);
	memset(long_file, 'f', sizeof(long_file) - 1);
	memset(block_text, '\n', sizeof(block_text) - 1);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_snapshot_is_read_back),
		cmocka_unit_test(a_snapshot_is_read_in_parts),
		cmocka_unit_test(a_snapshot_of_nothing_is_read_back),
		cmocka_unit_test(the_same_input_gives_the_same_bytes),
		cmocka_unit_test(a_tar_has_the_one_form),
		cmocka_unit_test(a_step_is_read_back),
		cmocka_unit_test(a_step_needs_its_prefix),
		cmocka_unit_test_setup_teardown(
		    zstd_decodes_both_frames_of_a_step_in_one_call,
		    scratch_enter, scratch_leave),
		cmocka_unit_test(a_reader_works_in_a_sandbox),
		cmocka_unit_test(what_the_tar_cannot_hold_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
