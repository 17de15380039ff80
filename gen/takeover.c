#include "gen/takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/num.h"
#include "feeds/atom.h"
#include "feeds/seal.h"
#include "feeds/zframe.h"
#include "gen/rebuild.h"
#include "wiki/wiki.h"

#define AHEAD 1000 /* serials that are jumped over at least */
#define AHEAD_MOST (SERIAL_AHEAD_MAX / 2)

void
takeover_clear(struct takeover *t)
{
	struct fault ignored = { 0 };

	ledger_feed_clear(&t->feed);
	ledger_close(&t->ledger);
	feed_clear(&t->head);
	network_clear(&t->network);
	words_clear(&t->patterns);
	words_clear(&t->interwiki);
	own_close_fd(&t->copy);
	if (t->folder != NULL)
		(void)folder_remove(AT_FDCWD, t->folder, &ignored);
	free(t->folder);
	*t = (struct takeover)TAKEOVER_INIT;
}

/* ---- who signed it ---- */

/* The certificates that the copy has: a hint, no more. */
static int
read_candidates(const struct takeover *t, struct signers *signers,
    struct fault *f)
{
	OWNED_BUF struct buf armored = BUF_INIT(KEY_MAX);
	OWNED_MEM char *scratch = NULL;
	struct fault ignored = { 0 };
	bool have;
	int rc;

	if (file_read(t->copy, "key.asc", &armored, &have, f) == -1)
		return -1;
	if (!have && faccessat(t->copy, "feed.atom", F_OK, 0) == -1)
		return fault_set(f, FAULT_CONFIG,
		    "is no copy of a feed: there "
		    "is no feed.atom in it");
	if (!have)
		return fault_set(f, FAULT_CONFIG,
		    "has no key.asc that tells "
		    "who signed it: name the key with '--key'");
	if (folder_scratch(t->ledger.folder, &scratch, f) == -1)
		return -1;
	rc =
	    signature_primaries(scratch, armored.data, armored.len, signers, f);
	(void)folder_remove(AT_FDCWD, scratch, &ignored);
	return rc == -1 ? fault_within(f, "'key.asc'") : 0;
}

static int
no_signer(const struct signers *signers, const char *home, struct fault *f)
{
	OWNED_BUF struct buf keys = BUF_INIT(BUF_ANY);
	size_t i;

	for (i = 0; i < signers->count; i++)
		if (buf_format(&keys, f, "%s%s", i > 0 ? ", " : "",
			signers->list[i].primary) == -1)
			return -1;
	return fault_set(f, FAULT_CONFIG,
	    "is signed by %s, and '%s' has no "
	    "such key: import its backup there ('gpg --homedir %s --import "
	    "FILE'), or name another folder with '--gnupg-home'",
	    signers->count > 0 ? keys.data : "an unknown key", home, home);
}

/* A key that is in home and yet no signer tells more than one that is not. */
static int
find_signer(struct takeover *t, struct publisher *s, struct fault *f)
{
	OWNED_MEM struct signers *signers = calloc(1, sizeof(*signers));
	struct fault why = { 0 }, unsigned_by = { 0 };
	size_t i;

	if (signers == NULL)
		return fault_memory(f);
	if (read_candidates(t, signers, f) == -1)
		return -1;
	for (i = 0; i < signers->count; i++) {
		memcpy(t->key, signers->list[i].primary, sizeof(t->key));
		if (rebuild_is_signed(&t->ledger, s, t->copy, &why) == 0)
			return 0;
		if (why.kind == FAULT_UNSIGNED || why.kind == FAULT_FORMAT)
			unsigned_by = why;
		else if (why.kind != FAULT_CONFIG && why.kind != FAULT_SYSTEM)
			break;
	}
	if (i < signers->count || unsigned_by.kind != FAULT_NONE) {
		*f = i < signers->count ? why : unsigned_by;
		return -1;
	}
	return no_signer(signers, s->home, f);
}

