#include "items/sieve.h"

#include <string.h>

#define PLACES 65536u

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static uint32_t
push(uint32_t window, char c)
{
	return window << 8 | lower(c);
}

static uint32_t
place_of(uint32_t window)
{
	return window * 2654435769u >> 16; /* Knuth's multiplier */
}

void
sieve_clear(struct sieve *s)
{
	buf_clear(&s->bytes);
	free(s->word);
	free(s->place);
	free(s->load);
	*s = (struct sieve)SIEVE_INIT;
}

static int
make_room(struct sieve *s, struct fault *f)
{
	size_t room = s->room == 0 ? 64 : s->room * 2;
	struct sieve_word *grown;

	if (s->place == NULL)
		s->place = calloc(PLACES, sizeof(*s->place));
	if (s->load == NULL)
		s->load = calloc(PLACES, sizeof(*s->load));
	if (s->place == NULL || s->load == NULL)
		return fault_memory(f);
	if (s->count < s->room)
		return 0;
	grown = realloc(s->word, room * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	s->word = grown;
	s->room = room;
	return 0;
}

int
sieve_add(struct sieve *s, const char *word, size_t n, uint32_t id,
    struct fault *f)
{
	struct sieve_word *w;
	uint32_t window = 0, place, best = 0;
	size_t i;

	if (make_room(s, f) == -1)
		return -1;
	w = &s->word[s->count];
	*w = (struct sieve_word){ .text = (uint32_t)s->bytes.len,
		.size = (uint32_t)n,
		.id = id };
	if (buf_add(&s->bytes, word, n, f) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		window = push(window, word[i]);
		place = place_of(window);
		if (i == SIEVE_MIN - 1 ||
		    (i >= SIEVE_MIN && s->load[place] < s->load[best])) {
			best = place;
			w->window = (uint32_t)(i + 1 - SIEVE_MIN);
		}
	}
	w->next = s->place[best];
	s->load[best]++;
	s->place[best] = (uint32_t)++s->count;
	return 0;
}

struct sieve_scan
sieve_scan(const struct sieve *s, const char *text, size_t n)
{
	struct sieve_scan scan = { .s = s, .text = text, .n = n };

	while (scan.at < SIEVE_MIN - 1 && scan.at < n)
		scan.window = push(scan.window, text[scan.at++]);
	if (s->count == 0)
		scan.at = n;
	return scan;
}

static bool
stands_at(const struct sieve_scan *scan, const struct sieve_word *w)
{
	size_t window = scan->at - SIEVE_MIN, i;
	const char *word = scan->s->bytes.data + w->text, *text;

	if (window < w->window || w->size > scan->n - (window - w->window))
		return false;
	text = scan->text + (window - w->window);
	for (i = 0; i < w->size; i++)
		if (lower(text[i]) != lower(word[i]))
			return false;
	return true;
}

bool
sieve_next(struct sieve_scan *scan, uint32_t *id)
{
	const struct sieve_word *w;

	for (;;) {
		while (scan->word != 0) {
			w = &scan->s->word[scan->word - 1];
			scan->word = w->next;
			if (stands_at(scan, w)) {
				*id = w->id;
				return true;
			}
		}
		if (scan->at >= scan->n)
			return false;
		scan->window = push(scan->window, scan->text[scan->at++]);
		scan->word = scan->s->place[place_of(scan->window)];
	}
}
