#include "fetch/past.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "base/report.h"
#include "fetch/book.h"
#include "fetch/chosen.h"
#include "fetch/when.h"
#include "items/item.h"

#define LAST 50 /* events that are shown, by default */

struct given {
	int64_t last;
	const char *since, *item;
};

#define IN(member) offsetof(struct given, member)
const struct options_row past_rows[] = {
	{ "last", 0, OPTIONS_NUMBER, IN(last), "N",
	    "the newest N events (else 50)", 1, 0 },
	{ "since", 0, OPTIONS_TEXT, IN(since), "TIME",
	    "from then on: 2026-11-24, or 3d for the last three days", 0, 0 },
	{ "item", 0, OPTIONS_TEXT, IN(item), "NAME",
	    "of this page and its attachments", 0, 0 },
	{ 0 },
};
#undef IN

/* What the paths of a page and its attachments begin with. */
static int
path_prefix(const char *page, struct buf *prefix, struct fault *f)
{
	struct item item = { .kind = ITEM_PAGE, .name = (char *)page };

	if (item_path(&item, prefix, f) == -1)
		return -1;
	buf_cut(prefix, prefix->len - strlen("text"));
	return 0;
}

static int
add_event(const struct db_query *q, struct report *out, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	const char *path = db_text(q, 3);

	if (path != NULL && chosen_item(path, &text, f) == -1)
		return -1;
	report_row(out, "event");
	report_time(out, "time", db_int(q, 0));
	report_text(out, "feed", db_text(q, 1));
	report_number(out, "serial", db_int(q, 2));
	report_text(out, "what", db_text(q, 4));
	report_text(out, "item", path != NULL ? text.data : NULL);
	report_text(out, "cause", db_text(q, 5));
	return report_row_end(out, f);
}

/* The newest ones, then turned round; name may be NULL. */
static int
show(struct book *book, const char *name, const struct given *given,
    int64_t since, const char *prefix, struct report *out, struct fault *f)
{
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_query(book->db, &q, f,
		"SELECT * FROM (SELECT event.time, feed.name, event.serial,"
		" event.path, event.what, event.cause, event.id AS n"
		" FROM event, feed WHERE feed.id = event.feed"
		" AND (?1 IS NULL OR feed.name = ?1) AND event.time >= ?2"
		" AND (?3 = '' OR substr(event.path, 1, length(?3)) = ?3)"
		" ORDER BY n DESC LIMIT ?4) ORDER BY n",
		"titi", name, since, prefix, given->last) == -1)
		return -1;
	for (;;) {
		if (db_next(&q, &have, f) == -1)
			return -1;
		if (!have)
			return 0;
		if (add_event(&q, out, f) == -1)
			return -1;
	}
}

static int
run(const struct options *o, const struct given *given, struct fault *f)
{
	OWNED(settings_clear) struct settings settings = { .state = NULL };
	OWNED(book_close) struct book book = BOOK_INIT;
	OWNED(report_free) struct report *out = NULL;
	OWNED_BUF struct buf prefix = BUF_INIT(ITEM_PATH_MAX);
	int64_t since = 0;
	bool have;

	if ((given->since != NULL &&
		when_since(given->since, time_now(), &since, f) == -1) ||
	    (given->item != NULL &&
		path_prefix(given->item, &prefix, f) == -1) ||
	    settings_load(o->config, &settings, f) == -1 ||
	    chosen_check(o, &settings, f) == -1 ||
	    file_become_owner(settings.state, f) == -1 ||
	    book_open_readonly(settings.state, &book, &have, f) == -1 ||
	    report_start(o->json, STDOUT_FILENO, &out, f) == -1)
		return -1;
	if (have &&
	    show(&book, o->arguments.count > 0 ? o->arguments.word[0] : NULL,
		given, since, prefix.data, out, f) == -1)
		return -1;
	return report_end(out, f);
}

int
past_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct given given = { .last = LAST };

	if (options_parse(verb, argc, argv, &given, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	return run(&o, &given, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
