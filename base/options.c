#include "base/options.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>

#include "base/file.h"
#include "base/num.h"

/* What getopt_long() gives for the i-th row; above all letters. */
#define ROW 256

struct common {
	const char *config;
	bool dry_run, quiet, verbose, json, help, version;
};

#define AT(member) offsetof(struct common, member)
static const struct options_row common_rows[] = {
	{ "config", 'c', OPTIONS_TEXT, AT(config), "FILE",
	    "read this configuration and no other" },
	{ "dry-run", 'n', OPTIONS_FLAG, AT(dry_run), NULL,
	    "show what would be done, change nothing" },
	{ "quiet", 'q', OPTIONS_FLAG, AT(quiet), NULL,
	    "say only what a person should know" },
	{ "verbose", 'v', OPTIONS_FLAG, AT(verbose), NULL,
	    "say what is done, step by step" },
	{ "json", 0, OPTIONS_FLAG, AT(json), NULL,
	    "give results as JSON, one object a line" },
	{ "help", 'h', OPTIONS_FLAG, AT(help), NULL, "show this, and end" },
	{ "version", 0, OPTIONS_FLAG, AT(version), NULL,
	    "show the version, and end" },
	{ 0 },
};
#define COMMON_ROWS (sizeof(common_rows) / sizeof(common_rows[0]) - 1)

/* The rows of a verb and then the common ones, as one list. */
struct table {
	const struct options_verb *verb;
	const struct options_row *rows[OPTIONS_ROWS_MAX + COMMON_ROWS];
	size_t own, count;
	void *settings; /* where the values of the verb's rows go */
	struct common common;
};

void
options_clear(struct options *o)
{
	words_clear(&o->arguments);
}

static int
say(const struct buf *text, struct fault *f)
{
	if (file_write(STDOUT_FILENO, text->data, text->len, f) == -1)
		return fault_within(f, "output");
	return 0;
}

static int
say_version(struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	if (buf_add_text(&b, "wikicast " WIKICAST_VERSION "\n", f) == -1)
		return -1;
	return say(&b, f);
}

static void
make_table(const struct options_verb *verb, void *settings, struct table *t)
{
	const struct options_row *row;
	size_t i;

	*t = (struct table){ .verb = verb, .settings = settings };
	for (row = verb->rows; row != NULL && row->name != NULL; row++) {
		assert(t->count < OPTIONS_ROWS_MAX);
		t->rows[t->count++] = row;
	}
	t->own = t->count;
	for (i = 0; i < COMMON_ROWS; i++)
		t->rows[t->count++] = &common_rows[i];
}

/* ---- help ---- */

static int
add_row(struct buf *b, const struct options_row *row, int width,
    struct fault *f)
{
	char left[80], letter[8] = "    ";

	if (row->letter != 0)
		(void)snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name,
	    row->argument != NULL ? " " : "",
	    row->argument != NULL ? row->argument : "");
	return buf_format(b, f, "  %-*s  %s\n", width, left, row->help);
}

static int
row_width(const struct options_row *row)
{
	return (int)(6 + strlen(row->name) +
	    (row->argument != NULL ? 1 + strlen(row->argument) : 0));
}

static int
say_help(const struct table *t, struct fault *f)
{
	const struct options_verb *verb = t->verb;
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	int width = 0;
	size_t i;

	if (buf_format(&b, f, "Usage: wikicast %s [OPTION...]%s%s\n\n%s.\n",
		verb->name, *verb->arguments != '\0' ? " " : "",
		verb->arguments, verb->summary) == -1)
		return -1;
	/* "bring" in the list of verbs, "Bring" at the start of a sentence. */
	if (*verb->summary >= 'a' && *verb->summary <= 'z')
		b.data[b.len - strlen(verb->summary) - 2] -= 'a' - 'A';
	for (i = 0; i < t->count; i++)
		if (row_width(t->rows[i]) > width)
			width = row_width(t->rows[i]);
	for (i = 0; i < t->count; i++) {
		if ((i == 0 || i == t->own) && buf_add_text(&b, "\n", f) == -1)
			return -1;
		if (add_row(&b, t->rows[i], width, f) == -1)
			return -1;
	}
	if (verb->more != NULL && buf_format(&b, f, "\n%s", verb->more) == -1)
		return -1;
	return say(&b, f);
}

