/*
 * summary.h -- when and over how many hops so many had the news.
 */
#ifndef SIM_SUMMARY_H
#define SIM_SUMMARY_H

#include "tests/sim/world.h"

/* got: seconds by wiki, -1: never.  Sets r->near and r->hops*. */
void summary_hops(const uint16_t *hops, const int64_t *got, uint32_t wikis,
    struct result *r);

/* Sorts got; sets r->reached and r->to_*. */
void summary_times(int64_t *got, uint32_t wikis, struct result *r);

#endif
