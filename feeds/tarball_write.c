#include "feeds/tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "base/locale.h"
#include "base/map.h"
#include "feeds/member.h"
#include "feeds/zframe.h"

/* A tar on its way: libarchive makes the blocks, zstd takes them. */
struct writer {
	struct archive *archive;
	struct archive_entry *entry;
	struct zframe_writer *frame;
	bool heading; /* libarchive is writing a header: keep it back */
	char head[MEMBER_HEAD_MAX];
	size_t head_size;
	struct fault *f; /* of the call under way */
	bool said;	 /* on_write() has set it */
};

static void
writer_clear(struct writer *w)
{
	if (w->archive != NULL)
		(void)archive_write_free(w->archive);
	archive_entry_free(w->entry);
	zframe_drop(&w->frame);
}

static int
take(struct writer *w, const void *bytes, size_t n)
{
	if (!w->heading)
		return zframe_put(w->frame, bytes, n, w->f);
	if (n > sizeof(w->head) - w->head_size)
		return fault_set(w->f, FAULT_BUG, "tar: a header of %zu bytes",
		    w->head_size + n);
	memcpy(w->head + w->head_size, bytes, n);
	w->head_size += n;
	return 0;
}

static la_ssize_t
on_write(struct archive *archive, void *data, const void *bytes, size_t n)
{
	struct writer *w = data;

	if (take(w, bytes, n) == 0)
		return (la_ssize_t)n;
	w->said = true;
	archive_set_error(archive, EIO, "see the fault");
	return -1;
}

/* rc is libarchive's; on_write() may have said why already. */
static int
check(struct writer *w, int rc)
{
	if (rc == ARCHIVE_OK)
		return 0;
	if (w->said)
		return -1;
	if (archive_errno(w->archive) == ENOMEM)
		return fault_memory(w->f);
	return fault_set(w->f, FAULT_BUG, "tar: %s",
	    archive_error_string(w->archive));
}

static int
writer_open(struct writer *w, struct fault *f)
{
	w->f = f;
	w->archive = archive_write_new();
	w->entry = archive_entry_new();
	if (w->archive == NULL || w->entry == NULL)
		return fault_memory(f);
	/* Neither blocks of 10 KiB nor zeros behind the end. */
	if (check(w, archive_write_set_format_pax_restricted(w->archive)) ==
		-1 ||
	    check(w, archive_write_set_bytes_per_block(w->archive, 0)) == -1 ||
	    check(w, archive_write_set_bytes_in_last_block(w->archive, 1)) ==
		-1)
		return -1;
	return check(w,
	    archive_write_open(w->archive, w, NULL, on_write, NULL));
}

/*
 * libarchive would put what fits of a long path into the ustar prefix field,
 * with or without a pax header.  So it is told a path without slashes, which
 * it can't split, and the slashes are put back into the pax record.
 */
static int
set_path(struct writer *w, const char *path, struct fault *f)
{
	OWNED_MEM char *whole = strdup(path);
	char *p;

	if (whole == NULL)
		return fault_memory(f);
	for (p = whole; member_has_pax(path) && *p != '\0'; p++)
		if (*p == '/')
			*p = '_';
	archive_entry_copy_pathname(w->entry, whole);
	return 0;
}

static int
put_head(struct writer *w, const char *path, int64_t size, int64_t mtime,
    struct fault *f)
{
	int rc;

	archive_entry_clear(w->entry);
	if (set_path(w, path, f) == -1)
		return -1;
	archive_entry_set_filetype(w->entry, AE_IFREG);
	archive_entry_set_perm(w->entry, 0644);
	archive_entry_set_uid(w->entry, 0);
	archive_entry_set_gid(w->entry, 0);
	archive_entry_set_mtime(w->entry, mtime, 0);
	archive_entry_set_size(w->entry, size);
	w->head_size = 0;
	w->heading = true;
	rc = archive_write_header(w->archive, w->entry);
	w->heading = false;
	if (check(w, rc) == -1)
		return -1;
	if (member_has_pax(path))
		member_set_path(w->head, path);
	if (member_check_head(w->head, w->head_size, path, f) == -1) {
		f->kind = FAULT_BUG; /* libarchive's, or ours: not the user's */
		return fault_within(f, "tar header that libarchive made");
	}
	return zframe_put(w->frame, w->head, w->head_size, f);
}

static int
put_member(struct writer *w, const char *path, int64_t mtime, const char *bytes,
    int64_t size, struct fault *f)
{
	w->f = f;
	if (size > ITEM_SIZE_MAX)
		return fault_set(f, FAULT_LIMIT,
		    "'%s' has %lld bytes, where %lld are allowed", path,
		    (long long)size, (long long)ITEM_SIZE_MAX);
	if (put_head(w, path, size, mtime, f) == -1)
		return -1;
	if (archive_write_data(w->archive, bytes, (size_t)size) != size)
		return check(w, ARCHIVE_FATAL);
	return check(w, archive_write_finish_entry(w->archive)); /* padding */
}

