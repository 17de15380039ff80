#include "feeds/tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/locale.h"
#include "base/map.h"
#include "feeds/member.h"
#include "feeds/state.h"
#include "feeds/zframe.h"
#include "items/text.h"

#define PIECE 65536 /* a multiple of MEMBER_BLOCK */

/*
 * A tar as it comes out of its frames.  libarchive reads it through
 * on_read(), which gives it single blocks where a header must be, and keeps
 * them: so what libarchive took for a header is known byte for byte
 * afterwards, and it can't read on without end.
 */
struct source {
	struct archive *archive;
	struct zframe *frame;
	char head[MEMBER_HEAD_MAX];
	size_t head_size;
	int64_t left; /* bytes of content and padding not yet given */
	char *piece;
	size_t piece_size;
	struct fault *f; /* of the call under way */
	bool said;	 /* on_read() has set it */
};

static void
source_clear(struct source *s)
{
	if (s->archive != NULL)
		(void)archive_read_free(s->archive);
	zframe_close(&s->frame);
	free(s->piece);
}

/* Bytes out of the frame, up to n or its end. */
static int
pull(struct source *s, char *bytes, size_t n, size_t *got, struct fault *f)
{
	size_t piece;

	for (*got = 0; *got < n; *got += piece) {
		if (zframe_read(s->frame, bytes + *got, n - *got, &piece, f) ==
		    -1)
			return -1;
		if (piece == 0)
			break;
	}
	return 0;
}

static int
give_content(struct source *s, const void **bytes, size_t *n)
{
	size_t want = s->left < PIECE ? (size_t)s->left : PIECE;

	if (pull(s, s->piece, want, n, s->f) == -1)
		return -1;
	s->left -= (int64_t)*n;
	s->piece_size = *n;
	*bytes = s->piece;
	return 0;
}

static int
give_header(struct source *s, const void **bytes, size_t *n)
{
	char *to = s->head + s->head_size;

	if (sizeof(s->head) - s->head_size < MEMBER_BLOCK)
		return fault_set(s->f, FAULT_FORMAT,
		    "tar: a header that is longer than any member's");
	if (pull(s, to, MEMBER_BLOCK, n, s->f) == -1)
		return -1;
	s->head_size += *n;
	*bytes = to;
	return 0;
}

static la_ssize_t
on_read(struct archive *archive, void *data, const void **bytes)
{
	struct source *s = data;
	size_t n = 0;
	int rc = s->left > 0 ? give_content(s, bytes, &n) :
			       give_header(s, bytes, &n);

	if (rc == 0)
		return (la_ssize_t)n;
	s->said = true;
	archive_set_error(archive, EIO, "see the fault");
	return -1;
}

/* libarchive gave something else than ARCHIVE_OK; on_read() may say why. */
static int
failed(struct source *s)
{
	const char *why = archive_error_string(s->archive);

	if (s->said)
		return -1;
	if (archive_errno(s->archive) == ENOMEM)
		return fault_memory(s->f);
	return fault_set(s->f, FAULT_FORMAT, "tar: %s",
	    why != NULL ? why : "malformed");
}

/* Begin to read the tar of the frame that is open. */
static int
source_open(struct source *s, struct fault *f)
{
	s->f = f;
	s->piece = malloc(PIECE);
	s->archive = archive_read_new();
	if (s->piece == NULL || s->archive == NULL)
		return fault_memory(f);
	if (archive_read_support_format_tar(s->archive) != ARCHIVE_OK ||
	    archive_read_open(s->archive, s, NULL, on_read, NULL) != ARCHIVE_OK)
		return failed(s);
	return 0;
}

/* ---- members ---- */

static const char *
path_of(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);

	return path != NULL ? path : "?";
}

/* What must come next. */
struct expected {
	const char *path;
	int64_t mtime;
	int64_t size_max;
};

/*
 * Is it the member that must come next?  libarchive's path is only for
 * people: it normalises what it reads.
 */
static int
check_path(struct source *s, const char *is, const struct expected *want,
    struct fault *f)
{
	if (member_check_head(s->head, s->head_size, want->path, f) == 0)
		return 0;
	if (strcmp(is, want->path) == 0)
		return -1;
	return fault_set(f, FAULT_FORMAT,
	    "member '%s' where the manifest has '%s'", is, want->path);
}

