#include "fetch/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/ask.h"
#include "base/file.h"
#include "base/num.h"
#include "base/report.h"
#include "base/section.h"
#include "fetch/given.h"
#include "fetch/preview.h"
#include "wiki/wiki.h"

struct given { /* on the command line */
	struct words signers, pages, not_pages, grants, languages;
	const char *threshold, *wiki, *prefix, *underlay, *serve, *id,
	    *certificate;
	const char *acl, *max_drop, *state;
	bool yes;
};

#define IN(member) offsetof(struct given, member)
const struct options_row follow_rows[] = {
	{ "signer", 0, OPTIONS_LIST, IN(signers), "FPR",
	    "fingerprint of a key that must sign; may be given again", 0, 0 },
	{ "threshold", 0, OPTIONS_TEXT, IN(threshold), "N",
	    "how many of the signers must sign", 0, 0 },
	{ "certificate", 0, OPTIONS_TEXT, IN(certificate), "FILE",
	    "the signers' certificates (else the feed's own key.asc)", 0, 0 },
	{ "id", 0, OPTIONS_TEXT, IN(id), "ID",
	    "the feed's id (else the one that the feed has now)", 0, 0 },
	{ "wiki", 0, OPTIONS_TEXT, IN(wiki), "ENGINE:PLACE",
	    "the wiki to install into, such as moin:/srv/wiki/data", 0, 0 },
	{ "prefix", 0, OPTIONS_TEXT, IN(prefix), "PREFIX",
	    "in front of the names of its pages here", 0, 0 },
	{ "underlay", 0, OPTIONS_TEXT, IN(underlay), "DIR",
	    "MoinMoin's underlay (else the one beside the data)", 0, 0 },
	{ "pages", 0, OPTIONS_LIST, IN(pages), "GLOB",
	    "install these (else all); may be given again", 0, 0 },
	{ "not", 0, OPTIONS_LIST, IN(not_pages), "GLOB", "never install these",
	    0, 0 },
	{ "languages", 0, OPTIONS_LIST, IN(languages), "LANG",
	    "install pages in these languages, such as en", 0, 0 },
	{ "grant", 0, OPTIONS_LIST, IN(grants), "GLOB",
	    "let the feed write these pages that give power", 0, 0 },
	{ "acl", 0, OPTIONS_TEXT, IN(acl), "RULE",
	    "#acl lines: drop, accept, refuse, or \"#acl All:read\"", 0, 0 },
	{ "max-drop", 0, OPTIONS_TEXT, IN(max_drop), "N%",
	    "more removals at once wait for a person (else 25%)", 0, 0 },
	{ "serve", 0, OPTIONS_TEXT, IN(serve), "DIR",
	    "keep a copy there for this site's web server", 0, 0 },
	{ "state", 0, OPTIONS_TEXT, IN(state), "DIR",
	    "folder of databases, where the configuration has none", 0, 0 },
	{ "yes", 'y', OPTIONS_FLAG, IN(yes), NULL, "do not ask", 0, 0 },
	{ 0 },
};
#undef IN

const char follow_more[] =
    "The feed is fetched and checked, what it would bring is shown (with -v\n"
    "each item), and the answer y writes a section [follow NAME] to the\n"
    "configuration.  The fingerprint comes from the publisher by another way\n"
    "than the web site that the feed is on.\n";

struct follow {
	const struct options *o;
	struct given given;
	const char *name;
	char *path;	       /* file that the section goes to */
	struct config *config; /* until settings have it */
	struct settings settings;
	bool have_state;			  /* the section exists */
	char *state, *wiki, *serve, *certificate; /* absolute */
	struct words mirrors, signers, languages;
	struct buf text; /* the new sections */
	struct preview preview;
};