static int
say_verbs(const struct options_verb *verbs, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	const struct options_verb *v;
	int width = 0;

	for (v = verbs; v->name != NULL; v++)
		if ((int)strlen(v->name) > width)
			width = (int)strlen(v->name);
	if (buf_add_text(&b, "Usage: wikicast VERB [OPTION...] ...\n\n", f) ==
	    -1)
		return -1;
	for (v = verbs; v->name != NULL; v++)
		if (buf_format(&b, f, "  %-*s  %s\n", width, v->name,
			v->summary) == -1)
			return -1;
	if (buf_add_text(&b, "\n\"wikicast VERB --help\" tells more.\n", f) ==
	    -1)
		return -1;
	return say(&b, f);
}

int
options_choose(const struct options_verb *verbs, int argc, char *argv[],
    const struct options_verb **verb, struct fault *f)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct options_verb *v;

	*verb = NULL;
	if (name == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "no verb is given; see 'wikicast --help'");
	if (strcmp(name, "--version") == 0)
		return say_version(f);
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return say_verbs(verbs, f);
	for (v = verbs; v->name != NULL; v++) {
		if (strcmp(v->name, name) == 0) {
			*verb = v;
			return 0;
		}
	}
	return fault_set(f, FAULT_CONFIG,
	    "unknown verb '%s'; see 'wikicast --help'", name);
}

/* ---- reading ---- */

static int
in_range(const struct options_row *row, int64_t n, struct fault *f)
{
	int64_t max = row->max == 0 ? NUM_MAX : row->max;

	if (n >= row->min && n <= max)
		return 0;
	return fault_set(f, FAULT_CONFIG, "%lld is not between %lld and %lld",
	    (long long)n, (long long)row->min, (long long)max);
}

static int
put(const struct options_row *row, void *member, const char *value,
    struct fault *f)
{
	int64_t n;

	switch (row->type) {
	case OPTIONS_FLAG:
		*(bool *)member = true;
		return 0;
	case OPTIONS_TEXT:
		*(const char **)member = value;
		return 0;
	case OPTIONS_LIST:
		return words_add(member, value, f);
	case OPTIONS_NUMBER:
		if (num_parse(value, 0, NUM_MAX, &n, f) == -1)
			return -1;
		break;
	case OPTIONS_DURATION:
		if (duration_parse(value, &n, f) == -1)
			return -1;
		break;
	case OPTIONS_SIZE:
		if (size_parse(value, &n, f) == -1)
			return -1;
		break;
	default:
		return fault_set(f, FAULT_BUG, "type of an option");
	}
	if (in_range(row, n, f) == -1)
		return row->type == OPTIONS_DURATION ?
		    fault_within(f, "'%s' in seconds", value) :
		    -1;
	*(int64_t *)member = n;
	return 0;
}

/* What getopt_long() wants to know; letters has two bytes for each row. */
static void
describe(const struct table *t, struct option *longs, char *letters)
{
	size_t i;

	*letters++ = '-'; /* give arguments in their order, too */
	*letters++ = ':'; /* tell a missing value from an unknown option */
	for (i = 0; i < t->count; i++) {
		const struct options_row *row = t->rows[i];
		bool flag = row->type == OPTIONS_FLAG;

		longs[i] = (struct option){ row->name,
			flag ? no_argument : required_argument, NULL,
			ROW + (int)i };
		if (row->letter != 0) {
			*letters++ = row->letter;
			if (!flag)
				*letters++ = ':';
		}
	}
	longs[i] = (struct option){ 0 };
	*letters = '\0';
}

