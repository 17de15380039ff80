#include "gen/publish.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "feeds/atom.h"
#include "feeds/ladder.h"
#include "feeds/seal.h"
#include "feeds/signature.h"
#include "gen/collect.h"
#include "gen/lists.h"
#include "gen/make.h"
#include "gen/news.h"
#include "gen/rebuild.h"

#define SNAPSHOTS_KEPT 2 /* FORMAT section 5 */
#define SUMMARY_NAMES 3	 /* items that the one-line summary names */
#define CHANGES_NAMED 20 /* and the list for people */

/* One feed's run. */
struct run {
	struct ledger *ledger;
	const struct publisher *settings;
	const struct feed_settings *feed;
	const struct publish_options *options;
	struct publish_result *result;
	struct ledger_feed known; /* as published before this run */
	struct ledger_feed next;  /* as it will be */
	struct digest made_of;
	struct make make;
	int tree;
	int64_t after; /* serials that are jumped over; 0: none */
	bool jump;     /* no step leads to the next serial */
	bool crashed;  /* the run before did not end */
};

static void
run_clear(struct run *r)
{
	ledger_feed_clear(&r->known);
	ledger_feed_clear(&r->next);
	own_close_fd(&r->tree);
}

/* ---- what changed ---- */

static int
refuse_removal(const struct run *r, int64_t before, struct fault *f)
{
	const struct scan_result *scan = &r->result->scan;

	if (r->options->allow_drop)
		return 0;
	if (before > 0 && scan->items == 0)
		return fault_set(f, FAULT_ATTENTION,
		    "the wiki has none of the %lld published items any more; "
		    "nothing is published (--allow-drop if that is meant)",
		    (long long)before);
	if (scan_gate(before, scan->dropped))
		return fault_set(f, FAULT_ATTENTION,
		    "%lld of %lld items would be removed; nothing is "
		    "published (--allow-drop if that is meant)",
		    (long long)scan->dropped, (long long)before);
	return 0;
}

static int
scan(struct run *r, int64_t serial, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = r->feed->underlay };
	struct scan_result *scanned = &r->result->scan;

	if (wiki_open(r->feed->wiki, &options, &wiki, f) == -1)
		return -1;
	if (scan_wiki(r->ledger, &r->known, &r->feed->scan, wiki, serial,
		scanned, f) == -1)
		return fault_within(f, "wiki '%s'", r->feed->wiki);
	if (lists_lint(r->ledger, &r->known, serial, scanned, f) == -1)
		return -1;
	return refuse_removal(r, scanned->items + scanned->dropped, f);
}

/* "2 changed, 1 removed: BadContent, HelpOnEditing, ..." in the feed. */
static int
summarise(struct run *r, const struct words *names, struct buf *out,
    struct fault *f)
{
	const struct scan_result *scanned = &r->result->scan;
	size_t i;

	if (buf_format(out, f, "%lld changed", (long long)scanned->put) == -1)
		return -1;
	if (scanned->dropped > 0 &&
	    buf_format(out, f, ", %lld removed", (long long)scanned->dropped) ==
		-1)
		return -1;
	for (i = 0; i < names->count && i < SUMMARY_NAMES; i++)
		if (buf_format(out, f, "%s%s", i == 0 ? ": " : ", ",
			names->word[i]) == -1)
			return -1;
	if (names->count > SUMMARY_NAMES)
		return buf_add_text(out, ", \xe2\x80\xa6", f);
	return 0;
}

/* "changed page 'X', by Y: comment" for news.atom. */
static int
add_change(const struct item *was, const struct item *is, struct buf *out,
    struct fault *f)
{
	const struct item *item = is->kind == ITEM_NONE ? was : is;
	const char *verb = is->kind == ITEM_NONE ? "removed" :
	    was->kind == ITEM_NONE		 ? "new" :
						   "changed";

	if (buf_format(out, f, "%s ", verb) == -1 ||
	    item_describe(item, out, f) == -1 ||
	    (is->author != NULL &&
		buf_format(out, f, ", by %s", is->author) == -1) ||
	    (is->comment != NULL &&
		buf_format(out, f, ": %s", is->comment) == -1))
		return -1;
	return buf_add(out, "\n", 1, f);
}

