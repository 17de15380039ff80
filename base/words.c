#include "base/words.h"

#include <stdbool.h>

/* Room for the closing NULL of a list without words; never written to. */
char *words_none[1];

void
words_clear(struct words *w)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		free(w->word[i]);
	if (w->word != words_none)
		free(w->word);
	*w = (struct words)WORDS_INIT;
}

/* Make room for one more and the NULL behind it. */
static int
grow(struct words *w, struct fault *f)
{
	char **word;

	if (w->count >= WORDS_MAX)
		return fault_set(f, FAULT_LIMIT, "more than %d words",
		    WORDS_MAX);
	/* The room is 2, 4, 8, ...: full at 1, 3, 7, ... words. */
	if ((w->count & (w->count + 1)) != 0)
		return 0;
	word = reallocarray(w->word == words_none ? NULL : w->word,
	    2 * (w->count + 1), sizeof(*word));
	if (word == NULL)
		return fault_memory(f);
	word[w->count] = NULL;
	w->word = word;
	return 0;
}

/* Add a word that was allocated; takes it in any case. */
static int
add(struct words *w, char *word, struct fault *f)
{
	if (word == NULL)
		return fault_memory(f);
	if (grow(w, f) == -1) {
		free(word);
		return -1;
	}
	w->word[w->count++] = word;
	w->word[w->count] = NULL;
	return 0;
}

int
words_add(struct words *w, const char *word, struct fault *f)
{
	return add(w, strdup(word), f);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Copy the word at *at to out and move *at behind it. */
static int
take_word(const char **at, struct buf *out, struct fault *f)
{
	const char *p = *at;
	bool quoted = false;

	for (; *p != '\0' && (quoted || !is_blank(*p)); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		if (buf_add(out, p, 1, f) == -1)
			return -1;
	}
	if (quoted)
		return fault_set(f, FAULT_FORMAT, "a quote is not closed");
	*at = p;
	return 0;
}

int
words_split(const char *line, struct words *w, struct fault *f)
{
	for (;;) {
		OWNED_BUF struct buf one = BUF_INIT(BUF_ANY);

		while (is_blank(*line))
			line++;
		if (*line == '\0')
			return 0;
		if (take_word(&line, &one, f) == -1 ||
		    add(w, buf_take(&one), f) == -1)
			return -1;
	}
}

int
words_quote(const char *word, struct buf *out, struct fault *f)
{
	char last = '\0';

	if (*word != '\0' && strpbrk(word, " \t\"\\#;") == NULL)
		return buf_add_text(out, word, f);
	if (buf_add_text(out, "\"", f) == -1)
		return -1;
	for (; *word != '\0'; last = *word++) {
		/* In a file " ;" begins a comment, even within quotes. */
		if (*word == ';' && is_blank(last) &&
		    buf_add_text(out, "\"\"", f) == -1)
			return -1;
		if ((*word == '"' || *word == '\\') &&
		    buf_add_text(out, "\\", f) == -1)
			return -1;
		if (buf_add(out, word, 1, f) == -1)
			return -1;
	}
	return buf_add_text(out, "\"", f);
}

void
words_digest(const struct words *w, struct digest_run *run)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		digest_text(run, w->word[i]);
	digest_more(run, "\2", 1);
}
