#include "verify/worker.h"

#include <limits.h>

#include "base/file.h"
#include "base/message.h"
#include "base/num.h"
#include "base/locale.h"
#include "base/map.h"
#include "base/sandbox.h"
#include "feeds/atom.h"
#include "feeds/errand.h"
#include "feeds/page.h"
#include "feeds/seal.h"
#include "feeds/tarball.h"
#include "feeds/zframe.h"
#include "verify/lint_errand.h"

#define CPU_SECONDS 600	    /* a snapshot of 1 GiB takes about 30 */
#define PART (256 * KIB)    /* of contents, that are told of at once */
#define MEMORY (8192 * MIB) /* address space: maps of prefix and contents */

struct worker {
	int socket;
	bool boxed;	   /* the sandbox was entered */
	struct step *step; /* between STEP and CONTENTS, */
	int step_fd;	   /* which reads from this file */
	bool refresh;	   /* of the errand at hand */
	struct message in;
	struct parcel args;
	struct buf out;
};

static int
enter_sandbox(struct worker *w, struct fault *f)
{
	unsigned int missing;

	if (w->boxed)
		return 0;
	w->boxed = true;
	if (locale_start(f) == -1) /* the tar reader needs its file */
		return -1;
	/* What the kernel lacks is missing: the signature was checked first. */
	return sandbox_enter(&missing, f);
}

/* Descriptors that came with the errand. */
static int
expect(const struct worker *w, size_t fds, struct fault *f)
{
	if (w->in.fd_count != fds)
		return fault_set(f, FAULT_BUG, "%zu descriptors instead of %zu",
		    w->in.fd_count, fds);
	return 0;
}

static int
certificates(struct worker *w, struct fault *f)
{
	OWNED_MEM char *scratch = NULL;
	OWNED_MEM struct signers *signers = calloc(1, sizeof(*signers));
	OWNED_BUF struct buf key = BUF_INIT(KEY_MAX);
	OWNED_BUF struct buf keyring = BUF_INIT(4 * KEY_MAX);
	const char *old;
	size_t old_size;

	if (signers == NULL)
		return fault_memory(f);
	if (expect(w, 1, f) == -1 ||
	    parcel_get_text(&w->args, PATH_MAX, &scratch, f) == -1 ||
	    errand_get_signers(&w->args, signers, f) == -1 ||
	    parcel_get_bytes(&w->args, 4 * KEY_MAX, &old, &old_size, f) == -1 ||
	    parcel_end(&w->args, f) == -1 ||
	    file_read_fd(w->in.fds[0], &key, f) == -1 ||
	    signature_start(f) == -1 ||
	    signature_certificates(scratch, key.data, key.len, old, old_size,
		signers, &keyring, f) == -1 ||
	    errand_put_signers(&w->out, signers, f) == -1)
		return -1;
	return parcel_put_bytes(&w->out, keyring.data, keyring.len, f);
}

/* Who is trusted, as FEED and SIGNATURE tell. */
static int
get_trust(struct worker *w, char **home, struct signers *signers, int64_t *now,
    struct fault *f)
{
	if (parcel_get_text(&w->args, PATH_MAX, home, f) == -1 ||
	    errand_get_signers(&w->args, signers, f) == -1 ||
	    parcel_get_number(&w->args, 0, NUM_MAX, now, f) == -1)
		return -1;
	return parcel_end(&w->args, f);
}

/* A snapshot's: over a file that only gpg reads. */
static int
check_file(struct worker *w, struct fault *f)
{
	OWNED_MEM char *home = NULL;
	OWNED_MEM struct signers *signers = calloc(1, sizeof(*signers));
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	struct signature_report report;
	int64_t now;
	size_t n;

	if (signers == NULL)
		return fault_memory(f);
	if (expect(w, 2, f) == -1 ||
	    get_trust(w, &home, signers, &now, f) == -1 ||
	    file_read_fd(w->in.fds[1], &packets, f) == -1 ||
	    seal_check_packets(packets.data, packets.len, &n, f) == -1 ||
	    signature_start(f) == -1 ||
	    signature_check_fd(home, signers, w->in.fds[0], packets.data,
		packets.len, now, &report, f) == -1)
		return -1;
	return signature_judge(&report, signers, &w->refresh, f);
}

/* The document's signature is good; *signed_size of its bytes are covered. */
static int
check(struct worker *w, const struct buf *document, size_t *signed_size,
    struct fault *f)
{
	OWNED_MEM char *home = NULL;
	OWNED_MEM struct signers *signers = calloc(1, sizeof(*signers));
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	struct signature_report report;
	int64_t now;

