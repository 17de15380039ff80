#include "feeds/parcel.h"

#include "base/num.h"

static int
get_flag(struct parcel *p, bool *out, struct fault *f)
{
	int64_t n;

	if (parcel_get_number(p, 0, 1, &n, f) == -1)
		return -1;
	*out = n == 1;
	return 0;
}

static int
get_id(struct parcel *p, char out[FEED_ID_TEXT], struct fault *f)
{
	OWNED_MEM char *text = NULL;

	if (parcel_get_text(p, FEED_ID_TEXT - 1, &text, f) == -1)
		return -1;
	return feed_id_parse(text == NULL ? "" : text, out, f);
}

/* How many of something follow. */
static int
get_count(struct parcel *p, int64_t max, size_t *out, struct fault *f)
{
	int64_t n;

	if (parcel_get_number(p, 0, max, &n, f) == -1)
		return -1;
	*out = (size_t)n;
	return 0;
}

/* ---- the feed ---- */

static int
put_file(struct buf *out, const struct feed_file *file, struct fault *f)
{
	if (parcel_put_number(out, file->present, f) == -1 ||
	    parcel_put_digest(out, &file->digest, f) == -1 ||
	    parcel_put_number(out, file->length, f) == -1 ||
	    parcel_put_number(out, file->unpacked, f) == -1 ||
	    parcel_put_number(out, file->serial, f) == -1)
		return -1;
	return parcel_put_number(out, file->from, f);
}

static int
get_file(struct parcel *p, struct feed_file *file, struct fault *f)
{
	if (get_flag(p, &file->present, f) == -1 ||
	    parcel_get_digest(p, &file->digest, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &file->length, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &file->unpacked, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &file->serial, f) == -1)
		return -1;
	return parcel_get_number(p, 0, NUM_MAX, &file->from, f);
}

int
parcel_put_feed(struct buf *out, const struct feed *feed, struct fault *f)
{
	if (parcel_put_text(out, feed->id, f) == -1 ||
	    parcel_put_text(out, feed->title, f) == -1 ||
	    parcel_put_text(out, feed->author, f) == -1 ||
	    parcel_put_text(out, feed->self, f) == -1 ||
	    parcel_put_text(out, feed->alternate, f) == -1 ||
	    parcel_put_text(out, feed->hub, f) == -1 ||
	    parcel_put_number(out, feed->updated, f) == -1 ||
	    parcel_put_number(out, feed->serial, f) == -1 ||
	    parcel_put_digest(out, &feed->state, f) == -1 ||
	    parcel_put_number(out, feed->expires, f) == -1 ||
	    parcel_put_number(out, feed->trust, f) == -1 ||
	    put_file(out, &feed->history, f) == -1 ||
	    put_file(out, &feed->snapshot, f) == -1 ||
	    put_file(out, &feed->network, f) == -1 ||
	    parcel_put_number(out, feed->entry_updated, f) == -1 ||
	    parcel_put_text(out, feed->entry_title, f) == -1 ||
	    parcel_put_text(out, feed->summary, f) == -1 ||
	    put_file(out, &feed->step, f) == -1 ||
	    put_file(out, &feed->entry_snapshot, f) == -1)
		return -1;
	return parcel_put_bytes(out, feed->inside.data, feed->inside.len, f);
}

static int
get_feed_fields(struct parcel *p, struct feed *feed, struct fault *f)
{
	const char *inside;
	size_t n;

	if (get_id(p, feed->id, f) == -1 ||
	    parcel_get_text(p, NOTE_MAX, &feed->title, f) == -1 ||
	    parcel_get_text(p, NOTE_MAX, &feed->author, f) == -1 ||
	    parcel_get_text(p, NETWORK_URL_MAX, &feed->self, f) == -1 ||
	    parcel_get_text(p, NETWORK_URL_MAX, &feed->alternate, f) == -1 ||
	    parcel_get_text(p, NETWORK_URL_MAX, &feed->hub, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &feed->updated, f) == -1 ||
	    parcel_get_number(p, 1, NUM_MAX, &feed->serial, f) == -1 ||
	    parcel_get_digest(p, &feed->state, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &feed->expires, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &feed->trust, f) == -1 ||
	    get_file(p, &feed->history, f) == -1 ||
	    get_file(p, &feed->snapshot, f) == -1 ||
	    get_file(p, &feed->network, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &feed->entry_updated, f) == -1 ||
	    parcel_get_text(p, NOTE_MAX, &feed->entry_title, f) == -1 ||
	    parcel_get_text(p, NOTE_MAX, &feed->summary, f) == -1 ||
	    get_file(p, &feed->step, f) == -1 ||
	    get_file(p, &feed->entry_snapshot, f) == -1 ||
	    parcel_get_bytes(p, INLINE_STEP_MAX, &inside, &n, f) == -1)
		return -1;
	return buf_add(&feed->inside, inside, n, f);
}

