#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "items/name.h"
#include "items/text.h"
#include "wiki/moin.h"
#include "wiki/moin_log.h"

#define LOG_MAX ((size_t)1 << 30)

/* A note (an author, a comment) for an item, or none if it cannot be one. */
static int
keep_note(const char *text, char **out, struct fault *f)
{
	struct fault ignored;

	if (*text == '\0' || name_check_note(text, NOTE_MAX, &ignored) == -1)
		return 0;
	*out = strdup(text);
	return *out == NULL ? fault_memory(f) : 0;
}

/* Never a host or an address: a user's name, or what is put in its place. */
static int
read_author(struct moin *m, const struct moin_line *line, char **author,
    struct fault *f)
{
	OWNED_BUF struct buf named = BUF_INIT(BUF_ANY);
	const char *name = NULL;

	if (*line->user != '\0') {
		if (moin_user_name(m, line->user, &name, f) == -1)
			return -1;
		return name == NULL ? 0 : keep_note(name, author, f);
	}
	if (moin_log_line_author(line, &named, f) == -1)
		return -1;
	return keep_note(named.data, author, f);
}

static int64_t
clamp_time(int64_t seconds)
{
	return seconds < 0 ? 0 : seconds > UPDATED_MAX ? UPDATED_MAX : seconds;
}

/* Who made the revision, when, and why: out of the page's own log. */
static int
read_log(struct moin *m, int pages, const char *folder,
    const struct moin_look *look, struct wiki_page *out, struct fault *f)
{
	OWNED_BUF struct buf room = BUF_INIT(LOG_MAX);
	OWNED_FD int fd = -1;
	char path[MOIN_PATH];
	struct moin_line line;
	bool have = false;

	out->updated = clamp_time(look->text.st_mtim.tv_sec);
	moin_path(path, folder, "edit-log");
	fd =
	    openat(pages, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && errno != ENOENT)
		return fault_system(f, errno, "'%s'", path);
	if (moin_log_find(fd, look->number, &room, &line, &have, f) == -1)
		return fault_within(f, "'%s'", path);
	if (!have)
		return 0;
	if (line.stamp > 0)
		out->updated = clamp_time(line.stamp / 1000000);
	if (read_author(m, &line, &out->author, f) == -1)
		return -1;
	return keep_note(line.comment, &out->comment, f);
}

/* Moin's name of a markup as FORMAT section 3 spells it. */
static const char *
format_name(char *markup)
{
	static const char *const known[][2] = {
		{ "", "moin" },
		{ "wiki", "moin" },
		{ "plain", "text" },
		{ "text/plain", "text" },
		{ "text/moin-wiki", "moin" },
		{ "text/x-moin-wiki", "moin" },
		{ "text_markdown", "markdown" },
		{ "text/markdown", "markdown" },
		{ "text/x-markdown", "markdown" },
	};
	size_t i;

	markup[strcspn(markup, " ")] = '\0';
	for (i = 0; markup[i] != '\0'; i++) {
		char c = markup[i];

		if (c >= 'A' && c <= 'Z')
			markup[i] = (char)(c - 'A' + 'a');
	}
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(markup, known[i][0]) == 0)
			return known[i][1];
	for (i = 0; markup[i] != '\0'; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789", markup[i]) ==
		    NULL)
			markup[i] = '-';
	return markup;
}

static int
read_instructions(const struct buf *text, struct wiki_page *out,
    struct fault *f)
{
	OWNED_BUF struct buf lang = BUF_INIT(LANG_MAX);
	OWNED_BUF struct buf markup = BUF_INIT(FORMAT_MAX);
	struct fault ignored;

	if (text_instruction(text->data, text->len, "language", &lang, f) ==
		-1 ||
	    text_instruction(text->data, text->len, "format", &markup, f) == -1)
		return -1;
	if (text->len >= 5 && memcmp(text->data, "<?xml", 5) == 0)
		out->format = strdup("xslt");
	else if (markup.len == 0)
		out->format = strdup("moin");
	else
		out->format = strdup(format_name(markup.data));
	if (out->format == NULL)
		return fault_memory(f);
	if (lang.len == 0 || name_check_lang(lang.data, &ignored) == -1)
		return 0;
	out->lang = buf_take(&lang);
	return out->lang == NULL ? fault_memory(f) : 0;
}

static int
keep_revision(const char *text, char **out, struct fault *f)
{
	if (*text == '\0')
		return 0;
	*out = strdup(text);
	return *out == NULL ? fault_memory(f) : 0;
}

/* A page that exists in pages, or in the underlay's pages. */
static int
fill_page(struct moin *m, int pages, const char *folder,
    const struct moin_look *look, const struct buf *raw, struct wiki_page *out,
    struct fault *f)
{
	char revision[MOIN_REVISION_MAX];

