/*
 * The documents of a folder: feed, certificates, network, history.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "feeds/atom.h"
#include "feeds/judge.h"
#include "feeds/network.h"
#include "feeds/seal.h"
#include "feeds/zframe.h"
#include "verify/check.h"

#define FEED_NAME "feed.atom"
#define KEY_NAME "key.asc"

/* ---- the feed ---- */

static int
read_feed(struct check *c, const struct buf *document, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	size_t n;

	if (seal_split(document->data, document->len, &n, &packets, f) == -1 ||
	    vouch_document(c->vouch, document->data, n, packets.data,
		packets.len, f) == -1)
		return -1;
	feed_init(&c->head);
	if (atom_read(document->data, n, &c->head, f) == -1)
		return -1;
	c->head_read = true;
	vouch_confirm(c->vouch, c->head.id);
	return 0;
}

static int
tally_feed(struct check *c, struct fault *f)
{
	char when[TIME_TEXT], cause[64];

	if (c->head.updated > c->vouch->now + CLOCK_SKEW_MAX) {
		time_format(c->head.updated, when);
		(void)snprintf(cause, sizeof(cause), "dated ahead: %s", when);
		return tally_add(c->tally, TALLY_BAD, "feed", FEED_NAME, cause,
		    f);
	}
	if (!judge_expired(&c->head, c->vouch->now))
		return tally_add(c->tally, TALLY_GOOD, "feed", FEED_NAME, NULL,
		    f);
	time_format(feed_expires(&c->head), when);
	(void)snprintf(cause, sizeof(cause), "expired at %s", when);
	return tally_add(c->tally, TALLY_EXPIRED, "feed", FEED_NAME, cause, f);
}

static int
check_feed(struct check *c, struct fault *f)
{
	OWNED_BUF struct buf document = BUF_INIT(FEED_MAX);
	struct fault why = { 0 };
	bool have;

	if (file_read(c->tree, FEED_NAME, &document, &have, &why) == -1) {
		if (why.kind == FAULT_SYSTEM && why.sys == 0)
			why.kind = FAULT_FORMAT; /* a link, a folder */
		return tally_fault(c->tally, "feed", FEED_NAME, &why, f);
	}
	if (!have)
		return tally_add(c->tally, TALLY_MISSING, "feed", FEED_NAME,
		    NULL, f);
	if (read_feed(c, &document, &why) == -1)
		return tally_fault(c->tally, "feed", FEED_NAME, &why, f);
	return tally_feed(c, f);
}

/* ---- certificates, for those who have only fingerprints ---- */

static bool
has_signer(const struct signers *signers, const struct signers *found)
{
	size_t i, j;

	for (i = 0; i < signers->count; i++)
		for (j = 0; j < found->count; j++)
			if (strcmp(signers->list[i].primary,
				found->list[j].primary) == 0)
				return true;
	return false;
}

static int
read_key(struct check *c, const struct buf *key, struct fault *f)
{
	OWNED_MEM struct signers *found = calloc(1, sizeof(*found));
	OWNED_MEM char *work = NULL;

	if (found == NULL ||
	    asprintf(&work, "%s/keys", c->vouch->scratch) == -1)
		return fault_memory(f);
	if (file_make_folders(c->vouch->folder, "keys", 0700, f) == -1 ||
	    signature_primaries(work, key->data, key->len, found, f) == -1)
		return -1;
	if (has_signer(c->vouch->signers, found))
		return 0;
	return fault_set(f, FAULT_FORMAT,
	    "has no certificate of a signer of the feed");
}

static int
check_key(struct check *c, struct fault *f)
{
	OWNED_BUF struct buf key = BUF_INIT(KEY_MAX);
	struct fault why = { 0 };
	bool have = false;

	if (file_read(c->tree, KEY_NAME, &key, &have, &why) == -1 ||
	    (have && read_key(c, &key, &why) == -1))
		return tally_fault(c->tally, "key", KEY_NAME, &why, f);
	return tally_add(c->tally, have ? TALLY_GOOD : TALLY_MISSING, "key",
	    KEY_NAME, NULL, f);
}

/* ---- changes of the signers ---- */

