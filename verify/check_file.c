#include "verify/check_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"
#include "feeds/atom.h"
#include "feeds/judge.h"
#include "feeds/seal.h"
#include "feeds/tarball.h"
#include "feeds/zframe.h"

struct single {
	struct vouch *vouch;
	struct tally *tally;
	const char *path;
	const char *base; /* its last part */
	int folder;	  /* that it is in */
	const char *note; /* what a good one's row says */
	bool vouched;
};

/* ---- what was found in it ---- */

static int
tell(const struct single *s, const struct manifest *m, struct fault *f)
{
	struct report *out = s->tally->out;
	const char *type = m->step ? "step" : "snapshot";
	char state[DIGEST_TEXT];

	digest_format(&m->state, state);
	if (!s->tally->json)
		return report_say(out, f,
		    "%s: %s, serial %lld of %s, %zu items, state %s", s->path,
		    type, (long long)m->serial, m->feed, m->count, state);
	report_row(out, type);
	report_text(out, "name", s->path);
	report_text(out, "id", m->feed);
	if (m->step)
		report_number(out, "from", m->from);
	report_number(out, "serial", m->serial);
	report_text(out, "state", state);
	report_number(out, "items", (int64_t)m->count);
	return report_row_end(out, f);
}

static int
tell_feed(const struct single *s, const struct feed *feed, struct fault *f)
{
	struct report *out = s->tally->out;
	char state[DIGEST_TEXT], updated[TIME_TEXT], expires[TIME_TEXT];

	digest_format(&feed->state, state);
	time_format(feed->updated, updated);
	time_format(feed_expires(feed), expires);
	if (!s->tally->json)
		return report_say(out, f,
		    "%s: feed, serial %lld of %s, "
		    "state %s, signed at %s, expires at %s",
		    s->path, (long long)feed->serial, feed->id, state, updated,
		    expires);
	report_row(out, "feed");
	report_text(out, "name", s->path);
	report_text(out, "id", feed->id);
	report_number(out, "serial", feed->serial);
	report_text(out, "state", state);
	report_text(out, "updated", updated);
	report_text(out, "expires", expires);
	return report_row_end(out, f);
}

/* ---- snapshots and steps ---- */

/*
 * Bytes of the whole tar, as the frames themselves say: no signed document
 * is at hand that tells.
 */
static int
sum_frames(int fd, bool two, int64_t *sum, struct fault *f)
{
	OWNED(zframe_close) struct zframe *z = NULL;
	char skipped[4096];
	int64_t second;
	size_t got;

	if (!two)
		return zframe_peek(fd, 0, TARBALL_MAX, sum, f);
	if (zframe_open(fd, 0, STEP_WINDOW_LOG, TARBALL_MAX, NULL, 0, &z, f) ==
	    -1)
		return -1;
	do
		if (zframe_read(z, skipped, sizeof(skipped), &got, f) == -1)
			return -1;
	while (got > 0);
	if (zframe_peek(fd, zframe_end(z), TARBALL_MAX, &second, f) == -1)
		return -1;
	*sum = zframe_size(z) + second;
	return 0;
}

/* A published file is named after its content; another name is free. */
static int
check_name(const struct single *s, int fd, struct fault *f)
{
	char hex[DIGEST_TEXT];
	struct fault ignored = { 0 };
	struct digest named, is;
	int64_t size;

	(void)snprintf(hex, sizeof(hex), "%s", s->base);
	if (digest_parse(hex, &named, &ignored) == -1 ||
	    s->base[DIGEST_TEXT - 1] != '.')
		return 0;
	if (digest_of_fd(fd, &is, &size, f) == -1)
		return -1;
	if (digest_equal(&named, &is))
		return 0;
	return fault_set(f, FAULT_FORMAT,
	    "its content is not what its name says");
}

