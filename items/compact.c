#include "items/compact.h"

#include <stdlib.h>
#include <string.h>

#include "items/patterns.h"
#include "items/regex.h"

/* A text that a merged pattern matches; it lies in the buffer of all. */
struct word {
	size_t at, size;
};

struct words_of {
	struct buf bytes;
	struct word *word;
	size_t count, room;
};

struct compact {
	struct words_of words;
	struct buf head;      /* comments at the top */
	struct buf others;    /* patterns that stay */
	struct buf originals; /* those that are merged, and comments */
};

static int
add_line(struct buf *to, const char *before, const char *text, size_t n,
    struct fault *f)
{
	if (buf_add_text(to, before, f) == -1 || buf_add(to, text, n, f) == -1)
		return -1;
	return buf_add_text(to, "\n", f);
}

/* ---- what can be merged ---- */

static int
add_word(struct words_of *w, const char *text, size_t n, struct fault *f)
{
	size_t room = w->room == 0 ? 256 : w->room * 2;
	struct word *grown;

	if (w->count == w->room) {
		grown = reallocarray(w->word, room, sizeof(*grown));
		if (grown == NULL)
			return fault_memory(f);
		w->word = grown;
		w->room = room;
	}
	w->word[w->count++] = (struct word){ w->bytes.len, n };
	return buf_add(&w->bytes, text, n, f);
}

#define ANY '\x01' /* in a word: any character but a line end */

/* A "." becomes a character of its own, which no list has. */
static void
mark_any(struct regex *r)
{
	uint32_t i;

	for (i = 0; i < r->count; i++) {
		struct regex_node *set = &r->node[i];

		if (set->kind != REGEX_SET || !set->wide ||
		    set->ascii[0] != ~((uint64_t)1 << '\n') ||
		    set->ascii[1] != UINT64_MAX)
			continue;
		*set = (struct regex_node){ .kind = REGEX_SET,
			.next = set->next,
			.ascii = { (uint64_t)1 << ANY, 0 } };
	}
}

/* Does it match one of a few fixed texts, and nothing else? */
static int
merge(struct words_of *w, const struct patterns_line *line, bool *merged,
    struct fault *f)
{
	OWNED_REGEX struct regex r = REGEX_INIT;
	char denied[REGEX_DENIED];
	struct regex_need need;
	size_t i;

	*merged = false;
	if (!patterns_is_clean(line->text, line->size) ||
	    line->size > PATTERN_MAX)
		return 0;
	if (regex_parse(line->text, line->size, &r, denied, f) == -1)
		return -1;
	if (denied[0] != '\0')
		return 0;
	mark_any(&r);
	regex_need(&r, &need);
	if (!need.whole)
		return 0;
	for (i = 0; i < need.count; i++)
		if (add_word(w, need.word[i].text, need.word[i].size, f) == -1)
			return -1;
	*merged = true;
	return 0;
}

/* ---- the trie ---- */

static int
compare(const void *a, const void *b, void *bytes)
{
	const struct word *x = a, *y = b;
	const char *text = bytes;
	size_t n = x->size < y->size ? x->size : y->size;
	int c = memcmp(text + x->at, text + y->at, n);

	if (c != 0)
		return c;
	return x->size < y->size ? -1 : x->size > y->size;
}

/* Sorted, so that what begins with another word follows it. */
static void
drop_longer(struct words_of *w)
{
	size_t i, kept = 0;

	for (i = 0; i < w->count; i++) {
		const struct word *last = kept > 0 ? &w->word[kept - 1] : NULL;

		if (last == NULL || w->word[i].size < last->size ||
		    memcmp(w->bytes.data + w->word[i].at,
			w->bytes.data + last->at, last->size) != 0)
			w->word[kept++] = w->word[i];
	}
	w->count = kept;
}