/* What the serial brought, twice: a line, and a line an item. */
static int
describe_changes(struct run *r, struct buf *summary, struct buf *changes,
    struct fault *f)
{
	OWNED(shelf_diff_close) struct shelf_diff *diff = NULL;
	OWNED_WORDS struct words names = WORDS_INIT;
	const struct item *was, *is;
	const char *path;
	bool have;

	if (shelf_diff_open(r->ledger->shelf, r->known.row, r->known.serial,
		r->next.serial, &diff, f) == -1)
		return -1;
	while (names.count <= CHANGES_NAMED) {
		if (shelf_diff_next(diff, &was, &is, &path, &have, f) == -1)
			return -1;
		if (!have)
			break;
		if (words_add(&names,
			is->kind == ITEM_NONE ? was->name : is->name, f) == -1)
			return -1;
		if (names.count <= CHANGES_NAMED ?
			add_change(was, is, changes, f) == -1 :
			buf_add_text(changes, "and more\n", f) == -1)
			return -1;
	}
	return summarise(r, &names, summary, f);
}

/* ---- files of a new serial ---- */

/* What the next document does not name may leave once this one has expired. */
static int64_t
until(const struct run *r)
{
	return r->known.expires > r->options->now ? r->known.expires :
						    r->options->now;
}

static int
snapshot_if_due(struct run *r, struct fault *f)
{
	struct feed_file last;
	int64_t since;

	if (ledger_file(r->ledger, r->known.row, TREE_SNAPSHOT, -1, &last, f) ==
		-1 ||
	    ledger_step_bytes(r->ledger, r->known.row, last.serial, &since,
		f) == -1)
		return -1;
	if (!ladder_snapshot_due(r->next.serial, last.serial, last.length,
		since, r->jump))
		return 0;
	return make_snapshot(&r->make, r->next.serial, &r->result->snapshot, f);
}

/*
 * Where the states end that steps may start from; and of those before it,
 * only the contents that steps will need stay: a long list that changes each
 * day would else be kept a thousand times.
 */
static int
forget_old_states(struct run *r, struct fault *f)
{
	int64_t oldest = r->next.serial - r->feed->retention;
	int64_t wanted[LADDER_MAX + 1];
	size_t n = ladder_states(r->next.serial, wanted);

	if (oldest > r->next.oldest) {
		r->next.oldest = oldest;
		if (shelf_prune(r->ledger->shelf, r->known.row, oldest, f) ==
		    -1)
			return -1;
	}
	return shelf_thin(r->ledger->shelf, r->known.row, wanted, n, f);
}

/*
 * No step leads over a jump, and what was before may be gone, or in dispute
 * with another publisher (FORMAT section 6): nothing of that is named.
 */
static int
leave_behind(struct run *r, struct fault *f)
{
	int64_t row = r->known.row;

	if (ledger_keep_snapshots(r->ledger, row, 0, until(r), f) == -1)
		return -1;
	return ledger_retire(r->ledger, row, r->next.serial - 1, until(r), f);
}

static int
new_serial(struct run *r, struct fault *f)
{
	OWNED_BUF struct buf summary = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf changes = BUF_INIT(BUF_ANY);
	struct ledger_serial serial = { .serial = r->next.serial,
		.published = r->options->now };
	int64_t count;

	if (r->jump && leave_behind(r, f) == -1)
		return -1;
	if (r->jump || r->next.oldest == 0)
		r->next.oldest = r->next.serial;
	r->next.ahead = 0;
	r->next.published = r->options->now;
	if (shelf_state(r->ledger->shelf, r->known.row, r->next.serial,
		&serial.state, &count, f) == -1 ||
	    describe_changes(r, &summary, &changes, f) == -1)
		return -1;
	serial.summary = summary.data;
	serial.changes = changes.data;
	if (ledger_add_serial(r->ledger, r->known.row, &serial, f) == -1 ||
	    make_steps(&r->make, r->next.serial, &r->result->step, f) == -1 ||
	    snapshot_if_due(r, f) == -1)
		return -1;
	return forget_old_states(r, f);
}

/* ---- the document ---- */

