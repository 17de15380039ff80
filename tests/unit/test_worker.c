#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/file.h"
#include "base/message.h"
#include "base/num.h"
#include "feeds/atom.h"
#include "feeds/errand.h"
#include "feeds/seal.h"
#include "feeds/tarball.h"
#include "feeds/xml.h"
#include "feeds/zframe.h"
#include "fetch/worker.h"
#include "tests/support/libdocuments.h"
#include "tests/support/libkeys.h"
#include "tests/support/libscratch.h"
#include "tests/support/libstates.h"

/*
 * fetch's side and the program itself, over a socket.  fetch looks for it
 * beside the program that is running: a link there leads to the real one, or
 * back to this one, which then is a worker that goes wrong.
 */

static struct keys keys;
static char alice[FINGERPRINT_TEXT];

#define OWNED_WORKER OWNED(worker_stop)
#define MUST(call) must((call), &f)

static void
must(int rc, const struct fault *f)
{
	if (rc == -1)
		fail_msg("%s", f->text);
}

/* ---- which program ---- */

static char self[PATH_MAX];	  /* this program's path, */
static char place[PATH_MAX + 16]; /* and where fetch looks for the other */

static void
find_self(void)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	(void)snprintf(place, sizeof(place), "%.*s/wikicast-verify",
	    (int)(strrchr(self, '/') - self), self);
}

static void
use_program(const char *target)
{
	assert_true(unlink(place) == 0 || errno == ENOENT);
	assert_int_equal(symlink(target, place), 0);
}

static void
use_real(void)
{
	use_program("../../libexec/wikicast-verify");
}

static void
use_broken(const char *how)
{
	use_program(self);
	assert_int_equal(setenv("TEST_BROKEN", how, 1), 0);
}

/* ---- documents ---- */

static int
file_of(const void *bytes, size_t n)
{
	struct fault f = { 0 };
	int fd = -1;

	MUST(file_memory("test", &fd, &f));
	MUST(file_write(fd, bytes, n, &f));
	return fd;
}

static int
empty_file(void)
{
	return file_of("", 0);
}

static int
compressed(const struct buf *xml)
{
	struct fault f = { 0 };
	int fd = empty_file();

	MUST(zframe_write(ZFRAME_DOCUMENT, xml->data, xml->len, NULL, 0, fd,
	    &f));
	return fd;
}

static int
history_file(void)
{
	OWNED_BUF struct buf xml = BUF_INIT(BUF_ANY);
	OWNED_HISTORY struct history h;
	struct fault f = { 0 };

	sample_history(&h);
	MUST(history_write(&h, &xml, &f));
	return compressed(&xml);
}

static int
signed_feed(void)
{
	OWNED_BUF struct buf document = BUF_INIT(FEED_MAX);
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_FEED struct feed feed;
	struct fault f = { 0 };

	sample_feed(&feed);
	MUST(atom_write(&feed, &document, &f));
	keys_sign(&keys, alice, document.data, document.len, &packets, NULL);
	MUST(seal_add(&document, packets.data, packets.len, &f));
	return file_of(document.data, document.len);
}

/* ---- the errands, as fetch asks for them ---- */

static void
ask_certificates(struct worker *w, struct signers *signers, struct buf *keyring)
{
	OWNED_BUF struct buf key = BUF_INIT(KEY_MAX);
	OWNED_FD int fd = -1;
	struct fault f = { 0 };

	*signers = (struct signers){ .count = 1, .threshold = 1 };
	memcpy(signers->list[0].primary, alice, FINGERPRINT_TEXT);
	keys_certificate(&keys, alice, &key);
	fd = file_of(key.data, key.len);
	assert_true(mkdir(scratch_path("work"), 0700) == 0 || errno == EEXIST);
	MUST(worker_certificates(w, scratch_path("work"), fd, signers, keyring,
	    &f));
	assert_int_equal(signers->list[0].key_count, 1);
	assert_true(keyring->len > 100);
}

