/*
 * Tars that nobody should take (FORMAT section 4, ATTACKS D): each is a good
 * one with one thing changed, and is refused in words that name it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "feeds/state.h"
#include "feeds/tarball.h"
#include "feeds/xml.h"
#include "feeds/zframe.h"
#include "tests/support/libhostile.h"

#define FEED "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"
#define WHEN 1795501533
#define PATH "items/A/text"
#define WIDE "items/\xc3\xa9/text"

static char moin[] = "moin";
static const struct hostile good = {
	.name = PATH, .mtime = WHEN, .body = "hello", .size = 5
};
static const struct hostile wide = {
	.name = "items/?/text", .mtime = WHEN, .body = "hello", .size = 5
};

/* A manifest with one page, named and with that text. */
static void
make(struct manifest *m, const char *name, const char *text)
{
	struct item item = { .kind = ITEM_PAGE,
		.updated = WHEN,
		.name = (char *)(uintptr_t)name,
		.format = moin,
		.size = (int64_t)strlen(text) };
	struct state_run run;
	struct fault f = { 0 };

	manifest_init(m);
	memcpy(m->feed, FEED, sizeof(FEED));
	m->serial = 12;
	digest_of(text, strlen(text), &item.digest);
	state_start(&run);
	assert_int_equal(state_add(&run, &item, &f), 0);
	state_end(&run, &m->state);
	assert_int_equal(manifest_add(m, false, &item, &f), 0);
}

static void
add_manifest(struct buf *tar, const struct manifest *m)
{
	OWNED_BUF struct buf xml = BUF_INIT(MANIFEST_MAX);
	struct fault f = { 0 };

	assert_int_equal(manifest_write(m, &xml, &f), 0);
	hostile_add(tar,
	    &(struct hostile){ .name = "manifest.xml",
		.body = xml.data,
		.size = xml.len });
}

/* The manifest's member for a page of that name, whose text is "hello". */
static void
begin(struct buf *tar, const char *name)
{
	OWNED_MANIFEST struct manifest m;

	make(&m, name, "hello");
	add_manifest(tar, &m);
}

static int
read_back(const struct buf *tar, size_t unpacked, struct fault *f)
{
	OWNED_FD int in = -1, out = -1;
	OWNED_MANIFEST struct manifest m;

	manifest_init(&m);
	assert_int_equal(file_memory("in", &in, f), 0);
	assert_int_equal(file_memory("out", &out, f), 0);
	assert_int_equal(
	    zframe_write(ZFRAME_DOCUMENT, tar->data, tar->len, NULL, 0, in, f),
	    0);
	return snapshot_read(in, (int64_t)unpacked, &m, out, f);
}

static void
check_refused(const struct buf *tar, enum fault_kind kind, const char *words)
{
	struct fault f = { 0 };

	if (read_back(tar, tar->len, &f) == 0)
		fail_msg("taken, though '%s'", words);
	if (f.kind != kind || strstr(f.text, words) == NULL)
		fail_msg("kind %d, '%s', not '%s'", (int)f.kind, f.text, words);
}

static void
check_taken(const struct buf *tar)
{
	struct fault f = { 0 };

	if (read_back(tar, tar->len, &f) == -1)
		fail_msg("refused: %s", f.text);
}

/* A tar whose second member is h. */
static void
refuse(const struct hostile *h, const char *words)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 22);

	begin(&tar, "A");
	hostile_add(&tar, h);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, words);
}

static struct hostile
but(void)
{
	return good;
}

/* Without this the other tests would say nothing. */
static void
a_good_tar_of_another_writer_is_taken(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	OWNED_BUF struct buf records = BUF_INIT(1 << 20);

	(void)state;
	begin(&tar, "A");
	hostile_add(&tar, &good);
	hostile_end(&tar);
	check_taken(&tar);
	buf_reset(&tar);
	begin(&tar, "\xc3\xa9");
	hostile_record(&records, "path", WIDE, strlen(WIDE));
	hostile_add_pax(&tar, 'x', records.data, records.len, &wide);
	hostile_end(&tar);
	check_taken(&tar);
}

