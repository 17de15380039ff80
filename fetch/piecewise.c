#include "fetch/piecewise.h"

#include <string.h>

#include "base/file.h"
#include "feeds/pieces.h"
#include "fetch/partial.h"
#include "fetch/wanted.h"

#define MIRRORS_MIN 2 /* with one alone there is nothing to share out */

struct piecewise {
	struct download *download;
	struct download_file *file;
	struct wanted *whole;
	int part;     /* of the whole file ... */
	int64_t size; /* ... and its bytes */
	struct buf table;
	struct digest *digests; /* of all pieces; NULL: there is no table */
	int64_t first;		/* pieces that the part has already */
	struct download_file *pieces; /* the others */
	size_t count;
};

static void
clear(struct piecewise *p)
{
	own_close_fd(&p->part);
	buf_clear(&p->table);
	free(p->digests);
	free(p->pieces);
}

/* A table that is none is its publisher's fault: the file can be had whole. */
static int
get_table(struct piecewise *p, struct fault *f)
{
	struct download_file file = { .sort = TREE_PIECES,
		.digest = p->file->pieces,
		.length = p->file->pieces_length };
	struct fault bad = { 0 };
	int rc;

	if (download_run(p->download, &file, 1, f) == -1)
		return -1;
	if (file.fd == -1)
		return 0;
	download_keep(p->download, &file, 1);
	rc = file_read_fd(file.fd, &p->table, f);
	own_close_fd(&file.fd);
	if (rc == -1)
		return -1;
	if (pieces_read(p->table.data, p->table.len, p->file->length,
		&p->digests, &bad) == -1 &&
	    bad.kind == FAULT_MEMORY) {
		*f = bad;
		return -1;
	}
	return 0;
}

/* What is there from a former run is all of it, or its beginning. */
static int
look_at_part(struct piecewise *p, struct fault *f)
{
	OWNED_BUF struct buf is = BUF_INIT(BUF_ANY);
	int64_t whole = p->size - p->size % PIECE_SIZE;

	if (pieces_write(p->part, whole, &is, f) == -1)
		return -1;
	while (p->first < pieces_count(whole) &&
	    memcmp(is.data + p->first * DIGEST_TEXT,
		p->table.data + p->first * DIGEST_TEXT, DIGEST_TEXT) == 0)
		p->first++;
	return 0;
}

static int
list_pieces(struct piecewise *p, struct fault *f)
{
	int64_t i, n = pieces_count(p->file->length);

	p->count = (size_t)(n - p->first);
	p->pieces = calloc(p->count + 1, sizeof(*p->pieces));
	if (p->pieces == NULL)
		return fault_memory(f);
	for (i = p->first; i < n; i++)
		p->pieces[i - p->first] =
		    (struct download_file){ .sort = TREE_SNAPSHOT,
			    .digest = p->digests[i],
			    .length = pieces_size(p->file->length, i),
			    .fd = -1,
			    .whole = p->whole,
			    .at = i * PIECE_SIZE };
	return 0;
}

static int
add_piece(struct piecewise *p, const struct download_file *piece,
    struct fault *f)
{
	OWNED_FD int fd = -1;
	int64_t size;

	if (partial_open(p->download->folder, &piece->digest, piece->length,
		&fd, &size, f) == -1)
		return -1;
	if (size != piece->length)
		return fault_set(f, FAULT_SYSTEM,
		    "'%s': a piece is gone from the state folder",
		    p->whole->name);
	return file_copy(fd, 0, size, p->part, f);
}

/* All are there.  Two may be equal: none is removed before all are added. */
static int
join(struct piecewise *p, struct fault *f)
{
	size_t i;

	if (file_cut(p->part, p->first * PIECE_SIZE, f) == -1)
		return -1;
	for (i = 0; i < p->count; i++)
		if (add_piece(p, &p->pieces[i], f) == -1)
			return -1;
	for (i = 0; i < p->count; i++)
		if (partial_remove(p->download->folder, &p->pieces[i].digest,
			f) == -1)
			return -1;
	return 0;
}

static int
get(struct piecewise *p, struct fault *f)
{
	struct download *d = p->download;
	const struct fault *worst;

	if (wanted_find(d, p->file, &p->whole, f) == -1 ||
	    wanted_folder(d, f) == -1 ||
	    partial_open(d->folder, &p->file->digest, p->file->length, &p->part,
		&p->size, f) == -1)
		return -1;
	if (p->size == p->file->length)
		return 0;
	if (get_table(p, f) == -1)
		return -1;
	if (p->digests == NULL)
		return 0;
	if (look_at_part(p, f) == -1 || list_pieces(p, f) == -1 ||
	    download_run(d, p->pieces, p->count, f) == -1)
		return -1;
	worst = download_worst(p->pieces, p->count);
	if (worst == NULL)
		return join(p, f);
	p->file->why = *worst;
	return 0;
}

int
piecewise_get(struct download *d, struct download_file *file, struct fault *f)
{
	OWNED(clear) struct piecewise p = { .download = d,
		.file = file,
		.part = -1,
		.table = BUF_INIT(BUF_ANY) };

	if (d->where.mirrors->count < MIRRORS_MIN)
		return 0;
	return get(&p, f);
}
