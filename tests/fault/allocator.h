/*
 * allocator.h -- an allocator with a count and a limit, in the place of libc's,
 * and a loop that lets each allocation of an act fail in turn.  Included by a
 * test program, once; cmocka.h before it.
 */
#ifndef TESTS_FAULT_ALLOCATOR_H
#define TESTS_FAULT_ALLOCATOR_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"

#if defined(__SANITIZE_ADDRESS__)
#define NO_ALLOCATOR

int
main(void)
{
	puts("AddressSanitizer has the allocator for itself");
	return 77;
}

#else

/* ---- the allocator, with a count and a limit ---- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static long left = -1; /* allocations that still succeed; -1: all */
static long live;      /* that are not freed */
static bool once;      /* only one of them fails */
static bool refused;
static long forgivable; /* allocations that a library may lose */

static bool
refuse(void)
{
	if (left == -1 || left-- > 0)
		return false;
	left = once ? -1 : 0;
	refused = true;
	return true;
}

static void *
counted(void *p)
{
	live += p != NULL;
	return p;
}

void *
malloc(size_t n)
{
	return refuse() ? NULL : counted(__libc_malloc(n));
}

void *
calloc(size_t n, size_t size)
{
	return refuse() ? NULL : counted(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t n)
{
	void *q = refuse() ? NULL : __libc_realloc(p, n);

	live += p == NULL && q != NULL;
	return q;
}

void
free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}

/* ---- each of it, with the n-th allocation refused ---- */

static void
every_failure_is_told(int (*act)(struct fault *))
{
	struct fault f = { 0 };
	long n, before;

	for (n = 0;; n++) {
		int rc;

		f = (struct fault){ 0 };
		before = live;
		refused = false;
		left = n;
		rc = act(&f);
		left = -1;
		assert_true(live >= before && live - before <= forgivable);
		assert_true(rc == 0 || rc == -1);
		if (rc == -1) {
			assert_int_not_equal(f.kind, FAULT_NONE);
			assert_int_not_equal(f.kind, FAULT_BUG);
			assert_true(strlen(f.text) > 0);
		}
		if (!refused)
			break;
		assert_true(n < 10000);
	}
	assert_int_equal(f.kind, FAULT_NONE);
	assert_true(n > 0);
}

static void
every_failure_is_told_and_loses_nothing(int (*act)(struct fault *))
{
	struct fault f = { 0 };

	/* What libraries allocate once and keep. */
	assert_int_equal(act(&f), 0);
	once = false;
	every_failure_is_told(act);
	once = true;
	every_failure_is_told(act);
}

#endif
#endif