	out->from_underlay = pages == m->underlay;
	if (text_to_lf(raw->data, raw->len, &out->text, f) == -1)
		return f->kind == FAULT_LIMIT ?
		    fault_set(f, FAULT_FORMAT, "the text is too long") :
		    -1;
	if (text_check(out->text.data, out->text.len, f) == -1 ||
	    read_instructions(&out->text, out, f) == -1 ||
	    read_log(m, pages, folder, look, out, f) == -1)
		return -1;
	moin_look_revision(look, out->from_underlay, revision);
	if (keep_revision(revision, &out->revision, f) == -1)
		return -1;
	out->present = true;
	return 0;
}

static int
damaged(struct fault *f)
{
	return fault_set(f, FAULT_FORMAT, "its file 'current' is damaged");
}

static int
read_page(struct moin *m, const char *folder, struct wiki_page *out,
    struct fault *f)
{
	/* Twice: each LF may be a CRLF on disk. */
	OWNED_BUF struct buf raw = BUF_INIT(2 * (size_t)ITEM_SIZE_MAX);
	char revision[MOIN_REVISION_MAX];
	struct moin_look look, under;
	int64_t now = time_now();

	if (moin_look(m->pages, folder, &look, &raw, f) == -1)
		return -1;
	if (look.number == -1)
		return damaged(f);
	moin_stamp_page(&look, now, out->stamp);
	if (look.present)
		return fill_page(m, m->pages, folder, &look, &raw, out, f);
	moin_look_revision(&look, false, revision);
	if (m->underlay != -1) {
		if (moin_look(m->underlay, folder, &under, &raw, f) == -1)
			return -1;
		if (under.present)
			return fill_page(m, m->underlay, folder, &under, &raw,
			    out, f);
	}
	return keep_revision(revision, &out->revision, f);
}

static int
read_file(struct moin *m, const char *folder, const char *file,
    struct wiki_page *out, struct fault *f)
{
	char revision[MOIN_REVISION_MAX];
	int64_t now = time_now();
	struct stat st;
	bool have;

	if (moin_look_file(m->pages, folder, file, &st, &out->text, &have, f) ==
	    -1)
		return -1;
	if (!have)
		return 0;
	moin_stamp_file(&st, now, out->stamp);
	moin_look_file_revision(&st, revision);
	if (keep_revision(revision, &out->revision, f) == -1)
		return -1;
	out->updated = clamp_time(st.st_mtim.tv_sec);
	out->present = true;
	return 0;
}

/*
 * The folder of a page; false if there can be none on this wiki, so that
 * what is asked for is not there.
 */
static int
find_folder(const char *page, const char *file, struct buf *folder, bool *can,
    struct fault *f)
{
	struct fault why;

	*can = moin_name_check_page(page, &why) == 0 &&
	    (file == NULL || moin_name_check_file(file, &why) == 0);
	if (!*can)
		return why.kind == FAULT_MEMORY ? fault_memory(f) : 0;
	return moin_name_quote(page, folder, f);
}

int
moin_read(struct wiki *w, const char *page, const char *file,
    struct wiki_page *out, struct fault *f)
{
	OWNED_BUF struct buf folder = BUF_INIT(BUF_ANY);
	bool can;
	int got;

	if (find_folder(page, file, &folder, &can, f) == -1)
		return -1;
	if (!can)
		return 0;
	got = file != NULL ? read_file(moin_of(w), folder.data, file, out, f) :
			     read_page(moin_of(w), folder.data, out, f);
	if (got == -1)
		return fault_within(f, "page '%.300s'", page);
	return 0;
}

static int
page_revision(struct moin *m, const char *folder,
    char revision[MOIN_REVISION_MAX], struct fault *f)
{
	struct moin_look look, under;

	if (moin_look(m->pages, folder, &look, NULL, f) == -1)
		return -1;
	if (look.number == -1)
		return damaged(f);
	moin_look_revision(&look, false, revision);
	if (look.present || m->underlay == -1)
		return 0;
	if (moin_look(m->underlay, folder, &under, NULL, f) == -1)
		return -1;
	if (under.present)
		moin_look_revision(&under, true, revision);
	return 0;
}

static int
file_revision(struct moin *m, const char *folder, const char *file,
    char revision[MOIN_REVISION_MAX], struct fault *f)
{
	struct stat st;
	bool have;

	*revision = '\0';
	if (moin_look_file(m->pages, folder, file, &st, NULL, &have, f) == -1)
		return -1;
	if (have)
		moin_look_file_revision(&st, revision);
	return 0;
}

int
moin_revision(struct wiki *w, const char *page, const char *file,
    char **revision, struct fault *f)
{
	OWNED_BUF struct buf folder = BUF_INIT(BUF_ANY);
	char text[MOIN_REVISION_MAX];
	bool can;

	*revision = NULL;
	if (find_folder(page, file, &folder, &can, f) == -1)
		return -1;
	if (!can)
		return 0;
	if ((file != NULL ?
		    file_revision(moin_of(w), folder.data, file, text, f) :
		    page_revision(moin_of(w), folder.data, text, f)) == -1)
		return fault_within(f, "page '%.300s'", page);
	return keep_revision(text, revision, f);
}
