#include "notify/request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/num.h"
#include "items/limits.h"

#define DRAIN_MAX 65536 /* bytes */
#define FORM "application/x-www-form-urlencoded"

/* Parameters, such as a charset, may follow. */
static bool
is_form(const char *type)
{
	size_t n = strlen(FORM);

	return type != NULL && strncasecmp(type, FORM, n) == 0 &&
	    (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

int
request_refusal(const struct request *r, size_t *length)
{
	bool have = r->length != NULL && *r->length != '\0';
	struct fault ignored;
	int64_t n = -1;

	if (have && num_parse(r->length, 0, NUM_MAX, &n, &ignored) == -1)
		n = -1;
	*length = n > 0 ? (size_t)n : 0;
	if (r->method == NULL || strcmp(r->method, "POST") != 0)
		return 405;
	if (!have)
		return 411;
	if (n == -1)
		return 400;
	if (n > NOTICE_MAX)
		return 413;
	return is_form(r->content_type) ? 0 : 415;
}

int
request_body(int fd, size_t length, struct buf *body, struct fault *f)
{
	if (buf_reserve(body, length, f) == -1)
		return -1;
	while (length > 0) {
		ssize_t got = read(fd, body->data + body->len, length);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return fault_system(f, errno, "cannot read the form");
		if (got == 0)
			return fault_set(f, FAULT_FORMAT,
			    "the form ends before its length");
		body->len += (size_t)got;
		length -= (size_t)got;
	}
	buf_end(body);
	return 0;
}

void
request_drain(int fd, size_t length)
{
	char bytes[4096];
	ssize_t got;

	if (length > DRAIN_MAX)
		length = DRAIN_MAX;
	for (; length > 0; length -= (size_t)got) {
		got = read(fd, bytes,
		    length < sizeof(bytes) ? length : sizeof(bytes));
		if (got <= 0)
			return;
	}
}
