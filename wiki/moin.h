/*
 * moin.h -- the moin: engine, MoinMoin 1.9's data folder; for wiki/moin*.c.
 *
 *	DATA/pages/FOLDER/current	the number of the current revision
 *	DATA/pages/FOLDER/revisions/N	texts, UTF-8, CRLF; N is 00000001, ...
 *	DATA/pages/FOLDER/edit-log		who made which revision
 *	DATA/pages/FOLDER/attachments/FILE
 *	DATA/edit-log				the same lines of all pages
 *	UNDERLAY/pages/FOLDER/...		the distribution's own pages
 *
 * FOLDER is the quoted name (moin_name.h).  A page exists if the revision
 * that `current` names has a file; otherwise it is deleted, and the underlay
 * page of its name, if there is one, shows (MoinMoin Page.py, get_rev and
 * getPageBasePath).
 *
 * Revisions of pages are "5-SIZE-MTIME": MoinMoin saves a page with
 * #deprecated on top without giving it a new number.  A deletion is
 * "6-deleted", an underlay text "u1-SIZE-MTIME", an attachment
 * "SIZE-MTIME-INODE"; SIZE is decimal, MTIME (nanoseconds) and INODE are hex.
 */
#ifndef WIKI_MOIN_H
#define WIKI_MOIN_H

#include <sys/stat.h>
#include <sys/types.h>

#include "wiki/engine.h"
#include "wiki/moin_name.h"

#define MOIN_PATH 640		 /* "FOLDER/attachments/FILE", and more */
#define MOIN_NUMBER_MAX 99999998 /* Moin's sign for "none" is one more */
#define MOIN_REVISION_MAX 80
#define MOIN_ARENAS 64 /* two for each wiki of a farm */

struct moin_users;

struct moin {
	struct wiki wiki;
	int data;		  /* the folder */
	int pages;		  /* its pages */
	int underlay;		  /* the underlay's pages; -1: none */
	struct moin_users *users; /* what user files were asked for so far */
	/* for writing, set by begin */
	int log;	    /* DATA/edit-log; -1 before */
	bool unmasked;	    /* the process has no umask, but had */
	mode_t mask;	    /* this one */
	mode_t folder_mode; /* as of DATA/pages */
	mode_t file_mode;
	int arenas[MOIN_ARENAS]; /* caches of groups and dictionaries */
	size_t arena_count;
	bool give; /* root, who writes for the wiki's owner */
	uid_t owner;
	gid_t group;
	/* milliseconds; tests shorten them */
	int64_t patience; /* to wait for a page that someone is saving */
	int64_t stale;	  /* after which a lock may be a crash's */
};

static inline struct moin *
moin_of(struct wiki *w)
{
	return (struct moin *)w;
}

/* ---- moin_look.c: which revision is current ---- */

struct moin_look {
	bool present;	     /* the page exists */
	int64_t number;	     /* that current holds; 0: there is no current, or
				a new one; -1: it is damaged */
	struct stat current; /* if there is one */
	struct stat text;    /* if present */
};

/* "FOLDER/current" and the like, below pages or the underlay. */
void moin_path(char out[MOIN_PATH], const char *folder, const char *name);
void moin_path_text(char out[MOIN_PATH], const char *folder, int64_t number);

/*
 * Look at a page's folder below `pages`, and read its text, as it is on
 * disk, if text is not NULL.  What it tells belongs together also while
 * others save the page.  FAULT_BUSY: someone has held the page for more than
 * a second.  FAULT_FORMAT: too long for text, or no regular file.
 */
int moin_look(int pages, const char *folder, struct moin_look *out,
    struct buf *text, struct fault *f) __attribute__((warn_unused_result));

/* The same, without waiting: settled is false if someone holds the page. */
int moin_look_once(int pages, const char *folder, struct moin_look *out,
    struct buf *text, bool *settled, struct fault *f)
    __attribute__((warn_unused_result));

/* Read the number in a file such as current; -1 if it is none. */
int moin_look_number(int pages, const char *path, int64_t *number,
    struct stat *st, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The name of the file that `current` has become while someone is saving the
 * page: Moin's lock or ours (moin_write.h); "" if there is none.
 */
#define MOIN_LOCK_NAME 64
void moin_look_lock(int pages, const char *folder, char name[MOIN_LOCK_NAME]);

/* The revision's name; "" for a page that never was. */
void moin_look_revision(const struct moin_look *look, bool underlay,
    char out[MOIN_REVISION_MAX]);
void moin_look_file_revision(const struct stat *st,
    char out[MOIN_REVISION_MAX]);

/* The same for an attachment. */
int moin_look_file(int pages, const char *folder, const char *file,
    struct stat *st, struct buf *content, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- moin_read.c ---- */

int moin_read(struct wiki *w, const char *page, const char *file,
    struct wiki_page *out, struct fault *f) __attribute__((warn_unused_result));
int moin_revision(struct wiki *w, const char *page, const char *file,
    char **revision, struct fault *f) __attribute__((warn_unused_result));

/* ---- moin_stamp.c: when is an item what it was ---- */

void moin_stamp_page(const struct moin_look *look, int64_t now,
    char out[WIKI_STAMP_MAX]);
void moin_stamp_file(const struct stat *st, int64_t now,
    char out[WIKI_STAMP_MAX]);

/*
 * Is the page that `current` belongs to as it was at the stamp?  Looks at
 * one file more, the revision that the stamp names.
 */
bool moin_stamp_same_page(int pages, const char *folder,
    const struct stat *current, const char *stamp);
bool moin_stamp_same_file(const struct stat *st, const char *stamp);

/* ---- moin_walk.c ---- */

int moin_walk_open(struct wiki *w, struct wiki_walk **out, struct fault *f)
    __attribute__((warn_unused_result));
int moin_walk_next(struct wiki_walk *walk, const struct wiki_entry **entry,
    bool *have, struct fault *f) __attribute__((warn_unused_result));
bool moin_walk_same(struct wiki_walk *walk, const char *stamp);
void moin_walk_close(struct wiki_walk *walk);

/* ---- moin_user.c ---- */

/*
 * The name of the user with this id, out of DATA/user/ID; NULL if there is
 * none.  It lives until the next call.
 */
int moin_user_name(struct moin *m, const char *id, const char **name,
    struct fault *f) __attribute__((warn_unused_result));

/* Read all user files, once. */
int moin_user_list(struct moin *m, struct fault *f)
    __attribute__((warn_unused_result));
/* Is it a user's name?  The first call lists them, if nobody has yet. */
int moin_user_exists(struct moin *m, const char *name, size_t n, bool *yes,
    struct fault *f) __attribute__((warn_unused_result));
void moin_user_free(struct moin_users *users);

/* ---- moin_power.c ---- */

bool moin_has_power(struct wiki *w, const struct item *item);

#endif
