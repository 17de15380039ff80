/*
 * digest.h -- SHA-256, as 64 lower-case hex digits in text (FORMAT section 1).
 *
 *	struct digest_run run;
 *	digest_start(&run);
 *	digest_more(&run, p, n);
 *	digest_end(&run, &d);
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

#define DIGEST_TEXT 65 /* bytes of a digest as text, with NUL */

struct digest {
	uint8_t bytes[32];
};

struct digest_run {
	uint64_t opaque[16];
};

void digest_start(struct digest_run *run);
void digest_more(struct digest_run *run, const void *bytes, size_t n);
/* A text with its end, so that neighbours do not run together; NULL differs
 * from the empty one. */
void digest_text(struct digest_run *run, const char *text);
void digest_end(struct digest_run *run, struct digest *out);

void digest_of(const void *bytes, size_t n, struct digest *out);

/* Of a whole file, read with pread from its start; counts its bytes. */
int digest_of_fd(int fd, struct digest *out, int64_t *size, struct fault *f)
    __attribute__((warn_unused_result));

bool digest_equal(const struct digest *a, const struct digest *b);
void digest_format(const struct digest *d, char out[DIGEST_TEXT]);
int digest_parse(const char *text, struct digest *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
