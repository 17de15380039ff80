/*
 * rogue -- a web server for tests, that misbehaves as it is told.
 *
 *	rogue [-c CONTROL] [-l LOG] [-s SLOW] FOLDER
 *
 * Prints its port (127.0.0.1) and serves until its parent ends.  A path is
 * /MODE/NAME or /MODE=ARG/NAME, where a mode is in the table below, and the
 * file is NAME in the folder; "once-MODE" is meant for the first request of a
 * path only, and is "plain" from then on.  A path without a mode is looked up
 * in CONTROL, which is read anew each time: lines "SUFFIX MODE[=ARG]", of
 * which the first whose suffix the path has counts ("*": any path).  LOG gets
 * the head of each request.  While a connection is kept waiting, the folder
 * SLOW has a file named after the client's port (for patience_preload.c), with
 * the milliseconds that a byte is meant to take; 0: none will come.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"

#define HEAD_MAX 8192
#define BODY_MAX ((size_t)256 << 20)
#define PATHS 1024

struct request {
	char head[HEAD_MAX];
	char path[HEAD_MAX];  /* without the query */
	char query[HEAD_MAX]; /* behind the question mark, or "" */
	char name[HEAD_MAX];
	char mode[256];
	int64_t arg;	  /* 0 if there is none */
	const char *text; /* the same as text, or "" */
};

/* An answer, which a mode changes before it is sent. */
struct answer {
	int fd;
	struct buf body;
	struct buf headers; /* more of them */
	const char *length; /* NULL: the true one; "": none */
	int64_t sent_max;   /* stop behind so many bytes of body; -1: never */
	int64_t pause_ms;   /* between single bytes of the body */
	bool plain;	    /* conditions and ranges are honoured */
	bool no_etag;
	bool done;	 /* the mode has said it all */
	bool hang;	 /* keep the connection open behind the last byte */
	int64_t stop_at; /* hang before this byte of the file; -1: do not */
};

static const char *folder = ".", *control, *log_name, *slow;
static char slow_name[512]; /* this connection's, or "" */
static unsigned int *seen;  /* shared: requests by hash of path */

static const char *asked(struct request *r, const char *name, char out[256]);

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
pause_ms(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static void
hang_up(void)
{
	if (*slow_name != '\0')
		(void)unlink(slow_name);
	_exit(0);
}

static void
put(int fd, const void *bytes, size_t n)
{
	struct fault f = { 0 };

	if (file_write(fd, bytes, n, &f) == -1)
		hang_up(); /* the client has gone */
}

static void __attribute__((format(printf, 2, 3)))
say(int fd, const char *fmt, ...)
{
	OWNED_MEM char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1)
		die("rogue");
	put(fd, text, (size_t)n);
}

static void
more(struct buf *b, const char *text)
{
	struct fault f = { 0 };

	if (buf_add_text(b, text, &f) == -1)
		die(f.text);
}

/* From here on the client is kept waiting. */
static void
go_slow(int fd, int64_t ms)
{
	OWNED_FD int out = -1;
	struct sockaddr_in there;
	socklen_t size = sizeof(there);
	char name[600];

	if (slow == NULL)
		return;
	if (getpeername(fd, (struct sockaddr *)&there, &size) == -1)
		hang_up();
	(void)snprintf(slow_name, sizeof(slow_name), "%s/%d", slow,
	    ntohs(there.sin_port));
	(void)snprintf(name, sizeof(name), "%s.new", slow_name);
	out = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (out == -1)
		die(name);
	say(out, "%lld\n", (long long)ms);
	if (rename(name, slow_name) == -1)
		die(slow_name);
}

/* Until the client has had enough. */
static void
say_nothing(int fd)
{
	char byte;

	go_slow(fd, 0);
	while (read(fd, &byte, 1) > 0)
		continue;
	hang_up();
}

/* ---- modes ---- */

static void
mode_plain(struct request *r, struct answer *a)
{
	(void)r;
	a->plain = true;
}

/* Ranges are not honoured. */
static void
mode_whole(struct request *r, struct answer *a)
{
	(void)r;
	(void)a;
}

static void
mode_cut(struct request *r, struct answer *a)
{
	a->sent_max = r->arg;
}

/* In the middle of any answer, be it a part; a client may go on from there. */
static void
mode_break(struct request *r, struct answer *a)
{
	a->plain = true;
	a->sent_max = r->arg;
}

