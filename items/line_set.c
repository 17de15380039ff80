#include "items/line_set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "items/patterns.h"

#define ROOM_FIRST 64

/* FNV-1a */
static uint64_t
hash(const char *line, size_t n)
{
	uint64_t h = 14695981039346656037u;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)line[i]) * 1099511628211u;
	return h ^ h >> 32;
}

void
line_set_clear(struct line_set *s)
{
	free(s->place);
	*s = (struct line_set)LINE_SET_INIT;
}

/* Where the line stands, or the free place where it would. */
static size_t
find(const struct line_set *s, const char *line, size_t n)
{
	size_t i = hash(line, n) & (s->room - 1);
	const struct line_ref *p;

	for (;; i = (i + 1) & (s->room - 1)) {
		p = &s->place[i];
		if (p->text == NULL ||
		    (p->size == n && memcmp(p->text, line, n) == 0))
			return i;
	}
}

static int
grow(struct line_set *s, struct fault *f)
{
	struct line_set larger = { .room = s->room == 0 ? ROOM_FIRST :
							  s->room * 2 };
	size_t i;

	if (s->count * 2 < s->room)
		return 0;
	larger.place = calloc(larger.room, sizeof(*larger.place));
	if (larger.place == NULL)
		return fault_memory(f);
	larger.count = s->count;
	for (i = 0; i < s->room; i++)
		if (s->place[i].text != NULL)
			larger.place[find(&larger, s->place[i].text,
			    s->place[i].size)] = s->place[i];
	line_set_clear(s);
	*s = larger;
	return 0;
}

int
line_set_add(struct line_set *s, const char *line, size_t n, struct fault *f)
{
	struct line_ref *p;

	if (grow(s, f) == -1)
		return -1;
	p = &s->place[find(s, line, n)];
	s->count += p->text == NULL;
	*p = (struct line_ref){ line, n };
	return 0;
}

bool
line_set_has(const struct line_set *s, const char *line, size_t n)
{
	return s->count > 0 && s->place[find(s, line, n)].text != NULL;
}

int
line_set_add_patterns(struct line_set *s, const char *list, size_t n,
    struct fault *f)
{
	struct patterns_walk walk = patterns_walk(list, n);
	struct patterns_line line;

	while (patterns_next(&walk, &line))
		if (line.size > 0 &&
		    line_set_add(s, line.text, line.size, f) == -1)
			return -1;
	return 0;
}
