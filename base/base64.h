/*
 * base64.h -- base64 (RFC 4648 section 4), padded, without blanks or line
 * ends when read strictly.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Add the text for n bytes to out. */
int base64_encode(const void *bytes, size_t n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Add the bytes of n characters to out.  Strict: only one text stands for
 * given bytes, anything else is FAULT_FORMAT.
 */
int base64_decode(const char *text, size_t n, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