static void
other_names_are_refused(void **state)
{
	static const char *const names[] = { "../x", "/etc/passwd", "items",
		"items/A/../../x", "items/./A/text", "./items/A/text",
		"items//A/text", "items/a/text", "items/A/text\n", "C:\\x",
		"..\\x", "._manifest.xml", "", "items/A/attachments/text",
		"items/%41/text" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct hostile h = but();

		h.name = names[i];
		refuse(&h, "where the manifest has 'items/A/text'");
	}
}

static void
other_types_are_refused(void **state)
{
	static const char types[] = "1234567ADIKLMNSVXgz\0";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) - 1; i++) {
		struct hostile h = but();

		h.type = types[i] != 0 ? types[i] : '\x01';
		h.link =
		    types[i] == '1' || types[i] == '2' ? "/etc/passwd" : NULL;
		refuse(&h, "");
	}
}

static void
links_and_devices_are_named(void **state)
{
	struct hostile h = but();

	(void)state;
	h.link = "/etc";
	h.type = '2';
	h.size = 0;
	refuse(&h, "'items/A/text' is not a regular file");
	h.type = '1';
	refuse(&h, "'items/A/text' is not a regular file");
	h = good;
	h.type = '1'; /* with data that would be written through it */
	h.link = "../../etc/passwd";
	refuse(&h, "'items/A/text' is not a regular file");
	h = good;
	h.type = '3';
	refuse(&h, "'items/A/text' is not a regular file");
	h.type = '6';
	refuse(&h, "'items/A/text' is not a regular file");
	h.name = PATH "/";
	h.type = '0';
	refuse(&h, "'items/A/text/' is not a regular file");
	h.name = PATH;
	h.type = '7';
	refuse(&h, "'items/A/text' has a header of type '7'");
	h = good;
	h.link = "x"; /* on a regular file */
	refuse(&h, "'items/A/text' has a link");
}

static void
a_file_through_a_link_is_refused_at_the_link(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);

	(void)state;
	begin(&tar, "A");
	hostile_add(&tar,
	    &(struct hostile){ .name = "items/A",
		.type = '2',
		.link = "/etc",
		.mtime = WHEN });
	hostile_add(&tar, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, "'items/A' is not a regular file");
}

static void
other_modes_owners_and_times_are_refused(void **state)
{
	static const unsigned int modes[] = { 04644, 02644, 01644, 0755, 0600,
		0666 };
	struct hostile h = but();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		h.mode = modes[i];
		refuse(&h, "'items/A/text' has mode");
	}
	h = good;
	h.id = 1;
	refuse(&h, "'items/A/text' has an owner");
	h = good;
	h.owner = "root";
	refuse(&h, "'items/A/text' has a link, an owner");
	h = good;
	h.mtime++;
	refuse(&h, "another time than the manifest");
}

static void
other_kinds_of_tar_are_refused(void **state)
{
	struct hostile h = but();

	(void)state;
	h.magic = "ustar  ";
	refuse(&h, "'items/A/text' is not POSIX ustar");
	h.magic = "\0\0\0\0\0\0\0";
	refuse(&h, "'items/A/text' is not POSIX ustar");
	h = good;
	h.name = "text";
	h.prefix = "items/A";
	refuse(&h, "'items/A/text' has another name in its header");
	h = good;
	h.prefix = "x";
	refuse(&h, "where the manifest has 'items/A/text'");
	h = good;
	h.bad_checksum = true;
	refuse(&h, "tar: Damaged tar archive");
	h = good;
	h.padding = 'x';
	refuse(&h, "'items/A/text': something in the padding");
}

