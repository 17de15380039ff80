/*
 * contents.h -- bytes known by their digest, in a database and beside it: the
 * lower half of the shelf (shelf.h), which alone uses it.
 */
#ifndef FEEDS_CONTENTS_H
#define FEEDS_CONTENTS_H

#include "base/buf.h"
#include "base/db.h"

/*
 * Tables for shelf_schema; triggers of shelf_row count in shelf_content: refs
 * is how many rows name it.  place is in shelf_bytes; NULL: it is a file.
 */
#define CONTENTS_SCHEMA \
	"CREATE TABLE shelf_bytes (" \
	" id INTEGER PRIMARY KEY," \
	" bytes BLOB NOT NULL);" \
	"CREATE TABLE shelf_content (" \
	" digest BLOB PRIMARY KEY," \
	" refs INTEGER NOT NULL," \
	" place INTEGER) WITHOUT ROWID;" \
	"CREATE INDEX shelf_unnamed ON shelf_content (refs)" \
	" WHERE refs = 0;" \
	"CREATE TRIGGER shelf_content_gone AFTER DELETE ON shelf_content " \
	"BEGIN" \
	" DELETE FROM shelf_bytes WHERE id = OLD.place; " \
	"END;"

struct contents {
	struct db *db;	/* borrowed */
	int folder;	/* where the database is; borrowed */
	bool forgotten; /* this run took away rows of files */
};

/* All as the functions of shelf.h that they stand behind. */
int contents_keep(struct contents *c, const struct digest *digest,
    const void *bytes, size_t n, struct fault *f)
    __attribute__((warn_unused_result));
int contents_have(struct contents *c, const struct digest *digest, bool *have,
    struct fault *f) __attribute__((warn_unused_result));
int contents_copy(struct contents *c, const struct digest *digest, int64_t size,
    int out, struct fault *f) __attribute__((warn_unused_result));
int contents_read(struct contents *c, const struct digest *digest,
    struct buf *out, struct fault *f) __attribute__((warn_unused_result));

/* Remove files that nothing names, left by earlier runs. */
int contents_tidy(struct contents *c, struct fault *f)
    __attribute__((warn_unused_result));
/* Take away what no row names. */
int contents_forget(struct contents *c, struct fault *f)
    __attribute__((warn_unused_result));

#endif
