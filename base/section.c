#include "base/section.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"

#define NAME_MAX_BYTES 64
#define FILE_MAX_BYTES ((size_t)1 << 20)

bool
section_name_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MAX_BYTES && strspn(name, allowed) == n &&
	    name[0] != '-';
}

int
section_begin(struct buf *b, const char *kind, const char *name,
    struct fault *f)
{
	return buf_format(b, f, "%s[%s%s%s]\n", b->len > 0 ? "\n" : "", kind,
	    name != NULL ? " " : "", name != NULL ? name : "");
}

static int
check_value(const char *key, const char *value, struct fault *f)
{
	const char *p;

	if (*value == '\0')
		return fault_set(f, FAULT_CONFIG, "option '--%s' is empty",
		    key);
	for (p = value; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			return fault_set(f, FAULT_CONFIG,
			    "option '--%s' has a control character", key);
	return 0;
}

int
section_value(struct buf *b, const char *key, const char *value,
    struct fault *f)
{
	if (value == NULL)
		return 0;
	if (check_value(key, value, f) == -1 ||
	    buf_format(b, f, "%s = ", key) == -1 ||
	    words_quote(value, b, f) == -1)
		return -1;
	return buf_add_text(b, "\n", f);
}

int
section_values(struct buf *b, const char *key, const struct words *w,
    struct fault *f)
{
	size_t i;

	for (i = 0; i < w->count; i++)
		if (section_value(b, key, w->word[i], f) == -1)
			return -1;
	return 0;
}

/* The key that stands in that line of the text. */
static int
key_of_line(const struct buf *b, int64_t line, struct buf *key, struct fault *f)
{
	const char *p = b->data;

	for (; line > 1 && p != NULL; line--) {
		p = strchr(p, '\n');
		p = p != NULL ? p + 1 : NULL;
	}
	if (p == NULL || *p == '[')
		return 0;
	return buf_add(key, p, strcspn(p, " =\n"), f);
}

int
section_blame(const struct buf *b, const char *argument, struct fault *f)
{
	static const char front[] = SECTION_NEW ":";
	OWNED_BUF struct buf key = BUF_INIT(BUF_ANY);
	OWNED_MEM char *number = NULL;
	struct fault said = *f, ignored = { 0 };
	char *rest = said.text + strlen(front);
	int64_t line = 0;
	size_t n;

	if (strncmp(said.text, front, strlen(front)) != 0)
		return -1;
	n = strspn(rest, "0123456789");
	number = strndup(rest, n);
	rest += n;
	rest += strspn(rest, ": ");
	if (number == NULL ||
	    num_parse(number, 1, INT_MAX, &line, &ignored) == -1 ||
	    key_of_line(b, line, &key, &ignored) == -1)
		return -1;
	if (key.len == 0 ||
	    (argument != NULL && strcmp(key.data, argument) == 0))
		return fault_set(f, said.kind, "%s", rest);
	return fault_set(f, said.kind, "option '--%s': %s", key.data, rest);
}

/* ---- paths ---- */

static int
add_path(struct buf *b, const char *given, struct fault *f)
{
	const char *home = getenv("HOME");
	OWNED_MEM char *cwd = NULL;

	if (given[0] == '/')
		return buf_add_text(b, given, f);
	if (strncmp(given, "~/", 2) == 0 && home != NULL && *home == '/')
		return buf_format(b, f, "%s%s", home, given + 1);
	cwd = getcwd(NULL, 0);
	if (cwd == NULL)
		return fault_system(f, errno, "the current folder");
	while (strncmp(given, "./", 2) == 0)
		given += 2;
	if (strcmp(given, ".") == 0)
		given = "";
	return buf_format(b, f, "%s%s%s", cwd, *given != '\0' ? "/" : "",
	    given);
}

static int
take_text(struct buf *b, char **out, struct fault *f)
{
	*out = buf_take(b);
	return *out != NULL ? 0 : fault_memory(f);
}

int
section_path(const char *given, char **out, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	if (*given != '\0' && add_path(&b, given, f) == -1)
		return -1;
	return take_text(&b, out, f);
}

int
section_place(const char *given, char **out, struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	const char *colon = strchr(given, ':');
	const char *place = colon != NULL ? colon + 1 : given;

	if (buf_add(&b, given, (size_t)(place - given), f) == -1)
		return -1;
	/* Without an engine it is for the wiki layer to refuse, as written. */
	if (colon == NULL || *place == '\0' ? buf_add_text(&b, place, f) == -1 :
					      add_path(&b, place, f) == -1)
		return -1;
	return take_text(&b, out, f);
}

int
section_state(char **out, struct fault *f)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_STATE_HOME");
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	int rc;

	if (geteuid() == 0)
		rc = buf_add_text(&b, "/var/lib/wikicast", f);
	else if (xdg != NULL && *xdg == '/')
		rc = buf_format(&b, f, "%s/wikicast", xdg);
	else if (home != NULL && *home == '/')
		rc = buf_format(&b, f, "%s/.local/state/wikicast", home);
	else
		return fault_set(f, FAULT_CONFIG,
		    "there is no home for the "
		    "state folder: name one with '--state'");
	return rc == -1 ? -1 : take_text(&b, out, f);
}

