/*
 * wiki.h -- the one interface to a wiki engine: read items, put and drop them.
 *
 * An engine is one file (or a few) and one line in the table of wiki.c; it
 * knows nothing of feeds.  A wiki is named ENGINE:PLACE ("moin:/srv/moin/data",
 * "files:/srv/notes").
 *
 * Reading (gen; fetch looks at single items):
 *
 *	OWNED(wiki_close_p) struct wiki *w = NULL;
 *	wiki_open("moin:/srv/moin/data", &options, &w, f)
 *	OWNED(wiki_walk_close) struct wiki_walk *walk = NULL;
 *	wiki_walk_open(w, &walk, f)
 *	while (wiki_walk_next(walk, &entry, &have, f) == 0 && have)
 *		if (!wiki_walk_same(walk, remembered stamp))
 *			wiki_read(w, entry->page, entry->file, &page, f)
 *			... remember page.stamp ...
 *
 * Writing (fetch), safe against a crash at any system call:
 *
 *	wiki_begin(w, f)	  take over what a crashed run left (locks)
 *	wiki_intend(w, jobs, n, f)  each job gets an intent, a line of text
 *	... the caller makes jobs and intents durable ...
 *	wiki_carry_out(w, jobs, n, f)  each job gets an outcome
 *	... the caller records the outcomes ...
 * and in the run after a crash, for each intent without an outcome:
 *	wiki_finish(w, intent, &outcome, &revision, f)
 *
 * Threads may carry out different jobs at once, while another thread reads,
 * judges and intends.  From begin or hold_off to close the process may have no
 * umask.
 *
 * The wiki's own users edit at the same time and are never overwritten: a
 * job names the revision that the caller decided upon, and an item that has
 * moved since has the outcome WIKI_MOVED and is as its users left it.  Names
 * in a wiki's folders may be hostile as well as damaged: an entry that cannot
 * be shared is reported as such (entry.trouble), never an end of the walk.
 */
#ifndef WIKI_WIKI_H
#define WIKI_WIKI_H

#include "items/item.h"

struct wiki;
struct wiki_walk;

struct wiki_options {
	const char *underlay; /* moin: folder, or NULL for the one beside */
};

/* The engine and place are checked; FAULT_CONFIG or FAULT_SYSTEM if wrong. */
int wiki_open(const char *name, const struct wiki_options *options,
    struct wiki **out, struct fault *f) __attribute__((warn_unused_result));
void wiki_close(struct wiki *w);
void wiki_close_p(struct wiki **w);

/* ---- reading ---- */

#define WIKI_STAMP_MAX 160

struct wiki_entry {
	char *page; /* page name, UTF-8; NULL if the name cannot be decoded */
	char *file; /* attachment's file name, or NULL for the page's text */
	/* Not NULL: cannot be shared, and why ("name is not UTF-8"). */
	char *trouble;
	char *where; /* with trouble: the folder's name, for the message */
};

/*
 * Walk all pages and attachments, in order of their tar paths, those with
 * trouble in any order.  The entry belongs to the walk and lives until the
 * next call.  Only what the wiki itself has: an underlay page is not walked.
 * A page may turn out, when it is read, to have been deleted: an engine that
 * can tell only by reading leaves that to wiki_read().
 */
int wiki_walk_open(struct wiki *w, struct wiki_walk **out, struct fault *f)
    __attribute__((warn_unused_result));
int wiki_walk_next(struct wiki_walk *walk, const struct wiki_entry **entry,
    bool *have, struct fault *f) __attribute__((warn_unused_result));
void wiki_walk_close(struct wiki_walk **walk);

/*
 * Is the entry at hand what it was when wiki_read() gave this stamp?  False
 * for "".  This is what makes a walk of many pages cheap: no file is read.
 */
bool wiki_walk_same(struct wiki_walk *walk, const char *stamp);

struct wiki_page {
	bool present;
	struct buf text;    /* LF line ends; raw bytes for an attachment */
	char *revision;	    /* the engine's name for it; NULL if not present */
	char *author;	    /* user name, or NULL: never a host or an address */
	char *comment;	    /* or NULL */
	char *lang;	    /* or NULL */
	char *format;	    /* "moin", "text", ...; NULL for attachments, and
			      where the engine knows no markup */
	int64_t updated;    /* of that edit, seconds since 1970 */
	bool from_underlay; /* text is the distribution's, not an edit */
	/*
	 * For wiki_walk_same(): size, mtime, ctime, inode of everything that a
	 * change must touch.  "": younger than 2 seconds, not to be
	 * remembered.
	 */
	char stamp[WIKI_STAMP_MAX];
};

