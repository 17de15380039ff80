#include "notify/receive.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/file.h"
#include "feeds/board.h"
#include "notify/memory.h"

/* A wiki is told of a serial by five others, one way and another. */
static const struct answer_limit sender_limit = { 20, 15 };
static const struct answer_limit feed_limit = { 30, 10 };

struct receive {
	int folder;
	const struct notice *notice;
	int64_t now;
	struct board board;
	const struct board_feed *feed;
	char source[NOTICE_TAG_TEXT]; /* the sender's tag if it is known */
	struct memory memory;
	struct memory_feed *about; /* what it has of the feed */
	struct receive_answer *answer;
};

static void
clear(struct receive *r)
{
	memory_close(&r->memory);
	board_clear(&r->board);
	own_close_fd(&r->folder);
}

/* A folder without it is one that fetch has not come to yet. */
static int
read_board(struct receive *r, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BOARD_MAX);
	bool have;

	if (file_read(r->folder, BOARD_FEEDS, &b, &have, f) == -1)
		return -1;
	return have ? board_read(b.data, b.len, &r->board, f) : 0;
}

static void
find_source(struct receive *r)
{
	char tag[NOTICE_TAG_TEXT];

	if (*r->notice->from == '\0')
		return;
	notice_tag(r->notice->from, tag);
	if (board_knows(r->feed, tag))
		memcpy(r->source, tag, sizeof(tag));
}

/*
 * An empty file with the time from which on fetch may run.  Made anew, since
 * only its owner may set the time, and others may have made the old one.
 */
static int
touch(const struct receive *r, int64_t due, struct fault *f)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = (time_t)due } };
	char name[BOARD_NAME_MAX];
	OWNED_FD int news = -1;
	OWNED_FD int fd = -1;

	board_name(r->notice->feed, r->source, name);
	if (file_open_folder(r->folder, BOARD_NEWS, &news, f) == -1 ||
	    file_remove(news, name, f) == -1)
		return -1;
	fd = openat(news, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd == -1 || futimens(fd, times) == -1)
		return fault_system(f, errno, "cannot make '%s/%s'", BOARD_NEWS,
		    name);
	return 0;
}

static int
take_news(struct receive *r, const struct answer_pace *pace, struct fault *f)
{
	struct memory_feed *about = r->about;
	uint64_t draw;

	r->answer->retry_after =
	    answer_wait(&feed_limit, &about->until, r->now);
	if (r->answer->retry_after > 0) {
		r->answer->status = 429;
		return 0;
	}
	if (getrandom(&draw, sizeof(draw), 0) != (ssize_t)sizeof(draw))
		return fault_system(f, errno, "no random numbers");
	about->due = answer_due(about->due, pace, r->now, draw);
	about->told =
	    (struct answer_version){ r->notice->serial, r->notice->state };
	r->answer->status = 202;
	return touch(r, about->due, f);
}

static int
decide(struct receive *r, struct fault *f)
{
	struct answer_pace pace = { r->board.every, r->board.jitter };
	struct answer_question q = { .said = { r->notice->serial,
					 r->notice->state },
		.store = { r->feed->serial, r->feed->state } };

	find_source(r);
	r->about = memory_feed(&r->memory, r->notice->feed);
	q.told = r->about->told;
	q.due = r->about->due;
	q.is_source = *r->source != '\0';
	switch (answer_to(&q, &pace, r->now)) {
	case ANSWER_NEWS:
		return take_news(r, &pace, f);
	case ANSWER_KNOWN:
		r->answer->status = 208;
		return 0;
	case ANSWER_OTHER:
		r->answer->status = 409;
		return 0;
	}
	return fault_set(f, FAULT_BUG, "an answer that there is not");
}

/* The sender is counted, whatever the answer. */
static int
look_up(struct receive *r, const char *address, struct fault *f)
{
	if (memory_open(r->folder, &r->memory, f) == -1)
		return -1;
	r->answer->retry_after = answer_wait(&sender_limit,
	    memory_sender(&r->memory, address), r->now);
	if (r->answer->retry_after > 0) {
		r->answer->status = 429;
		return 0;
	}
	if (decide(r, f) == -1)
		return -1;
	return memory_save(&r->memory, f);
}

int
receive_notice(const char *folder, const char *address,
    const struct notice *notice, int64_t now, struct receive_answer *answer,
    struct fault *f)
{
	OWNED(clear) struct receive r = { .folder = -1,
		.notice = notice,
		.now = now,
		.memory = MEMORY_INIT,
		.answer = answer };

	*answer = (struct receive_answer){ .status = 404 };
	if (file_open_folder(AT_FDCWD, folder, &r.folder, f) == -1)
		return fault_within(f, "notifications");
	if (read_board(&r, f) == -1)
		return -1;
	r.feed = board_find(&r.board, notice->feed);
	return r.feed == NULL ? 0 : look_up(&r, address, f);
}
