/*
 * The part of `init` that goes on with a feed whose publisher is gone.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/num.h"
#include "base/section.h"
#include "gen/init_work.h"

#define DAY 86400
#define EXPIRES (30 * DAY) /* what the configuration means without a word */
#define LINE_MAX_BYTES 198 /* of a configuration */

/* ---- what the copy says ---- */

/* As the configuration spells it; NULL where it need not be said. */
static int
take_expires(struct init *in, struct fault *f)
{
	const struct feed *head = &in->copy.head;
	int64_t seconds = head->expires - head->updated;
	int n;

	if (in->given.expires != NULL || seconds == EXPIRES || seconds < 3600 ||
	    seconds > EXPIRES_MAX)
		return 0;
	n = seconds % DAY == 0 ?
	    asprintf(&in->expires, "%lldd", (long long)(seconds / DAY)) :
	    asprintf(&in->expires, "%llds", (long long)seconds);
	if (n == -1) {
		in->expires = NULL;
		return fault_memory(f);
	}
	in->given.expires = in->expires;
	return 0;
}

int
init_takeover_read(struct init *in, struct fault *f)
{
	struct init_given *g = &in->given;
	OWNED_MEM char *home = NULL;
	OWNED_MEM char *key = NULL;

	if (in->have_publish &&
	    (init_known(in, "publish", "key", &key, f) == -1 ||
		init_known(in, "publish", "gnupg-home", &home, f) == -1))
		return -1;
	if (takeover_open(&in->copy, g->take_over,
		in->home != NULL ? in->home : home,
		g->key != NULL ? g->key : key, g->after, f) == -1)
		return -1;
	if (!in->have_publish)
		g->key = in->copy.key;
	return take_expires(in, f);
}

static int
take_globs(struct words *given, const struct words *copied, struct fault *f)
{
	size_t i;

	if (given->count > 0)
		return 0;
	for (i = 0; i < copied->count; i++)
		if (words_add(given, copied->word[i], f) == -1)
			return -1;
	return 0;
}

/*
 * Lists are named one by one, so that nothing else becomes one.  All pages
 * only where there are none but the copy's: a wiki may have others, which are
 * nobody's business.  A folder with a part of them may be of a run that was
 * cut short.
 */
int
init_takeover_pages(struct init *in, struct fault *f)
{
	struct init_given *g = &in->given;
	int64_t lacking;
	bool part;

	if (takeover_is_part(&in->copy, in->wiki, &part, &lacking, f) == -1 ||
	    take_globs(&g->patterns, &in->copy.patterns, f) == -1 ||
	    take_globs(&g->interwiki, &in->copy.interwiki, f) == -1)
		return -1;
	in->fill = part && lacking > 0 &&
	    (!g->allow_drop || lacking == in->copy.items);
	if (!part || !in->copy.has_pages || g->pages.count > 0)
		return 0;
	return words_add(&g->pages, "*", f);
}

/* ---- mirrors and peers ---- */

/* Of "https://x/feed.atom" the folder; false where there is none. */
static bool
is_folder_of(const char *url, const char *feed)
{
	static const char name[] = "feed.atom";
	size_t n = strlen(url);

	return feed != NULL && strncmp(feed, url, n) == 0 &&
	    strcmp(feed + n, name) == 0;
}

static bool
is_known_url(const struct network *n, const char *url)
{
	size_t i;

	for (i = 0; i < n->mirror_count; i++)
		if (strcmp(n->mirrors[i].url, url) == 0)
			return true;
	for (i = 0; i < n->peer_count; i++)
		if (strcmp(n->peers[i].url, url) == 0)
			return true;
	return false;
}

/* The old publisher's own place is left out, and so is the new one's. */
static int
write_place(struct init *in, const char *key, const struct network_place *p,
    struct fault *f)
{
	OWNED_BUF struct buf line = BUF_INIT(BUF_ANY);

	if (strcmp(p->url, in->url) == 0 ||
	    is_folder_of(p->url, in->copy.head.self))
		return 0;
	if (buf_format(&line, f, "%s = ", key) == -1 ||
	    words_quote(p->url, &line, f) == -1 ||
	    (p->notify != NULL &&
		(buf_add(&line, " ", 1, f) == -1 ||
		    words_quote(p->notify, &line, f) == -1)))
		return -1;
	if (line.len > LINE_MAX_BYTES) {
		log_warn("'%s' is too long for a line of the configuration: "
			 "not taken over",
		    p->url);
		return 0;
	}
	if (buf_add(&line, "\n", 1, f) == -1)
		return -1;
	return buf_add(&in->text, line.data, line.len, f);
}

/*
 * The new place becomes a mirror of its own feed: so those learn of it who
 * fetch from other mirrors.
 */
