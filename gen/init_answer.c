#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ask.h"
#include "base/section.h"
#include "gen/init_work.h"

static int
add_missing(struct buf *b, const char *option, bool missing, struct fault *f)
{
	if (!missing)
		return 0;
	return buf_format(b, f, "%s%s", b->len > 0 ? ", " : "", option);
}

/* All at once, so that nobody has to find out one by one. */
static int
check_missing(const struct init *in, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	const struct init_given *g = &in->given;

	if (add_missing(&b, "--wiki ENGINE:PLACE", g->wiki == NULL, f) == -1 ||
	    add_missing(&b, "--url URL", g->url == NULL, f) == -1 ||
	    add_missing(&b, "--site DIR", g->site == NULL && !in->have_publish,
		f) == -1 ||
	    add_missing(&b, "one of --pages, --patterns and --interwiki GLOB",
		g->take_over == NULL &&
		    g->pages.count + g->patterns.count + g->interwiki.count ==
			0,
		f) == -1)
		return -1;
	if (b.len == 0)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "options are missing, and there is no terminal to ask at: %s",
	    b.data);
}

static int
answer_path(const char *given, const char *question, const char *fallback,
    char **out, struct fault *f)
{
	OWNED_MEM char *text = NULL;

	if (ask_option(given, question, fallback, &text, f) == -1)
		return -1;
	return section_path(text, out, f);
}

int
init_known(const struct init *in, const char *kind, const char *key, char **out,
    struct fault *f)
{
	const struct config_section *s = config_find(in->config, kind, NULL);
	OWNED_WORDS struct words w = WORDS_INIT;
	size_t i;

	for (i = 0; i < s->value_count; i++) {
		const struct config_value *v = &s->values[i];

		if (strcmp(v->key, key) != 0)
			continue;
		if ((v->value[0] == '"' ? words_split(v->value, &w, f) :
					  words_add(&w, v->value, f)) == -1)
			return -1;
		*out = strdup(w.word[0]);
		return *out != NULL ? 0 : fault_memory(f);
	}
	return fault_set(f, FAULT_CONFIG,
	    "section [%s] of the configuration has no '%s' (%s:%d)", kind, key,
	    s->file, s->line);
}

static int
answer_state(struct init *in, struct fault *f)
{
	OWNED_MEM char *usual = NULL;

	if (in->have_state)
		return in->given.state == NULL ?
		    0 :
		    section_path(in->given.state, &in->state, f);
	if (section_state(&usual, f) == -1)
		return -1;
	return answer_path(in->given.state, "Folder for databases and keys",
	    usual, &in->state, f);
}

static int
answer_home(struct init *in, struct fault *f)
{
	OWNED_MEM char *known = NULL;
	const char *state = in->state;

	if (in->given.home != NULL)
		return section_path(in->given.home, &in->home, f);
	if (in->have_publish)
		return 0;
	if (in->have_state) {
		if (init_known(in, "state", "dir", &known, f) == -1)
			return -1;
		state = known;
	}
	if (asprintf(&in->home, "%s/gnupg", state) == -1) {
		in->home = NULL;
		return fault_memory(f);
	}
	return 0;
}

static int
answer_site(struct init *in, struct fault *f)
{
	if (in->have_publish)
		return in->given.site == NULL ?
		    0 :
		    section_path(in->given.site, &in->site, f);
	return answer_path(in->given.site,
	    "Folder of the web server to publish into",
	    geteuid() == 0 ? "/var/www/wikicast" : "~/public_html/wikicast",
	    &in->site, f);
}

static int
answer_url(struct init *in, struct fault *f)
{
	OWNED_MEM char *url = NULL;
	OWNED_BUF struct buf question = BUF_INIT(BUF_ANY);
	size_t n;

	if (buf_format(&question, f, "URL of the folder '%s' in it",
		in->name) == -1 ||
	    ask_option(in->given.url, question.data, NULL, &url, f) == -1)
		return -1;
	n = strlen(url);
	/* Everybody forgets the slash. */
	if (asprintf(&in->url, "%s%s", url,
		n > 0 && url[n - 1] == '/' ? "" : "/") == -1) {
		in->url = NULL;
		return fault_memory(f);
	}
	return 0;
}

static int
answer_pages(struct init *in, struct fault *f)
{
	struct init_given *g = &in->given;
	bool copied = g->take_over != NULL;
	OWNED_MEM char *line = NULL;

	if (copied && init_takeover_pages(in, f) == -1)
		return -1;
	if (copied ?
		g->pages.count > 0 || !in->copy.has_pages :
		g->pages.count + g->patterns.count + g->interwiki.count > 0)
		return 0;
	if (!ask_possible())
		return fault_set(f, FAULT_CONFIG,
		    "option '--pages' is "
		    "missing, and there is no terminal to ask at: the feed has "
		    "pages, and the wiki may have others");
	if (ask_text("Pages to publish, names or globs", "*", &line, f) == -1)
		return -1;
	return words_split(line, &g->pages, f);
}

/* A take-over begins with these; else nobody is asked for them so early. */
static int
answer_places(struct init *in, struct fault *f)
{
	if (in->state != NULL || in->home != NULL)
		return 0;
	if (answer_state(in, f) == -1)
		return -1;
	return answer_home(in, f);
}

static int
answer_wiki(struct init *in, struct fault *f)
{
	OWNED_MEM char *wiki = NULL;

	if (ask_option(in->given.wiki, "Wiki, such as moin:/srv/wiki/data",
		NULL, &wiki, f) == -1)
		return -1;
	return section_place(wiki, &in->wiki, f);
}

int
init_answer(struct init *in, struct fault *f)
{
	bool copied = in->given.take_over != NULL;

	if (!ask_possible() && check_missing(in, f) == -1)
		return -1;
	if (copied &&
	    (answer_places(in, f) == -1 || init_takeover_read(in, f) == -1))
		return -1;
	if (answer_wiki(in, f) == -1 || answer_pages(in, f) == -1 ||
	    answer_site(in, f) == -1 || answer_url(in, f) == -1 ||
	    ask_option(in->given.title, "Title for people",
		copied ? in->copy.head.title : in->name, &in->title, f) == -1)
		return -1;
	return answer_places(in, f);
}
