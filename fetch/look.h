/*
 * look.h -- one item of the store beside one item of the wiki: what is to be
 * done?
 *
 * Gathers the three sides of decide_item() as cheaply as they can be had: a
 * content is read only where digest and revision do not tell.
 */
#ifndef FETCH_LOOK_H
#define FETCH_LOOK_H

#include "fetch/book.h"
#include "fetch/record.h"
#include "fetch/settings.h"
#include "items/edits.h"
#include "wiki/wiki.h"

struct look_at { /* borrowed, for all items of a run */
	struct book *book;
	const struct settings *settings;
	const struct follow_settings *follow;
	const struct book_feed *feed;
	struct wiki *wiki;
	int64_t now;
	bool shared;	 /* other feeds have installed in it, too */
	bool same_rules; /* the configuration is that of the last settle */
};

struct look {
	struct item item; /* the feed's, or only names if it has none */
	bool theirs;	  /* the feed has it */
	struct record record;
	struct digest wrote; /* of what would be written */
	struct buf content;  /* that, if it was read; see look_content() */
	bool have_content;
	bool merged;	/* content is another text, which has wrote in it */
	bool have_ours; /* the wiki has it */
	struct digest ours_digest; /* then */
	struct buf ours;	   /* that, if form is EDITS_TEXT */
	enum edits_form form;	   /* of ours, for edits.h */
	char *before;		   /* the wiki's revision; NULL: absent */
	enum decide_answer answer;
	bool waits;	 /* `hold`; cause says until when */
	char cause[256]; /* why it is skipped; "" if it is not */
};

#define OWNED_LOOK OWNED(look_clear)

void look_init(struct look *l);
void look_clear(struct look *l);

int look_item(const struct look_at *at, const char *path, struct look *l,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Read what is to be written (DECIDE_PUT), after the #acl rule, without bad
 * patterns.
 */
int look_content(const struct look_at *at, struct look *l, struct fault *f)
    __attribute__((warn_unused_result));

#endif