static int
check_entry(struct source *s, struct archive_entry *entry,
    const struct expected *want, struct fault *f)
{
	const char *is = path_of(entry);

	if (archive_entry_filetype(entry) != AE_IFREG ||
	    archive_entry_hardlink(entry) != NULL)
		return fault_set(f, FAULT_FORMAT, "'%s' is not a regular file",
		    is);
	if (check_path(s, is, want, f) == -1)
		return -1;
	if (archive_entry_perm(entry) != 0644)
		return fault_set(f, FAULT_FORMAT, "'%s' has mode %04o", is,
		    (unsigned int)archive_entry_perm(entry));
	if (archive_entry_uid(entry) != 0 || archive_entry_gid(entry) != 0)
		return fault_set(f, FAULT_FORMAT, "'%s' has an owner", is);
	if (archive_entry_mtime(entry) != want->mtime ||
	    archive_entry_mtime_nsec(entry) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "'%s' has another time than the manifest", is);
	if (archive_entry_size(entry) < 0 ||
	    archive_entry_size(entry) > want->size_max)
		return fault_set(f, FAULT_LIMIT,
		    "'%s' has %lld bytes, where %lld are allowed", is,
		    (long long)archive_entry_size(entry),
		    (long long)want->size_max);
	return 0;
}

static int
next_member(struct source *s, const struct expected *want, int64_t *size,
    struct fault *f)
{
	struct archive_entry *entry;
	int rc;

	s->f = f;
	rc = archive_read_next_header(s->archive, &entry);
	if (rc == ARCHIVE_EOF)
		return fault_set(f, FAULT_FORMAT,
		    "the tar ends where '%s' should follow", want->path);
	if (rc != ARCHIVE_OK)
		return failed(s);
	if (check_entry(s, entry, want, f) == -1)
		return -1;
	s->head_size = 0;
	*size = archive_entry_size(entry);
	s->left = member_padded(*size);
	s->piece_size = 0;
	return 0;
}

/* A piece of the content at hand; n is 0 at its end. */
static int
next_piece(struct source *s, const void **bytes, size_t *n, int64_t at,
    struct fault *f)
{
	la_int64_t offset;
	int rc;

	s->f = f;
	rc = archive_read_data_block(s->archive, bytes, n, &offset);
	if (rc == ARCHIVE_EOF) {
		*n = 0;
		return 0;
	}
	if (rc != ARCHIVE_OK)
		return failed(s);
	if (offset != at)
		return fault_set(f, FAULT_FORMAT, "a file with holes");
	return 0;
}

/* The content's end: all was given, and its padding is zeros. */
static int
end_member(struct source *s, int64_t size, int64_t at, struct fault *f)
{
	size_t padding = (size_t)(member_padded(size) - size);

	if (at != size || s->left != 0)
		return fault_set(f, FAULT_FORMAT,
		    "%lld bytes of %lld are there", (long long)at,
		    (long long)size);
	/* Content and padding end in the same piece: both are whole blocks. */
	if (!member_is_zero(s->piece + s->piece_size - padding, padding))
		return fault_set(f, FAULT_FORMAT, "something in the padding");
	return 0;
}

static int
read_to_file(struct source *s, int64_t size, int out, struct digest *digest,
    struct fault *f)
{
	struct digest_run run;
	const void *bytes;
	int64_t at = 0;
	size_t n;

	digest_start(&run);
	for (;; at += (int64_t)n) {
		if (next_piece(s, &bytes, &n, at, f) == -1)
			return -1;
		if (n == 0)
			break;
		digest_more(&run, bytes, n);
		if (file_write(out, bytes, n, f) == -1)
			return -1;
	}
	digest_end(&run, digest);
	return end_member(s, size, at, f);
}

static int
read_to_buf(struct source *s, int64_t size, struct buf *b, struct fault *f)
{
	const void *bytes;
	size_t n;

	if (buf_reserve(b, (size_t)size, f) == -1)
		return -1;
	for (;;) {
		if (next_piece(s, &bytes, &n, (int64_t)b->len, f) == -1)
			return -1;
		if (n == 0)
			return end_member(s, size, (int64_t)b->len, f);
		if (buf_add(b, bytes, n, f) == -1)
			return -1;
	}
}

/* ---- the whole ---- */

static int
read_manifest(struct source *s, struct manifest *m, int64_t *size,
    struct fault *f)
{
	const struct expected want = { MEMBER_MANIFEST, 0, MANIFEST_MAX };
	OWNED_BUF struct buf xml = BUF_INIT(MANIFEST_MAX);

