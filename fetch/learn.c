#include "fetch/learn.h"

#include <string.h>

#include "base/own.h"

const char learn_schema[] = "CREATE TABLE network ("
			    " feed INTEGER PRIMARY KEY, digest BLOB NOT NULL);"
			    "CREATE TABLE own (number INTEGER NOT NULL);"
			    "INSERT INTO own VALUES (random());";

const char learn_peers_schema[] =
    "ALTER TABLE network ADD COLUMN peers INTEGER NOT NULL DEFAULT 0;";

int
learn_forget(struct db *db, int64_t feed, struct fault *f)
{
	return db_run(db, f, "DELETE FROM network WHERE feed = ?", "i", feed);
}

int
learn_due(struct db *db, int64_t feed, const struct feed *head, bool *due,
    struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	struct digest known;
	bool have;

	if (db_query(db, &q, f, "SELECT digest FROM network WHERE feed = ?",
		"i", feed) == -1 ||
	    db_next(&q, &have, f) == -1 ||
	    (have && db_digest(&q, 0, &known, f) == -1))
		return -1;
	*due = head->network.length > 0 &&
	    !(have && digest_equal(&known, &head->network.digest));
	return 0;
}

int
learn_peers(struct db *db, int64_t feed, int64_t *count, struct fault *f)
{
	return db_one(db, 0, count, f,
	    "SELECT peers FROM network WHERE feed = ?", "i", feed);
}

static int
read_network(const struct learn *l, const struct feed *head, struct network *n,
    struct fault *f)
{
	struct download_file file = { .sort = TREE_NETWORK,
		.digest = head->network.digest,
		.length = head->network.length,
		.fd = -1 };
	OWNED_FD int fd = -1;

	if (download_one(l->download, &file, f) == -1)
		return -1;
	fd = file.fd;
	if (worker_network(l->worker, fd, n, f) == -1)
		return -1;
	if (strcmp(n->feed, head->id) != 0)
		return fault_set(f, FAULT_FORMAT, "it is of feed '%s'",
		    n->feed);
	return 0;
}

/* A wiki without a copy for others has a number all the same. */
static int
own_number(const struct learn *l, uint64_t *own, struct fault *f)
{
	int64_t random;

	if (l->url != NULL) {
		*own = mirror_number(l->url);
		return 0;
	}
	if (db_one(l->db, 0, &random, f, "SELECT number FROM own", "") == -1)
		return -1;
	*own = (uint64_t)random;
	return 0;
}

static int
keep(const struct learn *l, const struct feed *head, const struct network *n,
    struct fault *f)
{
	uint64_t own;

	if (own_number(l, &own, f) == -1 ||
	    mirror_learn(l->db, l->feed, n, own, f) == -1)
		return -1;
	return db_run(l->db, f,
	    "INSERT OR REPLACE INTO network (feed, digest, peers)"
	    " VALUES (?, ?, ?)",
	    "idi", l->feed, &head->network.digest, (int64_t)n->peer_count);
}

int
learn_network(const struct learn *l, const struct feed *head, struct fault *f)
{
	OWNED_NETWORK struct network n;

	network_init(&n);
	if (read_network(l, head, &n, f) == -1)
		return fault_within(f, "the network document");
	return keep(l, head, &n, f);
}
