#include "feeds/member.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 100
#define RECORD_MAX (ITEM_PATH_MAX + 16)

/* The ustar block of POSIX.1-2017, pax, "ustar Interchange Format". */
struct ustar {
	char name[NAME_SIZE];
	char mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8];
	char typeflag;
	char linkname[100];
	char magic[6], version[2];
	char uname[32], gname[32], devmajor[8], devminor[8];
	char prefix[155];
	char unused[12];
};
_Static_assert(sizeof(struct ustar) == MEMBER_BLOCK, "ustar block");
_Static_assert(RECORD_MAX <= 2 * MEMBER_BLOCK, "MEMBER_HEAD_MAX");

int64_t
member_padded(int64_t n)
{
	return (n + MEMBER_BLOCK - 1) / MEMBER_BLOCK * MEMBER_BLOCK;
}

bool
member_is_zero(const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (bytes[i] != '\0')
			return false;
	return true;
}

bool
member_has_pax(const char *path)
{
	size_t i;

	for (i = 0; path[i] != '\0'; i++)
		if ((unsigned char)path[i] >= 0x80)
			return true;
	return i > NAME_SIZE;
}

/* The pax record, and its length, which counts its own digits. */
static size_t
make_record(const char *path, char out[RECORD_MAX])
{
	size_t n = strlen(" path=\n") + strlen(path);
	int digits = 1, is = 0;

	while (digits != is) {
		is = digits;
		digits = snprintf(NULL, 0, "%zu", n + (size_t)is);
	}
	return (size_t)snprintf(out, RECORD_MAX, "%zu path=%s\n",
	    n + (size_t)digits, path);
}

static size_t
head_size(const char *path)
{
	char record[RECORD_MAX];

	if (!member_has_pax(path))
		return MEMBER_BLOCK;
	return 2 * MEMBER_BLOCK +
	    (size_t)member_padded((int64_t)make_record(path, record));
}

int64_t
member_size(const char *path, int64_t content)
{
	return (int64_t)head_size(path) + member_padded(content);
}

void
member_set_path(char *head, const char *path)
{
	char record[RECORD_MAX];
	size_t n = make_record(path, record);

	memcpy(head + MEMBER_BLOCK, record, n);
}

/* Octal digits, ended and padded by blanks or NULs; so no base-256. */
static bool
is_octal(const char *field, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((field[i] < '0' || field[i] > '7') && field[i] != ' ' &&
		    field[i] != '\0')
			return false;
	return true;
}

static int64_t
octal(const char *field, size_t n)
{
	int64_t value = 0;
	size_t i;

	for (i = 0; i < n && field[i] >= '0' && field[i] <= '7'; i++)
		value = value * 8 + (field[i] - '0');
	return value;
}

static int
check_block(const struct ustar *u, char typeflag, const char *path,
    struct fault *f)
{
	if (memcmp(u->magic, "ustar", 6) != 0 ||
	    memcmp(u->version, "00", 2) != 0)
		return fault_set(f, FAULT_FORMAT, "'%s' is not POSIX ustar",
		    path);
	if (u->typeflag != typeflag)
		return fault_set(f, FAULT_FORMAT,
		    "'%s' has a header of type '%c'", path, u->typeflag);
	if (!is_octal(u->mode, sizeof(u->mode)) ||
	    !is_octal(u->uid, sizeof(u->uid)) ||
	    !is_octal(u->gid, sizeof(u->gid)) ||
	    !is_octal(u->size, sizeof(u->size)) ||
	    !is_octal(u->mtime, sizeof(u->mtime)) ||
	    !is_octal(u->devmajor, sizeof(u->devmajor)) ||
	    !is_octal(u->devminor, sizeof(u->devminor)))
		return fault_set(f, FAULT_FORMAT,
		    "'%s' has a number that is not octal", path);
	if (!member_is_zero(u->linkname, sizeof(u->linkname)) ||
	    !member_is_zero(u->uname, sizeof(u->uname)) ||
	    !member_is_zero(u->gname, sizeof(u->gname)) ||
	    !member_is_zero(u->prefix, sizeof(u->prefix)) ||
	    !member_is_zero(u->unused, sizeof(u->unused)))
		return fault_set(f, FAULT_FORMAT,
		    "'%s' has a link, an owner, "
		    "a prefix or something else in its header",
		    path);
	return 0;
}

static int
check_pax(const char *head, const char *path, struct fault *f)
{
	char record[RECORD_MAX];
	size_t n = make_record(path, record);
	size_t padded = (size_t)member_padded((int64_t)n);

	const struct ustar *u = (const struct ustar *)head;

	if (check_block(u, 'x', path, f) == -1)
		return -1;
	if (octal(u->size, sizeof(u->size)) != (int64_t)n ||
	    memcmp(head + MEMBER_BLOCK, record, n) != 0 ||
	    !member_is_zero(head + MEMBER_BLOCK + n, padded - n))
		return fault_set(f, FAULT_FORMAT,
		    "'%s' has more than its path in the pax header", path);
	return 0;
}

int
member_check_head(const char *head, size_t n, const char *path, struct fault *f)
{
	const struct ustar *last;
	size_t length = strlen(path);

	if (length >= ITEM_PATH_MAX || n != head_size(path))
		return fault_set(f, FAULT_FORMAT,
		    "'%s' has %zu bytes of headers", path, n);
	last = (const struct ustar *)(head + n - MEMBER_BLOCK);
	if (member_has_pax(path)) {
		if (check_pax(head, path, f) == -1)
			return -1;
	} else if (memcmp(last->name, path, length) != 0 ||
	    !member_is_zero(last->name + length, NAME_SIZE - length)) {
		return fault_set(f, FAULT_FORMAT,
		    "'%s' has another name in its header", path);
	}
	return check_block(last, '0', path, f);
}
