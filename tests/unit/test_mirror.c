#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/notice.h"
#include "fetch/mirror.h"
#include "tests/support/libscratch.h"

#define NOW ((int64_t)1790000000)
#define FEED 7
#define DAY 86400

static struct db *db;
static struct mirror_list mirrors;

static const char *const urls[] = { "https://a.example/feed/",
	"https://b.example/feed", "https://c.example/feed/" };

static int
enter(void **state)
{
	const char *migrations[] = { mirror_schema, mirror_quiet_schema };
	struct fault f = { 0 };

	if (scratch_enter(state) == -1)
		return -1;
	return db_open(scratch_path("follow.db"), migrations, 2, &db, &f);
}

static int
leave(void **state)
{
	mirror_list_clear(&mirrors);
	db_close_p(&db);
	return scratch_leave(state);
}

/* The interface takes what settings have: lists of char *. */
#define LIST(urls) ((char *const *)(urls))

static void
load(size_t n)
{
	struct fault f = { 0 };

	mirror_list_clear(&mirrors);
	assert_int_equal(mirror_load(db, FEED, LIST(urls), n, &mirrors, &f), 0);
}

static struct mirror *
find(const char *host)
{
	size_t i;

	for (i = 0; i < mirrors.count; i++)
		if (strstr(mirrors.list[i].url, host) != NULL)
			return &mirrors.list[i];
	fail_msg("no mirror '%s'", host);
	return NULL;
}

static void
assert_rows(int64_t count)
{
	struct fault f = { 0 };
	int64_t n;

	assert_int_equal(
	    db_one(db, 0, &n, &f, "SELECT count(*) FROM mirror", ""), 0);
	assert_int_equal(n, count);
}

static void
failed(const char *host, int64_t retry_after)
{
	struct fault f = { 0 };

	assert_int_equal(
	    mirror_failed(db, find(host), "answers 500", retry_after, NOW, &f),
	    0);
}

static void
behind(const char *host, int64_t when)
{
	struct fault f = { 0 };

	assert_int_equal(mirror_behind(db, find(host), 5, when, &f), 0);
}

static void
good(const char *host, int64_t when)
{
	struct fault f = { 0 };

	assert_int_equal(mirror_good(db, find(host), 9, when, &f), 0);
}

/* ---- rows ---- */

static void
a_url_ends_in_a_slash_and_counts_once(void **state)
{
	static const char *const twice[] = { "https://a.example/x",
		"https://a.example/x/", "https://a.example/x" };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(mirror_load(db, FEED, LIST(twice), 3, &mirrors, &f),
	    0);
	assert_int_equal(mirrors.count, 1);
	assert_string_equal(mirrors.list[0].url, "https://a.example/x/");
	assert_true(mirrors.list[0].configured);
	assert_rows(1);
}

static void
health_lasts_from_run_to_run(void **state)
{
	struct fault f = { 0 };
	struct mirror *m;

	(void)state;
	load(3);
	good("a.", NOW);
	assert_int_equal(mirror_validators(db, find("a."), "\"e\"", "Tue", &f),
	    0);
	assert_int_equal(mirror_speed(db, find("a."), 100000, 1000, &f), 0);
	failed("b.", 100000000);
	behind("c.", NOW);
	load(3);
	m = find("a.");
	assert_int_equal(m->success, NOW);
	assert_int_equal(m->serial, 9);
	assert_int_equal(m->rate, 100000);
	assert_string_equal(m->etag, "\"e\"");
	assert_string_equal(m->modified, "Tue");
	m = find("b.");
	assert_int_equal(m->failure, NOW);
	assert_int_equal(m->failures, 1);
	assert_string_equal(m->cause, "answers 500");
	assert_int_equal(m->wait_until, NOW + DAY);
	m = find("c.");
	assert_int_equal(m->behind_since, NOW);
	assert_int_equal(m->serial, 5);
}

