#include "fetch/worker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/message.h"
#include "feeds/errand.h"
#include "items/lint.h"

#define ANSWER_MS 600000 /* a snapshot of 1 GiB takes about 30 s */

void
worker_stop(struct worker *w)
{
	own_close_fd(&w->socket);
	w->socket = -1;
	child_kill(&w->child);
	w->child = (struct child){ .pidfd = -1 };
}

/* wikicast-verify stands beside this program, wherever that is. */
static int
find_program(char out[PATH_MAX], struct fault *f)
{
	static const char name[] = "wikicast-verify";
	ssize_t n =
	    readlink("/proc/self/exe", out, PATH_MAX - sizeof(name) - 1);
	char *slash;

	if (n <= 0) {
		(void)snprintf(out, PATH_MAX, "%s/%s", WIKICAST_LIBEXEC, name);
		return 0;
	}
	out[n] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return fault_set(f, FAULT_BUG, "'%s' is not a path", out);
	memcpy(slash + 1, name, sizeof(name));
	return 0;
}

static int
start(struct worker *w, struct fault *f)
{
	char program[PATH_MAX];
	const char *argv[] = { program, "worker", NULL };
	OWNED_FD int theirs = -1;
	int pair[2];

	if (w->socket != -1)
		return 0;
	if (find_program(program, f) == -1 || message_pair(pair, f) == -1)
		return -1;
	w->socket = pair[0];
	theirs = pair[1];
	{
		struct child_fd fd = { theirs, ERRAND_SOCKET };
		struct child_plan plan = { .argv = argv,
			.fds = &fd,
			.fd_count = 1 };

		if (child_start(&plan, &w->child, f) == -1) {
			worker_stop(w);
			return -1;
		}
	}
	return 0;
}

/* The worker is gone, or talks nonsense: this copy is no good. */
static int
lost(struct worker *w, struct fault *f)
{
	struct child_end end = { .how = CHILD_EXITED };
	char how[CHILD_TEXT];
	struct fault ignored = { 0 };

	if (f->kind == FAULT_MEMORY)
		return -1;
	own_close_fd(&w->socket);
	w->socket = -1;
	if (f->kind == FAULT_SYSTEM && f->sys == ETIMEDOUT) {
		worker_stop(w);
		return fault_set(f, FAULT_FORMAT,
		    "reading it took longer than %d seconds", ANSWER_MS / 1000);
	}
	if (child_wait(&w->child, &end, &ignored) == -1) {
		worker_stop(w);
		return fault_set(f, FAULT_FORMAT, "the reader failed");
	}
	child_text(&end, how);
	w->child = (struct child){ .pidfd = -1 };
	return fault_set(f, FAULT_FORMAT, "the reader failed on it: %s", how);
}

static int
ask(struct worker *w, enum errand errand, const struct buf *body,
    const int *fds, size_t fd_count, struct fault *f)
{
	if (start(w, f) == -1)
		return fault_within(f, "wikicast-verify");
	if (message_send(w->socket, errand, body->data, body->len, fds,
		fd_count, f) == -1)
		return lost(w, f);
	return 0;
}

static int
unknown(struct worker *w, struct fault *f)
{
	(void)fault_set(f, FAULT_FORMAT, "unknown answer");
	return lost(w, f);
}

/* An answer, whichever; or what the worker has to say against it. */
static int
hear(struct worker *w, struct message *m, struct parcel *p, bool *refresh,
    struct fault *f)
{
	bool end;

	if (message_receive(w->socket, ANSWER_MS, m, &end, f) == -1 || end)
		return lost(w, f);
	*p = (struct parcel){ m->body.data, m->body.len, 0 };
	if (m->verb != ERRAND_FAULT)
		return 0;
	errand_get_fault(p, refresh, f);
	return -1;
}

static int
answer(struct worker *w, struct message *m, struct parcel *p, bool *refresh,
    struct fault *f)
{
	if (hear(w, m, p, refresh, f) == -1)
		return -1;
	return m->verb == ERRAND_DONE ? 0 : unknown(w, f);
}

/* An errand whose body has only a number, if that. */
static int
ask_simply(struct worker *w, enum errand errand, int64_t number, const int *fds,
    size_t fd_count, struct fault *f)
{
	OWNED_BUF struct buf body = BUF_INIT(64);

	if (number >= 0 && parcel_put_number(&body, number, f) == -1)
		return -1;
	return ask(w, errand, &body, fds, fd_count, f);
}

