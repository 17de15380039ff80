/*
 * A stranger's pattern list and the compact one that is made of it: a text has
 * a match of the one exactly if it has one of the other.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "items/compact.h"
#include "items/limits.h"
#include "items/pattern.h"
#include "items/patterns.h"
#include "items/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXTS 64

static const char page[] =
    "A Page of bells and bicycles, www.spam.example/x?y=1\n"
    "spamspamspam aaaaaaaaaaaaaaaa abababab 0123456789 casino-online.com\n";

struct text {
	const char *text;
	size_t n;
	bool found[2]; /* by the list, and by the compact one */
};

/* Is it what lint would let in?  Only such lists are installed. */
static struct pattern *
compile(const struct patterns_line *line)
{
	OWNED_REGEX struct regex r = REGEX_INIT;
	struct pattern *p = NULL;
	char denied[REGEX_DENIED], reason[PATTERN_REASON];
	struct fault f = { 0 };

	if (!patterns_is_clean(line->text, line->size) ||
	    line->size > PATTERN_MAX)
		return NULL;
	assert(regex_parse(line->text, line->size, &r, denied, &f) == 0);
	if (denied[0] == '\0')
		assert(pattern_compile(line->text, line->size, &p, reason,
			   &f) == 0);
	return p;
}

/* False: a line is none that could be installed, or costs too much here. */
static bool
search(const char *list, size_t n, struct text *texts, size_t count, int which)
{
	struct patterns_walk walk = patterns_walk(list, n);
	struct patterns_line line;
	size_t i;

	while (patterns_next(&walk, &line)) {
		OWNED(pattern_free) struct pattern *p = NULL;

		if (line.size == 0)
			continue;
		p = compile(&line);
		if (p == NULL)
			return false;
		for (i = 0; i < count; i++) {
			enum pattern_answer is =
			    pattern_search(p, texts[i].text, texts[i].n);

			if (is == PATTERN_LIMIT)
				return false;
			texts[i].found[which] |= is == PATTERN_FOUND;
		}
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct patterns_walk walk = patterns_walk((const char *)data, size);
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);
	struct text texts[TEXTS] = { { .text = page, .n = sizeof(page) - 1 } };
	struct patterns_line line;
	struct fault f = { 0 };
	size_t i, count = 1;

	if (size > 2048)
		return 0;
	assert(compact_list((const char *)data, size, &out, &f) == 0);
	/* Lines as texts: what plain ones match, and nearly do. */
	while (count < TEXTS && patterns_next(&walk, &line))
		if (line.whole_size > 0)
			texts[count++] = (struct text){ line.whole,
				line.whole_size, { false, false } };
	if (!search((const char *)data, size, texts, count, 0) ||
	    !search(out.data, out.len, texts, count, 1))
		return 0;
	for (i = 0; i < count; i++)
		assert(texts[i].found[0] == texts[i].found[1]);
	return 0;
}
