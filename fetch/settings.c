#include "fetch/settings.h"

#include <string.h>

#include "base/config.h"
#include "feeds/board.h"
#include "items/prefix.h"

#define IN(member) offsetof(struct settings, member)
static const struct config_key state_keys[] = {
	{ .key = "dir",
	    .type = CONFIG_TEXT,
	    .offset = IN(state),
	    .required = true },
	{ .key = NULL },
};
#undef IN

#define DAY 86400
#define IN(member) offsetof(struct notify_settings, member)
static const struct config_key notify_keys[] = {
	{ .key = "dir", .type = CONFIG_TEXT, .offset = IN(folder) },
	{ .key = "every",
	    .type = CONFIG_DURATION,
	    .offset = IN(every),
	    .min = 1,
	    .max = DAY },
	{ .key = "jitter",
	    .type = CONFIG_DURATION,
	    .offset = IN(jitter),
	    .min = 1,
	    .max = DAY },
	{ .key = NULL },
};
#undef IN

#define IN(member) offsetof(struct follow_settings, member)
static const struct config_key follow_keys[] = {
	{ .key = "mirror",
	    .type = CONFIG_WORDS,
	    .offset = IN(mirrors),
	    .required = true },
	{ .key = "peer", .type = CONFIG_LINES, .offset = IN(peer_lines) },
	{ .key = "id", .type = CONFIG_TEXT, .offset = IN(id) },
	{ .key = "signer",
	    .type = CONFIG_LINES,
	    .offset = IN(signer_lines),
	    .required = true },
	{ .key = "threshold",
	    .type = CONFIG_NUMBER,
	    .offset = IN(threshold),
	    .min = 1,
	    .max = SIGNERS_MAX },
	{ .key = "certificate",
	    .type = CONFIG_TEXT,
	    .offset = IN(certificate) },
	{ .key = "wiki", .type = CONFIG_TEXT, .offset = IN(wiki) },
	{ .key = "underlay", .type = CONFIG_TEXT, .offset = IN(underlay) },
	{ .key = "pages", .type = CONFIG_WORDS, .offset = IN(select.pages) },
	{ .key = "not", .type = CONFIG_WORDS, .offset = IN(select.not_pages) },
	{ .key = "grant", .type = CONFIG_WORDS, .offset = IN(select.grants) },
	{ .key = "prefix", .type = CONFIG_TEXT, .offset = IN(select.prefix) },
	{ .key = "languages",
	    .type = CONFIG_WORDS,
	    .offset = IN(select.languages) },
	{ .key = "acl",
	    .type = CONFIG_WORDS,
	    .offset = IN(acl_words),
	    .once = true },
	{ .key = "allow", .type = CONFIG_LINES, .offset = IN(allow) },
	{ .key = "on-local-edit",
	    .type = CONFIG_WORDS,
	    .offset = IN(edit_words),
	    .once = true },
	{ .key = "merge-local",
	    .type = CONFIG_WORDS,
	    .offset = IN(edits.merge) },
	{ .key = "keep-local", .type = CONFIG_WORDS, .offset = IN(edits.keep) },
	{ .key = "overwrite-local",
	    .type = CONFIG_WORDS,
	    .offset = IN(edits.overwrite) },
	{ .key = "compact", .type = CONFIG_BOOL, .offset = IN(compact) },
	{ .key = "max-drop",
	    .type = CONFIG_PERCENT,
	    .offset = IN(max_drop),
	    .min = 1,
	    .max = 100 },
	{ .key = "hold",
	    .type = CONFIG_DURATION,
	    .offset = IN(hold),
	    .min = 1,
	    .max = 365 * DAY },
	{ .key = "serve", .type = CONFIG_TEXT, .offset = IN(serve) },
	{ .key = "url", .type = CONFIG_TEXT, .offset = IN(url) },
	{ .key = "after",
	    .type = CONFIG_WORDS,
	    .offset = IN(after),
	    .once = true },
	{ .key = NULL },
};
#undef IN

void
settings_clear(struct settings *s)
{
	size_t i;

	for (i = 0; i < s->follow_count; i++) {
		network_clear(&s->follows[i].network);
		config_clear(follow_keys, &s->follows[i]);
	}
	free(s->follows);
	config_clear(notify_keys, &s->notify);
	reach_clear(&s->reach);
	config_clear(state_keys, s);
	config_free(s->config);
	*s = (struct settings){ .state = NULL };
}