static int
simple(struct worker *w, enum errand errand, int64_t number, const int *fds,
    size_t fd_count, struct message *m, struct parcel *p, struct fault *f)
{
	bool refresh;

	message_init(m, ERRAND_MAX);
	if (ask_simply(w, errand, number, fds, fd_count, f) == -1)
		return -1;
	return answer(w, m, p, &refresh, f);
}

int
worker_certificates(struct worker *w, const char *scratch, int key_asc,
    struct signers *signers, struct buf *keyring, struct fault *f)
{
	OWNED_BUF struct buf body = BUF_INIT(ERRAND_MAX);
	OWNED_MESSAGE struct message m;
	const char *bytes;
	struct parcel p;
	bool refresh;
	size_t n;

	message_init(&m, ERRAND_MAX);
	if (parcel_put_text(&body, scratch, f) == -1 ||
	    errand_put_signers(&body, signers, f) == -1 ||
	    parcel_put_bytes(&body, keyring->data, keyring->len, f) == -1 ||
	    ask(w, ERRAND_CERTIFICATES, &body, &key_asc, 1, f) == -1 ||
	    answer(w, &m, &p, &refresh, f) == -1 ||
	    errand_get_signers(&p, signers, f) == -1 ||
	    parcel_get_bytes(&p, 4 * KEY_MAX, &bytes, &n, f) == -1 ||
	    parcel_end(&p, f) == -1)
		return -1;
	buf_reset(keyring);
	return buf_add(keyring, bytes, n, f);
}

static int
put_trust(struct buf *body, const struct worker_trust *trust, struct fault *f)
{
	if (parcel_put_text(body, trust->home, f) == -1 ||
	    errand_put_signers(body, trust->signers, f) == -1)
		return -1;
	return parcel_put_number(body, trust->now, f);
}

int
worker_signature(struct worker *w, const struct worker_trust *trust, int file,
    int packets, struct fault *f)
{
	OWNED_BUF struct buf body = BUF_INIT(ERRAND_MAX);
	OWNED_MESSAGE struct message m;
	const int fds[] = { file, packets };
	struct parcel p;
	bool refresh;

	message_init(&m, ERRAND_MAX);
	if (put_trust(&body, trust, f) == -1 ||
	    ask(w, ERRAND_SIGNATURE, &body, fds, 2, f) == -1 ||
	    answer(w, &m, &p, &refresh, f) == -1)
		return -1;
	return parcel_end(&p, f);
}

int
worker_feed(struct worker *w, const struct worker_trust *trust, int document,
    struct feed *feed, bool *refresh, struct fault *f)
{
	OWNED_BUF struct buf body = BUF_INIT(ERRAND_MAX);
	OWNED_MESSAGE struct message m;
	struct parcel p;

	*refresh = false;
	message_init(&m, ERRAND_MAX);
	if (put_trust(&body, trust, f) == -1 ||
	    ask(w, ERRAND_FEED, &body, &document, 1, f) == -1 ||
	    answer(w, &m, &p, refresh, f) == -1 ||
	    parcel_get_feed(&p, feed, f) == -1)
		return -1;
	return parcel_end(&p, f);
}

int
worker_history(struct worker *w, int file, struct history *h, struct fault *f)
{
	OWNED_MESSAGE struct message m;
	struct parcel p;

	if (simple(w, ERRAND_HISTORY, -1, &file, 1, &m, &p, f) == -1 ||
	    parcel_get_history(&p, h, f) == -1)
		return -1;
	return parcel_end(&p, f);
}

int
worker_network(struct worker *w, int file, struct network *n, struct fault *f)
{
	OWNED_MESSAGE struct message m;
	struct parcel p;

	if (simple(w, ERRAND_NETWORK, -1, &file, 1, &m, &p, f) == -1 ||
	    parcel_get_network(&p, n, f) == -1)
		return -1;
	return parcel_end(&p, f);
}

int
worker_snapshot(struct worker *w, int file, int64_t unpacked, int out,
    struct manifest *m, struct fault *f)
{
	OWNED_MESSAGE struct message got;
	const int fds[] = { file, out };
	struct parcel p;
	bool refresh;

	message_init(&got, ERRAND_MAX);
	if (ask_simply(w, ERRAND_SNAPSHOT, unpacked, fds, 2, f) == -1 ||
	    hear(w, &got, &p, &refresh, f) == -1)
		return -1;
	if (got.verb != ERRAND_MORE)
		return unknown(w, f);
	if (parcel_get_manifest(&p, m, f) == -1)
		return -1;
	return parcel_end(&p, f);
}

