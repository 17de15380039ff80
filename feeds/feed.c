#include "feeds/feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/num.h"
#include "feeds/network.h"
#include "items/name.h"

#define URN "urn:uuid:"
#define UUID_SIZE 16
#define TIME_LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

void
feed_init(struct feed *feed)
{
	*feed = (struct feed){ .inside = BUF_INIT(INLINE_STEP_MAX) };
}

void
feed_clear(struct feed *feed)
{
	free(feed->title);
	free(feed->author);
	free(feed->self);
	free(feed->alternate);
	free(feed->hub);
	free(feed->entry_title);
	free(feed->summary);
	buf_clear(&feed->inside);
	feed_init(feed);
}

int64_t
feed_expires(const struct feed *feed)
{
	int64_t latest = feed->updated + EXPIRES_MAX;

	return feed->expires < latest ? feed->expires : latest;
}

/* ---- identifiers ---- */

bool
feed_id_valid(const char *id)
{
	static const char shape[] = URN "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; i < sizeof(shape); i++) {
		bool hex = (id[i] >= '0' && id[i] <= '9') ||
		    (id[i] >= 'a' && id[i] <= 'f');

		if (shape[i] == 'x' ? !hex : id[i] != shape[i])
			return false;
	}
	return true;
}

int
feed_id_parse(const char *text, char out[FEED_ID_TEXT], struct fault *f)
{
	if (!feed_id_valid(text))
		return fault_set(f, FAULT_FORMAT, "'%.60s' is not a feed id",
		    text);
	memcpy(out, text, FEED_ID_TEXT);
	return 0;
}

/* RFC 9562 section 4: the version, and the variant 10, over given bits. */
static void
format_uuid(uint8_t bits[UUID_SIZE], unsigned int version,
    char out[FEED_ID_TEXT])
{
	size_t i, at = sizeof(URN) - 1;

	bits[6] = (uint8_t)((bits[6] & 0x0f) | version << 4);
	bits[8] = (uint8_t)((bits[8] & 0x3f) | 0x80);
	memcpy(out, URN, at);
	for (i = 0; i < UUID_SIZE; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		(void)snprintf(out + at, FEED_ID_TEXT - at, "%02x", bits[i]);
		at += 2;
	}
}