static int
try_feed(struct worker *w, int document, struct fault *f)
{
	OWNED_MEM struct signers *signers = calloc(1, sizeof(*signers));
	OWNED_BUF struct buf keyring = BUF_INIT(4 * KEY_MAX);
	OWNED_FEED struct feed feed;
	struct worker_trust trust = { .home = scratch_path("home"),
		.signers = signers,
		.now = time_now() };
	bool refresh;
	int rc;

	ask_certificates(w, signers, &keyring);
	must(signature_home_make(trust.home, keyring.data, keyring.len, f), f);
	feed_init(&feed);
	rc = worker_feed(w, &trust, document, &feed, &refresh, f);
	if (rc == 0) {
		assert_int_equal(feed.serial, 123);
		assert_string_equal(feed.id, SAMPLE_ID);
		assert_int_equal(feed.inside.len, feed.step.length);
	}
	return rc;
}

static void
ask_feed(struct worker *w)
{
	OWNED_FD int fd = signed_feed();
	struct fault f = { 0 };

	MUST(try_feed(w, fd, &f));
}

static int
try_history(struct worker *w, struct fault *f)
{
	OWNED_HISTORY struct history h;
	OWNED_FD int fd = history_file();

	history_init(&h);
	if (worker_history(w, fd, &h, f) == -1)
		return -1;
	assert_int_equal(h.number, 4);
	assert_int_equal(h.row_count, 27);
	assert_int_equal(h.skip_count, 2);
	return 0;
}

static void
ask_history(struct worker *w)
{
	struct fault f = { 0 };

	MUST(try_history(w, &f));
}

static void
ask_network(struct worker *w)
{
	OWNED_BUF struct buf xml = BUF_INIT(BUF_ANY);
	OWNED_NETWORK struct network n;
	OWNED_NETWORK struct network got;
	OWNED_FD int fd = -1;
	struct fault f = { 0 };

	sample_network(&n);
	network_init(&got);
	MUST(network_write(&n, &xml, &f));
	fd = compressed(&xml);
	MUST(worker_network(w, fd, &got, &f));
	assert_int_equal(got.mirror_count, n.mirror_count);
	assert_string_equal(got.peers[0].url, n.peers[0].url);
}

static const struct page one[] = { { "A", "old text\n" }, { "B", "b" },
	{ NULL, NULL } };
static const struct page two[] = { { "A", "new text\n" }, { "C", "c" },
	{ NULL, NULL } };
static const struct page gone[] = { { "B", "" }, { NULL, NULL } };

static void
contents_are(int fd, const char *want)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	MUST(file_read_fd(fd, &b, &f));
	assert_string_equal(b.data, want);
}

static int
try_snapshot(struct worker *w, struct fault *f)
{
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int fd = empty_file();
	OWNED_FD int contents = empty_file();
	struct feed_file file;
	size_t done = 0;
	bool end = false;

	manifest_init(&m);
	states_snapshot(fd, 1, one, &file);
	if (worker_snapshot(w, fd, file.unpacked, contents, &m, f) == -1)
		return -1;
	assert_int_equal(m.serial, 1);
	assert_int_equal(m.count, 2);
	while (!end)
		if (worker_snapshot_more(w, &m, &done, &end, f) == -1)
			return -1;
	assert_int_equal(done, 2);
	assert_int_equal(m.entries[0].item.size, 9);
	contents_are(contents, "old text\nb");
	return 0;
}

static void
ask_snapshot(struct worker *w)
{
	struct fault f = { 0 };

	MUST(try_snapshot(w, &f));
}

static const struct states_step step = {
	.from = 1, .was = one, .serial = 2, .is = two, .put = two, .drop = gone
};

static void
ask_step(struct worker *w, int64_t *unpacked)
{
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int fd = empty_file();
	struct feed_file file;
	struct fault f = { 0 };

	manifest_init(&m);
	states_step(fd, &step, &file);
	*unpacked = file.unpacked;
	MUST(worker_step(w, fd, file.unpacked, &m, &f));
	assert_int_equal(m.from, 1);
	assert_int_equal(m.count, 3);
	assert_true(m.entries[2].drop);
}

static int
try_contents(struct worker *w, struct fault *f)
{
	OWNED_BUF struct buf old = BUF_INIT(BUF_ANY);
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int prefix = -1;
	OWNED_FD int contents = empty_file();

	manifest_init(&m);
	states_prefix(&step, &old);
	prefix = file_of(old.data, old.len);
	if (worker_contents(w, prefix, (int64_t)old.len, contents, &m, f) == -1)
		return -1;
	assert_int_equal(m.entries[0].item.size, 9);
	contents_are(contents, "new text\nc");
	return 0;
}

/* ---- the real one ---- */