int
worker_snapshot_more(struct worker *w, struct manifest *m, size_t *done,
    bool *end, struct fault *f)
{
	OWNED_MESSAGE struct message got;
	size_t before = *done;
	struct parcel p;
	bool refresh;

	message_init(&got, ERRAND_MAX);
	if (hear(w, &got, &p, &refresh, f) == -1 ||
	    parcel_get_contents(&p, m, done, f) == -1 ||
	    parcel_end(&p, f) == -1)
		return -1;
	*end = got.verb == ERRAND_DONE;
	/* It ends with the last item, and each part brings it nearer. */
	if (*end ? *done != m->count :
		   got.verb != ERRAND_MORE || *done == before)
		return unknown(w, f);
	return 0;
}

int
worker_step(struct worker *w, int file, int64_t unpacked, struct manifest *m,
    struct fault *f)
{
	OWNED_MESSAGE struct message got;
	struct parcel p;

	if (simple(w, ERRAND_STEP, unpacked, &file, 1, &got, &p, f) == -1 ||
	    parcel_get_manifest(&p, m, f) == -1)
		return -1;
	return parcel_end(&p, f);
}

int
worker_contents(struct worker *w, int prefix, int64_t prefix_size, int out,
    struct manifest *m, struct fault *f)
{
	OWNED_MESSAGE struct message got;
	const int fds[] = { prefix, out };
	struct parcel p;

	if (simple(w, ERRAND_CONTENTS, prefix_size, fds, 2, &got, &p, f) ==
		-1 ||
	    parcel_get_manifest(&p, m, f) == -1)
		return -1;
	return parcel_end(&p, f);
}

int
worker_page(struct worker *w, const struct page_copy *copy, struct buf *html,
    struct fault *f)
{
	OWNED_BUF struct buf body = BUF_INIT(ERRAND_MAX);
	OWNED_MESSAGE struct message m;
	const char *bytes;
	struct parcel p;
	bool refresh;
	size_t n;

	message_init(&m, ERRAND_MAX);
	if (parcel_put_text(&body, copy->title, f) == -1 ||
	    parcel_put_text(&body, copy->standing, f) == -1 ||
	    parcel_put_text(&body, copy->changes, f) == -1 ||
	    parcel_put_text(&body, copy->command, f) == -1 ||
	    ask(w, ERRAND_PAGE, &body, NULL, 0, f) == -1 ||
	    answer(w, &m, &p, &refresh, f) == -1 ||
	    parcel_get_bytes(&p, PAGE_MAX, &bytes, &n, f) == -1 ||
	    parcel_end(&p, f) == -1)
		return -1;
	return buf_add(html, bytes, n, f);
}

void
worker_verdict_clear(struct worker_verdict *v)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		free(v->bad[i].reason);
	free(v->bad);
	*v = (struct worker_verdict){ NULL, 0 };
}

static int
get_verdict(struct parcel *p, struct worker_verdict *v, struct fault *f)
{
	int64_t count, before = 0;

	if (parcel_get_number(p, 0, ITEM_SIZE_MAX, &count, f) == -1)
		return -1;
	while ((int64_t)v->count < count) {
		struct worker_bad bad = { .reason = NULL };
		struct worker_bad *grown;

		if (parcel_get_number(p, before + 1, ITEM_SIZE_MAX, &bad.line,
			f) == -1 ||
		    parcel_get_text(p, LINT_REASON, &bad.reason, f) == -1)
			return -1;
		if (bad.reason == NULL)
			return fault_set(f, FAULT_FORMAT, "no reason");
		grown = reallocarray(v->bad, v->count + 1, sizeof(*grown));
		if (grown == NULL) {
			free(bad.reason);
			return fault_memory(f);
		}
		v->bad = grown;
		v->bad[v->count++] = bad;
		before = bad.line;
	}
	return parcel_end(p, f);
}

int
worker_lint(struct worker *w, const struct buf *list, int texts, int64_t size,
    struct worker_verdict *out, struct fault *f)
{
	OWNED_BUF struct buf body = BUF_INIT(ERRAND_MAX);
	OWNED_MESSAGE struct message m;
	struct parcel p;
	bool refresh;

	message_init(&m, ERRAND_MAX);
	if (parcel_put_bytes(&body, list->data, list->len, f) == -1 ||
	    parcel_put_number(&body, size, f) == -1 ||
	    ask(w, ERRAND_LINT, &body, &texts, 1, f) == -1 ||
	    answer(w, &m, &p, &refresh, f) == -1)
		return -1;
	return get_verdict(&p, out, f);
}
