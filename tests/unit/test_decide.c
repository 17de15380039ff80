#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "items/decide.h"

/*
 * The whole table.  A letter is a text, '-' is absent; base '?' is without a
 * record.  Every case is equal to one of these up to the names of texts: with
 * a record each of the three is absent or one of at most three texts.
 */
static const struct {
	const char *sides; /* base, ours, theirs */
	enum decide_answer answer;
} rows[] = {
	{ "?--", DECIDE_NOTHING },
	{ "?-A", DECIDE_PUT },
	{ "?A-", DECIDE_NOTHING },
	{ "?AA", DECIDE_ADOPT },
	{ "?AB", DECIDE_CONFLICT },

	{ "AAA", DECIDE_NOTHING },
	{ "AAB", DECIDE_PUT },	    /* changed there */
	{ "AA-", DECIDE_DROP },	    /* dropped there */
	{ "ABA", DECIDE_KEEP },	    /* edited here */
	{ "ABB", DECIDE_ADOPT },    /* the same edit on both sides */
	{ "ABC", DECIDE_CONFLICT }, /* two edits */
	{ "AB-", DECIDE_CONFLICT }, /* edited here, dropped there */
	{ "A-A", DECIDE_KEEP },	    /* deleted here */
	{ "A-B", DECIDE_CONFLICT }, /* deleted here, changed there */
	{ "A--", DECIDE_FORGET },

	{ "---", DECIDE_FORGET },
	{ "--A", DECIDE_PUT },	 /* dropped once, back there */
	{ "-A-", DECIDE_LEAVE }, /* dropped once, made anew here */
	{ "-AA", DECIDE_ADOPT },
	{ "-AB", DECIDE_CONFLICT },
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static struct decide_side
side(char letter)
{
	struct decide_side s = { .present = letter != '-' && letter != '?' };

	/* The digest of what is absent must not matter. */
	s.digest.bytes[5] = (uint8_t)letter;
	return s;
}

static struct decide_case
case_of(const char *sides, bool wanted)
{
	return (struct decide_case){
		.known = sides[0] != '?',
		.base = side(sides[0]),
		.ours = side(sides[1]),
		.theirs = side(sides[2]),
		.wanted = wanted,
	};
}

/* Rename texts in order of appearance: "BB-" becomes "AA-". */
static void
normalise(const char *from, char to[4])
{
	char names[128] = { 0 };
	char next = 'A';
	int i;

	for (i = 0; i < 3; i++) {
		char c = from[i];

		if (c == '-' || c == '?') {
			to[i] = c;
			continue;
		}
		if (names[(int)c] == '\0')
			names[(int)c] = next++;
		to[i] = names[(int)c];
	}
	to[3] = '\0';
}

static const char base_values[] = "?-ABC", values[] = "-ABC";

static void
every_wanted_case_is_in_the_table(void **state)
{
	const char *b, *o, *t;
	char norm[4];
	size_t i;

	(void)state;
	for (b = base_values; *b != '\0'; b++)
		for (o = values; *o != '\0'; o++)
			for (t = values; *t != '\0'; t++) {
				const char sides[] = { *b, *o, *t, '\0' };
				struct decide_case c = case_of(sides, true);

				normalise(sides, norm);
				for (i = 0; i < ROW_COUNT; i++)
					if (strcmp(rows[i].sides, norm) == 0)
						break;
				if (i == ROW_COUNT)
					fail_msg("no row for %s", norm);
				if (decide_item(&c) != rows[i].answer)
					fail_msg("%s: %d", sides,
					    (int)decide_item(&c));
			}
}

static void
what_is_not_wanted_is_left_alone(void **state)
{
	const char *b, *o, *t;

	(void)state;
	for (b = base_values; *b != '\0'; b++)
		for (o = values; *o != '\0'; o++)
			for (t = values; *t != '\0'; t++) {
				const char sides[] = { *b, *o, *t, '\0' };
				struct decide_case c = case_of(sides, false);

				assert_int_equal(decide_item(&c),
				    *b == '?' ? DECIDE_NOTHING : DECIDE_LEAVE);
			}
}

static void
nothing_of_the_wikis_people_is_overwritten(void **state)
{
	const char *b, *o, *t;

	(void)state;
	for (b = base_values; *b != '\0'; b++)
		for (o = values; *o != '\0'; o++)
			for (t = values; *t != '\0'; t++) {
				const char sides[] = { *b, *o, *t, '\0' };
				struct decide_case c = case_of(sides, true);
				enum decide_answer a = decide_item(&c);

				/* ours is what nobody here wrote or nothing */
				if (a == DECIDE_PUT || a == DECIDE_DROP)
					assert_true(*o == *b ||
					    (*b == '?' && *o == '-'));
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_wanted_case_is_in_the_table),
		cmocka_unit_test(what_is_not_wanted_is_left_alone),
		cmocka_unit_test(nothing_of_the_wikis_people_is_overwritten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
