#include <stdio.h>

#include "base/num.h"
#include "base/utf8.h"
#include "wiki/files.h"

void
files_intent_clear(struct files_intent *in)
{
	item_clear(&in->item);
}

/* "put 3 DIGEST PATH" or "drop 3 - PATH". */
static int
intent_write(const struct wiki_job *job, int64_t n, struct buf *out,
    struct fault *f)
{
	char digest[DIGEST_TEXT] = "-";
	struct digest d;

	if (!job->drop) {
		digest_of(job->content, job->size, &d);
		digest_format(&d, digest);
	}
	if (buf_format(out, f, "%s %lld %s ", job->drop ? "drop" : "put",
		(long long)n, digest) == -1)
		return -1;
	return item_path(job->item, out, f);
}

/* Cut the next word off; NULL if there is none. */
static char *
next_word(char **rest)
{
	char *word = *rest, *blank = strchr(word, ' ');

	if (blank == NULL)
		return NULL;
	*blank = '\0';
	*rest = blank + 1;
	return word;
}

int
files_intent_read(const char *text, struct files_intent *out, struct fault *f)
{
	OWNED_MEM char *copy = strdup(text);
	char *rest = copy, *verb, *number, *digest;

	if (copy == NULL)
		return fault_memory(f);
	verb = next_word(&rest);
	number = verb != NULL ? next_word(&rest) : NULL;
	digest = number != NULL ? next_word(&rest) : NULL;
	if (digest == NULL)
		return fault_set(f, FAULT_FORMAT, "'%s' is no intent", text);
	out->drop = strcmp(verb, "drop") == 0;
	if (num_parse(number, 0, NUM_MAX, &out->n, f) == -1 ||
	    (!out->drop && digest_parse(digest, &out->digest, f) == -1) ||
	    item_from_path(rest, &out->item, f) == -1)
		return fault_within(f, "intent");
	return 0;
}

int
files_intent_excuse(struct wiki_job *job, struct fault *f)
{
	if (f->kind != FAULT_FORMAT)
		return -1;
	job->outcome = WIKI_CANNOT;
	(void)snprintf(job->reason, sizeof(job->reason), "%.*s",
	    (int)sizeof(job->reason) - 1, f->text);
	utf8_repair(job->reason); /* its last character may be cut */
	*f = (struct fault){ 0 };
	return 0;
}

int
files_intent_place(const struct files *w, const struct item *item, bool make,
    struct files_place *place, bool *have, struct fault *f)
{
	bool file = item->kind == ITEM_ATTACHMENT;

	return files_place_open(w, file ? item->page : item->name,
	    file ? item->name : NULL, make, place, have, f);
}

static int
intend(const struct files *w, struct wiki_job *job, struct fault *f)
{
	OWNED_PLACE struct files_place place = FILES_PLACE_INIT;
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	int64_t n = job->before != NULL ? 1 : 0;
	bool have;

	/* What a stricter version cannot hold any more can still go. */
	if (!job->drop && files_name_judge(w, job->item, f) == -1)
		return -1;
	if (files_intent_place(w, job->item, false, &place, &have, f) == -1)
		return -1;
	if (have && n > 0 && files_place_keep(&place, false, &have, f) == -1)
		return -1;
	if (have && n > 0 && files_place_next(&place, &n, f) == -1)
		return -1;
	if (intent_write(job, n, &text, f) == -1)
		return -1;
	job->intent = buf_take(&text);
	return job->intent == NULL ? fault_memory(f) : 0;
}

int
files_intent_make(struct wiki *wiki, struct wiki_job *jobs, size_t n,
    struct fault *f)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (jobs[i].outcome == WIKI_OPEN &&
		    intend((struct files *)wiki, &jobs[i], f) == -1 &&
		    files_intent_excuse(&jobs[i], f) == -1)
			return -1;
	return 0;
}