int
parcel_get_feed(struct parcel *p, struct feed *feed, struct fault *f)
{
	OWNED_FEED struct feed read = { .inside = BUF_INIT(INLINE_STEP_MAX) };

	if (get_feed_fields(p, &read, f) == -1 || feed_check(&read, f) == -1)
		return -1;
	feed_clear(feed);
	*feed = read;
	feed_init(&read);
	return 0;
}

/* ---- history ---- */

static int
put_snapshot(struct buf *out, const struct feed_file *file, struct fault *f)
{
	if (put_file(out, file, f) == -1 ||
	    parcel_put_number(out, file->pieces_length, f) == -1)
		return -1;
	return parcel_put_digest(out, &file->pieces, f);
}

static int
get_snapshot(struct parcel *p, struct feed_file *file, struct fault *f)
{
	if (get_file(p, file, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &file->pieces_length, f) == -1)
		return -1;
	return parcel_get_digest(p, &file->pieces, f);
}

static int
put_row(struct buf *out, const struct history_row *row, struct fault *f)
{
	size_t i;

	if (parcel_put_number(out, row->serial, f) == -1 ||
	    parcel_put_digest(out, &row->state, f) == -1 ||
	    put_snapshot(out, &row->snapshot, f) == -1 ||
	    parcel_put_number(out, (int64_t)row->step_count, f) == -1)
		return -1;
	for (i = 0; i < row->step_count; i++)
		if (put_file(out, &row->steps[i], f) == -1)
			return -1;
	return 0;
}

int
parcel_put_history(struct buf *out, const struct history *h, struct fault *f)
{
	size_t i;

	if (parcel_put_text(out, h->feed, f) == -1 ||
	    parcel_put_number(out, h->number, f) == -1 ||
	    parcel_put_number(out, (int64_t)h->skip_count, f) == -1)
		return -1;
	for (i = 0; i < h->skip_count; i++)
		if (parcel_put_number(out, h->skips[i].to, f) == -1 ||
		    parcel_put_digest(out, &h->skips[i].digest, f) == -1 ||
		    parcel_put_number(out, h->skips[i].length, f) == -1)
			return -1;
	if (parcel_put_number(out, (int64_t)h->row_count, f) == -1)
		return -1;
	for (i = 0; i < h->row_count; i++)
		if (put_row(out, &h->rows[i], f) == -1)
			return -1;
	return 0;
}

static int
get_row(struct parcel *p, struct history *h, struct fault *f)
{
	struct feed_file snapshot = { 0 }, step = { 0 };
	struct history_row *row;
	struct digest state;
	size_t count, i;
	int64_t serial;

	if (parcel_get_number(p, 1, NUM_MAX, &serial, f) == -1 ||
	    parcel_get_digest(p, &state, f) == -1 ||
	    get_snapshot(p, &snapshot, f) == -1 ||
	    get_count(p, HISTORY_MAX, &count, f) == -1 ||
	    history_add_row(h, serial, &state, &row, f) == -1)
		return -1;
	row->snapshot = snapshot;
	for (i = 0; i < count; i++) {
		if (get_file(p, &step, f) == -1)
			return -1;
		if (!step.present || step.serial != serial)
			return fault_set(f, FAULT_FORMAT,
			    "parcel: a step of another serial");
		if (history_add_step(row, &step, f) == -1)
			return -1;
	}
	return 0;
}