static void
lies_about_the_size_are_refused(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	struct hostile h = but();

	(void)state;
	h.number = "\x80\0\0\0\0\0\0\0\0\0\0\5"; /* base-256, and right */
	refuse(&h, "'items/A/text' has a number that is not octal");
	h.number = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
	refuse(&h, "");
	h.number = "0000000005x"; /* a NUL behind */
	refuse(&h, "'items/A/text' has a number that is not octal");
	h = good;
	h.claim = 600; /* reads into the end blocks */
	refuse(&h, "");
	h.claim = 4; /* a byte is left, in the padding */
	refuse(&h, "something in the padding");
	begin(&tar, "A");
	h.claim = 077777777777; /* 8 GiB */
	hostile_add(&tar, &h);
	hostile_end(&tar);
	check_refused(&tar, FAULT_LIMIT, "8589934591 bytes, where 67108864");
}

/* The page is not ASCII, so that a pax header must be there. */
static void
refuse_pax(char type, const struct buf *records, const char *words)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 22);

	begin(&tar, "\xc3\xa9");
	hostile_add_pax(&tar, type, records->data, records->len, &wide);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, words);
}

static void
pax_keywords_but_path_are_refused(void **state)
{
	static const char *const keywords[] = { "comment", "mtime", "atime",
		"size", "linkpath", "uid", "uname", "hdrcharset", "charset",
		"SCHILY.xattr.user.x", "SCHILY.acl.access", "GNU.sparse.size",
		"GNU.sparse.major", "LIBARCHIVE.xattr.x", "SCHILY.fflags",
		"RHT.security.selinux", "path" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		OWNED_BUF struct buf before = BUF_INIT(4096);
		OWNED_BUF struct buf after = BUF_INIT(4096);

		hostile_record(&before, keywords[i], "1", 1);
		hostile_record(&before, "path", WIDE, strlen(WIDE));
		hostile_record(&after, "path", WIDE, strlen(WIDE));
		hostile_record(&after, keywords[i], "1", 1);
		refuse_pax('x', &before, "");
		refuse_pax('x', &after, "");
	}
}

static void
an_unknown_pax_keyword_is_named(void **state)
{
	OWNED_BUF struct buf records = BUF_INIT(4096);

	(void)state;
	hostile_record(&records, "path", WIDE, strlen(WIDE));
	hostile_record(&records, "comment", "hidden", 6);
	refuse_pax('x', &records, "more than its path in the pax header");
}

static void
damaged_pax_paths_are_refused(void **state)
{
	static const char *const paths[] = { WIDE "\0x", WIDE "\0",
		"items/\xff/text", "items/\xc3/text", "items/e\xcc\x81/text",
		"../\xc3\xa9", "items/\xc3\xa9/text/", WIDE "\n" };
	static const size_t lengths[] = { sizeof(WIDE) + 1, sizeof(WIDE), 12,
		12, 14, 5, 14, sizeof(WIDE) };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		OWNED_BUF struct buf records = BUF_INIT(4096);

		hostile_record(&records, "path", paths[i], lengths[i]);
		refuse_pax('x', &records, "");
	}
}

static void
needless_and_global_headers_are_refused(void **state)
{
	OWNED_BUF struct buf records = BUF_INIT(4096);
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);

	(void)state;
	hostile_record(&records, "path", WIDE, strlen(WIDE));
	refuse_pax('g', &records, "where the manifest has");
	refuse_pax('X', &records, "has a header of type 'X'");
	buf_reset(&records);
	hostile_record(&records, "path", PATH, strlen(PATH));
	begin(&tar, "A");
	hostile_add_pax(&tar, 'x', records.data, records.len, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, "has 1536 bytes of headers");
	buf_reset(&tar);
	begin(&tar, "A");
	hostile_add_pax(&tar, 'g', records.data, records.len, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, "has 1536 bytes of headers");
	buf_reset(&tar);
	hostile_add_pax(&tar, 'g', records.data, records.len, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, "where the manifest has");
}

