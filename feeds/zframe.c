#include "feeds/zframe.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <zstd.h>
#include <zstd_errors.h>

#include "base/file.h"
#include "items/limits.h"

#define CHUNK 32768 /* bytes of a file that are read or written at once */
#define STEP_DENSE (1 * MIB) /* old + new bytes that level 19 is spent on */

static int
failed(size_t code, const char *what, struct fault *f)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return fault_memory(f);
	case ZSTD_error_frameParameter_windowTooLarge:
		return fault_set(f, FAULT_LIMIT,
		    "zstd frame: the window is larger than allowed");
	default:
		return fault_set(f, FAULT_FORMAT, "%s: %s", what,
		    ZSTD_getErrorName(code));
	}
}

/* ---- writing ---- */

struct zframe_writer {
	ZSTD_CCtx *ctx;
	int out;
	char block[CHUNK];
};

/* The smallest n with 2^n >= size, within what a step may have. */
static int
step_window_log(uint64_t size)
{
	int log = 10; /* libzstd's least */

	while (log < STEP_WINDOW_LOG && size > (uint64_t)1 << log)
		log++;
	return log;
}

static int
set(ZSTD_CCtx *ctx, ZSTD_cParameter parameter, int value, struct fault *f)
{
	size_t rc = ZSTD_CCtx_setParameter(ctx, parameter, value);

	if (ZSTD_isError(rc))
		return fault_set(f, FAULT_BUG, "zstd parameter: %s",
		    ZSTD_getErrorName(rc));
	return 0;
}

static int
step_level(enum zframe_sort sort, uint64_t size)
{
	return sort == ZFRAME_STEP && size <= STEP_DENSE ? 19 : 12;
}

static int
set_all(ZSTD_CCtx *ctx, enum zframe_sort sort, uint64_t size, struct fault *f)
{
	int log = step_window_log(size);

	if (set(ctx, ZSTD_c_checksumFlag, 1, f) == -1 ||
	    set(ctx, ZSTD_c_contentSizeFlag, 1, f) == -1)
		return -1;
	if (sort == ZFRAME_DOCUMENT || sort == ZFRAME_SNAPSHOT) {
		/* libzstd takes less where the content is smaller. */
		if (set(ctx, ZSTD_c_compressionLevel, 19, f) == -1)
			return -1;
		return set(ctx, ZSTD_c_windowLog, SNAPSHOT_WINDOW_LOG, f);
	}
	if (set(ctx, ZSTD_c_compressionLevel, step_level(sort, size), f) ==
		-1 ||
	    set(ctx, ZSTD_c_windowLog, log, f) == -1 ||
	    set(ctx, ZSTD_c_hashLog, log - 2, f) == -1)
		return -1;
	return set(ctx, ZSTD_c_chainLog, log, f);
}

void
zframe_drop(struct zframe_writer **w)
{
	if (*w == NULL)
		return;
	(void)ZSTD_freeCCtx((*w)->ctx);
	free(*w);
	*w = NULL;
}

int
zframe_begin(enum zframe_sort sort, int64_t size, const void *prefix, size_t p,
    int out, struct zframe_writer **w, struct fault *f)
{
	OWNED(zframe_drop) struct zframe_writer *new = NULL;
	size_t rc;

	new = malloc(sizeof(*new));
	if (new == NULL)
		return fault_memory(f);
	new->out = out;
	new->ctx = ZSTD_createCCtx();
	if (new->ctx == NULL)
		return fault_memory(f);
	if (set_all(new->ctx, sort, (uint64_t)size + p, f) == -1)
		return -1;
	rc = ZSTD_CCtx_setPledgedSrcSize(new->ctx, (uint64_t)size);
	if (!ZSTD_isError(rc) && p > 0)
		rc = ZSTD_CCtx_refPrefix(new->ctx, prefix, p);
	if (ZSTD_isError(rc))
		return failed(rc, "cannot compress", f);
	*w = own_give(&new);
	return 0;
}

static int
compress(struct zframe_writer *w, ZSTD_inBuffer *in, ZSTD_EndDirective how,
    struct fault *f)
{
	size_t rc;