static void
a_mirror_that_is_not_configured_any_more_is_forgotten(void **state)
{
	struct fault f = { 0 };

	(void)state;
	load(3);
	mirror_list_clear(&mirrors);
	assert_int_equal(mirror_load(db, FEED + 1, LIST(urls), 2, &mirrors, &f),
	    0);
	load(2);
	assert_rows(4); /* two each: the other feed keeps its own */
	assert_int_equal(mirror_forget(db, FEED, &f), 0);
	assert_rows(2);
}

/* A network document with these mirrors and so many peers. */
static void
learn(const char *const *named, size_t count, size_t peers)
{
	OWNED_NETWORK struct network n;
	struct fault f = { 0 };
	char url[64], notify[80];
	size_t i;

	network_init(&n);
	for (i = 0; i < count; i++)
		assert_int_equal(network_add_mirror(&n, named[i], 0, &f), 0);
	for (i = 0; i < peers; i++) {
		(void)snprintf(url, sizeof(url), "https://p%zu.example/", i);
		(void)snprintf(notify, sizeof(notify), "%snotify", url);
		assert_int_equal(network_add_peer(&n, url, notify, &f), 0);
	}
	assert_int_equal(mirror_learn(db, FEED, &n, 42, &f), 0);
}

static void
learned_mirrors_come_beside_the_configured_ones(void **state)
{
	static const char *const learned[] = { "https://a.example/feed/",
		"https://l.example/", "https://m.example/" };

	(void)state;
	load(2);
	learn(learned, 3, 0);
	load(2);
	assert_int_equal(mirrors.count, 4);
	assert_true(find("a.")->configured);
	assert_false(find("l.")->configured);
	failed("l.", 0);
	load(2);
	assert_rows(4);
	learn(learned, 2, 0);
	load(2);
	assert_int_equal(find("l.")->failures, 1);
	assert_rows(3);
}

static void
a_learned_mirror_may_become_configured_and_be_so_no_more(void **state)
{
	static const char *const learned[] = { "https://c.example/feed/" };

	(void)state;
	load(2);
	learn(learned, 1, 0);
	failed("a.", 0);
	load(3);
	assert_true(find("c.")->configured);
	learn(learned, 1, 0);
	load(3);
	assert_int_equal(mirrors.count, 3);
	assert_rows(3);
	load(2);
	assert_int_equal(mirrors.count, 3);
	assert_false(find("c.")->configured);
	learn(NULL, 0, 0);
	load(2);
	assert_rows(2);
}

static void
peers_are_as_many_as_are_used_and_have_receivers(void **state)
{
	static const char *const learned[] = { "https://p3.example/" };

	(void)state;
	load(1);
	learn(learned, 1, 3);
	load(1);
	assert_int_equal(mirrors.count, 5);
	assert_true(find("p2.")->peer);
	assert_false(find("p2.")->configured);
	assert_string_equal(find("p2.")->notify, "https://p2.example/notify");
	assert_false(find("p3.")->peer);
	learn(NULL, 0, 1000);
	load(1);
	assert_int_equal(mirrors.count, 1 + PEERS_MAX);
}

/* Which peers, of so many, a wiki with this number uses. */
static void
count_choices(const uint64_t *numbers, uint64_t own, unsigned char *used)
{
	struct mirror_peers chosen;
	size_t i, j;

	mirror_choose(numbers, 200, own, &chosen);
	assert_int_equal(chosen.count, PEERS_MAX);
	for (i = 0; i < chosen.count; i++) {
		for (j = 0; j < i; j++)
			assert_int_not_equal(chosen.place[i], chosen.place[j]);
		used[chosen.place[i]]++;
	}
}

static void
make_numbers(uint64_t *numbers, size_t n)
{
	char url[64];

	while (n-- > 0) {
		(void)snprintf(url, sizeof(url), "https://p%zu.example/", n);
		numbers[n] = mirror_number(url);
	}
}

