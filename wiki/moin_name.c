#include "wiki/moin_name.h"

#include <string.h>

#include "base/utf8.h"
#include "items/name.h"

static bool
is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
moin_name_quote(const char *name, struct buf *out, struct fault *f)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = name;
	char *to;

	/* The worst is one byte, "(xx)". */
	if (buf_reserve(out, 4 * strlen(name), f) == -1)
		return -1;
	to = out->data + out->len;
	while (*p != '\0') {
		while (is_safe(*p))
			*to++ = *p++;
		if (*p == '\0')
			break;
		*to++ = '(';
		for (; *p != '\0' && !is_safe(*p); p++) {
			*to++ = digits[(unsigned char)*p >> 4];
			*to++ = digits[(unsigned char)*p & 15];
		}
		*to++ = ')';
	}
	out->len = (size_t)(to - out->data);
	buf_end(out);
	return 0;
}

/* Hex digits behind a "(" and before a ")": how many; 0 if it is no such. */
static size_t
count_digits(const char *p)
{
	size_t n = 0;

	while (hex_value(p[n]) != -1)
		n++;
	return p[n] == ')' ? n : 0;
}

int
moin_name_unquote(const char *folder, struct buf *out, struct fault *f)
{
	const char *p = folder, *why = NULL;
	size_t start = out->len, n, i;
	char *to;

	if (buf_reserve(out, strlen(folder), f) == -1)
		return -1;
	to = out->data + out->len;
	while (*p != '\0') {
		n = *p == '(' ? count_digits(p + 1) : 0;
		if (n == 0) {
			*to++ = *p++;
			continue;
		}
		if (n % 2 != 0)
			return fault_set(f, FAULT_FORMAT,
			    "the folder's name has an odd number of hex "
			    "digits");
		for (i = 0; i < n; i += 2)
			*to++ = (char)(16 * hex_value(p[1 + i]) +
			    hex_value(p[2 + i]));
		p += n + 2;
	}
	n = (size_t)(to - out->data) - start;
	if (memchr(out->data + start, '\0', n) != NULL)
		why = "its name has a NUL";
	else if (!utf8_valid(out->data + start, n))
		why = "its name is not UTF-8";
	else
		out->len = start + n;
	buf_end(out);
	return why != NULL ? fault_set(f, FAULT_FORMAT, "%s", why) : 0;
}

bool
moin_name_is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) ||
	    c == 0x85 || c == 0xa0 || c == 0x1680 || c == 0x180e ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Bidi controls, which Moin drops (config.page_invalid_chars_regex). */
static bool
is_invalid(uint32_t c)
{
	return c >= 0x202a && c <= 0x202e;
}

/*
 * The next character of a part of a name that is not dropped; its bytes in
 * *n.  Gives false at the part's end, a "/" or n bytes.
 */
static bool
part_next(const char **p, const char *end, uint32_t *c, size_t *n)
{
	for (; *p < end && **p != '/'; *p += *n) {
		*n = utf8_next(*p, (size_t)(end - *p), c);
		if (*n == 0) { /* not UTF-8: a character of its own */
			*n = 1;
			*c = (unsigned char)**p;
		}
		if (!is_invalid(*c))
			return true;
	}
	return false;
}

/* Does the part match "\S+Group"? */
static bool
is_group(const char *part, const char *end)
{
	static const char tail[] = "Group";
	size_t n, count = 0, kept = 0;
	char last[5];
	uint32_t c;

	for (; part_next(&part, end, &c, &n); part += n, count++) {
		if (moin_name_is_space(c))
			return false;
		if (kept == sizeof(last))
			memmove(last, last + 1, --kept);
		last[kept++] = (char)(c < 0x80 ? c : 0);
	}
	return count > sizeof(last) && memcmp(last, tail, sizeof(last)) == 0;
}

/* Add one part, normalised; *empty if nothing is left of it. */
static int
normalize_part(const char *part, const char *end, struct buf *out, bool *empty,
    struct fault *f)
{
	bool group = is_group(part, end), gap = false;
	size_t n;
	uint32_t c;

