#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/config.h"
#include "tests/support/libscratch.h"

struct settings {
	char *title;
	struct words pages, peers, acl;
	int64_t threshold, expires, rate, drop;
	bool serve;
	int edit;
};

static const char *const edits[] = { "merge", "keep", "overwrite", NULL };

#define AT(member) offsetof(struct settings, member)
static const struct config_key keys[] = {
	{ "title", CONFIG_TEXT, AT(title), .required = true },
	{ "pages", CONFIG_WORDS, AT(pages) },
	{ "peer", CONFIG_LINES, AT(peers) },
	{ "acl", CONFIG_WORDS, AT(acl), .once = true },
	{ "threshold", CONFIG_NUMBER, AT(threshold), .min = 1, .max = 16 },
	{ "expires", CONFIG_DURATION, AT(expires), .min = 3600 },
	{ "rate", CONFIG_SIZE, AT(rate), .min = 1024 },
	{ "max-drop", CONFIG_PERCENT, AT(drop) },
	{ "serve", CONFIG_BOOL, AT(serve) },
	{ "on-edit", CONFIG_CHOICE, AT(edit), .choices = edits },
	{ 0 },
};

/* Read a text; the fault's text, or NULL if it is fine. */
static const char *
parse(struct config **c, const char *text)
{
	static struct fault f;

	*c = NULL;
	f = (struct fault){ 0 };
	if (config_add(c, "x.conf", text, strlen(text), &f) == 0)
		return NULL;
	assert_int_equal(f.kind, FAULT_CONFIG);
	return f.text;
}

static void
refuses(const char *text, const char *why)
{
	OWNED(config_free_p) struct config *c;
	const char *got = parse(&c, text);

	assert_non_null(got);
	assert_string_equal(got, why);
}

/* Bind the first section of a text. */
static const char *
bind(const char *text, struct settings *s)
{
	OWNED(config_free_p) struct config *c;
	static struct fault f;
	const char *got = parse(&c, text);

	f = (struct fault){ 0 };
	*s = (struct settings){ .threshold = 1, .edit = 2 };
	if (got != NULL)
		return got;
	if (config_bind(config_next(c, NULL, NULL), keys, s, &f) == 0)
		return NULL;
	assert_int_equal(f.kind, FAULT_CONFIG);
	return f.text;
}

static void
bind_refuses(const char *lines, const char *why)
{
	struct settings s;
	char text[512];

	(void)snprintf(text, sizeof(text), "[feed a]\ntitle = t\n%s\n", lines);
	assert_string_equal(bind(text, &s), why);
	config_clear(keys, &s);
}

static void
sections_and_their_keys_are_read_in_order(void **state)
{
	OWNED(config_free_p) struct config *c;
	const struct config_section *s;

	(void)state;
	assert_null(parse(&c,
	    "\xef\xbb\xbf; comment\n"
	    "[state]   ; the first\r\n"
	    "\r\n"
	    "  dir = /var/lib/x  ; where\r\n"
	    "# comment\n"
	    "\t[ feed   \"a b\" ]\n"
	    "[feed c]\n"
	    "url=https://x/;y=z\n"
	    "  url = \"a\" b=c ;"));
	s = config_next(c, NULL, NULL);
	assert_string_equal(s->kind, "state");
	assert_null(s->name);
	assert_string_equal(s->file, "x.conf");
	assert_int_equal(s->line, 2);
	assert_int_equal(s->value_count, 1);
	assert_string_equal(s->values[0].key, "dir");
	assert_string_equal(s->values[0].value, "/var/lib/x");
	assert_int_equal(s->values[0].line, 4);
	s = config_next(c, NULL, "feed");
	assert_string_equal(s->name, "a b");
	assert_int_equal(s->line, 6);
	assert_int_equal(s->value_count, 0);
	s = config_next(c, s, "feed");
	assert_string_equal(s->name, "c");
	assert_int_equal(s->value_count, 2);
	assert_string_equal(s->values[0].value, "https://x/;y=z");
	assert_string_equal(s->values[1].value, "\"a\" b=c");
	assert_null(config_next(c, s, "feed"));
	assert_null(config_next(c, s, NULL));
	assert_ptr_equal(config_find(c, "feed", "c"), s);
	assert_null(config_find(c, "feed", NULL));
	assert_null(config_find(c, "follow", "c"));
	assert_non_null(config_find(c, "state", NULL));
}

