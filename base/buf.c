#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

char buf_nothing[1];

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf)BUF_INIT(max);
}

void
buf_clear(struct buf *b)
{
	if (b->cap > 0)
		free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	buf_end(b);
}

void
buf_end(struct buf *b)
{
	if (b->cap > 0)
		b->data[b->len] = '\0';
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n < b->len)
		b->len = n;
	buf_end(b);
}

int
buf_reserve(struct buf *b, size_t n, struct fault *f)
{
	size_t want, cap;
	char *data;

	assert(b->max <= BUF_ANY);
	if (n > b->max || b->len > b->max - n)
		return fault_set(f, FAULT_LIMIT, "more than %zu bytes", b->max);
	want = b->len + n + 1;
	if (want <= b->cap)
		return 0;
	cap = b->cap > 0 ? b->cap : 64;
	while (cap < want)
		cap += cap / 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	data = realloc(b->cap > 0 ? b->data : NULL, cap);
	if (data == NULL)
		return fault_memory(f);
	b->data = data;
	b->cap = cap;
	buf_end(b);
	return 0;
}

int
buf_add(struct buf *b, const void *bytes, size_t n, struct fault *f)
{
	if (n == 0)
		return 0;
	if (buf_reserve(b, n, f) == -1)
		return -1;
	memcpy(b->data + b->len, bytes, n);
	b->len += n;
	buf_end(b);
	return 0;
}

int
buf_add_text(struct buf *b, const char *text, struct fault *f)
{
	return buf_add(b, text, strlen(text), f);
}

int
buf_format(struct buf *b, struct fault *f, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) /* more than INT_MAX */
		return fault_set(f, FAULT_LIMIT, "more than %zu bytes", b->max);
	if (n == 0)
		return 0;
	if (buf_reserve(b, (size_t)n, f) == -1)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

char *
buf_take(struct buf *b)
{
	char *text = b->cap > 0 ? b->data : calloc(1, 1);

	if (text != NULL)
		buf_init(b, b->max);
	return text;
}
