#include "items/text.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"

int
text_check(const char *text, size_t n, struct fault *f)
{
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return fault_set(f, FAULT_FORMAT,
		    "the text starts with a byte order mark");
	if (memchr(text, '\0', n) != NULL)
		return fault_set(f, FAULT_FORMAT, "the text has a NUL");
	if (memchr(text, '\r', n) != NULL)
		return fault_set(f, FAULT_FORMAT,
		    "the text has a carriage return");
	if (!utf8_valid(text, n))
		return fault_set(f, FAULT_FORMAT, "the text is not UTF-8");
	return 0;
}

int
text_to_lf(const char *text, size_t n, struct buf *out, struct fault *f)
{
	const char *p = text, *end = text + n;
	char *to;

	if (buf_reserve(out, n, f) == -1)
		return -1;
	to = out->data + out->len;
	while (p < end) {
		const char *stop = memchr(p, '\r', (size_t)(end - p));
		const char *after;

		if (stop == NULL)
			stop = end;
		memcpy(to, p, (size_t)(stop - p));
		to += stop - p;
		for (after = stop; after < end && *after == '\r';)
			after++;
		if (after < end && *after != '\n') {
			memcpy(to, stop, (size_t)(after - stop));
			to += after - stop;
		} else if (after == end) {
			memcpy(to, stop, (size_t)(end - stop));
			to += end - stop;
		}
		p = after;
	}
	out->len = (size_t)(to - out->data);
	buf_end(out);
	return 0;
}

static size_t
count_lines(const char *text, size_t n)
{
	size_t count = 0, i;

	for (i = 0; i < n; i++)
		count += text[i] == '\n';
	return count;
}

int
text_to_crlf(const char *text, size_t n, struct buf *out, struct fault *f)
{
	const char *p = text, *end = text + n, *lf;
	char *to;

	if (buf_reserve(out, n + count_lines(text, n), f) == -1)
		return -1;
	to = out->data + out->len;
	for (; (lf = memchr(p, '\n', (size_t)(end - p))) != NULL; p = lf + 1) {
		to = mempcpy(to, p, (size_t)(lf - p));
		to = mempcpy(to, "\r\n", 2);
	}
	to = mempcpy(to, p, (size_t)(end - p));
	out->len = (size_t)(to - out->data);
	buf_end(out);
	return 0;
}

/*
 * The next line of the run of instructions at the top: its length with its
 * LF, 0 where the run has ended.
 */
static size_t
instruction_line(const char *text, size_t n)
{
	const char *lf;
	size_t len;

	if (n == 0 || *text != '#')
		return 0;
	lf = memchr(text, '\n', n);
	len = lf == NULL ? n : (size_t)(lf - text);
	if (len == 1)
		return 0;
	return lf == NULL ? n : len + 1;
}

/* Does the line of n bytes start with "#verb", up to a blank or its end? */
static bool
has_verb(const char *line, size_t n, const char *verb)
{
	size_t len = strlen(verb);

	return n > len && line[0] == '#' &&
	    strncasecmp(line + 1, verb, len) == 0 &&
	    (n == len + 1 || line[len + 1] == ' ' || line[len + 1] == '\n');
}

/*
 * Moin ends lines at LF, but when one of its users saves the page the next
 * time, it also breaks them at these (Python's splitlines), and an #acl that
 * stood hidden behind one comes into force.  The length of such a break at
 * the start of the text, or 0.
 */
static size_t
line_break(const char *p, size_t n)
{
	unsigned char c = (unsigned char)p[0];

	if (c == '\n' || c == 0x0b || c == 0x0c || (c >= 0x1c && c <= 0x1e))
		return 1;
	if (n >= 2 && memcmp(p, "\xc2\x85", 2) == 0)
		return 2;
	if (n >= 3 &&
	    (memcmp(p, "\xe2\x80\xa8", 3) == 0 ||
		memcmp(p, "\xe2\x80\xa9", 3) == 0))
		return 3;
	return 0;
}

/*
 * The next piece of a line, up to such a break: its length with the break;
 * acl says whether it is, or would become, an #acl line.
 */
static size_t
line_piece(const char *line, size_t n, bool *acl)
{
	size_t len = 0, ends = 0;

	while (len < n && (ends = line_break(line + len, n - len)) == 0)
		len++;
	*acl = has_verb(line, len, "acl");
	return len + ends;
}

bool
text_has_acl(const char *text, size_t n)
{
	size_t len, i;
	bool acl;

	while ((len = instruction_line(text, n)) > 0) {
		for (i = 0; i < len;) {
			i += line_piece(text + i, len - i, &acl);
			if (acl)
				return true;
		}
		text += len;
		n -= len;
	}
	return false;
}

/* Add of one instruction line what is an #acl line in it, or what is not. */
static int
add_pieces(const char *line, size_t n, bool wanted, struct buf *out,
    struct fault *f)
{
	size_t before = out->len, i, len;
	bool acl;

	for (i = 0; i < n; i += len) {
		len = line_piece(line + i, n - i, &acl);
		if (acl == wanted && buf_add(out, line + i, len, f) == -1)
			return -1;
	}
	/* What is left of a line must not run into the next one. */
	if (out->len > before && line[n - 1] == '\n' &&
	    out->data[out->len - 1] != '\n')
		return buf_add(out, "\n", 1, f);
	return 0;
}

int
text_replace_acl(const char *text, size_t n, const char *line, struct buf *out,
    struct fault *f)
{
	size_t len;

	if (line != NULL &&
	    (buf_add_text(out, line, f) == -1 ||
		buf_add(out, "\n", 1, f) == -1))
		return -1;
	while ((len = instruction_line(text, n)) > 0) {
		if (add_pieces(text, len, false, out, f) == -1)
			return -1;
		text += len;
		n -= len;
	}
	return buf_add(out, text, n, f);
}

int
text_acl(const char *text, size_t n, struct buf *out, struct fault *f)
{
	size_t len;

	for (; (len = instruction_line(text, n)) > 0; text += len, n -= len)
		if (add_pieces(text, len, true, out, f) == -1)
			return -1;
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

int
text_instruction(const char *text, size_t n, const char *verb, struct buf *out,
    struct fault *f)
{
	const char *value = NULL;
	size_t len, size = 0;

	buf_reset(out);
	for (; (len = instruction_line(text, n)) > 0; text += len, n -= len) {
		if (!has_verb(text, len, verb))
			continue;
		value = text + 1 + strlen(verb);
		size = (size_t)(text + len - value);
	}
	while (size > 0 && is_blank(value[size - 1]))
		size--;
	while (size > 0 && is_blank(*value)) {
		value++;
		size--;
	}
	return size <= out->max ? buf_add(out, value, size, f) : 0;
}
