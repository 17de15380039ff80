#include "wiki/names.h"

void
names_clear(struct names *n)
{
	char end = n->end;

	buf_clear(&n->bytes);
	free(n->at);
	*n = (struct names)NAMES_INIT(end);
}

int
names_add(struct names *n, char letter, const char *name, size_t len,
    struct fault *f)
{
	if (buf_add(&n->bytes, &letter, 1, f) == -1 ||
	    buf_add(&n->bytes, name, len, f) == -1 ||
	    buf_add(&n->bytes, "", 1, f) == -1)
		return -1;
	n->count++;
	return 0;
}

static int
compare(const void *a, const void *b, void *names)
{
	const struct names *n = names;
	const char *x = n->bytes.data + *(const uint32_t *)a;
	const char *y = n->bytes.data + *(const uint32_t *)b;
	const unsigned char *p = (const unsigned char *)x + 1;
	const unsigned char *q = (const unsigned char *)y + 1;

	while (*p != '\0' && *p == *q) {
		p++;
		q++;
	}
	if (*p == *q)
		return *x - *y;
	return (*p == '\0' ? n->end : *p) - (*q == '\0' ? n->end : *q);
}

/* Bytes in the order of their names: who goes through them reads on. */
static int
lay_out(struct names *n, struct fault *f)
{
	struct buf bytes = BUF_INIT(UINT32_MAX);
	size_t i, size;

	if (buf_reserve(&bytes, n->bytes.len, f) == -1)
		return -1;
	for (i = 0; i < n->count; i++) {
		const char *name = n->bytes.data + n->at[i];

		size = strlen(name) + 1;
		memcpy(bytes.data + bytes.len, name, size);
		n->at[i] = (uint32_t)bytes.len;
		bytes.len += size;
	}
	buf_clear(&n->bytes);
	n->bytes = bytes;
	return 0;
}

int
names_sort(struct names *n, struct fault *f)
{
	size_t i, at = 0;

	if (n->count == 0)
		return 0;
	n->at = calloc(n->count, sizeof(*n->at));
	if (n->at == NULL)
		return fault_memory(f);
	for (i = 0; i < n->count; i++) {
		n->at[i] = (uint32_t)at;
		at += strlen(n->bytes.data + at) + 1;
	}
	qsort_r(n->at, n->count, sizeof(*n->at), compare, n);
	return lay_out(n, f);
}

const char *
names_get(const struct names *n, size_t i)
{
	return n->bytes.data + n->at[i];
}

const char *
names_next(struct names *n)
{
	return n->next == n->count ? NULL : names_get(n, n->next++);
}