static void
all_peers_are_used_by_some(void **state)
{
	unsigned char used[200] = { 0 }, again[200] = { 0 };
	uint64_t numbers[200], own;
	size_t i;

	(void)state;
	make_numbers(numbers, 200);
	for (own = 0; own < 100; own++)
		count_choices(numbers, own * 0x9e3779b97f4a7c15u, used);
	/* 32 are expected; 10 and 60 are over four standard deviations off. */
	for (i = 0; i < 200; i++)
		assert_in_range(used[i], 10, 60);
	count_choices(numbers, 5, again);
	count_choices(numbers, 5, again);
	for (i = 0; i < 200; i++)
		assert_true(again[i] == 0 || again[i] == 2);
}

static void
a_peer_uses_those_that_use_it(void **state)
{
	struct mirror_peers mine, theirs;
	uint64_t numbers[1000];
	size_t i, j, k, mutual;

	(void)state;
	make_numbers(numbers, 1000);
	for (i = 0; i < 50; i++) {
		mirror_choose(numbers, 1000, numbers[i], &mine);
		/* Most of those with the lowest lots: they are drawn alike. */
		assert_in_range(mine.count, PEERS_MAX / 2, PEERS_MAX);
		for (j = 0; j < mine.count; j++) {
			assert_int_not_equal(mine.place[j], i);
			mirror_choose(numbers, 1000, numbers[mine.place[j]],
			    &theirs);
			for (mutual = k = 0; k < theirs.count; k++)
				mutual += theirs.place[k] == i;
			assert_int_equal(mutual, 1);
		}
	}
}

static void
few_peers_are_all_used(void **state)
{
	struct mirror_peers chosen;
	uint64_t numbers[PEERS_MAX + 1];
	size_t i;

	(void)state;
	make_numbers(numbers, PEERS_MAX + 1);
	for (i = 0; i <= PEERS_MAX; i++) {
		mirror_choose(numbers, PEERS_MAX + 1, numbers[i], &chosen);
		assert_int_equal(chosen.count, PEERS_MAX);
	}
}

static void
files_come_from_peers_first_and_from_the_one_that_gave_the_feed(void **state)
{
	const struct mirror peer = { .peer = true }, mirror = { .peer = false };
	const struct mirror resting = { .peer = true, .wait_until = NOW + 60 };

	(void)state;
	assert_true(mirror_file_rank(&peer, true, NOW) <
	    mirror_file_rank(&peer, false, NOW));
	assert_true(mirror_file_rank(&peer, false, NOW) <
	    mirror_file_rank(&mirror, true, NOW));
	assert_int_equal(mirror_file_rank(&mirror, true, NOW),
	    mirror_file_rank(&mirror, false, NOW));
	assert_true(mirror_file_rank(&mirror, false, NOW) <
	    mirror_file_rank(&resting, true, NOW));
}

static void
of_all_that_run_by_the_clock_four_ask_a_mirror_for_files_of_news(void **state)
{
	struct mirror_news news = { .by_clock = true,
		.serves = true,
		.follows = true,
		.peers = 10000 };
	struct mirror_news person, newcomer, again, told, few, mute;
	int seeds = 0;

	(void)state;
	for (news.lot = 0; news.lot < 10000; news.lot++)
		seeds += !mirror_spares(&news);
	assert_int_equal(seeds, MIRROR_SEEDS);
	news.lot = 9999;
	assert_true(mirror_spares(&news));
	mute = news;
	mute.serves = false;
	mute.lot = 0;
	assert_true(mirror_spares(&mute));
	person = newcomer = again = told = few = news;
	person.by_clock = false;
	assert_false(mirror_spares(&person));
	newcomer.follows = false;
	assert_false(mirror_spares(&newcomer));
	again.again = true;
	assert_false(mirror_spares(&again));
	told.told = true;
	assert_false(mirror_spares(&told));
	few.peers = MIRROR_SEEDS;
	assert_false(mirror_spares(&few));
	few.peers = 0;
	assert_false(mirror_spares(&few));
}

