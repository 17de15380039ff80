/*
 * moin_write.h -- the writing half of the moin: engine; for wiki/moin*.c.
 *
 * Moin runs while we write: its threads read and save the same pages.  What
 * they see at any moment is the old page or the new one, and a crash at any
 * system call leaves a page that moin_finish() brings to the one or the
 * other, out of the job's intent and what is on disk.
 *
 *	moin_intend()		names, texts and sizes are checked
 *	moin_save_prepare()	temporary files, which nobody sees
 *	moin_save_make()	lock, revision, page's log, number, unlock
 *	moin_save_tell()	the wiki's log; caches
 *
 * Moin's Xapian index, if a wiki has one, learns only of Moin's own saves: what
 * is installed is found after "moin index build --mode=update".
 *
 * Why in this order: the wiki's log is Moin's only sign that what it
 * remembers of a page is stale, so its line comes last; a revision without a
 * line in the page's log has no date for Moin.
 */
#ifndef WIKI_MOIN_WRITE_H
#define WIKI_MOIN_WRITE_H

#include "wiki/moin.h"
#include "wiki/moin_log.h"

/* ---- moin_disk.c: files that are the wiki's own ---- */

/*
 * What is made has the modes of the wiki's own files, whatever the umask of a
 * cron job is: there is none from here until moin_disk_mask_back(), which is
 * fine to call without.  Not for each file: the process has only one.
 */
void moin_disk_unmask(struct moin *m);
void moin_disk_mask_back(struct moin *m);

/* Make a file that must not exist, and flush it if sync is set. */
int moin_disk_file(const struct moin *m, const char *path, const void *bytes,
    size_t n, bool sync, struct fault *f) __attribute__((warn_unused_result));
