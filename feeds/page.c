#include "feeds/page.h"

#include <string.h>

#include "base/file.h"

/* How a page of ours is told from one of the site's owner. */
#define GENERATOR "<meta name=\"generator\" content=\"wikicast\"/>"

int
page_put(int folder, const struct buf *html, struct fault *f)
{
	OWNED_BUF struct buf was = BUF_INIT(PAGE_MAX);
	struct fault why = { 0 };
	bool have;

	if (file_read(folder, "index.html", &was, &have, &why) == -1) {
		if (why.kind == FAULT_LIMIT) /* none of ours */
			return 0;
		*f = why;
		return fault_within(f, "index.html");
	}
	if (have &&
	    (strstr(was.data, GENERATOR) == NULL ||
		strcmp(was.data, html->data) == 0))
		return 0;
	return file_replace(folder, "index.html", html->data, html->len, 0644,
	    f);
}