int
feed_id_new(char out[FEED_ID_TEXT], struct fault *f)
{
	uint8_t bits[UUID_SIZE];

	/* So few bytes come whole or not at all. */
	if (getrandom(bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
		return fault_system(f, errno, "no random numbers");
	format_uuid(bits, 4, out);
	return 0;
}

void
feed_entry_id(const char *feed_id, int64_t serial, char out[FEED_ID_TEXT])
{
	struct digest_run run;
	struct digest d;
	char text[24];
	int n;

	n = snprintf(text, sizeof(text), "#%lld", (long long)serial);
	digest_start(&run);
	digest_more(&run, feed_id, strlen(feed_id));
	digest_more(&run, text, (size_t)n);
	digest_end(&run, &d);
	format_uuid(d.bytes, 8, out);
}

/* ---- is it all right? ---- */

static int
check_range(int64_t n, int64_t min, int64_t max, const char *what,
    struct fault *f)
{
	if (n < min || n > max)
		return fault_set(f, FAULT_FORMAT,
		    "%s: %lld is not between %lld and %lld", what, (long long)n,
		    (long long)min, (long long)max);
	return 0;
}

static int
check_note(const char *text, const char *what, struct fault *f)
{
	if (text == NULL)
		return fault_set(f, FAULT_FORMAT, "%s is missing", what);
	if (name_check_note(text, NOTE_MAX, f) == -1)
		return fault_within(f, "%s", what);
	return 0;
}

static int
check_url(const char *url, const char *what, struct fault *f)
{
	if (url != NULL && !network_url_valid(url))
		return fault_set(f, FAULT_FORMAT,
		    "%s: '%.200s' is not an http or https URL", what, url);
	return 0;
}

/* Never fetched, only compared and shown: may have letters of any language. */
static int
check_self(const char *self, struct fault *f)
{
	if (self == NULL)
		return 0;
	if (strncmp(self, "https://", 8) != 0 &&
	    strncmp(self, "http://", 7) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "self: '%.200s' is not an http or https URL", self);
	if (name_check_note(self, NETWORK_URL_MAX, f) == -1)
		return fault_within(f, "self");
	return 0;
}

static int
check_document(const struct feed_file *file, int64_t max, const char *what,
    struct fault *f)
{
	if (!file->present)
		return fault_set(f, FAULT_FORMAT, "%s is missing", what);
	return check_range(file->length, 1, max, what, f);
}

int
feed_file_check(const struct feed_file *file, const char *what, struct fault *f)
{
	if (check_document(file, TARBALL_MAX, what, f) == -1)
		return -1;
	if (check_range(file->unpacked, 1, TARBALL_MAX, "unpacked", f) == -1)
		return fault_within(f, "%s", what);
	return 0;
}

static int
check_head(const struct feed *feed, struct fault *f)
{
	if (!feed_id_valid(feed->id))
		return fault_set(f, FAULT_FORMAT, "'%.45s' is not a feed id",
		    feed->id);
	if (check_note(feed->title, "title", f) == -1 ||
	    check_note(feed->author, "author", f) == -1 ||
	    check_self(feed->self, f) == -1 ||
	    check_url(feed->alternate, "alternate", f) == -1 ||
	    check_url(feed->hub, "hub", f) == -1 ||
	    check_range(feed->serial, 1, NUM_MAX, "serial", f) == -1 ||
	    check_range(feed->trust, 0, NUM_MAX, "trust", f) == -1 ||
	    check_range(feed->updated, 0, TIME_LAST, "updated", f) == -1 ||
	    check_range(feed->expires, 0, TIME_LAST, "expires", f) == -1)
		return -1;
	if (check_document(&feed->history, HISTORY_MAX, "history", f) == -1 ||
	    check_document(&feed->network, NETWORK_MAX, "network", f) == -1 ||
	    feed_file_check(&feed->snapshot, "newest snapshot", f) == -1)
		return -1;
	return check_range(feed->snapshot.serial, 1, feed->serial,
	    "newest snapshot: serial", f);
}

static int
check_inside(const struct feed *feed, struct fault *f)
{
	struct digest d;

	if (feed->inside.len == 0)
		return 0;
	if (!feed->step.present || feed->inside.len > INLINE_STEP_MAX)
		return fault_set(f, FAULT_FORMAT,
		    "content that is not the step");
	digest_of(feed->inside.data, feed->inside.len, &d);
	if (feed->step.length != (int64_t)feed->inside.len ||
	    !digest_equal(&d, &feed->step.digest))
		return fault_set(f, FAULT_FORMAT,
		    "content is not the step that the link names");
	return 0;
}

static int
check_step(const struct feed *feed, struct fault *f)
{
	const struct feed_file *step = &feed->step;

	if (!step->present)
		return 0;
	if (feed_file_check(step, "step", f) == -1)
		return -1;
	if (step->serial != feed->serial || step->from < 1 ||
	    step->from != step->serial - 1)
		return fault_set(f, FAULT_FORMAT,
		    "step from serial %lld to %lld, not from the one before "
		    "%lld",
		    (long long)step->from, (long long)step->serial,
		    (long long)feed->serial);
	return 0;
}

static int
check_entry_snapshot(const struct feed *feed, struct fault *f)
{
	const struct feed_file *s = &feed->entry_snapshot;

	if (!s->present)
		return 0;
	if (feed_file_check(s, "snapshot", f) == -1)
		return -1;
	if (s->serial != feed->serial || s->serial != feed->snapshot.serial ||
	    s->length != feed->snapshot.length ||
	    s->unpacked != feed->snapshot.unpacked ||
	    !digest_equal(&s->digest, &feed->snapshot.digest))
		return fault_set(f, FAULT_FORMAT,
		    "snapshot is not the newest one");
	return 0;
}

int
feed_check(const struct feed *feed, struct fault *f)
{
	if (check_head(feed, f) == -1)
		return -1;
	if (check_note(feed->entry_title, "title", f) == -1 ||
	    check_note(feed->summary, "summary", f) == -1 ||
	    check_range(feed->entry_updated, 0, feed->updated, "updated", f) ==
		-1 ||
	    check_step(feed, f) == -1 || check_inside(feed, f) == -1 ||
	    check_entry_snapshot(feed, f) == -1)
		return fault_within(f, "entry");
	return 0;
}
