/*
 * state.h -- the state digest (FORMAT section 4): one line an item, sorted by
 * path, hashed.
 */
#ifndef FEEDS_STATE_H
#define FEEDS_STATE_H

#include "items/item.h"

struct state_run {
	struct digest_run run;
	char last[ITEM_PATH_MAX]; /* path of the item before */
};

void state_start(struct state_run *s);
/* Paths must rise: FAULT_BUG otherwise. */
int state_add(struct state_run *s, const struct item *item, struct fault *f)
    __attribute__((warn_unused_result));
/* The same for rows of a table: fields, without an item. */
int state_add_row(struct state_run *s, enum item_kind kind,
    const struct digest *digest, int64_t size, const char *format,
    const char *lang, const char *path, struct fault *f)
    __attribute__((warn_unused_result));
void state_end(struct state_run *s, struct digest *out);

#endif
