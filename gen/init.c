#include "gen/init.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/section.h"
#include "feeds/signature.h"
#include "gen/init_work.h"
#include "wiki/wiki.h"

#define IN(member) offsetof(struct init_given, member)
const struct options_row init_rows[] = {
	{ "wiki", 0, OPTIONS_TEXT, IN(wiki), "ENGINE:PLACE",
	    "the wiki to publish, such as moin:/srv/wiki/data", 0, 0 },
	{ "url", 0, OPTIONS_TEXT, IN(url), "URL",
	    "where the web server will show SITE/NAME/", 0, 0 },
	{ "site", 0, OPTIONS_TEXT, IN(site), "DIR",
	    "folder of the web server to publish into", 0, 0 },
	{ "pages", 0, OPTIONS_LIST, IN(pages), "GLOB",
	    "pages to publish; may be given again", 0, 0 },
	{ "patterns", 0, OPTIONS_LIST, IN(patterns), "GLOB",
	    "antispam lists to publish, such as BadContent", 0, 0 },
	{ "interwiki", 0, OPTIONS_LIST, IN(interwiki), "GLOB",
	    "interwiki maps to publish, such as InterWikiMap", 0, 0 },
	{ "not", 0, OPTIONS_LIST, IN(not_pages), "GLOB",
	    "pages that are not published", 0, 0 },
	{ "title", 0, OPTIONS_TEXT, IN(title), "TEXT",
	    "the feed's title for people (else NAME)", 0, 0 },
	{ "key", 0, OPTIONS_TEXT, IN(key), "FPR",
	    "fingerprint of the key that signs (else one is made)", 0, 0 },
	{ "gnupg-home", 0, OPTIONS_TEXT, IN(home), "DIR",
	    "GnuPG's folder with that key (else STATE/gnupg)", 0, 0 },
	{ "user-id", 0, OPTIONS_TEXT, IN(user_id), "TEXT",
	    "name of a new key (else the title)", 0, 0 },
	{ "state", 0, OPTIONS_TEXT, IN(state), "DIR",
	    "folder of databases and keys", 0, 0 },
	{ "expires", 0, OPTIONS_TEXT, IN(expires), "TIME",
	    "how long a signature counts (else 30d)", 0, 0 },
	{ "every", 0, OPTIONS_TEXT, IN(every), "TIME",
	    "publish at most once in this time, such as 15m", 0, 0 },
	{ "underlay", 0, OPTIONS_TEXT, IN(underlay), "DIR",
	    "MoinMoin's underlay (else the one beside the data)", 0, 0 },
	{ "take-over", 0, OPTIONS_TEXT, IN(take_over), "DIR",
	    "go on with the feed of which this is a copy", 0, 0 },
	{ "after", 0, OPTIONS_NUMBER, IN(after), "SERIAL",
	    "with --take-over: nobody has seen a later serial", 1, 0 },
	{ "allow-drop", 0, OPTIONS_FLAG, IN(allow_drop), NULL,
	    "with --take-over: remove what the wiki lacks", 0, 0 },
	{ 0 },
};
#undef IN

const char init_more[] =
    "What is missing is asked for at a terminal.  The sections go to the\n"
    "file of -c, else to wikicast.conf, or where that exists to\n"
    "conf.d/NAME.conf beside it; nothing that stands there is changed.\n"
    "With --take-over, title, time, mirrors and peers come from the copy, and\n"
    "so do the pages, if --wiki is files: and an empty folder or none.\n";

static void
clear(struct init *in)
{
	words_clear(&in->given.pages);
	words_clear(&in->given.patterns);
	words_clear(&in->given.interwiki);
	words_clear(&in->given.not_pages);
	free(in->path);
	free(in->wiki);
	free(in->url);
	free(in->site);
	free(in->title);
	free(in->home);
	free(in->state);
	free(in->expires);
	takeover_clear(&in->copy);
	takeover_difference_clear(&in->difference);
	buf_clear(&in->text);
	config_free(in->config);
	publisher_clear(&in->settings);
}

/* ---- what is there ---- */

static int
load(struct init *in, struct fault *f)
{
	const struct config_section *s;

	if (!section_name_valid(in->name))
		return fault_set(f, FAULT_CONFIG,
		    "'%s' cannot be a feed's "
		    "name: it has only letters, digits, '-' and '_'",
		    in->name);
	if (config_load_to_add(in->o->config, in->name, &in->config, &in->path,
		f) == -1)
		return -1;
	if (in->config == NULL)
		return 0;
	s = config_find(in->config, "feed", in->name);
	if (s != NULL)
		return fault_set(f, FAULT_CONFIG,
		    "feed '%s' exists already "
		    "(%s:%d): choose another name, or edit it there",
		    in->name, s->file, s->line);
	in->have_state = config_find(in->config, "state", NULL) != NULL;
	in->have_publish = config_find(in->config, "publish", NULL) != NULL;
	return 0;
}

