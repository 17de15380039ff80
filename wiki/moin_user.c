#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/utf8.h"
#include "wiki/moin.h"

#define SLOTS 256		   /* ids remembered; a later one takes over */
#define USER_MAX ((size_t)1 << 20) /* bytes of a user's file */

struct user {
	char *id;
	char *name; /* NULL: none */
};

struct moin_users {
	struct user slots[SLOTS];
	char **names; /* of all users, sorted */
	size_t count;
	bool listed;
};

/* Ids are "1203544210.08.12345"; some wikis use other words. */
static bool
is_id(const char *id)
{
	static const char allowed[] = "0123456789."
				      "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

	return *id != '\0' && *id != '.' && strlen(id) < 100 &&
	    id[strspn(id, allowed)] == '\0';
}

/* The value of the line "name=..." in a user's file; NULL if none. */
static int
find_name(char *text, char **name, struct fault *f)
{
	char *line = text, *next;

	for (; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (strncmp(line, "name=", 5) != 0)
			continue;
		line += 5;
		line[strcspn(line, "\r")] = '\0';
		if (*line == '\0' || !utf8_valid(line, strlen(line)))
			return 0;
		*name = strdup(line);
		return *name == NULL ? fault_memory(f) : 0;
	}
	return 0;
}

static int
read_name(int folder, const char *id, char **name, struct fault *f)
{
	OWNED_BUF struct buf text = BUF_INIT(USER_MAX);
	struct fault ignored = { 0 };
	bool have = false;

	*name = NULL;
	/* A user's file that cannot be read makes an edit anonymous. */
	if (file_read(folder, id, &text, &have, &ignored) == -1 || !have ||
	    text.len == 0)
		return 0;
	return find_name(text.data, name, f);
}

static int
get_users(struct moin *m, struct fault *f)
{
	if (m->users == NULL)
		m->users = calloc(1, sizeof(*m->users));
	return m->users == NULL ? fault_memory(f) : 0;
}

/* The users' folder; *fd is -1 if there is none. */
static void
open_folder(const struct moin *m, int *fd)
{
	*fd = openat(m->data, "user", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static unsigned int
hash(const char *id)
{
	unsigned int h = 5381;

	for (; *id != '\0'; id++)
		h = h * 33 + (unsigned char)*id;
	return h;
}

int
moin_user_name(struct moin *m, const char *id, const char **name,
    struct fault *f)
{
	OWNED_MEM char *copy = NULL, *found = NULL;
	OWNED_FD int folder = -1;
	struct user *slot;

	*name = NULL;
	if (!is_id(id))
		return 0;
	if (get_users(m, f) == -1)
		return -1;
	slot = &m->users->slots[hash(id) % SLOTS];
	if (slot->id == NULL || strcmp(slot->id, id) != 0) {
		open_folder(m, &folder);
		if (folder == -1)
			return 0;
		copy = strdup(id);
		if (copy == NULL)
			return fault_memory(f);
		if (read_name(folder, id, &found, f) == -1)
			return -1;
		free(slot->id);
		free(slot->name);
		slot->id = own_give(&copy);
		slot->name = own_give(&found);
	}
	*name = slot->name;
	return 0;
}

static int
add_name(struct moin_users *u, char *name, struct fault *f)
{
	char **more = u->names;

	/* Grow at each power of two. */
	if ((u->count & (u->count - 1)) == 0)
		more = realloc(u->names,
		    (u->count == 0 ? 1 : 2 * u->count) * sizeof(*more));
	if (more == NULL) {
		free(name);
		return fault_memory(f);
	}
	u->names = more;
	u->names[u->count++] = name;
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
list_names(struct moin *m, struct fault *f)
{
	OWNED_FOLDER DIR *list = NULL;
	const char *file;
	char *name = NULL;
	int folder;

	open_folder(m, &folder);
	if (folder == -1)
		return 0;
	list = folder_list(folder);
	if (list == NULL)
		return fault_memory(f);
	while ((file = folder_next(list)) != NULL) {
		/* Other files are bookmarks and the like (getUserList). */
		if (*file == '.' || file[strspn(file, "0123456789.")] != '\0')
			continue;
		if (read_name(folder, file, &name, f) == -1)
			return -1;
		if (name != NULL && add_name(m->users, name, f) == -1)
			return -1;
	}
	if (m->users->count > 0)
		qsort(m->users->names, m->users->count, sizeof(char *),
		    compare_names);
	return 0;
}

int
moin_user_list(struct moin *m, struct fault *f)
{
	if (get_users(m, f) == -1)
		return -1;
	if (m->users->listed)
		return 0;
	if (list_names(m, f) == -1)
		return -1;
	m->users->listed = true;
	return 0;
}

int
moin_user_exists(struct moin *m, const char *name, size_t n, bool *yes,
    struct fault *f)
{
	OWNED_MEM char *key = strndup(name, n);

	if (key == NULL)
		return fault_memory(f);
	if (moin_user_list(m, f) == -1)
		return -1;
	*yes = m->users->count > 0 &&
	    bsearch(&key, m->users->names, m->users->count, sizeof(char *),
		compare_names) != NULL;
	return 0;
}

void
moin_user_free(struct moin_users *u)
{
	size_t i;

	if (u == NULL)
		return;
	for (i = 0; i < SLOTS; i++) {
		free(u->slots[i].id);
		free(u->slots[i].name);
	}
	for (i = 0; i < u->count; i++)
		free(u->names[i]);
	free(u->names);
	free(u);
}
