#include "base/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/utf8.h"

#define QUIET_MS 500 /* short work shows nothing */
#define PAUSE_MS 100

static int
columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col == 0)
		return 80;
	return w.ws_col;
}

void
progress_start(struct progress *p, const char *label, int64_t bytes_total,
    int64_t items_total)
{
	*p = (struct progress){ .label = label,
		.bytes_total = bytes_total,
		.items_total = items_total,
		.begun = time_ticks() };
	p->drawn = p->begun + QUIET_MS - PAUSE_MS;
}

void
progress_set(struct progress *p, int64_t bytes, int64_t items)
{
	char text[PROGRESS_TEXT];
	int64_t now;

	p->bytes = bytes;
	p->items = items;
	if (!log_is_live())
		return;
	now = time_ticks();
	if (now - p->drawn < PAUSE_MS)
		return;
	p->drawn = now;
	progress_text(p, now, columns(), text);
	log_status(text);
}

void
progress_end(struct progress *p)
{
	p->label = NULL;
	log_status(NULL);
}

/* ---- the text ---- */

struct unit {
	const char *name;
	int64_t size;
};

/* The largest unit that leaves at least one. */
static const struct unit *
unit_of(int64_t bytes)
{
	static const struct unit units[] = { { "GB", 1000000000 },
		{ "MB", 1000000 }, { "kB", 1000 }, { "B", 1 } };
	const struct unit *u = units;

	while (u->size > 1 && bytes < u->size)
		u++;
	return u;
}

/* Bytes in a unit, with one digit behind the point unless it is whole. */
static void
amount(int64_t bytes, const struct unit *u, char *out, size_t n)
{
	int64_t tenths = u->size > 1 ? bytes / (u->size / 10) : 0;

	if (u->size == 1)
		(void)snprintf(out, n, "%lld", (long long)bytes);
	else
		(void)snprintf(out, n, "%lld.%d", (long long)(tenths / 10),
		    (int)(tenths % 10));
}

static void add(char *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Add a part at the end; what does not fit is cut. */
static void
add(char *out, const char *fmt, ...)
{
	char *end = out;
	va_list ap;

	while (*end != '\0')
		end++;
	va_start(ap, fmt);
	(void)vsnprintf(end, PROGRESS_TEXT - (size_t)(end - out), fmt, ap);
	va_end(ap);
}

static void
add_bytes(const struct progress *p, char *out)
{
	int64_t most = p->bytes_total > 0 ? p->bytes_total : p->bytes;
	const struct unit *u = unit_of(most);
	char done[32], all[32];

	if (most <= 0)
		return;
	amount(p->bytes, u, done, sizeof(done));
	amount(most, u, all, sizeof(all));
	if (p->bytes_total > 0)
		add(out, "  %s of %s %s", done, all, u->name);
	else
		add(out, "  %s %s", done, u->name);
}

static void
add_rate(const struct progress *p, int64_t ms, char *out)
{
	/* In two steps: the first product could be too large. */
	int64_t rate = p->bytes / ms * 1000 + p->bytes % ms * 1000 / ms;
	const struct unit *u = unit_of(rate);
	char text[32];

	if (p->bytes <= 0)
		return;
	amount(rate, u, text, sizeof(text));
	add(out, "  %s %s/s", text, u->name);
}

/* Time left, judged by bytes if their total is known, else by items. */
static void
add_left(const struct progress *p, int64_t ms, char *out)
{
	bool by_bytes = p->bytes_total > 0;
	int64_t total = by_bytes ? p->bytes_total : p->items_total;
	int64_t done = by_bytes ? p->bytes : p->items;
	double left;
	long long s;

	if (total <= 0 || done <= 0 || done > total)
		return;
	left = (double)ms / 1000 * (double)(total - done) / (double)done;
	if (left > 359999) /* 99:59:59: a guess that nobody needs */
		return;
	s = (long long)(left + 0.5);
	if (s >= 3600)
		add(out, "  %lld:%02lld:%02lld left", s / 3600, s / 60 % 60,
		    s % 60);
	else
		add(out, "  %lld:%02lld left", s / 60, s % 60);
}

void
progress_text(const struct progress *p, int64_t now, int width,
    char out[PROGRESS_TEXT])
{
	int64_t ms = now - p->begun;

	(void)snprintf(out, PROGRESS_TEXT, "%.150s", p->label);
	if (p->items_total > 0)
		add(out, "  %lld of %lld", (long long)p->items,
		    (long long)p->items_total);
	else if (p->items > 0)
		add(out, "  %lld", (long long)p->items);
	add_bytes(p, out);
	if (ms > 0) {
		add_rate(p, ms, out);
		add_left(p, ms, out);
	}
	utf8_defang(out);
	/* The last column would make some terminals begin a new line. */
	utf8_cut(out, width > 1 ? (size_t)(width - 1) : 0);
}
