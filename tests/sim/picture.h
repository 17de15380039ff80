/*
 * picture.h -- how many have the news after so long, as curves of an SVG.
 *
 *	picture_trace(&curve, name, wikis, got)	any number of them
 *	picture_write(file, curves, n, f)
 */
#ifndef SIM_PICTURE_H
#define SIM_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define PICTURE_POINTS 90
#define PICTURE_CURVES 8

struct picture_curve {
	const char *name; /* borrowed */
	uint32_t wikis;
	double share[PICTURE_POINTS];
};

/* got: seconds, rising; -1: never. */
void picture_trace(struct picture_curve *c, const char *name, uint32_t wikis,
    const int64_t *got);
int picture_write(const char *file, const struct picture_curve *curves,
    size_t n, struct fault *f) __attribute__((warn_unused_result));

#endif