	if (next_member(s, &want, size, f) == -1)
		return -1;
	if (read_to_buf(s, *size, &xml, f) == -1 ||
	    manifest_read(xml.data, xml.len, m, f) == -1)
		return fault_within(f, "'%s'", MEMBER_MANIFEST);
	return 0;
}

/*
 * Text items must be text (FORMAT section 3).  What came in one piece is still
 * there; a map of each short one would cost as much as all the rest.
 */
static int
check_text(const struct source *s, int out, int64_t at, int64_t size,
    struct fault *f)
{
	OWNED(map_close) struct map map = MAP_NONE;

	if (member_padded(size) == (int64_t)s->piece_size)
		return text_check(s->piece, (size_t)size, f);
	if (map_open(out, at, size, &map, f) == -1)
		return -1;
	return text_check(map.bytes, map.size, f);
}

static int
read_item(struct source *s, struct item *item, const char *path, int out,
    struct fault *f)
{
	const struct expected want = { path, item->updated, ITEM_SIZE_MAX };
	off_t at = lseek(out, 0, SEEK_CUR);

	if (at == -1)
		return fault_system(f, errno, "cannot write");
	if (next_member(s, &want, &item->size, f) == -1)
		return -1;
	if (read_to_file(s, item->size, out, &item->digest, f) == -1 ||
	    (item_is_text(item->kind) &&
		check_text(s, out, at, item->size, f) == -1))
		return fault_within(f, "'%s'", path);
	return 0;
}

/* The contents of items from the first on, at least so many bytes or all. */
static int
read_items(struct source *s, struct manifest *m, size_t *first, int64_t bytes,
    int out, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX - 1);
	size_t i;

	for (i = *first; i < m->count && !m->entries[i].drop && bytes > 0;
	     i++) {
		struct item *item = &m->entries[i].item;

		buf_reset(&path);
		if (item_path(item, &path, f) == -1 ||
		    read_item(s, item, path.data, out, f) == -1)
			return -1;
		bytes -= item->size;
	}
	*first = i;
	return 0;
}

/* Two zero blocks, the frame's end, and the file's. */
static int
read_end(struct source *s, struct fault *f)
{
	struct archive_entry *entry;
	char more;
	size_t got;
	int rc;

	s->f = f;
	rc = archive_read_next_header(s->archive, &entry);
	if (rc == ARCHIVE_OK)
		return fault_set(f, FAULT_FORMAT, "'%s' is not in the manifest",
		    path_of(entry));
	if (rc != ARCHIVE_EOF)
		return failed(s);
	if (s->head_size != MEMBER_END ||
	    !member_is_zero(s->head, s->head_size))
		return fault_set(f, FAULT_FORMAT,
		    "the tar does not end with two zero blocks");
	if (pull(s, &more, 1, &got, f) == -1)
		return -1;
	if (got > 0)
		return fault_set(f, FAULT_FORMAT,
		    "there is more behind the "
		    "tar's end");
	return zframe_check_last(s->frame, f);
}

/* The frame says how much there is: exactly what the signed document says. */
static int
check_unpacked(int64_t is, int64_t unpacked, struct fault *f)
{
	if (is != unpacked)
		return fault_set(f, FAULT_FORMAT,
		    "%lld bytes unpacked, where %lld are signed", (long long)is,
		    (long long)unpacked);
	return 0;
}

static int
check_state(const struct manifest *m, struct fault *f)
{
	struct state_run run;
	struct digest is;
	size_t i;

	state_start(&run);
	for (i = 0; i < m->count; i++)
		if (state_add(&run, &m->entries[i].item, f) == -1)
			return -1;
	state_end(&run, &is);
	if (!digest_equal(&is, &m->state))
		return fault_set(f, FAULT_FORMAT,
		    "the snapshot is not the state that it says");
	return 0;
}

struct step { /* or a snapshot */
	struct source source;
	struct manifest m;
	struct map prefix;
	size_t done; /* items whose contents were read */
	int in;
	int64_t rest; /* bytes that the second frame must hold */
};

void
step_close(struct step **step)
{
	if (*step == NULL)
		return;
	source_clear(&(*step)->source);
	manifest_clear(&(*step)->m);
	map_close(&(*step)->prefix);
	free(*step);
	*step = NULL;
}

struct manifest *
step_manifest(struct step *step)
{
	return &step->m;
}