/* Never changed or removed once out: all are there (FORMAT section 7). */
static int
check_trust(struct check *c, struct fault *f)
{
	OWNED_BUF struct buf document = BUF_INIT(TRUST_MAX);
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	char name[48];
	int64_t i;

	for (i = 1; i <= c->head.trust; i++) {
		struct fault why = { 0 };
		bool have = false;
		size_t n;
		int rc;

		buf_reset(&document);
		buf_reset(&packets);
		(void)snprintf(name, sizeof(name), "trust/%lld.xml",
		    (long long)i);
		if (file_read(c->tree, name, &document, &have, &why) == -1 ||
		    (have &&
			seal_split(document.data, document.len, &n, &packets,
			    &why) == -1))
			rc = tally_fault(c->tally, "trust", name, &why, f);
		else
			rc = tally_add(c->tally,
			    have ? TALLY_GOOD : TALLY_MISSING, "trust", name,
			    NULL, f);
		if (rc == -1)
			return -1;
		if (!have && i > SIGNERS_MAX)
			return 0; /* one line for many that never were */
	}
	return 0;
}

/* ---- the network document ---- */

static int
read_network(const struct check *c, int fd, struct fault *f)
{
	OWNED_BUF struct buf xml = BUF_INIT(NETWORK_MAX);
	OWNED_NETWORK struct network network;

	network_init(&network);
	if (zframe_read_all(fd, &xml, f) == -1 ||
	    network_read(xml.data, xml.len, &network, f) == -1)
		return -1;
	if (strcmp(network.feed, c->head.id) != 0)
		return fault_set(f, FAULT_FORMAT, "is of another feed '%s'",
		    network.feed);
	return 0;
}

static int
check_network(struct check *c, struct fault *f)
{
	char name[TREE_NAME_MAX], cause[FAULT_TEXT_MAX];
	struct fault why = { 0 };
	enum tally_result result;
	OWNED_FD int fd = -1;

	tree_name(TREE_NETWORK, &c->head.network.digest, name);
	if (check_open(c, TREE_NETWORK, &c->head.network, &fd, &result, cause,
		f) == -1)
		return -1;
	if (fd == -1)
		return tally_add(c->tally, result, "network", name,
		    cause[0] != '\0' ? cause : NULL, f);
	if (read_network(c, fd, &why) == -1)
		return tally_fault(c->tally, "network", name, &why, f);
	return tally_add(c->tally, TALLY_GOOD, "network", name, NULL, f);
}

/* ---- history ---- */

/* Falling numbers; a number that stands there with another digest is a lie. */
static int
name_document(struct check *c, const struct history_skip *skip, struct fault *f)
{
	struct check_document *list;
	size_t i = 0;

	while (i < c->document_count && c->documents[i].number > skip->to)
		i++;
	if (i < c->document_count && c->documents[i].number == skip->to) {
		if (digest_equal(&c->documents[i].digest, &skip->digest) &&
		    c->documents[i].length == skip->length)
			return 0;
		return fault_set(f, FAULT_FORMAT,
		    "names another document %lld than a newer one does",
		    (long long)skip->to);
	}
	list = reallocarray(c->documents, c->document_count + 1, sizeof(*list));
	if (list == NULL)
		return fault_memory(f);
	c->documents = list;
	memmove(&list[i + 1], &list[i],
	    (c->document_count - i) * sizeof(*list));
	c->document_count++;
	list[i] = (struct check_document){ .number = skip->to,
		.digest = skip->digest,
		.length = skip->length };
	history_init(&list[i].history);
	return 0;
}

static int
judge_history(const struct check *c, const struct history *h, int64_t number,
    struct fault *f)
{
	const struct history_row *last =
	    h->row_count > 0 ? &h->rows[h->row_count - 1] : NULL;

	if (strcmp(h->feed, c->head.id) != 0)
		return fault_set(f, FAULT_FORMAT, "is of another feed '%s'",
		    h->feed);
	if (h->number != number)
		return fault_set(f, FAULT_FORMAT,
		    "has the number %lld, not %lld", (long long)h->number,
		    (long long)number);
	if (number != history_number(c->head.serial))
		return 0;
	if (last == NULL || last->serial != c->head.serial)
		return fault_set(f, FAULT_FORMAT,
		    "does not end with serial %lld", (long long)c->head.serial);
	if (!digest_equal(&last->state, &c->head.state))
		return fault_set(f, FAULT_FORK,
		    "has another state for serial %lld than the feed",
		    (long long)c->head.serial);
	return 0;
}

