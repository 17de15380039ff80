#include "fetch/preview.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/log.h"
#include "base/num.h"
#include "feeds/parcel.h"
#include "fetch/accept.h"

void
preview_clear(struct preview *p)
{
	free(p->title);
	free(p->mirror);
	*p = (struct preview){ .title = NULL };
}

static void
remove_scratch(char **path)
{
	struct fault ignored = { 0 };

	if (*path != NULL)
		(void)folder_remove(AT_FDCWD, *path, &ignored);
	free(*path);
	*path = NULL;
}

static int
make_scratch(const char *state, char **path, struct fault *f)
{
	const char *temporary = getenv("TMPDIR");
	OWNED_FD int folder = -1;

	if (access(state, W_OK | X_OK) != 0)
		state =
		    temporary != NULL && *temporary == '/' ? temporary : "/tmp";
	if (file_open_folder(AT_FDCWD, state, &folder, f) == -1)
		return -1;
	return folder_scratch(folder, path, f);
}

static int
read_head(const struct book_feed *feed, struct preview *out, struct fault *f)
{
	struct parcel p = { feed->head.data, feed->head.len, 0 };
	OWNED_FEED struct feed head;

	feed_init(&head);
	if (parcel_get_feed(&p, &head, f) == -1)
		return -1;
	(void)snprintf(out->id, sizeof(out->id), "%s", feed->id);
	out->title = own_give(&head.title);
	out->serial = feed->serial;
	out->updated = feed->updated;
	out->expires = feed->expires;
	return 0;
}

/* Each item is a note, which only -v wants of an unknown number of them. */
static int
settle(struct book *book, const struct settings *settings,
    const struct follow_settings *follow, struct book_feed *feed, bool verbose,
    struct preview *out, struct fault *f)
{
	int rc;

	if (follow->wiki == NULL)
		return 0;
	out->settled = true;
	log_start("wikicast", verbose ? LOG_VERBOSE : LOG_QUIET);
	rc = settle_feed(book, settings, follow, feed, time_now(), true,
	    &out->result, f);
	log_start("wikicast", verbose ? LOG_VERBOSE : LOG_NORMAL);
	return rc == -1 ? fault_within(f, "wiki '%s'", follow->wiki) : 0;
}

static int
fetch(struct book *book, const struct settings *settings,
    const struct follow_settings *follow, struct book_feed *feed,
    struct preview *out, struct fault *f)
{
	OWNED(http_close) struct http *http = NULL;
	OWNED(accept_result_clear) struct accept_result result = { 0 };
	struct accept_options how = { .now = time_now() };

	if (reach_open(&settings->reach, &http, f) == -1 ||
	    book_feed_load(book, follow->name, feed, f) == -1 ||
	    accept_feed(book, http, settings, follow, &how, feed, &result, f) ==
		-1)
		return -1;
	out->mirror = own_give(&result.mirror);
	return read_head(feed, out, f);
}

int
preview_feed(const struct settings *settings,
    const struct follow_settings *follow, bool verbose, struct preview *out,
    struct fault *f)
{
	OWNED(remove_scratch) char *scratch = NULL;
	OWNED(book_close) struct book book = BOOK_INIT;
	OWNED(book_feed_clear) struct book_feed feed = BOOK_FEED_INIT;
	struct settings here = *settings;
	struct digest state;

	if (make_scratch(settings->state, &scratch, f) == -1)
		return -1;
	here.state = scratch;
	if (book_open(scratch, 0, &book, f) == -1 ||
	    fetch(&book, &here, follow, &feed, out, f) == -1 ||
	    shelf_state(book.shelf, feed.row, feed.stored, &state, &out->items,
		f) == -1)
		return -1;
	return settle(&book, &here, follow, &feed, verbose, out, f);
}
