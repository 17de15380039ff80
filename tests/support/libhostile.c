#include "tests/support/libhostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define BLOCK 512

static void
add(struct buf *tar, const void *bytes, size_t n)
{
	struct fault f = { 0 };

	assert_int_equal(buf_add(tar, bytes, n, &f), 0);
}

static void
put_text(char *block, size_t at, size_t room, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n > 0)
		memcpy(block + at, text, n < room ? n : room);
}

static void
put_number(char *block, size_t at, size_t width, int64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%0*llo", (int)width - 1,
	    (unsigned long long)n);
	memcpy(block + at, text, width);
}

static void
put_checksum(char *block, bool bad)
{
	unsigned int sum = bad ? 1 : 0;
	size_t i;

	memset(block + 148, ' ', 8);
	for (i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	put_number(block, 148, 7, sum);
}

static void
fill(char *block, const struct hostile *h)
{
	put_text(block, 0, 100, h->name);
	put_number(block, 100, 8, h->mode != 0 ? h->mode : 0644);
	put_number(block, 108, 8, h->id);
	put_number(block, 116, 8, h->id);
	if (h->number != NULL)
		memcpy(block + 124, h->number, 12);
	else
		put_number(block, 124, 12,
		    h->claim != 0 ? h->claim : (int64_t)h->size);
	put_number(block, 136, 12, h->mtime);
	block[156] = h->type != 0 ? h->type : '0';
	put_text(block, 157, 100, h->link);
	memcpy(block + 257, h->magic != NULL ? h->magic : "ustar\00000", 8);
	put_text(block, 265, 32, h->owner);
	put_text(block, 297, 32, h->owner);
	put_text(block, 345, 155, h->prefix);
	put_checksum(block, h->bad_checksum);
}

void
hostile_add(struct buf *tar, const struct hostile *h)
{
	char block[BLOCK] = { 0 };

	fill(block, h);
	add(tar, block, sizeof(block));
	add(tar, h->body, h->size);
	memset(block, h->padding, sizeof(block));
	add(tar, block, (BLOCK - h->size % BLOCK) % BLOCK);
}

void
hostile_add_pax(struct buf *tar, char type, const void *records, size_t n,
    const struct hostile *h)
{
	hostile_add(tar,
	    &(struct hostile){ .name = "././@PaxHeader",
		.type = type,
		.body = records,
		.size = n });
	hostile_add(tar, h);
}

void
hostile_record(struct buf *records, const char *key, const void *value,
    size_t n)
{
	size_t rest = strlen(key) + n + 3, length = rest;
	struct fault f = { 0 };

	/* The length counts its own digits. */
	while (length != rest + (size_t)snprintf(NULL, 0, "%zu", length))
		length = rest + (size_t)snprintf(NULL, 0, "%zu", length);
	assert_int_equal(buf_format(records, &f, "%zu %s=", length, key), 0);
	add(records, value, n);
	add(records, "\n", 1);
}

void
hostile_end(struct buf *tar)
{
	static const char zeros[2 * BLOCK];

	add(tar, zeros, sizeof(zeros));
}
