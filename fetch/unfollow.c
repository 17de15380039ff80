#include "fetch/unfollow.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/report.h"
#include "fetch/book.h"
#include "fetch/fetch.h"
#include "fetch/settings.h"

struct unfollow {
	const struct options *o;
	const char *name;
	struct settings settings;
	const struct config_section *section; /* NULL: not configured */
	bool removed;  /* its file, which had nothing else */
	bool known;    /* the database had it */
	int64_t items; /* that stay in the wiki */
};

static void
clear(struct unfollow *u)
{
	settings_clear(&u->settings);
}

/* Is the section alone in a file of its own, as `follow` makes it? */
static bool
is_own_file(const struct unfollow *u)
{
	const struct config_section *s = NULL;
	const char *file = u->section->file;
	size_t n = strlen(file), m = strlen(u->name) + strlen(".conf");

	if (n < m + 8 || strncmp(file + n - m - 8, "/conf.d/", 8) != 0 ||
	    strncmp(file + n - m, u->name, strlen(u->name)) != 0 ||
	    strcmp(file + n - 5, ".conf") != 0)
		return false;
	while ((s = config_next(u->settings.config, s, NULL)) != NULL)
		if (s != u->section && strcmp(s->file, file) == 0)
			return false;
	return true;
}

/* The file first: with it the next fetch would begin anew. */
static int
remove_section(struct unfollow *u, struct fault *f)
{
	if (u->section == NULL || !is_own_file(u))
		return 0;
	u->removed = true;
	return u->o->dry_run ? 0 : file_remove(AT_FDCWD, u->section->file, f);
}

static int
forget(struct unfollow *u, struct fault *f)
{
	OWNED(book_close) struct book book = BOOK_INIT;
	OWNED(book_feed_clear) struct book_feed feed = BOOK_FEED_INIT;

	if (file_become_owner(u->settings.state, f) == -1 ||
	    book_open(u->settings.state, FETCH_LOCK_SECONDS, &book, f) == -1 ||
	    db_begin(book.db, f) == -1 ||
	    book_feed_find(&book, u->name, &feed, &u->known, f) == -1)
		return -1;
	if (!u->known)
		return 0;
	if (db_one(book.db, 0, &u->items, f,
		"SELECT count(*) FROM installed WHERE feed = ?", "i",
		feed.row) == -1)
		return -1;
	if (u->o->dry_run)
		return 0;
	if (book_feed_forget(&book, &feed, f) == -1)
		return -1;
	return db_commit(book.db, f);
}

static int
last_line(const struct config_section *s)
{
	return s->value_count > 0 ? s->values[s->value_count - 1].line :
				    s->line;
}

static int
say(const struct unfollow *u, struct report *out, struct fault *f)
{
	const struct config_section *s = u->section;
	const char *would = u->o->dry_run ? "would be" : "is";

	if (u->o->json) {
		report_row(out, "unfollow");
		report_text(out, "feed", u->name);
		report_number(out, "items_left", u->items);
		report_text(out, "config", s != NULL ? s->file : NULL);
		report_bool(out, "config_removed", u->removed);
		return report_row_end(out, f);
	}
	if (report_say(out, f,
		"feed '%s' %s forgotten; %lld installed items "
		"stay in the wiki",
		u->name, would, (long long)u->items) == -1)
		return -1;
	if (u->removed)
		return report_say(out, f, "'%s' %s removed", s->file, would);
	return 0;
}

/* Where the section stands among others, a person takes it out. */
static void
say_lines(const struct unfollow *u)
{
	const struct config_section *s = u->section;

	if (s != NULL && !u->removed)
		log_warn("now remove [follow %s] from '%s', lines %d to %d, "
			 "lest the next fetch begins anew",
		    u->name, s->file, s->line, last_line(s));
}

static int
run(struct unfollow *u, struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;

	if (settings_load(u->o->config, &u->settings, f) == -1)
		return -1;
	u->section = config_find(u->settings.config, "follow", u->name);
	if (remove_section(u, f) == -1 || forget(u, f) == -1)
		return -1;
	if (!u->known && u->section == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "no feed '%s' is followed; "
		    "'wikicast status' lists the feeds",
		    u->name);
	if (report_start(u->o->json, STDOUT_FILENO, &out, f) == -1 ||
	    (u->o->verbosity != LOG_QUIET && say(u, out, f) == -1) ||
	    report_end(out, f) == -1)
		return -1;
	say_lines(u);
	return 0;
}

int
unfollow_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	OWNED(clear) struct unfollow u = { .o = &o };

	if (options_parse(verb, argc, argv, NULL, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	u.name = o.arguments.word[0];
	return run(&u, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
