/*
 * How a publication spreads over networks of 100 to 1,000,000 wikis: a table
 * in Markdown, and a picture of the curves.
 *
 * usage: sim RUNS WIKIS_MAX [SVG]
 *
 * RUNS is for up to 10,000 wikis and rumours alone, and 40 at most where there
 * is polling as well; larger networks, where 10,000 have copies
 * and receivers and the others ask these by the clock, are run a few times.
 * Exit status 1: what FORMAT section 8 promises does not hold.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feeds/xml.h"
#include "tests/sim/picture.h"
#include "tests/sim/world.h"

#define LISTED_MAX 10000 /* peers in a network document of 1 MiB */
#define LARGE (10 * LISTED_MAX)
#define GRAPHS 4      /* for each size */
#define POLLED 40     /* runs with polling, at most */
#define FILES_MOST 10 /* from the publisher until 99 % have it */
#define SERIAL 2000   /* of the first run; of others those behind it */

struct way {
	const char *name;
	struct scenario scenario;
	double least;  /* share that has to have it in the mean; 0: any */
	uint32_t most; /* wikis; the largest networks take long */
};

static const struct way ways[] = {
	{ "rumour alone", { .rumour = true }, 0.99, LISTED_MAX },
	{ "rumour alone, one message in five lost",
	    { .rumour = true, .lost = 0.2 }, 0.97, LISTED_MAX },
	{ "rumour and polling", { .rumour = true, .poll = true }, 1,
	    UINT32_MAX },
	{ "both, the step is a file of its own",
	    { .rumour = true, .poll = true, .large = true }, 1, UINT32_MAX },
	{ "both, a step of its own and a new snapshot",
	    { .rumour = true, .poll = true, .large = true, .snapshot = true },
	    1, LISTED_MAX },
	{ "both, one in ten is 2 to 16 serials behind",
	    { .rumour = true, .poll = true, .behind = 0.1 }, 1, LARGE },
	{ "both, the publisher killed once there are four copies",
	    { .rumour = true, .poll = true, .dead = true }, 1, LISTED_MAX },
	{ "both, a third away for up to 6 hours",
	    { .rumour = true,
		.poll = true,
		.offline = 1.0 / 3,
		.offline_for = 21600 },
	    1, LISTED_MAX },
	{ "both, one in ten lies",
	    { .rumour = true, .poll = true, .liars = 0.1 }, 1, LISTED_MAX },
	{ "polling alone", { .poll = true }, 1, UINT32_MAX },
	{ "polling alone, the step is a file of its own",
	    { .poll = true, .large = true }, 1, LISTED_MAX },
	{ "polling, the publisher is the only server",
	    { .poll = true, .central = true }, 1, UINT32_MAX },
	{ "the same, the step is a file of its own",
	    { .poll = true, .central = true, .large = true }, 1, LARGE },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static const uint32_t sizes[] = { 100, 1000, 10000, 100000, 1000000 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* ---- one line ---- */

/* A mean over the runs that came so far. */
struct mean {
	double sum;
	int runs;
};

struct sums {
	double *reached; /* of each run */
	double near, messages, bytes;
	double polls, histories, files, served;
	struct mean to_99, to_999, to_all, hops_99, hops_999, hops;
	int runs;
};

static void
mean_add(struct mean *m, int64_t value)
{
	if (value < 0)
		return;
	m->sum += (double)value;
	m->runs++;
}

static void
add(struct sums *s, const struct result *r)
{
	s->reached[s->runs++] = r->reached;
	s->near += r->near;
	s->messages += r->messages;
	s->bytes += r->bytes;
	s->polls += (double)r->load.polls;
	s->histories += (double)r->load.histories;
	s->files += (double)r->load.files;
	s->served += (double)r->load.bytes;
	mean_add(&s->hops_99, r->hops_99);
	mean_add(&s->hops_999, r->hops_999);
	mean_add(&s->to_99, r->to_99);
	mean_add(&s->to_999, r->to_999);
	mean_add(&s->to_all, r->to_all);
	if (r->to_all >= 0)
		mean_add(&s->hops, r->hops);
}

static int
rising(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Hops and time; "-" unless nearly all runs came so far. */
static void
put_way(const struct mean *hops, const struct mean *to, int runs)
{
	double seconds = to->sum / to->runs;

	if (to->runs < runs * 0.95)
		printf(" - |");
	else if (seconds < 600)
		printf(" %.0f, %.0f s |", hops->sum / hops->runs, seconds);
	else
		printf(" %.0f, %.0f min |", hops->sum / hops->runs,
		    seconds / 60);
}

static double
mean_of(const double *list, int n)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += list[i];
	return sum / n;
}

/* What is promised is promised of networks of so many. */
static bool
is_as_promised(const struct way *way, uint32_t wikis, const struct sums *s)
{
	const struct scenario *how = &way->scenario;
	double n = s->runs;

	if (wikis < 1000)
		return true;
	if (how->rumour && !how->snapshot && s->files / n > FILES_MOST)
		return false;
	if (wikis > LISTED_MAX)
		return true;
	if (!how->poll && s->near / n < way->least)
		return false;
	return mean_of(s->reached, s->runs) >= way->least &&
	    s->messages / n <= 6;
}

static void
put_line(const struct way *way, uint32_t wikis, struct sums *s)
{
	double n = s->runs;

	qsort(s->reached, (size_t)s->runs, sizeof(*s->reached), rising);
	printf("| %u | %s | %d | %.2f %% | %.2f %% | %.2f %% |", wikis,
	    way->name, s->runs, 100 * mean_of(s->reached, s->runs),
	    100 * s->reached[s->runs / 100], 100 * s->near / n);
	put_way(&s->hops_99, &s->to_99, s->runs);
	put_way(&s->hops_999, &s->to_999, s->runs);
	put_way(&s->hops, &s->to_all, s->runs);
	printf(" %.2f | %.0f | %.0f | %.1f | %.1f | %.0f |\n", s->messages / n,
	    s->bytes / n, s->polls / n, s->histories / n, s->files / n,
	    s->served / n / 1000);
}

static const char *const columns[] = { "wikis", "how", "runs", "have it",
	"1st percentile", "within 2 log2 N hops", "99 %: hops, time", "99.9 %",
	"all", "messages a wiki", "bytes a wiki", "polls of the publisher",
	"histories from it", "steps and snapshots from it", "kB from it" };

static void
put_columns(void)
{
	size_t i, n = sizeof(columns) / sizeof(columns[0]);

	for (i = 0; i < n; i++)
		printf("| %s ", columns[i]);
	printf("|\n");
	for (i = 0; i < n; i++)
		printf(i < 2 ? "|---" : "|---:");
	printf("|\n");
}

/* ---- all of it ---- */

/*
 * Every serial has a step, every second one another, every fourth a third: the
 * single run is of one that has two, the mean.
 */
static int64_t
serial_of(uint32_t wikis, int run)
{
	return SERIAL + (wikis > LARGE ? 2 : run);
}

/* Over several graphs, since they are drawn by lot as well. */
static bool
run_way(const struct way *way, const struct graph *graphs, int runs,
    struct picture_curve *curve)
{
	struct sums s = { .reached = calloc((size_t)runs, sizeof(double)) };
	struct result r;
	bool good;
	int i;

	if (s.reached == NULL)
		abort();
	for (i = 0; i < runs; i++) {
		const struct graph *g = &graphs[i % GRAPHS];

		if (world_run(&way->scenario, g, serial_of(g->wikis, i),
			7919 * (uint64_t)i + 1, &r) == -1)
			abort();
		if (i == 0)
			picture_trace(curve, way->name, g->wikis, r.got);
		add(&s, &r);
	}
	put_line(way, graphs[0].wikis, &s);
	good = is_as_promised(way, graphs[0].wikis, &s);
	free(s.reached);
	(void)fflush(stdout);
	return good;
}

/* Those of the picture: all sizes, and what there is without rumours. */
static bool
is_drawn(const struct way *way, uint32_t wikis)
{
	const struct scenario *how = &way->scenario;

	if (!how->poll || how->large || how->behind > 0 || how->dead ||
	    how->offline > 0 || how->liars > 0)
		return false;
	return how->rumour ? wikis >= 1000 : wikis == LISTED_MAX;
}

static bool
run_size(uint32_t wikis, int runs, struct picture_curve *curves, size_t *drawn)
{
	int i, graph_count = runs < GRAPHS ? runs : GRAPHS;
	struct graph graphs[GRAPHS];
	struct picture_curve curve;
	bool good = true;
	size_t k;

	for (i = 0; i < graph_count; i++)
		if (graph_make(wikis, wikis < LISTED_MAX ? wikis : LISTED_MAX,
			(size_t)i, &graphs[i]) == -1)
			abort();
	for (k = 0; k < WAYS; k++) {
		/* Beyond the document most are not told at all. */
		if (wikis > ways[k].most)
			continue;
		if (!run_way(&ways[k], graphs,
			ways[k].scenario.poll && runs > POLLED ? POLLED : runs,
			&curve)) {
			(void)fprintf(stderr,
			    "sim: not as promised: %u wikis, "
			    "%s\n",
			    wikis, ways[k].name);
			good = false;
		}
		if (is_drawn(&ways[k], wikis) && *drawn < PICTURE_CURVES)
			curves[(*drawn)++] = curve;
	}
	for (i = 0; i < graph_count; i++)
		graph_clear(&graphs[i]);
	return good;
}

/* Of the largest few: they take long, and differ little. */
static int
runs_of(uint32_t wikis, int runs)
{
	if (wikis > LARGE)
		return 1;
	return wikis > LISTED_MAX && runs > GRAPHS ? GRAPHS : runs;
}

int
main(int argc, char *argv[])
{
	struct picture_curve curves[PICTURE_CURVES];
	struct fault f = { 0 };
	size_t i, drawn = 0;
	bool good = true;

	if (argc < 3) {
		(void)fputs("usage: sim RUNS WIKIS_MAX [SVG]\n", stderr);
		return 2;
	}
	xml_start();
	put_columns();
	for (i = 0; i < SIZES && sizes[i] <= (uint32_t)atoi(argv[2]); i++)
		good &= run_size(sizes[i], runs_of(sizes[i], atoi(argv[1])),
		    curves, &drawn);
	world_clear();
	if (argc > 3 && picture_write(argv[3], curves, drawn, &f) == -1) {
		(void)fprintf(stderr, "sim: %s\n", f.text);
		return 2;
	}
	return good ? 0 : 1;
}