	*empty = true;
	for (; part_next(&part, end, &c, &n); part += n) {
		if (moin_name_is_space(c)) {
			gap = true;
			continue;
		}
		if (group && !moin_alnum(c))
			continue;
		if (gap && !*empty && buf_add(out, " ", 1, f) == -1)
			return -1;
		if (buf_add(out, part, n, f) == -1)
			return -1;
		gap = false;
		*empty = false;
	}
	return 0;
}

int
moin_name_normalize(const char *name, struct buf *out, struct fault *f)
{
	const char *end = name + strlen(name), *part = name;
	size_t start = out->len, before;

	for (;;) {
		bool empty = true;

		before = out->len;
		if (before > start && buf_add(out, "/", 1, f) == -1)
			return -1;
		if (normalize_part(part, end, out, &empty, f) == -1)
			return -1;
		if (empty)
			buf_cut(out, before);
		part += strcspn(part, "/");
		if (*part == '\0')
			return 0;
		part++;
	}
}

/* The checks that a name from a feed and one from a folder share. */
static int
check_page(const char *name, const char *folder, struct fault *f)
{
	OWNED_BUF struct buf normal = BUF_INIT(BUF_ANY);

	if (strlen(folder) > MOIN_NAME_MAX)
		return fault_set(f, FAULT_FORMAT,
		    "its folder's name would be %zu bytes long, more than %d",
		    strlen(folder), MOIN_NAME_MAX);
	if (moin_name_normalize(name, &normal, f) == -1)
		return -1;
	if (strcmp(normal.data, name) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "MoinMoin reads that name as '%.200s'", normal.data);
	return 0;
}

int
moin_name_check_page(const char *name, struct fault *f)
{
	OWNED_BUF struct buf folder = BUF_INIT(BUF_ANY);

	if (name_check_page(name, f) == -1 ||
	    moin_name_quote(name, &folder, f) == -1)
		return -1;
	if (check_page(name, folder.data, f) == -1)
		return fault_within(f, "page name '%.300s'", name);
	return 0;
}

/*
 * Letters and digits alone, as most names are: the folder has the page's name,
 * in which Moin changes nothing.  ("_" is not among them: a group's name may
 * have none.)
 */
static bool
is_plain(const char *folder)
{
	const char *p = folder;

	while (is_safe(*p) && *p != '_')
		p++;
	return *p == '\0' && p > folder && p - folder <= MOIN_NAME_MAX;
}

int
moin_name_of_folder(const char *folder, struct buf *out, struct fault *f)
{
	OWNED_BUF struct buf again = BUF_INIT(BUF_ANY);
	size_t start = out->len;

	if (is_plain(folder))
		return buf_add_text(out, folder, f);
	if (moin_name_unquote(folder, out, f) == -1 ||
	    moin_name_quote(out->data + start, &again, f) == -1)
		return -1;
	if (strcmp(again.data, folder) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "MoinMoin would name its folder '%.255s'", again.data);
	if (name_check_page(out->data + start, f) == -1)
		return -1;
	return check_page(out->data + start, folder, f);
}

static bool
is_tainted(char c)
{
	return (c >= 0x01 && c <= 0x1f) ||
	    (c != '\0' && strchr(":/\\<>\"*?%|", c) != NULL);
}

int
moin_name_taint(const char *name, struct buf *out, struct fault *f)
{
	for (; *name != '\0'; name++)
		if (buf_add(out, is_tainted(*name) ? "_" : name, 1, f) == -1)
			return -1;
	return 0;
}

int
moin_name_check_file(const char *name, struct fault *f)
{
	OWNED_BUF struct buf tainted = BUF_INIT(BUF_ANY);

	if (name_check_file(name, f) == -1 ||
	    moin_name_taint(name, &tainted, f) == -1)
		return -1;
	if (*name == '.')
		return fault_set(f, FAULT_FORMAT,
		    "file name '%.255s' begins with a dot", name);
	if (strcmp(tainted.data, name) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "MoinMoin would store file name '%.255s' as '%.255s'", name,
		    tainted.data);
	return 0;
}
