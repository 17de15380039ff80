/*
 * wanted.h -- a file on its way: its part on disk, the mirror that is asked,
 * and what is made of the answer.  A private part of fetch/download.c, which
 * keeps the list of them.
 */
#ifndef FETCH_WANTED_H
#define FETCH_WANTED_H

#include "base/buf.h"
#include "fetch/download.h"

#define WANTED_NOBODY ((size_t)-1)

/*
 * A file that was asked for, or a piece of one, for as long as the download
 * lives.
 */
struct wanted {
	enum tree_sort sort;
	struct digest digest;
	int64_t length;
	struct wanted *whole;	  /* a piece: of this file ... */
	int64_t at;		  /* ... from this offset on */
	char name[TREE_NAME_MAX]; /* a piece: of the file */
	unsigned char *tries;	  /* by mirror */
	bool *passed;		  /* the same: not asked for pieces of it */
	bool pure; /* bytes of several mirrors did not fit together */
	bool delivered;
	size_t source; /* mirror that the part is from; WANTED_NOBODY:
				 not known, or several */
	char etag[HTTP_VALIDATOR_MAX]; /* of that mirror's file */
	/* while it is on its way */
	struct download_file *file; /* who waits for it; NULL: nobody */
	int fd;
	int64_t size;
	size_t mirror;
	int64_t asked; /* time_ticks() */
	struct buf url;
	struct http_job job;
};

enum ranges { RANGES_UNKNOWN, RANGES_NONE, RANGES_GOOD };

/* What a mirror does in this run. */
struct seat {
	enum ranges ranges; /* good: a good piece came */
	int busy;	    /* requests under way */
	int failures;	    /* in a row */
	bool out;	    /* not asked any more */
	bool told;	    /* its health was noted: once a run is enough */
};

struct download {
	struct download_where where;
	int folder;	    /* of parts; -1: not needed yet */
	size_t giver;	    /* mirror; WANTED_NOBODY: not known */
	struct seat *seats; /* by mirror */
	struct wanted **wanted;
	size_t wanted_count;
	char **refusals;
	size_t refusal_count;
	struct download_count count;
	int under_way;
	bool missing; /* the last call could not have everything */
};

/* A file of one name and digest is the same here in all calls; so is a piece. */
int wanted_find(struct download *d, const struct download_file *file,
    struct wanted **out, struct fault *f) __attribute__((warn_unused_result));
void wanted_free(struct wanted **w);

/*
 * file waits for it from now on: open the part.  What a former run left may
 * be all of it: then file has it, and nobody waits any more (w->file is NULL).
 */
int wanted_open(struct download *d, struct wanted *w,
    struct download_file *file, struct fault *f)
    __attribute__((warn_unused_result));
void wanted_close(struct wanted *w);

/*
 * The best mirror to ask, which may have to wait for a connection: *ready is
 * false then.  WANTED_NOBODY: there is none left.
 */
size_t wanted_choose(const struct download *d, const struct wanted *w,
    bool *ready);
int wanted_ask(struct download *d, struct wanted *w, size_t mirror,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * A piece is late, and an idle mirror has shown to be much faster than the one
 * that is at it: that one.  WANTED_NOBODY: it is not, or there is none.
 */
size_t wanted_rescuer(const struct download *d, const struct wanted *w);
/* It goes on with what is missing. */
int wanted_hand_over(struct download *d, struct wanted *w, size_t mirror,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Its job is done.  If all is well, file has it, and nobody waits any more.
 * -1: trouble of our own.
 */
int wanted_settle(struct download *d, struct wanted *w, struct fault *f)
    __attribute__((warn_unused_result));

/* The folder of parts: d->folder is open from then on. */
int wanted_folder(struct download *d, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- what fetch/download.c has for fetch/piecewise.c ---- */

/*
 * Ask until each file has come or nobody is left to ask, which then says why.
 * A file's cause may be set before.  -1: trouble of our own.
 */
int download_run(struct download *d, struct download_file *files, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

/* The most serious cause of those that are missing; NULL: none is. */
const struct fault *download_worst(const struct download_file *files, size_t n);

/* Who keeps a copy gets those that came. */
void download_keep(const struct download *d, const struct download_file *files,
    size_t n);

#endif
