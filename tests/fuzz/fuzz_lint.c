/*
 * Pattern lists from strangers: whatever they are, lint answers, in bounded
 * time, and what is good is found where plain search finds it.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "items/lint.h"
#include "items/pattern.h"
#include "items/patterns.h"
#include "items/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char page[] =
    "A Page of bells and bicycles, www.spam.example/x?y=1\n"
    "spamspamspam aaaaaaaaaaaaaaaa abababab 0123456789 casino-online.com\n";

/* The need of a pattern is in each text that it is found in. */
static void
try_need(struct pattern *p, const struct patterns_line *line)
{
	OWNED_REGEX struct regex r = REGEX_INIT;
	char denied[REGEX_DENIED];
	struct regex_need need;
	struct fault f = { 0 };
	bool there = false;
	size_t i, at;

	assert(regex_parse(line->text, line->size, &r, denied, &f) == 0);
	assert(r.count <= 2 * line->size + 4);
	if (denied[0] != '\0')
		return;
	regex_need(&r, &need);
	if (need.count == 0 ||
	    pattern_search(p, page, sizeof(page) - 1) != PATTERN_FOUND)
		return;
	for (i = 0; i < need.count; i++)
		for (at = 0; at + need.word[i].size < sizeof(page); at++)
			there |= strncasecmp(page + at, need.word[i].text,
				     need.word[i].size) == 0;
	assert(there);
}

static void
try_line(struct lint *l, const struct patterns_line *line)
{
	OWNED(pattern_free) struct pattern *p = NULL;
	char reason[PATTERN_REASON];
	struct fault f = { 0 };

	assert(lint_add(l, line->text, line->size, &f) == 0);
	if (!patterns_is_clean(line->text, line->size))
		return;
	assert(pattern_compile(line->text, line->size, &p, reason, &f) == 0);
	if (p != NULL)
		try_need(p, line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct patterns_walk walk = patterns_walk((const char *)data, size);
	OWNED(lint_free) struct lint *l = NULL;
	struct patterns_line line;
	struct fault f = { 0 };
	size_t i;

	if (size > 2048)
		return 0;
	assert(lint_new(&l, &f) == 0);
	while (patterns_next(&walk, &line))
		if (line.size > 0)
			try_line(l, &line);
	assert(lint_innocent(l, &f) == 0);
	assert(lint_search_page(l, "P", page, sizeof(page) - 1, &f) == 0);
	for (i = 0; i < lint_count(l); i++) {
		assert(lint_answer(l, i) != LINT_UNKNOWN);
		assert((lint_answer(l, i) == LINT_GOOD) ==
		    (lint_reason(l, i)[0] == '\0'));
	}
	return 0;
}
