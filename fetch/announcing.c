#include "fetch/announcing.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "base/report.h"
#include "fetch/announce.h"
#include "fetch/book.h"
#include "fetch/published.h"
#include "fetch/quiet.h"

const char announcing_more[] =
    "Without FEED all feeds that are published here are told of; if there are\n"
    "none, all that are followed.  A feed's hub (WebSub) is told as well.\n";

struct announcing {
	const struct options *o;
	struct settings settings;
	struct book book;
	bool have; /* there is a database of followed feeds */
	struct announce_list list;
	struct words hubs;   /* URLs, and ... */
	struct words topics; /* ... of the feed that each is to be told of */
	struct http *http;
	struct report *out;
	int64_t now;
	int answers; /* of all that were told, how many did */
	int asked;
};

static void
clear(struct announcing *a)
{
	announce_clear(&a->list);
	words_clear(&a->hubs);
	words_clear(&a->topics);
	http_close(&a->http);
	report_free(&a->out);
	book_close(&a->book);
	settings_clear(&a->settings);
}

/* ---- what there is to tell ---- */

static int
add_hub(struct announcing *a, const struct feed *head, const char *url,
    struct fault *f)
{
	OWNED_BUF struct buf topic = BUF_INIT(BUF_ANY);

	if (head->hub == NULL)
		return 0;
	if (buf_format(&topic, f, "%sfeed.atom", url) == -1 ||
	    words_add(&a->hubs, head->hub, f) == -1)
		return -1;
	return words_add(&a->topics, topic.data, f);
}

static int
spare(const struct announcing *a, struct announcement *to, struct fault *f)
{
	return a->have ? quiet_spare(a->book.db, to, a->now, f) : 0;
}

static int
add_published(struct announcing *a, const struct published *p, struct fault *f)
{
	OWNED_FEED struct feed head;
	struct announcement *to;
	struct notice n = { .serial = 0 };

	feed_init(&head);
	if (published_head(p, a->settings.state, a->now, &head, f) == -1)
		return fault_within(f, "feed '%s'", p->name);
	memcpy(n.feed, head.id, sizeof(n.feed));
	n.serial = head.serial;
	n.state = head.state;
	(void)snprintf(n.from, sizeof(n.from), "%s", p->url);
	if (announce_add(&a->list, p->name, &n, &rumour_publisher, &to, f) ==
		-1 ||
	    announce_peers(to, &p->network, true, NULL, f) == -1 ||
	    spare(a, to, f) == -1)
		return -1;
	return add_hub(a, &head, p->url, f);
}

static int
add_followed(struct announcing *a, const struct follow_settings *follow,
    struct fault *f)
{
	OWNED(book_feed_clear) struct book_feed feed = BOOK_FEED_INIT;
	struct announcement *to;
	struct notice n = { .serial = 0 };
	bool have = a->have;

	if (have &&
	    book_feed_find(&a->book, follow->name, &feed, &have, f) == -1)
		return -1;
	if (have && feed.stored > 0 &&
	    book_accepted_state(&a->book, feed.row, feed.stored, &n.state,
		&have, f) == -1)
		return -1;
	if (!have || feed.stored == 0) {
		log_note("feed '%s' was not fetched yet", follow->name);
		return 0;
	}
	memcpy(n.feed, feed.id, sizeof(n.feed));
	n.serial = feed.stored;
	if (follow->url != NULL)
		(void)snprintf(n.from, sizeof(n.from), "%s", follow->url);
	if (announce_add(&a->list, follow->name, &n, &rumour_publisher, &to,
		f) == -1)
		return -1;
	if (announce_followed(to, a->book.db, feed.row, follow, NULL, f) == -1)
		return -1;
	return spare(a, to, f);
}

/* A feed that is published here rather than one that is followed. */
static int
add_named(struct announcing *a, const char *name, struct fault *f)
{
	const struct follow_settings *follow =
	    settings_find(&a->settings, name);
	OWNED_PUBLISHED struct published p = { .name = NULL };
	bool have;

	if (published_find(a->settings.config, name, &p, &have, f) == -1)
		return -1;
	if (have)
		return add_published(a, &p, f);
	if (follow != NULL)
		return add_followed(a, follow, f);
	return fault_set(f, FAULT_CONFIG,
	    "no section [feed %s] or [follow %s] in the configuration", name,
	    name);
}

