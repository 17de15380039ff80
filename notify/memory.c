#include "notify/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/file.h"
#include "base/own.h"
#include "feeds/board.h"

#define VERSION "wc-notify 1"

/* Nothing that other compilers would lay out in another way. */
_Static_assert(sizeof(struct memory_feed) == 88, "no gaps");
_Static_assert(sizeof(struct memory_page) ==
	32 + 8 * MEMORY_SENDERS + 88 * MEMORY_FEEDS,
    "no gaps");

void
memory_close(struct memory *memory)
{
	own_close_fd(&memory->fd);
	free(memory->page);
	*memory = (struct memory)MEMORY_INIT;
}

static int
begin(struct memory_page *page, struct fault *f)
{
	*page = (struct memory_page){ .version = VERSION };
	if (getrandom(page->salt, sizeof(page->salt), 0) !=
	    (ssize_t)sizeof(page->salt))
		return fault_system(f, errno, "no random numbers");
	return 0;
}

static int
load(struct memory *memory, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(sizeof(*memory->page));

	memory->page = malloc(sizeof(*memory->page));
	if (memory->page == NULL)
		return fault_memory(f);
	if (file_read_fd(memory->fd, &b, f) == -1 && f->kind != FAULT_LIMIT)
		return -1;
	if (b.len != sizeof(*memory->page) ||
	    memcmp(b.data, VERSION, sizeof(VERSION)) != 0)
		return file_cut(memory->fd, 0, f) == -1 ?
		    -1 :
		    begin(memory->page, f);
	memcpy(memory->page, b.data, b.len);
	return 0;
}

int
memory_open(int folder, struct memory *memory, struct fault *f)
{
	if (file_open_write(folder, BOARD_MEMORY, &memory->fd, f) == -1 ||
	    file_lock_open(memory->fd, BOARD_MEMORY, MEMORY_SECONDS, f) == -1)
		return -1;
	return load(memory, f);
}

int
memory_save(struct memory *memory, struct fault *f)
{
	/* In place: there is room for it, whatever the disk has left. */
	if (lseek(memory->fd, 0, SEEK_SET) == -1)
		return fault_system(f, errno, "cannot seek in '%s'",
		    BOARD_MEMORY);
	return file_write(memory->fd, memory->page, sizeof(*memory->page), f);
}

/* ---- senders ---- */

static void
add_address(struct digest_run *run, const char *address)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	uint8_t bytes[16];

	if (inet_pton(AF_INET, address, bytes) == 1)
		digest_more(run, bytes, 4);
	else if (inet_pton(AF_INET6, address, bytes) != 1)
		digest_text(run, address);
	else if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		digest_more(run, bytes + 12, 4);
	else
		digest_more(run, bytes, 8);
}

int64_t *
memory_sender(struct memory *memory, const char *address)
{
	struct digest_run run;
	struct digest d;

	digest_start(&run);
	digest_more(&run, memory->page->salt, sizeof(memory->page->salt));
	add_address(&run, address);
	digest_end(&run, &d);
	return &memory->page
		    ->senders[(d.bytes[0] << 8 | d.bytes[1]) % MEMORY_SENDERS];
}

/* ---- feeds ---- */

struct memory_feed *
memory_feed(struct memory *memory, const char *id)
{
	struct memory_feed *feeds = memory->page->feeds, *oldest = feeds;
	struct digest d;
	size_t i;

	digest_of(id, strlen(id), &d);
	for (i = 0; i < MEMORY_FEEDS; i++) {
		if (digest_equal(&feeds[i].id, &d))
			return &feeds[i];
		if (feeds[i].due < oldest->due)
			oldest = &feeds[i];
	}
	*oldest = (struct memory_feed){ .id = d };
	return oldest;
}
