#include "fetch/mirroring.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "base/section.h"
#include "fetch/fetch.h"
#include "fetch/given.h"
#include "fetch/peering.h"
#include "fetch/quiet.h"
#include "fetch/round.h"
#include "fetch/splay.h"

struct given {
	struct words signers, peers;
	const char *threshold, *id, *certificate, *state;
	int64_t splay, rate;
	bool peer_line;
	struct peering peering;
};

#define IN(member) offsetof(struct given, member)
const struct options_row mirroring_rows[] = {
	{ "signer", 0, OPTIONS_LIST, IN(signers), "FPR",
	    "fingerprint of a key that must sign; may be given again", 0, 0 },
	{ "threshold", 0, OPTIONS_TEXT, IN(threshold), "N",
	    "how many of the signers must sign", 0, 0 },
	{ "certificate", 0, OPTIONS_TEXT, IN(certificate), "FILE",
	    "the signers' certificates (else the feed's own key.asc)", 0, 0 },
	{ "id", 0, OPTIONS_TEXT, IN(id), "ID",
	    "the feed's id (else the one that it has the first time)", 0, 0 },
	{ "state", 0, OPTIONS_TEXT, IN(state), "DIR",
	    "folder of the database, of this mirror alone", 0, 0 },
	{ "splay", 0, OPTIONS_DURATION, IN(splay), "TIME", SPLAY_HELP, 0,
	    SPLAY_MAX },
	{ "peer", 0, OPTIONS_LIST, IN(peers), "URLS",
	    "another copy, and its receiver; may be given again", 0, 0 },
	{ "limit-rate", 0, OPTIONS_SIZE, IN(rate), "SIZE", REACH_RATE_HELP,
	    REACH_RATE_MIN, 0 },
	{ "peer-line", 0, OPTIONS_FLAG, IN(peer_line), NULL,
	    "only print the line that lists this copy as a peer", 0, 0 },
	{ "url", 0, OPTIONS_TEXT, IN(peering.url), "URL",
	    "where DIR is on the web", 0, 0 },
	{ "notify", 0, OPTIONS_TEXT, IN(peering.notify), "URL",
	    "with --peer-line: where notifications are taken", 0, 0 },
	{ 0 },
};
#undef IN

const char mirroring_more[] =
    "DIR is the folder that a web server shows; it needs no other software.\n"
    "Without --state the database is in mirror-NAME below the state folder of\n"
    "the configuration, or below the usual one; NAME is DIR's last part.\n"
    "With --url or --peer, news are told to some of the peers.\n"
    "--peer-line DIR, or the name of a [follow] section with 'serve', asks\n"
    "nobody to change anything: send what it prints to the publisher.\n";

struct mirroring {
	const struct options *o;
	struct given given;
	char *folder;	  /* absolute */
	const char *name; /* its last part */
	char *state;
	struct config *config; /* that there is, or NULL: a mirror needs none */
	struct buf text;       /* the one that it amounts to */
	struct settings settings;
};

static void
clear(struct mirroring *m)
{
	words_clear(&m->given.signers);
	words_clear(&m->given.peers);
	free(m->folder);
	free(m->state);
	config_free(m->config);
	buf_clear(&m->text);
	settings_clear(&m->settings);
}

static int
take_folder(struct mirroring *m, struct fault *f)
{
	const struct words *from = &m->o->arguments;
	size_t n;

	if (section_path(from->word[from->count - 1], &m->folder, f) == -1)
		return -1;
	for (n = strlen(m->folder); n > 1 && m->folder[n - 1] == '/';)
		m->folder[--n] = '\0';
	m->name = strrchr(m->folder, '/') + 1;
	if (section_name_valid(m->name) && strchr(m->folder, ':') == NULL)
		return 0;
	return fault_set(f, FAULT_CONFIG,
	    "'%s' is not a folder to mirror "
	    "into: its last part, which names the feed, may have letters, "
	    "digits, '-' and '_'",
	    from->word[from->count - 1]);
}

static int
load(struct mirroring *m, struct fault *f)
{
	OWNED_MEM char *path = NULL;

	return config_load_to_add(m->o->config, m->name, &m->config, &path, f);
}

static int
usual_state(const struct mirroring *m, char **out, struct fault *f)
{
	const struct config_key keys[] = {
		{ .key = "dir", .type = CONFIG_TEXT, .required = true },
		{ .key = NULL }
	};
	const struct config_section *s =
	    m->config != NULL ? config_find(m->config, "state", NULL) : NULL;

	return s == NULL ? section_state(out, f) : config_bind(s, keys, out, f);
}

static int
take_state(struct mirroring *m, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED_MEM char *usual = NULL;

	if (m->given.state != NULL)
		return section_path(m->given.state, &m->state, f);
	if (usual_state(m, &usual, f) == -1 ||
	    buf_format(&b, f, "%s/mirror-%s", usual, m->name) == -1)
		return -1;
	m->state = buf_take(&b);
	return m->state != NULL ? 0 : fault_memory(f);
}

/* Each as written: two URLs at most, which are looked at with all else. */
static int
add_peer(const char *given, struct buf *b, struct fault *f)
{
	OWNED_BUF struct buf checked = BUF_INIT(BUF_ANY);
	OWNED_WORDS struct words urls = WORDS_INIT;
	size_t i;

	if (section_value(&checked, "peer", given, f) == -1)
		return -1;
	if (words_split(given, &urls, f) == -1)
		return fault_within(f, "option '--peer'");
	if (buf_add_text(b, "peer =", f) == -1)
		return -1;
	for (i = 0; i < urls.count; i++)
		if (buf_add_text(b, " ", f) == -1 ||
		    words_quote(urls.word[i], b, f) == -1)
			return -1;
	return buf_add_text(b, "\n", f);
}

