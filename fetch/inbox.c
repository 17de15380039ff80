#include "fetch/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/log.h"
#include "base/num.h"
#include "feeds/board.h"
#include "fetch/mirror.h"

#define NAMES_MAX 1024 /* that a run takes; the rest is for the next one */

void
inbox_clear(struct inbox *inbox)
{
	words_clear(&inbox->names);
}

int64_t
inbox_due(int64_t time, const struct notify_settings *notify, int64_t now)
{
	return time <= now + notify->every + notify->jitter ? time : now;
}

/* ---- names in news/ ---- */

/* -1 where there is no such folder yet. */
static int
open_news(const struct settings *settings, int *fd, struct fault *f)
{
	OWNED_FD int folder =
	    open(settings->notify.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*fd = folder == -1 ?
	    -1 :
	    openat(folder, BOARD_NEWS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd != -1 || errno == ENOENT)
		return 0;
	return fault_system(f, errno, "folder '%s'", settings->notify.folder);
}

/* The time of a file; false where it is gone. */
static bool
time_of(int news, const char *name, int64_t *time)
{
	struct stat st;

	if (fstatat(news, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return false;
	*time = (int64_t)st.st_mtime;
	return true;
}

/*
 * Names of files that may be fetched at a time; *next is when the first of
 * the others may be, 0 if there is none.
 */
static int
list(const struct settings *settings, int news, int64_t now,
    struct words *names, int64_t *next, struct fault *f)
{
	OWNED_FOLDER DIR *folder =
	    folder_list(openat(news, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	const char *name;
	int64_t time, due;

	*next = 0;
	if (folder == NULL)
		return fault_system(f, errno, "folder '%s'", BOARD_NEWS);
	while (
	    names->count < NAMES_MAX && (name = folder_next(folder)) != NULL) {
		if (*name == '.' || !time_of(news, name, &time))
			continue;
		due = inbox_due(time, &settings->notify, now);
		if (due > now)
			*next = *next == 0 || due < *next ? due : *next;
		else if (words_add(names, name, f) == -1)
			return -1;
	}
	return 0;
}

int
inbox_take(const struct settings *settings, int64_t now, bool due,
    struct inbox *inbox, struct fault *f)
{
	const struct notify_settings *notify = &settings->notify;
	int64_t until = due ? now : now + notify->every + notify->jitter;
	OWNED_FD int news = -1;
	int64_t next;
	size_t i;

	if (notify->folder == NULL)
		return 0;
	if (open_news(settings, &news, f) == -1)
		return -1;
	if (news == -1)
		return 0;
	if (list(settings, news, until, &inbox->names, &next, f) == -1)
		return -1;
	for (i = 0; i < inbox->names.count; i++)
		if (file_remove(news, inbox->names.word[i], f) == -1)
			return fault_within(f, "notifications");
	return 0;
}

int
inbox_sources(const struct inbox *inbox, const char *id, struct words *sources,
    bool *told, struct fault *f)
{
	char tag[NOTICE_TAG_TEXT];
	size_t i;

	*told = false;
	if (*id == '\0')
		return 0;
	for (i = 0; i < inbox->names.count; i++) {
		if (!board_is_name(inbox->names.word[i], id, tag))
			continue;
		*told = true;
		if (*tag != '\0' && words_add(sources, tag, f) == -1)
			return -1;
	}
	return 0;
}

/* ---- waiting ---- */

/* One process waits; fd is -1 where another one does. */
static int
wait_alone(const struct settings *settings, int *fd, struct fault *f)
{
	OWNED_FD int state = -1;

	if (file_make_folders(AT_FDCWD, settings->state, 0700, f) == -1 ||
	    file_open_folder(AT_FDCWD, settings->state, &state, f) == -1)
		return -1;
	if (file_lock(state, "notified.lock", 0, fd, f) == 0)
		return 0;
	if (f->kind != FAULT_BUSY)
		return -1;
	*f = (struct fault){ 0 };
	return 0;
}

static void
sleep_for(int64_t seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	log_detail("news may be fetched in %lld seconds", (long long)seconds);
	while (nanosleep(&left, &left) == -1)
		continue;
}

int
inbox_wait(const struct settings *settings, bool *told, struct fault *f)
{
	OWNED_WORDS struct words due = WORDS_INIT;
	OWNED_FD int news = -1;
	OWNED_FD int lock = -1;
	int64_t now = time_now(), next;

	*told = false;
	if (open_news(settings, &news, f) == -1)
		return -1;
	if (news == -1)
		return 0;
	if (list(settings, news, now, &due, &next, f) == -1)
		return -1;
	if (due.count == 0 && next == 0)
		return 0;
	if (wait_alone(settings, &lock, f) == -1)
		return -1;
	if (lock == -1)
		return 0;
	if (due.count == 0)
		sleep_for(next - now);
	*told = true;
	return 0;
}

/* ---- what the receiver is told ---- */

static int
add_sources(struct board_feed *to, struct book *book,
    const struct follow_settings *follow, int64_t row, struct fault *f)
{
	OWNED_WORDS struct words known = WORDS_INIT;
	size_t i;

	if (mirror_urls(book->db, row, &known, f) == -1)
		return -1;
	for (i = 0; i < follow->mirrors.count; i++)
		if (board_add_source(to, follow->mirrors.word[i], f) == -1)
			return -1;
	for (i = 0; i < known.count; i++)
		if (board_add_source(to, known.word[i], f) == -1)
			return -1;
	return 0;
}

static int
add_feed(struct board *board, struct book *book,
    const struct follow_settings *follow, struct fault *f)
{
	OWNED(book_feed_clear) struct book_feed feed = BOOK_FEED_INIT;
	struct board_feed *to;
	struct digest state = { { 0 } };
	bool have;

	if (book_feed_find(book, follow->name, &feed, &have, f) == -1)
		return -1;
	if (!have || *feed.id == '\0')
		return 0;
	if (feed.stored > 0 &&
	    book_accepted_state(book, feed.row, feed.stored, &state, &have,
		f) == -1)
		return -1;
	if (board_add(board, feed.id, feed.stored, &state, &to, f) == -1)
		return -1;
	return add_sources(to, book, follow, feed.row, f);
}

/*
 * The receiver may be another user, who gets what it needs by the folder's
 * group; folders that are there keep their modes.
 */
static int
open_folder(const char *path, int *fd, struct fault *f)
{
	struct stat st;

	if (file_make_folders(AT_FDCWD, path, 0755, f) == -1 ||
	    file_open_folder(AT_FDCWD, path, fd, f) == -1 ||
	    file_make_folders(*fd, BOARD_NEWS, 0770, f) == -1)
		return -1;
	if (fstatat(*fd, BOARD_MEMORY, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return file_replace(*fd, BOARD_MEMORY, "", 0, 0660, f);
}

int
inbox_publish(const struct settings *settings, struct book *book,
    struct fault *f)
{
	OWNED_BOARD struct board board = { .every = settings->notify.every,
		.jitter = settings->notify.jitter };
	OWNED_BUF struct buf text = BUF_INIT(BOARD_MAX);
	OWNED_BUF struct buf old = BUF_INIT(BOARD_MAX);
	OWNED_FD int folder = -1;
	bool have;
	size_t i;

	if (settings->notify.folder == NULL)
		return 0;
	for (i = 0; i < settings->follow_count; i++)
		if (add_feed(&board, book, &settings->follows[i], f) == -1)
			return -1;
	if (board_write(&board, &text, f) == -1 ||
	    open_folder(settings->notify.folder, &folder, f) == -1 ||
	    file_read(folder, BOARD_FEEDS, &old, &have, f) == -1)
		return -1;
	if (have && old.len == text.len &&
	    memcmp(old.data, text.data, text.len) == 0)
		return 0;
	return file_replace(folder, BOARD_FEEDS, text.data, text.len, 0644, f);
}
