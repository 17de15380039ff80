#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/utf8.h"
#include "wiki/moin_log.h"

#define AUTHOR_MAX 100 /* characters; nobody wants a longer one shown */
#define LINE_MAX ((size_t)8192) /* far above what our fields can make */
#define ELLIPSIS "\xe2\x80\xa6"
#define DOT_LEADER "\xe2\x80\xa4"

/*
 * Add the text on one line: white space of any kind becomes one blank,
 * controls and what is not UTF-8 vanish, a dot becomes `dot`, and what is
 * longer than max characters ends in an ellipsis.
 */
static int
add_clean(const char *text, size_t max, const char *dot, struct buf *out,
    struct fault *f)
{
	size_t n = strlen(text), start = out->len, i, used;
	bool gap = false;
	uint32_t c;

	for (i = 0; i < n; i += used) {
		used = utf8_next(text + i, n - i, &c);
		if (used == 0) {
			used = 1;
			continue;
		}
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			gap = out->len > start;
			continue;
		}
		if (utf8_is_control(c))
			continue;
		if ((gap && buf_add(out, " ", 1, f) == -1) ||
		    buf_add(out, c == '.' ? dot : text + i,
			c == '.' ? strlen(dot) : used, f) == -1)
			return -1;
		gap = false;
	}
	if (out->len == start || utf8_count(out->data + start) <= max)
		return 0;
	utf8_cut(out->data + start, max - 1);
	buf_cut(out, start + strlen(out->data + start));
	return buf_add_text(out, ELLIPSIS, f);
}

int
moin_log_note(const char *text, struct buf *out, struct fault *f)
{
	return add_clean(text, MOIN_LOG_NOTE_MAX, ".", out, f);
}

int
moin_log_author(const char *name, struct buf *out, struct fault *f)
{
	return add_clean(name, AUTHOR_MAX, DOT_LEADER, out, f);
}

int
moin_log_quote_file(const char *name, struct buf *out, struct fault *f)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_.-/";

	for (; *name != '\0'; name++)
		if ((strchr(safe, *name) != NULL ?
			    buf_add(out, name, 1, f) :
			    buf_format(out, f, "%%%02X",
				(unsigned int)(unsigned char)*name)) == -1)
			return -1;
	return 0;
}

int64_t
moin_log_now(int64_t after)
{
	struct timespec t;
	int64_t now;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	now = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	return now > after ? now : after + 1;
}

/* What stands behind the last LF of a log, and where that is. */
static int
read_torn(int fd, struct buf *torn, int64_t *at, struct fault *f)
{
	struct stat st;
	size_t n;
	char *lf;

	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "edit-log");
	n = st.st_size < (int64_t)LINE_MAX ? (size_t)st.st_size : LINE_MAX;
	*at = st.st_size - (int64_t)n;
	if (file_read_part(fd, *at, n, torn, f) == -1)
		return -1;
	lf = memrchr(torn->data, '\n', n);
	if (lf == NULL)
		return 0;
	n = (size_t)(lf + 1 - torn->data);
	*at += (int64_t)n;
	torn->len -= n;
	memmove(torn->data, lf + 1, torn->len + 1);
	return 0;
}

/*
 * Bytes of half a character stop every reader, as does a first field that is
 * no number; a line that is only a number is one that Moin passes over.
 */
static void
make_readable(struct buf *torn)
{
	size_t digits = strspn(torn->data, "0123456789"), i;

	for (i = 0; i < torn->len; i++) {
		char c = torn->data[i];

		if (c != '\t' && (c < ' ' || c > '~'))
			torn->data[i] = '?';
	}
	if (digits < torn->len && torn->data[digits] != '\t')
		memset(torn->data, '0', torn->len);
}

