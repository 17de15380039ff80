/*
 * num.h -- numbers, times and durations as text, read strictly.
 *
 * Numbers of the published format are decimal, without sign or leading zero,
 * below 2^53; times are YYYY-MM-DDThh:mm:ssZ (FORMAT section 1).  Text comes
 * from strangers: whatever is not exactly that is FAULT_FORMAT, and the
 * out-parameter is untouched.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

#include "base/fault.h"

#define NUM_MAX (((int64_t)1 << 53) - 1) /* exact in any reader's double */
#define TIME_TEXT 21			 /* bytes of a time as text, with NUL */

int num_parse(const char *text, int64_t min, int64_t max, int64_t *out,
    struct fault *f) __attribute__((warn_unused_result));

/* Seconds since 1970, UTC; years 1970 to 9999; no leap second. */
int time_parse(const char *text, int64_t *out, struct fault *f)
    __attribute__((warn_unused_result));
void time_format(int64_t seconds, char out[TIME_TEXT]);

/* "90s", "15m", "6h", "30d", "2w" for configuration: seconds, above 0. */
int duration_parse(const char *text, int64_t *out, struct fault *f)
    __attribute__((warn_unused_result));

/* "500", "200K", "2M", "1g" for configuration: bytes, above 0; K is 1,024. */
int size_parse(const char *text, int64_t *out, struct fault *f)
    __attribute__((warn_unused_result));

/* The clock, once a run: seconds since 1970. */
int64_t time_now(void);

/* Milliseconds of a clock that nobody sets, for what passes meanwhile. */
int64_t time_ticks(void);

#endif