static int
add_all(struct announcing *a, const struct words *named, struct fault *f)
{
	const struct config_section *s = NULL;
	size_t i;

	for (i = 0; i < named->count; i++)
		if (add_named(a, named->word[i], f) == -1)
			return -1;
	if (named->count > 0)
		return 0;
	while ((s = config_next(a->settings.config, s, "feed")) != NULL)
		if (add_named(a, s->name, f) == -1)
			return -1;
	for (i = 0; a->list.count == 0 && i < a->settings.follow_count; i++)
		if (add_named(a, a->settings.follows[i].name, f) == -1)
			return -1;
	return 0;
}

/* ---- telling ---- */

static int
tell_peers(struct announcing *a, struct announcement *to, struct fault *f)
{
	if (!a->o->dry_run && announce_send(to, a->http, f) == -1)
		return -1;
	a->asked += to->asked;
	a->answers += to->news + to->known;
	if (a->o->verbosity == LOG_QUIET)
		return 0;
	report_row(a->out, "announcement");
	report_text(a->out, "feed", to->name);
	report_number(a->out, "serial", to->notice.serial);
	report_number(a->out, "peers", (int64_t)to->place_count);
	report_number(a->out, "asked", to->asked);
	report_number(a->out, "news", to->news);
	report_number(a->out, "known", to->known);
	report_number(a->out, "refused", to->refused);
	report_number(a->out, "silent", to->silent);
	return report_row_end(a->out, f);
}

/* A ping in the way of hubs; WebSub itself leaves it to them. */
static int
tell_hub(struct announcing *a, const char *hub, const char *topic,
    struct fault *f)
{
	OWNED_BUF struct buf form = BUF_INIT(BUF_ANY);
	struct http_job job;

	if (buf_add_text(&form, "hub.mode=publish&hub.url=", f) == -1 ||
	    notice_encode(topic, &form, f) == -1)
		return -1;
	http_job(&job, hub, -1, 4096);
	job.configured = true;
	job.form = form.data;
	job.limits = announce_limits();
	if (http_get(a->http, &job, f) == -1)
		return -1;
	a->asked++;
	if (job.got.answer == HTTP_OK)
		a->answers++;
	else
		log_warn("hub '%s': %s", hub, job.got.why.text);
	return 0;
}

static int
tell_all(struct announcing *a, struct fault *f)
{
	size_t i;

	for (i = 0; i < a->list.count; i++)
		if (tell_peers(a, &a->list.list[i], f) == -1)
			return -1;
	for (i = 0; i < a->hubs.count && !a->o->dry_run; i++)
		if (tell_hub(a, a->hubs.word[i], a->topics.word[i], f) == -1)
			return -1;
	if (a->have)
		quiet_keep(a->settings.state, &a->list, a->now);
	if (report_end(a->out, f) == -1)
		return -1;
	if (a->asked > 0 && a->answers == 0)
		return fault_set(f, FAULT_NETWORK,
		    "of %d that were told, none took it", a->asked);
	return 0;
}

/* ---- the verb ---- */

static int
run(struct announcing *a, struct fault *f)
{
	const struct options *o = a->o;

	if (settings_load(o->config, &a->settings, f) == -1 ||
	    file_become_owner(a->settings.state, f) == -1 ||
	    book_open_readonly(a->settings.state, &a->book, &a->have, f) ==
		-1 ||
	    add_all(a, &o->arguments, f) == -1)
		return -1;
	if (reach_open(&a->settings.reach, &a->http, f) == -1 ||
	    report_start(o->json, STDOUT_FILENO, &a->out, f) == -1)
		return -1;
	return tell_all(a, f);
}

int
announcing_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	OWNED(clear) struct announcing a = { .o = &o,
		.book = BOOK_INIT,
		.hubs = WORDS_INIT,
		.topics = WORDS_INIT,
		.now = time_now() };

	if (options_parse(verb, argc, argv, NULL, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	return run(&a, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
