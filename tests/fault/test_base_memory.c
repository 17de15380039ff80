/*
 * Every allocation in base/ is made to fail in turn, alone and with all that
 * follow: nothing may crash, whatever went wrong is told, nothing is lost.
 */
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

#include "base/base64.h"
#include "base/child.h"
#include "base/config.h"
#include "base/db.h"
#include "base/file.h"
#include "base/options.h"
#include "base/report.h"
#include "tests/support/libscratch.h"
#include "tests/fault/allocator.h"

#if !defined(NO_ALLOCATOR)

/* ---- what is done ---- */

static int
words(struct fault *f)
{
	OWNED_WORDS struct words w = WORDS_INIT;
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	if (words_split("a \"b c\" d e f g h i j", &w, f) == -1 ||
	    words_quote("a \" ; b", &b, f) == -1 ||
	    buf_format(&b, f, "%s%100d", "x", 7) == -1)
		return -1;
	free(buf_take(&b));
	return 0;
}

static int
base64(struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf bytes = BUF_INIT(BUF_ANY);

	if (base64_encode("foobar", 6, &text, f) == -1)
		return -1;
	return base64_decode(text.data, text.len, &bytes, f);
}

struct settings {
	char *title;
	struct words pages, lines;
	int choice;
};

static const char *const choices[] = { "one", "two", NULL };
#define AT(member) offsetof(struct settings, member)
static const struct config_key keys[] = {
	{ "title", CONFIG_TEXT, AT(title) },
	{ "pages", CONFIG_WORDS, AT(pages) },
	{ "line", CONFIG_LINES, AT(lines) },
	{ "choice", CONFIG_CHOICE, AT(choice), .choices = choices },
	{ 0 },
};
static int
config(struct fault *f)
{
	OWNED(config_free_p) struct config *c = NULL;
	struct settings s = { 0 };
	int rc;

	if (config_load(NULL, &c, f) == -1)
		return -1;
	rc = config_bind(config_next(c, NULL, "feed"), keys, &s, f);
	config_clear(keys, &s);
	return rc;
}

static int
options(struct fault *f)
{
	static const struct options_row rows[] = {
		{ "page", 0, OPTIONS_LIST, AT(pages), "PAGE", "a page" },
		{ 0 },
	};
	static const struct options_verb verb = { "gen", "[FEED...]", "x", 0,
		OPTIONS_ANY, rows };
	char text[] = "w\0gen\0--page\0P\0a\0b";
	char *argv[] = { text, text + 2, text + 6, text + 13, text + 15,
		text + 17, NULL };
	OWNED(options_clear) struct options o = OPTIONS_INIT;
	struct settings s = { 0 };
	int rc = options_parse(&verb, 6, argv, &s, &o, f);

	words_clear(&s.pages);
	return rc;
}

static int
report(bool json, struct fault *f)
{
	OWNED(report_free) struct report *r = NULL;
	OWNED_WORDS struct words w = WORDS_INIT;
	OWNED_FD int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int i;

	if (words_split("a b", &w, f) == -1 ||
	    report_start(json, fd, &r, f) == -1 ||
	    report_say(r, f, "%s", "a sentence") == -1)
		return -1;
	for (i = 0; i < 3; i++) {
		report_row(r, i < 2 ? "mirror" : "peer");
		report_text(r, "a", "text \xff\xe2\x80\xae");
		report_number(r, "b", 7);
		report_bool(r, "c", true);
		report_time(r, "d", 0);
		report_null(r, "e");
		report_words(r, "f", &w);
		if (report_row_end(r, f) == -1)
			return -1;
	}
	return report_end(r, f);
}

static int
table(struct fault *f)
{
	return report(false, f);
}

static int
json(struct fault *f)
{
	return report(true, f);
}

static int
child(struct fault *f)
{
	static const char *const argv[] = { "true", NULL };
	static const char *const environment[] = { "A=b", "PATH=/usr/bin:/bin",
		NULL };
	const struct child_plan plan = { .argv = argv,
		.environment = environment };
	struct child_end end;

	return child_run(&plan, &end, f);
}

static int
files(struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(1000);
	bool have;

	if (file_make_folders(scratch_fd, "x/y", 0700, f) == -1 ||
	    file_replace(scratch_fd, "x/y/f", "text", 4, 0600, f) == -1)
		return -1;
	return file_read(scratch_fd, "x/y/f", &b, &have, f);
}

static int
database(struct fault *f)
{
	static const char *const steps[] = { "CREATE TABLE t (a, b)" };
	OWNED(db_close_p) struct db *db = NULL;
	OWNED(db_done) struct db_query q = DB_QUERY_INIT;
	bool have;

	if (db_open(scratch_path("x.db"), steps, 1, &db, f) == -1 ||
	    db_begin(db, f) == -1 ||
	    db_run(db, f, "INSERT INTO t VALUES (?, ?)", "it", (int64_t)1,
		"x") == -1 ||
	    db_commit(db, f) == -1 ||
	    db_query(db, &q, f, "SELECT a, b FROM t ORDER BY b", "") == -1)
		return -1;
	return db_next(&q, &have, f);
}

#define CASE(act) \
	static void act##_without_memory(void **state) \
	{ \
		(void)state; \
		every_failure_is_told_and_loses_nothing(act); \
	}
CASE(words)
CASE(base64)
CASE(config)
CASE(options)
CASE(table)
CASE(json)
CASE(child)
CASE(files)
CASE(database)

static int
enter(void **state)
{
	if (scratch_enter(state) == -1)
		return -1;
	scratch_write("conf",
	    "[feed \"a b\"]\ntitle = \"x y\"\n"
	    "pages = a b c\npages = d\nline = e f\nchoice = two\n");
	return setenv("WIKICAST_CONFIG", scratch_path("conf"), 1);
}

#define TEST(act) \
	cmocka_unit_test_setup_teardown(act##_without_memory, enter, \
	    scratch_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words),
		TEST(base64),
		TEST(config),
		TEST(options),
		TEST(table),
		TEST(json),
		TEST(child),
		TEST(files),
		TEST(database),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