static int
check_mirrors(const struct config_section *s,
    const struct follow_settings *follow, struct fault *f)
{
	size_t i;

	for (i = 0; i < follow->mirrors.count; i++) {
		const char *url = follow->mirrors.word[i];
		bool known = strncmp(url, "https://", 8) == 0 ||
		    strncmp(url, "http://", 7) == 0 ||
		    strncmp(url, "file:///", 8) == 0;

		if (known && url[strlen(url) - 1] == '/')
			continue;
		(void)fault_set(f, FAULT_CONFIG,
		    "'%s' is not an http, https "
		    "or file URL of a folder, which ends in '/'",
		    url);
		return config_refuse(s, "mirror", f);
	}
	return 0;
}

/*
 * Other wikis' copies, which are mirrors as well.  A list that all share names
 * this one, too: it always answers, is never behind itself, and has no news.
 */
static int
take_peers(const struct config_section *s, struct follow_settings *follow,
    struct fault *f)
{
	const struct network *n = &follow->network;
	size_t i;

	for (i = 0; i < follow->peer_lines.count; i++)
		if (network_add_line(&follow->network,
			follow->peer_lines.word[i], f) == -1)
			return config_refuse(s, "peer", f);
	for (i = 0; i < n->peer_count; i++) {
		const char *url = n->peers[i].url;

		if (follow->url != NULL && strcmp(url, follow->url) == 0)
			continue;
		if (words_add(&follow->mirrors, url, f) == -1)
			return -1;
	}
	return 0;
}

static int
take_signers(const struct config_section *s, struct follow_settings *follow,
    struct fault *f)
{
	const struct words *lines = &follow->signer_lines;
	bool too_high = follow->threshold > (int64_t)lines->count;

	if (signature_signers(lines, follow->threshold, &follow->signers, f) ==
	    -1)
		return config_refuse(s, too_high ? "threshold" : "signer", f);
	return 0;
}

static int
take_acl(const struct config_section *s, struct follow_settings *follow,
    struct fault *f)
{
	static const char *const rules[] = { "drop", "accept", "refuse" };
	const struct words *w = &follow->acl_words;
	size_t i;

	if (w->count == 0)
		return 0;
	for (i = 0; i < 3 && w->count == 1; i++) {
		if (strcmp(w->word[0], rules[i]) != 0)
			continue;
		follow->acl = (enum acl_rule)i;
		return 0;
	}
	if (w->count == 2 && strcmp(w->word[0], "set") == 0 &&
	    strncmp(w->word[1], "#acl ", 5) == 0 &&
	    strchr(w->word[1], '\n') == NULL) {
		follow->acl = ACL_SET;
		follow->acl_line = w->word[1];
		return 0;
	}
	(void)fault_set(f, FAULT_CONFIG,
	    "one of: drop, accept, refuse, set \"#acl ...\"");
	return config_refuse(s, "acl", f);
}

static int
take_edits(const struct config_section *s, struct follow_settings *follow,
    struct fault *f)
{
	static const char *const policies[] = { "merge", "keep", "overwrite" };
	const struct words *w = &follow->edit_words;
	size_t i;

	if (w->count == 0)
		return 0;
	for (i = 0; i < 3 && w->count == 1; i++) {
		if (strcmp(w->word[0], policies[i]) != 0)
			continue;
		follow->edits.policy = (enum edits_policy)i;
		return 0;
	}
	(void)fault_set(f, FAULT_CONFIG,
	    "'on-local-edit' is one of: merge, keep, overwrite");
	return config_refuse(s, "on-local-edit", f);
}

