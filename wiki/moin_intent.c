#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/num.h"
#include "items/text.h"
#include "wiki/moin_write.h"

/*
 * Fields are separated by tabs, which none of them can contain: folders are
 * quoted, file names have no controls, authors and comments were cleaned.
 */
#define MARK "moin-1"
#define FIELDS 12

void
moin_intent_clear(struct moin_intent *in)
{
	free(in->line);
	*in = (struct moin_intent){ 0 };
}

void
moin_intent_path(const struct moin_intent *in, const char *name,
    char out[MOIN_PATH])
{
	(void)snprintf(out, MOIN_PATH, "%s/.wikicast-%s.%s", in->folder,
	    in->token, name);
}

void
moin_intent_new_path(const struct moin_intent *in, const char *name,
    char out[MOIN_PATH])
{
	(void)snprintf(out, MOIN_PATH, ".wikicast-%s%s%s", in->token,
	    *name != '\0' ? "/" : "", name);
}

void
moin_intent_clean(const struct moin *m, const struct moin_intent *in)
{
	static const char *const inside[] = { "revisions/00000001", "current",
		"edit-log" };
	char path[MOIN_PATH];
	size_t i;

	moin_intent_path(in, "text", path);
	(void)unlinkat(m->pages, path, 0);
	moin_intent_path(in, "current", path);
	(void)unlinkat(m->pages, path, 0);
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		moin_intent_new_path(in, inside[i], path);
		(void)unlinkat(m->pages, path, 0);
	}
	moin_intent_new_path(in, "revisions", path);
	(void)unlinkat(m->pages, path, AT_REMOVEDIR);
	moin_intent_new_path(in, "", path);
	(void)unlinkat(m->pages, path, AT_REMOVEDIR);
}

static int
make_token(char out[MOIN_TOKEN], struct fault *f)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return fault_system(f, errno, "cannot get a random number");
	(void)snprintf(out, MOIN_TOKEN, "%016" PRIx64, random);
	return 0;
}

/* The page's number now; 0 if it has none. */
static int
number_before(const struct moin *m, const char *folder,
    const struct wiki_job *job, int64_t *number, struct fault *f)
{
	char path[MOIN_PATH];
	struct stat st;
	bool have;

	*number = 0;
	if (job->before == NULL)
		return 0;
	moin_path(path, folder, "current");
	if (moin_look_number(m->pages, path, number, &st, &have, f) == -1)
		return -1;
	if (!have || *number < 0)
		*number = 0;
	return 0;
}

/* The size of the page's log; of use only where revisions have no numbers. */
static int64_t
page_log_before(const struct moin *m, const char *folder)
{
	char path[MOIN_PATH];
	struct stat st;

	moin_path(path, folder, "edit-log");
	return fstatat(m->pages, path, &st, 0) == 0 ? st.st_size : 0;
}

static const char *
or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

static int
write_intent(struct moin *m, struct wiki_job *job, int64_t log_size,
    struct fault *f)
{
	const struct item *item = job->item;
	bool file = item->kind == ITEM_ATTACHMENT;
	OWNED_BUF struct buf folder = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf author = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf comment = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf line = BUF_INIT(BUF_ANY);
	char token[MOIN_TOKEN], hex[DIGEST_TEXT];
	struct digest digest = { 0 };
	int64_t number = 0;

	if (moin_name_quote(file ? item->page : item->name, &folder, f) == -1 ||
	    make_token(token, f) == -1 ||
	    (!file && number_before(m, folder.data, job, &number, f) == -1) ||
	    moin_log_author(or_empty(job->author), &author, f) == -1 ||
	    moin_log_note(or_empty(job->comment), &comment, f) == -1)
		return -1;
	if (!job->drop)
		digest_of(job->content, job->size, &digest);
	digest_format(&digest, hex);
	if (buf_format(&line, f,
		MARK "\t%s\t%s\t%s\t%s\t%" PRId64 "\t%s\t%s\t%" PRId64
		     "\t%" PRId64 "\t%s\t%s",
		job->drop ? "drop" : "put", folder.data, file ? item->name : "",
		token, number, hex, or_empty(job->before), log_size,
		file ? page_log_before(m, folder.data) : 0, author.data,
		comment.data) == -1)
		return -1;
	job->intent = buf_take(&line);
	return job->intent == NULL ? fault_memory(f) : 0;
}

/* What keeps the item out of this wiki for good. */
static int
check_job(struct wiki *w, const struct wiki_job *job, struct fault *f)
{
	if (w->engine->can_hold(w, job->item, f) == -1)
		return -1;
	if (job->drop)
		return 0;
	if (job->size > (size_t)ITEM_SIZE_MAX)
		return fault_set(f, FAULT_FORMAT, "it is too long");
	return item_is_text(job->item->kind) ?
	    text_check(job->content, job->size, f) :
	    0;
}

int
moin_intend(struct wiki *w, struct wiki_job *jobs, size_t n, struct fault *f)
{
	struct moin *m = moin_of(w);
	struct fault why = { 0 };
	struct stat st;
	size_t i;

	if (m->log == -1)
		return fault_set(f, FAULT_BUG, "an intent before the begin");
	if (fstat(m->log, &st) == -1)
		return fault_system(f, errno, "edit-log");
	for (i = 0; i < n; i++) {
		struct wiki_job *job = &jobs[i];

		if (check_job(w, job, &why) == 0) {
			if (write_intent(m, job, st.st_size, f) == -1)
				return -1;
			continue;
		}
		if (why.kind != FAULT_FORMAT) {
			*f = why;
			return -1;
		}
		job->outcome = WIKI_CANNOT;
		(void)snprintf(job->reason, sizeof(job->reason), "%.*s",
		    WIKI_REASON_MAX - 1, why.text);
	}
	return 0;
}

static bool
split(char *line, const char *fields[FIELDS])
{
	char *field;
	size_t i = 0;

	while ((field = strsep(&line, "\t")) != NULL) {
		if (i == FIELDS)
			return false;
		fields[i++] = field;
	}
	return i == FIELDS;
}

int
moin_intent_read(const char *line, struct moin_intent *out, struct fault *f)
{
	const char *fields[FIELDS];
	OWNED_INTENT struct moin_intent in = { .line = strdup(line) };

	if (in.line == NULL)
		return fault_memory(f);
	if (!split(in.line, fields) || strcmp(fields[0], MARK) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "'%.40s' is not a MoinMoin intent", line);
	in.drop = strcmp(fields[1], "drop") == 0;
	in.folder = fields[2];
	in.file = fields[3];
	in.token = fields[4];
	in.before = *fields[7] != '\0' ? fields[7] : NULL;
	in.author = fields[10];
	in.comment = fields[11];
	if (num_parse(fields[5], 0, MOIN_NUMBER_MAX, &in.base, f) == -1 ||
	    digest_parse(fields[6], &in.digest, f) == -1 ||
	    num_parse(fields[8], 0, NUM_MAX, &in.log_from, f) == -1 ||
	    num_parse(fields[9], 0, NUM_MAX, &in.page_log_from, f) == -1)
		return -1;
	*out = in;
	in = (struct moin_intent){ 0 };
	return 0;
}
