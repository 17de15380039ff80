#include "base/ask.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

bool
ask_possible(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

/* A line without its end and blanks around it; have is false at the end. */
static int
read_line(struct buf *line, bool *have, struct fault *f)
{
	char c;
	ssize_t n;

	buf_reset(line);
	*have = false;
	for (;;) {
		n = read(STDIN_FILENO, &c, 1);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return fault_system(f, errno, "cannot read an answer");
		if (n == 0)
			break;
		*have = true;
		if (c == '\n')
			break;
		if (buf_add(line, &c, 1, f) == -1)
			return -1;
	}
	while (line->len > 0 && strchr(" \t\r", line->data[line->len - 1]))
		buf_cut(line, line->len - 1);
	return 0;
}

static int
put_question(const char *question, const char *fallback, const char *end,
    struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	if (buf_format(&b, f, "%s%s%s%s%s", question,
		fallback != NULL ? " [" : "", fallback != NULL ? fallback : "",
		fallback != NULL ? "]" : "", end) == -1)
		return -1;
	return file_write(STDERR_FILENO, b.data, b.len, f);
}

int
ask_text(const char *question, const char *fallback, char **answer,
    struct fault *f)
{
	OWNED_BUF struct buf line = BUF_INIT(ASK_LINE_MAX);
	const char *text;
	bool have;

	do {
		if (put_question(question, fallback, ": ", f) == -1 ||
		    read_line(&line, &have, f) == -1)
			return -1;
		if (!have)
			return fault_set(f, FAULT_CONFIG,
			    "no answer: nothing was changed");
		text = line.data + strspn(line.data, " \t");
		if (*text == '\0')
			text = fallback;
	} while (text == NULL);
	*answer = strdup(text);
	return *answer != NULL ? 0 : fault_memory(f);
}

int
ask_option(const char *given, const char *question, const char *fallback,
    char **answer, struct fault *f)
{
	if (given == NULL && ask_possible())
		return ask_text(question, fallback, answer, f);
	if (given == NULL)
		given = fallback;
	if (given == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "there is no terminal to ask at: %s", question);
	*answer = strdup(given);
	return *answer != NULL ? 0 : fault_memory(f);
}

int
ask_yes(const char *question, bool *yes, struct fault *f)
{
	OWNED_BUF struct buf line = BUF_INIT(ASK_LINE_MAX);
	const char *text;
	bool have;

	if (put_question(question, "y/N", " ", f) == -1 ||
	    read_line(&line, &have, f) == -1)
		return -1;
	text = line.data + strspn(line.data, " \t");
	*yes = strcasecmp(text, "y") == 0 || strcasecmp(text, "yes") == 0;
	return 0;
}