int
init_takeover_write(struct init *in, struct fault *f)
{
	const struct network *n = &in->copy.network;
	struct buf *b = &in->text;
	size_t i;

	if (section_value(b, "hub", in->copy.head.hub, f) == -1 ||
	    (!is_folder_of(in->url, in->copy.head.self) &&
		section_value(b, "mirror", in->url, f) == -1))
		return -1;
	for (i = 0; i < n->mirror_count; i++)
		if (write_place(in, "mirror", &n->mirrors[i], f) == -1)
			return -1;
	for (i = 0; i < n->peer_count; i++)
		if (write_place(in, "peer", &n->peers[i], f) == -1)
			return -1;
	return 0;
}

/* ---- is all as it must be? ---- */

static bool
is_same_folder(const char *path, const struct stat *st)
{
	struct stat is;

	return stat(path, &is) == 0 && is.st_dev == st->st_dev &&
	    is.st_ino == st->st_ino;
}

/* Two that write into one folder would undo each other. */
static int
check_follows(const struct init *in, const struct stat *copy, struct fault *f)
{
	const struct config_section *s = NULL;
	size_t i;

	while ((s = config_next(in->settings.config, s, "follow")) != NULL)
		for (i = 0; i < s->value_count; i++) {
			OWNED_WORDS struct words w = WORDS_INIT;
			const struct config_value *v = &s->values[i];
			bool serve = strcmp(v->key, "serve") == 0;

			if (!serve && strcmp(v->key, "wiki") != 0)
				continue;
			if ((v->value[0] == '"' ?
				    words_split(v->value, &w, f) :
				    words_add(&w, v->value, f)) == -1)
				return -1;
			if (serve ? !in->in_place ||
				    !is_same_folder(w.word[0], copy) :
				    strcmp(s->name, in->name) != 0 ||
				    strcmp(w.word[0], in->wiki) != 0)
				continue;
			return fault_set(f, FAULT_CONFIG,
			    "[follow %s] of the "
			    "configuration writes into '%s', too (%s:%d): end "
			    "it first with 'wikicast unfollow %s'; its pages "
			    "stay",
			    s->name, w.word[0], s->file, v->line, s->name);
		}
	return 0;
}

static int
check_folder(struct init *in, struct fault *f)
{
	OWNED_MEM char *target = NULL;
	OWNED_MEM char *feed = NULL;
	struct stat copy, st;

	if (asprintf(&target, "%s/%s", in->settings.site, in->name) == -1) {
		target = NULL;
		return fault_memory(f);
	}
	if (asprintf(&feed, "%s/feed.atom", target) == -1) {
		feed = NULL;
		return fault_memory(f);
	}
	if (fstat(in->copy.copy, &copy) == -1)
		return fault_set(f, FAULT_SYSTEM, "cannot look at '%s'",
		    in->given.take_over);
	in->in_place = is_same_folder(target, &copy);
	if (!in->in_place && lstat(feed, &st) == 0)
		return fault_set(f, FAULT_CONFIG,
		    "there is a feed in '%s' "
		    "already: take that over, or move it away",
		    target);
	if (!in->in_place && !in->copy.jump)
		return fault_set(f, FAULT_CONFIG,
		    "without a jump the feed "
		    "goes on where its files are: copy '%s' to '%s' first "
		    "('cp -a'), and take that over",
		    in->given.take_over, target);
	return check_follows(in, &copy, f);
}

static void
tell_differences(const struct takeover_difference *d)
{
	size_t i;

	for (i = 0; i < d->names.count; i++)
		log_note("%s", d->names.word[i]);
	if (d->changed > TAKEOVER_NAMED || d->added > TAKEOVER_NAMED ||
	    d->lacking > TAKEOVER_NAMED)
		log_note("and so on: at most %d of each are named",
		    TAKEOVER_NAMED);
}

/*
 * What the wiki lacks would be gone from every follower's.  That is hardly
 * ever meant, and a part of it would pass the gate of gen.
 */
static int
check_nothing_lost(const struct init *in, struct fault *f)
{
	const struct takeover_difference *d = &in->difference;

	if (d->lacking == 0 || in->given.allow_drop)
		return 0;
	tell_differences(d);
	return fault_set(f, FAULT_ATTENTION,
	    "%lld of the feed's %lld items "
	    "would be removed everywhere: the wiki does not have them (%lld), "
	    "or no option chooses them (%lld); fetch them into it first, name "
	    "an empty folder with '--wiki files:DIR', choose more with "
	    "'--pages', or say '--allow-drop'",
	    (long long)d->lacking, (long long)in->copy.items,
	    (long long)(d->lacking - d->unchosen), (long long)d->unchosen);
}

