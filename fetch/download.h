/*
 * download.h -- files of the published tree, by digest and length, from
 * several mirrors in parallel (FORMAT section 6.5).
 *
 * Nothing is handed over before its SHA-256 is right.  A mirror that fails,
 * is slow, or lies is put back and the next one asked; each URL at most twice
 * a run.  A partial file stays in the state folder ("partial/<sha256>") and is
 * resumed, also by a later run; one that then fails its digest is dropped and
 * asked for from zero, from one mirror.  Whole files stay there too until
 * everything that was asked for has come, so that a run that is cut short, or
 * finds one file nowhere, need not begin anew.
 *
 * A snapshot that has a piece table comes in pieces from all mirrors at once,
 * if there are several; what cannot be had so is asked for as a whole.
 *
 *	OWNED(download_close) struct download *d = NULL;
 *	download_open(&where, &d, f)
 *	struct download_file file = { .sort = TREE_STEP, ..., .fd = -1 };
 *	if (download_one(d, &file, f) == -1) ...
 *	... file.fd is the caller's ...
 */
#ifndef FETCH_DOWNLOAD_H
#define FETCH_DOWNLOAD_H

#include "feeds/tree.h"
#include "fetch/http.h"
#include "fetch/mirror.h"

struct download;
struct wanted;

struct download_where { /* borrowed until download_close() */
	struct http *http;
	struct db *db;
	struct mirror_list *mirrors; /* in the order of mirror_order() */
	int folder;		     /* state folder, for partial files */
	int64_t now;
	const char *label;		  /* for progress on a terminal */
	const struct http_limits *limits; /* NULL: by each file's length */
	const char *giver; /* URL of the mirror or peer whose feed names them,
			      which has them; NULL: of any */
	bool spare;	   /* only peers are asked */
	const char *keep;  /* folder that gets each file, too, under its name
			     in the tree; as far as it can.  NULL: none */
};

struct download_file {
	enum tree_sort sort;
	struct digest digest; /* TREE_SIGNATURE: of its snapshot; not checked */
	int64_t length;	      /* TREE_SIGNATURE: the most that is taken */
	/* a snapshot's piece table, as history names it; length 0: none */
	struct digest pieces;
	int64_t pieces_length;
	int fd;		  /* answer: owned by the caller, at offset 0;
				 -1: it could not be had ... */
	struct fault why; /* ... and why: of the last mirror */
	/* inside: a piece, which stays in its part (fetch/piecewise.h) */
	struct wanted *whole;
	int64_t at;
};

struct download_count {
	int64_t requests, sent, received;
};

int download_open(const struct download_where *where, struct download **out,
    struct fault *f) __attribute__((warn_unused_result));
void download_close(struct download **d);

/*
 * All of them, each with a descriptor of its own: a caller that wants very
 * many asks in portions.  Files that came before a failure are kept.  -1 if
 * any is missing: FAULT_NETWORK if no mirror has it, a refusal if all that had
 * it lied; -1 with a local fault (disk) ends it at once.
 */
int download_all(struct download *d, struct download_file *files, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
int download_one(struct download *d, struct download_file *file,
    struct fault *f) __attribute__((warn_unused_result));

/* What went over the wire so far. */
void download_count(const struct download *d, struct download_count *out);

/*
 * Refusals so far, one line each ("mirror 'URL': 'NAME': cause"), for -v, or
 * for everybody where nothing good was found.
 */
size_t download_refusals(const struct download *d);
const char *download_refusal(const struct download *d, size_t i);

#endif