static int
get_history_fields(struct parcel *p, struct history *h, struct fault *f)
{
	struct history_skip skip = { 0 };
	size_t count, i;

	if (get_id(p, h->feed, f) == -1 ||
	    parcel_get_number(p, 1, NUM_MAX, &h->number, f) == -1 ||
	    get_count(p, HISTORY_MAX, &count, f) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if (parcel_get_number(p, 1, NUM_MAX, &skip.to, f) == -1 ||
		    parcel_get_digest(p, &skip.digest, f) == -1 ||
		    parcel_get_number(p, 1, NUM_MAX, &skip.length, f) == -1 ||
		    history_add_skip(h, &skip, f) == -1)
			return -1;
	if (get_count(p, HISTORY_SERIALS, &count, f) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if (get_row(p, h, f) == -1)
			return -1;
	return 0;
}

int
parcel_get_history(struct parcel *p, struct history *h, struct fault *f)
{
	OWNED_HISTORY struct history read = { 0 };

	if (get_history_fields(p, &read, f) == -1 ||
	    history_check(&read, f) == -1)
		return -1;
	history_clear(h);
	*h = read;
	history_init(&read);
	return 0;
}

/* ---- network ---- */

int
parcel_put_network(struct buf *out, const struct network *n, struct fault *f)
{
	size_t i;

	if (parcel_put_text(out, n->feed, f) == -1 ||
	    parcel_put_number(out, (int64_t)n->mirror_count, f) == -1)
		return -1;
	for (i = 0; i < n->mirror_count; i++)
		if (parcel_put_text(out, n->mirrors[i].url, f) == -1 ||
		    parcel_put_number(out, n->mirrors[i].priority, f) == -1)
			return -1;
	if (parcel_put_number(out, (int64_t)n->peer_count, f) == -1)
		return -1;
	for (i = 0; i < n->peer_count; i++)
		if (parcel_put_text(out, n->peers[i].url, f) == -1 ||
		    parcel_put_text(out, n->peers[i].notify, f) == -1)
			return -1;
	return 0;
}

static int
get_mirror(struct parcel *p, struct network *n, struct fault *f)
{
	OWNED_MEM char *url = NULL;
	int64_t priority;

	if (parcel_get_text(p, NETWORK_URL_MAX, &url, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &priority, f) == -1)
		return -1;
	return network_add_mirror(n, url == NULL ? "" : url, priority, f);
}

static int
get_peer(struct parcel *p, struct network *n, struct fault *f)
{
	OWNED_MEM char *url = NULL;
	OWNED_MEM char *notify = NULL;

	if (parcel_get_text(p, NETWORK_URL_MAX, &url, f) == -1 ||
	    parcel_get_text(p, NETWORK_URL_MAX, &notify, f) == -1)
		return -1;
	return network_add_peer(n, url == NULL ? "" : url, notify, f);
}

int
parcel_get_network(struct parcel *p, struct network *n, struct fault *f)
{
	OWNED_NETWORK struct network read = { 0 };
	size_t count, i;

	if (get_id(p, read.feed, f) == -1 ||
	    get_count(p, MIRRORS_MAX, &count, f) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if (get_mirror(p, &read, f) == -1)
			return -1;
	if (get_count(p, NETWORK_MAX, &count, f) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if (get_peer(p, &read, f) == -1)
			return -1;
	network_clear(n);
	*n = read;
	network_init(&read);
	return 0;
}

/* ---- manifests ---- */

static int
put_entry(struct buf *out, const struct manifest_entry *e, struct fault *f)
{
	const struct item *item = &e->item;

	if (parcel_put_number(out, e->drop, f) == -1 ||
	    parcel_put_number(out, item->kind, f) == -1 ||
	    parcel_put_text(out, item->name, f) == -1 ||
	    parcel_put_text(out, item->page, f) == -1)
		return -1;
	if (e->drop)
		return 0;
	if (parcel_put_text(out, item->format, f) == -1 ||
	    parcel_put_text(out, item->lang, f) == -1 ||
	    parcel_put_text(out, item->author, f) == -1 ||
	    parcel_put_text(out, item->comment, f) == -1 ||
	    parcel_put_number(out, item->updated, f) == -1 ||
	    parcel_put_number(out, item->size, f) == -1)
		return -1;
	return parcel_put_digest(out, &item->digest, f);
}

int
parcel_put_manifest(struct buf *out, const struct manifest *m, struct fault *f)
{
	size_t i;

	if (parcel_put_number(out, m->step, f) == -1 ||
	    parcel_put_text(out, m->feed, f) == -1 ||
	    parcel_put_number(out, m->from, f) == -1 ||
	    parcel_put_digest(out, &m->base, f) == -1 ||
	    parcel_put_number(out, m->serial, f) == -1 ||
	    parcel_put_digest(out, &m->state, f) == -1 ||
	    parcel_put_number(out, (int64_t)m->count, f) == -1)
		return -1;
	for (i = 0; i < m->count; i++)
		if (put_entry(out, &m->entries[i], f) == -1)
			return -1;
	return 0;
}

static int
get_entry(struct parcel *p, struct manifest *m, struct fault *f)
{
	struct item *item;
	int64_t kind;
	bool drop;

	if (get_flag(p, &drop, f) == -1 ||
	    manifest_add_empty(m, drop, &item, f) == -1 ||
	    parcel_get_number(p, ITEM_PAGE, ITEM_INTERWIKI, &kind, f) == -1 ||
	    parcel_get_text(p, NAME_SPELT_MAX, &item->name, f) == -1 ||
	    parcel_get_text(p, NAME_SPELT_MAX, &item->page, f) == -1)
		return -1;
	item->kind = (enum item_kind)kind;
	if (drop)
		return 0;
	if (parcel_get_text(p, FORMAT_MAX, &item->format, f) == -1 ||
	    parcel_get_text(p, LANG_MAX, &item->lang, f) == -1 ||
	    parcel_get_text(p, NOTE_MAX, &item->author, f) == -1 ||
	    parcel_get_text(p, NOTE_MAX, &item->comment, f) == -1 ||
	    parcel_get_number(p, 0, UPDATED_MAX, &item->updated, f) == -1 ||
	    parcel_get_number(p, 0, ITEM_SIZE_MAX, &item->size, f) == -1)
		return -1;
	return parcel_get_digest(p, &item->digest, f);
}

static int
get_manifest_fields(struct parcel *p, struct manifest *m, struct fault *f)
{
	size_t count, i;

	if (get_flag(p, &m->step, f) == -1 || get_id(p, m->feed, f) == -1 ||
	    parcel_get_number(p, 0, NUM_MAX, &m->from, f) == -1 ||
	    parcel_get_digest(p, &m->base, f) == -1 ||
	    parcel_get_number(p, 1, NUM_MAX, &m->serial, f) == -1 ||
	    parcel_get_digest(p, &m->state, f) == -1 ||
	    get_count(p, ITEM_COUNT_MAX, &count, f) == -1)
		return -1;
	for (i = 0; i < count; i++)
		if (get_entry(p, m, f) == -1)
			return -1;
	return 0;
}

int
parcel_get_manifest(struct parcel *p, struct manifest *m, struct fault *f)
{
	OWNED_MANIFEST struct manifest read = { 0 };

	if (get_manifest_fields(p, &read, f) == -1 ||
	    manifest_check(&read, f) == -1)
		return -1;
	manifest_clear(m);
	*m = read;
	manifest_init(&read);
	return 0;
}

int
parcel_put_contents(struct buf *out, const struct manifest *m, size_t from,
    size_t to, struct fault *f)
{
	size_t i;

	if (parcel_put_number(out, (int64_t)(to - from), f) == -1)
		return -1;
	for (i = from; i < to; i++)
		if (parcel_put_number(out, m->entries[i].item.size, f) == -1 ||
		    parcel_put_digest(out, &m->entries[i].item.digest, f) == -1)
			return -1;
	return 0;
}

int
parcel_get_contents(struct parcel *p, struct manifest *m, size_t *done,
    struct fault *f)
{
	size_t count;

	if (get_count(p, (int64_t)(m->count - *done), &count, f) == -1)
		return -1;
	for (; count > 0; count--, (*done)++) {
		struct item *item = &m->entries[*done].item;

		if (parcel_get_number(p, 0, ITEM_SIZE_MAX, &item->size, f) ==
			-1 ||
		    parcel_get_digest(p, &item->digest, f) == -1)
			return -1;
	}
	return 0;
}
