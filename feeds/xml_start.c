#include "feeds/xml_memory.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "feeds/xml.h"

/* libxml2 has one allocator for a process; so this is one for it, too. */
static unsigned long failures;

static void *
note(void *p)
{
	failures += p == NULL;
	return p;
}

static void *
note_malloc(size_t n)
{
	return note(malloc(n));
}

static void *
note_realloc(void *p, size_t n)
{
	return note(realloc(p, n));
}

static char *
note_strdup(const char *text)
{
	return note(strdup(text));
}

unsigned long
xml_memory_failures(void)
{
	return failures;
}

static xmlParserInputPtr
refuse_entity(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	return NULL;
}

static void
say_nothing(void *ctx, const char *text, ...)
{
	(void)ctx;
	(void)text;
}

void
xml_start(void)
{
	(void)xmlMemSetup(free, note_malloc, note_realloc, note_strdup);
	xmlInitParser();
	xmlSetExternalEntityLoader(refuse_entity);
	xmlSetGenericErrorFunc(NULL, say_nothing);
}

bool
xml_started(void)
{
	return xmlGetExternalEntityLoader() == refuse_entity;
}
