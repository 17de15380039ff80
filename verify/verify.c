#include "verify/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "verify/check.h"
#include "verify/check_file.h"
#include "verify/check_wiki.h"

struct asked {
	struct words signers;
	int64_t threshold;
	const char *certificate;
	const char *wiki;
};

#define IN(member) offsetof(struct asked, member)
const struct options_row verify_rows[] = {
	{ "signer", 0, OPTIONS_LIST, IN(signers), "FPR",
	    "trust this primary key; may be given several times" },
	{ "threshold", 0, OPTIONS_NUMBER, IN(threshold), "N",
	    "so many of the signers must have signed", 1, SIGNERS_MAX },
	{ "certificate", 0, OPTIONS_TEXT, IN(certificate), "FILE",
	    "the signers' certificates; else the folder's key.asc" },
	{ "wiki", 0, OPTIONS_TEXT, IN(wiki), "ENGINE:PLACE",
	    "compare the wiki with the folder's newest state" },
	{ 0 },
};
#undef IN

const char verify_more[] =
    "Without --signer the [follow] section with the feed's id says whom to\n"
    "trust.  Exit status: 0 all good, 4 found bad (or signed by a key that\n"
    "nothing here vouches for), 5 expired and else good.\n";

struct run {
	const struct options *options;
	const struct asked *asked;
	struct tally tally;
	struct vouch vouch;
	struct signers given;
	struct pins pins;
};

/* ---- whom to trust ---- */

static int
prepare(struct run *r, struct fault *f)
{
	const struct asked *a = r->asked;
	bool have;

	if (a->threshold > 0 && a->signers.count == 0)
		return fault_set(f, FAULT_CONFIG,
		    "--threshold is for the signers that --signer names");
	if (a->signers.count > 0 &&
	    signature_signers(&a->signers, a->threshold, &r->given, f) == -1)
		return fault_within(f, "--signer");
	/* With signers on the command line it is only asked for a wiki's. */
	if ((a->signers.count == 0 || a->wiki != NULL ||
		r->options->config != NULL) &&
	    pins_load(r->options->config, &r->pins, f) == -1)
		return -1;
	r->vouch.given = &r->given;
	r->vouch.pins = &r->pins;
	if (vouch_start(&r->vouch, f) == -1)
		return -1;
	if (a->certificate == NULL)
		return 0;
	if (vouch_read_keys(&r->vouch, AT_FDCWD, a->certificate, &have, f) ==
	    -1)
		return fault_within(f, "--certificate");
	if (!have)
		return fault_set(f, FAULT_CONFIG,
		    "--certificate: '%s' does not exist", a->certificate);
	r->vouch.keys_named = true;
	return 0;
}

/* For a person to compare with what the publisher says elsewhere. */
static int
tell_signers(const struct run *r, struct fault *f)
{
	const struct signers *s = r->vouch.signers;
	size_t i;

	for (i = 0; i < s->count; i++) {
		report_row(r->tally.out, "certificate");
		report_text(r->tally.out, "signer", s->list[i].primary);
		if (report_row_end(r->tally.out, f) == -1)
			return -1;
	}
	return 0;
}

static int
refuse_unvouched(struct run *r, const char *path, struct fault *f)
{
	r->tally.status = exit_worse(r->tally.status, EXIT_REFUSED);
	log_error("'%s': signed by a key that nothing here vouches for", path);
	return tell_signers(r, f);
}

/* ---- a folder ---- */

static int
list_signers(const struct vouch *v, struct words *out, struct fault *f)
{
	size_t i;

	for (i = 0; i < v->signers->count; i++)
		if (words_add(out, v->signers->list[i].primary, f) == -1)
			return -1;
	return 0;
}

static int
row_of_folder(const struct run *r, const struct check *c, struct fault *f)
{
	OWNED_WORDS struct words signers = WORDS_INIT;
	struct report *out = r->tally.out;
	char state[DIGEST_TEXT];

	if (list_signers(&r->vouch, &signers, f) == -1)
		return -1;
	digest_format(&c->head.state, state);
	report_row(out, "folder");
	report_text(out, "name", c->path);
	report_text(out, "id", c->head_read ? c->head.id : NULL);
	report_number(out, "serial", c->head.serial);
	report_text(out, "state", c->head_read ? state : NULL);
	report_time(out, "updated", c->head_read ? c->head.updated : -1);
	report_time(out, "expires", c->head_read ? feed_expires(&c->head) : -1);
	report_number(out, "items", c->items);
	report_words(out, "signers", &signers);
	report_bool(out, "vouched", c->head_read && r->vouch.vouched);
	tally_fields(&r->tally);
	return report_row_end(out, f);
}