static void
clear(struct follow *w)
{
	words_clear(&w->given.signers);
	words_clear(&w->given.pages);
	words_clear(&w->given.not_pages);
	words_clear(&w->given.grants);
	words_clear(&w->given.languages);
	words_clear(&w->mirrors);
	words_clear(&w->signers);
	words_clear(&w->languages);
	free(w->path);
	free(w->state);
	free(w->wiki);
	free(w->serve);
	free(w->certificate);
	buf_clear(&w->text);
	preview_clear(&w->preview);
	config_free(w->config);
	settings_clear(&w->settings);
}

/* ---- what was given ---- */

static int
load(struct follow *w, struct fault *f)
{
	const struct config_section *s;

	if (!section_name_valid(w->name))
		return fault_set(f, FAULT_CONFIG,
		    "'%s' cannot be a feed's "
		    "name here: it has only letters, digits, '-' and '_'",
		    w->name);
	if (config_load_to_add(w->o->config, w->name, &w->config, &w->path,
		f) == -1)
		return -1;
	if (w->config == NULL)
		return 0;
	s = config_find(w->config, "follow", w->name);
	if (s != NULL)
		return fault_set(f, FAULT_CONFIG,
		    "'%s' is followed already "
		    "(%s:%d): edit it there, or 'wikicast unfollow %s' first",
		    w->name, s->file, s->line, w->name);
	w->have_state = config_find(w->config, "state", NULL) != NULL;
	return 0;
}

static int
take_wiki(struct follow *w, struct fault *f)
{
	OWNED_MEM char *answer = NULL;
	const char *wiki = w->given.wiki;

	if (wiki == NULL && w->given.serve == NULL && ask_possible()) {
		if (ask_text("Wiki to install into, such as "
			     "moin:/srv/wiki/data",
			NULL, &answer, f) == -1)
			return -1;
		wiki = answer;
	}
	if (wiki == NULL && w->given.serve == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "say '--wiki ENGINE:PLACE', "
		    "into which to install, or '--serve DIR', a folder to "
		    "keep a copy in");
	return wiki == NULL ? 0 : section_place(wiki, &w->wiki, f);
}

static int
take_paths(struct follow *w, struct fault *f)
{
	const struct given *g = &w->given;
	size_t i;

	if ((g->serve != NULL && section_path(g->serve, &w->serve, f) == -1) ||
	    (g->certificate != NULL &&
		section_path(g->certificate, &w->certificate, f) == -1))
		return -1;
	for (i = 0; i < g->languages.count; i++)
		if (words_split(g->languages.word[i], &w->languages, f) == -1)
			return -1;
	if (g->state != NULL && w->have_state)
		return fault_set(f, FAULT_CONFIG,
		    "option '--state' is for a "
		    "configuration without a section [state]; this one has "
		    "it");
	if (g->state != NULL)
		return section_path(g->state, &w->state, f);
	return w->have_state ? 0 : section_state(&w->state, f);
}

/* ---- the sections ---- */

static int
write_acl(struct buf *b, const char *rule, struct fault *f)
{
	if (rule != NULL && strncmp(rule, "set ", 4) == 0)
		rule += 4;
	if (rule == NULL || rule[0] != '#')
		return section_value(b, "acl", rule, f);
	if (buf_add_text(b, "acl = set ", f) == -1 ||
	    words_quote(rule, b, f) == -1)
		return -1;
	return buf_add_text(b, "\n", f);
}

