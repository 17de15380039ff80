/*
 * message.h -- messages with descriptors between a program and its worker,
 * over a socket pair.
 *
 * A message is a verb, a body and up to MESSAGE_FDS descriptors.  The other
 * side may be broken or hostile: lengths are bounded when received, and a
 * wait has a limit.
 */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include "base/buf.h"

#define MESSAGE_FDS 4

struct message {
	int64_t verb;
	struct buf body; /* its max bounds what is received */
	int fds[MESSAGE_FDS];
	size_t fd_count;
};

#define OWNED_MESSAGE OWNED(message_clear)

void message_init(struct message *m, size_t max);
void message_clear(struct message *m); /* closes descriptors it still has */

/* A close-on-exec stream socket pair. */
int message_pair(int sockets[2], struct fault *f)
    __attribute__((warn_unused_result));

/* Descriptors stay the caller's. */
int message_send(int socket, int64_t verb, const void *body, size_t n,
    const int *fds, size_t fd_count, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Wait for a message, at most so many milliseconds (-1: for ever).  end is
 * set where the other side closed the socket.  A clock that runs out is
 * FAULT_SYSTEM with ETIMEDOUT.
 */
int message_receive(int socket, int milliseconds, struct message *m, bool *end,
    struct fault *f) __attribute__((warn_unused_result));

#endif
