#include "fetch/peering.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/report.h"
#include "base/section.h"
#include "feeds/network.h"
#include "fetch/reach.h"

#define LINE_MAX_BYTES 198 /* of a configuration, which the line is for */

struct copy {
	char *folder;
	char *url; /* with a slash at the end */
	struct reach reach;
};

static void
clear(struct copy *c)
{
	free(c->folder);
	free(c->url);
	reach_clear(&c->reach);
}

static int
take_url(struct copy *c, const char *given, struct fault *f)
{
	OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);

	if (buf_add_text(&url, given, f) == -1 ||
	    (!network_is_folder(given) && buf_add_text(&url, "/", f) == -1))
		return -1;
	if (!network_url_valid(url.data))
		return fault_set(f, FAULT_CONFIG,
		    "option '--url': '%s' is not an http or https URL", given);
	c->url = buf_take(&url);
	return c->url != NULL ? 0 : fault_memory(f);
}

/* A section that has the name, if there is a configuration. */
static int
take_section(const struct options *o, struct copy *c, const char **url,
    struct config **config, struct fault *f)
{
	OWNED_MEM char *path = NULL;
	const struct config_section *s;
	size_t i;

	if (config_load_to_add(o->config, "copy", config, &path, f) == -1)
		return -1;
	if (reach_take(*config, &c->reach, f) == -1)
		return -1;
	s = *config != NULL ?
	    config_find(*config, "follow", o->arguments.word[0]) :
	    NULL;
	for (i = 0; s != NULL && i < s->value_count; i++) {
		const struct config_value *v = &s->values[i];

		if (strcmp(v->key, "url") == 0 && *url == NULL)
			*url = v->value;
		if (strcmp(v->key, "serve") == 0 &&
		    section_path(v->value, &c->folder, f) == -1)
			return -1;
	}
	if (s != NULL && c->folder == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "[follow %s] has no 'serve': "
		    "there is no copy to list (%s:%d)",
		    s->name, s->file, s->line);
	return 0;
}

static int
find_copy(const struct options *o, const struct peering *given, struct copy *c,
    struct fault *f)
{
	OWNED(config_free_p) struct config *config = NULL;
	const char *url = given->url;

	if (take_section(o, c, &url, &config, f) == -1)
		return -1;
	if (c->folder == NULL &&
	    section_path(o->arguments.word[0], &c->folder, f) == -1)
		return -1;
	if (url == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "option '--url' is missing: "
		    "where '%s' is on the web",
		    c->folder);
	return take_url(c, url, f);
}

/* ---- is it there? ---- */

static int
get_feed(const struct copy *c, struct buf *feed, struct fault *f)
{
	OWNED(http_close) struct http *http = NULL;
	OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);
	OWNED_FD int fd = -1;
	struct http_job job;

	if (buf_format(&url, f, "%sfeed.atom", c->url) == -1 ||
	    file_memory("feed.atom", &fd, f) == -1 ||
	    reach_open(&c->reach, &http, f) == -1)
		return -1;
	http_job(&job, url.data, fd, FEED_MAX);
	job.configured = true;
	job.gzip = true;
	job.fresh = true;
	if (http_get(http, &job, f) == -1)
		return -1;
	if (job.got.answer != HTTP_OK) {
		*f = job.got.why;
		return -1;
	}
	return file_read_fd(fd, feed, f);
}

static int
look(const struct copy *c, struct fault *f)
{
	OWNED_BUF struct buf here = BUF_INIT(FEED_MAX);
	OWNED_BUF struct buf there = BUF_INIT(FEED_MAX);
	OWNED_FD int folder = -1;
	struct fault why = { 0 };
	bool have;

	if (file_open_folder(AT_FDCWD, c->folder, &folder, f) == -1 ||
	    file_read(folder, "feed.atom", &here, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_CONFIG,
		    "there is no copy in '%s' "
		    "yet: there is no feed.atom",
		    c->folder);
	if (get_feed(c, &there, &why) == -1)
		log_warn("'%s' cannot be seen from here: %s", c->url, why.text);
	else if (here.len != there.len ||
	    memcmp(here.data, there.data, here.len) != 0)
		log_warn("'%s' shows another feed.atom than '%s' has", c->url,
		    c->folder);
	return 0;
}

/* ---- the line ---- */

static int
show(const struct options *o, const struct copy *c, const char *notify,
    struct fault *f)
{
	OWNED(report_free) struct report *out = NULL;
	OWNED_BUF struct buf line = BUF_INIT(BUF_ANY);

	if (buf_add_text(&line, "peer = ", f) == -1 ||
	    words_quote(c->url, &line, f) == -1 ||
	    (notify != NULL &&
		(buf_add_text(&line, " ", f) == -1 ||
		    words_quote(notify, &line, f) == -1)))
		return -1;
	if (line.len > LINE_MAX_BYTES)
		return fault_set(f, FAULT_CONFIG,
		    "the line would have %zu "
		    "bytes, and a configuration takes %d: choose shorter URLs",
		    line.len, LINE_MAX_BYTES);
	if (report_start(o->json, STDOUT_FILENO, &out, f) == -1)
		return -1;
	if (!o->json)
		return report_say(out, f, "%s", line.data) == -1 ?
		    -1 :
		    report_end(out, f);
	report_row(out, "peer");
	report_text(out, "url", c->url);
	report_text(out, "notify", notify);
	report_text(out, "line", line.data);
	return report_row_end(out, f) == -1 ? -1 : report_end(out, f);
}

int
peering_show(const struct options *o, const struct peering *given,
    struct fault *f)
{
	OWNED(clear) struct copy c = { .folder = NULL, .reach = REACH_INIT };

	if (o->arguments.count != 1)
		return fault_set(f, FAULT_CONFIG,
		    "option '--peer-line' takes "
		    "one argument: the folder of the copy, or the name of a "
		    "[follow] section");
	if (given->notify != NULL && !network_url_valid(given->notify))
		return fault_set(f, FAULT_CONFIG,
		    "option '--notify': '%s' is "
		    "not an http or https URL",
		    given->notify);
	if (find_copy(o, given, &c, f) == -1 || look(&c, f) == -1)
		return -1;
	return show(o, &c, given->notify, f);
}
