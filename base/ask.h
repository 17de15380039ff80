/*
 * ask.h -- questions to a person at a terminal: asked on stderr, answered on
 * stdin, one line each.
 *
 *	ask_option(given.site, "Folder of the site", "/var/www/x", &site, f)
 *
 * Whatever a verb asks can be given as an option as well; a verb never asks
 * where ask_possible() is false.
 */
#ifndef BASE_ASK_H
#define BASE_ASK_H

#include <stdbool.h>

#include "base/fault.h"

#define ASK_LINE_MAX 4096 /* bytes of an answer */

/* Are both stdin and stderr a terminal? */
bool ask_possible(void);

/*
 * "question [fallback]: ".  An empty answer is the fallback; without one
 * (NULL) the question is put again.  *answer is owned by the caller.
 * FAULT_CONFIG: the person ended the input.
 */
int ask_text(const char *question, const char *fallback, char **answer,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * What an option gave; else, at a terminal, the answer; else the fallback.
 * FAULT_CONFIG if there is none of these.
 */
int ask_option(const char *given, const char *question, const char *fallback,
    char **answer, struct fault *f) __attribute__((warn_unused_result));

/* "question [y/N] ": yes only for y or yes; the end of the input is no. */
int ask_yes(const char *question, bool *yes, struct fault *f)
    __attribute__((warn_unused_result));

#endif