/* The row of a code, and its place. */
static const struct options_row *
find_row(const struct table *t, int code, size_t *at)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (code == ROW + (int)i ||
		    (code != 0 && code == t->rows[i]->letter)) {
			if (at != NULL)
				*at = i;
			return t->rows[i];
		}
	}
	return NULL;
}

/* What getopt_long() could not read; code is its '?' or ':'. */
static int
refuse(const struct table *t, int code, const char *last, struct fault *f)
{
	const struct options_row *row = find_row(t, optopt, NULL);

	if (row != NULL && code == ':')
		return fault_set(f, FAULT_CONFIG, "option '--%s' needs a value",
		    row->name);
	if (row != NULL)
		return fault_set(f, FAULT_CONFIG,
		    "option '--%s' takes no value", row->name);
	if (optopt != 0)
		return fault_set(f, FAULT_CONFIG,
		    "unknown option '-%c'; see 'wikicast %s --help'", optopt,
		    t->verb->name);
	return fault_set(f, FAULT_CONFIG,
	    "unknown option '%s'; see 'wikicast %s --help'", last,
	    t->verb->name);
}

static int
take(struct table *t, int code, const char *last, struct fault *f)
{
	const struct options_row *row = NULL;
	size_t at;
	char *to;

	if (code != '?' && code != ':')
		row = find_row(t, code, &at);
	if (row == NULL)
		return refuse(t, code, last, f);
	to = at < t->own ? t->settings : (void *)&t->common;
	if (put(row, to + row->offset, optarg, f) == 0)
		return 0;
	if (f->kind == FAULT_FORMAT)
		f->kind = FAULT_CONFIG;
	return fault_within(f, "option '--%s'", row->name);
}

static int
read_all(struct table *t, int argc, char *argv[], struct words *arguments,
    struct fault *f)
{
	struct option longs[OPTIONS_ROWS_MAX + COMMON_ROWS + 1];
	char letters[2 * (OPTIONS_ROWS_MAX + COMMON_ROWS) + 3];
	int code, rc = 0;

	describe(t, longs, letters);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	while (rc == 0 &&
	    (code = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		rc = code == 1 ? words_add(arguments, optarg, f) :
				 take(t, code, argv[optind - 1], f);
	for (; rc == 0 && optind < argc; optind++)
		rc = words_add(arguments, argv[optind], f);
	return rc;
}

static int
check_count(const struct options_verb *verb, const struct words *arguments,
    struct fault *f)
{
	int count = (int)arguments->count;

	if (count < verb->min)
		return fault_set(f, FAULT_CONFIG,
		    "too few arguments: wikicast %s %s", verb->name,
		    verb->arguments);
	if (verb->max != OPTIONS_ANY && count > verb->max)
		return fault_set(f, FAULT_CONFIG,
		    "argument '%s' is one too many: wikicast %s %s",
		    arguments->word[verb->max], verb->name, verb->arguments);
	return 0;
}

int
options_parse(const struct options_verb *verb, int argc, char *argv[],
    void *settings, struct options *o, struct fault *f)
{
	const struct common *common;
	struct table t;

	assert(argc > 1);
	make_table(verb, settings, &t);
	if (read_all(&t, argc - 1, argv + 1, &o->arguments, f) == -1)
		return -1;
	common = &t.common;
	o->done = common->help || common->version;
	if (o->done)
		return common->help ? say_help(&t, f) : say_version(f);
	if (common->quiet && common->verbose)
		return fault_set(f, FAULT_CONFIG,
		    "options '--quiet' and '--verbose' exclude each other");
	o->config = common->config;
	o->dry_run = common->dry_run;
	o->json = common->json;
	o->verbosity = common->quiet ? LOG_QUIET :
	    common->verbose	     ? LOG_VERBOSE :
				       LOG_NORMAL;
	return check_count(verb, &o->arguments, f);
}
