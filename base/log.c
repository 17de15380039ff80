#include "base/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES (2 * FAULT_TEXT_MAX)

/* The one process-wide state: there is only one stderr. */
static struct {
	const char *program;
	enum log_verbosity verbosity;
	bool journal; /* stderr goes to the journal of systemd */
	bool live;    /* stderr is a terminal that can take a line back */
	bool shown;   /* a status line stands there */
} here;

/*
 * systemd.exec(5): JOURNAL_STREAM is the device and inode of the stream, and
 * stays in the environment when stderr has been redirected since.
 */
static bool
is_journal(void)
{
	const char *want = getenv("JOURNAL_STREAM");
	char have[48];
	struct stat st;

	if (want == NULL || fstat(STDERR_FILENO, &st) == -1)
		return false;
	(void)snprintf(have, sizeof(have), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(want, have) == 0;
}

static bool
is_terminal(void)
{
	const char *term = getenv("TERM");

	return term != NULL && *term != '\0' && strcmp(term, "dumb") != 0 &&
	    isatty(STDERR_FILENO) == 1;
}

void
log_start(const char *program, enum log_verbosity verbosity)
{
	int fd;

	/*
	 * The lowest free number is taken: stop at the first above stderr.
	 * For reading: results written to a closed stdout are to be a fault.
	 */
	while ((fd = open("/dev/null", O_RDONLY)) != -1)
		if (fd > STDERR_FILENO) {
			(void)close(fd);
			break;
		}
	here.program = program;
	here.verbosity = verbosity;
	here.journal = is_journal();
	here.live = verbosity > LOG_QUIET && is_terminal();
}

static void
put(const char *bytes, size_t n)
{
	ssize_t ignored = write(STDERR_FILENO, bytes, n);

	(void)ignored;
}

static void line(int priority, const char *label, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void
line(int priority, const char *label, const char *fmt, va_list ap)
{
	char text[LINE_MAX_BYTES], whole[LINE_MAX_BYTES + 256], level[8] = "";
	int n;

	log_status(NULL);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	utf8_defang(text);
	if (here.journal)
		(void)snprintf(level, sizeof(level), "<%d>", priority);
	n = snprintf(whole, sizeof(whole), "%s%.100s%s%s%s\n", level,
	    here.program != NULL ? here.program : "",
	    here.program != NULL ? ": " : "", label, text);
	put(whole, (size_t)n);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(3, "", fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line(4, "warning: ", fmt, ap);
	va_end(ap);
}

void
log_note(const char *fmt, ...)
{
	va_list ap;

	if (here.verbosity < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	line(6, "", fmt, ap);
	va_end(ap);
}

void
log_detail(const char *fmt, ...)
{
	va_list ap;

	if (here.verbosity < LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	line(7, "", fmt, ap);
	va_end(ap);
}

void
log_fault(const struct fault *f)
{
	if (f->kind != FAULT_NONE)
		log_error("%s", f->text);
}

bool
log_is_live(void)
{
	return here.live;
}

void
log_status(const char *text)
{
	char whole[LINE_MAX_BYTES];
	int n;

	if (!here.live || (text == NULL && !here.shown))
		return;
	n = snprintf(whole, sizeof(whole), "\r\033[K%.1000s",
	    text != NULL ? text : "");
	put(whole, (size_t)n);
	here.shown = text != NULL;
}