static int
open_first(struct step *step, int64_t unpacked, struct fault *f)
{
	struct source *s = &step->source;
	int64_t size;
	char more;
	size_t got;

	if (unpacked > TARBALL_MAX)
		return fault_set(f, FAULT_LIMIT, "%lld bytes unpacked",
		    (long long)unpacked);
	if (zframe_open(step->in, 0, STEP_WINDOW_LOG, unpacked, NULL, 0,
		&s->frame, f) == -1 ||
	    source_open(s, f) == -1 ||
	    read_manifest(s, &step->m, &size, f) == -1)
		return -1;
	if (!step->m.step)
		return fault_set(f, FAULT_FORMAT,
		    "the manifest of a snapshot in a step");
	if (zframe_size(s->frame) != member_size(MEMBER_MANIFEST, size))
		return fault_set(f, FAULT_FORMAT,
		    "the first frame does not end with the manifest");
	step->rest = unpacked - zframe_size(s->frame);
	return pull(s, &more, 1, &got, f); /* for the frame's checksum */
}

static int
open_tarball(int in, int64_t unpacked,
    int (*open_it)(struct step *, int64_t, struct fault *), struct step **out,
    struct fault *f)
{
	OWNED(locale_leave) locale_t before = LOCALE_NONE;
	OWNED(step_close) struct step *step = calloc(1, sizeof(*step));

	if (step == NULL)
		return fault_memory(f);
	step->in = in;
	manifest_init(&step->m);
	if (locale_enter(&before, f) == -1 || open_it(step, unpacked, f) == -1)
		return -1;
	*out = own_give(&step);
	return 0;
}

int
step_open(int in, int64_t unpacked, struct step **out, struct fault *f)
{
	return open_tarball(in, unpacked, open_first, out, f);
}

int
step_contents(struct step *step, int prefix, int64_t prefix_size, int out,
    struct fault *f)
{
	OWNED(locale_leave) locale_t before = LOCALE_NONE;
	struct source *s = &step->source;
	int64_t at = zframe_end(s->frame);

	zframe_close(&s->frame);
	if (prefix_size > 0 &&
	    map_open(prefix, 0, prefix_size, &step->prefix, f) == -1)
		return -1;
	if (locale_enter(&before, f) == -1 ||
	    zframe_open(step->in, at, STEP_WINDOW_LOG, step->rest,
		step->prefix.bytes, step->prefix.size, &s->frame, f) == -1 ||
	    check_unpacked(zframe_size(s->frame), step->rest, f) == -1 ||
	    read_items(s, &step->m, &step->done, TARBALL_MAX, out, f) == -1)
		return -1;
	return read_end(s, f);
}

static int
open_snapshot(struct step *step, int64_t unpacked, struct fault *f)
{
	struct source *s = &step->source;
	int64_t size = 0;

	if (unpacked > TARBALL_MAX)
		return fault_set(f, FAULT_LIMIT, "%lld bytes unpacked",
		    (long long)unpacked);
	if (zframe_open(step->in, 0, SNAPSHOT_WINDOW_LOG, unpacked, NULL, 0,
		&s->frame, f) == -1 ||
	    check_unpacked(zframe_size(s->frame), unpacked, f) == -1 ||
	    source_open(s, f) == -1 ||
	    read_manifest(s, &step->m, &size, f) == -1)
		return -1;
	if (step->m.step)
		return fault_set(f, FAULT_FORMAT,
		    "the manifest of a step in a snapshot");
	return 0;
}

int
snapshot_open(int in, int64_t unpacked, struct step **out, struct fault *f)
{
	return open_tarball(in, unpacked, open_snapshot, out, f);
}

int
snapshot_more(struct step *snapshot, int64_t bytes, int out, size_t *done,
    struct fault *f)
{
	OWNED(locale_leave) locale_t before = LOCALE_NONE;
	struct manifest *m = &snapshot->m;

	if (locale_enter(&before, f) == -1 ||
	    read_items(&snapshot->source, m, &snapshot->done, bytes, out, f) ==
		-1)
		return -1;
	*done = snapshot->done;
	if (*done < m->count)
		return 0;
	return read_end(&snapshot->source, f) == -1 ? -1 : check_state(m, f);
}

int
snapshot_read(int in, int64_t unpacked, struct manifest *m, int out,
    struct fault *f)
{
	OWNED(step_close) struct step *snapshot = NULL;
	size_t done;

	if (snapshot_open(in, unpacked, &snapshot, f) == -1 ||
	    snapshot_more(snapshot, TARBALL_MAX, out, &done, f) == -1)
		return -1;
	manifest_clear(m);
	*m = snapshot->m;
	manifest_init(&snapshot->m);
	return 0;
}
