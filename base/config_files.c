#include "base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>

#include "base/file.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define SYSTEM_FOLDER "/etc/wikicast"

/*
 * Not file_read(): the administrator may well have put a symbolic link here.
 */
static int
read_file(const char *path, struct buf *b, bool *have, struct fault *f)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	*have = fd != -1;
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1)
		return fault_system(f, errno, "configuration '%s'", path);
	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "configuration '%s'", path);
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_CONFIG,
		    "configuration '%s' is not a regular file", path);
	if (file_read_fd(fd, b, f) == -1)
		return fault_within(f, "configuration '%s'", path);
	return 0;
}

/* Add a file if it is there; sets *have only then. */
static int
add_file(struct config **c, const char *path, bool *have, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(FILE_MAX_BYTES);
	bool is_there;

	if (read_file(path, &b, &is_there, f) == -1) {
		f->kind = FAULT_CONFIG;
		return -1;
	}
	if (!is_there)
		return 0;
	*have = true;
	return config_add(c, path, b.data, b.len, f);
}

static int
is_drop_in(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 &&
	    strcmp(d->d_name + n - 5, ".conf") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_drop_ins(struct config **c, const char *folder, bool *have, struct fault *f)
{
	struct dirent **list;
	int i, n, rc = 0;

	n = scandir(folder, &list, is_drop_in, by_bytes);
	if (n == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (n == -1) {
		(void)fault_system(f, errno, "configuration '%s'", folder);
		f->kind = FAULT_CONFIG;
		return -1;
	}
	for (i = 0; i < n; i++) {
		OWNED_MEM char *path = NULL;

		if (rc == 0 &&
		    asprintf(&path, "%s/%s", folder, list[i]->d_name) == -1) {
			path = NULL;
			rc = fault_memory(f);
		}
		if (rc == 0)
			rc = add_file(c, path, have, f);
		free(list[i]);
	}
	free(list);
	return rc;
}

static int
add_folder(struct config **c, const char *folder, bool *have, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(BUF_ANY);

	*have = false;
	if (buf_format(&path, f, "%s/wikicast.conf", folder) == -1 ||
	    add_file(c, path.data, have, f) == -1)
		return -1;
	buf_reset(&path);
	if (buf_format(&path, f, "%s/conf.d", folder) == -1)
		return -1;
	return add_drop_ins(c, path.data, have, f);
}

/* An environment variable that holds an absolute path, or NULL. */
static const char *
absolute(const char *variable)
{
	const char *path = getenv(variable);

	return path != NULL && *path == '/' ? path : NULL;
}

/* The user's own folder, to be freed; NULL where there is no home. */
static int
user_folder(char **out, struct fault *f)
{
	const char *config = absolute("XDG_CONFIG_HOME");
	const char *home = absolute("HOME");
	const struct passwd *pw;
	int n;

	if (config == NULL && home == NULL) {
		/* cron(8) of some systems gives no environment. */
		pw = getpwuid(geteuid());
		if (pw == NULL || pw->pw_dir == NULL || *pw->pw_dir != '/') {
			*out = NULL;
			return 0;
		}
		home = pw->pw_dir;
	}
	n = config != NULL ? asprintf(out, "%s/wikicast", config) :
			     asprintf(out, "%s/.config/wikicast", home);
	return n == -1 ? fault_memory(f) : 0;
}

int
config_folder(char **out, struct fault *f)
{
	OWNED_MEM char *folder = NULL;

	if (geteuid() == 0)
		folder = strdup(SYSTEM_FOLDER);
	else if (user_folder(&folder, f) == -1)
		return -1;
	else if (folder == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "there is no home for a configuration");
	if (folder == NULL)
		return fault_memory(f);
	*out = own_give(&folder);
	return 0;
}

/*
 * The folder whose files were added is *folder, owned by the caller; NULL if
 * there is none.
 */
static int
search(struct config **c, char **folder, struct fault *f)
{
	OWNED_MEM char *own = NULL;
	bool have;

	*folder = NULL;
	if (add_folder(c, SYSTEM_FOLDER, &have, f) == -1)
		return -1;
	if (have) {
		*folder = strdup(SYSTEM_FOLDER);
		return *folder != NULL ? 0 : fault_memory(f);
	}
	if (user_folder(&own, f) == -1)
		return -1;
	if (own != NULL && add_folder(c, own, &have, f) == -1)
		return -1;
	if (have)
		*folder = own_give(&own);
	return 0;
}

static int
nowhere(struct fault *f)
{
	OWNED_MEM char *own = NULL;

	if (user_folder(&own, f) == -1)
		return -1;
	return fault_set(f, FAULT_CONFIG,
	    "no configuration: there is no "
	    "wikicast.conf and no conf.d/*.conf in '%s'%s%s%s, and no "
	    "file is named with -c",
	    SYSTEM_FOLDER, own != NULL ? " or '" : "", own != NULL ? own : "",
	    own != NULL ? "'" : "");
}

/* The one file that -c or the environment names; NULL if none does. */
static const char *
named_file(const char *file)
{
	const char *variable = getenv("WIKICAST_CONFIG");

	if (file == NULL && variable != NULL && *variable != '\0')
		file = variable;
	return file;
}

int
config_load(const char *file, struct config **out, struct fault *f)
{
	OWNED(config_free_p) struct config *c = NULL;
	OWNED_MEM char *folder = NULL;
	const char *named = named_file(file);
	bool have = false;

	if (named == NULL) {
		if (search(&c, &folder, f) == -1)
			return -1;
		if (folder == NULL)
			return nowhere(f);
	} else {
		if (add_file(&c, named, &have, f) == -1)
			return -1;
		if (!have)
			return fault_set(f, FAULT_CONFIG,
			    "configuration '%s' does not exist", named);
	}
	*out = own_give(&c);
	return 0;
}

/* Where a new section goes if no file is named. */
static int
new_file(const char *found, const char *name, char **path, struct fault *f)
{
	OWNED_MEM char *folder = NULL;
	int n;

	if (found == NULL && config_folder(&folder, f) == -1)
		return -1;
	n = found == NULL ? asprintf(path, "%s/wikicast.conf", folder) :
			    asprintf(path, "%s/conf.d/%s.conf", found, name);
	if (n == -1) {
		*path = NULL;
		return fault_memory(f);
	}
	return 0;
}

int
config_load_to_add(const char *file, const char *name, struct config **out,
    char **path, struct fault *f)
{
	OWNED(config_free_p) struct config *c = NULL;
	OWNED_MEM char *folder = NULL;
	const char *named = named_file(file);
	bool have = false;

	if (named == NULL) {
		if (search(&c, &folder, f) == -1 ||
		    new_file(folder, name, path, f) == -1)
			return -1;
	} else {
		if (add_file(&c, named, &have, f) == -1)
			return -1;
		*path = strdup(named);
		if (*path == NULL)
			return fault_memory(f);
	}
	*out = own_give(&c);
	return 0;
}
