#include "gen/publisher.h"

#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/section.h"
#include "items/name.h"

#define DAY 86400
#define EXPIRES (30 * DAY) /* seconds, by default */

#define IN(member) offsetof(struct publisher, member)
static const struct config_key state_keys[] = {
	{ .key = "dir",
	    .type = CONFIG_TEXT,
	    .offset = IN(state),
	    .required = true },
	{ .key = NULL },
};
static const struct config_key publish_keys[] = {
	{ .key = "site",
	    .type = CONFIG_TEXT,
	    .offset = IN(site),
	    .required = true },
	{ .key = "key",
	    .type = CONFIG_TEXT,
	    .offset = IN(key),
	    .required = true },
	{ .key = "gnupg-home",
	    .type = CONFIG_TEXT,
	    .offset = IN(home),
	    .required = true },
	{ .key = "after",
	    .type = CONFIG_WORDS,
	    .offset = IN(after),
	    .once = true },
	{ .key = NULL },
};
#undef IN

#define IN(member) offsetof(struct feed_settings, member)
static const struct config_key feed_keys[] = {
	{ .key = "title",
	    .type = CONFIG_TEXT,
	    .offset = IN(title),
	    .required = true },
	{ .key = "url",
	    .type = CONFIG_TEXT,
	    .offset = IN(url),
	    .required = true },
	{ .key = "wiki",
	    .type = CONFIG_TEXT,
	    .offset = IN(wiki),
	    .required = true },
	{ .key = "underlay", .type = CONFIG_TEXT, .offset = IN(underlay) },
	{ .key = "pages", .type = CONFIG_WORDS, .offset = IN(scan.pages) },
	{ .key = "patterns",
	    .type = CONFIG_WORDS,
	    .offset = IN(scan.patterns) },
	{ .key = "interwiki",
	    .type = CONFIG_WORDS,
	    .offset = IN(scan.interwiki) },
	{ .key = "not", .type = CONFIG_WORDS, .offset = IN(scan.not_pages) },
	{ .key = "expires",
	    .type = CONFIG_DURATION,
	    .offset = IN(expires),
	    .min = 3600,
	    .max = EXPIRES_MAX },
	{ .key = "every",
	    .type = CONFIG_DURATION,
	    .offset = IN(every),
	    .min = 1,
	    .max = 365 * DAY },
	{ .key = "retention",
	    .type = CONFIG_NUMBER,
	    .offset = IN(retention),
	    .min = HISTORY_SERIALS,
	    .max = 100000 },
	{ .key = "mirror", .type = CONFIG_WORDS, .offset = IN(mirrors) },
	{ .key = "peer", .type = CONFIG_LINES, .offset = IN(peers) },
	{ .key = "hub", .type = CONFIG_TEXT, .offset = IN(hub) },
	{ .key = NULL },
};
#undef IN

void
publisher_clear(struct publisher *s)
{
	size_t i;

	for (i = 0; i < s->feed_count; i++)
		config_clear(feed_keys, &s->feeds[i]);
	free(s->feeds);
	config_clear(state_keys, s);
	config_clear(publish_keys, s);
	config_free(s->config);
	*s = (struct publisher){ .state = NULL };
}

/* A URL of a folder: http or https, with a slash at its end. */
static int
check_folder_url(const struct config_section *s, const char *key,
    const char *url, struct fault *f)
{
	size_t n = strlen(url);

	if (network_url_valid(url) && n > 0 && url[n - 1] == '/')
		return 0;
	(void)fault_set(f, FAULT_CONFIG,
	    "'%s' is not an http or https URL that ends in '/'", url);
	return config_refuse(s, key, f);
}

static int
check_peer(const struct config_section *s, const char *line, struct fault *f)
{
	OWNED_NETWORK struct network n;

	network_init(&n);
	return network_add_line(&n, line, f) == -1 ?
	    config_refuse(s, "peer", f) :
	    0;
}

/* The section's name is a folder of the site and part of URLs. */
static int
check_name(const struct config_section *s, struct fault *f)
{
	if (section_name_valid(s->name))
		return 0;
	(void)fault_set(f, FAULT_CONFIG,
	    "a feed's name has only letters, digits, '-' and '_'");
	return config_refuse(s, NULL, f);
}

static int
check_feed(const struct config_section *s, const struct feed_settings *feed,
    struct fault *f)
{
	size_t i;

