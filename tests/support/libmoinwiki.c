#include "tests/support/libmoinwiki.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/libscratch.h"
#include "wiki/moin.h"

int64_t moinwiki_ahead;

static const char *
data_path(const char *folder, const char *name)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "data/pages/%s/%s", folder, name);
	return scratch_path(path);
}

int
moinwiki_enter(void **state)
{
	moinwiki_ahead = 0;
	if (scratch_enter(state) == -1)
		return -1;
	scratch_write("data/edit-log", "");
	scratch_write("data/cache/wikiconfig/README", "");
	scratch_write("data/user/README", "");
	if (mkdir(scratch_path("data/pages"), 0770) == -1 ||
	    mkdir(scratch_path("underlay"), 0770) == -1 ||
	    mkdir(scratch_path("underlay/pages"), 0770) == -1)
		return -1;
	return chmod(scratch_path("data/pages"), 0770);
}

int
moinwiki_leave(void **state)
{
	return scratch_leave(state);
}

struct wiki *
moinwiki_open(void)
{
	struct wiki_options options = { 0 };
	struct fault f = { 0 };
	struct wiki *w = NULL;
	char name[100];

	(void)snprintf(name, sizeof(name), "moin:%s/data", scratch);
	if (wiki_open(name, &options, &w, &f) == -1)
		fail_msg("%s", f.text);
	return w;
}

struct wiki *
moinwiki_begin(void)
{
	struct wiki *w = moinwiki_open();
	struct fault f = { 0 };

	moin_of(w)->patience = 50;
	if (wiki_begin(w, false, &f) == -1)
		fail_msg("%s", f.text);
	return w;
}

void
moinwiki_plan(struct wiki *w, struct plan *p)
{
	p->job.author = "J. Doe";
	p->job.comment = "from\tafar\n";
	plan_make(w, p);
	if (p->job.intent != NULL)
		assert_null(strchr(p->job.intent, '\n'));
}

enum wiki_outcome
moinwiki_change(const char *page, const char *file, const char *text)
{
	OWNED_PLAN struct plan p = PLAN(page, file, text);
	OWNED_WIKI struct wiki *w = moinwiki_begin();
	OWNED_MEM char *revision = NULL;
	struct fault f = { 0 };

	moinwiki_plan(w, &p);
	if (p.job.outcome == WIKI_CANNOT)
		return WIKI_CANNOT;
	if (wiki_carry_out(w, &p.job, 1, &f) == -1)
		fail_msg("%s", f.text);
	if (p.job.outcome != WIKI_DONE)
		return p.job.outcome;
	assert_int_equal(wiki_revision(w, page, file, &revision, &f), 0);
	if (revision == NULL)
		assert_null(p.job.revision);
	else
		assert_string_equal(p.job.revision, revision);
	return WIKI_DONE;
}

void
moinwiki_text_is(const char *folder, const char *text)
{
	OWNED_MEM char *is = moinwiki_text(folder);

	if (text == NULL) {
		assert_null(is);
		return;
	}
	assert_non_null(is);
	assert_string_equal(is, text);
}

size_t
moinwiki_dot_names(const char *folder)
{
	DIR *d = opendir(scratch_path(folder));
	const struct dirent *e;
	size_t n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += *e->d_name == '.' && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0;
	if (d != NULL)
		(void)closedir(d);
	return n;
}

int64_t
moinwiki_number(const char *folder)
{
	FILE *fp = fopen(data_path(folder, "current"), "r");
	char line[32] = "";

	if (fp == NULL)
		return -1;
	assert_non_null(fgets(line, sizeof(line), fp));
	(void)fclose(fp);
	return strtoll(line, NULL, 10);
}

static void
put(const char *path, const char *mode, const char *text)
{
	FILE *fp = fopen(path, mode);

	assert_non_null(fp);
	assert_true(fputs(text, fp) >= 0);
	assert_int_equal(fclose(fp), 0);
}

static void
log_save(const char *folder, int64_t number, const char *editor,
    const char *comment)
{
	struct timespec now;
	char line[1000];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(line, sizeof(line),
	    "%" PRId64 "\t%08" PRId64 "\tSAVE\t%s\t%s\t\t%s\n",
	    (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000, number, folder,
	    editor != NULL ? editor : "192.0.2.1\thost.example.org\t", comment);
	put(scratch_path("data/edit-log"), "a", line);
	put(data_path(folder, "edit-log"), "a", line);
}

void
moinwiki_save(const char *folder, const char *text, const char *editor,
    const char *comment)
{
	char name[64], line[32];
	int64_t number;

	(void)mkdir(data_path(folder, ""), 0770);
	if (mkdir(data_path(folder, "revisions"), 0770) == 0)
		put(data_path(folder, "current"), "w", "00000000\n");
	number = moinwiki_number(folder) + 1;
	assert_int_equal(rename(data_path(folder, "current"),
			     data_path(folder, "current-locked")),
	    0);
	(void)snprintf(line, sizeof(line), "%08" PRId64 "\n", number);
	put(data_path(folder, "current-locked.tmp"), "w", line);
	assert_int_equal(rename(data_path(folder, "current-locked.tmp"),
			     data_path(folder, "current-locked")),
	    0);
	if (text != NULL) {
		(void)snprintf(name, sizeof(name), "revisions/%08" PRId64,
		    number);
		put(data_path(folder, name), "w", text);
	}
	log_save(folder, number, editor, comment);
	assert_int_equal(rename(data_path(folder, "current-locked"),
			     data_path(folder, "current")),
	    0);
}

void
moinwiki_underlay(const char *folder, const char *text)
{
	char name[400];

	(void)snprintf(name, sizeof(name), "underlay/pages/%s/current", folder);
	scratch_write(name, "00000001\n");
	(void)snprintf(name, sizeof(name),
	    "underlay/pages/%s/revisions/00000001", folder);
	scratch_write(name, text);
}

void
moinwiki_attach(const char *folder, const char *file, const char *text)
{
	char name[700];

	(void)snprintf(name, sizeof(name), "data/pages/%s/attachments/%s",
	    folder, file);
	scratch_write(name, text);
}

char *
moinwiki_text(const char *folder)
{
	int64_t number = moinwiki_number(folder);
	char name[400];

	(void)snprintf(name, sizeof(name), "data/pages/%s/revisions/%08" PRId64,
	    folder, number);
	if (number < 0 || access(scratch_path(name), F_OK) == -1)
		return NULL;
	return scratch_read(name);
}

size_t
moinwiki_lines(const char *log, const char *a, const char *b)
{
	char name[400];
	char *text, *line, *rest;
	size_t n = 0;

	(void)snprintf(name, sizeof(name), "data/%s", log);
	rest = text = scratch_read(name);
	while ((line = strsep(&rest, "\n")) != NULL)
		n += strstr(line, a) != NULL && strstr(line, b) != NULL;
	free(text);
	return n;
}
