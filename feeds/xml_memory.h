/*
 * xml_memory.h -- what libxml2 does not say about memory, for xml_*.c only.
 *
 * Out of memory it drops the one or other piece of a document and goes on.  So
 * its allocator is ours, and takes note.
 */
#ifndef FEEDS_XML_MEMORY_H
#define FEEDS_XML_MEMORY_H

#include <stdbool.h>

/* How many allocations have failed so far. */
unsigned long xml_memory_failures(void);

/* Was xml_start() called? */
bool xml_started(void);

#endif