static int
read_inside(const struct run *r, struct feed *doc, struct fault *f)
{
	char name[TREE_NAME_MAX];
	bool have;

	if (!doc->step.present || doc->step.length > INLINE_STEP_MAX)
		return 0;
	tree_name(TREE_STEP, &doc->step.digest, name);
	if (file_read(r->tree, name, &doc->inside, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_SYSTEM, "'%s' is missing", name);
	return 0;
}

static int
copy_text(char **to, const char *from, struct fault *f)
{
	if (from == NULL)
		return 0;
	*to = strdup(from);
	return *to != NULL ? 0 : fault_memory(f);
}

static int
describe(const struct run *r, struct feed *doc, struct fault *f)
{
	OWNED_BUF struct buf self = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf title = BUF_INIT(BUF_ANY);

	if (buf_format(&self, f, "%sfeed.atom", r->feed->url) == -1 ||
	    buf_format(&title, f, "serial %lld", (long long)doc->serial) ==
		-1 ||
	    copy_text(&doc->title, r->feed->title, f) == -1 ||
	    copy_text(&doc->author, r->feed->title, f) == -1 ||
	    copy_text(&doc->self, self.data, f) == -1 ||
	    copy_text(&doc->hub, r->feed->hub, f) == -1 ||
	    copy_text(&doc->entry_title, title.data, f) == -1)
		return -1;
	return ledger_summary(r->ledger, r->known.row, doc->serial,
	    &doc->summary, f);
}

/* The files that the document names, from the ledger. */
static int
name_files(struct run *r, struct feed *doc, struct fault *f)
{
	int64_t row = r->known.row;
	struct feed_file step;

	if (ledger_file(r->ledger, row, TREE_SNAPSHOT, -1, &doc->snapshot, f) ==
		-1 ||
	    ledger_file(r->ledger, row, TREE_STEP, doc->serial, &step, f) == -1)
		return -1;
	if (doc->snapshot.serial == doc->serial)
		doc->entry_snapshot = doc->snapshot;
	/* The one that starts latest is from the serial before, if at all. */
	if (step.present && step.from == doc->serial - 1)
		doc->step = step;
	return read_inside(r, doc, f);
}

static int
documents(struct run *r, struct feed *doc, struct fault *f)
{
	OWNED_NETWORK struct network network;

	network_init(&network);
	if (publisher_network(r->feed, r->next.id, &network, f) == -1 ||
	    make_network(&r->make, &network, &doc->network, f) == -1)
		return -1;
	return make_history(&r->make, r->next.serial, &doc->history, f);
}

/* What the new document does not name any more leaves when the old expires. */
static int
supersede(struct run *r, const struct feed *doc, struct fault *f)
{
	int64_t row = r->known.row, left = until(r);

	if (ledger_supersede(r->ledger, row, TREE_HISTORY, doc->history.serial,
		&doc->history.digest, left, f) == -1 ||
	    ledger_supersede(r->ledger, row, TREE_NETWORK, -1,
		&doc->network.digest, left, f) == -1 ||
	    ledger_keep_snapshots(r->ledger, row, SNAPSHOTS_KEPT, left, f) ==
		-1)
		return -1;
	return ledger_retire(r->ledger, row, doc->serial - r->feed->retention,
	    left, f);
}

static int
sign(struct run *r, const struct feed *doc, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	struct buf *document = &r->next.document;

	buf_clear(document);
	if (atom_write(doc, document, f) == -1)
		return fault_within(f, "feed document");
	if (signature_sign(r->settings->home, r->settings->key, document->data,
		document->len, &packets, f) == -1 ||
	    seal_add(document, packets.data, packets.len, f) == -1)
		return fault_within(f, "signing");
	return 0;
}

/* So far that no follower takes it, unless its clock is wrong as well? */
static bool
is_ahead(const struct run *r)
{
	return r->known.updated > r->options->now + CLOCK_SKEW_MAX;
}

/*
 * This clock was wrong then, or is now.  What followers have is dated before:
 * a document of now is news to them only if it was wrong then; and who says
 * so jumps ahead of what was signed in the meantime.
 */
static int
check_clock(const struct run *r, struct fault *f)
{
	char was[TIME_TEXT], is[TIME_TEXT];

	if (!is_ahead(r) || r->jump)
		return 0;
	time_format(r->known.updated, was);
	time_format(r->options->now, is);
	return fault_set(f, FAULT_SYSTEM,
	    "signed at %s the last time, but the clock here says %s: "
	    "set it right; if it is, and was wrong then, "
	    "'wikicast gen --after %lld' publishes anew",
	    was, is, (long long)r->known.serial);
}

static int
compose(struct run *r, struct fault *f)
{
	OWNED_FEED struct feed doc;
	struct ledger_feed *next = &r->next;
	int64_t now = r->options->now;

	feed_init(&doc);
	/* Later in each document, also when the clock went back a little. */
	next->updated =
	    now > r->known.updated || is_ahead(r) ? now : r->known.updated + 1;
	next->expires = next->updated + r->feed->expires;
	next->made_of = r->made_of;
	(void)snprintf(doc.id, sizeof(doc.id), "%s", next->id);
	doc.serial = next->serial;
	doc.updated = next->updated;
	doc.entry_updated = next->published;
	doc.expires = next->expires;
	if (ledger_serial_state(r->ledger, r->known.row, doc.serial, &doc.state,
		f) == -1 ||
	    describe(r, &doc, f) == -1 || documents(r, &doc, f) == -1 ||
	    supersede(r, &doc, f) == -1 || name_files(r, &doc, f) == -1)
		return -1;
	return sign(r, &doc, f);
}

/* ---- putting it in place ---- */

static int
put_key(struct run *r, struct fault *f)
{
	OWNED_BUF struct buf now = BUF_INIT(KEY_MAX);
	OWNED_BUF struct buf was = BUF_INIT(KEY_MAX);
	struct signers signers = { .count = 1, .threshold = 1 };
	bool have;

	if (file_read(r->tree, "key.asc", &was, &have, f) == -1)
		return -1;
	/* News alone does not change a certificate; asking costs a gpg. */
	if (have && r->result->outcome == PUBLISH_NEWS && r->known.serial > 0 &&
	    !r->jump)
		return 0;
	(void)snprintf(signers.list[0].primary, sizeof(signers.list[0].primary),
	    "%s", r->settings->key);
	if (signature_export(r->settings->home, &signers, &now, f) == -1)
		return fault_within(f, "key.asc");
	if (have && now.len == was.len &&
	    memcmp(now.data, was.data, now.len) == 0)
		return 0;
	return file_replace(r->tree, "key.asc", now.data, now.len, 0644, f);
}

static int
put_in_place(struct run *r, struct fault *f)
{
	const struct ledger_feed *next = &r->next;

	if (put_key(r, f) == -1 || tree_sync(r->tree, f) == -1 ||
	    ledger_feed_save(r->ledger, next, f) == -1 ||
	    db_commit(r->ledger->db, f) == -1)
		return -1;
	return tree_put_feed(r->tree, next->document.data, next->document.len,
	    next->updated, f);
}

static int
for_people(struct run *r, struct fault *f)
{
	if (news_write(r->ledger, r->feed, &r->next, r->settings->key, r->tree,
		f) == -1)
		return -1;
	return collect_unmark(r->ledger, r->known.row, f);
}

static int
publish(struct run *r, struct fault *f)
{
	if (r->options->dry_run) {
		db_rollback(r->ledger->db);
		return 0;
	}
	if (collect_mark(r->ledger, r->known.row, f) == -1)
		return -1;
	if (r->result->outcome == PUBLISH_NEWS && new_serial(r, f) == -1)
		return -1;
	if (compose(r, f) == -1 || put_in_place(r, f) == -1)
		return -1;
	return for_people(r, f);
}

/* Nothing to publish; but the run before may have left something undone. */
static int
stay(struct run *r, struct fault *f)
{
	r->result->expires = r->known.expires;
	if (r->options->dry_run)
		return 0;
	if (db_commit(r->ledger->db, f) == -1)
		return -1;
	return r->crashed ? for_people(r, f) : 0;
}

/* ---- deciding ---- */

static bool
resign_due(const struct run *r)
{
	int64_t half = (r->known.expires - r->known.updated) / 2;

	return !digest_equal(&r->known.made_of, &r->made_of) ||
	    r->options->now >= r->known.updated + half;
}

/* A time ahead is of a clock that was wrong, or of a rebuilt ledger. */
static bool
is_within(int64_t published, int64_t every, int64_t now)
{
	return published <= now && now < published + every;
}

static int
decide(struct run *r, struct fault *f)
{
	struct publish_result *result = r->result;
	const struct publish_options *o = r->options;
	bool wait = r->known.serial > 0 && !o->at_once && !r->jump &&
	    is_within(r->known.published, r->feed->every, o->now);

	r->next.serial = r->known.serial + 1;
	if (r->after >= r->next.serial)
		r->next.serial = r->after + 1;
	if (!wait && scan(r, r->next.serial, f) == -1)
		return -1;
	if (result->scan.put + result->scan.dropped > 0 || r->jump ||
	    (r->known.serial == 0 && !wait)) {
		result->outcome = PUBLISH_NEWS;
		return 0;
	}
	r->next.serial = r->known.serial;
	result->outcome = resign_due(r) ? PUBLISH_RESIGNED :
	    wait			? PUBLISH_WAITING :
					  PUBLISH_NOTHING;
	return 0;
}

static int
copy_known(struct run *r, struct fault *f)
{
	struct ledger_feed *n = &r->next;

	*n = r->known;
	buf_init(&n->document, FEED_MAX);
	if (n->id[0] == '\0' && feed_id_new(n->id, f) == -1)
		return -1;
	r->make = (struct make){ .ledger = r->ledger,
		.feed = &r->next,
		.tree = r->tree,
		.home = r->settings->home,
		.key = r->settings->key };
	publisher_digest(r->feed, r->settings->key, &r->made_of);
	return 0;
}

/* Followers take no serial that is further ahead of theirs. */
static int
check_after(const struct run *r, struct fault *f)
{
	int64_t known = r->known.serial;

	if (known == 0 || r->after < known + SERIAL_AHEAD_MAX)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "option '--after': %lld is more "
	    "than %d ahead of serial %lld, and no follower would take it",
	    (long long)r->after, SERIAL_AHEAD_MAX - 1, (long long)known);
}

