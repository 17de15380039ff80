/*
 * worker.h -- fetch's worker: parses verified bytes in a sandbox
 * (feeds/errand.h has the protocol).
 */
#ifndef VERIFY_WORKER_H
#define VERIFY_WORKER_H

#include "base/fault.h"

/* Serve errands on the socket until the other side closes it. */
int worker_serve(int socket, struct fault *f)
    __attribute__((warn_unused_result));

#endif
