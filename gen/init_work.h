/*
 * init_work.h -- what `wikicast init` is at; for gen/init*.c only.
 */
#ifndef GEN_INIT_WORK_H
#define GEN_INIT_WORK_H

#include "base/options.h"
#include "base/report.h"
#include "gen/publisher.h"
#include "gen/takeover.h"

struct init_given { /* on the command line */
	const char *wiki, *underlay, *url, *site, *title, *key, *user_id;
	const char *home, *state, *expires, *every, *take_over;
	struct words pages, patterns, interwiki, not_pages;
	int64_t after;
	bool allow_drop;
};

struct init {
	const struct options *o;
	struct init_given given;
	const char *name;
	char *path;	       /* file that the sections go to */
	struct config *config; /* until settings have it */
	struct publisher settings;
	bool have_state, have_publish; /* sections that exist */
	char *wiki, *url, *site, *title, *home, *state; /* answers */
	struct buf text;				/* the new sections */
	struct takeover copy;				/* --take-over */
	struct takeover_difference difference;		/* the wiki's from it */
	char *expires;					/* as in the copy */
	bool fill;	/* the wiki is to be made from the copy */
	bool in_place;	/* the copy is where the feed will be */
	int64_t filled; /* items that were written into the wiki */
};

/* ---- init_answer.c: what no option says ---- */

int init_answer(struct init *in, struct fault *f)
    __attribute__((warn_unused_result));

/* What a section that exists has; owned by the caller. */
int init_known(const struct init *in, const char *kind, const char *key,
    char **out, struct fault *f) __attribute__((warn_unused_result));

/* ---- init_takeover.c ---- */

/* Read the copy; what it says stands for options that are missing. */
int init_takeover_read(struct init *in, struct fault *f)
    __attribute__((warn_unused_result));
/* With in->wiki: what is to be published. */
int init_takeover_pages(struct init *in, struct fault *f)
    __attribute__((warn_unused_result));
/* Lines of the feed's section that come from the copy. */
int init_takeover_write(struct init *in, struct fault *f)
    __attribute__((warn_unused_result));
/* With settings: is everything as it must be, and nothing lost? */
int init_takeover_check(struct init *in, struct fault *f)
    __attribute__((warn_unused_result));
int init_takeover_make(struct init *in, struct fault *f)
    __attribute__((warn_unused_result));
int init_takeover_say(struct init *in, struct report *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