static void
half_of_the_runs_begin_with_a_mirror(void **state)
{
	size_t peers = 0;
	uint64_t seed;

	(void)state;
	load(3);
	learn(NULL, 0, 20);
	load(3);
	for (seed = 0; seed < 100; seed++) {
		mirror_order(&mirrors, NOW, seed);
		peers += mirrors.list[0].peer;
		assert_true(mirrors.list[0].peer !=
		    mirrors.list[mirrors.count - 1].peer);
	}
	assert_in_range(peers, 30, 70);
}

static void
a_poll_without_news_writes_once_an_hour(void **state)
{
	(void)state;
	load(1);
	good("a.", NOW);
	good("a.", NOW + 3599);
	load(1);
	assert_int_equal(find("a.")->success, NOW);
	good("a.", NOW + 3600);
	load(1);
	assert_int_equal(find("a.")->success, NOW + 3600);
}

static void
after_a_rollback_health_can_be_saved_again(void **state)
{
	struct fault f = { 0 };

	(void)state;
	load(2);
	assert_int_equal(db_begin(db, &f), 0);
	failed("a.", 0);
	db_rollback(db);
	assert_int_equal(mirror_save(db, &mirrors, &f), 0);
	load(2);
	assert_int_equal(find("a.")->failures, 1);
}

static void
a_mirror_without_a_row_is_never_written(void **state)
{
	char url[] = "file:///media/stick/";
	struct mirror m = { .url = url };
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(mirror_failed(db, &m, "x", 0, NOW, &f), 0);
	assert_int_equal(mirror_good(db, &m, 3, NOW, &f), 0);
	assert_rows(0);
	free(m.cause);
}

/* ---- what it did ---- */

static void
failures_back_off_up_to_a_day_and_a_success_ends_it(void **state)
{
	int64_t least = 450, wait;
	int i;

	(void)state;
	load(1);
	for (i = 1; i < 20; i++) {
		failed("a.", 0);
		wait = find("a.")->wait_until - NOW;
		assert_int_equal(find("a.")->failures, i);
		assert_true(wait >= least && wait < 2 * least);
		least = 2 * least > DAY / 2 ? DAY / 2 : 2 * least;
	}
	assert_int_equal(mirror_state(find("a."), NOW), MIRROR_RESTING);
	good("a.", NOW + 1);
	assert_int_equal(find("a.")->failures, 0);
	assert_int_equal(mirror_state(find("a."), NOW + 1), MIRROR_HEALTHY);
	assert_string_equal(find("a.")->cause, "answers 500");
}

static void
back_off_has_jitter(void **state)
{
	int64_t first;
	int i, others = 0;

	(void)state;
	load(1);
	failed("a.", 0);
	first = find("a.")->wait_until;
	for (i = 0; i < 20; i++) {
		find("a.")->failures = 0;
		failed("a.", 0);
		others += find("a.")->wait_until != first;
	}
	assert_true(others > 0);
}

static void
retry_after_is_kept_when_it_is_longer(void **state)
{
	(void)state;
	load(1);
	failed("a.", 5000);
	assert_int_equal(find("a.")->wait_until, NOW + 5000);
	assert_int_equal(mirror_state(find("a."), NOW + 4999), MIRROR_QUIET);
	assert_int_equal(mirror_state(find("a."), NOW + 5000), MIRROR_HEALTHY);
}

/* Its own word, however short, and for a day at most. */
static void
quiet_is_kept_from_run_to_run_until_it_is_over(void **state)
{
	(void)state;
	load(2);
	failed("a.", 10);
	failed("b.", 1000000000000);
	load(2);
	assert_int_equal(mirror_state(find("a."), NOW + 9), MIRROR_QUIET);
	assert_int_equal(mirror_state(find("a."), NOW + 10), MIRROR_RESTING);
	assert_int_equal(mirror_state(find("b."), NOW + DAY - 1), MIRROR_QUIET);
	assert_int_equal(mirror_state(find("b."), NOW + DAY), MIRROR_HEALTHY);
	failed("a.", 0);
	assert_int_equal(mirror_state(find("a."), NOW), MIRROR_RESTING);
}

