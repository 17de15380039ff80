#include "items/lint.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "items/innocent.h"
#include "items/pattern.h"
#include "items/patterns.h"
#include "items/regex.h"
#include "items/sieve.h"

#define HIT_COST 64 /* a look at a pattern, in searched bytes */

struct line {
	uint32_t text, size; /* in bytes */
	enum lint_answer answer;
	uint32_t seen; /* number of the text that it was searched in last */
	char *reason;  /* owned; NULL: none */
	struct pattern *pattern; /* once it had to be searched for */
};

struct lint {
	struct buf bytes;
	struct line *line;
	size_t count, room;
	struct sieve sieve;
	uint32_t *loose; /* lines without a literal to look for */
	size_t loose_count;
	uint32_t texts;	  /* that were searched */
	int64_t steps;	  /* on probes */
	int64_t searched; /* bytes */
	struct buf probe;
	struct buf page; /* and its name */
};

int
lint_new(struct lint **out, struct fault *f)
{
	struct lint *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return fault_memory(f);
	buf_init(&l->bytes, UINT32_MAX);
	buf_init(&l->probe, BUF_ANY);
	buf_init(&l->page, BUF_ANY);
	l->sieve = (struct sieve)SIEVE_INIT;
	*out = l;
	return 0;
}

void
lint_free(struct lint **lp)
{
	struct lint *l = *lp;
	size_t i;

	*lp = NULL;
	if (l == NULL)
		return;
	for (i = 0; i < l->count; i++) {
		free(l->line[i].reason);
		pattern_free(&l->line[i].pattern);
	}
	buf_clear(&l->bytes);
	buf_clear(&l->probe);
	buf_clear(&l->page);
	sieve_clear(&l->sieve);
	free(l->line);
	free(l->loose);
	free(l);
}

const char *
lint_text(enum lint_answer answer)
{
	static const char *const texts[] = { "unknown", "good", "is too long",
		"has a control character or a hidden line end",
		"does not compile", "does not mean the same in Python and PCRE",
		"matches the empty string", "can run away", "is too short",
		"matches", "was not checked" };

	return texts[answer];
}

/* ---- answers ---- */

/* The first one stands; detail may be NULL. */
static int
refuse(struct line *line, enum lint_answer answer, const char *detail,
    struct fault *f)
{
	char text[LINT_REASON];

	(void)snprintf(text, sizeof(text), "%s%s%s", lint_text(answer),
	    detail == NULL	       ? "" :
		answer == LINT_MATCHES ? " " :
					 ": ",
	    detail == NULL ? "" : detail);
	line->answer = answer;
	pattern_free(&line->pattern);
	line->reason = strdup(text);
	return line->reason == NULL ? fault_memory(f) : 0;
}

size_t
lint_count(const struct lint *l)
{
	return l->count;
}

enum lint_answer
lint_answer(const struct lint *l, size_t i)
{
	return l->line[i].answer;
}

const char *
lint_reason(const struct lint *l, size_t i)
{
	return l->line[i].reason == NULL ? "" : l->line[i].reason;
}

static const char *
text_of(const struct lint *l, const struct line *line)
{
	return l->bytes.data + line->text;
}

/* ---- a pattern by itself ---- */

static int
check_shape(struct line *line, const struct regex *r, struct fault *f)
{
	if (regex_width(r) == 0)
		return refuse(line, LINT_EMPTY, NULL, f);
	if (regex_is_nested(r))
		return refuse(line, LINT_RUNAWAY,
		    "a repeat of nothing but a repeat", f);
	if (regex_literals(r) < PATTERN_LITERALS_MIN && !regex_is_host(r))
		return refuse(line, LINT_SHORT,
		    "fewer than 5 literal bytes and no host name", f);
	return 0;
}

/* The judge of what no rule foresees: texts that make a matcher try a lot. */
static int
check_steps(struct lint *l, struct line *line, const struct regex *r,
    struct pattern *p, struct fault *f)
{
	int64_t steps;
	bool have;
	size_t k;