static int
open_single(const struct single *s, int *fd, struct fault *f)
{
	bool have;

	if (file_open(s->folder, s->base, fd, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_CONFIG, "'%s' does not exist",
		    s->path);
	return check_name(s, *fd, f);
}

static int
read_packets(const struct single *s, struct buf *packets, struct fault *f)
{
	OWNED_MEM char *name = NULL;
	size_t count;
	bool have;

	if (asprintf(&name, "%s.sig", s->base) == -1) {
		name = NULL;
		return fault_memory(f);
	}
	if (file_read(s->folder, name, packets, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_UNSIGNED, "'%s.sig' is missing",
		    s->path);
	return seal_check_packets(packets->data, packets->len, &count, f);
}

static int
read_snapshot(struct single *s, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	OWNED_MANIFEST struct manifest m;
	OWNED_FD int fd = -1;
	OWNED_FD int contents = -1;
	int64_t unpacked;

	manifest_init(&m);
	if (open_single(s, &fd, f) == -1 ||
	    read_packets(s, &packets, f) == -1 ||
	    vouch_file(s->vouch, fd, packets.data, packets.len, f) == -1 ||
	    sum_frames(fd, false, &unpacked, f) == -1 ||
	    file_temporary(s->vouch->folder, &contents, f) == -1 ||
	    snapshot_read(fd, unpacked, &m, contents, f) == -1)
		return -1;
	vouch_confirm(s->vouch, m.feed);
	s->vouched = s->vouch->vouched;
	return tell(s, &m, f);
}

static int
read_step(struct single *s, struct fault *f)
{
	OWNED(step_close) struct step *step = NULL;
	OWNED_FD int fd = -1;
	int64_t unpacked;

	s->vouched = true; /* nobody says that it is anyone's */
	s->note = "only its shape was checked: what signs a step is the feed";
	if (open_single(s, &fd, f) == -1 ||
	    sum_frames(fd, true, &unpacked, f) == -1 ||
	    step_open(fd, unpacked, &step, f) == -1)
		return -1;
	return tell(s, step_manifest(step), f);
}

/* ---- a feed document ---- */

static int
read_feed(struct single *s, struct feed *feed, struct fault *f)
{
	OWNED_BUF struct buf document = BUF_INIT(FEED_MAX);
	OWNED_BUF struct buf packets = BUF_INIT(SIGNATURE_MAX);
	bool have;
	size_t n;

	if (file_read(s->folder, s->base, &document, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_CONFIG, "'%s' does not exist",
		    s->path);
	if (seal_split(document.data, document.len, &n, &packets, f) == -1 ||
	    vouch_document(s->vouch, document.data, n, packets.data,
		packets.len, f) == -1 ||
	    atom_read(document.data, n, feed, f) == -1)
		return -1;
	vouch_confirm(s->vouch, feed->id);
	s->vouched = s->vouch->vouched;
	return tell_feed(s, feed, f);
}

/* ---- whichever it is ---- */

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static int
read_single(struct single *s, enum tally_result *result, struct fault *f)
{
	OWNED_FEED struct feed feed;

	*result = TALLY_GOOD;
	feed_init(&feed);
	if (ends_with(s->base, ".tar.zst"))
		return read_snapshot(s, f);
	if (ends_with(s->base, ".step.zst"))
		return read_step(s, f);
	if (!ends_with(s->base, ".atom"))
		return fault_set(f, FAULT_CONFIG,
		    "'%s' is neither a folder "
		    "nor named .tar.zst, .step.zst or .atom",
		    s->path);
	if (read_feed(s, &feed, f) == -1)
		return -1;
	if (judge_expired(&feed, s->vouch->now))
		*result = TALLY_EXPIRED;
	return 0;
}

static int
open_place(struct single *s, struct fault *f)
{
	const char *slash = strrchr(s->path, '/');
	OWNED_MEM char *folder = slash == NULL ?
	    strdup(".") :
	    strndup(s->path, (size_t)(slash - s->path) + 1);
	const char *key;
	bool have;

	if (folder == NULL)
		return fault_memory(f);
	s->base = slash != NULL ? slash + 1 : s->path;
	if (file_open_folder(AT_FDCWD, folder, &s->folder, f) == -1)
		return -1;
	if (s->vouch->keys_named)
		return 0;
	key = ends_with(s->base, ".atom") ? "key.asc" : "../../key.asc";
	return vouch_read_keys(s->vouch, s->folder, key, &have, f);
}

int
check_single(struct vouch *v, struct tally *t, const char *path,
    bool *signed_by_none, struct fault *f)
{
	struct single s = { .vouch = v,
		.tally = t,
		.path = path,
		.folder = -1 };
	enum tally_result result;
	struct fault why = { 0 };
	int rc;

	if (open_place(&s, &why) == -1 || read_single(&s, &result, &why) == -1)
		rc = tally_fault(t, "file", path, &why, f);
	else
		rc = tally_add(t, result, "file", path, s.note, f);
	if (rc == 0 && why.kind == FAULT_NONE && !s.vouched)
		*signed_by_none = true;
	own_close_fd(&s.folder);
	return rc;
}
