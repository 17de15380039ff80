#include "fetch/mirror.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/buf.h"
#include "base/own.h"

#define BACKOFF 900	      /* seconds after a first failure, then doubled */
#define SAVE_EVERY 3600	      /* seconds: a success alone */
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
    /* as the network document has it; peer: as one that follows, too */
    "listed INTEGER NOT NULL DEFAULT 0, peer INTEGER NOT NULL DEFAULT 0,"
    "notify TEXT, UNIQUE (feed, url));";

const char mirror_quiet_schema[] =
    "ALTER TABLE mirror ADD COLUMN quiet_until INTEGER NOT NULL DEFAULT 0;";

static void
clear_one(struct mirror *m)
{
	free(m->url);
	free(m->cause);
	free(m->notify);
	*m = (struct mirror){ .id = 0 };
}

void
mirror_list_clear(struct mirror_list *mirrors)
{
	size_t i;

	for (i = 0; i < mirrors->count; i++)
		clear_one(&mirrors->list[i]);
	free(mirrors->list);
	*mirrors = (struct mirror_list){ .list = NULL };
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
take_copy(const struct db_query *q, int column, char **out, struct fault *f)
{
	const char *text = db_text(q, column);

	*out = text == NULL ? NULL : strdup(text);
	return text != NULL && *out == NULL ? fault_memory(f) : 0;
}

#define COLUMNS \
	"id, etag, modified, success, failure, failures, wait_until," \
	" behind_since, behind_seen, serial, rate, configured, peer, cause," \
	" notify, url, quiet_until"

static int
take_row(struct mirror *m, const struct db_query *q, struct fault *f)
{
	m->id = db_int(q, 0);
	take_text(q, 1, m->etag);
	take_text(q, 2, m->modified);
	m->success = db_int(q, 3);
	m->failure = db_int(q, 4);
	m->failures = db_int(q, 5);
	m->wait_until = db_int(q, 6);
	m->behind_since = db_int(q, 7);
	m->behind_seen = db_int(q, 8);
	m->serial = db_int(q, 9);
	m->rate = db_int(q, 10);
	m->configured = db_int(q, 11) != 0;
	m->peer = db_int(q, 12) != 0;
	m->quiet_until = db_int(q, 16);
	if (take_copy(q, 13, &m->cause, f) == -1 ||
	    take_copy(q, 14, &m->notify, f) == -1)
		return -1;
	return take_copy(q, 15, &m->url, f);
}

static int
push(struct mirror_list *mirrors, struct mirror *m, struct fault *f)
{
	struct mirror *list =
	    reallocarray(mirrors->list, mirrors->count + 1, sizeof(*list));

	if (list == NULL)
		return fault_memory(f);
	mirrors->list = list;
	list[mirrors->count++] = *m;
	*m = (struct mirror){ .id = 0 };
	return 0;
}

static int
save(struct db *db, const struct mirror *m, struct fault *f)
{
	if (m->id == 0)
		return 0;
	return db_run(db, f,
	    "UPDATE mirror SET etag = ?, modified = ?,"
	    "cause = ?, success = ?, failure = ?, failures = ?,"
	    "wait_until = ?, behind_since = ?, behind_seen = ?, serial = ?,"
	    "rate = ?, quiet_until = ? WHERE id = ?",
	    "tttiiiiiiiiii", m->etag, m->modified, m->cause, m->success,
	    m->failure, m->failures, m->wait_until, m->behind_since,
	    m->behind_seen, m->serial, m->rate, m->quiet_until, m->id);
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

/* Its row; one that was only named by the network document is raised. */
static int
load_one(struct db *db, int64_t feed, const char *url,
    struct mirror_list *mirrors, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	OWNED(clear_one) struct mirror m = { .id = 0 };
	bool have;

	if (db_query(db, &q, f,
		"SELECT " COLUMNS " FROM mirror"
		" WHERE feed = ? AND url = ?",
		"it", feed, url) == -1 ||
	    db_next(&q, &have, f) == -1 || (have && take_row(&m, &q, f) == -1))
		return -1;
	if (have && m.configured)
		return push(mirrors, &m, f);
	db_done(&q);
	clear_one(&m);
	m.configured = true;
	if ((m.url = strdup(url)) == NULL)
		return fault_memory(f);
	/* What was learnt of it as a stranger's is not kept. */
	if (db_run(db, f,
		"INSERT INTO mirror (feed, url, configured)"
		" VALUES (?, ?, 1) ON CONFLICT (feed, url) DO UPDATE SET"
		" configured = 1, etag = '', modified = '', failures = 0,"
		" wait_until = 0, quiet_until = 0",
		"it", feed, url) == -1)
		return -1;
	if (db_one(db, 0, &m.id, f,
		"SELECT id FROM mirror WHERE feed = ?"
		" AND url = ?",
		"it", feed, url) == -1)
		return -1;
	return push(mirrors, &m, f);
}

/* Configured ones that are not in the list: at most, they are listed yet. */
static int
forget_others(struct db *db, int64_t feed, const struct mirror_list *mirrors,
    struct fault *f)
{
	int64_t id = 0;
	size_t i;

	for (;;) {
		if (db_one(db, 0, &id, f,
			"SELECT min(id) FROM mirror "
			"WHERE feed = ? AND configured = 1 AND id > ?",
			"ii", feed, id) == -1)
			return -1;
		if (id == 0)
			return 0;
		for (i = 0; i < mirrors->count; i++)
			if (mirrors->list[i].id == id)
				break;
		if (i < mirrors->count)
			continue;
		if (db_run(db, f,
			"UPDATE mirror SET configured = 0"
			" WHERE id = ?",
			"i", id) == -1 ||
		    db_run(db, f,
			"DELETE FROM mirror WHERE id = ?"
			" AND listed = 0",
			"i", id) == -1)
			return -1;
	}
}

static int
load_listed(struct db *db, int64_t feed, struct mirror_list *mirrors,
    struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(db, &q, f,
		"SELECT " COLUMNS " FROM mirror"
		" WHERE feed = ? AND configured = 0",
		"i", feed) == -1)
		return -1;
	for (;;) {
		OWNED(clear_one) struct mirror m = { .id = 0 };

		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (take_row(&m, &q, f) == -1 || push(mirrors, &m, f) == -1)
			return -1;
	}
}

int
mirror_load(struct db *db, int64_t feed, char *const *urls, size_t count,
    struct mirror_list *mirrors, struct fault *f)
{
	size_t i;

	for (i = 0; i < count; i++) {
		OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);
		size_t n = strlen(urls[i]);

		if (buf_format(&url, f, "%s%s", urls[i],
			n > 0 && urls[i][n - 1] == '/' ? "" : "/") == -1)
			return -1;
		if (!is_listed(mirrors, url.data) &&
		    load_one(db, feed, url.data, mirrors, f) == -1)
			return -1;
	}
	if (forget_others(db, feed, mirrors, f) == -1)
		return -1;
	return load_listed(db, feed, mirrors, f);
}