static void
mode_cut_unknown(struct request *r, struct answer *a)
{
	a->sent_max = r->arg;
	a->length = "";
}

static void
mode_stall(struct request *r, struct answer *a)
{
	a->sent_max = r->arg;
	a->hang = true;
}

/* The same, and the connection stays. */
static void
mode_halt(struct request *r, struct answer *a)
{
	mode_break(r, a);
	a->hang = true;
}

/* Before one byte of the file; parts without it come. */
static void
mode_stall_at(struct request *r, struct answer *a)
{
	a->plain = true;
	a->stop_at = r->arg;
}

static void
mode_drip(struct request *r, struct answer *a)
{
	a->pause_ms = r->arg;
}

/* A byte now and then, for ever; each is meant to take so many ms. */
static void
drip(struct request *r, struct answer *a, const char *head)
{
	char block[1000];
	size_t n = r->arg > 0 ? (size_t)(1000 / r->arg) : 0;

	memset(block, 'x', sizeof(block));
	say(a->fd, "%s", head);
	for (go_slow(a->fd, r->arg);; pause_ms(1))
		put(a->fd, block, n > 0 ? n : 1);
}

static void
mode_drip_headers(struct request *r, struct answer *a)
{
	drip(r, a, "HTTP/1.1 200 OK\r\nX-Slow: ");
}

static void
mode_drip_endless(struct request *r, struct answer *a)
{
	drip(r, a, "HTTP/1.1 200 OK\r\n\r\n");
}

/* Not even a status. */
static void
mode_silent(struct request *r, struct answer *a)
{
	(void)r;
	say_nothing(a->fd);
}

static void
mode_endless(struct request *r, struct answer *a)
{
	static const char block[4096];

	(void)r;
	say(a->fd, "HTTP/1.1 200 OK\r\n\r\n");
	for (;;)
		put(a->fd, block, sizeof(block));
}