static int
write_text(struct follow *w, const char *id, struct fault *f)
{
	const struct given *g = &w->given;
	struct buf *b = &w->text;

	buf_reset(b);
	if (!w->have_state &&
	    (section_begin(b, "state", NULL, f) == -1 ||
		section_value(b, "dir", w->state, f) == -1))
		return -1;
	if (section_begin(b, "follow", w->name, f) == -1 ||
	    section_values(b, "mirror", &w->mirrors, f) == -1 ||
	    section_value(b, "id", id, f) == -1 ||
	    section_values(b, "signer", &w->signers, f) == -1 ||
	    section_value(b, "threshold", g->threshold, f) == -1 ||
	    section_value(b, "certificate", w->certificate, f) == -1 ||
	    section_value(b, "wiki", w->wiki, f) == -1 ||
	    section_value(b, "underlay", g->underlay, f) == -1 ||
	    section_value(b, "prefix", g->prefix, f) == -1 ||
	    section_values(b, "pages", &g->pages, f) == -1 ||
	    section_values(b, "not", &g->not_pages, f) == -1 ||
	    section_values(b, "languages", &w->languages, f) == -1 ||
	    section_values(b, "grant", &g->grants, f) == -1 ||
	    write_acl(b, g->acl, f) == -1 ||
	    section_value(b, "max-drop", g->max_drop, f) == -1)
		return -1;
	return section_value(b, "serve", w->serve, f);
}

static int
check_text(struct follow *w, struct fault *f)
{
	struct config *all;

	if (write_text(w, w->given.id, f) == -1)
		return -1;
	if (config_add(&w->config, SECTION_NEW, w->text.data, w->text.len, f) ==
	    -1)
		return section_blame(&w->text, "mirror", f);
	all = w->config;
	w->config = NULL;
	if (settings_take(all, &w->settings, f) == -1)
		return section_blame(&w->text, "mirror", f);
	return w->o->dry_run ? 0 : section_writable(w->path, f);
}

static int
check_wiki(const struct follow *w, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = w->given.underlay };

	return w->wiki == NULL ? 0 : wiki_open(w->wiki, &options, &wiki, f);
}

/* ---- showing ---- */

static int
say_signers(const struct follow *w, struct report *out, struct fault *f)
{
	const struct follow_settings *follow =
	    settings_find(&w->settings, w->name);
	size_t i;

	for (i = 0; i < w->signers.count; i++)
		if (report_say(out, f, "%s %s", i == 0 ? "signer:" : "       ",
			w->signers.word[i]) == -1)
			return -1;
	if (follow->signers.threshold == 1 && w->signers.count == 1)
		return 0;
	return report_say(out, f, "        (of these at least %zu signed it)",
	    follow->signers.threshold);
}

static int
say_wiki(const struct follow *w, struct report *out, struct fault *f)
{
	const struct settle_result *r = &w->preview.result;

	if (!w->preview.settled)
		return 0;
	return report_say(out, f,
	    "wiki:   of %lld items %lld would be "
	    "installed, %lld are there already, %lld would be left out, "
	    "%lld were edited here%s",
	    (long long)w->preview.items, (long long)r->installed,
	    (long long)r->adopted, (long long)r->skipped,
	    (long long)r->edited + r->conflicts,
	    r->skipped + r->edited + r->conflicts > 0 ?
		" (-v tells each, and why)" :
		"");
}

static int
say_preview(const struct follow *w, struct report *out, struct fault *f)
{
	const struct preview *p = &w->preview;
	char updated[TIME_TEXT], expires[TIME_TEXT];

	time_format(p->updated, updated);
	time_format(p->expires, expires);
	if (report_say(out, f, "title:  %s", p->title) == -1 ||
	    report_say(out, f, "id:     %s", p->id) == -1 ||
	    report_say(out, f, "serial: %lld, signed %s, good until %s",
		(long long)p->serial, updated, expires) == -1 ||
	    say_signers(w, out, f) == -1)
		return -1;
	if (!p->settled)
		return report_say(out, f, "items:  %lld", (long long)p->items);
	return say_wiki(w, out, f);
}

