#include "fetch/mirror.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/own.h"

#define BACKOFF 900	    /* seconds after a first failure, then doubled */
#define BACKOFF_MAX 86400
#define BEHIND_FOR 21600    /* seconds that being behind is remembered */
#define SAVE_EVERY 3600	    /* seconds: a success alone */
#define SPEED_BYTES_MIN 16384 /* smaller files only measure the distance */

const char mirror_schema[] =
    "CREATE TABLE mirror ("
    "id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, url TEXT NOT NULL,"
    "configured INTEGER NOT NULL,"
    "etag TEXT NOT NULL DEFAULT '', modified TEXT NOT NULL DEFAULT '',"
    "success INTEGER NOT NULL DEFAULT 0,"
    "failure INTEGER NOT NULL DEFAULT 0, cause TEXT,"
    "failures INTEGER NOT NULL DEFAULT 0,"
    "wait_until INTEGER NOT NULL DEFAULT 0,"
    "behind_since INTEGER NOT NULL DEFAULT 0,"
    "behind_seen INTEGER NOT NULL DEFAULT 0,"
    "serial INTEGER NOT NULL DEFAULT 0, rate INTEGER NOT NULL DEFAULT 0,"
    "UNIQUE (feed, url));";

static void
clear_one(struct mirror *m)
{
	free(m->url);
	free(m->cause);
	*m = (struct mirror) { .id = 0 };
}

void
mirror_list_clear(struct mirror_list *mirrors)
{
	size_t i;

	for (i = 0; i < mirrors->count; i++)
		clear_one(&mirrors->list[i]);
	free(mirrors->list);
	*mirrors = (struct mirror_list) { .list = NULL };
}

/* ---- rows ---- */

static void
take_text(const struct db_query *q, int column, char out[HTTP_VALIDATOR_MAX])
{
	const char *text = db_text(q, column);
	size_t n = text == NULL ? 0 : strlen(text);

	if (n < HTTP_VALIDATOR_MAX)
		memcpy(out, text == NULL ? "" : text, n + 1);
}

static int
take_row(struct mirror *m, const struct db_query *q, struct fault *f)
{
	const char *cause = db_text(q, 3);

	m->id = db_int(q, 0);
	take_text(q, 1, m->etag);
	take_text(q, 2, m->modified);
	m->cause = cause == NULL ? NULL : strdup(cause);
	if (cause != NULL && m->cause == NULL)
		return fault_memory(f);
	m->success = db_int(q, 4);
	m->failure = db_int(q, 5);
	m->failures = db_int(q, 6);
	m->wait_until = db_int(q, 7);
	m->behind_since = db_int(q, 8);
	m->behind_seen = db_int(q, 9);
	m->serial = db_int(q, 10);
	m->rate = db_int(q, 11);
	return 0;
}

static int
find_row(struct db *db, int64_t feed, struct mirror *m, bool *have,
    struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;

	if (db_query(db, &q, f, "SELECT id, etag, modified, cause, success,"
	    "failure, failures, wait_until, behind_since, behind_seen, serial,"
	    "rate FROM mirror WHERE feed = ? AND url = ? AND configured = ?",
	    "iti", feed, m->url, (int64_t)m->configured) == -1 ||
	    db_next(&q, have, f) == -1)
		return -1;
	return *have ? take_row(m, &q, f) : 0;
}

static int
load_row(struct db *db, int64_t feed, struct mirror *m, struct fault *f)
{
	bool have;

	if (find_row(db, feed, m, &have, f) == -1)
		return -1;
	if (have)
		return 0;
	/* It may be there as one that is not (or now is) configured. */
	if (db_run(db, f, "INSERT OR REPLACE INTO mirror (feed, url, "
	    "configured) VALUES (?, ?, ?)", "iti", feed, m->url,
	    (int64_t)m->configured) == -1)
		return -1;
	m->id = db_last_id(db);
	return 0;
}

