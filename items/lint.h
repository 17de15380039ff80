/*
 * lint.h -- may these patterns be installed?  One bad line can lock every
 * author out of a wiki or hang each of its saves, and a stranger wrote it.
 *
 *	OWNED(lint_free) struct lint *l = NULL;
 *	lint_new(&l, f)
 *	lint_add(l, pattern, size, f) ...	number 0, 1, ...
 *	lint_innocent(l, f)
 *	lint_search(l, "page 'Help'", text, n, f) ...
 *	lint_answer(l, i), lint_reason(l, i)
 *
 * A pattern is refused that Python and PCRE do not both compile or do not
 * understand alike (items/regex.h), that matches the empty string, that can
 * run away, that has less literal text than any wiki page may have by chance,
 * or that is found in one of the texts that are searched: the wiki's own
 * pages, names of hosts, innocent sentences.  First reason stands.
 *
 * The cost is bounded whatever the patterns are: each costs little until it
 * is refused, and where a list as a whole costs too much, the rest of it
 * is refused as not checked.  Texts are searched only for patterns whose
 * literals are in them (items/sieve.h), so that ten thousand of them cost
 * about as much as one.  No answer depends on the machine or the time.
 */
#ifndef ITEMS_LINT_H
#define ITEMS_LINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/own.h"
#include "items/windows.h"

enum lint_answer {
	LINT_UNKNOWN = 0, /* never the answer for a pattern that was added */
	LINT_GOOD,
	LINT_LONG,
	LINT_CHARACTER, /* control characters, line ends that Python knows */
	LINT_SYNTAX,	/* does not compile */
	LINT_DIALECT,	/* Python and PCRE differ */
	LINT_EMPTY,	/* matches the empty string */
	LINT_RUNAWAY,
	LINT_SHORT,
	LINT_MATCHES, /* one of the texts */
	LINT_COSTLY,  /* was not checked: the list costs too much */
};

#define LINT_REASON 512 /* bytes of a reason, at most */

struct lint;

int lint_new(struct lint **l, struct fault *f)
    __attribute__((warn_unused_result));
void lint_free(struct lint **l);

/* All patterns come before the first text. */
int lint_add(struct lint *l, const char *pattern, size_t n, struct fault *f)
    __attribute__((warn_unused_result));

/* where: for the reason, such as "page 'Help'". */
int lint_search(struct lint *l, const char *where, const char *text, size_t n,
    struct fault *f) __attribute__((warn_unused_result));
/*
 * A page of the wiki, with its name in front; not the lists themselves, as in
 * MoinMoin, and what stands below them.
 */
int lint_search_page(struct lint *l, const char *name, const char *text,
    size_t n, struct fault *f) __attribute__((warn_unused_result));
/*
 * Of pages that need not be searched: those whose windows were learned, when
 * no pattern may match any of them.  A loose pattern may match all.
 */
int lint_learn_page(struct lint *l, struct windows *w, const char *name,
    const char *text, size_t n, struct fault *f)
    __attribute__((warn_unused_result));
bool lint_may_match(const struct lint *l, const struct windows *w);
/* The sentences, addresses and markup that every wiki may have. */
int lint_innocent(struct lint *l, struct fault *f)
    __attribute__((warn_unused_result));

size_t lint_count(const struct lint *l);
enum lint_answer lint_answer(const struct lint *l, size_t i);
/* "does not compile: ..."; "" for a good one. */
const char *lint_reason(const struct lint *l, size_t i);
/* For counting: "does not compile", "runs away". */
const char *lint_text(enum lint_answer answer);

#endif