/* ---- the sections ---- */

static int
write_feed(struct init *in, struct fault *f)
{
	const struct init_given *g = &in->given;
	struct buf *b = &in->text;

	if (section_begin(b, "feed", in->name, f) == -1 ||
	    section_value(b, "title", in->title, f) == -1 ||
	    section_value(b, "url", in->url, f) == -1 ||
	    section_value(b, "wiki", in->wiki, f) == -1 ||
	    section_value(b, "underlay", g->underlay, f) == -1 ||
	    section_values(b, "pages", &g->pages, f) == -1 ||
	    section_values(b, "patterns", &g->patterns, f) == -1 ||
	    section_values(b, "interwiki", &g->interwiki, f) == -1 ||
	    section_values(b, "not", &g->not_pages, f) == -1 ||
	    section_value(b, "expires", g->expires, f) == -1 ||
	    section_value(b, "every", g->every, f) == -1)
		return -1;
	return g->take_over != NULL ? init_takeover_write(in, f) : 0;
}

static int
write_text(struct init *in, const char *key, struct fault *f)
{
	struct buf *b = &in->text;

	buf_reset(b);
	if (!in->have_state &&
	    (section_begin(b, "state", NULL, f) == -1 ||
		section_value(b, "dir", in->state, f) == -1))
		return -1;
	if (!in->have_publish &&
	    (section_begin(b, "publish", NULL, f) == -1 ||
		section_value(b, "site", in->site, f) == -1 ||
		section_value(b, "key", key, f) == -1 ||
		section_value(b, "gnupg-home", in->home, f) == -1))
		return -1;
	return write_feed(in, f);
}

/* What all feeds share stands already: another value is a misunderstanding. */
static int
check_same(const char *option, const char *given, const char *stands,
    struct fault *f)
{
	if (given == NULL || strcmp(given, stands) == 0)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "option '--%s' says '%s', but the "
	    "configuration has '%s' for all feeds: leave the option out, or "
	    "name another configuration with -c",
	    option, given, stands);
}

static int
check_shared(struct init *in, struct fault *f)
{
	const struct publisher *s = &in->settings;
	char key[FINGERPRINT_TEXT];

	if (check_same("state", in->state, s->state, f) == -1)
		return -1;
	if (!in->have_publish)
		return 0;
	if (check_same("site", in->site, s->site, f) == -1 ||
	    check_same("gnupg-home", in->home, s->home, f) == -1)
		return -1;
	if (in->given.key == NULL)
		return 0;
	if (fingerprint_parse(in->given.key, key, f) == -1)
		return fault_within(f, "option '--key'");
	return check_same("key", key, s->key, f);
}

static int
check_text(struct init *in, struct fault *f)
{
	static const char no_key[] = "0000000000000000000000000000000000000000";
	struct config *all;

	if (write_text(in, in->given.key != NULL ? in->given.key : no_key, f) ==
	    -1)
		return -1;
	if (config_add(&in->config, SECTION_NEW, in->text.data, in->text.len,
		f) == -1)
		return section_blame(&in->text, NULL, f);
	all = in->config;
	in->config = NULL;
	if (publisher_take(all, &in->settings, f) == -1)
		return section_blame(&in->text, NULL, f);
	return check_shared(in, f);
}

static int
check_wiki(const struct init *in, struct fault *f)
{
	OWNED(wiki_close_p) struct wiki *wiki = NULL;
	struct wiki_options options = { .underlay = in->given.underlay };

	if (in->fill)
		return 0;
	return wiki_open(in->wiki, &options, &wiki, f);
}

/* Folders and keys that root makes would be of no use to their owner. */
static int
check_owner(const struct init *in, struct fault *f)
{
	const struct passwd *pw;
	struct stat st;

	if (geteuid() != 0 || stat(in->settings.state, &st) == -1 ||
	    st.st_uid == 0)
		return 0;
	pw = getpwuid(st.st_uid);
	return fault_set(f, FAULT_CONFIG,
	    "the state folder '%s' belongs to "
	    "'%s': run this as that user, with -c FILE if need be",
	    in->settings.state, pw != NULL ? pw->pw_name : "another user");
}

/* ---- making it ---- */

static bool
makes_key(const struct init *in)
{
	return !in->have_publish && in->given.key == NULL;
}