	for (k = 0;; k++) {
		if (regex_probe(r, k, PATTERN_PROBE, &l->probe, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (l->steps > PATTERN_STEPS_ALL)
			return refuse(line, LINT_COSTLY,
			    "the list takes too many steps", f);
		if (pattern_steps(p, l->probe.data, l->probe.len,
			PATTERN_STEPS_MAX, &steps, f) == -1)
			return -1;
		l->steps += steps;
		if (steps > PATTERN_STEPS_MAX)
			return refuse(line, LINT_RUNAWAY,
			    "too many steps on a hostile text", f);
	}
}

static int
keep_loose(struct lint *l, uint32_t i, struct fault *f)
{
	uint32_t *grown =
	    reallocarray(l->loose, l->loose_count + 1, sizeof(*grown));

	if (grown == NULL)
		return fault_memory(f);
	l->loose = grown;
	grown[l->loose_count++] = i;
	return 0;
}

/* How texts that may have it are found. */
static int
keep(struct lint *l, uint32_t i, const struct regex *r, struct fault *f)
{
	struct regex_need need;
	bool loose;
	size_t k;

	regex_need(r, &need);
	loose = need.count == 0;
	for (k = 0; k < need.count; k++)
		loose |= need.word[k].size < SIEVE_MIN;
	if (loose)
		return keep_loose(l, i, f);
	for (k = 0; k < need.count; k++)
		if (sieve_add(&l->sieve, need.word[k].text, need.word[k].size,
			i, f) == -1)
			return -1;
	return 0;
}

static int
check(struct lint *l, uint32_t i, struct fault *f)
{
	OWNED(pattern_free) struct pattern *p = NULL;
	OWNED_REGEX struct regex r = REGEX_INIT;
	struct line *line = &l->line[i];
	const char *text = text_of(l, line);
	char reason[PATTERN_REASON], denied[REGEX_DENIED];

	if (line->size > PATTERN_MAX)
		return refuse(line, LINT_LONG, NULL, f);
	if (!patterns_is_clean(text, line->size))
		return refuse(line, LINT_CHARACTER, NULL, f);
	if (pattern_compile(text, line->size, &p, reason, f) == -1)
		return -1;
	if (p == NULL)
		return refuse(line, LINT_SYNTAX, reason, f);
	if (regex_parse(text, line->size, &r, denied, f) == -1)
		return -1;
	if (denied[0] != '\0')
		return refuse(line, LINT_DIALECT, denied, f);
	if (pattern_search(p, "", 0) != PATTERN_ABSENT)
		return refuse(line, LINT_EMPTY, NULL, f);
	if (check_shape(line, &r, f) == -1)
		return -1;
	if (line->answer == LINT_GOOD && check_steps(l, line, &r, p, f) == -1)
		return -1;
	return line->answer == LINT_GOOD ? keep(l, i, &r, f) : 0;
}

static int
make_room(struct lint *l, struct fault *f)
{
	size_t room = l->room == 0 ? 64 : l->room * 2;
	struct line *grown;

	if (l->count < l->room)
		return 0;
	grown = reallocarray(l->line, room, sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	l->line = grown;
	l->room = room;
	return 0;
}

int
lint_add(struct lint *l, const char *pattern, size_t n, struct fault *f)
{
	struct line line = { .text = (uint32_t)l->bytes.len,
		.size = (uint32_t)n,
		.answer = LINT_GOOD };

	if (make_room(l, f) == -1 || buf_add(&l->bytes, pattern, n, f) == -1)
		return -1;
	l->line[l->count++] = line;
	if (l->count > PATTERN_COUNT_MAX)
		return refuse(&l->line[l->count - 1], LINT_COSTLY,
		    "the list has too many lines", f);
	return check(l, (uint32_t)(l->count - 1), f);
}

/* ---- texts ---- */

/* The place of a search's reason. */
struct place {
	const char *where;
	const char *text;
	size_t n;
};

static int
search_one(struct lint *l, uint32_t i, const struct place *at, struct fault *f)
{
	struct line *line = &l->line[i];
	char reason[PATTERN_REASON];

	l->searched += HIT_COST;
	if (line->answer != LINT_GOOD || line->seen == l->texts)
		return 0;
	line->seen = l->texts;
	l->searched += (int64_t)at->n;
	if (l->searched > PATTERN_SEARCH_ALL)
		return refuse(line, LINT_COSTLY,
		    "the list takes too many searches", f);
	if (line->pattern == NULL &&
	    pattern_compile(text_of(l, line), line->size, &line->pattern,
		reason, f) == -1)
		return -1;
	switch (pattern_search(line->pattern, at->text, at->n)) {
	case PATTERN_ABSENT:
		return 0;
	case PATTERN_FOUND:
		return refuse(line, LINT_MATCHES, at->where, f);
	case PATTERN_LIMIT:
		break;
	}
	return refuse(line, LINT_RUNAWAY, at->where, f);
}

int
lint_search(struct lint *l, const char *where, const char *text, size_t n,
    struct fault *f)
{
	struct sieve_scan scan = sieve_scan(&l->sieve, text, n);
	const struct place at = { where, text, n };
	uint32_t id;
	size_t i;

	l->texts++;
	while (sieve_next(&scan, &id))
		if (search_one(l, id, &at, f) == -1)
			return -1;
	for (i = 0; i < l->loose_count; i++)
		if (search_one(l, l->loose[i], &at, f) == -1)
			return -1;
	return 0;
}

static int
put_together(struct lint *l, const char *name, const char *text, size_t n,
    struct fault *f)
{
	buf_reset(&l->page);
	if (buf_add_text(&l->page, name, f) == -1 ||
	    buf_add_text(&l->page, "\n", f) == -1)
		return -1;
	return buf_add(&l->page, text, n, f);
}

int
lint_search_page(struct lint *l, const char *name, const char *text, size_t n,
    struct fault *f)
{
	char where[LINT_REASON / 2];

	if (patterns_is_list(name))
		return 0;
	(void)snprintf(where, sizeof(where), "page '%s'", name);
	if (put_together(l, name, text, n, f) == -1)
		return -1;
	return lint_search(l, where, l->page.data, l->page.len, f);
}

int
lint_learn_page(struct lint *l, struct windows *w, const char *name,
    const char *text, size_t n, struct fault *f)
{
	if (patterns_is_list(name))
		return 0;
	if (put_together(l, name, text, n, f) == -1)
		return -1;
	windows_add(w, l->page.data, l->page.len);
	return 0;
}

/* Words of patterns that were refused are looked for in vain. */
bool
lint_may_match(const struct lint *l, const struct windows *w)
{
	const struct sieve *s = &l->sieve;
	bool may = false;
	size_t i;

	for (i = 0; i < l->loose_count; i++)
		may |= l->line[l->loose[i]].answer == LINT_GOOD;
	for (i = 0; i < s->count && !may; i++)
		may = l->line[s->word[i].id].answer == LINT_GOOD &&
		    windows_may_have(w, s->bytes.data + s->word[i].text,
			s->word[i].size);
	return may;
}

int
lint_innocent(struct lint *l, struct fault *f)
{
	size_t i;

	for (i = 0; innocent_texts[i] != NULL; i++) {
		char where[80];
		const char *text = innocent_texts[i];

		(void)snprintf(where, sizeof(where), "the innocent '%.40s'",
		    text);
		if (lint_search(l, where, text, strlen(text), f) == -1)
			return -1;
	}
	return 0;
}
