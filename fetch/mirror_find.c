#include "fetch/mirror.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "feeds/notice.h"

static int
from_folder(const struct follow_settings *follow, const char *from,
    struct mirror_list *mirrors, struct fault *f)
{
	OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf probe = BUF_INIT(BUF_ANY);
	char real[PATH_MAX];
	struct stat st;

	if (realpath(from, real) == NULL)
		return fault_system(f, errno, "folder '%s'", from);
	if (buf_format(&probe, f, "%s/feed.atom", real) == -1 ||
	    buf_format(&url, f, "file://%s/", real) == -1)
		return -1;
	if (stat(probe.data, &st) == -1 &&
	    buf_format(&url, f, "%s/", follow->name) == -1)
		return -1;
	mirrors->list = calloc(1, sizeof(*mirrors->list));
	if (mirrors->list == NULL)
		return fault_memory(f);
	mirrors->count = 1;
	mirrors->list[0].configured = true;
	mirrors->list[0].url = strdup(url.data);
	return mirrors->list[0].url != NULL ? 0 : fault_memory(f);
}

int
mirror_find(struct db *db, int64_t feed, const struct follow_settings *follow,
    const char *from, int64_t now, struct mirror_list *mirrors, struct fault *f)
{
	uint64_t seed = 0;

	if (from != NULL)
		return from_folder(follow, from, mirrors, f);
	if (mirror_load(db, feed, follow->mirrors.word, follow->mirrors.count,
		mirrors, f) == -1)
		return -1;
	if (getrandom(&seed, sizeof(seed), 0) == -1)
		return fault_system(f, errno, "no random numbers");
	mirror_order(mirrors, now, seed);
	return 0;
}

int
mirror_urls(struct db *db, int64_t feed, struct words *urls, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(db, &q, f,
		"SELECT url FROM mirror WHERE feed = ?"
		" ORDER BY id",
		"i", feed) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (words_add(urls, db_text(&q, 0), f) == -1)
			return -1;
	}
}

int
mirror_peers(struct db *db, int64_t feed, struct network *n, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(db, &q, f,
		"SELECT url, notify FROM mirror"
		" WHERE feed = ? AND notify IS NOT NULL",
		"i", feed) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (network_add_peer(n, db_text(&q, 0), db_text(&q, 1), f) ==
		    -1)
			return -1;
	}
}
