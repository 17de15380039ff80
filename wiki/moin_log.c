#include "wiki/moin_log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/utf8.h"

#define TAIL 8192 /* bytes to look at first */
#define LOG_MAX ((size_t)256 << 20)
#define DIGITS_MAX 18		     /* of a number: far from overflow */
#define STAMP_MAX 100000000000000000 /* the year 5138: no clock said that */
#define DOT_LEADER "\xe2\x80\xa4"    /* U+2024 */

/* Python's int() of digits with blanks around; "" is 0, as in Moin. */
static bool
parse_number(const char *p, int64_t *out)
{
	int64_t v = 0;
	int n = 0;

	while (*p == ' ')
		p++;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (++n > DIGITS_MAX)
			return false;
		v = v * 10 + (*p - '0');
	}
	while (*p == ' ')
		p++;
	*out = v;
	return *p == '\0';
}

static char *
next_field(char **rest)
{
	char *field = *rest, *tab = strchr(field, '\t');

	if (tab == NULL) {
		*rest = field + strlen(field);
	} else {
		*tab = '\0';
		*rest = tab + 1;
	}
	return field;
}

bool
moin_log_parse(char *line, struct moin_line *out)
{
	size_t n = strlen(line);
	char *rest = line, *stamp, *revision;

	if (!utf8_valid(line, n))
		return false;
	while (n > 0 &&
	    (line[n - 1] == '\r' || line[n - 1] == ' ' || line[n - 1] == '\t'))
		line[--n] = '\0';
	while (*rest == ' ' || *rest == '\t')
		rest++;
	stamp = next_field(&rest);
	revision = next_field(&rest);
	out->action = next_field(&rest);
	out->folder = next_field(&rest);
	out->address = next_field(&rest);
	out->host = next_field(&rest);
	out->user = next_field(&rest);
	out->extra = next_field(&rest);
	out->comment = next_field(&rest);
	return parse_number(stamp, &out->stamp) && *revision != '\0' &&
	    parse_number(revision, &out->revision);
}

/*
 * Find it in the text, from its end.  whole says whether the first line in
 * it is a whole one.
 */
static bool
find_in(struct buf *text, bool whole, int64_t revision, struct moin_line *out)
{
	char *end = text->data + text->len;

	while (end > text->data) {
		char *lf =
		    memrchr(text->data, '\n', (size_t)(end - text->data));
		char *line = lf == NULL ? text->data : lf + 1;

		if (lf == NULL && !whole)
			return false;
		/* A NUL makes the rest of a line vanish, never more. */
		*end = '\0';
		if (moin_log_parse(line, out) && out->revision == revision)
			return true;
		end = lf == NULL ? text->data : lf;
	}
	return false;
}

int
moin_log_find(int fd, int64_t revision, struct buf *room, struct moin_line *out,
    bool *have, struct fault *f)
{
	size_t n = TAIL;
	struct stat st;

	*have = false;
	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "edit-log");
	while (st.st_size > 0) {
		size_t size = (size_t)st.st_size;

		if (n > size)
			n = size;
		buf_reset(room);
		if (file_read_part(fd, (int64_t)(size - n), n, room, f) == -1)
			return -1;
		*have = find_in(room, n == size, revision, out);
		if (*have || n == size || n > LOG_MAX)
			return 0;
		n *= 8;
	}
	return 0;
}

int
moin_log_newest(int fd, int64_t *stamp, struct fault *f)
{
	OWNED_BUF struct buf tail = BUF_INIT(TAIL);
	struct moin_line line;
	struct stat st;
	char *rest, *text;
	size_t n;

	*stamp = 0;
	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "edit-log");
	n = st.st_size < TAIL ? (size_t)st.st_size : TAIL;
	if (file_read_part(fd, st.st_size - (int64_t)n, n, &tail, f) == -1)
		return -1;
	/* The first line may be the rest of one: it rarely parses. */
	for (rest = tail.data; (text = strsep(&rest, "\n")) != NULL;)
		if (moin_log_parse(text, &line) && line.stamp > *stamp &&
		    line.stamp < STAMP_MAX)
			*stamp = line.stamp;
	return 0;
}

/*
 * Is the line around `hit`, which lies in text, like the other?  One without
 * its end, which a crash tore, is if it has all that the other has.
 */
static bool
is_like(struct buf *text, char *hit, const struct moin_line *like)
{
	char *lf = memrchr(text->data, '\n', (size_t)(hit - text->data));
	char *start = lf == NULL ? text->data : lf + 1;
	size_t n = strcspn(start, "\n");
	OWNED_MEM char *copy = strndup(start, n);
	struct moin_line line;

	return copy != NULL && moin_log_parse(copy, &line) &&
	    line.revision == like->revision &&
	    strcmp(line.folder, like->folder) == 0 &&
	    strcmp(line.extra, like->extra) == 0 &&
	    strncmp(line.action, like->action, strlen(like->action)) == 0 &&
	    (start[n] == '\n' ||
		(strcmp(line.host, like->host) == 0 &&
		    strcmp(line.comment, like->comment) == 0));
}

int
moin_log_has(int fd, int64_t from, const struct moin_line *like, bool *has,
    struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(LOG_MAX);
	size_t n = strlen(like->folder), size;
	struct stat st;
	char *hit;

	*has = false;
	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "edit-log");
	if (st.st_size <= from)
		return 0;
	size = (size_t)(st.st_size - from);
	if (file_read_part(fd, from, size, &text, f) == -1)
		return -1;
	hit = text.data;
	while (!*has &&
	    (hit = memmem(hit, size - (size_t)(hit - text.data), like->folder,
		 n)) != NULL) {
		*has = is_like(&text, hit, like);
		hit += n;
	}
	return 0;
}

static bool
looks_like_address(const char *host)
{
	size_t n = strspn(host, "0123456789abcdefABCDEF.:");

	return host[n] == '\0' && strpbrk(host, ".:") != NULL;
}

int
moin_log_line_author(const struct moin_line *line, struct buf *out,
    struct fault *f)
{
	const char *p = line->host, *dot;

	if (*line->address != '\0' || *line->user != '\0' ||
	    looks_like_address(line->host))
		return 0;
	while ((dot = strstr(p, DOT_LEADER)) != NULL) {
		if (buf_add(out, p, (size_t)(dot - p), f) == -1 ||
		    buf_add(out, ".", 1, f) == -1)
			return -1;
		p = dot + strlen(DOT_LEADER);
	}
	return buf_add_text(out, p, f);
}
