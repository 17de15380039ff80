#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "wiki/moin_write.h"

#define FEW 32		       /* jobs that are flushed one by one */
#define PAUSE (100 * 1000000L) /* nanoseconds: as often as Moin itself tries */

/* A job and how far it is. */
struct work {
	struct wiki_job *job;
	struct moin_step step;
	bool at_once; /* tell of it as soon as it is made */
};

struct works {
	struct moin *m;
	struct work *list;
	size_t count;
	bool few; /* flush each file */
};

static void
free_works(struct works *w)
{
	free(w->list);
}

/*
 * After a fault of one job: if it is that job's own, such as a file where a
 * folder should be, it gets the outcome WIKI_CANNOT and the others go on.
 */
static int
excuse(struct wiki_job *job, struct fault *f)
{
	switch (f->kind == FAULT_SYSTEM ? f->sys : 0) {
	case ENOENT: /* the page was renamed or thrown away */
		job->outcome = WIKI_MOVED;
		break;
	case EACCES:
	case EPERM:
	case ENOTDIR:
	case EISDIR:
	case ELOOP:
	case ENAMETOOLONG:
		job->outcome = WIKI_CANNOT;
		break;
	default:
		if (f->kind != FAULT_FORMAT)
			return -1;
		job->outcome = WIKI_CANNOT;
	}
	(void)snprintf(job->reason, sizeof(job->reason), "%.*s",
	    WIKI_REASON_MAX - 1, f->text);
	*f = (struct fault){ 0 };
	return 0;
}

static int
prepare(struct moin *m, const struct moin_intent *in, struct work *work,
    bool sync, struct fault *f)
{
	return *in->file != '\0' ?
	    moin_attach_prepare(m, in, work->job, &work->step, sync, f) :
	    moin_save_prepare(m, in, work->job, &work->step, sync, f);
}

static int
make(struct moin *m, const struct moin_intent *in, struct work *work,
    struct fault *f)
{
	work->job->outcome = WIKI_OPEN; /* another try, if it was locked */
	return *in->file != '\0' ?
	    moin_attach_make(m, in, work->job, &work->step, f) :
	    moin_save_make(m, in, work->job, &work->step, f);
}

static int
tell(struct moin *m, const struct moin_intent *in, struct work *work,
    struct fault *f)
{
	int got = *in->file != '\0' ?
	    moin_attach_tell(m, in, &work->step, &work->job->revision, f) :
	    moin_save_tell(m, in, &work->step, &work->job->revision, f);

	if (work->step.stage == MOIN_TOLD)
		work->job->outcome = WIKI_DONE;
	return got;
}

/* Take one job as far as the stage; a locked one is where it was. */
static int
advance(const struct works *w, struct work *work, int stage, struct fault *f)
{
	OWNED_INTENT struct moin_intent in = { 0 };
	struct wiki_job *job = work->job;
	int got = 0;

	if (job->outcome != WIKI_OPEN && job->outcome != WIKI_LOCKED)
		return 0;
	if (stage == MOIN_MADE && work->at_once)
		stage = MOIN_TOLD;
	if (moin_intent_read(job->intent, &in, f) == -1)
		return -1;
	if (work->step.stage == MOIN_PLANNED)
		got = prepare(w->m, &in, work, w->few, f);
	if (got == 0 && work->step.stage == MOIN_PREPARED && stage >= MOIN_MADE)
		got = make(w->m, &in, work, f);
	if (got == 0 && work->step.stage == MOIN_MADE && stage >= MOIN_TOLD)
		got = tell(w->m, &in, work, f);
	if (got == -1 && work->step.stage < MOIN_MADE && !work->step.stuck)
		got = excuse(job, f);
	if (job->outcome == WIKI_MOVED || job->outcome == WIKI_CANNOT)
		moin_intent_clean(w->m, &in);
	return got;
}

static int
advance_all(const struct works *w, int stage, struct fault *f)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (advance(w, &w->list[i], stage, f) == -1)
			return -1;
	return 0;
}

static size_t
count_locked(const struct works *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->count; i++)
		n += w->list[i].job->outcome == WIKI_LOCKED;
	return n;
}

/* The locks that are old enough to be a crash's, for each job one. */
static int
find_suspects(const struct works *w, struct moin_suspect *suspects,
    struct fault *f)
{
	size_t i;

	for (i = 0; i < w->count; i++) {
		OWNED_INTENT struct moin_intent in = { 0 };

		if (w->list[i].job->outcome != WIKI_LOCKED)
			continue;
		if (moin_intent_read(w->list[i].job->intent, &in, f) == -1 ||
		    moin_lock_suspect(w->m, in.folder, &suspects[i], f) == -1)
			return -1;
	}
	return 0;
}

static int
recover_suspects(const struct works *w, const struct moin_suspect *suspects,
    struct fault *f)
{
	size_t i;

