/*
 * innocent.h -- texts that no antispam pattern may match: what people write
 * in every wiki.  A pattern that does would lock authors out.
 */
#ifndef ITEMS_INNOCENT_H
#define ITEMS_INNOCENT_H

extern const char *const innocent_texts[]; /* ends with NULL */

#endif
