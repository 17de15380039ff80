/*
 * todo.h -- which items phase 2 of a fetch looks at, and whether so many of
 * them are removals that a person should look first (DESIGN section 6).
 *
 *	todo_make(book, feed, follow, whole, f)
 *	todo_gate(book, feed, follow, &hold, f)
 *	todo_walk(book, &q, &count, f)
 *	while db_next(&q, &have, f) has: path is db_text(&q, 0)
 *
 * All within one transaction.  The paths stand in a table of their own: what
 * is changed meanwhile does not change the walk.
 */
#ifndef FETCH_TODO_H
#define FETCH_TODO_H

#include "fetch/book.h"
#include "fetch/settings.h"

/*
 * The paths of what is different in book_goal(feed) than in feed->settled, and
 * of what has a note.  whole: of all that the feed has or that was installed.
 */
int todo_make(struct book *book, const struct book_feed *feed,
    const struct follow_settings *follow, bool whole, struct fault *f)
    __attribute__((warn_unused_result));

/* This path alone. */
int todo_only(struct book *book, const char *path, struct fault *f)
    __attribute__((warn_unused_result));

/* Is it too much that `gone` of all installed items go, by max_drop percent? */
bool todo_too_many(int64_t all, int64_t gone, int64_t max_drop);

/* Do the removals wait?  Not those up to feed->allowed. */
int todo_gate(struct book *book, const struct book_feed *feed,
    const struct follow_settings *follow, bool *hold, struct fault *f)
    __attribute__((warn_unused_result));

/* A query with the paths, in order, and how many they are. */
int todo_walk(struct book *book, struct db_query *q, int64_t *count,
    struct fault *f) __attribute__((warn_unused_result));

#endif