/* Does /proc/PID/status have this line? */
static bool
has_status(pid_t pid, const char *line)
{
	OWNED_BUF struct buf b = BUF_INIT(65536);
	struct fault f = { 0 };
	char name[48];
	bool have;

	(void)snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	MUST(file_read(AT_FDCWD, name, &b, &have, &f));
	return strstr(b.data, line) != NULL;
}

#define IN_SANDBOX "\nSeccomp:\t2\n"

static bool
under_asan(void)
{
	return getenv("ASAN_OPTIONS") != NULL || strstr(self, "/asan/") != NULL;
}

static void
every_errand_is_done_in_one_sandbox(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	struct fault f = { 0 };
	int64_t unpacked;
	pid_t pid;

	(void)state;
	use_real();
	ask_feed(&w);
	pid = w.child.pid;
	if (!under_asan())
		assert_true(has_status(pid, IN_SANDBOX));
	ask_history(&w);
	ask_network(&w);
	ask_snapshot(&w);
	ask_step(&w, &unpacked);
	MUST(try_contents(&w, &f));
	ask_snapshot(&w);
	ask_history(&w);
	assert_int_equal(w.child.pid, pid);
}

static void
a_worker_asked_to_parse_at_once_is_in_the_sandbox_too(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	struct fault f = { 0 };
	int64_t unpacked;

	(void)state;
	use_real();
	ask_step(&w, &unpacked);
	if (!under_asan())
		assert_true(has_status(w.child.pid, IN_SANDBOX));
	MUST(try_contents(&w, &f));
	assert_int_equal(try_contents(&w, &f), -1); /* that step is done */
	ask_network(&w);
}

static void
a_feed_that_nobody_signed_is_refused_before_the_sandbox(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	OWNED_BUF struct buf document = BUF_INIT(FEED_MAX);
	OWNED_FD int good = signed_feed();
	OWNED_FD int bad = -1;
	struct fault f = { 0 };

	(void)state;
	use_real();
	MUST(file_read_fd(good, &document, &f));
	*strstr(document.data, "<title>B") = '?';
	bad = file_of(document.data, document.len);
	assert_int_equal(try_feed(&w, bad, &f), -1);
	assert_int_equal(f.kind, FAULT_UNSIGNED);
	if (!has_status(getpid(), IN_SANDBOX)) /* as in some containers */
		assert_false(has_status(w.child.pid, IN_SANDBOX));
	ask_feed(&w); /* the same worker can still look at another copy */
}

/* signed_text NULL: no signature at all. */
static int
try_signature(struct worker *w, const char *in_file, const char *signed_text,
    struct fault *f)
{
	OWNED_MEM struct signers *signers = calloc(1, sizeof(*signers));
	OWNED_BUF struct buf keyring = BUF_INIT(4 * KEY_MAX);
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	struct worker_trust trust = { .home = scratch_path("home"),
		.signers = signers,
		.now = time_now() };
	OWNED_FD int file = file_of(in_file, strlen(in_file));
	OWNED_FD int fd = -1;

	ask_certificates(w, signers, &keyring);
	must(signature_home_make(trust.home, keyring.data, keyring.len, f), f);
	if (signed_text != NULL)
		keys_sign(&keys, alice, signed_text, strlen(signed_text),
		    &packets, NULL);
	else
		must(buf_add_text(&packets, "<script>", f), f);
	fd = file_of(packets.data, packets.len);
	return worker_signature(w, &trust, file, fd, f);
}

