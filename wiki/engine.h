/*
 * engine.h -- what an engine gives to wiki.c; for wiki/ only.
 *
 * Each member has the meaning of the wiki_* function of its name in wiki.h.
 * An engine's struct begins with struct wiki, a walk's with struct wiki_walk;
 * wiki.c sets what is in these when open() and walk_open() have returned, and
 * frees place before close().  read() gets an empty page.
 */
#ifndef WIKI_ENGINE_H
#define WIKI_ENGINE_H

#include "wiki/wiki.h"

struct wiki_engine {
	const char *name;
	int (*open)(const char *place, const struct wiki_options *options,
	    struct wiki **out, struct fault *f);
	void (*close)(struct wiki *w);
	int (*walk_open)(struct wiki *w, struct wiki_walk **out,
	    struct fault *f);
	int (*walk_next)(struct wiki_walk *walk,
	    const struct wiki_entry **entry, bool *have, struct fault *f);
	bool (*walk_same)(struct wiki_walk *walk, const char *stamp);
	void (*walk_close)(struct wiki_walk *walk);
	int (*read)(struct wiki *w, const char *page, const char *file,
	    struct wiki_page *out, struct fault *f);
	int (*revision)(struct wiki *w, const char *page, const char *file,
	    char **revision, struct fault *f);
	int (*can_hold)(struct wiki *w, const struct item *item,
	    struct fault *f);
	bool (*has_power)(struct wiki *w, const struct item *item);
	bool has_acl_lines;
	bool keeps_files;
	int (*begin)(struct wiki *w, bool keep_patterns, struct fault *f);
	int (*hold_off)(struct wiki *w, struct fault *f); /* NULL: nothing */
	int (*intend)(struct wiki *w, struct wiki_job *jobs, size_t n,
	    struct fault *f);
	int (*carry_out)(struct wiki *w, struct wiki_job *jobs, size_t n,
	    struct fault *f);
	int (*finish)(struct wiki *w, const char *intent,
	    enum wiki_outcome *outcome, char **revision, struct fault *f);
};

struct wiki {
	const struct wiki_engine *engine;
	char *place; /* owned; freed by wiki_close() */
};

struct wiki_walk {
	struct wiki *wiki;
};

extern const struct wiki_engine wiki_moin;
extern const struct wiki_engine wiki_files;

#endif
