#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/progress.h"

static const char *
text(struct progress p, int64_t now, int columns)
{
	static char out[PROGRESS_TEXT];

	progress_text(&p, now, columns, out);
	return out;
}

static void
what_is_known_is_shown(void **state)
{
	struct progress p = { .label = "fetching x",
		.items_total = 340,
		.items = 12,
		.bytes_total = 9100000,
		.bytes = 1200000,
		.begun = 1000 };

	(void)state;
	assert_string_equal(text(p, 4000, 80),
	    "fetching x  12 of 340  "
	    "1.2 of 9.1 MB  400.0 kB/s  0:20 left");
	p.bytes = p.bytes_total = 0;
	assert_string_equal(text(p, 4000, 80),
	    "fetching x  12 of 340  1:22 left");
	p.items_total = 0;
	assert_string_equal(text(p, 4000, 80), "fetching x  12");
	p.items = 0;
	assert_string_equal(text(p, 4000, 80), "fetching x");
	p.bytes = 999;
	assert_string_equal(text(p, 2000, 80), "fetching x  999 B  999 B/s");
	p.bytes = 1000;
	assert_string_equal(text(p, 1000, 80), "fetching x  1.0 kB");
}

static void
extremes_stay_sane(void **state)
{
	struct progress p = { .label = "x",
		.bytes_total = INT64_MAX,
		.bytes = INT64_MAX - 1 };

	(void)state;
	assert_string_equal(text(p, 1000, 200),
	    "x  9223372036.8 of 9223372036.8 GB  9223372036.8 GB/s  0:00 left");
	/* More than was announced; hardly begun; a clock at rest. */
	p = (struct progress){ .label = "x", .bytes_total = 10, .bytes = 20 };
	assert_string_equal(text(p, 1000, 80), "x  20 of 10 B  20 B/s");
	p = (struct progress){ .label = "x",
		.bytes_total = INT64_MAX,
		.bytes = 1 };
	assert_null(strstr(text(p, 1000000, 80), "left"));
	p.bytes = 0;
	assert_null(strstr(text(p, 1000000, 80), "left"));
	assert_null(strstr(text(p, 0, 80), "/s"));
}

static void
the_line_fits_and_is_harmless(void **state)
{
	struct progress p = { .label = "\xc3\xa9\x1b[31m",
		.items_total = 10,
		.items = 1 };
	char label[400];

	(void)state;
	assert_string_equal(text(p, 0, 80), "\xc3\xa9?[31m  1 of 10");
	assert_string_equal(text(p, 0, 5), "\xc3\xa9?[3");
	assert_string_equal(text(p, 0, 0), "");
	memset(label, 'x', sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	p.label = label;
	assert_non_null(strstr(text(p, 0, 1000), "x  1 of 10"));
}

/* Put a new terminal, or nothing, in place of stderr; gives its other end. */
static int
new_terminal(int *saved)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1)
		return -1;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave == -1)
		return -1;
	*saved = dup(2);
	assert_int_equal(dup2(slave, 2), 2);
	(void)close(slave);
	assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
	return master;
}

static const char *
shown(int master)
{
	static char got[4096];
	struct pollfd p = { .fd = master, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	/* A terminal hands over in pieces, and in its own time. */
	while (len < sizeof(got) - 1 && poll(&p, 1, 500) == 1 &&
	    (n = read(master, got + len, sizeof(got) - 1 - len)) > 0)
		len += (size_t)n;
	got[len] = '\0';
	return got;
}

static void
a_terminal_shows_it_and_forgets_it(void **state)
{
	int saved, master = new_terminal(&saved);
	struct progress p;
	char all[4096];

	(void)state;
	if (master == -1)
		skip();
	(void)setenv("TERM", "xterm", 1);
	log_start("w", LOG_NORMAL);
	progress_start(&p, "work", 0, 10);
	/* Clocks are set, lest a busy machine decides what is shown. */
	p.begun += 1000000;
	progress_set(&p, 0, 1); /* too early */
	p.begun -= 1010000;
	p.drawn -= 10000;
	progress_set(&p, 0, 2);
	p.drawn += 1000000;
	progress_set(&p, 0, 3); /* too soon after */
	p.drawn -= 1000000;
	log_note("a line");
	p.drawn -= 10000;
	progress_set(&p, 0, 4);
	progress_end(&p);
	progress_end(&p);
	(void)snprintf(all, sizeof(all), "%s", shown(master));
	assert_int_equal(dup2(saved, 2), 2);
	(void)close(saved);
	(void)close(master);
	assert_null(strstr(all, "1 of 10"));
	assert_non_null(strstr(all, "\r\033[Kwork  2 of 10"));
	assert_null(strstr(all, "3 of 10"));
	assert_non_null(strstr(all, "left\r\033[Kw: a line\r\n"));
	assert_non_null(strstr(all, "\r\033[Kwork  4 of 10"));
	assert_int_equal(strcmp(all + strlen(all) - 8, "left\r\033[K"), 0);
}

static void
nobody_is_shown_anything_without_a_fit_terminal(void **state)
{
	int saved, master = new_terminal(&saved), i;
	char all[4096];

	(void)state;
	if (master == -1)
		skip();
	for (i = 0; i < 3; i++) {
		struct progress p;

		(void)setenv("TERM", i == 1 ? "dumb" : "xterm", 1);
		if (i == 2)
			(void)unsetenv("TERM");
		log_start("w", i == 0 ? LOG_QUIET : LOG_NORMAL);
		progress_start(&p, "work", 0, 10);
		p.drawn -= 10000;
		progress_set(&p, 0, 2);
		progress_end(&p);
	}
	(void)snprintf(all, sizeof(all), "%s", shown(master));
	assert_int_equal(dup2(saved, 2), 2);
	(void)close(saved);
	(void)close(master);
	assert_string_equal(all, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_is_shown),
		cmocka_unit_test(extremes_stay_sane),
		cmocka_unit_test(the_line_fits_and_is_harmless),
		cmocka_unit_test(a_terminal_shows_it_and_forgets_it),
		cmocka_unit_test(
		    nobody_is_shown_anything_without_a_fit_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
