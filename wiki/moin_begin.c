#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <time.h>

#include "base/folder.h"
#include "wiki/moin_write.h"
#include "wiki/names.h"

#define PATIENCE 10000 /* milliseconds: as long as Moin's savers wait */
#define STALE 60000    /* the same; a save takes a fraction of a second */
#define LEFT_OVER 3600 /* seconds; a run takes minutes */

static int
check_owner(struct moin *m, struct fault *f)
{
	uid_t me = geteuid();
	const struct passwd *pw;
	struct stat st;

	if (fstat(m->pages, &st) == -1)
		return fault_system(f, errno, "folder 'pages'");
	m->owner = st.st_uid;
	m->group = st.st_gid;
	m->folder_mode = st.st_mode & (S_ISGID | 0777);
	m->file_mode = st.st_mode & 0666;
	m->give = me == 0 && st.st_uid != 0;
	if (me == 0 || me == st.st_uid)
		return 0;
	/* Files of another user would be errors in Moin, or pages gone. */
	pw = getpwuid(st.st_uid);
	if (pw != NULL)
		return fault_set(f, FAULT_SYSTEM,
		    "the wiki belongs to the user '%s': run wikicast as that "
		    "user",
		    pw->pw_name);
	return fault_set(f, FAULT_SYSTEM,
	    "the wiki belongs to the user with the id %ld: run wikicast as "
	    "that user",
	    (long)st.st_uid);
}

static int
open_log(struct moin *m, struct fault *f)
{
	int flags =
	    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	struct stat st;

	if (m->log != -1)
		return 0;
	m->log = openat(m->data, "edit-log", flags, m->file_mode);
	if (m->log == -1 || fstat(m->log, &st) == -1)
		return fault_system(f, errno, "cannot write 'edit-log'");
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_SYSTEM,
		    "'edit-log' is not a regular file");
	if (st.st_size == 0 && moin_disk_give(m, m->data, "edit-log", f) == -1)
		return -1;
	return moin_log_mend(m->data, "edit-log", f);
}

/* A new page's folder that a crash left before it was put in place. */
static void
remove_left_over(const struct moin *m, const char *name)
{
	static const char mark[] = ".wikicast-";
	struct moin_intent in = { .folder = ".", .file = "" };
	struct stat st;

	if (strncmp(name, mark, strlen(mark)) != 0 ||
	    fstatat(m->pages, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISDIR(st.st_mode) || st.st_mtime > time(NULL) - LEFT_OVER)
		return;
	in.token = name + strlen(mark);
	moin_intent_clean(m, &in);
}

/* Pages that a lock of some age hides; what else is left over goes. */
static int
find_hidden(struct moin *m, struct names *hidden, struct fault *f)
{
	OWNED_FOLDER DIR *list = folder_list(
	    openat(m->pages, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct moin_suspect suspect;
	char path[MOIN_PATH];
	const char *name;
	struct stat st;

	if (list == NULL)
		return fault_system(f, errno, "cannot read folder 'pages'");
	while ((name = folder_next(list)) != NULL) {
		if (*name == '.') {
			remove_left_over(m, name);
			continue;
		}
		moin_path(path, name, "current");
		if (fstatat(m->pages, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (moin_lock_suspect(m, name, &suspect, f) == -1)
			return -1;
		if (*suspect.name != '\0' &&
		    names_add(hidden, 'h', name, strlen(name), f) == -1)
			return -1;
	}
	if (errno != 0)
		return fault_system(f, errno, "cannot read folder 'pages'");
	return names_sort(hidden, f);
}

static void
wait_patiently(const struct moin *m)
{
	struct timespec t = { m->patience / 1000,
		m->patience % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* A lock that is the same after as long as Moin waits is nobody's. */
static int
recover_hidden(struct moin *m, const struct names *hidden, struct fault *f)
{
	OWNED_MEM struct moin_suspect *suspects = NULL;
	size_t i;

	suspects = calloc(hidden->count, sizeof(*suspects));
	if (suspects == NULL)
		return fault_memory(f);
	for (i = 0; i < hidden->count; i++)
		if (moin_lock_suspect(m, names_get(hidden, i) + 1, &suspects[i],
			f) == -1)
			return -1;
	wait_patiently(m);
	for (i = 0; i < hidden->count; i++) {
		const char *folder = names_get(hidden, i) + 1;

		/* One damaged page does not keep the others hidden. */
		if (moin_lock_recover(m, folder, &suspects[i], f) == -1 &&
		    f->kind != FAULT_FORMAT)
			return -1;
		*f = (struct fault){ 0 };
	}
	return 0;
}

int
moin_begin(struct wiki *w, bool keep_patterns, struct fault *f)
{
	OWNED_NAMES struct names hidden = NAMES_INIT('\0');
	struct moin *m = moin_of(w);

	moin_disk_unmask(m);
	if (m->patience == 0)
		m->patience = PATIENCE;
	if (m->stale == 0)
		m->stale = STALE;
	if (check_owner(m, f) == -1 || open_log(m, f) == -1)
		return -1;
	if (m->arena_count == 0 && moin_tell_begin(m, f) == -1)
		return -1;
	/* Now, and not by one of the threads that carry out jobs. */
	if (moin_user_list(m, f) == -1)
		return -1;
	if (keep_patterns && moin_tell_antispam(m, f) == -1)
		return -1;
	if (find_hidden(m, &hidden, f) == -1)
		return -1;
	return hidden.count == 0 ? 0 : recover_hidden(m, &hidden, f);
}

int
moin_hold_off(struct wiki *w, struct fault *f)
{
	struct moin *m = moin_of(w);

	moin_disk_unmask(m);
	return check_owner(m, f) == -1 ? -1 : moin_tell_antispam(m, f);
}