static void
an_indented_key_is_a_key_of_its_own(void **state)
{
	OWNED(config_free_p) struct config *c;

	(void)state;
	assert_null(parse(&c, "[state]\na = 1\n   b = 2\n"));
	assert_int_equal(config_next(c, NULL, NULL)->value_count, 2);
}

static void
what_is_not_understood_is_refused_with_its_line(void **state)
{
	(void)state;
	refuses("[state]\n\nwhat\n",
	    "x.conf:3: neither a [section] nor a key = value");
	refuses("[state]\n  glued\n",
	    "x.conf:2: neither a [section] nor a key = value");
	refuses("a = 1\n[state]\n",
	    "x.conf:1: key 'a' stands before the first section");
	refuses("[state]\n= 1\n", "x.conf:2: no key before the '='");
	refuses("[state]\na =\n", "x.conf:2: 'a' has no value");
	refuses("[state]\na = ; b\n", "x.conf:2: 'a' has no value");
	refuses("[state]\na ;b = c\n",
	    "x.conf:2: the line cannot be understood");
	refuses("[state]\nurl: x = y\n",
	    "x.conf:2: a key ends at '=', not at ':'");
	refuses("[state]\na = b # c\n",
	    "x.conf:2: '#' begins no comment "
	    "behind a value, ';' does: put it in double quotes");
	refuses("[state]\na = \x1b[0m\n",
	    "x.conf:2: the line has a control character");
	refuses("[state]\na = b\rc = d\n",
	    "x.conf:2: the line has a control character");
	refuses("[state]\na = caf\xe9\n", "x.conf:2: the line is not UTF-8");
}

static void
bad_headings_are_refused(void **state)
{
	(void)state;
	refuses("[state\na = 1\n",
	    "x.conf:1: the heading of the section has no ']'");
	refuses("[state] a = 1\n",
	    "x.conf:1: the heading of the section ends at the ']'");
	refuses("[state];x\n",
	    "x.conf:1: the heading of the section ends at the ']'");
	refuses("[state]\n[feed ;a]\n",
	    "x.conf:2: the name of the section is "
	    "too long or has a comment in it");
	refuses("[wiki]\n", "x.conf:1: unknown section [wiki]");
	refuses("[]\n", "x.conf:1: unknown section []");
	refuses("[State]\n", "x.conf:1: unknown section [State]");
	refuses("[state x]\n", "x.conf:1: section [state x] has no name");
	refuses("[feed]\n",
	    "x.conf:1: section [feed] needs one name, such "
	    "as [kind name]");
	refuses("[feed \"\"]\n",
	    "x.conf:1: section [feed \"\"] needs one "
	    "name, such as [kind name]");
	refuses("[feed a b]\n",
	    "x.conf:1: section [feed a b] needs one name, "
	    "such as [kind name]");
	refuses("[feed \"a]\n", "x.conf:1: a quote is not closed");
	refuses("[feed a]\n[feed b]\n\n[feed a]\n",
	    "x.conf:4: section [feed a] stands in x.conf:1 already");
	refuses("[state]\n[state]\n",
	    "x.conf:2: section [state] stands in x.conf:1 already");
	refuses(
	    "[feed aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n",
	    "x.conf:1: the name of the section is too long or has a comment "
	    "in it");
}

static void
a_line_is_read_whole_or_refused(void **state)
{
	OWNED(config_free_p) struct config *c = NULL;
	char text[1024];
	size_t longest = 0, n;

	(void)state;
	for (n = 20; n < 600; n++) {
		const char *got;

		config_free_p(&c);
		(void)snprintf(text, sizeof(text), "[state]\nk = %0*d\n",
		    (int)n, 7);
		got = parse(&c, text);
		if (got == NULL) {
			assert_int_equal(
			    strlen(config_next(c, NULL, NULL)->values[0].value),
			    n);
			longest = n;
		} else {
			assert_non_null(
			    strstr(got, "x.conf:2: the line is longer than "));
		}
	}
	assert_in_range(longest, 190, 599);
}

static void
a_nul_is_refused(void **state)
{
	OWNED(config_free_p) struct config *c = NULL;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(config_add(&c, "n", "[state]\na = b\0c\n", 16, &f),
	    -1);
	assert_string_equal(f.text, "n:2: the line has a control character");
}