	do {
		ZSTD_outBuffer out = { w->block, sizeof(w->block), 0 };

		rc = ZSTD_compressStream2(w->ctx, &out, in, how);
		if (ZSTD_getErrorCode(rc) == ZSTD_error_srcSize_wrong)
			return fault_set(f, FAULT_BUG,
			    "a frame of another size than promised");
		if (ZSTD_isError(rc))
			return failed(rc, "cannot compress", f);
		if (file_write(w->out, w->block, out.pos, f) == -1)
			return -1;
	} while (how == ZSTD_e_end ? rc > 0 : in->pos < in->size);
	return 0;
}

int
zframe_put(struct zframe_writer *w, const void *bytes, size_t n,
    struct fault *f)
{
	ZSTD_inBuffer in = { bytes, n, 0 };

	return n == 0 ? 0 : compress(w, &in, ZSTD_e_continue, f);
}

int
zframe_finish(struct zframe_writer *w, struct fault *f)
{
	ZSTD_inBuffer in = { "", 0, 0 };

	return compress(w, &in, ZSTD_e_end, f);
}

int
zframe_write(enum zframe_sort sort, const void *bytes, size_t n,
    const void *prefix, size_t p, int out, struct fault *f)
{
	OWNED(zframe_drop) struct zframe_writer *w = NULL;

	if (zframe_begin(sort, (int64_t)n, prefix, p, out, &w, f) == -1 ||
	    zframe_put(w, bytes, n, f) == -1)
		return -1;
	return zframe_finish(w, f);
}

/* ---- reading ---- */

struct zframe {
	ZSTD_DCtx *ctx;
	int in;
	int64_t at;   /* offset of the next byte to read from the file */
	int64_t size; /* decoded bytes, as the frame says */
	int64_t done; /* decoded bytes that were handed out */
	bool ended;
	size_t used; /* bytes of the chunk that were decoded */
	size_t have; /* bytes in the chunk */
	char chunk[CHUNK];
};

void
zframe_close(struct zframe **z)
{
	if (*z == NULL)
		return;
	(void)ZSTD_freeDCtx((*z)->ctx);
	free(*z);
	*z = NULL;
}

/* Read the next piece of the file; there must be one. */
static int
fill(struct zframe *z, struct fault *f)
{
	ssize_t got;

	do {
		got = pread(z->in, z->chunk, sizeof(z->chunk), z->at);
	} while (got == -1 && errno == EINTR);
	if (got == -1)
		return fault_system(f, errno, "cannot read");
	if (got == 0)
		return fault_set(f, FAULT_FORMAT,
		    "zstd frame: the file ends too early");
	z->used = 0;
	z->have = (size_t)got;
	z->at += got;
	return 0;
}

/*
 * What libzstd would let pass: another sort of frame, and the fields of
 * RFC 8878, section 3.1.1.1, that we demand.
 */
static int
check_header(struct zframe *z, int64_t max, struct fault *f)
{
	static const uint8_t magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	unsigned long long size;
	uint8_t descriptor;

	if (z->have < 5 || memcmp(z->chunk, magic, sizeof(magic)) != 0)
		return fault_set(f, FAULT_FORMAT, "not a zstd frame");
	descriptor = (uint8_t)z->chunk[4];
	if ((descriptor & 3) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "zstd frame: has a dictionary id");
	if ((descriptor & 4) == 0)
		return fault_set(f, FAULT_FORMAT,
		    "zstd frame: has no checksum");
	size = ZSTD_getFrameContentSize(z->chunk, z->have);
	if (size == ZSTD_CONTENTSIZE_ERROR)
		return fault_set(f, FAULT_FORMAT,
		    "zstd frame: the header is damaged");
	if (size == ZSTD_CONTENTSIZE_UNKNOWN)
		return fault_set(f, FAULT_FORMAT,
		    "zstd frame: has no content size");
	if (max < 0 || size > (unsigned long long)max)
		return fault_set(f, FAULT_LIMIT,
		    "zstd frame: %llu bytes unpacked, where %lld are allowed",
		    size, (long long)max);
	z->size = (int64_t)size;
	return 0;
}