static void
a_wait_that_another_clock_wrote_does_not_count(void **state)
{
	(void)state;
	load(1);
	failed("a.", DAY);
	assert_int_equal(mirror_state(find("a."), NOW - 1), MIRROR_HEALTHY);
	behind("a.", NOW);
	assert_int_equal(mirror_state(find("a."), NOW - 1), MIRROR_HEALTHY);
}

static void
being_behind_costs_the_validators_and_is_forgotten_in_time(void **state)
{
	struct fault f = { 0 };

	(void)state;
	load(1);
	good("a.", NOW);
	assert_int_equal(mirror_validators(db, find("a."), "\"e\"", "", &f), 0);
	behind("a.", NOW);
	behind("a.", NOW + 100);
	assert_string_equal(find("a.")->etag, "");
	assert_int_equal(find("a.")->behind_since, NOW);
	assert_int_equal(mirror_state(find("a."), NOW + 100), MIRROR_BEHIND);
	assert_int_equal(mirror_state(find("a."), NOW + DAY), MIRROR_HEALTHY);
	good("a.", NOW + 200);
	assert_int_equal(mirror_state(find("a."), NOW + 200), MIRROR_HEALTHY);
}

static void
speed_is_a_running_mean_of_files_large_enough(void **state)
{
	struct fault f = { 0 };

	(void)state;
	load(1);
	assert_int_equal(mirror_speed(db, find("a."), 100, 1, &f), 0);
	assert_int_equal(find("a.")->rate, 0);
	assert_int_equal(mirror_speed(db, find("a."), 400000, 1000, &f), 0);
	assert_int_equal(mirror_speed(db, find("a."), 800000, 1000, &f), 0);
	assert_int_equal(find("a.")->rate, 500000);
	assert_int_equal(mirror_speed(db, find("a."), 800000, 0, &f), 0);
}

/* ---- order ---- */

static void
assert_order(uint64_t seed, int64_t now, const char *hosts)
{
	char is[8] = "";
	size_t i;

	mirror_order(&mirrors, now, seed);
	for (i = 0; i < mirrors.count; i++)
		is[i] = mirrors.list[i].url[strlen("https://")];
	assert_string_equal(is, hosts);
}

static void
each_mirror_comes_first_as_often_and_one_seed_gives_one_order(void **state)
{
	int first[3] = { 0 }, second[3] = { 0 };
	uint64_t seed;
	char once;

	(void)state;
	load(3);
	for (seed = 0; seed < 3000; seed++) {
		mirror_order(&mirrors, NOW, seed);
		first[mirrors.list[0].url[8] - 'a']++;
		if (mirrors.list[0].url[8] == 'a')
			second[mirrors.list[1].url[8] - 'a']++;
		once = mirrors.list[0].url[8];
		mirror_order(&mirrors, NOW, seed + 1);
		mirror_order(&mirrors, NOW, seed);
		assert_int_equal(mirrors.list[0].url[8], once);
	}
	assert_true(first[0] > 900 && first[1] > 900 && first[2] > 900);
	/* and the load of a failed one is shared by the others */
	assert_true(second[1] > 400 && second[2] > 400);
}

static void
the_healthy_come_first_then_those_behind_then_those_that_rest(void **state)
{
	uint64_t seed;

	(void)state;
	load(3);
	failed("a.", 0);
	behind("b.", NOW);
	for (seed = 0; seed < 50; seed++)
		assert_order(seed, NOW, "cba");
	failed("c.", 5000);
	for (seed = 0; seed < 50; seed++)
		assert_order(seed, NOW, "bac");
}

#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)