static int
sum_up(const struct run *r, const struct check *c, struct fault *f)
{
	OWNED_BUF struct buf counts = BUF_INIT(BUF_ANY);

	if (r->tally.json)
		return row_of_folder(r, c, f);
	if (r->tally.verbosity == LOG_QUIET)
		return 0;
	if (tally_text(&r->tally, &counts, f) == -1)
		return -1;
	if (!c->head_read)
		return report_say(r->tally.out, f,
		    "%s: %s; without its feed nothing more can be told",
		    c->path, counts.data);
	if (c->items < 0)
		return report_say(r->tally.out, f, "%s: serial %lld of %s; %s",
		    c->path, (long long)c->head.serial, c->head.id,
		    counts.data);
	return report_say(r->tally.out, f,
	    "%s: serial %lld of %s, %lld items; %s", c->path,
	    (long long)c->head.serial, c->head.id, (long long)c->items,
	    counts.data);
}

static int
compare_wiki(struct run *r, struct check *c, struct fault *f)
{
	if (r->asked->wiki == NULL)
		return 0;
	if (r->tally.status != EXIT_DONE && r->tally.status != EXIT_EXPIRED)
		return fault_set(f, FAULT_FORMAT,
		    "'%s' is not good: the wiki "
		    "is not compared with it",
		    c->path);
	return check_wiki(c, pins_find(&r->pins, c->head.id), r->asked->wiki,
	    f);
}

static int
verify_folder(struct run *r, const char *path, struct fault *f)
{
	OWNED_CHECK struct check c = CHECK_INIT;

	c.tally = &r->tally;
	c.vouch = &r->vouch;
	if (check_folder(&c, path, f) == -1 || sum_up(r, &c, f) == -1)
		return -1;
	if (c.head_read && !r->vouch.vouched)
		return refuse_unvouched(r, path, f);
	return compare_wiki(r, &c, f);
}

/* ---- what was asked for ---- */

static int
is_folder(const char *path, bool *folder, struct fault *f)
{
	struct stat st;

	if (stat(path, &st) == 0) {
		*folder = S_ISDIR(st.st_mode);
		return 0;
	}
	if (errno == ENOENT)
		return fault_set(f, FAULT_CONFIG, "'%s' does not exist", path);
	return fault_system(f, errno, "'%s'", path);
}

static int
verify_all(struct run *r, struct fault *f)
{
	const struct words *paths = &r->options->arguments;
	bool folder = false, unvouched;
	size_t i;

	for (i = 0; i < paths->count; i++) {
		const char *path = paths->word[i];

		if (is_folder(path, &folder, f) == -1)
			return -1;
		if (folder && paths->count > 1)
			return fault_set(f, FAULT_CONFIG,
			    "'%s': a folder is verified alone", path);
		if (!folder && r->asked->wiki != NULL)
			return fault_set(f, FAULT_CONFIG,
			    "--wiki: '%s' is not a folder", path);
		unvouched = false;
		if ((folder ? verify_folder(r, path, f) :
			      check_single(&r->vouch, &r->tally, path,
				  &unvouched, f)) == -1 ||
		    (unvouched && refuse_unvouched(r, path, f) == -1))
			return -1;
	}
	return 0;
}

static int
run(struct run *r, struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;
	int rc;

	if (prepare(r, f) == -1 ||
	    report_start(r->options->json, STDOUT_FILENO, &out, f) == -1)
		return fault_exit(f);
	r->tally.out = out;
	rc = verify_all(r, f);
	if (report_end(out, f) == -1)
		rc = -1;
	if (rc == -1)
		return exit_worse(r->tally.status, fault_exit(f));
	return r->tally.status;
}

int
verify_verb(const struct options_verb *verb, int argc, char *argv[],
    struct fault *f)
{
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct asked asked = { .signers = WORDS_INIT };
	struct run r = { .options = &o,
		.asked = &asked,
		.vouch = VOUCH_INIT,
		.pins = PINS_INIT };
	int status = EXIT_DONE;

	if (options_parse(verb, argc, argv, &asked, &o, f) == -1)
		status = fault_exit(f);
	else if (!o.done) {
		log_start("wikicast", o.verbosity);
		r.tally.json = o.json;
		r.tally.verbosity = o.verbosity;
		status = run(&r, f);
	}
	vouch_clear(&r.vouch);
	pins_clear(&r.pins);
	words_clear(&asked.signers);
	return status;
}
