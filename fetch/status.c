#include "fetch/status.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "base/report.h"
#include "feeds/parcel.h"
#include "fetch/chosen.h"
#include "fetch/mirror.h"
#include "fetch/record.h"
#include "fetch/standing.h"

const char status_more[] =
    "Items that are skipped are listed with -v, or for a feed that is named.\n"
    "Ends 0 if it could tell, however the feeds stand.\n";

struct status {
	const struct options *o;
	struct settings settings;
	struct book book;
	struct report *out;
	bool have; /* there is a database */
	bool all;  /* skipped items, too */
	int64_t now;
};

static void
clear(struct status *s)
{
	report_free(&s->out);
	book_close(&s->book);
	settings_clear(&s->settings);
}

/* ---- feeds ---- */

static int
count_notes(struct status *s, int64_t feed, struct standing_counts *c,
    struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (record_count(s->book.db, feed, &c->items, f) == -1 ||
	    db_query(s->book.db, &q, f,
		"SELECT answer, count(*) FROM note"
		" WHERE feed = ? GROUP BY answer",
		"i", feed) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		switch ((enum note_answer)db_int(&q, 0)) {
		case NOTE_SKIPPED:
			c->skipped = db_int(&q, 1);
			break;
		case NOTE_CONFLICT:
			c->conflicts = db_int(&q, 1);
			break;
		case NOTE_EDITED:
			c->edited = db_int(&q, 1);
			break;
		case NOTE_HELD:
			c->held = db_int(&q, 1);
			break;
		case NOTE_LOCKED:
			c->locked = db_int(&q, 1);
			break;
		case NOTE_WAITING:
			c->waiting = db_int(&q, 1);
			break;
		case NOTE_LEFT:
			c->left = db_int(&q, 1);
			break;
		}
	}
}

static int
read_title(const struct book_feed *feed, char **title, struct fault *f)
{
	struct parcel p = { feed->head.data, feed->head.len, 0 };
	OWNED_FEED struct feed head;

	feed_init(&head);
	if (feed->head.len == 0)
		return 0;
	if (parcel_get_feed(&p, &head, f) == -1)
		return -1;
	*title = own_give(&head.title);
	return 0;
}

static void
report_details(struct status *s, const struct book_feed *feed,
    const struct follow_settings *follow)
{
	struct report *out = s->out;

	report_text(out, "id", feed->id[0] != '\0' ? feed->id : follow->id);
	report_number(out, "accepted", feed->serial);
	report_number(out, "settled", feed->settled);
	report_number(out, "held_at", feed->held_at);
	report_number(out, "trust", feed->trust);
	report_bool(out, "expired", feed->serial > 0 && s->now > feed->expires);
	report_bool(out, "forked", feed->forked);
	report_text(out, "wiki", follow->wiki);
	report_text(out, "serve", follow->serve);
}

static int
show_feed(struct status *s, const struct follow_settings *follow,
    struct fault *f)
{
	OWNED(book_feed_clear) struct book_feed feed = BOOK_FEED_INIT;
	struct standing_counts c = { .items = 0 };
	OWNED_MEM char *title = NULL;
	struct report *out = s->out;
	bool have = false;

	if (s->have &&
	    (book_feed_find(&s->book, follow->name, &feed, &have, f) == -1 ||
		count_notes(s, feed.row, &c, f) == -1))
		return -1;
	if (read_title(&feed, &title, f) == -1)
		return fault_within(f, "feed '%s'", follow->name);
	report_row(out, "feed");
	report_text(out, "feed", follow->name);
	report_text(out, "state",
	    standing_word(&feed, &c, follow->wiki != NULL, s->now));
	report_text(out, "title", title);
	report_number(out, "serial", feed.stored);
	report_time(out, "updated", feed.serial > 0 ? feed.updated : -1);
	report_time(out, "expires", feed.serial > 0 ? feed.expires : -1);
	report_time(out, "news_at", feed.success > 0 ? feed.success : -1);
	report_number(out, "items", c.items);
	report_number(out, "skipped", c.skipped);
	report_number(out, "left", c.left);
	report_number(out, "edited", c.edited);
	report_number(out, "conflicts", c.conflicts);
	report_number(out, "held", c.held);
	report_number(out, "locked", c.locked);
	report_number(out, "waiting", c.waiting);
	if (s->o->json)
		report_details(s, &feed, follow);
	if (feed.forked)
		log_warn("feed '%s' has forked: two good documents say "
			 "different things of one serial; they are in "
			 "'%s/evidence', and 'wikicast resume %s' ends it",
		    follow->name, s->settings.state, follow->name);
	return report_row_end(out, f);
}