/* ---- files ---- */

static int
folder_of(const char *path, char **out, struct fault *f)
{
	const char *slash = strrchr(path, '/');

	*out = slash == NULL ? strdup(".") :
	    slash == path    ? strdup("/") :
			       strndup(path, (size_t)(slash - path));
	return *out != NULL ? 0 : fault_memory(f);
}

int
section_writable(const char *path, struct fault *f)
{
	OWNED_MEM char *at = realpath(path, NULL);
	OWNED_MEM char *up = NULL;

	if (at == NULL)
		at = strdup(path);
	if (at == NULL)
		return fault_memory(f);
	for (;;) {
		if (folder_of(at, &up, f) == -1)
			return -1;
		if (access(up, W_OK | X_OK) == 0)
			return 0;
		if (errno != ENOENT || strcmp(up, "/") == 0 ||
		    strcmp(up, ".") == 0)
			return fault_system(f, errno,
			    "cannot write the "
			    "configuration '%s' (another one can be named "
			    "with -c FILE)",
			    path);
		free(at);
		at = own_give(&up);
	}
}

/* The folder of a path, made if need be; *name is the rest. */
static int
open_folder(const char *path, int *folder, const char **name, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	OWNED_MEM char *dir = NULL;

	*name = slash != NULL ? slash + 1 : path;
	if (folder_of(path, &dir, f) == -1 ||
	    file_make_folders(AT_FDCWD, dir, 0755, f) == -1)
		return -1;
	return file_open_folder(AT_FDCWD, dir, folder, f);
}

int
section_write(const char *path, const struct buf *b, struct fault *f)
{
	OWNED_BUF struct buf all = BUF_INIT(FILE_MAX_BYTES);
	/* An administrator's symbolic link stays one. */
	OWNED_MEM char *real = realpath(path, NULL);
	OWNED_FD int folder = -1;
	struct stat st = { .st_mode = 0644 };
	const char *name;
	bool have;

	if (real == NULL && errno != ENOENT)
		return fault_system(f, errno, "configuration '%s'", path);
	if (open_folder(real != NULL ? real : path, &folder, &name, f) == -1 ||
	    file_read(folder, name, &all, &have, f) == -1)
		return fault_within(f, "configuration '%s'", path);
	if (have && fstatat(folder, name, &st, 0) == -1)
		return fault_system(f, errno, "configuration '%s'", path);
	if (all.len > 0 && all.data[all.len - 1] != '\n' &&
	    buf_add_text(&all, "\n", f) == -1)
		return -1;
	if (all.len > 0 && buf_add_text(&all, "\n", f) == -1)
		return -1;
	if (buf_add(&all, b->data, b->len, f) == -1 ||
	    file_replace(folder, name, all.data, all.len, st.st_mode & 0777,
		f) == -1)
		return fault_within(f, "configuration '%s'", path);
	return 0;
}