static int
agree(struct run *r, struct fault *f)
{
	enum rebuild_answer answer;

	if (rebuild_feed(r->ledger, r->settings, &r->known, r->tree,
		r->options->dry_run, &answer, f) == -1)
		return -1;
	r->result->rebuilt = answer == REBUILD_DONE;
	r->after = r->options->after > r->known.ahead ? r->options->after :
							r->known.ahead;
	r->jump = answer == REBUILD_HOLES ||
	    (r->known.serial > 0 && r->after >= r->known.serial);
	if (check_after(r, f) == -1)
		return -1;
	r->result->jumped = r->jump;
	if (r->options->dry_run)
		return 0;
	return collect_orphans(r->ledger, r->known.row, r->tree, &r->crashed,
	    f);
}

static int
run_feed(struct run *r, struct fault *f)
{
	if (db_begin(r->ledger->db, f) == -1 ||
	    ledger_feed_load(r->ledger, r->feed->name, &r->known, f) == -1 ||
	    agree(r, f) == -1 || check_clock(r, f) == -1 ||
	    copy_known(r, f) == -1 || decide(r, f) == -1)
		return -1;
	r->result->serial = r->next.serial;
	if (r->result->outcome == PUBLISH_NEWS ||
	    r->result->outcome == PUBLISH_RESIGNED) {
		if (publish(r, f) == -1)
			return -1;
		r->result->expires = r->next.expires;
		r->result->document = r->next.document.len;
	} else if (stay(r, f) == -1) {
		return -1;
	}
	if (r->options->dry_run)
		return 0;
	return collect_due(r->ledger, r->known.row, r->tree, r->options->now,
	    f);
}

static int
open_tree(struct run *r, struct fault *f)
{
	OWNED_MEM char *path = NULL;

	if (asprintf(&path, "%s/%s", r->settings->site, r->feed->name) == -1) {
		path = NULL;
		return fault_memory(f);
	}
	if (file_make_folders(AT_FDCWD, path, 0755, f) == -1)
		return -1;
	return file_open_folder(AT_FDCWD, path, &r->tree, f);
}

int
publish_feed(struct ledger *ledger, const struct publisher *settings,
    const struct feed_settings *feed, const struct publish_options *options,
    struct publish_result *result, struct fault *f)
{
	OWNED(run_clear)
	struct run r = { .ledger = ledger,
		.settings = settings,
		.feed = feed,
		.options = options,
		.result = result,
		.known = LEDGER_FEED_INIT,
		.next = LEDGER_FEED_INIT,
		.tree = -1 };
	int rc;

	*result = (struct publish_result){ .outcome = PUBLISH_NOTHING };
	rc = open_tree(&r, f) == -1 ? -1 : run_feed(&r, f);
	db_rollback(ledger->db);
	return rc == -1 ? fault_within(f, "feed '%s'", feed->name) : 0;
}
