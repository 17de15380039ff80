/*
 * item.h -- one shared thing: a page, an attachment, a pattern list or an
 * interwiki map (FORMAT sections 1 and 3), apart from how it travels and
 * where it is kept.
 *
 * An item is known by its path, the tar path of FORMAT section 4
 * ("items/<name>/text", "items/<page>/attachments/<file>"): a page, a pattern
 * list and a map of one name share it.  Everything that is sorted is sorted
 * by path, bytewise.
 */
#ifndef ITEMS_ITEM_H
#define ITEMS_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "items/limits.h"
#include "base/digest.h"

enum item_kind {
	ITEM_NONE = 0,
	ITEM_PAGE,
	ITEM_ATTACHMENT,
	ITEM_PATTERNS,
	ITEM_INTERWIKI,
};

struct item {
	enum item_kind kind;
	char *name;	 /* of the page, or of the attachment's file */
	char *page;	 /* an attachment's page; else NULL */
	char *format;	 /* markup; NULL for attachments */
	char *lang;	 /* BCP 47, or NULL */
	char *author;	 /* of the edit, or NULL; never a host or an address */
	char *comment;	 /* of the edit, or NULL */
	int64_t updated; /* of the edit, seconds since 1970, to UPDATED_MAX */
	int64_t size;	 /* bytes of the content (LF line ends) */
	struct digest digest; /* of the content */
};

#define OWNED_ITEM OWNED(item_clear)

/* Free what it holds; an empty item again. */
void item_clear(struct item *item);
/* to is an empty item; untouched on failure. */
int item_copy(const struct item *from, struct item *to, struct fault *f)
    __attribute__((warn_unused_result));

/* "page", "attachment", "patterns", "interwiki"; ITEM_NONE if unknown. */
const char *item_kind_text(enum item_kind kind);
enum item_kind item_kind_parse(const char *text);

/* Whether the content is text (everything but attachments). */
bool item_is_text(enum item_kind kind);

/* Add the tar path to out; its length is bounded by ITEM_PATH_MAX. */
#define ITEM_PATH_MAX 600 /* items/ + 255 + /attachments/ + 255, and a NUL */
int item_path(const struct item *item, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The reverse: name and page (owned by the item) from a tar path that a
 * stranger wrote.  Sets kind to ITEM_ATTACHMENT or ITEM_PAGE; the other fields
 * stand.  FAULT_FORMAT if it is not the one spelling of an allowed name; the
 * item is untouched then.
 */
int item_from_path(const char *path, struct item *item, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Everything but size and digest obeys FORMAT section 3: kind, names, author,
 * comment, lang, format, updated.  Optional is what FORMAT calls so, and
 * format, which a drop has not.  FAULT_FORMAT names the item and the field.
 */
int item_check(const struct item *item, struct fault *f)
    __attribute__((warn_unused_result));

/* Same state: kind, digest, size, format and lang, as the state digest sees. */
bool item_same_state(const struct item *a, const struct item *b);

/* "page 'X'", "attachment 'y.png' of 'X'", for messages. */
int item_describe(const struct item *item, struct buf *out, struct fault *f)
    __attribute__((warn_unused_result));

#endif
