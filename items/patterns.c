#include "items/patterns.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

struct patterns_walk
patterns_walk(const char *text, size_t n)
{
	return (struct patterns_walk){ .text = text, .n = n };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Beyond what ASCII has; str.isspace of Python 2.7 and 3. */
static bool
is_wide_blank(uint32_t c)
{
	return c == 0xa0 || c == 0x1680 || c == 0x180e ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
	    c == 0x3000;
}

static bool
has_control(const char *text, size_t n)
{
	uint32_t c;
	size_t at, size;

	for (at = 0; at < n; at += size) {
		size = 1;
		if (text[at] >= ' ' && text[at] < 0x7f)
			continue;
		size = utf8_next(text + at, n - at, &c);
		if (size == 0 || (c != '\t' && utf8_is_control(c)))
			return true;
	}
	return false;
}

/* The first " # ", or the end. */
static size_t
cut_comment(const char *text, size_t n)
{
	const char *found = memmem(text, n, " # ", 3);

	return found == NULL ? n : (size_t)(found - text);
}

static void
find_pattern(struct patterns_line *line)
{
	const char *text = line->whole;
	size_t n = line->whole_size;

	if (!has_control(text, n)) {
		n = cut_comment(text, n);
		while (n > 0 && is_blank(text[n - 1]))
			n--;
		while (n > 0 && is_blank(*text)) {
			text++;
			n--;
		}
		if (n > 0 && *text == '#')
			n = 0;
	}
	line->text = text;
	line->size = n;
}

bool
patterns_next(struct patterns_walk *walk, struct patterns_line *line)
{
	const char *start = walk->text + walk->at, *end;

	if (walk->at >= walk->n)
		return false;
	end = memchr(start, '\n', walk->n - walk->at);
	line->number = ++walk->number;
	line->whole = start;
	line->whole_size =
	    end != NULL ? (size_t)(end - start) : walk->n - walk->at;
	walk->at += line->whole_size + (end != NULL);
	find_pattern(line);
	return true;
}

bool
patterns_is_clean(const char *pattern, size_t n)
{
	uint32_t c = 0;
	size_t at, size;

	if (has_control(pattern, n))
		return false;
	for (at = 0; at < n; at += size) {
		size = utf8_next(pattern + at, n - at, &c);
		if (at == 0 && is_wide_blank(c))
			return false;
	}
	return !is_wide_blank(c);
}

bool
patterns_is_list(const char *page)
{
	static const char *const lists[] = { "BadContent", "LocalBadContent" };
	size_t i, n;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		n = strlen(lists[i]);
		if (strncmp(page, lists[i], n) == 0 &&
		    (page[n] == '\0' || page[n] == '/'))
			return true;
	}
	return false;
}
