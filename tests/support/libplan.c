#include "tests/support/libplan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/support/libscratch.h"

struct wiki *
plan_wiki(void)
{
	struct wiki_options options = { 0 };
	struct wiki *w = NULL;
	struct fault f = { 0 };
	char name[100];

	(void)snprintf(name, sizeof(name), "files:%s", scratch);
	assert_int_equal(wiki_open(name, &options, &w, &f), 0);
	assert_int_equal(wiki_begin(w, true, &f), 0);
	return w;
}

void
libplan_clear(struct plan *p)
{
	wiki_job_clear(&p->job);
	item_clear(&p->item);
	free(p->before);
	p->before = NULL;
}

/* Decide upon what is there now. */
void
plan_make(struct wiki *w, struct plan *p)
{
	struct fault f = { 0 };

	if (wiki_revision(w, p->page, p->file, &p->before, &f) == -1)
		assert_int_equal(f.kind, FAULT_FORMAT); /* in the way */
	p->item.kind = p->file != NULL ? ITEM_ATTACHMENT : ITEM_PAGE;
	p->item.name = strdup(p->file != NULL ? p->file : p->page);
	p->item.page = p->file != NULL ? strdup(p->page) : NULL;
	p->job.item = &p->item;
	p->job.drop = p->new_text == NULL;
	p->job.content = p->new_text;
	p->job.size = p->new_text != NULL ? strlen(p->new_text) : 0;
	p->job.before = p->before;
	assert_int_equal(wiki_intend(w, &p->job, 1, &f), 0);
}

enum wiki_outcome
plan_run(const char *page, const char *file, const char *text)
{
	OWNED_PLAN struct plan p = PLAN(page, file, text);
	struct fault f = { 0 };
	OWNED_WIKI struct wiki *w = plan_wiki();
	OWNED_MEM char *revision = NULL;
	bool gone;

	plan_make(w, &p);
	if (p.job.outcome == WIKI_CANNOT)
		return WIKI_CANNOT;
	assert_non_null(p.job.intent);
	assert_null(strchr(p.job.intent, '\n'));
	assert_int_equal(wiki_carry_out(w, &p.job, 1, &f), 0);
	assert_int_equal(wiki_revision(w, page, file, &revision, &f), 0);
	gone = p.job.outcome == WIKI_DONE && text == NULL;
	if (gone)
		assert_null(revision);
	if (p.job.outcome == WIKI_DONE && !gone)
		assert_string_equal(p.job.revision, revision);
	return p.job.outcome;
}

void
plan_file_is(const char *name, const char *want)
{
	OWNED_MEM char *text = NULL;
	struct stat st;

	if (want == NULL) {
		if (fstatat(scratch_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			fail_msg("'%s' is there", name);
		return;
	}
	if (fstatat(scratch_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		fail_msg("no '%s'", name);
	text = scratch_read(name);
	if (strcmp(text, want) != 0)
		fail_msg("'%s' is '%s', not '%s'", name, text, want);
}