static int
named_signer(struct takeover *t, const char *key, struct publisher *s,
    struct fault *f)
{
	if (fingerprint_parse(key, t->key, f) == -1)
		return fault_within(f, "option '--key'");
	if (rebuild_is_signed(&t->ledger, s, t->copy, f) == -1)
		return f->kind != FAULT_UNSIGNED ?
		    -1 :
		    fault_within(f, "is not signed by %s", t->key);
	return 0;
}

/* ---- what it says ---- */

static int
read_head(struct takeover *t, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	const struct buf *document = &t->feed.document;
	size_t signed_size;

	if (seal_split(document->data, document->len, &signed_size, &packets,
		f) == -1)
		return -1;
	return atom_read(document->data, signed_size, &t->head, f);
}

/* Who else has the feed: worth knowing, not worth failing. */
static int
read_network(struct takeover *t, struct fault *f)
{
	OWNED_BUF struct buf xml = BUF_INIT(NETWORK_MAX);
	OWNED_FD int fd = -1;
	char name[TREE_NAME_MAX];
	struct digest is;
	int64_t size;
	bool have;

	tree_name(TREE_NETWORK, &t->head.network.digest, name);
	if (file_open(t->copy, name, &fd, &have, f) == -1)
		return -1;
	if (!have) {
		t->missing++;
		return 0;
	}
	if (digest_of_fd(fd, &is, &size, f) == -1)
		return -1;
	if (!digest_equal(&is, &t->head.network.digest))
		return fault_set(f, FAULT_FORMAT, "'%s' is damaged", name);
	if (zframe_read_all(fd, &xml, f) == -1)
		return -1;
	return network_read(xml.data, xml.len, &t->network, f);
}

/* A glob that takes this name: a "*" in it is any one character. */
static int
add_glob(struct words *globs, const char *name, struct fault *f)
{
	OWNED_MEM char *glob = strdup(name);
	char *p;

	if (glob == NULL)
		return fault_memory(f);
	for (p = glob; (p = strchr(p, '*')) != NULL; p++)
		*p = '?';
	return words_add(globs, glob, f);
}

