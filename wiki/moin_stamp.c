/*
 * A page's stamp is what stat() tells of `current` and of the revision that
 * it names, and that number:
 *
 *	INODE.SIZE.MTIME.CTIME/NUMBER/INODE.SIZE.MTIME.CTIME
 *
 * all hex, times in nanoseconds; of a deleted page only "INODE.../NUMBER/".
 *
 * Why no change of a page escapes it: Moin saves only through
 * PageEditor._write_file, which writes the number to a new file and renames
 * that, twice, until it is `current`, also where the number stays the same (a
 * page with #deprecated on top; an edit without a new revision), so that
 * inode and change time of `current` differ after each save.  A deletion and
 * a rename to this name are saves, and a folder that was moved here brings
 * its own `current`.  Who edits a revision file by hand, in place or not,
 * changes the second half.
 *
 * A stamp with a change time younger than two seconds is not to be
 * remembered: clocks of file systems tick in steps, and the next change could
 * leave the same one.
 */
#include <fcntl.h>
#include <string.h>

#include "wiki/moin.h"

#define YOUNG 2 /* seconds */

static uint64_t
nanoseconds(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000000 + (uint64_t)t->tv_nsec;
}

static char *
put_hex(char *out, uint64_t v)
{
	int shift = v == 0 ? 0 : (63 - __builtin_clzll(v)) & ~3;

	for (; shift >= 0; shift -= 4)
		*out++ = "0123456789abcdef"[v >> shift & 15];
	return out;
}

/* Four times 16 digits at most, and what is between. */
#define STAT_MAX (4 * 16 + 4)

static size_t
put_stat(const struct stat *st, char out[STAT_MAX])
{
	char *p = put_hex(out, (uint64_t)st->st_ino);

	*p++ = '.';
	p = put_hex(p, (uint64_t)st->st_size);
	*p++ = '.';
	p = put_hex(p, nanoseconds(&st->st_mtim));
	*p++ = '.';
	p = put_hex(p, nanoseconds(&st->st_ctim));
	*p = '\0';
	return (size_t)(p - out);
}

static bool
is_young(const struct stat *st, int64_t now)
{
	return (int64_t)st->st_ctim.tv_sec + YOUNG >= now;
}

void
moin_stamp_page(const struct moin_look *look, int64_t now,
    char out[WIKI_STAMP_MAX])
{
	size_t n;

	*out = '\0';
	if (look->number <= 0 || is_young(&look->current, now) ||
	    (look->present && is_young(&look->text, now)))
		return;
	n = put_stat(&look->current, out);
	out[n++] = '/';
	n = (size_t)(put_hex(out + n, (uint64_t)look->number) - out);
	out[n++] = '/';
	out[n] = '\0';
	if (look->present)
		(void)put_stat(&look->text, out + n);
}

void
moin_stamp_file(const struct stat *st, int64_t now, char out[WIKI_STAMP_MAX])
{
	*out = '\0';
	if (!is_young(st, now))
		(void)put_stat(st, out);
}

/* The number between the slashes; stamps come from our own memory. */
static int64_t
stamp_number(const char *p)
{
	int64_t v = 0;

	for (; *p != '\0' && *p != '/'; p++) {
		const char *digits = "0123456789abcdef";
		const char *d = strchr(digits, *p);

		if (d == NULL || v > MOIN_NUMBER_MAX)
			return -1;
		v = v * 16 + (d - digits);
	}
	return *p == '/' && v <= MOIN_NUMBER_MAX ? v : -1;
}

bool
moin_stamp_same_page(int pages, const char *folder, const struct stat *current,
    const char *stamp)
{
	char now[STAT_MAX], path[MOIN_PATH];
	size_t n = put_stat(current, now);
	struct stat st;
	int64_t number;

	if (strncmp(now, stamp, n) != 0 || stamp[n] != '/')
		return false;
	number = stamp_number(stamp + n + 1);
	if (number < 0)
		return false;
	moin_path_text(path, folder, number);
	*now = '\0';
	if (fstatat(pages, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		(void)put_stat(&st, now);
	return strcmp(now, strrchr(stamp, '/') + 1) == 0;
}

bool
moin_stamp_same_file(const struct stat *st, const char *stamp)
{
	char now[STAT_MAX];

	(void)put_stat(st, now);
	return strcmp(now, stamp) == 0;
}
