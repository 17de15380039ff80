/*
 * editor.h -- a text goes to the person's own editor, $VISUAL or $EDITOR or
 * vi, at the terminal.
 */
#ifndef FETCH_EDITOR_H
#define FETCH_EDITOR_H

#include "base/buf.h"

/*
 * text becomes what the editor left.  *kept is the file, in a folder of its
 * own below $TMPDIR or /tmp, for editor_forget(): whoever does not take the
 * text tells where it is instead.  After a failure it may be there as well.
 */
int editor_edit(struct buf *text, char **kept, struct fault *f)
    __attribute__((warn_unused_result));
void editor_forget(const char *kept);

#endif