static void
values_arrive_in_the_settings(void **state)
{
	struct settings s;

	(void)state;
	assert_null(bind("[feed a]\n"
			 "title = He said \"no\"\n"
			 "pages = HelpOn* \"My Page\"\n"
			 "peer = https://a/ https://a/notify\n"
			 "pages = X\n"
			 "peer = https://b/\n"
			 "acl = set \"#acl All:read\"\n"
			 "threshold = 16\n"
			 "expires = 30d\n"
			 "rate = 200K\n"
			 "max-drop = 0%\n"
			 "serve = yes\n"
			 "on-edit = keep\n",
	    &s));
	assert_string_equal(s.title, "He said \"no\"");
	assert_int_equal(s.pages.count, 3);
	assert_string_equal(s.pages.word[1], "My Page");
	assert_string_equal(s.pages.word[2], "X");
	assert_int_equal(s.peers.count, 2);
	assert_string_equal(s.peers.word[0], "https://a/ https://a/notify");
	assert_int_equal(s.acl.count, 2);
	assert_string_equal(s.acl.word[1], "#acl All:read");
	assert_int_equal(s.threshold, 16);
	assert_int_equal(s.expires, 30 * 86400);
	assert_int_equal(s.rate, 200 << 10);
	assert_int_equal(s.drop, 0);
	assert_true(s.serve);
	assert_int_equal(s.edit, 1);
	config_clear(keys, &s);
	assert_null(s.title);
	assert_int_equal(s.pages.count, 0);
}

static void
missing_keys_keep_the_defaults_and_quotes_keep_text(void **state)
{
	struct settings s;

	(void)state;
	assert_null(bind("[feed a]\ntitle = \"a  # b\"\n", &s));
	assert_string_equal(s.title, "a  # b");
	assert_int_equal(s.threshold, 1);
	assert_int_equal(s.edit, 2);
	assert_int_equal(s.pages.count, 0);
	config_clear(keys, &s);
	assert_null(bind("[feed a]\ntitle = \"\"\n", &s));
	assert_string_equal(s.title, "");
	config_clear(keys, &s);
}

static void
bad_values_are_refused_with_key_and_line(void **state)
{
	(void)state;
	bind_refuses("page = x",
	    "x.conf:3: unknown key 'page' in section [feed]");
	bind_refuses("Pages = x",
	    "x.conf:3: unknown key 'Pages' in section [feed]");
	bind_refuses("title = u", "x.conf:3: 'title' stands in line 2 already");
	bind_refuses("acl = drop\nacl = drop",
	    "x.conf:4: 'acl' stands in line 3 already");
	bind_refuses("pages = \"a",
	    "x.conf:3: 'pages': a quote is not closed "
	    "before the end of the line or a ';' behind a blank");
	bind_refuses("threshold = 0",
	    "x.conf:3: 'threshold': 0 is not between 1 and 16");
	bind_refuses("threshold = 17",
	    "x.conf:3: 'threshold': 17 is not between 1 and 16");
	bind_refuses("threshold = two",
	    "x.conf:3: 'threshold': 'two' is not a number");
	bind_refuses("threshold = 1 2",
	    "x.conf:3: 'threshold': '1 2' is not a number");
	bind_refuses("expires = 30",
	    "x.conf:3: 'expires': '30' is not a duration such as 90s, 15m, "
	    "6h, 30d");
	bind_refuses("expires = 59m",
	    "x.conf:3: 'expires': '59m' in seconds: "
	    "3540 is not between 3600 and 9007199254740991");
	bind_refuses("rate = fast",
	    "x.conf:3: 'rate': 'fast' is not a number of bytes such as 500K, "
	    "2M");
	bind_refuses("rate = 1000",
	    "x.conf:3: 'rate': '1000' in bytes: "
	    "1000 is not between 1024 and 9007199254740991");
	bind_refuses("max-drop = 25",
	    "x.conf:3: 'max-drop': '25' is not a percentage such as 25%");
	bind_refuses("max-drop = 101%",
	    "x.conf:3: 'max-drop': 101 is not between 0 and 100");
	bind_refuses("max-drop = %",
	    "x.conf:3: 'max-drop': '%' is not a percentage such as 25%");
	bind_refuses("serve = true",
	    "x.conf:3: 'serve': 'true' is neither yes nor no");
	bind_refuses("on-edit = mine",
	    "x.conf:3: 'on-edit': 'mine' is none of merge, keep, overwrite");
}

