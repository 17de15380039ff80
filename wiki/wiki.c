#include "wiki/wiki.h"

#include <string.h>

#include "wiki/engine.h"

/* A new engine is its files and one line here. */
static const struct wiki_engine *const engines[] = {
	&wiki_moin,
	&wiki_files,
};
#define ENGINE_COUNT (sizeof(engines) / sizeof(engines[0]))

static int
no_engine(const char *name, size_t n, struct fault *f)
{
	OWNED_BUF struct buf known = BUF_INIT(BUF_ANY);
	size_t i;

	for (i = 0; i < ENGINE_COUNT; i++)
		if (buf_format(&known, f, "%s '%s'", i > 0 ? "," : "",
			engines[i]->name) == -1)
			return -1;
	return fault_set(f, FAULT_CONFIG, "no engine '%.*s'; there is%s",
	    n < 40 ? (int)n : 40, name, known.data);
}

static int
find_engine(const char *name, const struct wiki_engine **engine,
    const char **place, struct fault *f)
{
	const char *colon = strchr(name, ':');
	size_t n, i;

	if (colon == NULL || colon[1] == '\0')
		return fault_set(f, FAULT_CONFIG, "is not ENGINE:PLACE");
	n = (size_t)(colon - name);
	for (i = 0; i < ENGINE_COUNT; i++)
		if (strlen(engines[i]->name) == n &&
		    memcmp(engines[i]->name, name, n) == 0)
			break;
	if (i == ENGINE_COUNT)
		return no_engine(name, n, f);
	*engine = engines[i];
	*place = colon + 1;
	return 0;
}

int
wiki_open(const char *name, const struct wiki_options *options,
    struct wiki **out, struct fault *f)
{
	const struct wiki_engine *engine = NULL;
	OWNED_MEM char *copy = NULL;
	const char *place = NULL;
	struct wiki *w = NULL;

	if (find_engine(name, &engine, &place, f) == -1)
		return fault_within(f, "wiki '%s'", name);
	copy = strdup(place);
	if (copy == NULL)
		return fault_memory(f);
	if (engine->open(place, options, &w, f) == -1)
		return fault_within(f, "wiki '%s'", name);
	w->engine = engine;
	w->place = own_give(&copy);
	*out = w;
	return 0;
}

void
wiki_close(struct wiki *w)
{
	if (w == NULL)
		return;
	free(w->place);
	w->place = NULL;
	w->engine->close(w);
}

void
wiki_close_p(struct wiki **w)
{
	wiki_close(*w);
	*w = NULL;
}

int
wiki_walk_open(struct wiki *w, struct wiki_walk **out, struct fault *f)
{
	struct wiki_walk *walk = NULL;

	if (w->engine->walk_open(w, &walk, f) == -1)
		return -1;
	walk->wiki = w;
	*out = walk;
	return 0;
}

int
wiki_walk_next(struct wiki_walk *walk, const struct wiki_entry **entry,
    bool *have, struct fault *f)
{
	return walk->wiki->engine->walk_next(walk, entry, have, f);
}

bool
wiki_walk_same(struct wiki_walk *walk, const char *stamp)
{
	return walk->wiki->engine->walk_same(walk, stamp);
}

void
wiki_walk_close(struct wiki_walk **walk)
{
	if (*walk != NULL)
		(*walk)->wiki->engine->walk_close(*walk);
	*walk = NULL;
}

void
wiki_page_init(struct wiki_page *p)
{
	*p = (struct wiki_page){ .text = BUF_INIT((size_t)ITEM_SIZE_MAX) };
}

void
wiki_page_clear(struct wiki_page *p)
{
	buf_clear(&p->text);
	free(p->revision);
	free(p->author);
	free(p->comment);
	free(p->lang);
	free(p->format);
	wiki_page_init(p);
}

int
wiki_read(struct wiki *w, const char *page, const char *file,
    struct wiki_page *out, struct fault *f)
{
	wiki_page_clear(out);
	return w->engine->read(w, page, file, out, f);
}

int
wiki_read_if_can(struct wiki *w, const char *page, struct wiki_page *out,
    struct fault *f)
{
	struct fault why = { 0 };

	if (wiki_read(w, page, NULL, out, &why) == 0)
		return 0;
	out->present = false;
	if (why.kind == FAULT_FORMAT || why.kind == FAULT_BUSY)
		return 0;
	*f = why;
	return -1;
}

int
wiki_next_text(struct wiki *w, struct wiki_walk *walk, const char **name,
    struct wiki_page *page, bool *have, struct fault *f)
{
	const struct wiki_entry *entry;

	for (;;) {
		if (wiki_walk_next(walk, &entry, have, f) == -1)
			return -1;
		if (!*have)
			return 0;
		if (entry->file != NULL || entry->trouble != NULL)
			continue;
		if (wiki_read_if_can(w, entry->page, page, f) == -1)
			return -1;
		*name = entry->page;
		if (page->present)
			return 0;
	}
}

int
wiki_revision(struct wiki *w, const char *page, const char *file,
    char **revision, struct fault *f)
{
	return w->engine->revision(w, page, file, revision, f);
}

int
wiki_can_hold(struct wiki *w, const struct item *item, struct fault *f)
{
	return w->engine->can_hold(w, item, f);
}

bool
wiki_has_power(struct wiki *w, const struct item *item)
{
	return w->engine->has_power(w, item);
}

bool
wiki_has_acl_lines(struct wiki *w)
{
	return w->engine->has_acl_lines;
}

bool
wiki_keeps_files(struct wiki *w)
{
	return w->engine->keeps_files;
}

void
wiki_job_clear(struct wiki_job *job)
{
	free(job->intent);
	free(job->revision);
	*job = (struct wiki_job){ 0 };
}

int
wiki_begin(struct wiki *w, bool keep_patterns, struct fault *f)
{
	return w->engine->begin(w, keep_patterns, f);
}

int
wiki_hold_off(struct wiki *w, struct fault *f)
{
	return w->engine->hold_off != NULL ? w->engine->hold_off(w, f) : 0;
}

int
wiki_intend(struct wiki *w, struct wiki_job *jobs, size_t n, struct fault *f)
{
	return w->engine->intend(w, jobs, n, f);
}

int
wiki_carry_out(struct wiki *w, struct wiki_job *jobs, size_t n, struct fault *f)
{
	return w->engine->carry_out(w, jobs, n, f);
}

int
wiki_finish(struct wiki *w, const char *intent, enum wiki_outcome *outcome,
    char **revision, struct fault *f)
{
	return w->engine->finish(w, intent, outcome, revision, f);
}