static void
those_that_told_of_news_come_first(void **state)
{
	OWNED_WORDS struct words tags = WORDS_INIT;
	OWNED_WORDS struct words known = WORDS_INIT;
	char tag[NOTICE_TAG_TEXT];
	struct fault f = { 0 };

	(void)state;
	load(3);
	assert_int_equal(mirror_told(&mirrors, &tags, NOW), 3);
	assert_non_null(strstr(mirrors.list[0].url, "a.example"));
	notice_tag("https://c.example/feed/", tag);
	assert_int_equal(words_add(&tags, tag, &f), 0);
	assert_int_equal(words_add(&tags, "0123456789abcdef", &f), 0);
	assert_int_equal(mirror_told(&mirrors, &tags, NOW), 3);
	assert_int_equal(mirrors.count, 3);
	assert_non_null(strstr(mirrors.list[0].url, "c.example"));
	assert_non_null(strstr(mirrors.list[1].url, "a.example"));
	assert_non_null(strstr(mirrors.list[2].url, "b.example"));
	assert_int_equal(mirror_urls(db, FEED, &known, &f), 0);
	assert_int_equal(known.count, 3);
	assert_string_equal(known.word[1], "https://b.example/feed/");
}

/* So that news are found, and false ones cost little. */
static void
of_news_some_peers_are_asked_and_then_mirrors(void **state)
{
	OWNED_WORDS struct words tags = WORDS_INIT;
	char tag[NOTICE_TAG_TEXT];
	struct fault f = { 0 };
	size_t i, worth;

	(void)state;
	load(2);
	learn(NULL, 0, 20);
	load(2);
	failed("p7.", 0);
	failed("b.", 0);
	notice_tag("https://p9.example/", tag);
	assert_int_equal(words_add(&tags, tag, &f), 0);
	mirror_order(&mirrors, NOW, 3);
	worth = mirror_told(&mirrors, &tags, NOW);
	assert_int_equal(worth, 1 + MIRROR_TOLD_PEERS + 1);
	assert_non_null(strstr(mirrors.list[0].url, "//p9."));
	for (i = 1; i < worth; i++) {
		assert_int_equal(mirrors.list[i].peer, i < worth - 1);
		assert_null(strstr(mirrors.list[i].url, "//p7."));
	}
	assert_non_null(strstr(mirrors.list[worth - 1].url, "//a."));
	assert_int_equal(mirrors.count, 22);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(those_that_told_of_news_come_first),
		T(of_news_some_peers_are_asked_and_then_mirrors),
		T(a_url_ends_in_a_slash_and_counts_once),
		T(health_lasts_from_run_to_run),
		T(a_mirror_that_is_not_configured_any_more_is_forgotten),
		T(learned_mirrors_come_beside_the_configured_ones),
		T(a_learned_mirror_may_become_configured_and_be_so_no_more),
		T(peers_are_as_many_as_are_used_and_have_receivers),
		T(all_peers_are_used_by_some),
		T(a_peer_uses_those_that_use_it),
		T(few_peers_are_all_used),
		T(files_come_from_peers_first_and_from_the_one_that_gave_the_feed),
		T(of_all_that_run_by_the_clock_four_ask_a_mirror_for_files_of_news),
		T(half_of_the_runs_begin_with_a_mirror),
		T(a_poll_without_news_writes_once_an_hour),
		T(after_a_rollback_health_can_be_saved_again),
		T(a_mirror_without_a_row_is_never_written),
		T(failures_back_off_up_to_a_day_and_a_success_ends_it),
		T(back_off_has_jitter),
		T(retry_after_is_kept_when_it_is_longer),
		T(quiet_is_kept_from_run_to_run_until_it_is_over),
		T(a_wait_that_another_clock_wrote_does_not_count),
		T(being_behind_costs_the_validators_and_is_forgotten_in_time),
		T(speed_is_a_running_mean_of_files_large_enough),
		T(each_mirror_comes_first_as_often_and_one_seed_gives_one_order),
		T(the_healthy_come_first_then_those_behind_then_those_that_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
