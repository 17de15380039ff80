#include "items/item.h"

#include <string.h>

#include "items/name.h"

static const char *const kinds[] = {
	[ITEM_NONE] = "none",
	[ITEM_PAGE] = "page",
	[ITEM_ATTACHMENT] = "attachment",
	[ITEM_PATTERNS] = "patterns",
	[ITEM_INTERWIKI] = "interwiki",
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

void
item_clear(struct item *item)
{
	free(item->name);
	free(item->page);
	free(item->format);
	free(item->lang);
	free(item->author);
	free(item->comment);
	*item = (struct item){ 0 };
}

static int
copy_text(const char *from, char **to, struct fault *f)
{
	if (from == NULL)
		return 0;
	*to = strdup(from);
	return *to == NULL ? fault_memory(f) : 0;
}

int
item_copy(const struct item *from, struct item *to, struct fault *f)
{
	OWNED_ITEM struct item copy = { 0 };

	copy.kind = from->kind;
	copy.updated = from->updated;
	copy.size = from->size;
	copy.digest = from->digest;
	if (copy_text(from->name, &copy.name, f) == -1 ||
	    copy_text(from->page, &copy.page, f) == -1 ||
	    copy_text(from->format, &copy.format, f) == -1 ||
	    copy_text(from->lang, &copy.lang, f) == -1 ||
	    copy_text(from->author, &copy.author, f) == -1 ||
	    copy_text(from->comment, &copy.comment, f) == -1)
		return -1;
	*to = copy;
	copy = (struct item){ 0 };
	return 0;
}

const char *
item_kind_text(enum item_kind kind)
{
	return kinds[kind];
}

enum item_kind
item_kind_parse(const char *text)
{
	size_t i;

	for (i = ITEM_PAGE; i < KIND_COUNT; i++)
		if (strcmp(text, kinds[i]) == 0)
			return (enum item_kind)i;
	return ITEM_NONE;
}

bool
item_is_text(enum item_kind kind)
{
	return kind != ITEM_ATTACHMENT;
}

static int
add_path(const struct item *item, struct buf *out, struct fault *f)
{
	bool file = item->kind == ITEM_ATTACHMENT;

	if (buf_add_text(out, "items/", f) == -1 ||
	    name_spell(file ? item->page : item->name, out, f) == -1)
		return -1;
	if (!file)
		return buf_add_text(out, "/text", f);
	if (buf_add_text(out, "/attachments/", f) == -1)
		return -1;
	return name_spell(item->name, out, f);
}

int
item_path(const struct item *item, struct buf *out, struct fault *f)
{
	size_t before = out->len;

	if (add_path(item, out, f) == 0)
		return 0;
	buf_cut(out, before);
	return -1;
}

/* One component of a path, unspelt and judged; owned by the caller. */
static int
read_component(const char *spelt, size_t n,
    int (*check)(const char *name, struct fault *f), char **name,
    struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(NAME_SPELT_MAX);

	if (n > NAME_SPELT_MAX)
		return fault_set(f, FAULT_FORMAT, "a name of %zu bytes", n);
	if (name_unspell(spelt, n, &b, f) == -1 || check(b.data, f) == -1)
		return -1;
	*name = buf_take(&b);
	return *name == NULL ? fault_memory(f) : 0;
}

static int
read_path(const char *path, struct item *item, struct fault *f)
{
	static const char root[] = "items/", folder[] = "/attachments/";
	const char *first, *rest;

	if (strncmp(path, root, sizeof(root) - 1) != 0)
		return fault_set(f, FAULT_FORMAT, "not below 'items'");
	first = path + sizeof(root) - 1;
	rest = first + strcspn(first, "/");
	if (strcmp(rest, "/text") == 0) {
		item->kind = ITEM_PAGE;
		return read_component(first, (size_t)(rest - first),
		    name_check_page, &item->name, f);
	}
	if (strncmp(rest, folder, sizeof(folder) - 1) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "neither a text nor an attachment");
	item->kind = ITEM_ATTACHMENT;
	if (read_component(first, (size_t)(rest - first), name_check_page,
		&item->page, f) == -1)
		return -1;
	rest += sizeof(folder) - 1;
	return read_component(rest, strlen(rest), name_check_file, &item->name,
	    f);
}

int
item_from_path(const char *path, struct item *item, struct fault *f)
{
	OWNED_ITEM struct item read = { 0 };

	if (read_path(path, &read, f) == -1)
		return fault_within(f, "path '%.300s'", path);
	free(item->name);
	free(item->page);
	item->kind = read.kind;
	item->name = own_give(&read.name);
	item->page = own_give(&read.page);
	return 0;
}

static int
check_fields(const struct item *item, struct fault *f)
{
	if (item->author != NULL &&
	    name_check_note(item->author, NOTE_MAX, f) == -1)
		return fault_within(f, "author");
	if (item->comment != NULL &&
	    name_check_note(item->comment, NOTE_MAX, f) == -1)
		return fault_within(f, "comment");
	if (item->lang != NULL && name_check_lang(item->lang, f) == -1)
		return -1;
	if (item->format != NULL && name_check_format(item->format, f) == -1)
		return -1;
	if (item->updated < 0 || item->updated > UPDATED_MAX)
		return fault_set(f, FAULT_FORMAT, "updated is out of range");
	return 0;
}

int
item_check(const struct item *item, struct fault *f)
{
	OWNED_BUF struct buf what = BUF_INIT(BUF_ANY);
	struct fault ignored = { 0 };
	bool file = item->kind == ITEM_ATTACHMENT;

	if (item->kind == ITEM_NONE || item->name == NULL ||
	    file != (item->page != NULL))
		return fault_set(f, FAULT_FORMAT,
		    "an item without a kind, a name or its page");
	if ((file ? name_check_file(item->name, f) :
		    name_check_page(item->name, f)) == -1 ||
	    (file && name_check_page(item->page, f) == -1))
		return -1;
	if (check_fields(item, f) == 0)
		return 0;
	if (item_describe(item, &what, &ignored) == -1)
		return -1;
	return fault_within(f, "%s", what.data);
}

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
item_same_state(const struct item *a, const struct item *b)
{
	return a->kind == b->kind && a->size == b->size &&
	    digest_equal(&a->digest, &b->digest) &&
	    same_text(a->format, b->format) && same_text(a->lang, b->lang);
}

int
item_describe(const struct item *item, struct buf *out, struct fault *f)
{
	switch (item->kind) {
	case ITEM_ATTACHMENT:
		return buf_format(out, f, "attachment '%s' of '%s'", item->name,
		    item->page);
	case ITEM_PATTERNS:
		return buf_format(out, f, "pattern list '%s'", item->name);
	case ITEM_INTERWIKI:
		return buf_format(out, f, "interwiki map '%s'", item->name);
	case ITEM_NONE:
	case ITEM_PAGE:
		break;
	}
	return buf_format(out, f, "page '%s'", item->name);
}
