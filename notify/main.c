/*
 * wikicast-notify: the receiver of notifications, a CGI program.  It says
 * whether a feed's serial is news here, and touches a file, so that fetch is
 * run.  It has no network client, no keys, no wiki and no parser of content,
 * and goes nowhere that a stranger names.
 *
 * Web servers may hand over words of a query as arguments: there are none
 * that matter once there is a request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "feeds/board.h"
#include "notify/receive.h"
#include "notify/request.h"

#define SECONDS 20 /* for all of it; a form that drips is given up */

static const char usage[] =
    "Usage: a web server runs it (CGI), for POST; see wikicast-notify(1).\n"
    "WIKICAST_NOTIFY_DIR is the folder that it shares with wikicast fetch,\n"
    "if that is not " BOARD_FOLDER ".\n";

static const struct status {
	int number;
	const char *phrase;
	const char *text;
} statuses[] = {
	{ 202, "Accepted", "news, thank you" },
	{ 208, "Already Reported", "known" },
	{ 400, "Bad Request", "not a notification" },
	{ 404, "Not Found", "this feed is not followed here" },
	{ 405, "Method Not Allowed", "only POST" },
	{ 409, "Conflict", "that serial has another state here" },
	{ 411, "Length Required", "no length" },
	{ 413, "Content Too Large", "too long" },
	{ 415, "Unsupported Media Type", "not a form" },
	{ 429, "Too Many Requests", "too often" },
	{ 503, "Service Unavailable", "out of order" },
};

static const struct status *
find_status(int number)
{
	size_t i, last = sizeof(statuses) / sizeof(statuses[0]) - 1;

	for (i = 0; i < last; i++)
		if (statuses[i].number == number)
			break;
	return &statuses[i];
}

static int
reply(const struct receive_answer *answer, struct fault *f)
{
	const struct status *s = find_status(answer->status);
	OWNED_BUF struct buf b = BUF_INIT(1024);

	if (buf_format(&b, f, "Status: %d %s\r\n", s->number, s->phrase) ==
		-1 ||
	    (answer->retry_after > 0 &&
		buf_format(&b, f, "Retry-After: %lld\r\n",
		    (long long)answer->retry_after) == -1) ||
	    (s->number == 405 &&
		buf_add_text(&b, "Allow: POST\r\n", f) == -1) ||
	    buf_format(&b, f,
		"Content-Type: text/plain\r\n"
		"Cache-Control: no-store\r\n\r\n%s\n",
		s->text) == -1)
		return -1;
	return file_write(STDOUT_FILENO, b.data, b.len, f);
}

static const char *
folder(void)
{
	const char *given = getenv("WIKICAST_NOTIFY_DIR");

	return given != NULL && *given != '\0' ? given : BOARD_FOLDER;
}

/* What is the sender's fault is an answer, what is ours a fault. */
static int
answer_request(const struct request *r, struct receive_answer *answer,
    struct fault *f)
{
	OWNED_BUF struct buf body = BUF_INIT(NOTICE_MAX);
	struct notice notice;
	size_t length;

	answer->status = request_refusal(r, &length);
	if (answer->status != 0) {
		request_drain(STDIN_FILENO, length);
		return 0;
	}
	answer->status = 400;
	if (request_body(STDIN_FILENO, length, &body, f) == -1 ||
	    notice_read(body.data, body.len, &notice, f) == -1)
		return f->kind == FAULT_FORMAT ? 0 : -1;
	return receive_notice(folder(), r->address != NULL ? r->address : "",
	    &notice, time_now(), answer, f);
}

static int
serve(const struct request *r)
{
	struct receive_answer answer = { .status = 0 };
	struct fault f = { 0 };
	int rc;

	(void)alarm(SECONDS);
	rc = answer_request(r, &answer, &f);
	if (rc == -1) {
		log_fault(&f);
		answer = (struct receive_answer){ .status = 503,
			.retry_after = 600 };
	}
	if (reply(&answer, &f) == -1) {
		log_fault(&f);
		rc = -1;
	}
	return rc == -1 ? fault_exit(&f) : EXIT_DONE;
}

static int
say(FILE *to, const char *text, int status)
{
	if (fputs(text, to) >= 0 && fflush(to) == 0)
		return status;
	return EXIT_LOCAL;
}

int
main(int argc, char *argv[])
{
	const struct request r = { .method = getenv("REQUEST_METHOD"),
		.content_type = getenv("CONTENT_TYPE"),
		.length = getenv("CONTENT_LENGTH"),
		.address = getenv("REMOTE_ADDR") };

	log_start("wikicast-notify", LOG_NORMAL);
	if (r.method != NULL)
		return serve(&r);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return say(stdout, "wikicast " WIKICAST_VERSION "\n",
		    EXIT_DONE);
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return say(stdout, usage, EXIT_DONE);
	return say(stderr, usage, EXIT_CONFIG);
}