static int
read_history(struct check *c, size_t at, int fd, struct fault *f)
{
	OWNED_BUF struct buf xml = BUF_INIT(HISTORY_MAX);
	OWNED_HISTORY struct history h;
	size_t i;

	history_init(&h);
	if (zframe_read_all(fd, &xml, f) == -1 ||
	    history_read(xml.data, xml.len, &h, f) == -1 ||
	    judge_history(c, &h, c->documents[at].number, f) == -1)
		return -1;
	for (i = 0; i < h.skip_count; i++) /* all go in behind this one */
		if (name_document(c, &h.skips[i], f) == -1)
			return -1;
	c->documents[at].history = h;
	c->documents[at].read = true;
	history_init(&h);
	return 0;
}

/* Is a document among what every publisher keeps? */
static bool
is_kept(const struct check *c, int64_t number)
{
	return number * HISTORY_SERIALS > c->head.serial - HISTORY_SERIALS;
}

static int
tally_missing_history(struct check *c, size_t at, const char *name,
    struct fault *f)
{
	enum tally_result result = TALLY_GONE;
	size_t i;

	if (is_kept(c, c->documents[at].number))
		result = TALLY_MISSING;
	for (i = at + 1; i < c->document_count; i++)
		if (c->documents[i].read)
			result = TALLY_MISSING;
	return tally_add(c->tally, result, "history", name, NULL, f);
}

/* Read one; *missing is only told, since those behind it decide. */
static int
check_document(struct check *c, size_t at, bool *missing, struct fault *f)
{
	struct feed_file file = { .digest = c->documents[at].digest,
		.length = c->documents[at].length };
	char name[TREE_NAME_MAX], cause[FAULT_TEXT_MAX];
	struct fault why = { 0 };
	enum tally_result result;
	OWNED_FD int fd = -1;

	tree_name(TREE_HISTORY, &file.digest, name);
	if (check_open(c, TREE_HISTORY, &file, &fd, &result, cause, f) == -1)
		return -1;
	*missing = result == TALLY_MISSING;
	if (*missing)
		return 0;
	if (fd == -1)
		return tally_add(c->tally, result, "history", name, cause, f);
	if (read_history(c, at, fd, &why) == -1)
		return tally_fault(c->tally, "history", name, &why, f);
	return tally_add(c->tally, TALLY_GOOD, "history", name, NULL, f);
}

static int
check_history(struct check *c, struct fault *f)
{
	const struct history_skip newest = { .to =
						 history_number(c->head.serial),
		.digest = c->head.history.digest,
		.length = c->head.history.length };
	OWNED_BUF struct buf missing = BUF_INIT(BUF_ANY); /* a byte for each */
	char name[TREE_NAME_MAX];
	size_t i;

	if (name_document(c, &newest, f) == -1)
		return -1;
	for (i = 0; i < c->document_count; i++) { /* grows meanwhile */
		bool gone;

		if (check_document(c, i, &gone, f) == -1 ||
		    buf_add(&missing, gone ? "y" : "n", 1, f) == -1)
			return -1;
	}
	for (i = 0; i < c->document_count; i++) {
		if (missing.data[i] == 'n')
			continue;
		tree_name(TREE_HISTORY, &c->documents[i].digest, name);
		if (tally_missing_history(c, i, name, f) == -1)
			return -1;
	}
	return 0;
}

/* Certificates to check the feed with; troubles of the file are told later. */
static int
take_key(struct check *c, bool *have, struct fault *f)
{
	struct fault why = { 0 };

	*have = true;
	if (c->vouch->keys_named ||
	    vouch_read_keys(c->vouch, c->tree, KEY_NAME, have, &why) == 0 ||
	    tally_is_finding(&why) ||
	    (why.kind == FAULT_SYSTEM && why.sys == 0))
		return 0;
	*f = why;
	return -1;
}

int
check_documents(struct check *c, struct fault *f)
{
	bool have;

	if (take_key(c, &have, f) == -1 || check_feed(c, f) == -1)
		return -1;
	if (!c->head_read)
		return have ? 0 :
			      tally_add(c->tally, TALLY_MISSING, "key",
				  KEY_NAME, NULL, f);
	if (check_key(c, f) == -1 || check_trust(c, f) == -1 ||
	    check_network(c, f) == -1)
		return -1;
	return check_history(c, f);
}
