#include "verify/lint_lists.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/report.h"
#include "items/lint.h"
#include "items/patterns.h"
#include "items/text.h"
#include "wiki/wiki.h"

struct asked {
	const char *wiki;
};

const struct options_row lint_lists_rows[] = {
	{ "wiki", 0, OPTIONS_TEXT, offsetof(struct asked, wiki), "ENGINE:PLACE",
	    "no pattern may match a page of this wiki" },
	{ 0 },
};

const char lint_lists_more[] =
    "\"-\" is the standard input.  Exit status: 0 all good, 4 bad lines.\n";

/* A list that was read: the patterns first to last of the lint are its. */
struct list {
	const char *name;
	struct buf text;
	size_t first;
};

struct run {
	struct report *out;
	struct lint *lint;
	struct list *list;
	size_t count;
	bool json, quiet;
	int64_t bad;
};

static int
read_stream(int fd, struct buf *b, struct fault *f)
{
	ssize_t got;

	do {
		if (buf_reserve(b, 65536, f) == -1)
			return -1;
		got = read(fd, b->data + b->len, 65536);
		if (got == -1 && errno != EINTR)
			return fault_system(f, errno, "cannot read");
		b->len += got > 0 ? (size_t)got : 0;
	} while (got != 0);
	buf_end(b);
	return 0;
}

static int
read_list(const char *name, struct buf *text, struct fault *f)
{
	OWNED_BUF struct buf raw = BUF_INIT((size_t)ITEM_SIZE_MAX);
	bool have = true;

	if (strcmp(name, "-") == 0) {
		if (read_stream(STDIN_FILENO, &raw, f) == -1)
			return fault_within(f, "standard input");
	} else if (file_read(AT_FDCWD, name, &raw, &have, f) == -1) {
		return -1;
	}
	if (!have)
		return fault_set(f, FAULT_CONFIG, "'%s' does not exist", name);
	return text_to_lf(raw.data, raw.len, text, f);
}

static int
add_list(struct run *r, struct list *list, struct fault *f)
{
	struct patterns_line line;
	struct patterns_walk walk;

	buf_init(&list->text, (size_t)ITEM_SIZE_MAX);
	list->first = lint_count(r->lint);
	if (read_list(list->name, &list->text, f) == -1)
		return -1;
	walk = patterns_walk(list->text.data, list->text.len);
	while (patterns_next(&walk, &line))
		if (line.size > 0 &&
		    lint_add(r->lint, line.text, line.size, f) == -1)
			return -1;
	return 0;
}

static int
search_wiki(struct run *r, const char *name, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	OWNED(wiki_walk_close) struct wiki_walk *walk = NULL;
	OWNED(wiki_page_clear) struct wiki_page page;
	const struct wiki_options options = { .underlay = NULL };
	const char *title;
	bool have;

	wiki_page_init(&page);
	if (wiki_open(name, &options, &wiki, f) == -1 ||
	    wiki_walk_open(wiki, &walk, f) == -1)
		return -1;
	for (;;) {
		if (wiki_next_text(wiki, walk, &title, &page, &have, f) == -1)
			return fault_within(f, "wiki '%s'", name);
		if (!have)
			return 0;
		if (lint_search_page(r->lint, title, page.text.data,
			page.text.len, f) == -1)
			return -1;
	}
}

static int
tell(struct run *r, const struct list *list, const struct patterns_line *line,
    const char *reason, struct fault *f)
{
	OWNED_BUF struct buf pattern = BUF_INIT(BUF_ANY);

	r->bad++;
	if (buf_add(&pattern, line->text, line->size, f) == -1)
		return -1;
	if (!r->json)
		return report_say(r->out, f, "%s:%zu: %s: %s", list->name,
		    line->number, pattern.data, reason);
	report_row(r->out, "pattern");
	report_text(r->out, "file", list->name);
	report_number(r->out, "line", (int64_t)line->number);
	report_text(r->out, "pattern", pattern.data);
	report_text(r->out, "reason", reason);
	return report_row_end(r->out, f);
}

static int
tell_list(struct run *r, const struct list *list, struct fault *f)
{
	struct patterns_walk walk =
	    patterns_walk(list->text.data, list->text.len);
	struct patterns_line line;
	size_t i = list->first;

	while (patterns_next(&walk, &line)) {
		if (line.size == 0)
			continue;
		if (lint_answer(r->lint, i) != LINT_GOOD &&
		    tell(r, list, &line, lint_reason(r->lint, i), f) == -1)
			return -1;
		i++;
	}
	return 0;
}

static int
sum_up(struct run *r, struct fault *f)
{
	int64_t all = (int64_t)lint_count(r->lint);

	if (r->json) {
		report_row(r->out, "lint");
		report_number(r->out, "patterns", all);
		report_number(r->out, "bad", r->bad);
		return report_row_end(r->out, f);
	}
	if (r->quiet)
		return 0;
	return report_say(r->out, f, "%lld patterns, %lld bad", (long long)all,
	    (long long)r->bad);
}

static int
lint_all(struct run *r, const struct words *names, const char *wiki,
    struct fault *f)
{
	size_t i;

	for (i = 0; i < names->count; i++) {
		r->list[r->count].name = names->word[i];
		if (add_list(r, &r->list[r->count++], f) == -1)
			return -1;
	}
	if (lint_innocent(r->lint, f) == -1 ||
	    (wiki != NULL && search_wiki(r, wiki, f) == -1))
		return -1;
	for (i = 0; i < r->count; i++)
		if (tell_list(r, &r->list[i], f) == -1)
			return -1;
	return sum_up(r, f);
}

static int
run(struct run *r, const struct options *o, const char *wiki, struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;
	int rc;

	r->list = calloc(o->arguments.count, sizeof(*r->list));
	if (r->list == NULL)
		return fault_memory(f);
	if (lint_new(&r->lint, f) == -1 ||
	    report_start(o->json, STDOUT_FILENO, &out, f) == -1)
		return -1;
	r->out = out;
	r->json = o->json;
	r->quiet = o->verbosity == LOG_QUIET;
	rc = lint_all(r, &o->arguments, wiki, f);
	return report_end(out, f) == -1 ? -1 : rc;
}

int
lint_lists_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct asked asked = { .wiki = NULL };
	struct run r = { .lint = NULL };
	int status = EXIT_DONE;
	size_t i;

	if (options_parse(verb, argc, argv, &asked, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	if (run(&r, &o, asked.wiki, f) == -1)
		status = fault_exit(f);
	else if (r.bad > 0)
		status = EXIT_REFUSED;
	for (i = 0; i < r.count; i++)
		buf_clear(&r.list[i].text);
	free(r.list);
	lint_free(&r.lint);
	return status;
}
