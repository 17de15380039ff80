/*
 * check.h -- a published folder, checked as a whole and offline.
 *
 * Documents first (check_documents.c), in FORMAT's order: the feed's signature
 * before its XML, then what it names by digest.  They give the list of rows;
 * each file of a row is compared with its length and digest, and then states
 * are built in rising order on a shelf of this run, from the oldest snapshot
 * on: each step into a state that was reached another way must lead to exactly
 * the same (check_states.c).  Last, what nothing names (check_strays.c).
 *
 * Old files leave a folder oldest first.  One that is missing has left it
 * ("gone") if no file of its sort that is older is there, and it is not among
 * what even the shortest retention keeps: the files of the newest
 * HISTORY_SERIALS serials and the last two snapshots.
 */
#ifndef VERIFY_CHECK_H
#define VERIFY_CHECK_H

#include "feeds/history.h"
#include "feeds/shelf.h"
#include "feeds/tree.h"
#include "verify/tally.h"
#include "verify/vouch.h"

/* A file that a history row names. */
struct check_file {
	enum tree_sort sort;
	struct feed_file file;
	bool there; /* with the right length and digest */
};

/* A row of history. */
struct check_row {
	int64_t serial;
	struct digest state;
	struct check_file *files; /* the steps, then the snapshot if any, and
				     its piece table */
	size_t file_count;
	bool guessed; /* history, which would tell state and steps, is lost */
	bool built;   /* the state is on the shelf */
	int64_t last_needed; /* highest serial with a step from here, or 0 */
};

/* A document that was read, or that one which was read names. */
struct check_document {
	int64_t number;
	struct digest digest;
	int64_t length;
	bool read;
	struct history history; /* if read */
};

struct check {
	struct tally *tally;
	struct vouch *vouch;
	const char *path; /* of the folder, as given */
	int tree;
	struct feed head;
	bool head_read;
	struct check_document *documents; /* falling numbers, newest first */
	size_t document_count;
	struct check_row *rows; /* rising serials */
	size_t row_count;
	struct db *db;
	struct shelf *shelf;
	int64_t items; /* of the head's state, -1: not reached */
};

#define CHECK_INIT \
	{ \
		.tree = -1, .items = -1 \
	}
#define OWNED_CHECK OWNED(check_clear)
#define CHECK_FEED 1 /* the feed's number on the shelf */

void check_clear(struct check *c);

/*
 * Check the folder at path; findings go to c->tally.  -1 is a fault of our own
 * (no memory, no disk).
 */
int check_folder(struct check *c, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

/* ---- its parts ---- */

/*
 * Open a named file.  *fd stays -1 where it is missing (*result says so),
 * cannot be opened, or is not what its name and length say.
 */
int check_open(struct check *c, enum tree_sort sort,
    const struct feed_file *file, int *fd, enum tally_result *result,
    char cause[FAULT_TEXT_MAX], struct fault *f)
    __attribute__((warn_unused_result));

const char *check_kind(enum tree_sort sort);

int check_documents(struct check *c, struct fault *f)
    __attribute__((warn_unused_result));
int check_rows(struct check *c, struct fault *f)
    __attribute__((warn_unused_result));
int check_states(struct check *c, struct check_row *row, struct fault *f)
    __attribute__((warn_unused_result));
int check_strays(struct check *c, struct fault *f)
    __attribute__((warn_unused_result));

struct check_row *check_find_row(const struct check *c, int64_t serial);

#endif