static void
text_in_quotes_is_one_word_or_refused(void **state)
{
	struct settings s;

	(void)state;
	assert_string_equal(bind("[feed a]\ntitle = \"a\" b\n", &s),
	    "x.conf:2: 'title': more text behind the quotes");
	config_clear(keys, &s);
}

static void
a_required_key_is_missed(void **state)
{
	struct settings s;

	(void)state;
	assert_string_equal(bind("\n[feed \"a b\"]\npages = x\n", &s),
	    "x.conf:2: section [feed a b] has no 'title'");
	config_clear(keys, &s);
}

static void
a_program_refuses_a_value_at_its_line(void **state)
{
	OWNED(config_free_p) struct config *c;
	const struct config_section *s;
	struct fault f = { 0 };

	(void)state;
	assert_null(parse(&c, "\n[feed a]\nsigner = x\n"));
	s = config_next(c, NULL, NULL);
	(void)fault_set(&f, FAULT_FORMAT, "not a fingerprint");
	assert_int_equal(config_refuse(s, "signer", &f), -1);
	assert_string_equal(f.text, "x.conf:3: not a fingerprint");
	assert_int_equal(f.kind, FAULT_CONFIG);
	(void)fault_set(&f, FAULT_FORMAT, "no mirror");
	assert_int_equal(config_refuse(s, NULL, &f), -1);
	assert_string_equal(f.text, "x.conf:2: no mirror");
}

/* ---- files ---- */

static int
no_environment(void **state)
{
	(void)unsetenv("WIKICAST_CONFIG");
	(void)unsetenv("XDG_CONFIG_HOME");
	return scratch_enter(state);
}

/* The name of the first feed of what is loaded, or the fault's text. */
static const char *
load(const char *file)
{
	static char name[FAULT_TEXT_MAX];
	OWNED(config_free_p) struct config *c = NULL;
	struct fault f = { 0 };

	if (config_load(file, &c, &f) == -1) {
		assert_int_equal(f.kind, FAULT_CONFIG);
		(void)snprintf(name, sizeof(name), "%s", f.text);
	} else {
		const struct config_section *s = config_next(c, NULL, "feed");

		(void)snprintf(name, sizeof(name), "%s",
		    s != NULL ? s->name : "none");
	}
	return name;
}

static bool
system_has_configuration(void)
{
	return access("/etc/wikicast", F_OK) == 0;
}

static void
the_option_goes_before_the_variable(void **state)
{
	(void)state;
	scratch_write("option", "[feed option]\n");
	scratch_write("variable", "[feed variable]\n");
	(void)setenv("WIKICAST_CONFIG", scratch_path("variable"), 1);
	assert_string_equal(load(NULL), "variable");
	assert_string_equal(load(scratch_path("option")), "option");
}

static void
a_named_file_must_be_there(void **state)
{
	char want[256];

	(void)state;
	(void)snprintf(want, sizeof(want), "configuration '%s' does not exist",
	    scratch_path("none"));
	assert_string_equal(load(scratch_path("none")), want);
	(void)setenv("WIKICAST_CONFIG", scratch_path("none"), 1);
	assert_string_equal(load(NULL), want);
	(void)snprintf(want, sizeof(want),
	    "configuration '%s' is not a regular file", scratch);
	assert_string_equal(load(scratch), want);
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_non_null(strstr(load(scratch_path("fifo")), "regular file"));
}

static void
a_symbolic_link_to_a_configuration_is_followed(void **state)
{
	(void)state;
	scratch_write("real", "[feed real]\n");
	assert_int_equal(symlink("real", scratch_path("link")), 0);
	assert_string_equal(load(scratch_path("link")), "real");
}