static void
gnu_long_names_are_refused(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);

	(void)state;
	begin(&tar, "A");
	hostile_add(&tar,
	    &(struct hostile){ .name = "././@LongLink",
		.type = 'L',
		.body = PATH,
		.size = sizeof(PATH) });
	hostile_add(&tar, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, "has 1536 bytes of headers");
}

static void
headers_without_end_are_refused(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 22);
	OWNED_BUF struct buf records = BUF_INIT(1 << 22);
	static char value[1 << 16];
	int i;

	(void)state;
	memset(value, 'v', sizeof(value));
	hostile_record(&records, "comment", value, sizeof(value));
	hostile_record(&records, "path", WIDE, strlen(WIDE));
	refuse_pax('x', &records, "a header that is longer than any member's");
	buf_reset(&records);
	hostile_record(&records, "path", WIDE, strlen(WIDE));
	begin(&tar, "\xc3\xa9");
	for (i = 0; i < 1000; i++)
		hostile_add(&tar,
		    &(struct hostile){ .name = "x",
			.type = 'x',
			.body = records.data,
			.size = records.len });
	hostile_add(&tar, &wide);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, "a header");
}

static void
members_and_manifest_must_agree(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	struct hostile other = but();

	(void)state;
	begin(&tar, "A"); /* missing */
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT,
	    "the tar ends where 'items/A/text' should follow");
	buf_reset(&tar);
	begin(&tar, "A"); /* twice */
	hostile_add(&tar, &good);
	hostile_add(&tar, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT,
	    "'items/A/text' is not in the manifest");
	buf_reset(&tar);
	begin(&tar, "A"); /* one more */
	hostile_add(&tar, &good);
	other.name = "items/a/text";
	hostile_add(&tar, &other);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT,
	    "'items/a/text' is not in the manifest");
	buf_reset(&tar);
	hostile_add(&tar, &good); /* the manifest must come first */
	begin(&tar, "A");
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT,
	    "'items/A/text' where the manifest has 'manifest.xml'");
}

static void
the_order_is_the_manifests(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	OWNED_ITEM struct item second = { 0 };
	OWNED_MANIFEST struct manifest m;
	struct hostile other = but();
	struct fault f = { 0 };

	(void)state;
	make(&m, "A", "hello");
	assert_int_equal(item_copy(&m.entries[0].item, &second, &f), 0);
	second.name[0] = 'B';
	assert_int_equal(manifest_add(&m, false, &second, &f), 0);
	add_manifest(&tar, &m);
	other.name = "items/B/text";
	hostile_add(&tar, &other);
	hostile_add(&tar, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT,
	    "'items/B/text' where the manifest has 'items/A/text'");
}

static void
the_end_is_two_zero_blocks_and_nothing_more(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	struct fault f = { 0 };
	char block[512] = { 0 };
	size_t at;

	(void)state;
	begin(&tar, "A");
	hostile_add(&tar, &good);
	at = tar.len;
	check_refused(&tar, FAULT_FORMAT, "with two zero blocks");
	assert_int_equal(buf_add(&tar, block, 512, &f), 0);
	check_refused(&tar, FAULT_FORMAT, "with two zero blocks");
	block[511] = 1;
	assert_int_equal(buf_add(&tar, block, 512, &f), 0);
	check_refused(&tar, FAULT_FORMAT, "with two zero blocks");
	buf_cut(&tar, at);
	hostile_end(&tar);
	check_taken(&tar);
	assert_int_equal(buf_add(&tar, "", 1, &f), 0);
	check_refused(&tar, FAULT_FORMAT, "more behind the tar's end");
	buf_cut(&tar, tar.len - 1);
	hostile_end(&tar); /* as tar itself does */
	check_refused(&tar, FAULT_FORMAT, "more behind the tar's end");
	buf_cut(&tar, at + 1024);
	hostile_add(&tar, &good); /* another archive */
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT, "more behind the tar's end");
}

