#include "fetch/published.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "feeds/signature.h"
#include "fetch/worker.h"

#define IN(member) offsetof(struct published, member)
static const struct config_key publish_keys[] = {
	{ .key = "site",
	    .type = CONFIG_TEXT,
	    .offset = IN(site),
	    .required = true },
	{ .key = "key",
	    .type = CONFIG_TEXT,
	    .offset = IN(key),
	    .required = true },
	{ .key = NULL },
};
static const struct config_key feed_keys[] = {
	{ .key = "url",
	    .type = CONFIG_TEXT,
	    .offset = IN(url),
	    .required = true },
	{ .key = "peer", .type = CONFIG_LINES, .offset = IN(peer_lines) },
	{ .key = NULL },
};
#undef IN

void
published_clear(struct published *p)
{
	network_clear(&p->network);
	config_clear(feed_keys, p);
	config_clear(publish_keys, p);
}

/* The rest, and whether it is all right, is for gen. */
int
published_find(const struct config *config, const char *name,
    struct published *p, bool *have, struct fault *f)
{
	const struct config_section *s = config_find(config, "feed", name);
	const struct config_section *site =
	    config_find(config, "publish", NULL);
	size_t i;

	*p = (struct published){ .name = name };
	*have = s != NULL && site != NULL;
	if (!*have)
		return 0;
	if (config_bind_some(site, publish_keys, p, f) == -1 ||
	    config_bind_some(s, feed_keys, p, f) == -1)
		return -1;
	if (!network_is_folder(p->url)) {
		(void)fault_set(f, FAULT_CONFIG,
		    "'%s' is not an http or "
		    "https URL of a folder, which ends in '/'",
		    p->url);
		return config_refuse(s, "url", f);
	}
	for (i = 0; i < p->peer_lines.count; i++)
		if (network_add_line(&p->network, p->peer_lines.word[i], f) ==
		    -1)
			return config_refuse(s, "peer", f);
	return 0;
}

static void
remove_folder(char **path)
{
	struct fault ignored = { 0 };

	if (*path != NULL)
		(void)folder_remove(AT_FDCWD, *path, &ignored);
	free(*path);
	*path = NULL;
}

static int
open_file(int folder, const char *name, int *fd, struct fault *f)
{
	bool have;

	if (file_open(folder, name, fd, &have, f) == -1)
		return -1;
	return have ? 0 :
		      fault_set(f, FAULT_CONFIG,
			  "there is no '%s': nothing is published yet", name);
}

/* The key's certificates, from the folder, in a home for GnuPG. */
static int
make_home(struct worker *w, int folder, const char *scratch,
    struct signers *signers, char **home, struct fault *f)
{
	OWNED_BUF struct buf keyring = BUF_INIT(4 * KEY_MAX);
	OWNED_FD int keys = -1;

	if (asprintf(home, "%s/gnupg", scratch) == -1) {
		*home = NULL;
		return fault_memory(f);
	}
	if (open_file(folder, "key.asc", &keys, f) == -1 ||
	    worker_certificates(w, scratch, keys, signers, &keyring, f) == -1)
		return -1;
	/* The next errand is the first of another worker. */
	worker_stop(w);
	return signature_home_make(*home, keyring.data, keyring.len, f);
}

static int
open_folder(const struct published *p, int *fd, struct fault *f)
{
	OWNED_BUF struct buf path = BUF_INIT(BUF_ANY);

	if (buf_format(&path, f, "%s/%s", p->site, p->name) == -1)
		return -1;
	return file_open_folder(AT_FDCWD, path.data, fd, f);
}

static int
read_head(const struct published *p, const char *scratch, int64_t now,
    struct feed *head, struct fault *f)
{
	OWNED(worker_stop) struct worker w = WORKER_INIT;
	struct signers signers = { .count = 1, .threshold = 1 };
	struct worker_trust trust = { .signers = &signers, .now = now };
	OWNED_MEM char *home = NULL;
	OWNED_FD int folder = -1;
	OWNED_FD int document = -1;
	bool refresh;

	if (fingerprint_parse(p->key, signers.list[0].primary, f) == -1 ||
	    open_folder(p, &folder, f) == -1 ||
	    open_file(folder, "feed.atom", &document, f) == -1 ||
	    make_home(&w, folder, scratch, &signers, &home, f) == -1)
		return -1;
	trust.home = home;
	return worker_feed(&w, &trust, document, head, &refresh, f);
}

int
published_head(const struct published *p, const char *state, int64_t now,
    struct feed *head, struct fault *f)
{
	OWNED(remove_folder) char *scratch = NULL;
	OWNED_FD int folder = -1;

	if (file_open_folder(AT_FDCWD, state, &folder, f) == -1 ||
	    folder_scratch(folder, &scratch, f) == -1)
		return -1;
	return read_head(p, scratch, now, head, f);
}
