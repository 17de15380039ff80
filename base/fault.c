#include "base/fault.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Cutting text may have left half a UTF-8 character at the end. */
static void
trim_cut_character(char *s)
{
	size_t n = strlen(s), i = n;

	if (n + 1 < FAULT_TEXT_MAX)
		return;
	while (i > 0 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
		i--;
	if (i > 0 && (unsigned char)s[i - 1] >= 0xc0)
		s[i - 1] = '\0';
}

/* Add text, or as much of it as fits. */
static void
add(char s[FAULT_TEXT_MAX], const char *more)
{
	size_t len = strlen(s), n = strnlen(more, FAULT_TEXT_MAX - 1 - len);

	memcpy(s + len, more, n);
	s[len + n] = '\0';
}

static void record(struct fault *f, enum fault_kind kind, int sys,
    const char *fmt, va_list ap) __attribute__((format(printf, 4, 0)));

static void
record(struct fault *f, enum fault_kind kind, int sys, const char *fmt,
    va_list ap)
{
	char text[FAULT_TEXT_MAX];

	/* The arguments may well be the text of this very fault. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	memcpy(f->text, text, sizeof(text));
	f->kind = kind;
	f->sys = sys;
}

int
fault_set(struct fault *f, enum fault_kind kind, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record(f, kind, 0, fmt, ap);
	va_end(ap);
	trim_cut_character(f->text);
	utf8_defang(f->text);
	return -1;
}

int
fault_system(struct fault *f, int errnum, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	record(f, FAULT_SYSTEM, errnum, fmt, ap);
	va_end(ap);
	add(f->text, ": ");
	add(f->text, strerror(errnum));
	trim_cut_character(f->text);
	utf8_defang(f->text);
	return -1;
}

int
fault_memory(struct fault *f)
{
	return fault_set(f, FAULT_MEMORY, "out of memory");
}

int
fault_within(struct fault *f, const char *fmt, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(text, ": ");
	add(text, f->text);
	memcpy(f->text, text, sizeof(text));
	trim_cut_character(f->text);
	utf8_defang(f->text);
	return -1;
}

int
fault_exit(const struct fault *f)
{
	switch (f->kind) {
	case FAULT_NONE:
		return EXIT_DONE;
	case FAULT_CONFIG:
		return EXIT_CONFIG;
	case FAULT_NETWORK:
	case FAULT_BEHIND:
		return EXIT_NETWORK;
	case FAULT_FORMAT:
	case FAULT_LIMIT:
	case FAULT_UNSIGNED:
	case FAULT_FORK:
		return EXIT_REFUSED;
	case FAULT_EXPIRED:
		return EXIT_EXPIRED;
	case FAULT_MEMORY:
	case FAULT_SYSTEM:
	case FAULT_ATTENTION:
		return EXIT_LOCAL;
	case FAULT_BUSY:
		return EXIT_BUSY;
	case FAULT_BUG:
		break;
	}
	return EXIT_BUG;
}

int
exit_worse(int a, int b)
{
	static const int order[] = { EXIT_BUG, EXIT_REFUSED, EXIT_LOCAL,
		EXIT_CONFIG, EXIT_EXPIRED, EXIT_NETWORK, EXIT_BUSY, EXIT_DONE };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (order[i] == a || order[i] == b)
			return order[i];
	return EXIT_BUG;
}