	if (check_name(s, f) == -1 ||
	    check_folder_url(s, "url", feed->url, f) == -1)
		return -1;
	if (name_check_note(feed->title, NOTE_MAX, f) == -1)
		return config_refuse(s, "title", f);
	if (feed->scan.pages.count + feed->scan.patterns.count +
		feed->scan.interwiki.count ==
	    0) {
		(void)fault_set(f, FAULT_CONFIG,
		    "nothing is to be published: "
		    "say 'pages', 'patterns' or 'interwiki'");
		return config_refuse(s, NULL, f);
	}
	if (feed->hub != NULL && !network_url_valid(feed->hub)) {
		(void)fault_set(f, FAULT_CONFIG,
		    "'%s' is not an http or https URL", feed->hub);
		return config_refuse(s, "hub", f);
	}
	for (i = 0; i < feed->mirrors.count; i++)
		if (check_folder_url(s, "mirror", feed->mirrors.word[i], f) ==
		    -1)
			return -1;
	for (i = 0; i < feed->peers.count; i++)
		if (check_peer(s, feed->peers.word[i], f) == -1)
			return -1;
	return 0;
}

static int
add_feed(struct publisher *settings, const struct config_section *s,
    struct fault *f)
{
	struct feed_settings *feeds = reallocarray(settings->feeds,
	    settings->feed_count + 1, sizeof(*feeds));
	struct feed_settings *feed;

	if (feeds == NULL)
		return fault_memory(f);
	settings->feeds = feeds;
	feed = &feeds[settings->feed_count++];
	*feed = (struct feed_settings){ .name = s->name,
		.expires = EXPIRES,
		.retention = RETENTION };
	if (config_bind(s, feed_keys, feed, f) == -1)
		return -1;
	return check_feed(s, feed, f);
}

static int
bind_single(struct publisher *settings, const char *kind,
    const struct config_key *keys, struct fault *f)
{
	const struct config_section *s =
	    config_find(settings->config, kind, NULL);

	if (s == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "the configuration has no "
		    "section [%s]: see 'wikicast init --help'",
		    kind);
	return config_bind(s, keys, settings, f);
}

static int
check_key(struct publisher *settings, struct fault *f)
{
	char fingerprint[FINGERPRINT_TEXT];

	if (fingerprint_parse(settings->key, fingerprint, f) == -1)
		return config_refuse(
		    config_find(settings->config, "publish", NULL), "key", f);
	/* The canonical form is never longer than what was written. */
	memcpy(settings->key, fingerprint, sizeof(fingerprint));
	return 0;
}

int
publisher_take(struct config *config, struct publisher *settings,
    struct fault *f)
{
	const struct config_section *s = NULL;

	*settings = (struct publisher){ .config = config };
	if (bind_single(settings, "state", state_keys, f) == -1 ||
	    bind_single(settings, "publish", publish_keys, f) == -1 ||
	    check_key(settings, f) == -1)
		return -1;
	while ((s = config_next(settings->config, s, "feed")) != NULL)
		if (add_feed(settings, s, f) == -1)
			return -1;
	if (settings->feed_count == 0)
		return fault_set(f, FAULT_CONFIG,
		    "the configuration has no "
		    "section [feed NAME]: see 'wikicast init --help'");
	return 0;
}

int
publisher_load(const char *file, struct publisher *settings, struct fault *f)
{
	struct config *config = NULL;

	*settings = (struct publisher){ .state = NULL };
	if (config_load(file, &config, f) == -1)
		return -1;
	return publisher_take(config, settings, f);
}

int
publisher_network(const struct feed_settings *feed, const char *id,
    struct network *network, struct fault *f)
{
	size_t i;

	(void)snprintf(network->feed, sizeof(network->feed), "%s", id);
	for (i = 0; i < feed->mirrors.count; i++)
		if (network_add_mirror(network, feed->mirrors.word[i],
			(int64_t)i + 1, f) == -1)
			return -1;
	for (i = 0; i < feed->peers.count; i++)
		if (network_add_line(network, feed->peers.word[i], f) == -1)
			return -1;
	return 0;
}

void
publisher_digest(const struct feed_settings *feed, const char *key,
    struct digest *out)
{
	struct digest_run run;

	digest_start(&run);
	digest_text(&run, key);
	digest_text(&run, feed->title);
	digest_text(&run, feed->url);
	digest_text(&run, feed->hub);
	words_digest(&feed->mirrors, &run);
	words_digest(&feed->peers, &run);
	digest_more(&run, &feed->expires, sizeof(feed->expires));
	digest_end(&run, out);
}
