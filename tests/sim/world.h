/*
 * world.h -- a network of wikis, in which one publication spreads: a
 * simulation by events.
 *
 * Who tells whom, when to stop, what is answered, when fetch runs and which
 * mirror is asked first is decided by the programs' own code (fetch/rumour.h,
 * notify/answer.h, fetch/mirror.h); what files there are, too (files.h).  Here are only messages, time and chance.
 *
 *	graph_make(wikis, listed, number, &graph)
 *	world_run(&scenario, &graph, serial, seed, &result)	any number of times
 *	graph_clear(&graph)
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "items/limits.h"

/* The network document's peers, and whom of them each wiki uses. */
struct graph {
	uint32_t wikis;
	uint32_t listed; /* the first ones have copies, and receivers */
	char **urls;	 /* of all, and of the publisher behind them */
	uint32_t (*peers)[PEERS_MAX];
	uint8_t *count;
};

/* number: another one gives another graph. */
int graph_make(uint32_t wikis, uint32_t listed, size_t number, struct graph *g);
void graph_clear(struct graph *g);

struct scenario {
	bool rumour;	/* are others told? */
	bool poll;	/* does everyone look once in POLL_EVERY? */
	bool central;	/* only the publisher has copies */
	bool dead;	/* the publisher, once it has told some */
	double lost;	/* share of notifications and answers */
	double offline; /* share of wikis that are not there at first ... */
	int64_t offline_for; /* ... for so many seconds at most */
	double liars;	     /* share of wikis whose copies are no good */
	double behind;	     /* share that is some serials behind */
	bool large;	     /* the step is no part of the feed */
	bool snapshot;	     /* one is due */
};

#define POLL_EVERY 3600 /* seconds */

/* What the publisher does until 99 % have the news. */
struct result_load {
	int64_t polls;	   /* requests for the feed */
	int64_t histories; /* documents of it */
	int64_t files;	   /* steps and snapshots */
	int64_t bytes;	   /* of all these */
};

struct result {
	double reached;		       /* share that has it in the end ... */
	double near;		       /* ... within 2 log2(wikis) hops */
	int64_t to_99, to_999, to_all; /* seconds; -1: never */
	int hops_99, hops_999, hops;   /* the longest chain; -1: never */
	double messages;	       /* notifications, a wiki */
	double bytes;		       /* of all kinds, a wiki */
	struct result_load load;
	int64_t *got; /* seconds, by wiki; -1: never; owned by the world */
};

int world_run(const struct scenario *s, const struct graph *g, int64_t serial,
    uint64_t seed, struct result *r);
void world_clear(void);

#endif
