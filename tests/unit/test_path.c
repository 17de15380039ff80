#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "feeds/ladder.h"
#include "feeds/path.h"

static struct path_edge
step(int64_t from, int64_t to, int64_t length)
{
	struct path_edge e = { 0 };

	e.file.from = from;
	e.file.serial = to;
	e.file.length = length;
	return e;
}

static struct path_edge
snapshot(int64_t serial, int64_t length)
{
	struct path_edge e = step(0, serial, length);

	e.snapshot = true;
	return e;
}

static void
check_path(const struct path_edge *edges, size_t edge_count, int64_t from,
    int64_t to, size_t count, const size_t *want)
{
	struct fault f = { 0 };
	size_t chosen[16], n = 99, i;

	assert_int_equal(
	    path_choose(edges, edge_count, from, to, chosen, &n, &f), 0);
	assert_int_equal(n, count);
	for (i = 0; i < n; i++)
		assert_int_equal(chosen[i], want[i]);
}

static void
check_none(const struct path_edge *edges, size_t edge_count, int64_t from,
    int64_t to, const char *words)
{
	struct fault f = { 0 };
	size_t chosen[16], n;

	assert_int_equal(
	    path_choose(edges, edge_count, from, to, chosen, &n, &f), -1);
	assert_int_equal(f.kind, FAULT_BEHIND);
	assert_string_equal(f.text, words);
}

static void
nothing_to_do_is_no_path(void **state)
{
	struct path_edge edges[] = { snapshot(3, 1) };

	(void)state;
	check_path(edges, 1, 3, 3, 0, NULL);
	check_path(NULL, 0, 3, 3, 0, NULL);
	check_none(NULL, 0, 3, 9, "no way from serial 3 to 9");
}

static void
the_cheapest_way_is_taken(void **state)
{
	/* In no order; a request counts 500. */
	struct path_edge edges[] = { step(2, 3, 100), step(1, 2, 100),
		step(1, 3, 701), snapshot(3, 1202) };

	(void)state;
	check_path(edges, 4, 1, 3, 2, (const size_t[]){ 1, 0 });
	edges[2].file.length = 699;
	check_path(edges, 4, 1, 3, 1, (const size_t[]){ 2 });
	edges[3].file.length = 698;
	check_path(edges, 4, 1, 3, 1, (const size_t[]){ 3 });
}

static void
of_equal_ways_the_one_with_fewer_requests_is_taken(void **state)
{
	struct path_edge edges[] = { step(1, 2, 100), step(2, 3, 100),
		step(1, 3, 700) };
	struct path_edge turned[] = { edges[2], edges[1], edges[0] };

	(void)state;
	check_path(edges, 3, 1, 3, 1, (const size_t[]){ 2 });
	check_path(turned, 3, 1, 3, 1, (const size_t[]){ 0 });
}

static void
nothing_needs_a_snapshot_which_steps_may_follow(void **state)
{
	struct path_edge edges[] = { step(4, 5, 10), snapshot(4, 9000),
		step(3, 4, 10) };

	(void)state;
	check_path(edges, 3, 0, 5, 2, (const size_t[]){ 1, 0 });
	check_path(edges, 3, 3, 5, 2, (const size_t[]){ 2, 0 });
	check_path(edges, 3, 1, 5, 2, (const size_t[]){ 1, 0 });
	/* Also back, where the step on from one's own serial is gone. */
	edges[2].bad = true;
	edges[0] = step(2, 5, 10);
	edges[1].file.serial = 2;
	check_path(edges, 3, 4, 5, 2, (const size_t[]){ 1, 0 });
}

static void
what_came_inside_the_feed_costs_nothing(void **state)
{
	struct path_edge edges[] = { step(1, 2, 100), step(2, 3, 900),
		step(1, 3, 400) };

	(void)state;
	check_path(edges, 3, 1, 3, 1, (size_t[]){ 2 });
	edges[1].here = true;
	edges[2].file.length = 101;
	check_path(edges, 3, 1, 3, 2, (size_t[]){ 0, 1 });
	edges[2].file.length = 99;
	check_path(edges, 3, 1, 3, 1, (size_t[]){ 2 });
}

static void
bad_edges_are_not_used(void **state)
{
	struct path_edge edges[] = { step(1, 2, 10), step(1, 2, 20),
		snapshot(2, 30) };

	(void)state;
	edges[0].bad = true;
	check_path(edges, 3, 1, 2, 1, (const size_t[]){ 1 });
	edges[1].bad = true;
	check_path(edges, 3, 1, 2, 1, (const size_t[]){ 2 });
	edges[2].bad = true;
	check_none(edges, 3, 1, 2, "no way from serial 1 to 2");
}

static void
edges_that_lead_astray_are_not_used(void **state)
{
	struct path_edge edges[] = { step(3, 2, 1), step(2, 2, 1),
		step(2, 9, 1), step(9, 4, 1), step(-5, 4, 1), step(1, 4, -9),
		step(1, 4, INT64_MAX), snapshot(0, 1), snapshot(9, 1),
		step(1, 2, 1) };

	(void)state;
	check_none(edges, 10, 1, 4, "no way from serial 1 to 4");
	edges[2].file.serial = 4;
	check_path(edges, 10, 1, 4, 2, (const size_t[]){ 9, 2 });
}

/* All steps that a publisher of n serials makes; each of the same length. */
static size_t
make_ladder(struct path_edge *edges, int64_t n)
{
	int64_t from[LADDER_MAX + 1], serial;
	size_t count = 0, i, k;

	for (serial = 1; serial <= n; serial++) {
		k = ladder_steps(serial, 1, from);
		for (i = 0; i < k; i++)
			edges[count++] = step(from[i], serial, 100);
	}
	return count;
}

static void
the_ladder_leads_everywhere_in_few_steps(void **state)
{
	const int64_t last = 600;
	struct path_edge *edges = calloc(2 * (size_t)last, sizeof(*edges));
	size_t *chosen = calloc(2 * (size_t)last, sizeof(*chosen));
	size_t edge_count, count, i, allowed;
	struct fault f = { 0 };
	int64_t from, to, at;

	(void)state;
	assert_non_null(edges);
	assert_non_null(chosen);
	edge_count = make_ladder(edges, last);
	for (from = 1; from < last; from += 7) {
		for (to = from + 1; to <= last; to += 3) {
			assert_int_equal(path_choose(edges, edge_count, from,
					     to, chosen, &count, &f),
			    0);
			for (at = from, i = 0; i < count; i++) {
				assert_int_equal(edges[chosen[i]].file.from,
				    at);
				at = edges[chosen[i]].file.serial;
			}
			assert_int_equal(at, to);
			for (allowed = 1; (int64_t)1 << allowed <= to - from;
			     allowed++)
				;
			assert_true(count <= 2 * allowed);
		}
	}
	free(edges);
	free(chosen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_do_is_no_path),
		cmocka_unit_test(the_cheapest_way_is_taken),
		cmocka_unit_test(
		    of_equal_ways_the_one_with_fewer_requests_is_taken),
		cmocka_unit_test(
		    nothing_needs_a_snapshot_which_steps_may_follow),
		cmocka_unit_test(what_came_inside_the_feed_costs_nothing),
		cmocka_unit_test(bad_edges_are_not_used),
		cmocka_unit_test(edges_that_lead_astray_are_not_used),
		cmocka_unit_test(the_ladder_leads_everywhere_in_few_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
