/*
 * section.h -- writing new sections of the configuration, for verbs that make
 * one for people who would rather not write it (init, follow).
 *
 *	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
 *	section_begin(&b, "follow", "badcontent", f)
 *	section_value(&b, "wiki", wiki, f)		NULL is left out
 *	section_values(&b, "mirror", &urls, f)		a line each
 *	... config_add(&c, SECTION_NEW, b.data, b.len, ...) and bind it, and
 *	    section_blame() what is wrong with it ...
 *	section_write(path, &b, f)
 *
 * Nothing that stands in a file is ever changed by this: text is added at its
 * end.
 */
#ifndef BASE_SECTION_H
#define BASE_SECTION_H

#include <stdbool.h>

#include "base/words.h"

/* What stands for the name of a file while text is not in one yet. */
#define SECTION_NEW "(new)"

/*
 * A name that is also a folder's, a file's and a part of URLs: 1 to 64
 * letters, digits, "-" and "_", not "-" first.
 */
bool section_name_valid(const char *name);

/* name: NULL for a kind without one. */
int section_begin(struct buf *b, const char *kind, const char *name,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * FAULT_CONFIG for what no configuration can hold: nothing, or a line's end.
 * Quotes are added where they are needed.
 */
int section_value(struct buf *b, const char *key, const char *value,
    struct fault *f) __attribute__((warn_unused_result));
int section_values(struct buf *b, const char *key, const struct words *w,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * A fault of the new text names a line that nobody has written: put the
 * option of that line's key in its place, or nothing for the key that was no
 * option but an argument (NULL: none).  Always returns -1.
 */
int section_blame(const struct buf *b, const char *argument, struct fault *f);

/*
 * What a person gave as a path, for a configuration that is read elsewhere:
 * "~/x" and "x" are made absolute; of ENGINE:PLACE, the place is.
 */
int section_path(const char *given, char **out, struct fault *f)
    __attribute__((warn_unused_result));
int section_place(const char *given, char **out, struct fault *f)
    __attribute__((warn_unused_result));

/* Where the state folder usually is: of the system, or of this user. */
int section_state(char **out, struct fault *f)
    __attribute__((warn_unused_result));

/* Could section_write() write there?  To be asked before work is done. */
int section_writable(const char *path, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Add the text to the file, atomically; it is made with mode 0644, with
 * folders, where it is missing, and keeps its mode where it is not.
 */
int section_write(const char *path, const struct buf *b, struct fault *f)
    __attribute__((warn_unused_result));

#endif
