#include "fetch/resolve.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "base/report.h"
#include "fetch/after.h"
#include "fetch/chosen.h"
#include "fetch/editor.h"
#include "fetch/fetch.h"
#include "fetch/merging.h"
#include "fetch/settle.h"
#include "items/name.h"
#include "items/text.h"

struct given {
	bool mine, theirs, edit, show;
	const char *feed;
	const char *attachment;
};

#define IN(member) offsetof(struct given, member)
const struct options_row resolve_rows[] = {
	{ "mine", 0, OPTIONS_FLAG, IN(mine), NULL,
	    "the local text stands, until the feed changes it again", 0, 0 },
	{ "theirs", 0, OPTIONS_FLAG, IN(theirs), NULL,
	    "the feed's text becomes the new revision", 0, 0 },
	{ "edit", 0, OPTIONS_FLAG, IN(edit), NULL,
	    "merge them in $VISUAL or $EDITOR, and install what comes of it", 0,
	    0 },
	{ "show", 0, OPTIONS_FLAG, IN(show), NULL,
	    "show what was changed here, and what by the feed", 0, 0 },
	{ "attachment", 0, OPTIONS_TEXT, IN(attachment), "FILE",
	    "this attachment of the page, not its text", 0, 0 },
	{ "feed", 0, OPTIONS_TEXT, IN(feed), "FEED",
	    "of this feed, where several bring the page", 0, 0 },
	{ 0 },
};
#undef IN

const char resolve_more[] =
    "One of --mine, --theirs, --edit, --show. The text that does not stand is\n"
    "in the wiki's history, or in the feed's.\n";

struct resolve {
	const struct options *o;
	const struct given *given;
	struct settings settings;
	int64_t now;
	char path[ITEM_PATH_MAX];
	struct buf name; /* of the item, for people */
	struct book book;
	/* what was found */
	const struct follow_settings *follow;
	bool brought; /* by any feed */
	struct book_feed feed;
	struct look look;
	struct digest three;
	bool has_base;
	struct buf base, theirs; /* texts; ours is in look */
	struct settle_result settled;
};

static void
clear(struct resolve *r)
{
	buf_clear(&r->name);
	buf_clear(&r->base);
	buf_clear(&r->theirs);
	look_clear(&r->look);
	book_feed_clear(&r->feed);
	book_close(&r->book);
	settings_clear(&r->settings);
}

static int
check_given(const struct given *g, struct fault *f)
{
	if (g->mine + g->theirs + g->edit + g->show != 1)
		return fault_set(f, FAULT_CONFIG,
		    "say one of '--mine', '--theirs', '--edit', '--show'");
	if (g->edit && g->attachment != NULL)
		return fault_set(f, FAULT_CONFIG,
		    "option '--edit' is for texts, not for attachments");
	return 0;
}

static int
take_path(struct resolve *r, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(sizeof(r->path) - 1);
	char *page = r->o->arguments.word[0];
	char *file = (char *)r->given->attachment;
	struct item item = { .kind = file != NULL ? ITEM_ATTACHMENT : ITEM_PAGE,
		.name = file != NULL ? file : page,
		.page = file != NULL ? page : NULL };

	if (name_check_page(page, f) == -1 ||
	    (file != NULL && name_check_file(file, f) == -1) ||
	    item_path(&item, &path, f) == -1) {
		f->kind = FAULT_CONFIG;
		return -1;
	}
	memcpy(r->path, path.data, path.len + 1);
	return item_describe(&item, &r->name, f);
}

/* ---- which feed ---- */

static bool
is_disputed(enum decide_answer answer)
{
	return answer == DECIDE_CONFLICT || answer == DECIDE_MERGE ||
	    answer == DECIDE_KEEP;
}

/* What --show and --edit need, while the wiki is open. */
static int
take_texts(struct resolve *r, const struct look_at *at, struct fault *f)
{
	struct look *l = &r->look;

	if (!item_is_text(l->item.kind))
		return 0;
	if (merging_base(at, l, &r->base, &r->has_base, f) == -1 ||
	    (l->theirs && look_content(at, l, f) == -1))
		return -1;
	return buf_add(&r->theirs, l->content.data, l->content.len, f);
}