static void
a_files_signature_is_good_over_its_very_bytes_only(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	struct fault f = { 0 };

	(void)state;
	use_real();
	MUST(try_signature(&w, "these bytes", "these bytes", &f));
	assert_int_equal(try_signature(&w, "other bytes", "these bytes", &f),
	    -1);
	assert_int_equal(f.kind, FAULT_UNSIGNED);
	assert_int_equal(try_signature(&w, "these bytes", NULL, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	MUST(try_signature(&w, "these bytes", "these bytes", &f));
}

static void
what_the_worker_finds_wrong_is_told_in_its_words(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	OWNED_HISTORY struct history h;
	OWNED_FD int fd = file_of("no zstd frame", 13);
	struct fault f = { 0 };
	pid_t pid;

	(void)state;
	use_real();
	history_init(&h);
	ask_history(&w);
	pid = w.child.pid;
	assert_int_equal(worker_history(&w, fd, &h, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_non_null(strstr(f.text, "zstd"));
	ask_history(&w);
	assert_int_equal(w.child.pid, pid);
}

static void
a_worker_that_is_killed_costs_one_try(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	struct fault f = { 0 };
	pid_t pid;

	(void)state;
	use_real();
	ask_history(&w);
	pid = w.child.pid;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(try_history(&w, &f), -1);
	assert_int_equal(f.kind, FAULT_FORMAT);
	assert_non_null(strstr(f.text, "killed by signal 9"));
	assert_int_equal(w.socket, -1);
	ask_history(&w);
	assert_int_not_equal(w.child.pid, pid);
}

static void
a_worker_that_cannot_be_started_is_our_fault(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	struct fault f = { 0 };

	(void)state;
	use_program("/nonexistent/wikicast-verify");
	assert_int_equal(try_history(&w, &f), -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "wikicast-verify"));
	use_real();
	ask_history(&w);
}

/* ---- those that go wrong ---- */

static void
put(int64_t verb, const void *body, size_t n)
{
	struct fault f = { 0 };

	if (message_send(ERRAND_SOCKET, verb, body, n, NULL, 0, &f) == -1)
		_exit(9);
}

/* What a worker's answer to a history errand may look like. */
static void
go_wrong(const char *how)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_HISTORY struct history h;
	struct fault f = { 0 };

	sample_history(&h);
	if (strcmp(how, "exits") == 0)
		_exit(0);
	if (strcmp(how, "crashes") == 0)
		(void)raise(SIGSEGV);
	if (strcmp(how, "is killed by its sandbox") == 0)
		(void)raise(SIGSYS);
	if (strcmp(how, "writes noise") == 0) {
		if (buf_add_text(&b,
			"HTTP/1.1 200 OK\r\nnothing of ours here "
			"at all, and more of it than any head has\r\n",
			&f) == -1 ||
		    write(ERRAND_SOCKET, b.data, b.len) == -1)
			_exit(9);
		_exit(0);
	}
	if (strcmp(how, "has an unknown verb") == 0)
		put(77, "", 0);
	if (strcmp(how, "has no body") == 0)
		put(ERRAND_DONE, "", 0);
	if (strcmp(how, "has a fault without words") == 0)
		put(ERRAND_FAULT, "", 0);
	if (parcel_put_history(&b, &h, &f) == -1)
		_exit(9);
	if (strcmp(how, "is cut") == 0)
		put(ERRAND_DONE, b.data, b.len - 1);
	if (strcmp(how, "is too long") == 0 && buf_add_text(&b, "x", &f) == 0)
		put(ERRAND_DONE, b.data, b.len);
	if (strcmp(how, "is of another errand") == 0) {
		buf_reset(&b);
		if (parcel_put_text(&b, "https://a.example/", &f) == 0)
			put(ERRAND_DONE, b.data, b.len);
	}
	if (strcmp(how, "says that nothing went wrong") == 0) {
		buf_reset(&b);
		f = (struct fault){ 0 };
		if (errand_put_fault(&b, &f, false, &f) == 0)
			put(ERRAND_FAULT, b.data, b.len);
	}
}

/* What one to a snapshot errand may look like; false: how is none of these. */
static bool
go_wrong_in_parts(const char *how)
{
	static const char *const ways[] = { "ends at once", "is in a circle",
		"ends before the last item", "has too many items",
		"goes on behind the last item" };
	static const size_t counts[] = { 0, 0, 1, 3, 2 };
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int fd = empty_file();
	OWNED_FD int contents = empty_file();
	struct feed_file file;
	struct fault f = { 0 };
	size_t i, k;

	for (i = 0; i < 5 && strcmp(how, ways[i]) != 0; i++)
		continue;
	if (i == 5)
		return false;
	manifest_init(&m);
	states_snapshot(fd, 1, one, &file);
	MUST(snapshot_read(fd, file.unpacked, &m, contents, &f));
	MUST(parcel_put_manifest(&b, &m, &f));
	put(i == 0 ? ERRAND_DONE : ERRAND_MORE, b.data, b.len);
	buf_reset(&b);
	MUST(parcel_put_number(&b, (int64_t)counts[i], &f));
	for (k = 0; k < counts[i]; k++) {
		MUST(parcel_put_number(&b, 1, &f));
		MUST(parcel_put_digest(&b, &m.state, &f));
	}
	put(i == 2 ? ERRAND_DONE : ERRAND_MORE, b.data, b.len);
	if (i == 4)
		put(ERRAND_MORE, b.data, b.len);
	return true;
}

static int
broken_worker(void)
{
	struct fault f = { 0 };
	struct message m;
	bool end;

	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)signal(SIGSEGV, SIG_DFL); /* sanitizers would explain it */
	message_init(&m, ERRAND_MAX);
	while (message_receive(ERRAND_SOCKET, -1, &m, &end, &f) == 0 && !end)
		if (!go_wrong_in_parts(getenv("TEST_BROKEN")))
			go_wrong(getenv("TEST_BROKEN"));
	return 0;
}

static void
a_worker_that_answers_nonsense_costs_one_try(void **state)
{
	static const char *const ways[] = { "exits", "crashes",
		"is killed by its sandbox", "writes noise",
		"has an unknown verb", "has no body",
		"has a fault without words", "is cut", "is too long",
		"is of another errand", "says that nothing went wrong" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		OWNED_WORKER struct worker w = WORKER_INIT;
		struct fault f = { 0 };

		use_broken(ways[i]);
		if (try_history(&w, &f) != -1)
			fail_msg("an answer that %s is taken", ways[i]);
		if (f.kind != FAULT_FORMAT)
			fail_msg("an answer that %s is a fault of kind %d: %s",
			    ways[i], (int)f.kind, f.text);
		worker_stop(&w); /* as before the next copy */
		use_real();
		ask_history(&w);
	}
}

static void
a_snapshot_ends_with_its_last_item(void **state)
{
	static const char *const ways[] = { "ends at once", "is in a circle",
		"ends before the last item", "has too many items",
		"goes on behind the last item", "exits", "has no body" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		OWNED_WORKER struct worker w = WORKER_INIT;
		struct fault f = { 0 };

		use_broken(ways[i]);
		if (try_snapshot(&w, &f) != -1)
			fail_msg("an answer that %s is taken", ways[i]);
		assert_int_equal(f.kind, FAULT_FORMAT);
		worker_stop(&w);
		use_real();
		ask_snapshot(&w);
	}
}

/* ---- pages ---- */

static void
a_page_says_what_it_is_told_and_runs_nothing(void **state)
{
	OWNED_WORKER struct worker w = WORKER_INIT;
	OWNED_BUF struct buf html = BUF_INIT(PAGE_MAX);
	const struct page_copy copy = { .title = "<script>1</script>",
		.standing = "a \"copy\" & more",
		.command = "wikicast follow '<b>'" };
	struct fault f = { 0 };

	(void)state;
	MUST(worker_page(&w, &copy, &html, &f));
	assert_int_equal(strncmp(html.data, "<!DOCTYPE html>\n<html", 21), 0);
	assert_non_null(strstr(html.data, "&lt;script&gt;1&lt;/script&gt;"));
	assert_null(strstr(html.data, "<script"));
	assert_non_null(strstr(html.data, "&amp; more"));
	assert_null(strstr(html.data, "<b>"));
	assert_null(strstr(html.data, "What changed"));
}

/* ---- all of them ---- */

static int
set_up(void **state)
{
	(void)state;
	find_self();
	keys_open(&keys);
	keys_make(&keys, "alice", "ed25519", "sign", "never", NULL, alice);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	keys_close(&keys);
	(void)unlink(place);
	return 0;
}

#define SCRATCH(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		SCRATCH(a_files_signature_is_good_over_its_very_bytes_only),
		SCRATCH(every_errand_is_done_in_one_sandbox),
		SCRATCH(a_worker_asked_to_parse_at_once_is_in_the_sandbox_too),
		SCRATCH(
		    a_feed_that_nobody_signed_is_refused_before_the_sandbox),
		cmocka_unit_test(
		    what_the_worker_finds_wrong_is_told_in_its_words),
		cmocka_unit_test(a_worker_that_is_killed_costs_one_try),
		cmocka_unit_test(a_worker_that_cannot_be_started_is_our_fault),
		cmocka_unit_test(a_worker_that_answers_nonsense_costs_one_try),
		cmocka_unit_test(a_snapshot_ends_with_its_last_item),
		cmocka_unit_test(a_page_says_what_it_is_told_and_runs_nothing),
	};

	xml_start();
	if (argc == 2 && strcmp(argv[1], "worker") == 0)
		return broken_worker();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
