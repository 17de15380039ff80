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
#include "base/section.h"
#include "tests/support/libscratch.h"

struct values {
	char *title;
};

static const struct config_key keys[] = { { .key = "title",
					      .type = CONFIG_TEXT,
					      .offset = offsetof(struct values,
						  title) },
	{ .key = NULL } };

/* What a configuration says of a value that was written. */
static char *
written_and_read(const char *value)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	OWNED(config_free_p) struct config *c = NULL;
	struct values v = { NULL };
	struct fault f = { 0 };

	if (section_begin(&b, "follow", "x", &f) == -1 ||
	    section_value(&b, "title", value, &f) == -1)
		fail_msg("%s", f.text);
	if (config_add(&c, SECTION_NEW, b.data, b.len, &f) == -1 ||
	    config_bind(config_find(c, "follow", "x"), keys, &v, &f) == -1)
		fail_msg("%s", f.text);
	return v.title;
}

static void
any_text_is_read_as_it_was_given(void **state)
{
	static const char *const values[] = { "plain", "two words", "a # b",
		"a ; b", "say \"hi\"", "back\\slash", "\"", "#acl All:read",
		"*", "https://x/y?z=1;2#3", "\xc3\xa4\xc3\xb6 x" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char *back = written_and_read(values[i]);

		assert_string_equal(back, values[i]);
		free(back);
	}
}

static void
what_no_line_can_hold_is_refused(void **state)
{
	static const char *const values[] = { "", "a\nb", "a\rb", "\t",
		"\x7f" };
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct fault f = { 0 };

		assert_int_equal(section_value(&b, "title", values[i], &f), -1);
		assert_int_equal(f.kind, FAULT_CONFIG);
		assert_non_null(strstr(f.text, "'--title'"));
	}
	assert_int_equal(b.len, 0);
}

static void
a_missing_value_is_left_out(void **state)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(section_begin(&b, "state", NULL, &f), 0);
	assert_int_equal(section_value(&b, "title", NULL, &f), 0);
	assert_int_equal(section_begin(&b, "follow", "y", &f), 0);
	assert_string_equal(b.data, "[state]\n\n[follow y]\n");
}

static void
names_are_fit_for_files_and_urls(void **state)
{
	(void)state;
	assert_true(section_name_valid("badcontent-2_X"));
	assert_false(section_name_valid(""));
	assert_false(section_name_valid("-x"));
	assert_false(section_name_valid("a b"));
	assert_false(section_name_valid("../x"));
	assert_false(section_name_valid("a]"));
	assert_false(section_name_valid("0123456789012345678901234567890123456"
					"7890123456789012345678901234"));
}

static const char *
blamed(const char *text, const char *argument)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	static struct fault f;

	assert_int_equal(section_begin(&b, "follow", "x", &f), 0);
	assert_int_equal(section_value(&b, "title", "t", &f), 0);
	assert_int_equal(section_value(&b, "mirror", "u", &f), 0);
	(void)fault_set(&f, FAULT_CONFIG, "%s", text);
	assert_int_equal(section_blame(&b, argument, &f), -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
	return f.text;
}

static void
a_fault_names_the_option_and_no_line(void **state)
{
	(void)state;
	assert_string_equal(blamed("(new):2: too long", NULL),
	    "option '--title': too long");
	assert_string_equal(blamed("(new):3: no URL", "mirror"), "no URL");
	assert_string_equal(blamed("(new):1: say more", NULL), "say more");
	assert_string_equal(blamed("/etc/x:2: too long", NULL),
	    "/etc/x:2: too long");
	assert_string_equal(blamed("(new):77: odd", NULL), "odd");
}