/* Is it this feed's?  Then all that was found is in r. */
static int
look_feed(struct resolve *r, const struct follow_settings *follow, bool *found,
    struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = follow->underlay };
	struct look_at at = { .book = &r->book,
		.settings = &r->settings,
		.follow = follow,
		.feed = &r->feed,
		.now = r->now };
	struct digest rules;
	bool have;

	*found = false;
	if (book_feed_find(&r->book, follow->name, &r->feed, &have, f) == -1)
		return -1;
	if (!have || r->feed.stored == 0)
		return 0;
	settings_digest(follow, &rules);
	at.same_rules = digest_equal(&rules, &r->feed.settings);
	if (wiki_open(follow->wiki, &options, &wiki, f) == -1)
		return -1;
	at.wiki = wiki;
	if (record_shared(r->book.db, r->feed.row, follow->wiki, &at.shared,
		f) == -1 ||
	    look_item(&at, r->path, &r->look, f) == -1)
		return -1;
	r->brought |= r->look.theirs || r->look.record.have;
	*found = r->look.cause[0] == '\0' && is_disputed(r->look.answer);
	if (!*found)
		return 0;
	merging_three(&r->look, &r->three);
	return take_texts(r, &at, f);
}

static bool
may_be(const struct resolve *r, const struct follow_settings *follow)
{
	return follow->wiki != NULL &&
	    (r->given->feed == NULL ||
		strcmp(follow->name, r->given->feed) == 0);
}

static int
find_feed(struct resolve *r, struct fault *f)
{
	const struct settings *s = &r->settings;
	const struct follow_settings *first = NULL;
	bool found;
	size_t i;

	for (i = 0; i < s->follow_count; i++) {
		if (!may_be(r, &s->follows[i]))
			continue;
		buf_reset(&r->base);
		buf_reset(&r->theirs);
		if (look_feed(r, &s->follows[i], &found, f) == -1)
			return fault_within(f, "feed '%s'", s->follows[i].name);
		if (!found)
			continue;
		if (first != NULL)
			return fault_set(f, FAULT_CONFIG,
			    "%s: feeds '%s' and '%s' both bring it: say which "
			    "with '--feed'",
			    r->name.data, first->name, s->follows[i].name);
		first = &s->follows[i];
	}
	r->follow = first;
	if (first == NULL && !r->brought)
		return fault_set(f, FAULT_CONFIG, "no feed brings %s",
		    r->name.data);
	if (first == NULL)
		return 0;
	/* Others may have been looked at since. */
	buf_reset(&r->base);
	buf_reset(&r->theirs);
	return look_feed(r, first, &found, f);
}

/* Looking changes nothing for good, and so nobody waits for a person. */
static int
look_around(struct resolve *r, struct fault *f)
{
	int rc;

	if (db_begin(r->book.db, f) == -1)
		return -1;
	rc = find_feed(r, f);
	db_rollback(r->book.db);
	return rc;
}

/* ---- showing ---- */

static int
show_diff(const struct merge_text *from, const char *from_label,
    const struct merge_text *to, const char *to_label, struct fault *f)
{
	OWNED_BUF struct buf out = BUF_INIT(BUF_ANY);

	if (merge_diff(from, from_label, to, to_label, &out, f) == -1)
		return -1;
	return file_write(STDOUT_FILENO, out.data, out.len, f);
}

static void
sides_of(const struct resolve *r, struct merge_sides *s)
{
	*s = (struct merge_sides){ .ours = { r->look.ours.data,
				       r->look.ours.len },
		.theirs = { r->theirs.data, r->theirs.len },
		.base = { r->has_base ? r->base.data : NULL, r->base.len } };
}

static int
show(struct resolve *r, struct fault *f)
{
	const char *ours =
	    r->look.have_ours ? "this wiki" : "this wiki (deleted)";
	const char *theirs = r->look.theirs ? "the feed" : "the feed (removed)";
	char why[256];
	struct merge_sides s;

	sides_of(r, &s);
	if (!item_is_text(r->look.item.kind) ||
	    (r->look.have_ours && r->look.form != EDITS_TEXT)) {
		merging_explain(&r->look, "", why, sizeof(why));
		log_note("%s: %s", r->name.data, why);
		return 0;
	}
	if (!r->has_base)
		return show_diff(&s.ours, ours, &s.theirs, theirs, f);
	if (show_diff(&s.base, "before", &s.ours, ours, f) == -1)
		return -1;
	return show_diff(&s.base, "before", &s.theirs, theirs, f);
}

/* ---- settling ---- */

static int
say(struct resolve *r, const char *what, struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;

	if (r->o->verbosity == LOG_QUIET)
		return 0;
	if (report_start(r->o->json, STDOUT_FILENO, &out, f) == -1)
		return -1;
	if (r->o->json) {
		report_row(out, "resolve");
		report_text(out, "feed",
		    r->follow != NULL ? r->follow->name : NULL);
		report_text(out, "item", r->name.data);
		report_text(out, "result", what);
		if (report_row_end(out, f) == -1)
			return -1;
	} else if (report_say(out, f, "%s: %s", r->name.data, what) == -1) {
		return -1;
	}
	return report_end(out, f);
}

