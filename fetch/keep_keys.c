/*
 * key.asc and the signatures of snapshots: no digest in the feed covers them,
 * so they are checked for themselves before they are served.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "fetch/armor.h"
#include "fetch/keep_work.h"
#include "fetch/trust.h"

#define DAY 86400
#define WEEK (7 * DAY)

/* Of a stranger's key.asc only one with a pinned signer's key is served. */
static int
check_keys(struct keep *k, int fd, struct fault *f)
{
	OWNED(book_feed_clear) struct book_feed probe = BOOK_FEED_INIT;
	size_t i;

	probe.signers = k->feed->signers;
	for (i = 0; i < probe.signers.count; i++)
		probe.signers.list[i].key_count = 0;
	worker_stop(&k->worker);
	if (trust_add(k->book, &probe, &k->worker, fd, f) == -1)
		return -1;
	worker_stop(&k->worker);
	if (trust_has_keys(&probe))
		return 0;
	return fault_set(f, FAULT_UNSIGNED,
	    "'key.asc' has no certificate of a pinned signer");
}

static int
ask_for_keys(struct keep *k, const struct mirror *m, struct fault *f)
{
	OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf bytes = BUF_INIT(KEY_MAX);
	struct http_job job;
	OWNED_FD int fd = -1;

	if (buf_format(&url, f, "%skey.asc", m->url) == -1 ||
	    file_memory("key.asc", &fd, f) == -1)
		return -1;
	http_job(&job, url.data, fd, KEY_MAX);
	job.configured = m->configured;
	if (http_get(k->http, &job, f) == -1)
		return -1;
	if (job.got.answer != HTTP_OK) {
		*f = job.got.why;
		return -1;
	}
	if (file_read_fd(fd, &bytes, f) == -1)
		return -1;
	if (!armor_is_plain(bytes.data, bytes.len))
		return fault_set(f, FAULT_FORMAT,
		    "is not armored certificates alone");
	if (check_keys(k, fd, f) == -1)
		return -1;
	return file_replace(k->tree, "key.asc", bytes.data, bytes.len, 0644, f);
}

/*
 * Where it is missing, and once a week; an old one is better than none.  A
 * copy without it is whole: only who does not have the keys yet misses it.
 */
int
keep_keys(struct keep *k, struct fault *f)
{
	struct stat st;
	bool have = fstatat(k->tree, "key.asc", &st, AT_SYMLINK_NOFOLLOW) == 0;
	int64_t now = k->options->now;
	size_t i;

	/* One of a time to come is of a clock that was wrong. */
	if (have && st.st_mtime > now - WEEK && st.st_mtime <= now + DAY)
		return 0;
	for (i = 0; i < k->mirrors.count; i++) {
		if (ask_for_keys(k, &k->mirrors.list[i], f) == 0)
			return 0;
		if (keep_is_ours(f))
			return -1;
		log_detail("feed '%s': mirror '%s': 'key.asc': %s",
		    k->follow->name, k->mirrors.list[i].url, f->text);
	}
	if (!have)
		log_note("feed '%s': no mirror has a good 'key.asc' to serve",
		    k->follow->name);
	*f = (struct fault){ 0 };
	return 0;
}

/* ---- signatures of snapshots ---- */

static int
check(struct keep *k, int packets, int snapshot, struct fault *f)
{
	OWNED_MEM char *home = NULL;
	OWNED_MEM struct signers *any = malloc(sizeof(*any));
	struct worker_trust trust = { .now = k->options->now };

	if (any == NULL)
		return fault_memory(f);
	/* Only the publisher's own key signs it, whatever the threshold. */
	*any = k->feed->signers;
	any->threshold = 1;
	if (trust_home(k->book, k->options->state, k->feed, &home, f) == -1)
		return -1;
	trust.home = home;
	trust.signers = any;
	return worker_signature(&k->worker, &trust, snapshot, packets, f);
}

int
keep_check_signature(struct keep *k, const struct download_file *file,
    bool *good, struct fault *f)
{
	char name[TREE_NAME_MAX];
	OWNED_FD int snapshot = -1;
	struct fault why = { 0 };
	int rc;

	*good = false;
	tree_name(TREE_SNAPSHOT, &file->digest, name);
	if (file_open(k->tree, name, &snapshot, good, f) == -1)
		return -1;
	if (!*good)
		return 0;
	worker_stop(&k->worker); /* it may have given up what gpg needs */
	rc = check(k, file->fd, snapshot, &why);
	worker_stop(&k->worker);
	*good = rc == 0;
	if (rc == 0)
		return 0;
	if (keep_is_ours(&why)) {
		*f = why;
		return -1;
	}
	log_detail("feed '%s': '%s.sig' is left out: %s", k->follow->name, name,
	    why.text);
	return 0;
}

bool
keep_is_ours(const struct fault *f)
{
	return f->kind == FAULT_MEMORY || f->kind == FAULT_SYSTEM ||
	    f->kind == FAULT_BUG || f->kind == FAULT_CONFIG;
}