static void
the_users_folder_is_found_and_drop_ins_come_sorted(void **state)
{
	OWNED(config_free_p) struct config *c = NULL;
	const struct config_section *s = NULL;
	static const char *const want[] = { "main", "ten", "two", "nine" };
	struct fault f = { 0 };
	size_t i;

	(void)state;
	if (system_has_configuration())
		skip();
	scratch_write("home/.config/wikicast/conf.d/2.conf", "[feed two]\n");
	scratch_write("home/.config/wikicast/conf.d/10.conf", "[feed ten]\n");
	scratch_write("home/.config/wikicast/conf.d/9.conf", "[feed nine]\n");
	scratch_write("home/.config/wikicast/conf.d/.8.conf", "junk\n");
	scratch_write("home/.config/wikicast/conf.d/7.conf.bak", "junk\n");
	scratch_write("home/.config/wikicast/wikicast.conf", "[feed main]\n");
	scratch_write("xdg/wikicast/conf.d/a.conf", "[feed xdg]\n");
	(void)setenv("HOME", scratch_path("home"), 1);
	assert_int_equal(config_load(NULL, &c, &f), 0);
	for (i = 0; i < 4; i++) {
		s = config_next(c, s, NULL);
		assert_string_equal(s->name, want[i]);
	}
	assert_null(config_next(c, s, NULL));
	(void)setenv("XDG_CONFIG_HOME", scratch_path("xdg"), 1);
	assert_string_equal(load(NULL), "xdg");
	/* The specification says to ignore what is not absolute. */
	(void)setenv("XDG_CONFIG_HOME", "xdg", 1);
	assert_string_equal(load(NULL), "main");
}

static void
a_section_may_not_stand_in_two_files(void **state)
{
	char want[256];

	(void)state;
	if (system_has_configuration())
		skip();
	scratch_write("wikicast/wikicast.conf", "[feed a]\n");
	scratch_write("wikicast/conf.d/x.conf", "\n[feed a]\n");
	(void)setenv("XDG_CONFIG_HOME", scratch, 1);
	(void)snprintf(want, sizeof(want),
	    "%s:2: section [feed a] stands in "
	    "%s:1 already",
	    scratch_path("wikicast/conf.d/x.conf"),
	    scratch_path("wikicast/wikicast.conf"));
	assert_string_equal(load(NULL), want);
	/* A key at the top of a file is not the last section's of another. */
	scratch_write("wikicast/conf.d/x.conf", "k = v\n");
	assert_non_null(strstr(load(NULL), "stands before the first section"));
}

static void
no_configuration_says_where_it_was_looked_for(void **state)
{
	char want[512];

	(void)state;
	if (system_has_configuration())
		skip();
	(void)setenv("HOME", scratch, 1);
	(void)snprintf(want, sizeof(want),
	    "no configuration: there is no "
	    "wikicast.conf and no conf.d/*.conf in '/etc/wikicast' or "
	    "'%s/.config/wikicast', and no file is named with -c",
	    scratch);
	assert_string_equal(load(NULL), want);
	(void)unsetenv("HOME");
	assert_non_null(strstr(load(NULL), "no configuration: "));
	(void)setenv("HOME", "/dev/null", 1);
	assert_non_null(strstr(load(NULL), "no configuration: "));
}

static void
a_new_file_goes_where_it_will_be_found(void **state)
{
	OWNED_MEM char *folder = NULL;
	struct fault f = { 0 };

	(void)state;
	(void)setenv("XDG_CONFIG_HOME", scratch, 1);
	assert_int_equal(config_folder(&folder, &f), 0);
	assert_string_equal(folder,
	    geteuid() == 0 ? "/etc/wikicast" : scratch_path("wikicast"));
}

#define FILES(fn) \
	cmocka_unit_test_setup_teardown(fn, no_environment, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_and_their_keys_are_read_in_order),
		cmocka_unit_test(an_indented_key_is_a_key_of_its_own),
		cmocka_unit_test(
		    what_is_not_understood_is_refused_with_its_line),
		cmocka_unit_test(bad_headings_are_refused),
		cmocka_unit_test(a_line_is_read_whole_or_refused),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(values_arrive_in_the_settings),
		cmocka_unit_test(
		    missing_keys_keep_the_defaults_and_quotes_keep_text),
		cmocka_unit_test(bad_values_are_refused_with_key_and_line),
		cmocka_unit_test(text_in_quotes_is_one_word_or_refused),
		cmocka_unit_test(a_required_key_is_missed),
		cmocka_unit_test(a_program_refuses_a_value_at_its_line),
		FILES(the_option_goes_before_the_variable),
		FILES(a_named_file_must_be_there),
		FILES(a_symbolic_link_to_a_configuration_is_followed),
		FILES(the_users_folder_is_found_and_drop_ins_come_sorted),
		FILES(a_section_may_not_stand_in_two_files),
		FILES(a_new_file_goes_where_it_will_be_found),
		FILES(no_configuration_says_where_it_was_looked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
