/*
 * Logs that anybody may have written to, and what we write there: a line of
 * ours is one that Moin can read, whatever was at the end of the log.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "wiki/moin_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nobody else writes here: no time to wait for him. */
int
nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)t;
	(void)left;
	return 0;
}

static char log_path[] = "/tmp/wcfuzzXXXXXX";

static void
remove_log(void)
{
	(void)unlink(log_path);
}

/* One file for all inputs, as a wiki's log is opened. */
static int
open_log(void)
{
	static int made = -1;

	if (made == -1) {
		made = mkstemp(log_path);
		assert(made != -1);
		(void)atexit(remove_log);
	}
	assert(ftruncate(made, 0) == 0);
	return open(log_path, O_RDWR | O_APPEND | O_CLOEXEC);
}

static void
try_notes(const char *text)
{
	OWNED_BUF struct buf note = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf author = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf extra = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	assert(moin_log_note(text, &note, &f) == 0);
	assert(utf8_valid(note.data, note.len));
	assert(strpbrk(note.data, "\t\r\n") == NULL);
	assert(utf8_count(note.data) <= MOIN_LOG_NOTE_MAX);
	assert(moin_log_author(text, &author, &f) == 0);
	assert(utf8_valid(author.data, author.len));
	assert(strpbrk(author.data, "\t\r\n.") == NULL);
	assert(moin_log_quote_file(text, &extra, &f) == 0);
	assert(strpbrk(extra.data, "\t\r\n ") == NULL);
}

/* The last line of the log, which must be a whole one. */
static void
assert_last_line(int fd, int64_t stamp)
{
	OWNED_BUF struct buf log = BUF_INIT(BUF_ANY);
	struct moin_line line;
	struct fault f = { 0 };
	char *last;

	assert(file_read_fd(fd, &log, &f) == 0);
	assert(log.len > 0 && log.data[log.len - 1] == '\n');
	log.data[log.len - 1] = '\0';
	last = memrchr(log.data, '\n', log.len - 1);
	last = last == NULL ? log.data : last + 1;
	assert(moin_log_parse(last, &line));
	assert(line.stamp == stamp && line.revision == 7);
	assert(strcmp(line.folder, "P") == 0);
}

static void
try_log(const uint8_t *data, size_t size)
{
	OWNED_BUF struct buf room = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf author = BUF_INIT(BUF_ANY);
	OWNED_FD int fd = open_log();
	struct moin_line line = { 0 },
			 ours = { .stamp = 5,
				 .revision = 7,
				 .action = "SAVE",
				 .folder = "P",
				 .address = "",
				 .host = "x",
				 .user = "",
				 .extra = "",
				 .comment = "" };
	struct fault f = { 0 };
	int64_t newest;
	bool have, has;

	assert(fd != -1);
	assert(write(fd, data, size) == (ssize_t)size);
	assert(moin_log_newest(fd, &newest, &f) == 0 && newest >= 0);
	assert(moin_log_find(fd, 1, &room, &line, &have, &f) == 0);
	if (have)
		assert(moin_log_line_author(&line, &author, &f) == 0);
	assert(moin_log_has(fd, 0, &ours, &has, &f) == 0);
	ours.stamp = newest + 1;
	assert(moin_log_append(AT_FDCWD, log_path, fd, &ours, &f) == 0);
	assert_last_line(fd, ours.stamp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED_MEM char *text = strndup((const char *)data, size);

	if (size > 16384)
		return 0;
	assert(text != NULL);
	try_notes(text);
	try_log(data, size);
	return 0;
}