/* A key that cannot sign is found out now, not by cron at night. */
static int
try_key(const struct init *in, struct fault *f)
{
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);

	if (signature_start(f) == -1)
		return -1;
	if (makes_key(in))
		return 0;
	if (access(in->settings.home, F_OK) == -1)
		return fault_set(f, FAULT_CONFIG,
		    "key %s: there is no folder "
		    "'%s': name the one that GnuPG has it in with "
		    "'--gnupg-home'",
		    in->settings.key, in->settings.home);
	return signature_sign(in->settings.home, in->settings.key, "", 0,
	    &packets, f);
}

static int
make_key(struct init *in, struct fault *f)
{
	const char *user = in->given.user_id;
	char key[FINGERPRINT_TEXT];

	if (!makes_key(in))
		return 0;
	if (signature_make_key(in->settings.home,
		user != NULL ? user : in->title, key, f) == -1)
		return -1;
	memcpy(in->settings.key, key, sizeof(key));
	return 0;
}

static int
make(struct init *in, struct fault *f)
{
	if (section_writable(in->path, f) == -1 || try_key(in, f) == -1 ||
	    file_make_folders(AT_FDCWD, in->settings.state, 0700, f) == -1 ||
	    file_make_folders(AT_FDCWD, in->settings.site, 0755, f) == -1 ||
	    (in->given.take_over != NULL && init_takeover_make(in, f) == -1) ||
	    make_key(in, f) == -1 || write_text(in, in->settings.key, f) == -1)
		return -1;
	return section_write(in->path, &in->text, f);
}

static int
say(struct init *in, struct report *out, struct fault *f)
{
	const struct publisher *s = &in->settings;
	bool made = makes_key(in);

	if (in->given.take_over != NULL && init_takeover_say(in, out, f) == -1)
		return -1;
	if (!in->o->json) {
		if (report_say(out, f, "feed '%s' is set up in '%s'", in->name,
			in->path) == -1 ||
		    report_say(out, f, "it is signed by the %s %s",
			made ? "new key" : "key", s->key) == -1 ||
		    (made &&
			report_say(out, f,
			    "back up '%s': without this "
			    "key nobody can publish the feed",
			    s->home) == -1) ||
		    (in->given.take_over == NULL &&
			report_say(out, f,
			    "tell the fingerprint to those who "
			    "follow, by another way than the web site") == -1))
			return -1;
		return report_say(out, f, "next: wikicast gen%s%s",
		    in->o->config != NULL ? " -c " : "",
		    in->o->config != NULL ? in->o->config : "");
	}
	report_row(out, "publisher");
	report_text(out, "feed", in->name);
	report_text(out, "config", in->path);
	report_text(out, "state", s->state);
	report_text(out, "site", s->site);
	report_text(out, "url", in->url);
	report_text(out, "wiki", in->wiki);
	report_text(out, "key", s->key);
	report_bool(out, "new_key", made);
	report_text(out, "gnupg_home", s->home);
	return report_row_end(out, f);
}

static int
show_only(struct init *in, struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;

	if (in->given.take_over != NULL &&
	    (report_start(false, STDERR_FILENO, &out, f) == -1 ||
		init_takeover_say(in, out, f) == -1 ||
		report_end(out, f) == -1))
		return -1;
	if (write_text(in,
		in->given.key != NULL ?
		    in->given.key :
		    "(fingerprint of the key that will be made)",
		f) == -1)
		return -1;
	log_note("this would be added to '%s'", in->path);
	return file_write(STDOUT_FILENO, in->text.data, in->text.len, f);
}

static int
check_all(struct init *in, struct fault *f)
{
	const struct init_given *g = &in->given;

	if (g->take_over == NULL && (g->after > 0 || g->allow_drop))
		return fault_set(f, FAULT_CONFIG,
		    "option '--%s' goes with "
		    "'--take-over'",
		    g->after > 0 ? "after" : "allow-drop");
	if (load(in, f) == -1 || init_answer(in, f) == -1 ||
	    check_text(in, f) == -1 || check_wiki(in, f) == -1)
		return -1;
	return g->take_over != NULL ? init_takeover_check(in, f) : 0;
}

static int
run(struct init *in, struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;

	if (check_all(in, f) == -1)
		return -1;
	if (in->o->dry_run)
		return show_only(in, f);
	if (check_owner(in, f) == -1 || make(in, f) == -1)
		return -1;
	if (in->o->verbosity == LOG_QUIET && !in->o->json)
		return 0;
	if (report_start(in->o->json, STDOUT_FILENO, &out, f) == -1 ||
	    say(in, out, f) == -1)
		return -1;
	return report_end(out, f);
}

int
init_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	OWNED(clear) struct init in = { .o = &o,
		.text = BUF_INIT(BUF_ANY),
		.copy = TAKEOVER_INIT };

	if (options_parse(verb, argc, argv, &in.given, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	in.name = o.arguments.word[0];
	return run(&in, f) == -1 ? fault_exit(f) : EXIT_DONE;
}