int
moin_log_mend(int dirfd, const char *path, struct fault *f)
{
	const struct timespec pause = { 0, 50000000 };
	OWNED_BUF struct buf torn = BUF_INIT(LINE_MAX);
	OWNED_BUF struct buf again = BUF_INIT(LINE_MAX);
	OWNED_FD int fd =
	    openat(dirfd, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	int64_t at, same;

	if (fd == -1)
		return errno == ENOENT ? 0 :
					 fault_system(f, errno, "'%s'", path);
	if (read_torn(fd, &torn, &at, f) == -1)
		return -1;
	if (torn.len == 0)
		return 0;
	/* Someone may be writing just now. */
	(void)nanosleep(&pause, NULL);
	if (read_torn(fd, &again, &same, f) == -1)
		return -1;
	if (same != at || again.len != torn.len)
		return 0;
	make_readable(&again);
	if (memcmp(again.data, torn.data, torn.len) == 0)
		return 0;
	if (pwrite(fd, again.data, again.len, at) != (ssize_t)again.len)
		return fault_system(f, errno, "cannot mend '%s'", path);
	return 0;
}

/* Whether the log ends in the middle of a line. */
static int
is_torn(int fd, bool *torn, struct fault *f)
{
	struct stat st;
	char last;

	*torn = false;
	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "edit-log");
	if (st.st_size == 0)
		return 0;
	if (pread(fd, &last, 1, st.st_size - 1) != 1)
		return fault_system(f, errno, "cannot read the edit-log");
	*torn = last != '\n';
	return 0;
}

int
moin_log_format(const struct moin_line *line, struct buf *out, struct fault *f)
{
	return buf_format(out, f,
	    "%" PRId64 "\t%08" PRId64 "\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
	    line->stamp, line->revision, line->action, line->folder,
	    line->address, line->host, line->user, line->extra, line->comment);
}

/* In one piece, so that no reader sees a part of it. */
static int
write_once(const char *path, int fd, const char *text, size_t n,
    struct fault *f)
{
	ssize_t put;

	do
		put = write(fd, text, n);
	while (put == -1 && errno == EINTR);
	if (put == -1)
		return fault_system(f, errno, "cannot write '%s'", path);
	if ((size_t)put != n)
		return fault_set(f, FAULT_SYSTEM,
		    "cannot write '%s': the disk is full", path);
	return 0;
}

int
moin_log_append(int dirfd, const char *path, int fd,
    const struct moin_line *line, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(LINE_MAX);
	bool torn;

	if (is_torn(fd, &torn, f) == -1)
		return -1;
	if (torn && moin_log_mend(dirfd, path, f) == -1)
		return -1;
	/* Whoever was writing may have ended the line by now. */
	if (torn && is_torn(fd, &torn, f) == -1)
		return -1;
	if ((torn && buf_add(&text, "\n", 1, f) == -1) ||
	    moin_log_format(line, &text, f) == -1)
		return -1;
	return write_once(path, fd, text.data, text.len, f);
}

int
moin_log_complete(const char *path, int fd, struct moin_line *line, bool *done,
    struct fault *f)
{
	OWNED_BUF struct buf torn = BUF_INIT(LINE_MAX);
	OWNED_BUF struct buf whole = BUF_INIT(LINE_MAX);
	struct moin_line started = *line;
	struct moin_line there;
	OWNED_MEM char *copy = NULL;
	int64_t at;

	*done = false;
	if (read_torn(fd, &torn, &at, f) == -1)
		return -1;
	copy = strdup(torn.data);
	if (copy == NULL)
		return fault_memory(f);
	/* With less than a stamp and a revision it is nobody's. */
	if (!moin_log_parse(copy, &there))
		return 0;
	started.stamp = there.stamp;
	if (moin_log_format(&started, &whole, f) == -1)
		return -1;
	if (whole.len <= torn.len ||
	    memcmp(whole.data, torn.data, torn.len) != 0)
		return 0;
	*line = started;
	*done = true;
	return write_once(path, fd, whole.data + torn.len, whole.len - torn.len,
	    f);
}