/* What a tar is made of: its manifest as bytes, and the members behind. */
struct plan {
	const struct manifest *m;
	struct buf xml;
	struct map contents;
	int64_t first; /* bytes of the manifest's member */
	int64_t rest;  /* bytes of all that follows it, end blocks included */
};

static void
plan_clear(struct plan *p)
{
	buf_clear(&p->xml);
	map_close(&p->contents);
}

static int
plan_make(const struct manifest *m, int contents, struct plan *p,
    struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX - 1);
	int64_t bytes = 0;
	size_t i;

	p->m = m;
	if (manifest_write(m, &p->xml, f) == -1)
		return -1;
	p->first = member_size(MEMBER_MANIFEST, (int64_t)p->xml.len);
	p->rest = MEMBER_END;
	for (i = 0; i < m->count && !m->entries[i].drop; i++) {
		const struct item *item = &m->entries[i].item;

		buf_reset(&path);
		if (item_path(item, &path, f) == -1)
			return -1;
		p->rest += member_size(path.data, item->size);
		bytes += item->size;
		if (p->first + p->rest > TARBALL_MAX)
			return fault_set(f, FAULT_LIMIT,
			    "more than %lld bytes unpacked",
			    (long long)TARBALL_MAX);
	}
	return map_open(contents, 0, bytes, &p->contents, f);
}

static int
put_items(struct writer *w, const struct plan *p, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX - 1);
	const char *bytes = p->contents.bytes;
	size_t i;

	for (i = 0; i < p->m->count && !p->m->entries[i].drop; i++) {
		const struct item *item = &p->m->entries[i].item;

		buf_reset(&path);
		if (item_path(item, &path, f) == -1 ||
		    put_member(w, path.data, item->updated, bytes, item->size,
			f) == -1)
			return -1;
		bytes += item->size;
	}
	w->f = f;
	return check(w, archive_write_close(w->archive)); /* end blocks */
}

static int
put_manifest(struct writer *w, const struct plan *p, struct fault *f)
{
	return put_member(w, MEMBER_MANIFEST, 0, p->xml.data,
	    (int64_t)p->xml.len, f);
}

static int
measure(const struct plan *p, int out, struct tarball_made *made,
    struct fault *f)
{
	made->unpacked = p->first + p->rest;
	return digest_of_fd(out, &made->digest, &made->length, f);
}

int
snapshot_write(const struct manifest *m, int contents, int out,
    struct tarball_made *made, struct fault *f)
{
	OWNED(locale_leave) locale_t before = LOCALE_NONE;
	OWNED(plan_clear) struct plan p = { .xml = BUF_INIT(MANIFEST_MAX),
		.contents = MAP_NONE };
	OWNED(writer_clear) struct writer w = { 0 };

	if (locale_enter(&before, f) == -1 ||
	    plan_make(m, contents, &p, f) == -1 || writer_open(&w, f) == -1 ||
	    zframe_begin(ZFRAME_SNAPSHOT, p.first + p.rest, NULL, 0, out,
		&w.frame, f) == -1 ||
	    put_manifest(&w, &p, f) == -1 || put_items(&w, &p, f) == -1 ||
	    zframe_finish(w.frame, f) == -1)
		return -1;
	return measure(&p, out, made, f);
}

/* The step of one serial is made at each publication, while someone waits. */
static enum zframe_sort
step_sort(const struct manifest *m)
{
	return m->from + 1 == m->serial ? ZFRAME_STEP_QUICK : ZFRAME_STEP;
}

int
step_write(const struct manifest *m, int contents, int prefix,
    int64_t prefix_size, int out, struct tarball_made *made, struct fault *f)
{
	OWNED(locale_leave) locale_t before = LOCALE_NONE;
	OWNED(plan_clear) struct plan p = { .xml = BUF_INIT(MANIFEST_MAX),
		.contents = MAP_NONE };
	OWNED(map_close) struct map old = MAP_NONE;
	OWNED(writer_clear) struct writer w = { 0 };

	if (locale_enter(&before, f) == -1 ||
	    plan_make(m, contents, &p, f) == -1 ||
	    (prefix_size > 0 &&
		map_open(prefix, 0, prefix_size, &old, f) == -1) ||
	    writer_open(&w, f) == -1)
		return -1;
	if (zframe_begin(ZFRAME_STEP, p.first, NULL, 0, out, &w.frame, f) ==
		-1 ||
	    put_manifest(&w, &p, f) == -1 || zframe_finish(w.frame, f) == -1)
		return -1;
	zframe_drop(&w.frame);
	if (zframe_begin(step_sort(m), p.rest, old.bytes, old.size, out,
		&w.frame, f) == -1 ||
	    put_items(&w, &p, f) == -1 || zframe_finish(w.frame, f) == -1)
		return -1;
	return measure(&p, out, made, f);
}
