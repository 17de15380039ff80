#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/options.h"
#include "tests/support/libscratch.h"

struct settings {
	bool drop;
	const char *from;
	struct words signers;
	int64_t after, wait, rate;
};

#define AT(member) offsetof(struct settings, member)
static const struct options_row rows[] = {
	{ "allow-drop", 0, OPTIONS_FLAG, AT(drop), NULL, "publish it anyway" },
	{ "from", 'f', OPTIONS_TEXT, AT(from), "DIR", "read this folder" },
	{ "signer", 0, OPTIONS_LIST, AT(signers), "FPR", "trust this key" },
	{ "after", 0, OPTIONS_NUMBER, AT(after), "SERIAL", "jump ahead",
	    .min = 1, .max = 100 },
	{ "wait", 0, OPTIONS_DURATION, AT(wait), "TIME", "wait so long",
	    .max = 3600 },
	{ "rate", 0, OPTIONS_SIZE, AT(rate), "SIZE", "so fast", .min = 1024 },
	{ 0 },
};

static const struct options_verb verbs[] = {
	{ "gen", "[FEED...]", "publish what changed", 0, OPTIONS_ANY, rows },
	{ "rollback", "FEED SERIAL", "put it back", 2, 2, NULL },
	{ 0 },
};

#define ARGS_MAX 24

/* Read a command line of words that stand apart by one blank. */
static const char *
parse(const char *line, struct settings *s, struct options *o)
{
	static struct fault f;
	static char copy[256];
	char *argv[ARGS_MAX] = { 0 }, *p = copy;
	const struct options_verb *verb;
	int argc = 0;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	while (p != NULL) {
		char *blank = strchr(p, ' ');

		assert_true(argc + 1 < ARGS_MAX);
		argv[argc++] = p;
		if (blank != NULL)
			*blank++ = '\0';
		p = blank;
	}
	f = (struct fault){ 0 };
	*s = (struct settings){ .signers = WORDS_INIT, .after = -1 };
	*o = (struct options)OPTIONS_INIT;
	if (options_choose(verbs, argc, argv, &verb, &f) == 0 &&
	    (verb == NULL || options_parse(verb, argc, argv, s, o, &f) == 0))
		return NULL;
	assert_int_equal(f.kind, FAULT_CONFIG);
	return f.text;
}

static void
clear(struct settings *s, struct options *o)
{
	words_clear(&s->signers);
	options_clear(o);
}

static void
refuses(const char *line, const char *why)
{
	struct settings s;
	struct options o;
	const char *got = parse(line, &s, &o);

	assert_non_null(got);
	assert_string_equal(got, why);
	clear(&s, &o);
}

static void
options_stand_before_between_and_behind_arguments(void **state)
{
	static const char *const lines[] = {
		"w gen -n --from /x --signer A --signer=B a b --after 7 "
		"--allow-drop -v --wait=1h --json --rate=2M",
		"w gen a -nv -f/x --signer A --allow-drop b --json --signer B "
		"--after=7 --wait 60m --rate 2048K",
		"w gen --signer A --signer B --after 7 --json --allow-drop "
		"-v -f /x --wait 1h --rate 2m -n -- a b",
	};
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		struct settings s;
		struct options o;

		/* An environment must not change what a script means. */
		if (i >= 3)
			(void)setenv("POSIXLY_CORRECT", "1", 1);
		assert_null(parse(lines[i % 3], &s, &o));
		(void)unsetenv("POSIXLY_CORRECT");
		assert_true(s.drop);
		assert_string_equal(s.from, "/x");
		assert_int_equal(s.signers.count, 2);
		assert_string_equal(s.signers.word[0], "A");
		assert_string_equal(s.signers.word[1], "B");
		assert_int_equal(s.after, 7);
		assert_int_equal(s.wait, 3600);
		assert_int_equal(s.rate, 2097152);
		assert_true(o.dry_run);
		assert_true(o.json);
		assert_int_equal(o.verbosity, LOG_VERBOSE);
		assert_int_equal(o.arguments.count, 2);
		assert_string_equal(o.arguments.word[0], "a");
		assert_string_equal(o.arguments.word[1], "b");
		assert_false(o.done);
		clear(&s, &o);
	}
}

static void
nothing_given_leaves_everything(void **state)
{
	struct settings s;
	struct options o;

	(void)state;
	assert_null(parse("w gen", &s, &o));
	assert_false(s.drop);
	assert_null(s.from);
	assert_int_equal(s.after, -1);
	assert_null(o.config);
	assert_false(o.dry_run);
	assert_false(o.json);
	assert_int_equal(o.verbosity, LOG_NORMAL);
	assert_int_equal(o.arguments.count, 0);
	clear(&s, &o);
	assert_null(parse("w gen -q -c a --config=b -", &s, &o));
	assert_int_equal(o.verbosity, LOG_QUIET);
	assert_string_equal(o.config, "b");
	assert_string_equal(o.arguments.word[0], "-");
	clear(&s, &o);
	assert_null(parse("w gen -- -x --help", &s, &o));
	assert_int_equal(o.arguments.count, 2);
	assert_false(o.done);
	clear(&s, &o);
}

