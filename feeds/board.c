#include "feeds/board.h"

#include <stdio.h>
#include <string.h>

#include "base/config.h"

#define URN 9		/* bytes of "urn:uuid:", which names go without */
#define LINE_SOURCES 10 /* of 16 digits, in a line of at most 198 bytes */

static const struct config_key notify_keys[] = {
	{ .key = "every",
	    .type = CONFIG_NUMBER,
	    .required = true,
	    .offset = offsetof(struct board, every),
	    .min = 1 },
	{ .key = "jitter",
	    .type = CONFIG_NUMBER,
	    .required = true,
	    .offset = offsetof(struct board, jitter) },
	{ .key = NULL },
};

/* A feed as its section has it. */
struct section {
	int64_t serial;
	char *state;
	struct words sources;
};

#define IN(member) offsetof(struct section, member)
static const struct config_key feed_keys[] = {
	{ .key = "serial",
	    .type = CONFIG_NUMBER,
	    .required = true,
	    .offset = IN(serial) },
	{ .key = "state",
	    .type = CONFIG_TEXT,
	    .required = true,
	    .offset = IN(state) },
	{ .key = "source", .type = CONFIG_WORDS, .offset = IN(sources) },
	{ .key = NULL },
};
#undef IN

void
board_init(struct board *b)
{
	*b = (struct board){ .feeds = NULL };
}

void
board_clear(struct board *b)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		words_clear(&b->feeds[i].sources);
	free(b->feeds);
	board_init(b);
}

const struct board_feed *
board_find(const struct board *b, const char *id)
{
	size_t i;

	for (i = 0; i < b->count; i++)
		if (strcmp(b->feeds[i].id, id) == 0)
			return &b->feeds[i];
	return NULL;
}

bool
board_knows(const struct board_feed *feed, const char *tag)
{
	size_t i;

	for (i = 0; i < feed->sources.count; i++)
		if (strcmp(feed->sources.word[i], tag) == 0)
			return true;
	return false;
}

int
board_add(struct board *b, const char *id, int64_t serial,
    const struct digest *state, struct board_feed **feed, struct fault *f)
{
	const struct board_feed *known = board_find(b, id);
	struct board_feed *more;

	if (known != NULL) {
		*feed = &b->feeds[known - b->feeds];
		if (serial < known->serial) {
			(*feed)->serial = serial;
			(*feed)->state = *state;
		}
		return 0;
	}
	more = reallocarray(b->feeds, b->count + 1, sizeof(*more));
	if (more == NULL)
		return fault_memory(f);
	b->feeds = more;
	*feed = &more[b->count];
	**feed = (struct board_feed){ .serial = serial,
		.state = *state,
		.sources = WORDS_INIT };
	if (feed_id_parse(id, (*feed)->id, f) == -1)
		return -1;
	b->count++;
	return 0;
}

int
board_add_source(struct board_feed *feed, const char *url, struct fault *f)
{
	char tag[NOTICE_TAG_TEXT];

	notice_tag(url, tag);
	return board_knows(feed, tag) ? 0 : words_add(&feed->sources, tag, f);
}

/* ---- the file ---- */

static int
write_feed(const struct board_feed *feed, struct buf *out, struct fault *f)
{
	char state[DIGEST_TEXT];
	size_t i;

	digest_format(&feed->state, state);
	/* Without the urn: inih takes names of up to 49 bytes. */
	if (buf_format(out, f, "[feed %s]\nserial = %lld\nstate = %s\n",
		feed->id + URN, (long long)feed->serial, state) == -1)
		return -1;
	for (i = 0; i < feed->sources.count; i++)
		if (buf_format(out, f, "%s%s%s",
			i % LINE_SOURCES == 0 ? "source = " : " ",
			feed->sources.word[i],
			i % LINE_SOURCES == LINE_SOURCES - 1 ||
				i + 1 == feed->sources.count ?
			    "\n" :
			    "") == -1)
			return -1;
	return 0;
}

int
board_write(const struct board *b, struct buf *out, struct fault *f)
{
	size_t i;

	if (buf_format(out, f,
		"; written by wikicast fetch for "
		"wikicast-notify\n[notify]\nevery = %lld\njitter = %lld\n",
		(long long)b->every, (long long)b->jitter) == -1)
		return -1;
	for (i = 0; i < b->count; i++)
		if (write_feed(&b->feeds[i], out, f) == -1)
			return -1;
	return 0;
}

static int
take_section(struct board *b, const struct config_section *s,
    struct section *read, struct fault *f)
{
	char id[FEED_ID_TEXT + 64];
	struct board_feed *feed;
	struct digest state;

	(void)snprintf(id, sizeof(id), "urn:uuid:%s", s->name);
	if (config_bind(s, feed_keys, read, f) == -1)
		return -1;
	if (digest_parse(read->state, &state, f) == -1 ||
	    board_add(b, id, read->serial, &state, &feed, f) == -1)
		return config_refuse(s, NULL, f);
	feed->sources = read->sources;
	read->sources = (struct words)WORDS_INIT;
	return 0;
}

static int
take(struct board *b, const struct config *c, struct fault *f)
{
	const struct config_section *s = config_find(c, "notify", NULL);

	if (s == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "'%s' has no section "
		    "[notify]",
		    BOARD_FEEDS);
	if (config_bind(s, notify_keys, b, f) == -1)
		return -1;
	for (s = NULL; (s = config_next(c, s, "feed")) != NULL;) {
		struct section read = { .sources = WORDS_INIT };
		int rc = take_section(b, s, &read, f);

		config_clear(feed_keys, &read);
		if (rc == -1)
			return -1;
	}
	return 0;
}

int
board_read(const char *bytes, size_t len, struct board *b, struct fault *f)
{
	OWNED(config_free_p) struct config *c = NULL;
	OWNED_BOARD struct board read = { .feeds = NULL };

	if (config_add(&c, BOARD_FEEDS, bytes, len, f) == -1 ||
	    take(&read, c, f) == -1)
		return -1;
	board_clear(b);
	*b = read;
	board_init(&read);
	return 0;
}

/* ---- names ---- */

void
board_name(const char *id, const char *tag, char out[BOARD_NAME_MAX])
{
	(void)snprintf(out, BOARD_NAME_MAX, "%s%s%s", id + URN,
	    *tag != '\0' ? "." : "", tag);
}

bool
board_is_name(const char *name, const char *id, char tag[NOTICE_TAG_TEXT])
{
	size_t n = strlen(id + URN);
	const char *rest;

	if (strncmp(name, id + URN, n) != 0)
		return false;
	rest = name + n;
	if (*rest == '.' && strlen(rest + 1) == NOTICE_TAG_TEXT - 1 &&
	    strspn(rest + 1, "0123456789abcdef") == NOTICE_TAG_TEXT - 1)
		rest++;
	else if (*rest != '\0')
		return false;
	memcpy(tag, rest, strlen(rest) + 1);
	return true;
}