static char
byte_of(const struct words_of *w, size_t i, size_t depth)
{
	return w->bytes.data[w->word[i].at + depth];
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static int
put_byte(char c, struct buf *out, struct fault *f)
{
	if (c == ANY)
		return buf_add_text(out, ".", f);
	if (c == ' ') /* at the end of a line it would be dropped */
		return buf_add_text(out, "\\x20", f);
	if (c == '\t')
		return buf_add_text(out, "\\t", f);
	if (!is_plain(c) && buf_add_text(out, "\\", f) == -1)
		return -1;
	return buf_add(out, &c, 1, f);
}

/* How far all words from..to agree, from depth on. */
static size_t
common(const struct words_of *w, size_t from, size_t to, size_t depth)
{
	size_t end = depth;

	/* Sorted: the first and the last differ the most. */
	while (end < w->word[from].size && end < w->word[to - 1].size &&
	    byte_of(w, from, end) == byte_of(w, to - 1, end))
		end++;
	return end;
}

/* Words from..to, which agree up to depth and go on behind it. */
static int
put_trie(const struct words_of *w, size_t from, size_t to, size_t depth,
    struct buf *out, struct fault *f)
{
	size_t end = common(w, from, to, depth), next;

	for (; depth < end; depth++)
		if (put_byte(byte_of(w, from, depth), out, f) == -1)
			return -1;
	if (to - from == 1)
		return 0;
	if (buf_add_text(out, "(?:", f) == -1)
		return -1;
	for (next = from; from < to; from = next) {
		while (next < to &&
		    byte_of(w, next, depth) == byte_of(w, from, depth))
			next++;
		if (put_trie(w, from, next, depth, out, f) == -1 ||
		    buf_add_text(out, next < to ? "|" : ")", f) == -1)
			return -1;
	}
	return 0;
}

/* A line for each first character. */
static int
put_merged(const struct words_of *w, struct buf *out, struct fault *f)
{
	size_t from, to;

	for (from = 0; from < w->count; from = to) {
		for (to = from;
		     to < w->count && byte_of(w, to, 0) == byte_of(w, from, 0);)
			to++;
		if (put_trie(w, from, to, 0, out, f) == -1 ||
		    buf_add_text(out, "\n", f) == -1)
			return -1;
	}
	return 0;
}

/* ---- lists ---- */

static int
sort_lines(struct compact *c, const char *list, size_t n, struct fault *f)
{
	struct patterns_walk walk = patterns_walk(list, n);
	struct patterns_line line;
	bool merged, top = true;

	while (patterns_next(&walk, &line)) {
		top = top && line.size == 0;
		if (line.size == 0) {
			if (add_line(top ? &c->head : &c->originals, "",
				line.whole, line.whole_size, f) == -1)
				return -1;
			continue;
		}
		if (merge(&c->words, &line, &merged, f) == -1 ||
		    (merged ? add_line(&c->originals, "# ", line.whole,
				  line.whole_size, f) :
			      add_line(&c->others, "", line.whole,
				  line.whole_size, f)) == -1)
			return -1;
	}
	return 0;
}

static int
put_list(struct compact *c, struct buf *out, struct fault *f)
{
	struct words_of *w = &c->words;

	qsort_r(w->word, w->count, sizeof(*w->word), compare, w->bytes.data);
	drop_longer(w);
	if (buf_add(out, c->head.data, c->head.len, f) == -1 ||
	    buf_add_text(out,
		"## merged by wikicast; the originals follow as "
		"comments, add lines of your own anywhere\n",
		f) == -1 ||
	    put_merged(w, out, f) == -1 ||
	    buf_add(out, c->others.data, c->others.len, f) == -1 ||
	    buf_add_text(out, "## these were merged:\n", f) == -1)
		return -1;
	return buf_add(out, c->originals.data, c->originals.len, f);
}

int
compact_list(const char *list, size_t n, struct buf *out, struct fault *f)
{
	struct compact c = { .words.bytes = BUF_INIT(BUF_ANY),
		.head = BUF_INIT(BUF_ANY),
		.others = BUF_INIT(BUF_ANY),
		.originals = BUF_INIT(BUF_ANY) };
	int rc = sort_lines(&c, list, n, f);

	if (rc == 0)
		rc = c.words.count < 2 ? buf_add(out, list, n, f) :
					 put_list(&c, out, f);
	free(c.words.word);
	buf_clear(&c.words.bytes);
	buf_clear(&c.head);
	buf_clear(&c.others);
	buf_clear(&c.originals);
	return rc;
}