int moin_disk_folder(const struct moin *m, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

/* As root, give a file or folder, just made, to the wiki's owner. */
int moin_disk_give(const struct moin *m, int dirfd, const char *path,
    struct fault *f) __attribute__((warn_unused_result));

/* Flush a file, or a folder's entries. */
int moin_disk_sync(const struct moin *m, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- moin_intent.c: what is about to be done, as a line of text ---- */

#define MOIN_TOKEN 17 /* bytes of a token as text, with NUL */

/*
 * The token names a job's temporary files: dot names, which Moin does not
 * see, so that what a crash left can be told from everybody else's.
 *
 *	pages/.wikicast-TOKEN/		a new page, whole
 *	pages/FOLDER/.wikicast-TOKEN.text	a text or attachment
 *	pages/FOLDER/.wikicast-TOKEN.current	its number to be
 *	pages/FOLDER/.wikicast-TOKEN.lock	current, while it is locked
 */
struct moin_intent {
	char *line; /* owned; the strings point into it */
	bool drop;
	const char *folder;
	const char *file; /* "": the page's text */
	const char *token;
	int64_t base;	       /* number of the page before, 0: none */
	const char *before;    /* as in the job */
	struct digest digest;  /* of the content; zero for a drop */
	int64_t log_from;      /* size of the wiki's log before, */
	int64_t page_log_from; /* of the page's log; for attachments */
	const char *author;    /* as logged */
	const char *comment;
};

void moin_intent_clear(struct moin_intent *in);
#define OWNED_INTENT OWNED(moin_intent_clear)

int moin_intend(struct wiki *w, struct wiki_job *jobs, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

int moin_intent_read(const char *line, struct moin_intent *out, struct fault *f)
    __attribute__((warn_unused_result));

/* The path of a job's temporary file, below pages; of the new page's. */
void moin_intent_path(const struct moin_intent *in, const char *name,
    char out[MOIN_PATH]);
void moin_intent_new_path(const struct moin_intent *in, const char *name,
    char out[MOIN_PATH]);

/* Remove all of its temporary files but the lock. */
void moin_intent_clean(const struct moin *m, const struct moin_intent *in);

/* ---- moin_lock.c: a page's lock ---- */

/*
 * Moin's savers take a page's lock by renaming `current` to
 * `current-locked`; whoever finds no `current` waits.  We rename it to a name
 * of our own, which excludes them, and each other, as well: after a crash it
 * shows whose lock it is, so that it is ours to go on with at once.
 *
 * Until the page is unlocked it is gone for its readers: nothing slow may
 * happen in between.
 */
enum moin_lock {
	MOIN_LOCK_NONE, /* someone else has it */
	MOIN_LOCK_TAKEN,
	MOIN_LOCK_NEW,	   /* taken; the page has no revisions yet */
	MOIN_LOCK_DAMAGED, /* current holds no number; not taken */
};

/* Try it once.  number is what current held, 0 if the page is new. */
int moin_lock_take(const struct moin *m, const struct moin_intent *in,
    enum moin_lock *lock, int64_t *number, struct fault *f)
    __attribute__((warn_unused_result));

/* Unlock the page as it was. */
int moin_lock_give_back(const struct moin *m, const struct moin_intent *in,
    enum moin_lock lock, struct fault *f) __attribute__((warn_unused_result));

/* Put the new `current` in place, which unlocks the page. */
int moin_lock_release(const struct moin *m, const struct moin_intent *in,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Who looks after a lock that may be a crash's: Moin's, if it is old by its
 * change time (a rename keeps the other) and the same all the while.
 */
struct moin_suspect {
	char name[MOIN_LOCK_NAME]; /* "": none */
	struct stat st;
};
int moin_lock_suspect(const struct moin *m, const char *folder,
    struct moin_suspect *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Unlock the page if the suspect is still the same, and tell the readers. */
int moin_lock_recover(struct moin *m, const char *folder,
    const struct moin_suspect *suspect, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- moin_tell.c: logs and caches, which tell readers of a change ---- */

/*
 * A line for the page's own log; its stamp is set, later than all before.  If
 * there is one of that revision already, its stamp is told.
 */
int moin_tell_page(const struct moin *m, const char *folder,
    struct moin_line *line, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * A line for the wiki's log, the last thing that is written of a change:
 * Moin's processes drop what they remember of a page when they see it.  Then
 * what was made of the old text and kept on disk goes.
 */
int moin_tell_wiki(struct moin *m, struct moin_line *line, struct fault *f)
    __attribute__((warn_unused_result));

/* Find out which caches there are. */
int moin_tell_begin(struct moin *m, struct fault *f)
    __attribute__((warn_unused_result));

/* Keep Moin from fetching BadContent itself. */
int moin_tell_antispam(const struct moin *m, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- moin_save.c: a page's job, step by step ---- */

struct moin_step {
	enum { MOIN_PLANNED, MOIN_PREPARED, MOIN_MADE, MOIN_TOLD } stage;
	bool fresh;	  /* the page is made as a new folder */
	bool first;	  /* it did not exist */
	bool stuck;	  /* it cannot be unlocked: for moin_finish() to try */
	int64_t number;	  /* the revision that it becomes */
	int64_t stamp;	  /* of its line in the page's log */
	struct stat file; /* of the content, as it was written */
};

/*
 * prepare() writes what can be written without anybody seeing it; make()
 * makes it so, or sets job->outcome (MOVED, LOCKED, CANNOT); tell() tells
 * readers, and the caller the revision.
 */
int moin_save_prepare(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, bool sync, struct fault *f)
    __attribute__((warn_unused_result));
int moin_save_make(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, struct fault *f)
    __attribute__((warn_unused_result));
int moin_save_tell(struct moin *m, const struct moin_intent *in,
    struct moin_step *step, char **revision, struct fault *f)
    __attribute__((warn_unused_result));

/* Parts of it, which the others share. */
struct moin_line moin_save_line(const struct moin_intent *in, int64_t number,
    bool first);
int moin_save_is_before(const struct moin *m, const struct moin_intent *in,
    const struct moin_look *look, bool *is, struct fault *f)
    __attribute__((warn_unused_result));
int moin_save_write_number(const struct moin *m, const struct moin_intent *in,
    int64_t number, bool sync, struct moin_step *step, struct fault *f)
    __attribute__((warn_unused_result));
int moin_save_revision(struct moin *m, const struct moin_intent *in,
    int64_t number, char **revision, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- moin_locked.c ---- */

/*
 * The page is locked and held `number`: make the change and unlock it, with
 * the stage MOIN_MADE or the outcome WIKI_MOVED.  After a failure it is
 * unlocked, as it was.
 */
int moin_locked_change(struct moin *m, const struct moin_intent *in,
    enum moin_lock lock, int64_t number, struct moin_step *step,
    enum wiki_outcome *outcome, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Unlock the page as it was.  Somebody may have seen it gone, and would go on
 * to do so: a line in the wiki's log makes him look again.
 */
int moin_locked_leave(struct moin *m, const struct moin_intent *in,
    enum moin_lock lock, int64_t number, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The first number above another that has no file, or whose file is ours:
 * of this job, which a crash kept from going on.
 */
int moin_locked_number(const struct moin *m, const struct moin_intent *in,
    int64_t above, int64_t *number, bool *ours, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- moin_attach.c: the same steps for attachments ---- */

int moin_attach_prepare(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, bool sync, struct fault *f)
    __attribute__((warn_unused_result));
int moin_attach_make(struct moin *m, const struct moin_intent *in,
    struct wiki_job *job, struct moin_step *step, struct fault *f)
    __attribute__((warn_unused_result));
int moin_attach_tell(struct moin *m, const struct moin_intent *in,
    struct moin_step *step, char **revision, struct fault *f)
    __attribute__((warn_unused_result));
int moin_attach_finish(struct moin *m, const struct moin_intent *in,
    enum wiki_outcome *outcome, char **revision, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- moin_put.c, moin_finish.c, moin_begin.c ---- */

int moin_carry_out(struct wiki *w, struct wiki_job *jobs, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
int moin_finish(struct wiki *w, const char *intent, enum wiki_outcome *outcome,
    char **revision, struct fault *f) __attribute__((warn_unused_result));
int moin_begin(struct wiki *w, bool keep_patterns, struct fault *f)
    __attribute__((warn_unused_result));
int moin_hold_off(struct wiki *w, struct fault *f)
    __attribute__((warn_unused_result));

#endif