static void
mode_endless_chunked(struct request *r, struct answer *a)
{
	static const char block[4096];

	(void)r;
	say(a->fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (;;) {
		say(a->fd, "1000\r\n");
		put(a->fd, block, sizeof(block));
		say(a->fd, "\r\n");
	}
}

/* One chunk that says it is as large as can be, and ends early. */
static void
mode_huge_chunk(struct request *r, struct answer *a)
{
	(void)r;
	say(a->fd,
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "ffffffffffffffff\r\nabc");
	hang_up();
}

static void
mode_length(struct request *r, struct answer *a)
{
	a->length = r->text;
}

static void
mode_two_lengths(struct request *r, struct answer *a)
{
	(void)r;
	more(&a->headers, "Content-Length: 5\r\n");
}

/* To the query, or to the argument. */
static void
mode_redirect(struct request *r, struct answer *a)
{
	say(a->fd,
	    "HTTP/1.1 302 Found\r\nLocation: %s\r\n"
	    "Content-Length: 5\r\n\r\nthere",
	    *r->query != '\0' ? r->query : r->text);
	a->done = true;
}

/* To itself. */
static void
mode_loop(struct request *r, struct answer *a)
{
	say(a->fd,
	    "HTTP/1.1 307 Temporary Redirect\r\nLocation: %s\r\n"
	    "Content-Length: 0\r\n\r\n",
	    r->path);
	a->done = true;
}

/* So many redirects, then the file. */
static void
mode_redirects(struct request *r, struct answer *a)
{
	a->plain = r->arg == 0;
	if (a->plain)
		return;
	say(a->fd,
	    "HTTP/1.1 301 Moved Permanently\r\n"
	    "Location: /redirects=%lld/%s\r\nContent-Length: 0\r\n\r\n",
	    (long long)r->arg - 1, r->name);
	a->done = true;
}

static void
mode_unchanged(struct request *r, struct answer *a)
{
	(void)r;
	say(a->fd, "HTTP/1.1 304 Not Modified\r\n\r\n");
	a->done = true;
}

/* 206, whatever was asked for, from this byte on. */
static void
mode_part(struct request *r, struct answer *a)
{
	size_t at = (size_t)r->arg < a->body.len ? (size_t)r->arg : 0;

	say(a->fd,
	    "HTTP/1.1 206 Partial Content\r\nContent-Length: %zu\r\n"
	    "Content-Range: bytes %zu-%zu/%zu\r\n\r\n",
	    a->body.len - at, at, a->body.len - 1, a->body.len);
	put(a->fd, a->body.data + at, a->body.len - at);
	a->done = true;
}

/* 206 with this for a Content-Range; a plus is a blank. */
static void
mode_range(struct request *r, struct answer *a)
{
	char *p;

	for (p = r->query; (p = strchr(p, '+')) != NULL;)
		*p = ' ';
	say(a->fd,
	    "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\n"
	    "Content-Range: %s\r\n\r\nabcde",
	    r->query);
	a->done = true;
}

static void
mode_multipart(struct request *r, struct answer *a)
{
	(void)r;
	say(a->fd,
	    "HTTP/1.1 206 Partial Content\r\nContent-Length: 90\r\n"
	    "Content-Type: multipart/byteranges; boundary=X\r\n\r\n"
	    "--X\r\nContent-Range: bytes 3-5/9\r\n\r\nabc\r\n--X--\r\n");
	hang_up();
}

static void
mode_status(struct request *r, struct answer *a)
{
	say(a->fd, "HTTP/1.1 %lld Rogue\r\nContent-Length: 5\r\n\r\nrogue",
	    (long long)r->arg);
	a->done = true;
}

/* 404 with a page that does not end. */
static void
mode_chatter(struct request *r, struct answer *a)
{
	static const char block[4096];

	(void)r;
	say(a->fd, "HTTP/1.1 404 Not Found\r\n\r\n");
	for (;;)
		put(a->fd, block, sizeof(block));
}

static void
busy(int fd, const char *status, const char *after)
{
	say(fd, "HTTP/1.1 %s\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
	    status, after);
}

static void
mode_busy(struct request *r, struct answer *a)
{
	busy(a->fd, "429 Too Many Requests", r->text);
	a->done = true;
}

static void
mode_unavailable(struct request *r, struct answer *a)
{
	busy(a->fd, "503 Service Unavailable", r->text);
	a->done = true;
}

/* The date of Retry-After lies in the past. */
static void
mode_long_ago(struct request *r, struct answer *a)
{
	(void)r;
	busy(a->fd, "503 Service Unavailable", "Thu, 01 Jan 1998 00:00:00 GMT");
	a->done = true;
}

static void
mode_html(struct request *r, struct answer *a)
{
	(void)r;
	buf_reset(&a->body);
	more(&a->body,
	    "\r\n<!DOCTYPE html>\n<title>Welcome to the hotel</title>");
}

static void
mode_encoded(struct request *r, struct answer *a)
{
	more(&a->headers, "Content-Encoding: ");
	more(&a->headers, r->text);
	more(&a->headers, "\r\n");
}

static void
mode_transfer(struct request *r, struct answer *a)
{
	a->length = "";
	more(&a->headers, "Transfer-Encoding: ");
	more(&a->headers, r->text);
	more(&a->headers, "\r\n");
}

static void
mode_headers(struct request *r, struct answer *a)
{
	int64_t n;

	for (n = 0; n < r->arg; n += 50)
		more(&a->headers,
		    "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaa\r\n");
}

static void
mode_continues(struct request *r, struct answer *a)
{
	int64_t i;

	for (i = 0; i < r->arg; i++)
		say(a->fd, "HTTP/1.1 100 Continue\r\n\r\n");
}

/* Validators that no request may repeat. */
static void
mode_inject(struct request *r, struct answer *a)
{
	(void)r;
	more(&a->headers,
	    "ETag: \"a\001\rHost: evil.example\"\r\n"
	    "Last-Modified: \x1b[2J\r\n");
}

static void
mode_flip(struct request *r, struct answer *a)
{
	a->plain = true;
	if ((size_t)r->arg < a->body.len)
		a->body.data[r->arg] ^= 1;
}

static void
mode_truncate(struct request *r, struct answer *a)
{
	a->plain = true;
	if ((size_t)r->arg < a->body.len)
		buf_cut(&a->body, (size_t)r->arg);
}

static void
mode_longer(struct request *r, struct answer *a)
{
	int64_t i;

	a->plain = true;
	for (i = 0; i < r->arg; i++)
		more(&a->body, "+");
}

static void
mode_longer_unknown(struct request *r, struct answer *a)
{
	mode_longer(r, a);
	a->plain = false;
	a->length = "";
}

/* The file that lies beside, with ".other" behind its name. */
static void
mode_swap(struct request *r, struct answer *a)
{
	struct fault f = { 0 };
	char path[2 * HEAD_MAX];
	bool have;

	(void)snprintf(path, sizeof(path), "%s/%s.other", folder, r->name);
	buf_reset(&a->body);
	if (file_read(AT_FDCWD, path, &a->body, &have, &f) == -1)
		die(f.text);
	a->plain = true;
}

/*
 * A server without ETags, whose file is of one second whatever it has; when it
 * was first asked is so many seconds later.
 */
static void
mode_dated(struct request *r, struct answer *a)
{
	static const char date[] = "Tue, 24 Nov 2026 06:25:10 GMT";
	char value[256], line[64];

	if (asked(r, "If-Modified-Since", value) != NULL &&
	    strcmp(value, date) == 0) {
		mode_unchanged(r, a);
		return;
	}
	(void)snprintf(line, sizeof(line),
	    "Date: Tue, 24 Nov 2026 06:25:%lld GMT\r\n",
	    (long long)(10 + r->arg));
	more(&a->headers, line);
	more(&a->headers, "Last-Modified: ");
	more(&a->headers, date);
	more(&a->headers, "\r\n");
	a->no_etag = true;
}

static void
mode_reset(struct request *r, struct answer *a)
{
	(void)r;
	(void)a;
	hang_up();
}

static void
mode_babble(struct request *r, struct answer *a)
{
	(void)r;
	say(a->fd, "220 this is not HTTP\r\n");
	hang_up();
}

static const struct {
	const char *name;
	void (*set)(struct request *r, struct answer *a);
} modes[] = {
	{ "plain", mode_plain },
	{ "whole", mode_whole },
	{ "cut", mode_cut },
	{ "break", mode_break },
	{ "cut-unknown", mode_cut_unknown },
	{ "stall", mode_stall },
	{ "halt", mode_halt },
	{ "stall-at", mode_stall_at },
	{ "drip", mode_drip },
	{ "drip-headers", mode_drip_headers },
	{ "drip-endless", mode_drip_endless },
	{ "silent", mode_silent },
	{ "endless", mode_endless },
	{ "endless-chunked", mode_endless_chunked },
	{ "huge-chunk", mode_huge_chunk },
	{ "length", mode_length },
	{ "two-lengths", mode_two_lengths },
	{ "redirect", mode_redirect },
	{ "loop", mode_loop },
	{ "redirects", mode_redirects },
	{ "unchanged", mode_unchanged },
	{ "part", mode_part },
	{ "range", mode_range },
	{ "multipart", mode_multipart },
	{ "status", mode_status },
	{ "chatter", mode_chatter },
	{ "busy", mode_busy },
	{ "unavailable", mode_unavailable },
	{ "long-ago", mode_long_ago },
	{ "html", mode_html },
	{ "encoded", mode_encoded },
	{ "transfer", mode_transfer },
	{ "headers", mode_headers },
	{ "continues", mode_continues },
	{ "inject", mode_inject },
	{ "flip", mode_flip },
	{ "truncate", mode_truncate },
	{ "longer", mode_longer },
	{ "longer-unknown", mode_longer_unknown },
	{ "swap", mode_swap },
	{ "dated", mode_dated },
	{ "reset", mode_reset },
	{ "babble", mode_babble },
};

/* ---- requests ---- */

static bool
read_head(int fd, struct request *r)
{
	size_t n = 0;

	while (n < HEAD_MAX - 1) {
		ssize_t got = read(fd, r->head + n, 1);

		if (got <= 0)
			return false;
		r->head[++n] = '\0';
		if (n >= 4 && memcmp(r->head + n - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

/* The value of a header of the request, or NULL. */
static const char *
asked(struct request *r, const char *name, char out[256])
{
	const char *at = r->head;
	size_t n = strlen(name);

	while ((at = strstr(at, "\r\n")) != NULL) {
		at += 2;
		if (strncasecmp(at, name, n) != 0 || at[n] != ':')
			continue;
		at += n + 1;
		at += strspn(at, " ");
		(void)snprintf(out, 256, "%.*s", (int)strcspn(at, "\r"), at);
		return out;
	}
	return NULL;
}

static void
log_request(struct request *r)
{
	OWNED_FD int fd = -1;
	size_t n = strlen(r->head);

	if (log_name == NULL)
		return;
	fd = open(log_name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd != -1 && write(fd, r->head, n) != (ssize_t)n)
		die(log_name);
}

static bool
has_suffix(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return strcmp(suffix, "*") == 0 ||
	    (n >= m && strcmp(text + n - m, suffix) == 0);
}

/* The control file's word on a path; "plain" if it has none. */
static void
look_up(const char *path, char *mode, size_t size)
{
	char line[512], *space;
	FILE *in = control == NULL ? NULL : fopen(control, "r");

	(void)snprintf(mode, size, "plain");
	while (in != NULL && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		space = strchr(line, ' ');
		if (space == NULL)
			continue;
		*space = '\0';
		if (!has_suffix(path, line))
			continue;
		(void)snprintf(mode, size, "%s", space + 1);
		break;
	}
	if (in != NULL)
		(void)fclose(in);
}

static bool
is_mode(const char *text, size_t n)
{
	size_t i;

	if (n > 5 && strncmp(text, "once-", 5) == 0) {
		text += 5;
		n -= 5;
	}
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strlen(modes[i].name) == n &&
		    strncmp(modes[i].name, text, n) == 0)
			return true;
	return false;
}

/* The first request of this path since the start? */
static bool
is_first(const char *path)
{
	unsigned int h = 5381;

	for (; *path != '\0'; path++)
		h = h * 33 + (unsigned char)*path;
	return __atomic_fetch_add(&seen[h % PATHS], 1, __ATOMIC_SEQ_CST) == 0;
}

/* Take "MODE=ARG" apart; it becomes "plain" when its time is over. */
static void
set_mode(struct request *r, char *mode)
{
	struct fault f = { 0 };
	char *equal = strchr(mode, '=');

	r->arg = 0;
	r->text = "";
	if (equal != NULL) {
		*equal = '\0';
		r->text = equal + 1;
		if (num_parse(r->text, 0, NUM_MAX, &r->arg, &f) == -1)
			r->arg = 0;
	}
	(void)snprintf(r->mode, sizeof(r->mode), "%s",
	    strncmp(mode, "once-", 5) != 0 ? mode :
		is_first(r->path)	   ? mode + 5 :
					     "plain");
}

/* "GET /flip=3/pool/x?y HTTP/1.1" */
static bool
parse(struct request *r, char *mode, size_t size)
{
	const char *from = strchr(r->head, '/'), *slash;
	size_t n;

	if (from == NULL)
		return false;
	n = strcspn(from, " ?\r");
	(void)snprintf(r->path, sizeof(r->path), "%.*s", (int)n, from);
	r->query[0] = '\0';
	if (from[n] == '?')
		(void)snprintf(r->query, sizeof(r->query), "%.*s",
		    (int)strcspn(from + n + 1, " \r"), from + n + 1);
	slash = strchr(r->path + 1, '/');
	n = strcspn(r->path + 1, "=/");
	if (slash != NULL && is_mode(r->path + 1, n)) {
		(void)snprintf(mode, size, "%.*s", (int)(slash - r->path - 1),
		    r->path + 1);
		(void)snprintf(r->name, sizeof(r->name), "%s", slash + 1);
	} else {
		look_up(r->path, mode, size);
		(void)snprintf(r->name, sizeof(r->name), "%s", r->path + 1);
	}
	set_mode(r, mode);
	return strstr(r->name, "..") == NULL;
}

/* ---- answers ---- */

static void
send_body(struct answer *a, const char *bytes, size_t n)
{
	if (a->sent_max >= 0 && (size_t)a->sent_max < n)
		n = (size_t)a->sent_max;
	for (; a->pause_ms > 0 && n > 0; bytes++, n--) {
		put(a->fd, bytes, 1);
		pause_ms(a->pause_ms);
	}
	put(a->fd, bytes, n);
	if (a->hang)
		say_nothing(a->fd);
	if (a->sent_max >= 0)
		hang_up();
}

/* "bytes=START-" or "bytes=START-END" of n bytes; else it is not honoured. */
static bool
asked_part(struct request *r, size_t n, size_t *start, size_t *end)
{
	struct fault f = { 0 };
	char value[256], *dash;
	int64_t from, to = (int64_t)n - 1;

	if (asked(r, "Range", value) == NULL ||
	    strncmp(value, "bytes=", 6) != 0 ||
	    (dash = strchr(value, '-')) == NULL)
		return false;
	*dash = '\0';
	if (num_parse(value + 6, 0, to, &from, &f) == -1 ||
	    (dash[1] != '\0' &&
		num_parse(dash + 1, from, NUM_MAX, &to, &f) == -1))
		return false;
	*start = (size_t)from;
	*end = to < (int64_t)n ? (size_t)to + 1 : n;
	return true;
}

/* 200, or what conditions and ranges make of it in a server that works. */
static void
send_file(struct request *r, struct answer *a)
{
	char etag[80], value[256];
	const char *bytes = a->body.data;
	size_t n = a->body.len, start = 0, end = n, i;
	bool part;
	unsigned int h = 5381;

	for (i = 0; i < n; i++)
		h = h * 33 + (unsigned char)bytes[i];
	(void)snprintf(etag, sizeof(etag), "\"%zx-%x\"", n, h);
	if (a->plain && asked(r, "If-None-Match", value) != NULL &&
	    strcmp(value, etag) == 0) {
		say(a->fd, "HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n",
		    etag);
		return;
	}
	part = a->plain && asked_part(r, n, &start, &end);
	say(a->fd, "HTTP/1.1 %s\r\n%s", part ? "206 Partial Content" : "200 OK",
	    a->headers.data);
	if (part)
		say(a->fd, "Content-Range: bytes %zu-%zu/%zu\r\n", start,
		    end - 1, n);
	if (a->length == NULL)
		say(a->fd, "Content-Length: %zu\r\n", end - start);
	else if (*a->length != '\0')
		say(a->fd, "Content-Length: %s\r\n", a->length);
	if (!a->no_etag && strstr(a->headers.data, "ETag") == NULL)
		say(a->fd, "ETag: %s\r\n", etag);
	say(a->fd, "\r\n");
	if (a->stop_at >= (int64_t)start && a->stop_at < (int64_t)end) {
		a->sent_max = a->stop_at - (int64_t)start;
		a->hang = true;
	}
	send_body(a, bytes + start, end - start);
	if (a->length != NULL)
		hang_up();
}

static void
answer(struct request *r, int fd)
{
	struct fault f = { 0 };
	struct answer a = { .fd = fd, .sent_max = -1, .stop_at = -1 };
	char path[2 * HEAD_MAX];
	bool have = false;
	size_t i;

	buf_init(&a.body, BODY_MAX);
	buf_init(&a.headers, BODY_MAX);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, r->name);
	if (*r->name != '\0' &&
	    file_read(AT_FDCWD, path, &a.body, &have, &f) == -1)
		have = false;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, r->mode) == 0)
			modes[i].set(r, &a);
	if (!have && a.plain)
		say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	else if (!a.done)
		send_file(r, &a);
	buf_clear(&a.body);
	buf_clear(&a.headers);
}

static void
serve(int fd)
{
	struct request r;
	char mode[256];

	while (read_head(fd, &r) && parse(&r, mode, sizeof(mode))) {
		log_request(&r);
		answer(&r, fd);
	}
}

/* The whole family goes when the one above it does. */
static void
die_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		_exit(1);
}

static int
listen_somewhere(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&here, size) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&here, &size) == -1)
		die("rogue");
	(void)printf("%d\n", ntohs(here.sin_port));
	(void)fflush(stdout);
	return fd;
}

int
main(int argc, char **argv)
{
	pid_t self = getpid();
	int option, listening;

	die_with_parent(getppid());
	while ((option = getopt(argc, argv, "c:l:s:")) != -1) {
		if (option == 'c')
			control = optarg;
		else if (option == 'l')
			log_name = optarg;
		else if (option == 's')
			slow = optarg;
		else
			return 2;
	}
	if (optind != argc - 1)
		return 2;
	folder = argv[optind];
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	seen = mmap(NULL, PATHS * sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED)
		die("rogue");
	listening = listen_somewhere();
	for (;;) {
		int fd = accept(listening, NULL, NULL);

		if (fd == -1)
			continue;
		if (fork() == 0) {
			die_with_parent(self);
			(void)close(listening);
			serve(fd);
			_exit(0);
		}
		(void)close(fd);
	}
}