void wiki_page_init(struct wiki_page *p);
void wiki_page_clear(struct wiki_page *p);

/*
 * Read one page's text (file NULL) or one attachment, as the wiki shows it
 * now.  Not there, or deleted: present is false.  FAULT_FORMAT: it is there
 * but cannot be an item's content (not UTF-8, a NUL, over ITEM_SIZE_MAX).
 * FAULT_BUSY: it is there, but someone holds it; for now it is what it was.
 * revision of a page that is not present but was: names its deletion.
 */
int wiki_read(struct wiki *w, const char *page, const char *file,
    struct wiki_page *out, struct fault *f) __attribute__((warn_unused_result));

/* The same for a page that may be held or damaged: it is not present then. */
int wiki_read_if_can(struct wiki *w, const char *page, struct wiki_page *out,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * The next page of a walk that has a text to read; attachments and what
 * cannot be read are passed over.  page is initialised by the caller, and
 * holds until the next call.
 */
int wiki_next_text(struct wiki *w, struct wiki_walk *walk, const char **name,
    struct wiki_page *page, bool *have, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Only the revision (NULL: not there), cheaply: for settle, which reads texts
 * of pages whose revision is not the one that it wrote.
 */
int wiki_revision(struct wiki *w, const char *page, const char *file,
    char **revision, struct fault *f) __attribute__((warn_unused_result));

/* ---- judging ---- */

/*
 * Can this engine and file system hold an item of this name so that its
 * users can reach it?  FAULT_FORMAT says why not.
 */
int wiki_can_hold(struct wiki *w, const struct item *item, struct fault *f)
    __attribute__((warn_unused_result));

/* Does the item give power over the wiki (DESIGN section 6, Powers)? */
bool wiki_has_power(struct wiki *w, const struct item *item);

/* Whether #acl lines mean something here. */
bool wiki_has_acl_lines(struct wiki *w);

/* Whether an attachment that is written over or dropped can be had again. */
bool wiki_keeps_files(struct wiki *w);

/* ---- writing ---- */

enum wiki_outcome {
	WIKI_OPEN = 0, /* not carried out yet */
	WIKI_DONE,
	WIKI_MOVED,  /* someone edited since `before`; decide anew */
	WIKI_LOCKED, /* someone holds the page; try again next run */
	WIKI_CANNOT, /* reason says why; skipped until something changes */
};

#define WIKI_REASON_MAX 200

struct wiki_job {
	/* set by the caller, borrowed until carried out */
	const struct item *item; /* kind, names, format, lang */
	bool drop;
	const char *content; /* LF; for a put */
	size_t size;
	const char *before;  /* revision as wiki_read() told; NULL: absent */
	const char *author;  /* to show in the wiki's history, or NULL */
	const char *comment; /* the same */
	/* set by wiki_intend() */
	char *intent; /* one line of text; owned by the job */
	/* set by wiki_intend() (only WIKI_CANNOT) and wiki_carry_out() */
	enum wiki_outcome outcome;
	char *revision; /* that it became; owned by the job; NULL if dropped
			   and the engine has none for that */
	char reason[WIKI_REASON_MAX];
};

void wiki_job_clear(struct wiki_job *job);

/*
 * Before the first job of a run: what a crashed writer (also the wiki's own)
 * left behind that hides pages is put right, if it is safe to.  keep_patterns
 * holds off the engine's own pull of BadContent (MOIN.md 2.4).
 */
int wiki_begin(struct wiki *w, bool keep_patterns, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Only that holding off, for runs without jobs: cheap, whatever the wiki's
 * size, and it lasts for days.
 */
int wiki_hold_off(struct wiki *w, struct fault *f)
    __attribute__((warn_unused_result));

int wiki_intend(struct wiki *w, struct wiki_job *jobs, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Carry out jobs whose outcome is WIKI_OPEN.  Durable when it returns: up to
 * 32 jobs each with its own flush, more in groups with syncfs.  -1 only where
 * the wiki as a whole cannot be written (disk full, no permission): outcomes
 * tell how far it came.
 */
int wiki_carry_out(struct wiki *w, struct wiki_job *jobs, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * After a crash: finish what the intent began, if it had become visible or
 * can be finished safely (WIKI_DONE, with its revision, owned by the caller),
 * or undo what no reader has seen (WIKI_MOVED: decide anew).
 */
int wiki_finish(struct wiki *w, const char *intent, enum wiki_outcome *outcome,
    char **revision, struct fault *f) __attribute__((warn_unused_result));

#endif