	if (signers == NULL)
		return fault_memory(f);
	if (get_trust(w, &home, signers, &now, f) == -1 ||
	    seal_split(document->data, document->len, signed_size, &packets,
		f) == -1 ||
	    signature_start(f) == -1 ||
	    signature_check(home, signers, document->data, *signed_size,
		packets.data, packets.len, now, &report, f) == -1)
		return -1;
	return signature_judge(&report, signers, &w->refresh, f);
}

static int
feed(struct worker *w, struct fault *f)
{
	OWNED_BUF struct buf document = BUF_INIT(FEED_MAX);
	OWNED_FEED struct feed doc;
	size_t signed_size;

	feed_init(&doc);
	if (expect(w, 1, f) == -1 ||
	    file_read_fd(w->in.fds[0], &document, f) == -1 ||
	    check(w, &document, &signed_size, f) == -1 ||
	    enter_sandbox(w, f) == -1 ||
	    atom_read(document.data, signed_size, &doc, f) == -1)
		return -1;
	return parcel_put_feed(&w->out, &doc, f);
}

static int
read_history(struct worker *w, struct fault *f)
{
	OWNED_BUF struct buf xml = BUF_INIT(HISTORY_MAX);
	OWNED_HISTORY struct history h;

	history_init(&h);
	if (expect(w, 1, f) == -1 || enter_sandbox(w, f) == -1 ||
	    zframe_read_all(w->in.fds[0], &xml, f) == -1 ||
	    history_read(xml.data, xml.len, &h, f) == -1)
		return -1;
	return parcel_put_history(&w->out, &h, f);
}

static int
read_network(struct worker *w, struct fault *f)
{
	OWNED_BUF struct buf xml = BUF_INIT(NETWORK_MAX);
	OWNED_NETWORK struct network n;

	network_init(&n);
	if (expect(w, 1, f) == -1 || enter_sandbox(w, f) == -1 ||
	    zframe_read_all(w->in.fds[0], &xml, f) == -1 ||
	    network_read(xml.data, xml.len, &n, f) == -1)
		return -1;
	return parcel_put_network(&w->out, &n, f);
}

/* A part of the answer, of which more is to come. */
static int
say_more(struct worker *w, struct fault *f)
{
	if (message_send(w->socket, ERRAND_MORE, w->out.data, w->out.len, NULL,
		0, f) == -1)
		return -1;
	buf_reset(&w->out);
	return 0;
}

/* Contents are told of as they come: who asked keeps them meanwhile. */
static int
read_snapshot(struct worker *w, struct fault *f)
{
	OWNED(step_close) struct step *snapshot = NULL;
	size_t told = 0, done = 0;
	const struct manifest *m;
	int64_t unpacked;

	if (expect(w, 2, f) == -1 || enter_sandbox(w, f) == -1 ||
	    parcel_get_number(&w->args, 0, TARBALL_MAX, &unpacked, f) == -1 ||
	    snapshot_open(w->in.fds[0], unpacked, &snapshot, f) == -1)
		return -1;
	m = step_manifest(snapshot);
	if (parcel_put_manifest(&w->out, m, f) == -1)
		return -1;
	do {
		told = done;
		if (say_more(w, f) == -1 ||
		    snapshot_more(snapshot, PART, w->in.fds[1], &done, f) ==
			-1 ||
		    parcel_put_contents(&w->out, m, told, done, f) == -1)
			return -1;
	} while (done < m->count);
	return 0;
}

static void
close_step(struct worker *w)
{
	step_close(&w->step);
	own_close_fd(&w->step_fd);
	w->step_fd = -1;
}

static int
read_step(struct worker *w, struct fault *f)
{
	int64_t unpacked;

	close_step(w);
	if (expect(w, 1, f) == -1 || enter_sandbox(w, f) == -1 ||
	    parcel_get_number(&w->args, 0, TARBALL_MAX, &unpacked, f) == -1)
		return -1;
	w->step_fd = own_give_fd(&w->in.fds[0]);
	if (step_open(w->step_fd, unpacked, &w->step, f) == -1)
		return -1;
	return parcel_put_manifest(&w->out, step_manifest(w->step), f);
}

static int
read_contents(struct worker *w, struct fault *f)
{
	int64_t size;

	if (w->step == NULL)
		return fault_set(f, FAULT_BUG, "no step is open");
	if (expect(w, 2, f) == -1 ||
	    parcel_get_number(&w->args, 0, TARBALL_MAX, &size, f) == -1 ||
	    step_contents(w->step, w->in.fds[0], size, w->in.fds[1], f) == -1)
		return -1;
	return parcel_put_manifest(&w->out, step_manifest(w->step), f);
}

