/*
 * files.h -- the files: engine, a plain folder; for wiki/files*.c only.
 *
 *	PLACE/NAME.txt			a page's text
 *	PLACE/NAME.txt.~N~		what it was before, N = 1, 2, 3, ...
 *	PLACE/NAME.files/FILE		an attachment
 *	PLACE/NAME.files/.old/FILE.~N~	what it was before
 *
 * NAME and FILE are spelt as in a tar path, so they never begin with a dot,
 * and what begins with one is no page and no attachment.  Whoever edits the
 * wiki may put anything into the folder: nothing is followed through a
 * symbolic link, and what is no regular file is not read.
 */
#ifndef WIKI_FILES_H
#define WIKI_FILES_H

#include <sys/stat.h>

#include "wiki/engine.h"

struct files {
	struct wiki wiki;
	int root;	 /* the folder */
	size_t name_max; /* bytes of a file's name on its file system */
};

/* ---- files_name.c: which names ---- */

#define FILES_TEXT ".txt"
#define FILES_FOLDER ".files"

/* Can a file of this name be written here, and is it safe to? */
int files_name_judge(const struct files *w, const struct item *item,
    struct fault *f) __attribute__((warn_unused_result));

/* ---- files_place.c: where a page's text or an attachment is ---- */

struct files_place {
	int root;    /* of the wiki; borrowed */
	int folder;  /* that the file is in */
	int kept;    /* that its old versions go to; -1: not opened */
	bool beside; /* folder and kept are the root, borrowed */
	char *name;  /* of the file */
	char *part;  /* of the file while it is written */
};
#define FILES_PLACE_INIT \
	{ \
		-1, -1, -1, false, NULL, NULL \
	}
#define OWNED_PLACE OWNED(files_place_close)

/*
 * Open the folders of a page's text (file NULL) or of an attachment.  Where
 * an attachment's folder is missing: it is made, or have is false.
 */
int files_place_open(const struct files *w, const char *page, const char *file,
    bool make, struct files_place *out, bool *have, struct fault *f)
    __attribute__((warn_unused_result));
void files_place_close(struct files_place *p);

/*
 * A file or folder that was made becomes the wiki's, whatever the umask: its
 * group may write it if it may write the wiki's folder, and as root, who alone
 * can and need, it is given to whom the wiki belongs.
 */
int files_place_give(int fd, mode_t mode, const struct files_place *p,
    struct fault *f) __attribute__((warn_unused_result));

/* Open, or make, the folder of old versions. */
int files_place_keep(struct files_place *p, bool make, bool *have,
    struct fault *f) __attribute__((warn_unused_result));

/* The first free N of NAME.~N~, and such a name. */
int files_place_next(struct files_place *p, int64_t *n, struct fault *f)
    __attribute__((warn_unused_result));
int files_place_backup(const struct files_place *p, int64_t n, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Look at a file; have says whether it is there.  FAULT_FORMAT if it is no
 * regular file.
 */
int files_place_look(int folder, const char *name, struct stat *st, bool *have,
    struct fault *f) __attribute__((warn_unused_result));

/* The same, opened for reading. */
int files_place_read(int folder, const char *name, int *fd, struct stat *st,
    bool *have, struct fault *f) __attribute__((warn_unused_result));

/* Flush the folders, so that names are as they are also after a power cut. */
int files_place_sync(const struct files_place *p, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * A file's revision, also its stamp: what changes when its content does.  The
 * change time comes last, since a rename alone moves it;
 * files_place_same_content() compares what is before it.
 */
void files_place_revision(const struct stat *st, char out[WIKI_STAMP_MAX]);
bool files_place_same_content(const struct stat *st, const char *revision);

/* ---- files_walk.c ---- */

int files_walk_open(struct wiki *w, struct wiki_walk **out, struct fault *f)
    __attribute__((warn_unused_result));
int files_walk_next(struct wiki_walk *walk, const struct wiki_entry **entry,
    bool *have, struct fault *f) __attribute__((warn_unused_result));
bool files_walk_same(struct wiki_walk *walk, const char *stamp);
void files_walk_close(struct wiki_walk *walk);

/* ---- files_move.c: renames that overwrite nothing ---- */

/*
 * Rename unless the new name is taken or the old one gone: done is false.
 * One is for a file that only wikicast touches, the other for one that people
 * edit, to a name that only wikicast uses.
 */
int files_move(int folder, const char *ours, int other, const char *to,
    bool *done, struct fault *f) __attribute__((warn_unused_result));
int files_move_away(int folder, const char *page, int other, const char *ours,
    bool *done, struct fault *f) __attribute__((warn_unused_result));

/*
 * Let two files change names in one step.  done is false if one of them is
 * gone; able is false if the file system cannot do that.
 */
int files_move_swap(int folder, const char *from, int other, const char *to,
    bool *able, bool *done, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- files_intent.c: what is about to be done, as a line of text ---- */

struct files_intent {
	bool drop;
	int64_t n;	      /* of the old version; 0: there is none */
	struct digest digest; /* of the new content */
	struct item item;     /* only its names */
};

int files_intent_make(struct wiki *w, struct wiki_job *jobs, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
int files_intent_read(const char *text, struct files_intent *out,
    struct fault *f) __attribute__((warn_unused_result));
void files_intent_clear(struct files_intent *in);

/* The place of an item's names. */
int files_intent_place(const struct files *w, const struct item *item,
    bool make, struct files_place *place, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * After a fault of one job: if it is that job's own, such as a folder in the
 * way, it gets the outcome WIKI_CANNOT and the others go on.
 */
int files_intent_excuse(struct wiki_job *job, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- files_put.c, files_finish.c ---- */

int files_put_carry_out(struct wiki *w, struct wiki_job *jobs, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
int files_finish(struct wiki *w, const char *intent, enum wiki_outcome *outcome,
    char **revision, struct fault *f) __attribute__((warn_unused_result));

#endif