static int
save(struct db *db, const struct mirror *m, struct fault *f)
{
	if (m->id == 0)
		return 0;
	return db_run(db, f, "UPDATE mirror SET etag = ?, modified = ?,"
	    "cause = ?, success = ?, failure = ?, failures = ?,"
	    "wait_until = ?, behind_since = ?, behind_seen = ?, serial = ?,"
	    "rate = ? WHERE id = ?", "tttiiiiiiiii", m->etag, m->modified,
	    m->cause, m->success, m->failure, m->failures, m->wait_until,
	    m->behind_since, m->behind_seen, m->serial, m->rate, m->id);
}

int
mirror_save(struct db *db, const struct mirror_list *mirrors, struct fault *f)
{
	size_t i;

	for (i = 0; i < mirrors->count; i++)
		if (save(db, &mirrors->list[i], f) == -1)
			return -1;
	return 0;
}

int
mirror_forget(struct db *db, int64_t feed, struct fault *f)
{
	return db_run(db, f, "DELETE FROM mirror WHERE feed = ?", "i", feed);
}

/* ---- loading ---- */

static bool
is_listed(const struct mirror_list *mirrors, const char *url)
{
	size_t i;

	for (i = 0; i < mirrors->count; i++)
		if (strcmp(mirrors->list[i].url, url) == 0)
			return true;
	return false;
}

static int
add(struct db *db, int64_t feed, const char *url, bool configured,
    struct mirror_list *mirrors, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED(clear_one) struct mirror m = { .configured = configured };
	size_t n = strlen(url);
	struct mirror *list;

	if (buf_format(&b, f, "%s%s", url,
	    n > 0 && url[n - 1] == '/' ? "" : "/") == -1)
		return -1;
	if (is_listed(mirrors, b.data))
		return 0;
	if ((m.url = buf_take(&b)) == NULL)
		return fault_memory(f);
	list = reallocarray(mirrors->list, mirrors->count + 1, sizeof(*list));
	if (list == NULL)
		return fault_memory(f);
	mirrors->list = list;
	if (load_row(db, feed, &m, f) == -1)
		return -1;
	list[mirrors->count++] = m;
	m = (struct mirror) { .id = 0 };
	return 0;
}

/* Rows of this sort that are not in the list. */
static int
forget_others(struct db *db, int64_t feed, bool configured,
    const struct mirror_list *mirrors, struct fault *f)
{
	int64_t id = 0;
	size_t i;

	for (;;) {
		if (db_one(db, 0, &id, f, "SELECT min(id) FROM mirror "
		    "WHERE feed = ? AND configured = ? AND id > ?", "iii", feed,
		    (int64_t)configured, id) == -1)
			return -1;
		if (id == 0)
			return 0;
		for (i = 0; i < mirrors->count; i++)
			if (mirrors->list[i].id == id)
				break;
		if (i == mirrors->count && db_run(db, f,
		    "DELETE FROM mirror WHERE id = ?", "i", id) == -1)
			return -1;
	}
}

static int
load(struct db *db, int64_t feed, char *const *urls, size_t count,
    bool configured, struct mirror_list *mirrors, struct fault *f)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (add(db, feed, urls[i], configured, mirrors, f) == -1)
			return -1;
	return forget_others(db, feed, configured, mirrors, f);
}

int
mirror_load(struct db *db, int64_t feed, char *const *urls, size_t count,
    struct mirror_list *mirrors, struct fault *f)
{
	return load(db, feed, urls, count, true, mirrors, f);
}

int
mirror_learn(struct db *db, int64_t feed, char *const *urls, size_t count,
    struct mirror_list *mirrors, struct fault *f)
{
	return load(db, feed, urls, count, false, mirrors, f);
}

/* ---- order ---- */

enum mirror_state
mirror_state(const struct mirror *m, int64_t now)
{
	/* Further away than any of them: another clock wrote it. */
	if (m->wait_until > now && m->wait_until - now <= BACKOFF_MAX)
		return MIRROR_RESTING;
	if (m->behind_since != 0 && m->behind_seen <= now &&
	    now - m->behind_seen < BEHIND_FOR)
		return MIRROR_BEHIND;
	return MIRROR_HEALTHY;
}

/*
 * A number that is random over seeds, and for one seed over URLs: so each
 * mirror gets its share of the load, and of that of one that failed.
 * (splitmix64's mixing, over FNV-1a.)
 */