static void
a_tar_that_was_cut_anywhere_is_refused(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	size_t n;

	(void)state;
	begin(&tar, "A");
	hostile_add(&tar, &good);
	hostile_end(&tar);
	for (n = tar.len; n > 0;) {
		buf_cut(&tar, n -= n % 512 == 1 ? 1 : n % 512 == 0 ? 1 : 510);
		check_refused(&tar, FAULT_FORMAT, "");
	}
}

static void
other_archives_are_refused(void **state)
{
	static const char *const others[] = { "PK\3\4\24\0\0\0\10\0",
		"070701000000010000", "Rar!\x1a\7\1\0", "7z\xbc\xaf\x27\x1c",
		"!<arch>\n", "#mtree\n", "\x1f\x8b\x08\0", "xar!" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		OWNED_BUF struct buf tar = BUF_INIT(4096);
		char block[2048] = { 0 };
		struct fault f = { 0 };

		memcpy(block, others[i], strlen(others[i]));
		assert_int_equal(buf_add(&tar, block, sizeof(block), &f), 0);
		check_refused(&tar, FAULT_FORMAT, "tar: ");
	}
}

static void
texts_must_be_texts(void **state)
{
	static const char *const texts[] = { "a\r\nb", "\xff", "\xef\xbb\xbfx",
		"\xed\xa0\x80" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
		OWNED_MANIFEST struct manifest m;
		struct hostile h = but();

		make(&m, "A", texts[i]);
		add_manifest(&tar, &m);
		h.body = texts[i];
		h.size = strlen(texts[i]);
		hostile_add(&tar, &h);
		hostile_end(&tar);
		check_refused(&tar, FAULT_FORMAT, "'items/A/text': ");
	}
}

static void
another_state_is_refused(void **state)
{
	struct hostile h = but();

	(void)state;
	h.body = "hallo";
	refuse(&h, "the snapshot is not the state that it says");
}