/* ---- mirrors ---- */

static const char *
health(const struct mirror *m, int64_t now)
{
	switch (mirror_state(m, now)) {
	case MIRROR_BEHIND:
		return "behind";
	case MIRROR_RESTING:
		return "failing";
	case MIRROR_QUIET:
		return "busy";
	case MIRROR_HEALTHY:
		break;
	}
	if (m->success == 0 && m->failure == 0)
		return "not asked yet";
	return m->failures > 0 ? "failed" : "good";
}

static void
report_mirror(struct status *s, const char *feed, const struct mirror *m)
{
	struct report *out = s->out;

	report_row(out, "mirror");
	report_text(out, "feed", feed);
	report_text(out, "mirror", m->url);
	report_text(out, "health", health(m, s->now));
	report_number(out, "serial", m->serial);
	report_time(out, "success", m->success > 0 ? m->success : -1);
	report_time(out, "behind_since",
	    m->behind_since > 0 ? m->behind_since : -1);
	report_time(out, "wait_until",
	    m->wait_until > s->now ? m->wait_until : -1);
	report_text(out, "cause", m->failures > 0 ? m->cause : NULL);
	if (!s->o->json)
		return;
	report_bool(out, "configured", m->configured);
	report_number(out, "failures", m->failures);
	report_time(out, "failure", m->failure > 0 ? m->failure : -1);
	report_number(out, "bytes_per_second", m->rate);
}

/* mirror_load() would forget those that left the configuration: a write. */
static int
show_mirrors(struct status *s, int64_t feed, const char *name, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(s->book.db, &q, f,
		"SELECT url, configured, success,"
		" failure, cause, failures, wait_until, behind_since,"
		" behind_seen, serial, rate, quiet_until FROM mirror WHERE feed = ?"
		" ORDER BY configured DESC, url",
		"i", feed) == -1)
		return -1;
	for (;;) {
		struct mirror m = { .id = 0 };

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		m.url = (char *)db_text(&q, 0);
		m.configured = db_int(&q, 1) != 0;
		m.success = db_int(&q, 2);
		m.failure = db_int(&q, 3);
		m.cause = (char *)db_text(&q, 4);
		m.failures = db_int(&q, 5);
		m.wait_until = db_int(&q, 6);
		m.behind_since = db_int(&q, 7);
		m.behind_seen = db_int(&q, 8);
		m.serial = db_int(&q, 9);
		m.rate = db_int(&q, 10);
		m.quiet_until = db_int(&q, 11);
		report_mirror(s, name, &m);
		if (report_row_end(s->out, f) == -1)
			return -1;
	}
}

/* ---- items ---- */

static int
show_items(struct status *s, int64_t feed, const char *name, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(s->book.db, &q, f,
		"SELECT path, answer, cause FROM note"
		" WHERE feed = ?1 AND (?2 OR answer NOT IN (?3, ?4))"
		" ORDER BY answer = ?3, path",
		"iiii", feed, (int64_t)s->all, (int64_t)NOTE_SKIPPED,
		(int64_t)NOTE_LEFT) == -1)
		return -1;
	for (;;) {
		OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (chosen_item(db_text(&q, 0), &text, f) == -1)
			return -1;
		report_row(s->out, "item");
		report_text(s->out, "feed", name);
		report_text(s->out, "item", text.data);
		report_text(s->out, "answer",
		    note_text((enum note_answer)db_int(&q, 1)));
		report_text(s->out, "cause", db_text(&q, 2));
		if (report_row_end(s->out, f) == -1)
			return -1;
	}
}

/* ---- patterns that are left out ---- */