static int
check_follow(const struct config_section *s, struct follow_settings *follow,
    struct fault *f)
{
	if (check_mirrors(s, follow, f) == -1 ||
	    take_peers(s, follow, f) == -1 ||
	    take_signers(s, follow, f) == -1 || take_acl(s, follow, f) == -1 ||
	    take_edits(s, follow, f) == -1)
		return -1;
	if (follow->url != NULL && !network_is_folder(follow->url)) {
		(void)fault_set(f, FAULT_CONFIG,
		    "'%s' is not an http or "
		    "https URL of a folder, which ends in '/'",
		    follow->url);
		return config_refuse(s, "url", f);
	}
	if (follow->select.prefix != NULL &&
	    prefix_check(follow->select.prefix, f) == -1) {
		f->kind = FAULT_CONFIG;
		return config_refuse(s, "prefix", f);
	}
	if (follow->url != NULL && follow->serve == NULL) {
		(void)fault_set(f, FAULT_CONFIG,
		    "it says where 'serve' is on the web: there is none");
		return config_refuse(s, "url", f);
	}
	if (follow->id != NULL && !feed_id_valid(follow->id)) {
		(void)fault_set(f, FAULT_CONFIG,
		    "'%s' is not a feed id (urn:uuid:...)", follow->id);
		return config_refuse(s, "id", f);
	}
	if (follow->wiki == NULL && follow->serve == NULL) {
		(void)fault_set(f, FAULT_CONFIG,
		    "say 'wiki', into which to "
		    "install, or 'serve', a folder to keep a copy in");
		return config_refuse(s, NULL, f);
	}
	return 0;
}

static int
add_follow(struct settings *settings, const struct config_section *s,
    struct fault *f)
{
	struct follow_settings *follows = reallocarray(settings->follows,
	    settings->follow_count + 1, sizeof(*follows));
	struct follow_settings *follow;

	if (follows == NULL)
		return fault_memory(f);
	settings->follows = follows;
	follow = &follows[settings->follow_count++];
	*follow = (struct follow_settings){ .name = s->name,
		.acl = ACL_DROP,
		.max_drop = 25 };
	if (config_bind(s, follow_keys, follow, f) == -1)
		return -1;
	return check_follow(s, follow, f);
}

/* The section alone says that there is a receiver. */
static int
take_notify(struct notify_settings *notify, const struct config_section *s,
    struct fault *f)
{
	*notify = (struct notify_settings){ .every = NOTICE_EVERY,
		.jitter = NOTICE_JITTER };
	if (s == NULL)
		return 0;
	if (config_bind(s, notify_keys, notify, f) == -1)
		return -1;
	if (notify->folder == NULL)
		notify->folder = strdup(BOARD_FOLDER);
	return notify->folder != NULL ? 0 : fault_memory(f);
}

int
settings_take(struct config *config, struct settings *settings, struct fault *f)
{
	const struct config_section *s = config_find(config, "state", NULL);

	*settings = (struct settings){ .config = config };
	if (s == NULL)
		return fault_set(f, FAULT_CONFIG,
		    "the configuration has no section [state]");
	if (config_bind(s, state_keys, settings, f) == -1 ||
	    take_notify(&settings->notify, config_find(config, "notify", NULL),
		f) == -1 ||
	    reach_take(config, &settings->reach, f) == -1)
		return -1;
	/* Better than a list that somebody believes to be filled. */
	s = config_next(config, NULL, "merge");
	if (s != NULL) {
		(void)fault_set(f, FAULT_CONFIG,
		    "this version does not make "
		    "lists out of several feeds: remove the section");
		return config_refuse(s, NULL, f);
	}
	for (s = NULL;
	     (s = config_next(settings->config, s, "follow")) != NULL;)
		if (add_follow(settings, s, f) == -1)
			return -1;
	return 0;
}

int
settings_load(const char *file, struct settings *settings, struct fault *f)
{
	struct config *config = NULL;

	*settings = (struct settings){ .state = NULL };
	if (config_load(file, &config, f) == -1)
		return -1;
	return settings_take(config, settings, f);
}

const struct follow_settings *
settings_find(const struct settings *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->follow_count; i++)
		if (strcmp(s->follows[i].name, name) == 0)
			return &s->follows[i];
	return NULL;
}

void
settings_digest(const struct follow_settings *follow, struct digest *out)
{
	struct digest_run run;

	digest_start(&run);
	digest_text(&run, follow->wiki);
	digest_text(&run, follow->underlay);
	select_digest(&follow->select, &run);
	words_digest(&follow->acl_words, &run);
	words_digest(&follow->allow, &run);
	digest_text(&run, follow->compact ? "compact" : NULL);
	digest_text(&run, follow->url);
	edits_digest(&follow->edits, &run);
	digest_end(&run, out);
}