static void
paths_become_absolute(void **state)
{
	char cwd[4096], want[4200];
	char *out = NULL;
	struct fault f = { 0 };

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	(void)snprintf(want, sizeof(want), "%s/a/b", cwd);
	assert_int_equal(section_path("./a/b", &out, &f), 0);
	assert_string_equal(out, want);
	free(out);
	assert_int_equal(section_path("/a/b", &out, &f), 0);
	assert_string_equal(out, "/a/b");
	free(out);
	assert_int_equal(section_path(".", &out, &f), 0);
	assert_string_equal(out, cwd);
	free(out);
	(void)snprintf(want, sizeof(want), "moin:%s/d", cwd);
	assert_int_equal(section_place("moin:d", &out, &f), 0);
	assert_string_equal(out, want);
	free(out);
	/* What is not ENGINE:PLACE is for the wiki to refuse. */
	assert_int_equal(section_place("moin", &out, &f), 0);
	assert_string_equal(out, "moin");
	free(out);
	assert_int_equal(setenv("HOME", "/home/u", 1), 0);
	assert_int_equal(section_path("~/x", &out, &f), 0);
	assert_string_equal(out, "/home/u/x");
	free(out);
}

static void
put(const char *name, const char *text)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };

	assert_int_equal(buf_add_text(&b, text, &f), 0);
	if (section_write(scratch_path(name), &b, &f) == -1)
		fail_msg("%s", f.text);
}

static void
text_is_added_behind_what_stands(void **state)
{
	struct stat st;
	char *text;

	(void)state;
	put("new/folder/x.conf", "[a]\n");
	assert_int_equal(stat(scratch_path("new/folder/x.conf"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	scratch_write("y.conf", "; mine\n[a]\nno end");
	assert_int_equal(chmod(scratch_path("y.conf"), 0600), 0);
	put("y.conf", "[b]\n");
	text = scratch_read("y.conf");
	assert_string_equal(text, "; mine\n[a]\nno end\n\n[b]\n");
	free(text);
	assert_int_equal(stat(scratch_path("y.conf"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
a_symbolic_link_stays_one(void **state)
{
	struct stat st;
	char *text;

	(void)state;
	scratch_write("real.conf", "[a]\n");
	assert_int_equal(symlink("real.conf", scratch_path("link.conf")), 0);
	put("link.conf", "[b]\n");
	assert_int_equal(lstat(scratch_path("link.conf"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	text = scratch_read("real.conf");
	assert_string_equal(text, "[a]\n\n[b]\n");
	free(text);
}

static void
a_new_section_goes_beside_what_is_there(void **state)
{
	OWNED(config_free_p) struct config *c = NULL;
	OWNED_MEM char *path = NULL;
	struct fault f = { 0 };

	(void)state;
	if (access("/etc/wikicast", F_OK) == 0)
		skip();
	assert_int_equal(unsetenv("WIKICAST_CONFIG"), 0);
	assert_int_equal(setenv("XDG_CONFIG_HOME", scratch, 1), 0);
	scratch_write("wikicast/wikicast.conf", "[state]\ntitle = x\n");
	if (config_load_to_add(NULL, "feed", &c, &path, &f) == -1)
		fail_msg("%s", f.text);
	assert_non_null(c);
	assert_string_equal(path, scratch_path("wikicast/conf.d/feed.conf"));
}

static void
no_configuration_yet_is_no_fault(void **state)
{
	OWNED(config_free_p) struct config *c = NULL;
	OWNED_MEM char *path = NULL;
	struct fault f = { 0 };

	(void)state;
	if (config_load_to_add(scratch_path("none.conf"), "feed", &c, &path,
		&f) == -1)
		fail_msg("%s", f.text);
	assert_null(c);
	assert_string_equal(path, scratch_path("none.conf"));
	scratch_write("bad.conf", "[nonsense]\n");
	free(path);
	path = NULL;
	assert_int_equal(
	    config_load_to_add(scratch_path("bad.conf"), "feed", &c, &path, &f),
	    -1);
	assert_int_equal(f.kind, FAULT_CONFIG);
}

#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, scratch_enter, scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_text_is_read_as_it_was_given),
		cmocka_unit_test(what_no_line_can_hold_is_refused),
		cmocka_unit_test(a_missing_value_is_left_out),
		cmocka_unit_test(names_are_fit_for_files_and_urls),
		cmocka_unit_test(a_fault_names_the_option_and_no_line),
		cmocka_unit_test(paths_become_absolute),
		WITH_FOLDER(text_is_added_behind_what_stands),
		WITH_FOLDER(a_symbolic_link_stays_one),
		WITH_FOLDER(a_new_section_goes_beside_what_is_there),
		WITH_FOLDER(no_configuration_yet_is_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