static void
wrong_usage_is_refused_in_words(void **state)
{
	(void)state;
	refuses("w", "no verb is given; see 'wikicast --help'");
	refuses("w genn", "unknown verb 'genn'; see 'wikicast --help'");
	refuses("w gen --form x",
	    "unknown option '--form'; see 'wikicast gen --help'");
	refuses("w gen -x", "unknown option '-x'; see 'wikicast gen --help'");
	refuses("w rollback -f x a 1",
	    "unknown option '-f'; see 'wikicast rollback --help'");
	refuses("w gen --from", "option '--from' needs a value");
	refuses("w gen -f", "option '--from' needs a value");
	refuses("w gen --json=yes", "option '--json' takes no value");
	refuses("w gen --after 0",
	    "option '--after': 0 is not between 1 and 100");
	refuses("w gen --after 101",
	    "option '--after': 101 is not between 1 and 100");
	refuses("w gen --after -1", "option '--after': '-1' is not a number");
	refuses("w gen --after=", "option '--after': '' is not a number");
	refuses("w gen --wait 61m",
	    "option '--wait': '61m' in seconds: 3660 is not between 0 and 3600");
	refuses("w gen --wait 5",
	    "option '--wait': '5' is not a duration "
	    "such as 90s, 15m, 6h, 30d");
	refuses("w gen --rate 1000",
	    "option '--rate': 1000 is not between 1024 and 9007199254740991");
	refuses("w gen --rate 1h",
	    "option '--rate': '1h' is not a number of bytes such as 500K, 2M");
	refuses("w gen -qv",
	    "options '--quiet' and '--verbose' exclude each other");
	refuses("w rollback a",
	    "too few arguments: wikicast rollback FEED SERIAL");
	refuses("w rollback a 1 b",
	    "argument 'b' is one too many: wikicast "
	    "rollback FEED SERIAL");
}

/* What a command line prints on stdout. */
static char *
printed(const char *line)
{
	struct settings s;
	struct options o;
	int saved = dup(1);
	int fd = open(scratch_path("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	const char *got;

	(void)fflush(stdout);
	assert_int_equal(dup2(fd, 1), 1);
	got = parse(line, &s, &o);
	assert_int_equal(dup2(saved, 1), 1);
	(void)close(saved);
	(void)close(fd);
	assert_null(got);
	if (strchr(strchr(line, ' ') + 1, ' ') != NULL)
		assert_true(o.done);
	clear(&s, &o);
	return scratch_read("out");
}

static void
help_has_a_line_for_each_option(void **state)
{
	char *got = printed("w gen --help");

	(void)state;
	assert_string_equal(got,
	    "Usage: wikicast gen [OPTION...] [FEED...]\n"
	    "\n"
	    "Publish what changed.\n"
	    "\n"
	    "      --allow-drop    publish it anyway\n"
	    "  -f, --from DIR      read this folder\n"
	    "      --signer FPR    trust this key\n"
	    "      --after SERIAL  jump ahead\n"
	    "      --wait TIME     wait so long\n"
	    "      --rate SIZE     so fast\n"
	    "\n"
	    "  -c, --config FILE   read this configuration and no other\n"
	    "  -n, --dry-run       show what would be done, change nothing\n"
	    "  -q, --quiet         say only what a person should know\n"
	    "  -v, --verbose       say what is done, step by step\n"
	    "      --json          give results as JSON, one object a line\n"
	    "  -h, --help          show this, and end\n"
	    "      --version       show the version, and end\n");
	free(got);
	/* Not too few arguments: help comes first. */
	got = printed("w rollback -h");
	assert_non_null(strstr(got,
	    "[OPTION...] FEED SERIAL\n\nPut it back.\n"
	    "\n  -c, --config FILE  read"));
	free(got);
}

static void
verbs_and_version_are_told(void **state)
{
	char *got = printed("w --help");

	(void)state;
	assert_string_equal(got,
	    "Usage: wikicast VERB [OPTION...] ...\n\n"
	    "  gen       publish what changed\n"
	    "  rollback  put it back\n\n"
	    "\"wikicast VERB --help\" tells more.\n");
	free(got);
	got = printed("w --version");
	assert_string_equal(got, "wikicast " WIKICAST_VERSION "\n");
	free(got);
	got = printed("w gen --version");
	assert_string_equal(got, "wikicast " WIKICAST_VERSION "\n");
	free(got);
}

static void
help_into_a_full_disk_is_a_fault(void **state)
{
	char name[] = "w", verb[] = "gen", help[] = "--help";
	char *argv[] = { name, verb, help, NULL };
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct settings s = { 0 };
	struct fault f = { 0 };
	int saved = dup(1), fd = open("/dev/full", O_WRONLY), rc;

	(void)state;
	(void)fflush(stdout);
	assert_int_equal(dup2(fd, 1), 1);
	rc = options_parse(&verbs[0], 3, argv, &s, &o, &f);
	assert_int_equal(dup2(saved, 1), 1);
	(void)close(saved);
	(void)close(fd);
	assert_int_equal(rc, -1);
	assert_int_equal(f.kind, FAULT_SYSTEM);
}

#define FILES(fn) \
	cmocka_unit_test_setup_teardown(fn, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    options_stand_before_between_and_behind_arguments),
		cmocka_unit_test(nothing_given_leaves_everything),
		cmocka_unit_test(wrong_usage_is_refused_in_words),
		FILES(help_has_a_line_for_each_option),
		FILES(verbs_and_version_are_told),
		cmocka_unit_test(help_into_a_full_disk_is_a_fault),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