static uint64_t
draw(const char *url, uint64_t seed)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *url != '\0'; url++)
		h = (h ^ (unsigned char)*url) * 0x100000001b3u;
	h += seed;
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

static bool
comes_before(const struct mirror *a, const struct mirror *b, int64_t now,
    uint64_t seed)
{
	enum mirror_state sa = mirror_state(a, now), sb = mirror_state(b, now);

	if (sa != sb)
		return sa < sb;
	if (sa == MIRROR_RESTING && a->wait_until != b->wait_until)
		return a->wait_until < b->wait_until;
	return draw(a->url, seed) < draw(b->url, seed);
}

void
mirror_order(struct mirror_list *mirrors, int64_t now, uint64_t seed)
{
	struct mirror *list = mirrors->list;
	size_t i, j;

	for (i = 1; i < mirrors->count; i++) {
		struct mirror m = list[i];

		for (j = i; j > 0 && comes_before(&m, &list[j - 1], now, seed);
		    j--)
			list[j] = list[j - 1];
		list[j] = m;
	}
}

/* ---- what it did ---- */

int
mirror_good(struct db *db, struct mirror *m, int64_t serial, int64_t now,
    struct fault *f)
{
	bool known = m->failures == 0 && m->wait_until == 0 &&
	    m->behind_since == 0 && m->serial == serial &&
	    now >= m->success && now - m->success < SAVE_EVERY;

	if (known)
		return 0;
	m->success = now;
	m->failures = 0;
	m->wait_until = 0;
	m->behind_since = 0;
	m->behind_seen = 0;
	m->serial = serial;
	return save(db, m, f);
}

int
mirror_behind(struct db *db, struct mirror *m, int64_t serial, int64_t now,
    struct fault *f)
{
	if (m->behind_since == 0)
		m->behind_since = now;
	m->behind_seen = now;
	m->failures = 0;
	m->wait_until = 0;
	m->serial = serial;
	m->etag[0] = '\0';
	m->modified[0] = '\0';
	return save(db, m, f);
}

/* Doubled each time, and some of it left out, lest all come back at once. */
static int
back_off(int64_t failures, int64_t *seconds, struct fault *f)
{
	uint64_t random;
	int64_t span = BACKOFF;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return fault_system(f, errno, "no random numbers");
	for (; failures > 1 && span < BACKOFF_MAX; failures--)
		span *= 2;
	if (span > BACKOFF_MAX)
		span = BACKOFF_MAX;
	*seconds = span / 2 + (int64_t)(random % (uint64_t)(span / 2));
	return 0;
}

int
mirror_failed(struct db *db, struct mirror *m, const char *cause,
    int64_t retry_after, int64_t now, struct fault *f)
{
	char *copy = strdup(cause);
	int64_t seconds = 0;

	if (copy == NULL)
		return fault_memory(f);
	free(m->cause);
	m->cause = copy;
	m->failure = now;
	m->failures++;
	if (back_off(m->failures, &seconds, f) == -1)
		return -1;
	if (retry_after > BACKOFF_MAX)
		retry_after = BACKOFF_MAX;
	m->wait_until = now + (seconds > retry_after ? seconds : retry_after);
	return save(db, m, f);
}

int
mirror_speed(struct db *db, struct mirror *m, int64_t bytes, int64_t ms,
    struct fault *f)
{
	int64_t rate;

	if (bytes < SPEED_BYTES_MIN)
		return 0;
	rate = bytes * 1000 / (ms > 0 ? ms : 1);
	m->rate = m->rate == 0 ? rate : (3 * m->rate + rate) / 4;
	return save(db, m, f);
}

int
mirror_validators(struct db *db, struct mirror *m, const char *etag,
    const char *modified, struct fault *f)
{
	if (strcmp(m->etag, etag) == 0 && strcmp(m->modified, modified) == 0)
		return 0;
	/* Both together: too long is none. */
	if (strlen(etag) >= sizeof(m->etag) ||
	    strlen(modified) >= sizeof(m->modified))
		etag = modified = "";
	memmove(m->etag, etag, strlen(etag) + 1);
	memmove(m->modified, modified, strlen(modified) + 1);
	return save(db, m, f);
}