static const char *
result_text(const struct resolve *r)
{
	const struct settle_result *s = &r->settled;

	if (s->merged > 0)
		return "the merged text is the new revision";
	if (s->installed > 0)
		return "the feed's text is the new revision";
	if (s->removed > 0)
		return "is deleted, as the feed has it";
	return r->look.have_ours ? "the local text stands" : "stays deleted";
}

static int
settle(struct resolve *r, enum settle_choice choice, const struct buf *text,
    struct fault *f)
{
	const struct settle_one one = { .path = r->path,
		.choice = choice,
		.text = text,
		.three = &r->three };
	const struct settle_result *s = &r->settled;
	bool ran;

	if (settle_item(&r->book, &r->settings, r->follow, &r->feed, r->now,
		r->o->dry_run, &one, &r->settled, f) == -1)
		return -1;
	if (s->locked > 0)
		return fault_set(f, FAULT_ATTENTION,
		    "%s is being edited in the wiki; try again", r->name.data);
	if (s->skipped > 0)
		return fault_set(f, FAULT_ATTENTION,
		    "%s could not be written; 'wikicast status' tells why",
		    r->name.data);
	if (!r->o->dry_run && s->merged + s->installed + s->removed > 0 &&
	    after_hook(&r->book, r->follow, &r->feed, true, &ran, f) == -1)
		return -1;
	return say(r, result_text(r), f);
}

static int
open_book(struct resolve *r, struct fault *f)
{
	if (book_open(r->settings.state, FETCH_LOCK_SECONDS, &r->book, f) == -1)
		return -1;
	return r->o->dry_run ? db_rehearse(r->book.db, f) : 0;
}

static int
check_edited(const struct resolve *r, const struct buf *text, const char *kept,
    struct fault *f)
{
	struct merge_sides s;

	sides_of(r, &s);
	if (merge_is_marked(&s, text->data, text->len))
		return fault_set(f, FAULT_ATTENTION,
		    "marks still stand; the edited text is in '%s'", kept);
	if (text_check(text->data, text->len, f) == -1) {
		f->kind = FAULT_ATTENTION;
		return fault_within(f, "the edited text, in '%s'", kept);
	}
	return 0;
}

/* Nobody else is kept waiting by the editor: the lock is given back. */
static int
edit(struct resolve *r, struct fault *f)
{
	OWNED_BUF struct buf raw = BUF_INIT(ITEM_SIZE_MAX);
	OWNED_BUF struct buf text = BUF_INIT(ITEM_SIZE_MAX);
	OWNED_MEM char *kept = NULL;
	struct merge_sides s;

	sides_of(r, &s);
	if (!item_is_text(r->look.item.kind) ||
	    (r->look.have_ours && r->look.form != EDITS_TEXT))
		return fault_set(f, FAULT_ATTENTION,
		    "what is in the wiki is no text");
	if (merge_marked(&s, &raw, f) == -1)
		return -1;
	book_close(&r->book);
	if (editor_edit(&raw, &kept, f) == -1 ||
	    text_to_lf(raw.data, raw.len, &text, f) == -1 ||
	    check_edited(r, &text, kept, f) == -1)
		return -1;
	if (open_book(r, f) == -1 || settle(r, SETTLE_TEXT, &text, f) == -1)
		return fault_within(f, "the edited text is in '%s'", kept);
	editor_forget(kept);
	return 0;
}

static int
act(struct resolve *r, struct fault *f)
{
	if (r->follow == NULL)
		return say(r, "is not in dispute, nothing to resolve", f);
	if (r->given->show)
		return show(r, f);
	if (r->given->edit)
		return edit(r, f);
	return settle(r, r->given->mine ? SETTLE_MINE : SETTLE_THEIRS, NULL, f);
}

static int
run(struct resolve *r, struct fault *f)
{
	const struct follow_settings *named;

	if (check_given(r->given, f) == -1 || take_path(r, f) == -1 ||
	    settings_load(r->o->config, &r->settings, f) == -1 ||
	    (r->given->feed != NULL &&
		chosen_find(&r->settings, r->given->feed, &named, f) == -1) ||
	    file_become_owner(r->settings.state, f) == -1 ||
	    open_book(r, f) == -1 || look_around(r, f) == -1)
		return -1;
	return act(r, f) == -1 ? fault_within(f, "%s", r->name.data) : 0;
}

int
resolve_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct given given = { .mine = false };
	OWNED(clear) struct resolve r = { .o = &o,
		.given = &given,
		.settings = { .state = NULL },
		.name = BUF_INIT(BUF_ANY),
		.book = BOOK_INIT,
		.feed = BOOK_FEED_INIT,
		.base = BUF_INIT(ITEM_SIZE_MAX + 4096),
		.theirs = BUF_INIT(ITEM_SIZE_MAX + 4096),
		.now = time_now() };

	look_init(&r.look);
	if (options_parse(verb, argc, argv, &given, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	return run(&r, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
