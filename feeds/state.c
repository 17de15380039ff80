#include "feeds/state.h"

#include <string.h>

void
state_start(struct state_run *s)
{
	digest_start(&s->run);
	s->last[0] = '\0';
}

/* Lines are many: snprintf() would take longer than the hash. */
static char *
put(char *to, const void *bytes, size_t n, char end)
{
	memcpy(to, bytes, n);
	to[n] = end;
	return to + n + 1;
}

static char *
put_number(char *to, int64_t number)
{
	char digits[20], *first = digits + sizeof(digits);

	do
		*--first = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	return put(to, first, (size_t)(digits + sizeof(digits) - first), ' ');
}

static char *
put_text(char *to, const char *text)
{
	if (text == NULL)
		text = "-";
	return put(to, text, strlen(text), ' ');
}

int
state_add_row(struct state_run *s, enum item_kind kind,
    const struct digest *digest, int64_t size, const char *format,
    const char *lang, const char *path, struct fault *f)
{
	char line[64 + DIGEST_TEXT + FORMAT_MAX + LANG_MAX + ITEM_PATH_MAX];
	size_t length = strlen(path);
	char *end;

	if (length >= sizeof(s->last) || strcmp(s->last, path) >= 0)
		return fault_set(f, FAULT_BUG, "state: '%s' after '%s'", path,
		    s->last);
	if ((format != NULL && strlen(format) > FORMAT_MAX) ||
	    (lang != NULL && strlen(lang) > LANG_MAX) || size < 0)
		return fault_set(f, FAULT_BUG, "state: the line of '%s'", path);
	memcpy(s->last, path, length + 1);
	end = put_text(line, item_kind_text(kind));
	digest_format(digest, end);
	end += DIGEST_TEXT - 1;
	*end++ = ' ';
	end = put_number(end, size);
	end = put_text(put_text(end, format), lang);
	end = put(end, path, length, '\n');
	digest_more(&s->run, line, (size_t)(end - line));
	return 0;
}

int
state_add(struct state_run *s, const struct item *item, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(ITEM_PATH_MAX - 1);

	if (item_path(item, &path, f) == -1)
		return -1;
	return state_add_row(s, item->kind, &item->digest, item->size,
	    item->format, item->lang, path.data, f);
}

void
state_end(struct state_run *s, struct digest *out)
{
	digest_end(&s->run, out);
}
