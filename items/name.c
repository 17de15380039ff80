#include "items/name.h"

#include <string.h>

#include "base/utf8.h"

/* FORMAT section 3: what no name, author, comment or title may contain. */
static bool
is_forbidden(uint32_t c)
{
	return utf8_is_control(c) || c == 0xfffe || c == 0xffff;
}

static int
check_characters(const char *text, struct fault *f)
{
	size_t n = strlen(text), i, used;
	uint32_t c;

	for (i = 0; i < n; i += used) {
		used = utf8_next(text + i, n - i, &c);
		if (used == 0)
			return fault_set(f, FAULT_FORMAT, "is not UTF-8");
		if (is_forbidden(c))
			return fault_set(f, FAULT_FORMAT,
			    "has the character U+%04X", (unsigned int)c);
	}
	return 0;
}

static size_t
spelt_length(const char *name)
{
	size_t n = *name == '.' ? 2 : 0;

	for (; *name != '\0'; name++)
		n += *name == '/' || *name == '%' ? 3 : 1;
	return n;
}

static int
check_parts(const char *name, struct fault *f)
{
	const char *part = name;

	for (;;) {
		size_t n = strcspn(part, "/");

		if (n == 0)
			return fault_set(f, FAULT_FORMAT, "has an empty part");
		if ((n == 1 && part[0] == '.') ||
		    (n == 2 && part[0] == '.' && part[1] == '.'))
			return fault_set(f, FAULT_FORMAT, "has a part '%.*s'",
			    (int)n, part);
		if (part[n] == '\0')
			return 0;
		part += n + 1;
	}
}

static int
check_name(const char *name, struct fault *f)
{
	if (*name == '\0')
		return fault_set(f, FAULT_FORMAT, "is empty");
	if (strlen(name) > NAME_SPELT_MAX ||
	    spelt_length(name) > NAME_SPELT_MAX)
		return fault_set(f, FAULT_FORMAT, "is longer than %d bytes",
		    NAME_SPELT_MAX);
	if (check_characters(name, f) == -1)
		return -1;
	return check_parts(name, f);
}

int
name_check_page(const char *name, struct fault *f)
{
	if (check_name(name, f) == -1)
		return fault_within(f, "page name '%.300s'", name);
	return 0;
}

int
name_check_file(const char *name, struct fault *f)
{
	if (strchr(name, '/') != NULL)
		return fault_set(f, FAULT_FORMAT,
		    "file name '%.300s': has a '/'", name);
	if (check_name(name, f) == -1)
		return fault_within(f, "file name '%.300s'", name);
	return 0;
}

int
name_check_note(const char *text, size_t max, struct fault *f)
{
	if (strlen(text) > max)
		return fault_set(f, FAULT_FORMAT, "is longer than %zu bytes",
		    max);
	return check_characters(text, f);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The shape of BCP 47, not its registry: 2 to 8 letters, then subtags. */
static bool
is_lang(const char *lang)
{
	size_t n = 0;

	while (is_letter(*lang)) {
		lang++;
		n++;
	}
	if (n < 2 || n > 8)
		return false;
	while (*lang == '-') {
		lang++;
		for (n = 0; is_letter(*lang) || is_digit(*lang); n++)
			lang++;
		if (n < 1 || n > 8)
			return false;
	}
	return *lang == '\0';
}

int
name_check_lang(const char *lang, struct fault *f)
{
	if (strlen(lang) > LANG_MAX || !is_lang(lang))
		return fault_set(f, FAULT_FORMAT,
		    "'%.40s' is not a language tag", lang);
	return 0;
}

int
name_check_format(const char *format, struct fault *f)
{
	size_t n = strspn(format, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (n < 1 || n > FORMAT_MAX || format[n] != '\0')
		return fault_set(f, FAULT_FORMAT, "'%.40s' is not a format",
		    format);
	return 0;
}

int
name_spell(const char *name, struct buf *out, struct fault *f)
{
	const char *from = name;
	char *to;

	if (buf_reserve(out, spelt_length(name), f) == -1)
		return -1;
	for (to = out->data + out->len; *from != '\0'; from++) {
		const char *code = *from == '/'	 ? "%2F" :
		    *from == '%'		 ? "%25" :
		    *from == '.' && from == name ? "%2E" :
						   NULL;

		if (code == NULL) {
			*to++ = *from;
		} else {
			memcpy(to, code, 3);
			to += 3;
		}
	}
	out->len = (size_t)(to - out->data);
	buf_end(out);
	return 0;
}

/* The byte that a "%" stands for at position i, or NUL. */
static char
decode(const char *spelt, size_t n, size_t i)
{
	if (n - i < 3)
		return '\0';
	if (memcmp(spelt + i, "%2F", 3) == 0)
		return '/';
	if (memcmp(spelt + i, "%25", 3) == 0)
		return '%';
	if (i == 0 && memcmp(spelt, "%2E", 3) == 0)
		return '.';
	return '\0';
}

int
name_unspell(const char *spelt, size_t n, struct buf *out, struct fault *f)
{
	size_t i = 0;
	char *to;

	if (buf_reserve(out, n, f) == -1)
		return -1;
	to = out->data + out->len;
	while (i < n) {
		char c = spelt[i];
		bool coded = c == '%';

		if (coded)
			c = decode(spelt, n, i);
		if (c == '\0' ||
		    (!coded && (c == '/' || (c == '.' && i == 0)))) {
			buf_end(out);
			return fault_set(f, FAULT_FORMAT,
			    "'%.*s' is not the spelling of a name",
			    (int)(n < 300 ? n : 300), spelt);
		}
		*to++ = c;
		i += coded ? 3 : 1;
	}
	out->len = (size_t)(to - out->data);
	buf_end(out);
	return 0;
}

static const char *
next_character(const char *p)
{
	p++;
	while (((unsigned char)*p & 0xc0) == 0x80)
		p++;
	return p;
}

bool
name_matches(const char *glob, const char *name)
{
	const char *star = NULL, *retry = NULL;

	/* Only the last "*" ever needs another try, so this is O(n * m). */
	while (*name != '\0') {
		if (*glob == '*') {
			star = ++glob;
			retry = name;
		} else if (*glob == '?') {
			glob++;
			name = next_character(name);
		} else if (*glob == *name) {
			glob++;
			name++;
		} else if (star != NULL) {
			glob = star;
			retry = next_character(retry);
			name = retry;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

bool
name_matches_any(const struct words *globs, const char *name)
{
	size_t i;

	for (i = 0; i < globs->count; i++)
		if (name_matches(globs->word[i], name))
			return true;
	return false;
}
