/*
 * moinput -- change a wiki from the command line through wiki.h.
 *
 *	moinput WIKI get PAGE [FILE]		to standard output
 *	moinput WIKI put PAGE [FILE]		from standard input
 *	moinput WIKI drop PAGE [FILE]
 *	moinput WIKI begin			hold off Moin's antispam
 *	moinput WIKI hammer PAGE COUNT TAG	COUNT revisions, each "TAG i"
 *	moinput WIKI watch PAGE COUNT		read it so often, show each text
 *
 * AUTHOR and COMMENT come from the environment; so does INTENT, a file that
 * keeps what is about to be done: what a killed moinput left in it is finished
 * first.  Ends 0 if done, 1 after a
 * fault, and with an outcome of enum wiki_outcome plus 10 otherwise; "hammer"
 * decides anew when a page has moved, and tries again when it was locked.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "wiki/wiki.h"

struct change {
	const char *page;
	const char *file;
	const char *text; /* NULL: drop */
	size_t size;
};

static int
complain(const struct fault *f)
{
	(void)fprintf(stderr, "moinput: %s\n", f->text);
	return 1;
}

static int
keep_intent(const char *intent, struct fault *f)
{
	const char *file = getenv("INTENT");

	if (file == NULL || intent == NULL)
		return 0;
	return file_replace(AT_FDCWD, file, intent, strlen(intent), 0600, f);
}

static int
finish_intent(struct wiki *w, struct fault *f)
{
	OWNED_BUF struct buf intent = BUF_INIT(65536);
	OWNED_MEM char *revision = NULL;
	const char *file = getenv("INTENT");
	enum wiki_outcome outcome;
	bool have = false;

	if (file == NULL)
		return 0;
	if (file_read(AT_FDCWD, file, &intent, &have, f) == -1)
		return -1;
	if (!have || intent.len == 0)
		return 0;
	if (wiki_finish(w, intent.data, &outcome, &revision, f) == -1)
		return -1;
	(void)fprintf(stderr, "moinput: finished, %s\n",
	    outcome == WIKI_DONE ? revision : "undone");
	return keep_intent("", f);
}

/* Decide upon what is there now, and do it; the outcome, or -1. */
static int
apply(struct wiki *w, const struct change *c, struct fault *f)
{
	OWNED_ITEM struct item item = { 0 };
	OWNED_MEM char *before = NULL;
	struct wiki_job job OWNED(wiki_job_clear) = { 0 };

	item.kind = c->file != NULL ? ITEM_ATTACHMENT : ITEM_PAGE;
	item.name = strdup(c->file != NULL ? c->file : c->page);
	item.page = c->file != NULL ? strdup(c->page) : NULL;
	if (wiki_revision(w, c->page, c->file, &before, f) == -1)
		return f->kind == FAULT_BUSY ? WIKI_LOCKED : -1;
	job.item = &item;
	job.drop = c->text == NULL;
	job.content = c->text;
	job.size = c->size;
	job.before = before;
	job.author = getenv("AUTHOR");
	job.comment = getenv("COMMENT");
	if (wiki_intend(w, &job, 1, f) == -1 ||
	    keep_intent(job.intent, f) == -1 ||
	    (job.outcome == WIKI_OPEN && wiki_carry_out(w, &job, 1, f) == -1) ||
	    keep_intent("", f) == -1)
		return -1;
	if (*job.reason != '\0')
		(void)fprintf(stderr, "moinput: %s\n", job.reason);
	return (int)job.outcome;
}

static int
get(struct wiki *w, const char *page, const char *file, struct fault *f)
{
	OWNED(wiki_page_clear) struct wiki_page p;

	wiki_page_init(&p);
	if (wiki_read(w, page, file, &p, f) == -1)
		return -1;
	if (!p.present)
		return WIKI_MOVED;
	(void)fwrite(p.text.data, 1, p.text.len, stdout);
	(void)fprintf(stderr, "%s\t%s\t%s\n", p.revision,
	    p.author != NULL ? p.author : "-",
	    p.comment != NULL ? p.comment : "-");
	return WIKI_DONE;
}

static int
put(struct wiki *w, const char *page, const char *file, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT((size_t)ITEM_SIZE_MAX);
	char block[4096];
	size_t n;

	while ((n = fread(block, 1, sizeof(block), stdin)) > 0)
		if (buf_add(&text, block, n, f) == -1)
			return -1;
	return apply(w, &(struct change){ page, file, text.data, text.len }, f);
}

static int
hammer(struct wiki *w, const char *page, const char *count, const char *tag,
    struct fault *f)
{
	long n = strtol(count, NULL, 10), i;
	int again = 0, got;
	char text[200];

	for (i = 0; i < n; i += got == WIKI_DONE) {
		(void)snprintf(text, sizeof(text), "%s %ld\n", tag, i);
		got = apply(w,
		    &(struct change){ page, NULL, text, strlen(text) }, f);
		if (got == -1 || got == WIKI_CANNOT)
			return got;
		again += got != WIKI_DONE;
	}
	(void)fprintf(stderr, "moinput: %ld revisions, %d tried again\n", n,
	    again);
	return WIKI_DONE;
}

/*
 * As a publisher reads while users save: the page is never gone, or half.
 * A page that is being saved whenever one looks is for the publisher's next
 * run; here it must come free in 20.
 */
static int
watch(struct wiki *w, const char *page, const char *count, struct fault *f)
{
	long n = strtol(count, NULL, 10), i;
	int busy = 0;

	for (i = 0; i < n; i++) {
		OWNED(wiki_page_clear) struct wiki_page p;

		wiki_page_init(&p);
		if (wiki_read(w, page, NULL, &p, f) == -1) {
			if (f->kind != FAULT_BUSY || ++busy == 20)
				return -1;
			continue;
		}
		busy = 0;
		if (!p.present)
			return WIKI_MOVED;
		(void)fwrite(p.text.data, 1, p.text.len, stdout);
		(void)fputs("\f", stdout);
	}
	return WIKI_DONE;
}

static int
run(struct wiki *w, int argc, char **argv, struct fault *f)
{
	const char *verb = argv[2];
	const char *page = argc > 3 ? argv[3] : NULL;
	const char *file = argc > 4 ? argv[4] : NULL;

	if (strcmp(verb, "get") == 0 && page != NULL)
		return get(w, page, file, f);
	if (strcmp(verb, "watch") == 0 && argc > 4)
		return watch(w, page, file, f);
	if (wiki_begin(w, strcmp(verb, "begin") == 0, f) == -1 ||
	    finish_intent(w, f) == -1)
		return -1;
	if (strcmp(verb, "begin") == 0)
		return WIKI_DONE;
	if (strcmp(verb, "put") == 0 && page != NULL)
		return put(w, page, file, f);
	if (strcmp(verb, "drop") == 0 && page != NULL)
		return apply(w, &(struct change){ page, file, NULL, 0 }, f);
	if (strcmp(verb, "hammer") == 0 && argc > 5)
		return hammer(w, page, file, argv[5], f);
	return fault_set(f, FAULT_CONFIG, "no such verb '%s'", verb);
}

int
main(int argc, char **argv)
{
	OWNED(wiki_close_p) struct wiki *w = NULL;
	struct wiki_options options = { 0 };
	struct fault f = { 0 };
	int got;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: moinput WIKI VERB ...\n");
		return 2;
	}
	options.underlay = getenv("UNDERLAY");
	if (wiki_open(argv[1], &options, &w, &f) == -1)
		return complain(&f);
	got = run(w, argc, argv, &f);
	if (got == -1)
		return complain(&f);
	return got == WIKI_DONE ? 0 : 10 + got;
}