static int
show(const struct follow *w, struct fault *f)
{
	const struct preview *p = &w->preview;
	OWNED(report_free) struct report *out = NULL;

	if (report_start(w->o->json, STDOUT_FILENO, &out, f) == -1 ||
	    say_preview(w, out, f) == -1)
		return -1;
	if (w->o->json) {
		report_row(out, "preview");
		report_text(out, "feed", w->name);
		report_text(out, "title", p->title);
		report_text(out, "id", p->id);
		report_number(out, "serial", p->serial);
		report_time(out, "updated", p->updated);
		report_time(out, "expires", p->expires);
		report_words(out, "signers", &w->signers);
		report_text(out, "mirror", p->mirror);
		report_number(out, "items", p->items);
		report_number(out, "installed", p->result.installed);
		report_number(out, "adopted", p->result.adopted);
		report_number(out, "skipped", p->result.skipped);
		report_number(out, "edited",
		    p->result.edited + p->result.conflicts);
		report_text(out, "config", w->path);
		if (report_row_end(out, f) == -1)
			return -1;
	}
	return report_end(out, f);
}

/* ---- doing ---- */

/*
 * A state folder that root makes would be root's, and fetch becomes its owner:
 * it is made for the owner of the wiki, who may write there.
 */
static int
make_state(const struct follow *w, struct fault *f)
{
	const char *state = w->settings.state;
	const char *place =
	    w->wiki != NULL ? strchr(w->wiki, ':') + 1 : w->serve;
	bool is_there = access(state, F_OK) == 0;
	struct stat st;

	if (file_make_folders(AT_FDCWD, state, 0700, f) == -1)
		return -1;
	if (geteuid() != 0 || is_there || stat(place, &st) == -1)
		return 0;
	if (chown(state, st.st_uid, st.st_gid) == -1)
		return fault_system(f, errno, "state folder '%s'", state);
	return 0;
}

static int
ask(const struct follow *w, bool *yes, struct fault *f)
{
	*yes = w->given.yes;
	if (*yes)
		return 0;
	if (!ask_possible())
		return fault_set(f, FAULT_CONFIG,
		    "not followed: there is no "
		    "terminal to ask at; '--yes' says that this is the feed "
		    "you mean");
	return ask_yes("Follow it?", yes, f);
}

static int
finish(struct follow *w, struct fault *f)
{
	bool yes;

	if (write_text(w, w->preview.id, f) == -1)
		return -1;
	if (w->o->dry_run) {
		log_note("this would be added to '%s'", w->path);
		return w->o->json ?
		    0 :
		    file_write(STDOUT_FILENO, w->text.data, w->text.len, f);
	}
	if (ask(w, &yes, f) == -1)
		return -1;
	if (!yes) {
		log_note("not followed; nothing was changed");
		return 0;
	}
	if (make_state(w, f) == -1 || section_write(w->path, &w->text, f) == -1)
		return -1;
	log_note("'%s' is followed now, as '%s' says; next: wikicast fetch%s%s"
		 " %s",
	    w->name, w->path, w->o->config != NULL ? " -c " : "",
	    w->o->config != NULL ? w->o->config : "", w->name);
	return 0;
}

static int
run(struct follow *w, struct fault *f)
{
	const struct words *arguments = &w->o->arguments;

	w->name = arguments->word[0];
	if (load(w, f) == -1 ||
	    given_urls(arguments, 1, arguments->count, &w->mirrors, f) == -1 ||
	    given_signers(&w->given.signers, &w->signers, f) == -1 ||
	    take_wiki(w, f) == -1 || take_paths(w, f) == -1 ||
	    check_text(w, f) == -1 || check_wiki(w, f) == -1 ||
	    preview_feed(&w->settings, settings_find(&w->settings, w->name),
		w->o->verbosity == LOG_VERBOSE, &w->preview, f) == -1)
		return -1;
	log_start("wikicast", w->o->verbosity);
	if ((w->o->verbosity != LOG_QUIET || w->o->json) && show(w, f) == -1)
		return -1;
	return finish(w, f);
}

int
follow_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	OWNED(clear) struct follow w = { .o = &o,
		.mirrors = WORDS_INIT,
		.signers = WORDS_INIT,
		.languages = WORDS_INIT,
		.text = BUF_INIT(BUF_ANY) };

	if (options_parse(verb, argc, argv, &w.given, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	return run(&w, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