/* One call of the decoder; *got bytes came out. */
static int
decode(struct zframe *z, void *bytes, size_t n, size_t *got, struct fault *f)
{
	ZSTD_inBuffer in = { z->chunk, z->have, z->used };
	ZSTD_outBuffer out = { bytes, n, 0 };
	size_t rc = ZSTD_decompressStream(z->ctx, &out, &in);

	if (ZSTD_isError(rc))
		return failed(rc, "zstd frame", f);
	z->used = in.pos;
	z->done += (int64_t)out.pos;
	z->ended = rc == 0;
	*got = out.pos;
	return 0;
}

int
zframe_open(int in, int64_t at, int window_log_max, int64_t max,
    const void *prefix, size_t p, struct zframe **out, struct fault *f)
{
	OWNED(zframe_close) struct zframe *z = calloc(1, sizeof(*z));
	size_t rc, got;

	if (z == NULL)
		return fault_memory(f);
	z->in = in;
	z->at = at;
	z->ctx = ZSTD_createDCtx();
	if (z->ctx == NULL)
		return fault_memory(f);
	rc =
	    ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_windowLogMax, window_log_max);
	if (!ZSTD_isError(rc) && p > 0)
		rc = ZSTD_DCtx_refPrefix(z->ctx, prefix, p);
	if (ZSTD_isError(rc))
		return failed(rc, "cannot decompress", f);
	if (fill(z, f) == -1 || check_header(z, max, f) == -1)
		return -1;
	/* Without room for output it only judges the header. */
	if (decode(z, NULL, 0, &got, f) == -1)
		return -1;
	*out = own_give(&z);
	return 0;
}

int
zframe_peek(int in, int64_t at, int64_t max, int64_t *size, struct fault *f)
{
	OWNED(zframe_close) struct zframe *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return fault_memory(f);
	z->in = in;
	z->at = at;
	if (fill(z, f) == -1 || check_header(z, max, f) == -1)
		return -1;
	*size = z->size;
	return 0;
}

int64_t
zframe_size(const struct zframe *z)
{
	return z->size;
}

int
zframe_read(struct zframe *z, void *bytes, size_t n, size_t *got,
    struct fault *f)
{
	assert(n > 0);
	*got = 0;
	while (!z->ended) {
		/* First, since libzstd may still hold decoded bytes. */
		if (decode(z, bytes, n, got, f) == -1)
			return -1;
		if (*got > 0 || z->ended)
			break;
		if (z->used == z->have && fill(z, f) == -1)
			return -1;
	}
	if (z->ended && z->done != z->size)
		return fault_set(f, FAULT_FORMAT,
		    "zstd frame: not the size that it says");
	return 0;
}

int64_t
zframe_end(const struct zframe *z)
{
	assert(z->ended);
	return z->at - (int64_t)(z->have - z->used);
}

int
zframe_check_last(const struct zframe *z, struct fault *f)
{
	struct stat st;

	if (fstat(z->in, &st) == -1)
		return fault_system(f, errno, "cannot read");
	if (zframe_end(z) != st.st_size)
		return fault_set(f, FAULT_FORMAT,
		    "there is more behind the last zstd frame");
	return 0;
}

int
zframe_read_all(int in, struct buf *b, struct fault *f)
{
	OWNED(zframe_close) struct zframe *z = NULL;
	size_t got;

	if (zframe_open(in, 0, SNAPSHOT_WINDOW_LOG, (int64_t)(b->max - b->len),
		NULL, 0, &z, f) == -1)
		return -1;
	/* One byte more, so that reading goes on to the end. */
	if (buf_reserve(b, (size_t)z->size, f) == -1)
		return -1;
	do {
		/* buf keeps a byte for its NUL: room for n > 0 at the end. */
		if (zframe_read(z, b->data + b->len,
			(size_t)(z->size - z->done) + 1, &got, f) == -1)
			return -1;
		b->len += got;
		buf_end(b);
	} while (got > 0);
	return zframe_check_last(z, f);
}
