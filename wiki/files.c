#include "wiki/files.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "base/file.h"
#include "base/num.h"
#include "items/name.h"
#include "items/text.h"
#include "wiki/power.h"

#define YOUNG 2 /* seconds, wiki.h: not to be remembered */

static int
open_wiki(const char *place, const struct wiki_options *options,
    struct wiki **out, struct fault *f)
{
	OWNED_MEM struct files *w = calloc(1, sizeof(*w));
	long name_max;

	(void)options;
	if (w == NULL)
		return fault_memory(f);
	if (file_open_folder(AT_FDCWD, place, &w->root, f) == -1)
		return -1;
	name_max = fpathconf(w->root, _PC_NAME_MAX);
	w->name_max = name_max > 32 ? (size_t)name_max : 255;
	*out = &own_give(&w)->wiki;
	return 0;
}

static void
close_wiki(struct wiki *wiki)
{
	struct files *w = (struct files *)wiki;

	own_close_fd(&w->root);
	free(w);
}

/*
 * A change within the same tick of the file system's clock as an earlier one
 * leaves the same times, and what was read would pass for current.  So what
 * changed in this tick is read in the next.
 */
static void
wait_for_tick(const struct stat *st)
{
	int64_t tick = st->st_ctim.tv_nsec == 0 ? 2000000000 : 20000000;
	struct timespec now = { 0 }, pause = { 0 };
	int64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec - st->st_ctim.tv_sec < 0 ||
	    now.tv_sec - st->st_ctim.tv_sec > 3)
		return;
	age = (now.tv_sec - st->st_ctim.tv_sec) * 1000000000 + now.tv_nsec -
	    st->st_ctim.tv_nsec;
	if (age < 0 || age >= tick)
		return;
	pause.tv_sec = (tick - age) / 1000000000;
	pause.tv_nsec = (tick - age) % 1000000000;
	(void)nanosleep(&pause, NULL);
}

/* Bytes of one moment, and the revision that they are. */
static int
read_bytes(int fd, const char *name, struct stat *st, struct buf *b,
    char revision[WIKI_STAMP_MAX], struct fault *f)
{
	char after[WIKI_STAMP_MAX];
	int tries;

	for (tries = 0; tries < 3; tries++) {
		wait_for_tick(st);
		if (fstat(fd, st) == -1)
			return fault_system(f, errno, "'%s'", name);
		files_place_revision(st, revision);
		if (st->st_size > ITEM_SIZE_MAX)
			return fault_set(f, FAULT_FORMAT,
			    "'%s' is larger than 64 MiB", name);
		buf_reset(b);
		if (file_read_fd(fd, b, f) == -1 && f->kind != FAULT_LIMIT)
			return fault_within(f, "'%s'", name);
		if (fstat(fd, st) == -1)
			return fault_system(f, errno, "'%s'", name);
		files_place_revision(st, after);
		if (strcmp(revision, after) == 0)
			return 0;
	}
	return fault_set(f, FAULT_FORMAT, "'%s' changes while it is read",
	    name);
}

/* What a file's bytes say as a page's text. */
static int
read_text(const struct buf *raw, const char *name, struct wiki_page *out,
    struct fault *f)
{
	OWNED_BUF struct buf lang = BUF_INIT(LANG_MAX);
	struct fault none = { 0 };

	if (text_to_lf(raw->data, raw->len, &out->text, f) == -1)
		return -1;
	if (text_check(out->text.data, out->text.len, f) == -1)
		return fault_within(f, "'%s'", name);
	if (text_instruction(out->text.data, out->text.len, "language", &lang,
		f) == -1)
		return -1;
	if (lang.len == 0 || name_check_lang(lang.data, &none) == -1)
		return 0;
	out->lang = buf_take(&lang);
	return out->lang == NULL ? fault_memory(f) : 0;
}

static int
read_item(struct wiki *wiki, const char *page, const char *file,
    struct wiki_page *out, struct fault *f)
{
	OWNED_PLACE struct files_place place = FILES_PLACE_INIT;
	OWNED_BUF struct buf raw = BUF_INIT((size_t)ITEM_SIZE_MAX);
	OWNED_FD int fd = -1;
	char revision[WIKI_STAMP_MAX];
	int64_t now = time_now();
	struct stat st;
	bool have;

	if (files_place_open((struct files *)wiki, page, file, false, &place,
		&have, f) == -1)
		return -1;
	if (have &&
	    files_place_read(place.folder, place.name, &fd, &st, &have, f) ==
		-1)
		return -1;
	if (!have)
		return 0;
	if (read_bytes(fd, place.name, &st, file != NULL ? &out->text : &raw,
		revision, f) == -1)
		return -1;
	if (file == NULL && read_text(&raw, place.name, out, f) == -1)
		return -1;
	out->updated = st.st_mtim.tv_sec < 0 ? 0 :
	    st.st_mtim.tv_sec > UPDATED_MAX  ? UPDATED_MAX :
					       st.st_mtim.tv_sec;
	out->revision = strdup(revision);
	if (out->revision == NULL)
		return fault_memory(f);
	if (st.st_mtim.tv_sec <= now - YOUNG &&
	    st.st_ctim.tv_sec <= now - YOUNG)
		memcpy(out->stamp, revision, sizeof(revision));
	out->present = true;
	return 0;
}

static int
find_revision(struct wiki *wiki, const char *page, const char *file,
    char **revision, struct fault *f)
{
	OWNED_PLACE struct files_place place = FILES_PLACE_INIT;
	char text[WIKI_STAMP_MAX];
	struct stat st;
	bool have;

	if (files_place_open((struct files *)wiki, page, file, false, &place,
		&have, f) == -1)
		return -1;
	if (have &&
	    files_place_look(place.folder, place.name, &st, &have, f) == -1)
		return -1;
	*revision = NULL;
	if (!have)
		return 0;
	files_place_revision(&st, text);
	*revision = strdup(text);
	return *revision == NULL ? fault_memory(f) : 0;
}

static int
can_hold(struct wiki *wiki, const struct item *item, struct fault *f)
{
	return files_name_judge((struct files *)wiki, item, f);
}

static bool
has_power(struct wiki *wiki, const struct item *item)
{
	(void)wiki;
	return power_by_name(item);
}

/* A crashed run leaves nothing that hides a page; its intents say the rest. */
static int
begin(struct wiki *wiki, bool keep_patterns, struct fault *f)
{
	(void)wiki;
	(void)keep_patterns;
	(void)f;
	return 0;
}

const struct wiki_engine wiki_files = {
	.name = "files",
	.open = open_wiki,
	.close = close_wiki,
	.walk_open = files_walk_open,
	.walk_next = files_walk_next,
	.walk_same = files_walk_same,
	.walk_close = files_walk_close,
	.read = read_item,
	.revision = find_revision,
	.can_hold = can_hold,
	.has_power = has_power,
	.has_acl_lines = false,
	.keeps_files = true,
	.begin = begin,
	.intend = files_intent_make,
	.carry_out = files_put_carry_out,
	.finish = files_finish,
};