static int
get_words(struct worker *w, char **out, struct fault *f)
{
	return parcel_get_text(&w->args, PAGE_TEXT_MAX, out, f);
}

static int
write_page(struct worker *w, struct fault *f)
{
	OWNED_MEM char *title = NULL;
	OWNED_MEM char *standing = NULL;
	OWNED_MEM char *changes = NULL;
	OWNED_MEM char *command = NULL;
	OWNED_BUF struct buf html = BUF_INIT(PAGE_MAX);
	struct page_copy copy;

	if (expect(w, 0, f) == -1 || enter_sandbox(w, f) == -1 ||
	    get_words(w, &title, f) == -1 || get_words(w, &standing, f) == -1 ||
	    get_words(w, &changes, f) == -1 ||
	    get_words(w, &command, f) == -1 || parcel_end(&w->args, f) == -1)
		return -1;
	if (title == NULL || standing == NULL || command == NULL)
		return fault_set(f, FAULT_BUG, "a page without its texts");
	copy = (struct page_copy){ title, standing, changes, command };
	if (page_of_copy(&copy, &html, f) == -1)
		return -1;
	return parcel_put_bytes(&w->out, html.data, html.len, f);
}

static int
lint(struct worker *w, struct fault *f)
{
	OWNED(map_close) struct map texts = MAP_NONE;
	const char *list;
	int64_t texts_size;
	size_t size;

	if (expect(w, 1, f) == -1 || enter_sandbox(w, f) == -1 ||
	    parcel_get_bytes(&w->args, (size_t)ITEM_SIZE_MAX, &list, &size,
		f) == -1 ||
	    parcel_get_number(&w->args, 0, NUM_MAX, &texts_size, f) == -1 ||
	    parcel_end(&w->args, f) == -1 ||
	    map_open(w->in.fds[0], 0, texts_size, &texts, f) == -1)
		return -1;
	return lint_errand(list, size, &texts, &w->out, f);
}

static int
run(struct worker *w, struct fault *f)
{
	switch ((enum errand)w->in.verb) {
	case ERRAND_CERTIFICATES:
		return certificates(w, f);
	case ERRAND_FEED:
		return feed(w, f);
	case ERRAND_SIGNATURE:
		return check_file(w, f);
	case ERRAND_HISTORY:
		return read_history(w, f);
	case ERRAND_NETWORK:
		return read_network(w, f);
	case ERRAND_SNAPSHOT:
		return read_snapshot(w, f);
	case ERRAND_STEP:
		return read_step(w, f);
	case ERRAND_CONTENTS:
		return read_contents(w, f);
	case ERRAND_PAGE:
		return write_page(w, f);
	case ERRAND_LINT:
		return lint(w, f);
	case ERRAND_DONE:
	case ERRAND_FAULT:
	case ERRAND_MORE:
		break;
	}
	return fault_set(f, FAULT_BUG, "unknown errand");
}

static int
answer(struct worker *w, struct fault *f)
{
	struct fault trouble = { 0 };

	buf_reset(&w->out);
	w->refresh = false;
	w->args = (struct parcel){ w->in.body.data, w->in.body.len, 0 };
	if (run(w, &trouble) == 0)
		return message_send(w->socket, ERRAND_DONE, w->out.data,
		    w->out.len, NULL, 0, f);
	buf_reset(&w->out);
	if (errand_put_fault(&w->out, &trouble, w->refresh, f) == -1)
		return -1;
	return message_send(w->socket, ERRAND_FAULT, w->out.data, w->out.len,
	    NULL, 0, f);
}

static int
serve(struct worker *w, struct fault *f)
{
	bool end;

	for (;;) {
		if (message_receive(w->socket, -1, &w->in, &end, f) == -1)
			return -1;
		if (end)
			return 0;
		if (answer(w, f) == -1)
			return -1;
	}
}

int
worker_serve(int socket, struct fault *f)
{
	const struct sandbox_limits limits = { .cpu_seconds = CPU_SECONDS,
		.memory = MEMORY };
	struct worker w = { .socket = socket,
		.step_fd = -1,
		.out = BUF_INIT(ERRAND_MAX) };
	int rc;

	message_init(&w.in, ERRAND_MAX);
	rc = sandbox_limit(&limits, f) == -1 ? -1 : serve(&w, f);
	close_step(&w);
	message_clear(&w.in);
	buf_clear(&w.out);
	return rc;
}
