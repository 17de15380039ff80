#include "wiki/moin_ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>

#include "items/name.h"
#include "wiki/moin.h"
#include "wiki/names.h"

#define BLOCK 128 /* pages looked at without asking for the lock */
#define BLOCKS 8  /* the furthest that the thread is ahead */
#define FEW 1000  /* pages that are not worth a thread */

struct moin_ahead {
	int pages;
	const struct names *names;
	size_t next; /* to be given out */
	bool threaded;
	pthread_t thread;
	/* the lock is held for what follows, but for the blocks themselves */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t seen;  /* blocks that the thread has filled */
	size_t given; /* blocks that the walk is done with */
	bool stop;
	struct moin_sight blocks[BLOCKS][BLOCK];
};

/*
 * The folder's name is that of the page, quoted again: shorter to keep than
 * both.  Memory may be gone, which makes the page one that cannot be seen.
 */
static void
see(const struct moin_ahead *a, size_t i, struct buf *page, struct buf *folder,
    struct moin_sight *out)
{
	const char *spelt = names_get(a->names, i) + 1;
	char path[MOIN_PATH];
	struct fault ignored;
	struct stat st;

	*out = (struct moin_sight){ 0 };
	buf_reset(page);
	buf_reset(folder);
	if (name_unspell(spelt, strlen(spelt), page, &ignored) == -1 ||
	    moin_name_quote(page->data, folder, &ignored) == -1) {
		out->failed = ENOMEM;
		return;
	}
	moin_path(path, folder->data, "current");
	if (fstatat(a->pages, path, &out->current, AT_SYMLINK_NOFOLLOW) == -1)
		out->failed = errno;
	moin_path(path, folder->data, "attachments");
	out->attachments =
	    fstatat(a->pages, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static size_t
block_count(const struct moin_ahead *a)
{
	return (a->names->count + BLOCK - 1) / BLOCK;
}

static void
fill(struct moin_ahead *a, size_t block)
{
	OWNED_BUF struct buf page = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf folder = BUF_INIT(BUF_ANY);
	size_t i = block * BLOCK, end = i + BLOCK;

	if (end > a->names->count)
		end = a->names->count;
	for (; i < end; i++)
		see(a, i, &page, &folder,
		    &a->blocks[block % BLOCKS][i % BLOCK]);
}

/* Wait for room; false if the walk ends. */
static bool
wait_for_room(struct moin_ahead *a)
{
	bool stop;

	(void)pthread_mutex_lock(&a->lock);
	while (!a->stop && a->seen - a->given == BLOCKS)
		(void)pthread_cond_wait(&a->changed, &a->lock);
	stop = a->stop;
	(void)pthread_mutex_unlock(&a->lock);
	return !stop;
}

static void
advance(struct moin_ahead *a, size_t *count)
{
	(void)pthread_mutex_lock(&a->lock);
	(*count)++;
	(void)pthread_cond_signal(&a->changed);
	(void)pthread_mutex_unlock(&a->lock);
}

static void *
run(void *opened)
{
	struct moin_ahead *a = opened;
	size_t block;

	for (block = 0; block < block_count(a); block++) {
		if (!wait_for_room(a))
			break;
		fill(a, block);
		advance(a, &a->seen);
	}
	return NULL;
}

int
moin_ahead_open(int pages, const struct names *names, struct moin_ahead **out,
    struct fault *f)
{
	struct moin_ahead *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return fault_memory(f);
	a->pages = pages;
	a->names = names;
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_cond_init(&a->changed, NULL);
	a->threaded =
	    names->count > FEW && pthread_create(&a->thread, NULL, run, a) == 0;
	*out = a;
	return 0;
}

static void
wait_for_block(struct moin_ahead *a, size_t block)
{
	(void)pthread_mutex_lock(&a->lock);
	while (a->seen <= block)
		(void)pthread_cond_wait(&a->changed, &a->lock);
	(void)pthread_mutex_unlock(&a->lock);
}

const struct moin_sight *
moin_ahead_next(struct moin_ahead *a)
{
	size_t i = a->next++, block = i / BLOCK;

	if (i % BLOCK == 0) {
		if (block > 0)
			advance(a, &a->given);
		if (a->threaded)
			wait_for_block(a, block);
		else
			fill(a, block);
	}
	return &a->blocks[block % BLOCKS][i % BLOCK];
}

void
moin_ahead_close(struct moin_ahead *a)
{
	if (a == NULL)
		return;
	if (a->threaded) {
		(void)pthread_mutex_lock(&a->lock);
		a->stop = true;
		(void)pthread_cond_signal(&a->changed);
		(void)pthread_mutex_unlock(&a->lock);
		(void)pthread_join(a->thread, NULL);
	}
	(void)pthread_cond_destroy(&a->changed);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}