	for (i = 0; i < w->count; i++) {
		OWNED_INTENT struct moin_intent in = { 0 };
		struct wiki_job *job = w->list[i].job;

		if (job->outcome != WIKI_LOCKED || *suspects[i].name == '\0')
			continue;
		if (moin_intent_read(job->intent, &in, f) == -1)
			return -1;
		if (moin_lock_recover(w->m, in.folder, &suspects[i], f) == -1 &&
		    excuse(job, f) == -1)
			return -1;
	}
	return 0;
}

/* All are tried while one waits for one: none for longer than Moin waits. */
static int
wait_for_locked(const struct works *w, struct fault *f)
{
	const struct timespec pause = { 0, PAUSE };
	OWNED_MEM struct moin_suspect *suspects = NULL;
	int64_t end = time_ticks() + w->m->patience;

	if (count_locked(w) == 0)
		return 0;
	suspects = calloc(w->count, sizeof(*suspects));
	if (suspects == NULL)
		return fault_memory(f);
	if (find_suspects(w, suspects, f) == -1)
		return -1;
	while (count_locked(w) > 0 && time_ticks() < end) {
		(void)nanosleep(&pause, NULL);
		if (advance_all(w, MOIN_TOLD, f) == -1)
			return -1;
	}
	if (recover_suspects(w, suspects, f) == -1)
		return -1;
	return advance_all(w, MOIN_TOLD, f);
}

/*
 * At the end, also of a run that failed: what readers can see they are told,
 * and what they cannot see goes.
 */
static void
tidy(const struct works *w)
{
	struct fault ignored;
	size_t i;

	for (i = 0; i < w->count; i++) {
		OWNED_INTENT struct moin_intent in = { 0 };
		struct work *work = &w->list[i];

		if (work->step.stage == MOIN_MADE)
			(void)advance(w, work, MOIN_TOLD, &ignored);
		if (work->step.stage == MOIN_PREPARED && !work->step.stuck &&
		    moin_intent_read(work->job->intent, &in, &ignored) == 0)
			moin_intent_clean(w->m, &in);
	}
}

static int
flush_all(const struct works *w, struct fault *f)
{
	if (syncfs(w->m->pages) == -1)
		return fault_system(f, errno, "cannot flush the wiki");
	return 0;
}

/* A page's log, and the names in its folders. */
static int
flush_names(const struct works *w, const struct work *work, struct fault *f)
{
	OWNED_INTENT struct moin_intent in = { 0 };
	char path[MOIN_PATH], log[MOIN_PATH];

	if (work->job->outcome != WIKI_DONE)
		return 0;
	if (moin_intent_read(work->job->intent, &in, f) == -1)
		return -1;
	moin_path(path, in.folder,
	    *in.file != '\0' ? "attachments" : "revisions");
	moin_path(log, in.folder, "edit-log");
	if (moin_disk_sync(w->m, log, f) == -1 ||
	    moin_disk_sync(w->m, path, f) == -1 ||
	    moin_disk_sync(w->m, in.folder, f) == -1)
		return f->sys == ENOENT ? 0 : -1; /* renamed since */
	return 0;
}

/* The log first: where one journal has all, that is all it takes. */
static int
flush_few(const struct works *w, struct fault *f)
{
	size_t i;

	if (file_sync(w->m->log, "edit-log", f) == -1)
		return -1;
	for (i = 0; i < w->count; i++)
		if (flush_names(w, &w->list[i], f) == -1)
			return -1;
	return file_sync(w->m->pages, "pages", f);
}

/* Each job on its own, flushed as it goes. */
static int
carry_out_few(const struct works *w, struct fault *f)
{
	if (advance_all(w, MOIN_TOLD, f) == -1 || wait_for_locked(w, f) == -1)
		return -1;
	return flush_few(w, f);
}

/*
 * Many: nothing is made visible before its bytes are on disk, nor told before
 * it is visible there.
 */
static int
carry_out_many(const struct works *w, struct fault *f)
{
	if (advance_all(w, MOIN_PREPARED, f) == -1 || flush_all(w, f) == -1 ||
	    advance_all(w, MOIN_MADE, f) == -1 || flush_all(w, f) == -1 ||
	    advance_all(w, MOIN_TOLD, f) == -1 || wait_for_locked(w, f) == -1)
		return -1;
	return file_sync(w->m->log, "edit-log", f);
}

/*
 * The open jobs.  Groups and the like are told of at once also among many,
 * since Moin compares times to know when to read them again.
 */
static void
add_jobs(struct works *w, struct wiki_job *jobs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (jobs[i].outcome == WIKI_OPEN)
			w->list[w->count++] = (struct work){ .job = &jobs[i],
				.at_once =
				    moin_has_power(&w->m->wiki, jobs[i].item) };
}

int
moin_carry_out(struct wiki *wiki, struct wiki_job *jobs, size_t n,
    struct fault *f)
{
	OWNED(free_works) struct works w = { .m = moin_of(wiki) };
	int got;

	w.list = calloc(n + 1, sizeof(*w.list));
	if (w.list == NULL)
		return fault_memory(f);
	add_jobs(&w, jobs, n);
	w.few = w.count <= FEW;
	got = w.few ? carry_out_few(&w, f) : carry_out_many(&w, f);
	tidy(&w);
	return got;
}
