#include "feeds/state.h"

#include <stdio.h>
#include <string.h>

void
state_start(struct state_run *s)
{
	digest_start(&s->run);
	s->last[0] = '\0';
}

int
state_add_row(struct state_run *s, enum item_kind kind,
    const struct digest *digest, int64_t size, const char *format,
    const char *lang, const char *path, struct fault *f)
{
	char line[64 + DIGEST_TEXT + FORMAT_MAX + LANG_MAX + ITEM_PATH_MAX];
	char hex[DIGEST_TEXT];
	size_t length = strlen(path);
	int n;

	if (length >= sizeof(s->last) || strcmp(s->last, path) >= 0)
		return fault_set(f, FAULT_BUG, "state: '%s' after '%s'", path,
		    s->last);
	memcpy(s->last, path, length + 1);
	digest_format(digest, hex);
	n = snprintf(line, sizeof(line), "%s %s %lld %s %s %s\n",
	    item_kind_text(kind), hex, (long long)size,
	    format != NULL ? format : "-", lang != NULL ? lang : "-", path);
	if (n < 0 || (size_t)n >= sizeof(line))
		return fault_set(f, FAULT_BUG, "state: the line of '%s'",
		    path);
	digest_more(&s->run, line, (size_t)n);
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