static int
compare(struct init *in, struct fault *f)
{
	return takeover_compare(&in->copy, in->wiki, in->given.underlay,
	    &in->settings.feeds[in->settings.feed_count - 1].scan,
	    &in->difference, f);
}

int
init_takeover_check(struct init *in, struct fault *f)
{
	if (check_folder(in, f) == -1)
		return -1;
	if (in->fill)
		return 0;
	if (compare(in, f) == -1)
		return -1;
	return check_nothing_lost(in, f);
}

/* ---- making it ---- */

/* A folder that could not hold all of it is not one to publish from. */
static int
fill(struct init *in, struct fault *f)
{
	if (takeover_fill(&in->copy, in->wiki, &in->filled, f) == -1 ||
	    compare(in, f) == -1)
		return -1;
	return check_nothing_lost(in, f);
}

int
init_takeover_make(struct init *in, struct fault *f)
{
	if (in->fill && fill(in, f) == -1)
		return -1;
	return takeover_keep(&in->copy, in->settings.state, in->name,
	    in->settings.home, f);
}

static int
say_wiki(const struct init *in, struct report *out, struct fault *f)
{
	const struct takeover_difference *d = &in->difference;

	if (in->fill)
		return in->o->dry_run ?
		    report_say(out, f,
			"its %lld items would be written into "
			"'%s'",
			(long long)in->copy.items, in->wiki) :
		    report_say(out, f,
			"%lld of its %lld items were written "
			"into '%s'",
			(long long)in->filled, (long long)in->copy.items,
			in->wiki);
	if (d->changed + d->added + d->lacking == 0)
		return report_say(out, f,
		    "the wiki has its %lld items, as "
		    "they are in the copy",
		    (long long)in->copy.items);
	tell_differences(d);
	return report_say(out, f,
	    "beside the copy's %lld items the wiki has "
	    "%lld others, %lld new and lacks %lld: so they will be published",
	    (long long)in->copy.items, (long long)d->changed,
	    (long long)d->added, (long long)d->lacking);
}

static int
say_expired(const struct init *in, struct report *out, struct fault *f)
{
	int64_t expires = feed_expires(&in->copy.head);
	char when[TIME_TEXT];

	if (expires >= time_now())
		return 0;
	time_format(expires, when);
	return report_say(out, f,
	    "it expired on %.10s: nobody has installed "
	    "anything of it since, and will from the next serial on",
	    when);
}

static int
say_way(const struct init *in, struct report *out, struct fault *f)
{
	const struct takeover *t = &in->copy;

	if (t->jump ? report_say(out, f,
			  "the next serial is %lld: what the old "
			  "publisher may have published since is jumped over",
			  (long long)t->after + 1) == -1 :
		      report_say(out, f, "the next serial is %lld, by a step",
			  (long long)t->after + 1) == -1)
		return -1;
	if (in->in_place &&
	    report_say(out, f,
		"what has filled '%s' until "
		"now (wikicast mirror, 'serve', rsync) must do so no more",
		in->given.take_over) == -1)
		return -1;
	if (is_folder_of(in->url, t->head.self) ||
	    is_known_url(&t->network, in->url))
		return report_say(out, f,
		    "those who follow know '%s' "
		    "already",
		    in->url);
	return report_say(out, f,
	    "'%s' was no mirror or peer of the feed: "
	    "who does not fetch from it needs it as a line 'mirror =', or a "
	    "mirror that fetches from it",
	    in->url);
}

int
init_takeover_say(struct init *in, struct report *out, struct fault *f)
{
	const struct takeover *t = &in->copy;
	char when[TIME_TEXT];

	if (!in->o->json || in->o->dry_run) {
		time_format(t->head.updated, when);
		if (report_say(out, f,
			"feed '%s' (%s) is taken over at serial "
			"%lld, signed %s",
			in->name, t->head.id, (long long)t->head.serial,
			when) == -1 ||
		    say_expired(in, out, f) == -1 || say_wiki(in, out, f) == -1)
			return -1;
		return say_way(in, out, f);
	}
	report_row(out, "takeover");
	report_text(out, "feed", in->name);
	report_text(out, "id", t->head.id);
	report_text(out, "copy", in->given.take_over);
	report_number(out, "serial", t->head.serial);
	report_time(out, "updated", t->head.updated);
	report_time(out, "expires", feed_expires(&t->head));
	report_number(out, "next_serial", t->after + 1);
	report_bool(out, "jump", t->jump);
	report_number(out, "items", t->items);
	report_number(out, "written", in->filled);
	report_number(out, "changed", in->difference.changed);
	report_number(out, "added", in->difference.added);
	report_number(out, "lacking", in->difference.lacking);
	report_number(out, "files_missing", t->missing);
	return report_row_end(out, f);
}