static int
list_items(struct takeover *t, struct fault *f)
{
	OWNED(shelf_walk_close) struct shelf_walk *walk = NULL;
	const struct item *item;
	const char *path;
	bool have;

	if (shelf_walk_open(t->ledger.shelf, t->feed.row, t->feed.serial, &walk,
		f) == -1)
		return -1;
	for (;;) {
		if (shelf_walk_next(walk, &item, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		t->items++;
		if (item->kind == ITEM_PATTERNS &&
		    add_glob(&t->patterns, item->name, f) == -1)
			return -1;
		if (item->kind == ITEM_INTERWIKI &&
		    add_glob(&t->interwiki, item->name, f) == -1)
			return -1;
		t->has_pages |=
		    item->kind == ITEM_PAGE || item->kind == ITEM_ATTACHMENT;
	}
}

/* ---- the next serial ---- */

/*
 * How many may have come out after the copy was made?  Hardly one a minute,
 * and all of them are jumped over.
 */
static int64_t
usual_after(const struct takeover *t, int64_t now)
{
	int64_t minutes =
	    now > t->head.updated ? (now - t->head.updated) / 60 : 0;

	if (minutes > AHEAD_MOST - AHEAD)
		minutes = AHEAD_MOST - AHEAD;
	return t->head.serial + AHEAD + minutes;
}

static int
choose_after(struct takeover *t, int64_t given, struct fault *f)
{
	int64_t serial = t->head.serial;

	t->after = given > 0 ? given : usual_after(t, time_now());
	t->jump = t->after > serial;
	if (t->after < serial)
		return fault_set(f, FAULT_CONFIG,
		    "option '--after': the copy "
		    "has serial %lld already",
		    (long long)serial);
	if (t->after >= serial + SERIAL_AHEAD_MAX)
		return fault_set(f, FAULT_CONFIG,
		    "option '--after': %lld is "
		    "more than %d ahead of serial %lld, and no follower would "
		    "take it",
		    (long long)t->after, SERIAL_AHEAD_MAX - 1,
		    (long long)serial);
	if (!t->jump && t->missing > 0)
		return fault_set(f, FAULT_FORMAT,
		    "the copy lacks %lld files "
		    "that serials before lead over: take a whole one, or jump "
		    "ahead with another '--after', or none",
		    (long long)t->missing);
	return 0;
}

/* ---- opening ---- */

static int
start(struct takeover *t, const char *dir, const char *home, struct fault *f)
{
	const char *place = getenv("TMPDIR");
	OWNED_FD int tmp = -1;

	feed_init(&t->head);
	network_init(&t->network);
	if (access(home, F_OK) == -1)
		return fault_set(f, FAULT_CONFIG,
		    "there is no folder '%s' "
		    "with the signer's key: name the one that GnuPG has it in "
		    "with '--gnupg-home'",
		    home);
	if (file_open_folder(AT_FDCWD, dir, &t->copy, f) == -1 ||
	    file_open_folder(AT_FDCWD, place != NULL ? place : "/tmp", &tmp,
		f) == -1 ||
	    folder_scratch(tmp, &t->folder, f) == -1)
		return -1;
	return ledger_open(t->folder, &t->ledger, f);
}

static int
read_copy(struct takeover *t, const struct publisher *s, struct fault *f)
{
	if (db_begin(t->ledger.db, f) == -1 ||
	    ledger_feed_load(&t->ledger, "copy", &t->feed, f) == -1 ||
	    rebuild_from_copy(&t->ledger, s, &t->feed, t->copy, &t->missing,
		f) == -1 ||
	    db_commit(t->ledger.db, f) == -1 || read_head(t, f) == -1 ||
	    read_network(t, f) == -1)
		return -1;
	return list_items(t, f);
}

int
takeover_open(struct takeover *t, const char *dir, const char *home,
    const char *key, int64_t after, struct fault *f)
{
	struct publisher s = { .home = (char *)home, .key = t->key };

	if (start(t, dir, home, f) == -1 || signature_start(f) == -1)
		return -1;
	if ((key == NULL ? find_signer(t, &s, f) :
			   named_signer(t, key, &s, f)) == -1 ||
	    read_copy(t, &s, f) == -1)
		return fault_within(f, "copy '%s'", dir);
	return choose_after(t, after, f);
}

/* ---- beside a wiki ---- */

void
takeover_difference_clear(struct takeover_difference *d)
{
	words_clear(&d->names);
}

static int
note_difference(struct takeover_difference *d, int64_t *count,
    const struct item *item, const char *what, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);

	if ((*count)++ >= TAKEOVER_NAMED)
		return 0;
	if (item_describe(item, &text, f) == -1 ||
	    buf_format(&text, f, " %s", what) == -1)
		return -1;
	return words_add(&d->names, text.data, f);
}

static int
add_difference(struct takeover_difference *d, const struct scan_rules *rules,
    const struct item *was, const struct item *is, struct fault *f)
{
	const char *page = was->page != NULL ? was->page : was->name;

	if (was->kind == ITEM_NONE)
		return note_difference(d, &d->added, is, "is new", f);
	if (is->kind != ITEM_NONE)
		return note_difference(d, &d->changed, is, "is another here",
		    f);
	if (scan_kind(rules, page) != ITEM_NONE)
		return note_difference(d, &d->lacking, was, "is not here", f);
	d->unchosen++;
	return note_difference(d, &d->lacking, was, "is not chosen", f);
}

static int
list_differences(struct takeover *t, const struct scan_rules *rules,
    struct takeover_difference *d, struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	int64_t serial = t->feed.serial;
	const struct item *was, *is;
	const char *path;
	bool have;

	if (shelf_diff_open(t->ledger.shelf, t->feed.row, serial, serial + 1,
		&diff, f) == -1)
		return -1;
	for (;;) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (add_difference(d, rules, was, is, f) == -1)
			return -1;
	}
}

