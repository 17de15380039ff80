#include "items/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/own.h"
#include "items/limits.h"

#define MATCH_LIMIT 200000 /* of one start; PCRE2 counts each anew */
#define HEAP_KIB 16384
#define PARENS 250

struct pattern {
	char *text;
	size_t size;
	pcre2_compile_context *compiling;
	pcre2_code *code;
	pcre2_code *plain; /* that counts its steps; NULL: not yet */
	pcre2_match_data *data;
	pcre2_match_context *matching;
	int64_t steps, max;
};

static void
free_one(struct pattern *p)
{
	pcre2_code_free(p->code);
	pcre2_code_free(p->plain);
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->matching);
	pcre2_compile_context_free(p->compiling);
	free(p->text);
	free(p);
}

void
pattern_free(struct pattern **p)
{
	if (*p != NULL)
		free_one(*p);
	*p = NULL;
}

/* A callout of each step; not 0 ends the search with that. */
static int
count_step(pcre2_callout_block *block, void *data)
{
	struct pattern *p = data;

	(void)block;
	return ++p->steps > p->max ? PCRE2_ERROR_CALLOUT : 0;
}

static struct pattern *
allocate(const char *text, size_t n)
{
	struct pattern *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->text = malloc(n + 1);
	p->size = n;
	p->compiling = pcre2_compile_context_create(NULL);
	p->matching = pcre2_match_context_create(NULL);
	p->data = pcre2_match_data_create(1, NULL);
	if (p->text == NULL || p->compiling == NULL || p->matching == NULL ||
	    p->data == NULL) {
		free_one(p);
		return NULL;
	}
	memcpy(p->text, text, n);
	p->text[n] = '\0';
	/* Not what this machine's library was built for. */
	(void)pcre2_set_newline(p->compiling, PCRE2_NEWLINE_LF);
	(void)pcre2_set_bsr(p->compiling, PCRE2_BSR_ANYCRLF);
	(void)pcre2_set_parens_nest_limit(p->compiling, PARENS);
	(void)pcre2_set_max_pattern_length(p->compiling, PATTERN_MAX);
	(void)pcre2_set_match_limit(p->matching, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(p->matching, MATCH_LIMIT);
	(void)pcre2_set_heap_limit(p->matching, HEAP_KIB);
	return p;
}

static pcre2_code *
compile(const struct pattern *p, uint32_t options, int *error, size_t *at)
{
	return pcre2_compile((PCRE2_SPTR)p->text, p->size,
	    PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | options,
	    error, at, p->compiling);
}

int
pattern_compile(const char *text, size_t n, struct pattern **out,
    char reason[PATTERN_REASON], struct fault *f)
{
	OWNED(pattern_free) struct pattern *p = allocate(text, n);
	PCRE2_UCHAR words[PATTERN_REASON - 32];
	int error;
	size_t at;

	if (p == NULL)
		return fault_memory(f);
	p->code = compile(p, 0, &error, &at);
	if (p->code != NULL) {
		*out = p;
		p = NULL;
		return 0;
	}
	(void)pcre2_get_error_message(error, words, sizeof(words));
	(void)snprintf(reason, PATTERN_REASON, "%s, at byte %zu", (char *)words,
	    at);
	return 0;
}

enum pattern_answer
pattern_search(struct pattern *p, const char *text, size_t n)
{
	int rc = pcre2_match(p->code, (PCRE2_SPTR)text, n, 0, 0, p->data,
	    p->matching);

	if (rc == PCRE2_ERROR_NOMATCH)
		return PATTERN_ABSENT;
	/* What is not UTF-8 is a limit, too: nobody can say. */
	return rc >= 0 ? PATTERN_FOUND : PATTERN_LIMIT;
}

int
pattern_steps(struct pattern *p, const char *text, size_t n, int64_t max,
    int64_t *steps, struct fault *f)
{
	const uint32_t naive = PCRE2_AUTO_CALLOUT | PCRE2_NO_AUTO_POSSESS |
	    PCRE2_NO_START_OPTIMIZE | PCRE2_NO_DOTSTAR_ANCHOR;
	int error, rc;
	size_t at;

	if (p->plain == NULL) {
		p->plain = compile(p, naive, &error, &at);
		*steps = max + 1; /* too large with all its callouts */
		if (p->plain == NULL)
			return error == PCRE2_ERROR_HEAP_FAILED ?
			    fault_memory(f) :
			    0;
	}
	p->steps = 0;
	p->max = max;
	(void)pcre2_set_callout(p->matching, count_step, p);
	rc = pcre2_match(p->plain, (PCRE2_SPTR)text, n, 0, 0, p->data,
	    p->matching);
	(void)pcre2_set_callout(p->matching, NULL, NULL);
	*steps = p->steps;
	if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
		*steps = max + 1; /* too many steps of one start, too deep */
	return 0;
}
