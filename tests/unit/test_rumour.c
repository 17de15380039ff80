#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "fetch/announce.h"
#include "fetch/rumour.h"

/* Ask all that are to be asked now; how many. */
static int
ask(struct rumour *r)
{
	int n = 0;

	for (; rumour_more(r) > 0; n++)
		rumour_ask(r);
	return n;
}

static void
a_follower_stops_when_two_had_not_heard_of_it(void **state)
{
	struct rumour r = { .rule = &rumour_follower };

	(void)state;
	assert_int_equal(ask(&r), 2);
	rumour_hear(&r, RUMOUR_NEWS);
	assert_int_equal(ask(&r), 0);
	rumour_hear(&r, RUMOUR_NEWS);
	assert_int_equal(ask(&r), 0);
}

static void
who_knows_it_or_is_silent_is_made_up_for(void **state)
{
	struct rumour r = { .rule = &rumour_follower };

	(void)state;
	assert_int_equal(ask(&r), 2);
	rumour_hear(&r, RUMOUR_KNOWN);
	assert_int_equal(ask(&r), 1);
	rumour_hear(&r, RUMOUR_SILENT);
	rumour_hear(&r, RUMOUR_REFUSED);
	assert_int_equal(ask(&r), 2);
	rumour_hear(&r, RUMOUR_NEWS);
	assert_int_equal(ask(&r), 0);
}

static void
a_follower_asks_six_at_most(void **state)
{
	struct rumour r = { .rule = &rumour_follower };
	int asked, all = 0;

	(void)state;
	while ((asked = ask(&r)) > 0)
		for (all += asked; asked > 0; asked--)
			rumour_hear(&r, RUMOUR_KNOWN);
	assert_int_equal(all, 6);
	assert_int_equal(r.asked, 6);
}

static void
a_publisher_stops_when_four_have_it(void **state)
{
	struct rumour r = { .rule = &rumour_publisher };

	(void)state;
	assert_int_equal(ask(&r), 4);
	rumour_hear(&r, RUMOUR_KNOWN);
	rumour_hear(&r, RUMOUR_NEWS);
	rumour_hear(&r, RUMOUR_REFUSED);
	assert_int_equal(ask(&r), 1);
	rumour_hear(&r, RUMOUR_NEWS);
	rumour_hear(&r, RUMOUR_NEWS);
	assert_int_equal(ask(&r), 0);
	assert_int_equal(r.asked, 5);
}

static void
answers_are_told_apart_by_their_status(void **state)
{
	(void)state;
	assert_int_equal(rumour_answer(202), RUMOUR_NEWS);
	assert_int_equal(rumour_answer(208), RUMOUR_KNOWN);
	assert_int_equal(rumour_answer(200), RUMOUR_REFUSED);
	assert_int_equal(rumour_answer(404), RUMOUR_REFUSED);
	assert_int_equal(rumour_answer(429), RUMOUR_REFUSED);
	assert_int_equal(rumour_answer(0), RUMOUR_SILENT);
}

static void
every_order_is_as_likely_as_any_other(void **state)
{
	size_t order[5], i;
	int at[5][5] = { { 0 } };
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 10000; seed++) {
		unsigned int seen = 0;

		rumour_shuffle(order, 5, seed);
		for (i = 0; i < 5; i++) {
			assert_true(order[i] < 5);
			seen |= 1u << order[i];
			at[i][order[i]]++;
		}
		assert_int_equal(seen, 31);
	}
	/* 2,000 each, give or take six standard deviations. */
	for (i = 0; i < 25; i++)
		assert_in_range(at[i / 5][i % 5], 1760, 2240);
	rumour_shuffle(order, 0, 1);
	rumour_shuffle(order, 1, 1);
	assert_int_equal(order[0], 0);
}

/* ---- whom ---- */

#define ID "urn:uuid:6b1f1c56-0000-4000-8000-000000000001"

static void
peer(struct network *n, const char *host, bool receives)
{
	char url[64], receiver[64];
	struct fault f = { 0 };

	(void)snprintf(url, sizeof(url), "https://%s.example/f/", host);
	(void)snprintf(receiver, sizeof(receiver), "https://%s.example/notify",
	    host);
	assert_int_equal(
	    network_add_peer(n, url, receives ? receiver : NULL, &f), 0);
}

static void
peers_are_told_but_not_who_told_it_nor_oneself(void **state)
{
	OWNED(announce_clear) struct announce_list list = { .list = NULL };
	OWNED_NETWORK struct network n = { .peers = NULL };
	OWNED_NETWORK struct network strangers = { .peers = NULL };
	OWNED_WORDS struct words told = WORDS_INIT;
	struct notice notice = { .feed = ID,
		.serial = 7,
		.from = "https://me.example/f/" };
	struct announcement *a;
	struct fault f = { 0 };
	char tag[NOTICE_TAG_TEXT];

	(void)state;
	peer(&n, "me", true);
	peer(&n, "a", true);
	peer(&n, "told", true);
	peer(&n, "silent", false);
	peer(&strangers, "a", true);
	peer(&strangers, "b", true);
	notice_tag("https://told.example/f/", tag);
	assert_int_equal(words_add(&told, tag, &f), 0);
	assert_int_equal(
	    announce_add(&list, "news", &notice, &rumour_follower, &a, &f), 0);
	assert_int_equal(announce_peers(a, &n, true, &told, &f), 0);
	assert_int_equal(announce_peers(a, &strangers, false, NULL, &f), 0);
	assert_int_equal(a->place_count, 2);
	assert_string_equal(a->places[0].url, "https://a.example/notify");
	assert_true(a->places[0].configured);
	assert_string_equal(a->places[1].url, "https://b.example/notify");
	assert_false(a->places[1].configured);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_follower_stops_when_two_had_not_heard_of_it),
		cmocka_unit_test(who_knows_it_or_is_silent_is_made_up_for),
		cmocka_unit_test(a_follower_asks_six_at_most),
		cmocka_unit_test(a_publisher_stops_when_four_have_it),
		cmocka_unit_test(answers_are_told_apart_by_their_status),
		cmocka_unit_test(every_order_is_as_likely_as_any_other),
		cmocka_unit_test(
		    peers_are_told_but_not_who_told_it_nor_oneself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
