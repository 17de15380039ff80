#include "base/message.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/num.h"

struct head {
	int64_t verb;
	uint64_t length;
};

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(MESSAGE_FDS * sizeof(int))];
};

void
message_init(struct message *m, size_t max)
{
	*m = (struct message){ .body = BUF_INIT(max) };
}

void
message_clear(struct message *m)
{
	size_t i;

	for (i = 0; i < m->fd_count; i++)
		own_close_fd(&m->fds[i]);
	m->fd_count = 0;
	buf_clear(&m->body);
}

int
message_pair(int sockets[2], struct fault *f)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) == -1)
		return fault_system(f, errno, "cannot make a socket pair");
	return 0;
}

static int
send_all(int socket, const char *p, size_t n, struct fault *f)
{
	while (n > 0) {
		ssize_t put = send(socket, p, n, MSG_NOSIGNAL);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return fault_system(f, errno, "cannot send");
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

int
message_send(int socket, int64_t verb, const void *body, size_t n,
    const int *fds, size_t fd_count, struct fault *f)
{
	struct head head = { .verb = verb, .length = n };
	struct iovec part = { .iov_base = &head, .iov_len = sizeof(head) };
	union control control = { .bytes = { 0 } };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t put;

	if (fd_count > MESSAGE_FDS)
		return fault_set(f, FAULT_BUG, "too many descriptors");
	if (fd_count > 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
	}
	do
		put = sendmsg(socket, &msg, MSG_NOSIGNAL);
	while (put == -1 && errno == EINTR);
	if (put != (ssize_t)sizeof(head)) /* 16 bytes are never split */
		return fault_system(f, errno, "cannot send");
	return send_all(socket, body, n, f);
}

static int
wait_readable(int socket, int64_t deadline, struct fault *f)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	int64_t left;
	int n;

	for (;;) {
		left = deadline == -1 ? -1 : deadline - time_ticks();
		if (deadline != -1 && left < 0)
			left = 0;
		n = poll(&p, 1, (int)left);
		if (n > 0)
			return 0;
		if (n == 0)
			return fault_system(f, ETIMEDOUT, "no answer");
		if (errno != EINTR)
			return fault_system(f, errno, "cannot wait");
	}
}

static void
take_descriptors(struct msghdr *msg, struct message *m)
{
	struct cmsghdr *c;
	size_t n;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (n > MESSAGE_FDS) /* the control buffer has no room for it */
			n = MESSAGE_FDS;
		memcpy(m->fds, CMSG_DATA(c), n * sizeof(int));
		m->fd_count = n;
	}
}

static int
receive_head(int socket, int64_t deadline, struct message *m, struct head *head,
    bool *end, struct fault *f)
{
	struct iovec part = { .iov_base = head, .iov_len = sizeof(*head) };
	union control control;
	struct msghdr msg = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t got;

	*end = false;
	do {
		if (wait_readable(socket, deadline, f) == -1)
			return -1;
		got = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	} while (got == -1 && errno == EINTR);
	if (got == 0 || (got == -1 && errno == ECONNRESET)) {
		*end = true;
		return 0;
	}
	if (got == -1)
		return fault_system(f, errno, "cannot receive");
	take_descriptors(&msg, m);
	if (got != (ssize_t)sizeof(*head))
		return fault_set(f, FAULT_SYSTEM, "a message was cut");
	return 0;
}

int
message_receive(int socket, int milliseconds, struct message *m, bool *end,
    struct fault *f)
{
	int64_t deadline = milliseconds < 0 ? -1 : time_ticks() + milliseconds;
	struct head head;
	size_t left;

	message_clear(m);
	if (receive_head(socket, deadline, m, &head, end, f) == -1)
		return -1;
	if (*end)
		return 0;
	m->verb = head.verb;
	if (head.length > m->body.max)
		return fault_set(f, FAULT_LIMIT, "a message is too long");
	if (buf_reserve(&m->body, (size_t)head.length, f) == -1)
		return -1;
	for (left = (size_t)head.length; left > 0;) {
		ssize_t got;

		if (wait_readable(socket, deadline, f) == -1)
			return -1;
		got = recv(socket, m->body.data + m->body.len, left, 0);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			return fault_set(f, FAULT_SYSTEM, "a message was cut");
		m->body.len += (size_t)got;
		left -= (size_t)got;
	}
	buf_end(&m->body);
	return 0;
}
