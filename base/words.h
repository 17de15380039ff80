/*
 * words.h -- lists of words, and the one rule of how a line becomes words.
 *
 * Words stand apart by blanks and tabs.  Double quotes keep blanks in a
 * word, and may begin inside one: a"b c"d is ab cd.  Within quotes \" is a
 * quote and \\ a backslash; any other backslash is itself, and outside of
 * quotes each one is.  "" is an empty word.  Nothing else is special: no
 * single quotes, variables or globs.
 *
 *	OWNED_WORDS struct words w = WORDS_INIT;
 *	if (words_split("rsync -a \"/srv/my wiki/\" host:", &w, f) == -1) ...
 *	w.word[0] ... w.word[w.count - 1], then NULL: fit for exec
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/digest.h"

#define WORDS_MAX 65536 /* words of a list */

struct words {
	char **word; /* owned, each of them too; NULL behind the last */
	size_t count;
};

extern char *words_none[1];

#define WORDS_INIT \
	{ \
		words_none, 0 \
	}
#define OWNED_WORDS OWNED(words_clear)

/* Free the words; the list is empty then.  An all-zero list is fine too. */
void words_clear(struct words *w);

/* Add a copy of one word.  After a failure the list is as it was. */
int words_add(struct words *w, const char *word, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Add the words of a line.  FAULT_FORMAT: a quote that is not closed.  After
 * a failure the list may have some of them.
 */
int words_split(const char *line, struct words *w, struct fault *f)
    __attribute__((warn_unused_result));

/* Add a word to out as words_split() takes it, in quotes if it needs them. */
int words_quote(const char *word, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/* Add a list, and where it ends, to a digest. */
void words_digest(const struct words *w, struct digest_run *run);

#endif