/* As gen would: the wiki becomes the next serial, which is then forgotten. */
int
takeover_compare(struct takeover *t, const char *name, const char *underlay,
    const struct scan_rules *rules, struct takeover_difference *d,
    struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	OWNED(scan_result_clear) struct scan_result scanned = { .items = 0 };
	struct wiki_options options = { .underlay = underlay };
	int rc;

	takeover_difference_clear(d);
	*d = (struct takeover_difference){ .names = WORDS_INIT };
	if (wiki_open(name, &options, &wiki, f) == -1 ||
	    db_begin(t->ledger.db, f) == -1)
		return -1;
	rc = scan_wiki(&t->ledger, &t->feed, rules, wiki, t->feed.serial + 1,
	    &scanned, f);
	if (rc == 0)
		rc = list_differences(t, rules, d, f);
	db_rollback(t->ledger.db);
	return rc;
}

static int
compare_all(struct takeover *t, const char *wiki, struct takeover_difference *d,
    struct fault *f)
{
	OWNED_WORDS struct words all = WORDS_INIT;
	struct scan_rules rules;

	if (words_add(&all, "*", f) == -1)
		return -1;
	rules = (struct scan_rules){ .pages = all,
		.patterns = t->patterns,
		.interwiki = t->interwiki,
		.not_pages = WORDS_INIT };
	return takeover_compare(t, wiki, NULL, &rules, d, f);
}

int
takeover_is_part(struct takeover *t, const char *wiki, bool *part,
    int64_t *lacking, struct fault *f)
{
	static const char files[] = "files:";
	OWNED(takeover_difference_clear) struct takeover_difference d = {
		.names = WORDS_INIT
	};

	*part = false;
	*lacking = t->items;
	if (strncmp(wiki, files, strlen(files)) != 0)
		return 0;
	if (access(wiki + strlen(files), F_OK) == 0) {
		if (compare_all(t, wiki, &d, f) == -1)
			return -1;
		*lacking = d.lacking;
	} else if (errno != ENOENT) {
		return fault_system(f, errno, "wiki '%s'", wiki);
	}
	*part = d.changed + d.added == 0;
	return 0;
}

/* ---- making it ---- */

/* A run that was cut short may have been here before; another feed not. */
static int
check_known(const struct takeover *t, const struct ledger_feed *known,
    const char *state, const char *name, struct fault *f)
{
	if (known->serial == 0)
		return 0;
	if (strcmp(known->id, t->head.id) != 0)
		return fault_set(f, FAULT_CONFIG,
		    "the database in '%s' knows "
		    "another feed '%s': choose another name",
		    state, name);
	if (known->serial > t->head.serial)
		return fault_set(f, FAULT_CONFIG,
		    "the database in '%s' has "
		    "serial %lld of this feed already, and the copy %lld: "
		    "there is nothing to take over",
		    state, (long long)known->serial, (long long)t->head.serial);
	return 0;
}

static int
keep(struct takeover *t, struct ledger *ledger, struct ledger_feed *feed,
    const char *state, const char *name, const char *home, struct fault *f)
{
	struct publisher s = { .home = (char *)home, .key = t->key };
	int64_t missing;

	if (ledger_open(state, ledger, f) == -1 ||
	    db_begin(ledger->db, f) == -1 ||
	    ledger_feed_load(ledger, name, feed, f) == -1 ||
	    check_known(t, feed, state, name, f) == -1 ||
	    rebuild_from_copy(ledger, &s, feed, t->copy, &missing, f) == -1)
		return -1;
	if (feed->serial != t->head.serial)
		return fault_set(f, FAULT_BUSY,
		    "the copy has changed "
		    "meanwhile: end what writes to it, and try again");
	feed->ahead = t->jump ? t->after : 0;
	if (ledger_feed_save(ledger, feed, f) == -1)
		return -1;
	return db_commit(ledger->db, f);
}

int
takeover_keep(struct takeover *t, const char *state, const char *name,
    const char *home, struct fault *f)
{
	OWNED(ledger_close) struct ledger ledger = LEDGER_INIT;
	OWNED(ledger_feed_clear) struct ledger_feed feed = LEDGER_FEED_INIT;

	return keep(t, &ledger, &feed, state, name, home, f);
}
