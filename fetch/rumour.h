/*
 * rumour.h -- whom to tell of a new serial, and when to stop; pure (FORMAT
 * section 8).
 *
 *	struct rumour r = { .rule = &rumour_follower };
 *	rumour_shuffle(order, count, seed);
 *	while (rumour_more(&r) > 0 && next < count)
 *		ask order[next++], rumour_ask(&r)
 *	... an answer: rumour_hear(&r, rumour_answer(status)), and go on ...
 *
 * Whoever gets the news tells others, until enough of them had not heard of
 * it, or so many were asked.  So it goes round by itself and dies when all
 * have it; what it misses, polling finds.
 */
#ifndef FETCH_RUMOUR_H
#define FETCH_RUMOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rumour_rule {
	int enough;	   /* answers after which nobody is asked any more */
	int most;	   /* that are asked at all */
	bool known_counts; /* "I know" is as good as "news to me" */
};

/* Who has newly applied a serial; who published it, or tells it by hand. */
extern const struct rumour_rule rumour_follower, rumour_publisher;

struct rumour { /* what was done of it; zero but for the rule at first */
	const struct rumour_rule *rule;
	int asked;
	int open;   /* of these, not answered yet */
	int enough; /* answers that count */
};

enum rumour_answer {
	RUMOUR_NEWS,	/* 202 */
	RUMOUR_KNOWN,	/* 208 */
	RUMOUR_REFUSED, /* anything else that a server says */
	RUMOUR_SILENT,	/* no answer */
};

/* Of an HTTP status, 0 if there was none. */
enum rumour_answer rumour_answer(long status);

/*
 * How many others are to be asked now, at once: no more than are still needed
 * if all that are asked had not heard of it.
 */
int rumour_more(const struct rumour *r);
void rumour_ask(struct rumour *r);
void rumour_hear(struct rumour *r, enum rumour_answer answer);

/* 0 to count - 1 in an order that depends on nothing but the seed. */
void rumour_shuffle(size_t *order, size_t count, uint64_t seed);

#endif
