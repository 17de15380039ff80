#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/folder.h"
#include "wiki/moin_write.h"

#define DIRECTLY 1000000 /* microseconds: one after the other */
#define HOLD_OFF (7 * 24 * 3600)

/* Open a page's log for appending; it is made where there is none. */
static int
open_page_log(const struct moin *m, const char *path, int *fd, struct fault *f)
{
	int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;

	*fd = openat(m->pages, path, flags);
	if (*fd == -1 && errno == ENOENT) {
		if (moin_disk_file(m, path, "", 0, false, f) == -1 &&
		    f->sys != EEXIST)
			return -1;
		*fd = openat(m->pages, path, flags);
	}
	if (*fd == -1)
		return fault_system(f, errno, "'%s'", path);
	return 0;
}

int
moin_tell_page(const struct moin *m, const char *folder, struct moin_line *line,
    struct fault *f)
{
	OWNED_BUF struct buf room = BUF_INIT((size_t)1 << 30);
	OWNED_FD int fd = -1;
	char path[MOIN_PATH];
	struct moin_line there;
	bool have = false;
	int64_t newest;

	moin_path(path, folder, "edit-log");
	if (open_page_log(m, path, &fd, f) == -1 ||
	    moin_log_complete(path, fd, line, &have, f) == -1)
		return -1;
	if (have)
		return 0;
	if (moin_log_newest(fd, &newest, f) == -1)
		return -1;
	if (line->revision != MOIN_LOG_ATTACHMENT &&
	    moin_log_find(fd, line->revision, &room, &there, &have, f) == -1)
		return -1;
	if (have) {
		line->stamp = there.stamp;
		return 0;
	}
	line->stamp = moin_log_now(newest);
	return moin_log_append(m->pages, path, fd, line, f);
}

/* The folder of a wiki (a farm has several): no file, nor "__common__". */
static const char *
next_site(DIR *list)
{
	const char *name;

	while ((name = folder_next(list)) != NULL)
		if (*name != '.' && strncmp(name, "__", 2) != 0 &&
		    strcmp(name, "README") != 0)
			return name;
	return NULL;
}

int
moin_tell_begin(struct moin *m, struct fault *f)
{
	static const char *const arenas[] = { "pagegroups", "pagedicts" };
	OWNED_FOLDER DIR *sites = folder_list(
	    openat(m->data, "cache", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	char path[MOIN_PATH];
	const char *site;
	size_t i;
	int fd;

	while (sites != NULL && (site = next_site(sites)) != NULL)
		for (i = 0; i < 2; i++) {
			(void)snprintf(path, sizeof(path), "cache/%s/%s", site,
			    arenas[i]);
			fd = openat(m->data, path,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (fd == -1 && errno != ENOENT && errno != ENOTDIR)
				return fault_system(f, errno, "'%s'", path);
			if (fd == -1)
				continue;
			if (m->arena_count == MOIN_ARENAS) {
				(void)close(fd);
				return fault_set(f, FAULT_SYSTEM,
				    "more than %d wikis share '%s'",
				    MOIN_ARENAS / 2, "cache");
			}
			m->arenas[m->arena_count++] = fd;
		}
	return 0;
}

/*
 * A page that was made of the old text until now is newer than the
 * revision's file, and would be shown for good.  Groups and dictionaries stay
 * in force for as long as they look newer than the page's log line: one that
 * was made of the old text after that line would stay for good, and with it
 * a right that was taken away.
 */
static void
drop_caches(const struct moin *m, const char *folder, bool first)
{
	char path[MOIN_PATH];
	size_t i;

	if (!first) {
		moin_path(path, folder, "cache/text_html");
		(void)unlinkat(m->pages, path, 0);
		moin_path(path, folder, "cache/pagelinks");
		(void)unlinkat(m->pages, path, 0);
	}
	for (i = 0; i < m->arena_count; i++)
		(void)unlinkat(m->arenas[i], folder, 0);
}

int
moin_tell_wiki(struct moin *m, struct moin_line *line, struct fault *f)
{
	int64_t now = moin_log_now(0);

	/*
	 * The page's stamp, if it is of just now.  An older one would hide
	 * what others logged since from those who ask by time.
	 */
	if (now < line->stamp || now - line->stamp > DIRECTLY)
		line->stamp = moin_log_now(line->stamp);
	if (moin_log_append(m->data, "edit-log", m->log, line, f) == -1)
		return -1;
	drop_caches(m, line->folder, line->revision == 1);
	return 0;
}

/* Touch a file as of the time given; 0 bytes if it is made. */
static int
touch(const struct moin *m, int folder, const char *name, time_t when,
    struct fault *f)
{
	OWNED_FD int fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
	    m->file_mode);
	struct timespec times[2] = { { when, 0 }, { when, 0 } };

	if (fd == -1 || futimens(fd, times) == -1)
		return fault_system(f, errno, "cannot touch '%s'", name);
	return moin_disk_give(m, folder, name, f);
}

/* A folder below another, made if need be. */
static int
enter(const struct moin *m, int parent, const char *name, int *fd,
    struct fault *f)
{
	bool made = mkdirat(parent, name, m->folder_mode) == 0;

	if (!made && errno != EEXIST)
		return fault_system(f, errno, "cannot make folder '%s'", name);
	if (file_open_folder(parent, name, fd, f) == -1)
		return -1;
	return made ? moin_disk_give(m, parent, name, f) : 0;
}

static int
hold_off(const struct moin *m, const char *site, time_t until, struct fault *f)
{
	OWNED_FD int cache = -1, home = -1, arena = -1;
	char path[MOIN_PATH];
	struct stat st;

	(void)snprintf(path, sizeof(path), "cache/%s/antispam/failure", site);
	if (fstatat(m->data, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_mtime > until - HOLD_OFF / 2 && st.st_mtime <= until)
		return 0;
	if (enter(m, m->data, "cache", &cache, f) == -1 ||
	    enter(m, cache, site, &home, f) == -1 ||
	    enter(m, home, "antispam", &arena, f) == -1)
		return -1;
	return touch(m, arena, "failure", until, f);
}

/*
 * Moin asks its master for BadContent when the page's log line and the file
 * `failure`, left by a try that failed, are both older than half an hour
 * (security/antispam.py, getblacklist).  It compares nothing else with that
 * file and never waits for its date, so that a date a week ahead holds for
 * any timer, and a wikicast that is no longer run lets Moin go on.
 */
int
moin_tell_antispam(const struct moin *m, struct fault *f)
{
	time_t until = time(NULL) + HOLD_OFF;
	OWNED_FOLDER DIR *sites = folder_list(
	    openat(m->data, "cache", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	bool any = false;
	const char *site;

	while (sites != NULL && (site = next_site(sites)) != NULL) {
		any = true;
		if (hold_off(m, site, until, f) == -1)
			return fault_within(f, "cache '%s'", site);
	}
	/* A single wiki's name, if it has never run. */
	return any ? 0 : hold_off(m, "wikiconfig", until, f);
}
