#include "verify/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

void
check_clear(struct check *c)
{
	size_t i;

	for (i = 0; i < c->document_count; i++)
		history_clear(&c->documents[i].history);
	free(c->documents);
	for (i = 0; i < c->row_count; i++)
		free(c->rows[i].files);
	free(c->rows);
	if (c->head_read)
		feed_clear(&c->head);
	shelf_close(&c->shelf);
	db_close_p(&c->db); /* its transaction goes with it */
	own_close_fd(&c->tree);
	*c = (struct check)CHECK_INIT;
}

const char *
check_kind(enum tree_sort sort)
{
	static const char *const kinds[] = {
		[TREE_SNAPSHOT] = "snapshot",
		[TREE_SIGNATURE] = "signature",
		[TREE_STEP] = "step",
		[TREE_HISTORY] = "history",
		[TREE_NETWORK] = "network",
		[TREE_PIECES] = "pieces",
	};

	return kinds[sort];
}

/* A link or a folder in a file's place is bad; what we may not read is not. */
static int
refuse_open(const struct fault *why, enum tally_result *result,
    char cause[FAULT_TEXT_MAX], struct fault *f)
{
	if (why->kind != FAULT_SYSTEM || why->sys != 0) {
		*f = *why;
		return -1;
	}
	*result = TALLY_BAD;
	(void)snprintf(cause, FAULT_TEXT_MAX, "%s", why->text);
	return 0;
}

static void
compare(const struct feed_file *file, const struct digest *is, int64_t size,
    enum tally_result *result, char cause[FAULT_TEXT_MAX])
{
	*result = TALLY_BAD;
	if (size != file->length)
		(void)snprintf(cause, FAULT_TEXT_MAX,
		    "has %lld bytes, where %lld are signed", (long long)size,
		    (long long)file->length);
	else if (!digest_equal(is, &file->digest))
		(void)snprintf(cause, FAULT_TEXT_MAX,
		    "its content is not what its name says");
	else
		*result = TALLY_GOOD;
}

int
check_open(struct check *c, enum tree_sort sort, const struct feed_file *file,
    int *fd, enum tally_result *result, char cause[FAULT_TEXT_MAX],
    struct fault *f)
{
	OWNED_FD int got = -1;
	char name[TREE_NAME_MAX];
	struct fault why = { 0 };
	struct digest is;
	int64_t size;
	bool have;

	*fd = -1;
	cause[0] = '\0';
	*result = TALLY_MISSING;
	tree_name(sort, &file->digest, name);
	if (file_open(c->tree, name, &got, &have, &why) == -1)
		return refuse_open(&why, result, cause, f);
	if (!have)
		return 0;
	if (digest_of_fd(got, &is, &size, f) == -1)
		return fault_within(f, "'%s'", name);
	compare(file, &is, size, result, cause);
	if (*result == TALLY_GOOD)
		*fd = own_give_fd(&got);
	return 0;
}

struct check_row *
check_find_row(const struct check *c, int64_t serial)
{
	size_t low = 0, high = c->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->rows[middle].serial == serial)
			return &c->rows[middle];
		if (c->rows[middle].serial < serial)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int
check_folder(struct check *c, const char *path, struct fault *f)
{
	c->path = path;
	if (file_open_folder(AT_FDCWD, path, &c->tree, f) == -1 ||
	    check_documents(c, f) == -1)
		return -1;
	if (!c->head_read) /* nothing says what belongs there */
		return 0;
	if (check_rows(c, f) == -1)
		return -1;
	return check_strays(c, f);
}