static int
add_peers(const struct words *peers, struct buf *b, struct fault *f)
{
	size_t i;

	for (i = 0; i < peers->count; i++)
		if (add_peer(peers->word[i], b, f) == -1)
			return -1;
	return 0;
}

/* Where the copy is on the web; as the mirrors', it may lack its slash. */
static int
add_url(const char *given, struct buf *b, struct fault *f)
{
	OWNED_WORDS struct words url = WORDS_INIT, one = WORDS_INIT;

	if (given == NULL || *given == '\0')
		return section_value(b, "url", given, f);
	if (words_add(&one, given, f) == -1 ||
	    given_urls(&one, 0, 1, &url, f) == -1)
		return -1;
	return section_values(b, "url", &url, f);
}

/* As if someone had written it, so that the same rules hold. */
static int
configure(struct mirroring *m, struct fault *f)
{
	OWNED(config_free_p) struct config *config = NULL;
	OWNED_WORDS struct words urls = WORDS_INIT;
	OWNED_WORDS struct words signers = WORDS_INIT;
	OWNED_MEM char *certificate = NULL;
	const struct words *arguments = &m->o->arguments;
	struct buf *b = &m->text;

	if (given_urls(arguments, 0, arguments->count - 1, &urls, f) == -1 ||
	    given_signers(&m->given.signers, &signers, f) == -1)
		return -1;
	if (m->given.certificate != NULL &&
	    section_path(m->given.certificate, &certificate, f) == -1)
		return -1;
	if (section_begin(b, "state", NULL, f) == -1 ||
	    section_value(b, "dir", m->state, f) == -1 ||
	    section_begin(b, "follow", m->name, f) == -1 ||
	    section_values(b, "mirror", &urls, f) == -1 ||
	    section_values(b, "signer", &signers, f) == -1 ||
	    section_value(b, "threshold", m->given.threshold, f) == -1 ||
	    section_value(b, "id", m->given.id, f) == -1 ||
	    section_value(b, "certificate", certificate, f) == -1 ||
	    section_value(b, "serve", m->folder, f) == -1 ||
	    add_url(m->given.peering.url, b, f) == -1 ||
	    add_peers(&m->given.peers, b, f) == -1)
		return -1;
	if (config_add(&config, SECTION_NEW, b->data, b->len, f) == -1 ||
	    settings_take(own_give(&config), &m->settings, f) == -1)
		return section_blame(b, "mirror", f);
	if (reach_take(m->config, &m->settings.reach, f) == -1)
		return -1;
	if (m->given.rate > 0)
		m->settings.reach.way.rate = m->given.rate;
	return 0;
}

static int
run(struct mirroring *m, struct fault *f)
{
	OWNED(book_close) struct book book = BOOK_INIT;
	OWNED(http_close) struct http *http = NULL;
	OWNED(report_free) struct report *out = NULL;
	OWNED(announce_clear) struct announce_list list = { .list = NULL };
	struct round_options how = { .dry_run = m->o->dry_run,
		.quiet = m->o->verbosity == LOG_QUIET };
	int status;

	if (take_folder(m, f) == -1 || load(m, f) == -1 ||
	    take_state(m, f) == -1 || configure(m, f) == -1 ||
	    file_become_owner(m->state, f) == -1 ||
	    splay_wait(m->state, m->given.splay, f) == -1 ||
	    book_open(m->state, FETCH_LOCK_SECONDS, &book, f) == -1 ||
	    reach_open(&m->settings.reach, &http, f) == -1 ||
	    report_start(m->o->json, STDOUT_FILENO, &out, f) == -1)
		return fault_exit(f);
	how.now = time_now();
	if (m->given.peering.url != NULL || m->given.peers.count > 0)
		how.announce = &list;
	status = round_feed(&book, http, &m->settings, &m->settings.follows[0],
	    &how, out);
	/* Others who are slow keep no run of this mirror waiting. */
	book_close(&book);
	announce_all(&list, http);
	quiet_keep(m->state, &list, how.now);
	if (report_end(out, f) == -1)
		status = exit_worse(status, fault_exit(f));
	return status;
}

int
mirroring_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	OWNED(clear) struct mirroring m = { .o = &o,
		.text = BUF_INIT(BUF_ANY) };

	if (options_parse(verb, argc, argv, &m.given, &o, f) == -1)
		return fault_exit(f);
	if (o.done)
		return EXIT_DONE;
	log_start("wikicast", o.verbosity);
	if (m.given.peer_line)
		return peering_show(&o, &m.given.peering, f) == -1 ?
		    fault_exit(f) :
		    EXIT_DONE;
	if (m.given.peering.notify != NULL) {
		(void)fault_set(f, FAULT_CONFIG,
		    "option '--notify' goes with '--peer-line'");
		return fault_exit(f);
	}
	if (o.arguments.count < 2) {
		(void)fault_set(f, FAULT_CONFIG,
		    "too few arguments: "
		    "wikicast mirror URL... DIR");
		return fault_exit(f);
	}
	return run(&m, f);
}