static void
the_signed_size_is_the_size(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	struct fault f = { 0 };

	(void)state;
	begin(&tar, "A");
	hostile_add(&tar, &good);
	hostile_end(&tar);
	assert_int_equal(read_back(&tar, tar.len - 1, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
	assert_int_equal(read_back(&tar, tar.len + 1, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_int_equal(read_back(&tar, (size_t)TARBALL_MAX + 1, &f), -1);
	assert_int_equal(f.kind, FAULT_LIMIT);
}

/* ---- steps ---- */

/* Parts of a tar as frames, one after another, and what follows them. */
static int
read_step(const struct buf *tar, const size_t *parts, size_t count,
    const void *behind, size_t n, struct fault *f)
{
	OWNED_FD int in = -1, out = -1;
	OWNED(step_close) struct step *step = NULL;
	size_t at = 0, i;

	assert_int_equal(file_memory("in", &in, f), 0);
	assert_int_equal(file_memory("out", &out, f), 0);
	for (i = 0; i < count; at += parts[i++])
		assert_int_equal(zframe_write(ZFRAME_STEP, tar->data + at,
				     parts[i], NULL, 0, in, f),
		    0);
	assert_int_equal(at, tar->len);
	assert_int_equal(file_write(in, behind, n, f), 0);
	if (step_open(in, (int64_t)tar->len, &step, f) == -1)
		return -1;
	return step_contents(step, -1, 0, out, f);
}

static void
refuse_step(const struct buf *tar, const size_t *parts, size_t count,
    const void *behind, size_t n, const char *words)
{
	struct fault f = { 0 };

	assert_int_equal(read_step(tar, parts, count, behind, n, &f), -1);
	if (f.kind != FAULT_FORMAT || strstr(f.text, words) == NULL)
		fail_msg("kind %d, '%s', not '%s'", (int)f.kind, f.text, words);
}

static void
a_step_is_two_frames_parted_behind_the_manifest(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	OWNED_MANIFEST struct manifest m;
	struct fault f = { 0 };
	size_t first, rest;

	(void)state;
	make(&m, "A", "hello");
	m.step = true;
	m.from = 11;
	add_manifest(&tar, &m);
	first = tar.len;
	hostile_add(&tar, &good);
	hostile_end(&tar);
	rest = tar.len - first;
	assert_int_equal(
	    read_step(&tar, (size_t[]){ first, rest }, 2, "", 0, &f), 0);
	refuse_step(&tar, (size_t[]){ first + 512, rest - 512 }, 2, "", 0,
	    "the first frame does not end with the manifest");
	refuse_step(&tar, (size_t[]){ first - 1, rest + 1 }, 2, "", 0, "");
	refuse_step(&tar, (size_t[]){ tar.len }, 1, "", 0,
	    "the first frame does not end with the manifest");
	refuse_step(&tar, (size_t[]){ first, 512, rest - 512 }, 3, "", 0,
	    "where");
	refuse_step(&tar, (size_t[]){ first, rest, 0 }, 3, "", 0,
	    "more behind the last zstd frame");
	refuse_step(&tar, (size_t[]){ first, rest }, 2, "x", 1,
	    "more behind the last zstd frame");
	refuse_step(&tar, (size_t[]){ first, rest }, 2,
	    "\x50\x2a\x4d\x18\0\0\0\0", 8, "more behind the last zstd frame");
	buf_cut(&tar, first);
	refuse_step(&tar, (size_t[]){ first }, 1, "", 0, "ends too early");
}

static void
steps_and_snapshots_do_not_pass_for_each_other(void **state)
{
	OWNED_BUF struct buf tar = BUF_INIT(1 << 20);
	OWNED_MANIFEST struct manifest m;
	size_t first;

	(void)state;
	make(&m, "A", "hello");
	add_manifest(&tar, &m);
	first = tar.len;
	hostile_add(&tar, &good);
	hostile_end(&tar);
	refuse_step(&tar, (size_t[]){ first, tar.len - first }, 2, "", 0,
	    "the manifest of a snapshot in a step");
	buf_reset(&tar);
	m.step = true;
	m.from = 11;
	add_manifest(&tar, &m);
	hostile_add(&tar, &good);
	hostile_end(&tar);
	check_refused(&tar, FAULT_FORMAT,
	    "the manifest of a step in a snapshot");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_tar_of_another_writer_is_taken),
		cmocka_unit_test(other_names_are_refused),
		cmocka_unit_test(other_types_are_refused),
		cmocka_unit_test(links_and_devices_are_named),
		cmocka_unit_test(a_file_through_a_link_is_refused_at_the_link),
		cmocka_unit_test(other_modes_owners_and_times_are_refused),
		cmocka_unit_test(other_kinds_of_tar_are_refused),
		cmocka_unit_test(lies_about_the_size_are_refused),
		cmocka_unit_test(pax_keywords_but_path_are_refused),
		cmocka_unit_test(an_unknown_pax_keyword_is_named),
		cmocka_unit_test(damaged_pax_paths_are_refused),
		cmocka_unit_test(needless_and_global_headers_are_refused),
		cmocka_unit_test(gnu_long_names_are_refused),
		cmocka_unit_test(headers_without_end_are_refused),
		cmocka_unit_test(members_and_manifest_must_agree),
		cmocka_unit_test(the_order_is_the_manifests),
		cmocka_unit_test(the_end_is_two_zero_blocks_and_nothing_more),
		cmocka_unit_test(a_tar_that_was_cut_anywhere_is_refused),
		cmocka_unit_test(other_archives_are_refused),
		cmocka_unit_test(texts_must_be_texts),
		cmocka_unit_test(another_state_is_refused),
		cmocka_unit_test(the_signed_size_is_the_size),
		cmocka_unit_test(
		    a_step_is_two_frames_parted_behind_the_manifest),
		cmocka_unit_test(
		    steps_and_snapshots_do_not_pass_for_each_other),
	};

	xml_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