/* ---- learning ---- */

static int
list(struct db *db, int64_t feed, const char *url, bool peer,
    const char *notify, struct fault *f)
{
	return db_run(db, f,
	    "INSERT INTO mirror (feed, url, configured,"
	    " listed, peer, notify) VALUES (?, ?, 0, 1, ?, ?)"
	    " ON CONFLICT (feed, url) DO UPDATE SET listed = 1,"
	    " peer = excluded.peer, notify = excluded.notify",
	    "itit", feed, url, (int64_t)peer, notify);
}

int
mirror_learn(struct db *db, int64_t feed, const struct network *n, uint64_t own,
    struct fault *f)
{
	OWNED_MEM uint64_t *numbers =
	    calloc(n->peer_count + 1, sizeof(*numbers));
	struct mirror_peers chosen;
	size_t i;

	if (numbers == NULL)
		return fault_memory(f);
	if (db_run(db, f,
		"UPDATE mirror SET listed = 0, peer = 0,"
		" notify = NULL WHERE feed = ?",
		"i", feed) == -1)
		return -1;
	for (i = 0; i < n->peer_count; i++)
		numbers[i] = mirror_number(n->peers[i].url);
	mirror_choose(numbers, n->peer_count, own, &chosen);
	for (i = 0; i < chosen.count; i++) {
		const struct network_place *peer = &n->peers[chosen.place[i]];

		if (list(db, feed, peer->url, true, peer->notify, f) == -1)
			return -1;
	}
	/* One that is both is rather a mirror: it needs nobody's copy. */
	for (i = 0; i < n->mirror_count && i < MIRRORS_MAX; i++)
		if (db_run(db, f,
			"INSERT INTO mirror (feed, url, configured,"
			" listed) VALUES (?, ?, 0, 1)"
			" ON CONFLICT (feed, url) DO UPDATE SET listed = 1,"
			" peer = 0",
			"it", feed, n->mirrors[i].url) == -1)
			return -1;
	return db_run(db, f,
	    "DELETE FROM mirror WHERE feed = ?"
	    " AND configured = 0 AND listed = 0",
	    "i", feed);
}

/* ---- what it did ---- */

int
mirror_good(struct db *db, struct mirror *m, int64_t serial, int64_t now,
    struct fault *f)
{
	bool known = m->failures == 0 && m->wait_until == 0 &&
	    m->behind_since == 0 && m->serial == serial && now >= m->success &&
	    now - m->success < SAVE_EVERY;

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
	for (; failures > 1 && span < MIRROR_BACKOFF_MAX; failures--)
		span *= 2;
	if (span > MIRROR_BACKOFF_MAX)
		span = MIRROR_BACKOFF_MAX;
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
	if (retry_after > MIRROR_BACKOFF_MAX)
		retry_after = MIRROR_BACKOFF_MAX;
	m->quiet_until = retry_after > 0 ? now + retry_after : 0;
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