static int
show_patterns(struct status *s, int64_t feed, const char *name, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(s->book.db, &q, f,
		"SELECT path, pattern, reason FROM quarantine WHERE feed = ?",
		"i", feed) == -1)
		return -1;
	for (;;) {
		OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (chosen_item(db_text(&q, 0), &text, f) == -1)
			return -1;
		report_row(s->out, "quarantine");
		report_text(s->out, "feed", name);
		report_text(s->out, "item", text.data);
		report_text(s->out, "pattern", db_text(&q, 1));
		report_text(s->out, "reason", db_text(&q, 2));
		if (report_row_end(s->out, f) == -1)
			return -1;
	}
}

/* ---- signers ---- */

/* Those whose certificate ends soon: only the publisher can renew it. */
static int
show_signers(struct status *s, const struct book_feed *feed, const char *name,
    struct fault *f)
{
	size_t i;

	for (i = 0; i < feed->signers.count; i++) {
		const struct signer *signer = &feed->signers.list[i];
		const char *word = standing_certificate(signer, s->now);

		if (!s->all && !s->o->json && strcmp(word, "good") == 0)
			continue;
		report_row(s->out, "signer");
		report_text(s->out, "feed", name);
		report_text(s->out, "signer", signer->primary);
		report_text(s->out, "certificate", word);
		report_time(s->out, "expires",
		    signer->expires > 0 ? signer->expires : -1);
		if (report_row_end(s->out, f) == -1)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

enum part { MIRRORS, ITEMS, PATTERNS, SIGNERS, PARTS };

static int
show_part(struct status *s, enum part part,
    const struct follow_settings *follow, struct fault *f)
{
	OWNED(book_feed_clear) struct book_feed feed = BOOK_FEED_INIT;
	bool have;

	if (book_feed_find(&s->book, follow->name, &feed, &have, f) == -1)
		return -1;
	if (!have)
		return 0;
	switch (part) {
	case MIRRORS:
		return show_mirrors(s, feed.row, follow->name, f);
	case ITEMS:
		return show_items(s, feed.row, follow->name, f);
	case PATTERNS:
		return show_patterns(s, feed.row, follow->name, f);
	default:
		return show_signers(s, &feed, follow->name, f);
	}
}

/* What the database knows and the configuration does not. */
static int
show_leftovers(struct status *s, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(s->book.db, &q, f, "SELECT name FROM feed ORDER BY name",
		"") == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (settings_find(&s->settings, db_text(&q, 0)) == NULL)
			log_note("feed '%s' is not in the configuration any "
				 "more; 'wikicast unfollow %s' forgets it",
			    db_text(&q, 0), db_text(&q, 0));
	}
}

static int
show(struct status *s, struct fault *f)
{
	const struct settings *all = &s->settings;
	int part;
	size_t i;

	for (i = 0; i < all->follow_count; i++)
		if (chosen_has(s->o, all->follows[i].name) &&
		    show_feed(s, &all->follows[i], f) == -1)
			return -1;
	for (part = 0; s->have && part < PARTS; part++)
		for (i = 0; i < all->follow_count; i++)
			if (chosen_has(s->o, all->follows[i].name) &&
			    show_part(s, (enum part)part, &all->follows[i],
				f) == -1)
				return -1;
	return s->have ? show_leftovers(s, f) : 0;
}

static int
run(struct status *s, struct fault *f)
{
	if (settings_load(s->o->config, &s->settings, f) == -1)
		return -1;
	if (s->settings.follow_count == 0 && s->o->arguments.count == 0) {
		log_note("no feed is followed yet: see 'wikicast follow "
			 "--help'");
		return 0;
	}
	if (chosen_check(s->o, &s->settings, f) == -1 ||
	    file_become_owner(s->settings.state, f) == -1 ||
	    book_open_readonly(s->settings.state, &s->book, &s->have, f) ==
		-1 ||
	    report_start(s->o->json, STDOUT_FILENO, &s->out, f) == -1 ||
	    show(s, f) == -1)
		return -1;
	return report_end(s->out, f);
}

int
status_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	OWNED(clear) struct status s = { .o = &o,
		.book = BOOK_INIT,
		.now = time_now() };

	if (options_parse(verb, argc, argv, NULL, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	s.all = o.verbosity == LOG_VERBOSE || o.json || o.arguments.count > 0;
	return run(&s, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
