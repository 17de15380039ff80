#include "fetch/batch.h"

#include <stdio.h>
#include <string.h>

#define JOBS 512
#define BYTES (8 * MIB)

int
batch_open(struct batch *b, struct wiki *wiki, struct fault *f)
{
	b->wiki = wiki;
	b->items = calloc(JOBS, sizeof(*b->items));
	b->jobs = calloc(JOBS, sizeof(*b->jobs));
	return b->items == NULL || b->jobs == NULL ? fault_memory(f) : 0;
}

bool
batch_full(const struct batch *b)
{
	return b->count == JOBS || b->bytes >= BYTES;
}

/* What RecentChanges shows: the edit's own comment, and where it came from. */
static int
describe_edit(struct batch_item *it, const char *origin, struct fault *f)
{
	const struct item *item = &it->look.item;
	bool has = item->comment != NULL && item->comment[0] != '\0';

	it->author = strdup(item->author != NULL ? item->author : "wikicast");
	if (it->author == NULL ||
	    asprintf(&it->comment, has ? "%s (%s%s)" : "%s%s%s",
		has ? item->comment : "", origin,
		it->look.merged ? ", merged with local edit" : "") == -1) {
		it->comment = NULL;
		return fault_memory(f);
	}
	return 0;
}

int
batch_add(struct batch *b, const char *path, struct look *look, bool drop,
    const char *origin, struct fault *f)
{
	struct batch_item *it = &b->items[b->count];
	struct wiki_job *job = &b->jobs[b->count];

	*it = (struct batch_item){ .path = strdup(path), .look = *look };
	*job = (struct wiki_job){ .item = &it->look.item, .drop = drop };
	look_init(look);
	b->count++;
	if (it->path == NULL)
		return fault_memory(f);
	if (describe_edit(it, origin, f) == -1)
		return -1;
	job->content = drop ? NULL : it->look.content.data;
	job->size = drop ? 0 : it->look.content.len;
	job->before = it->look.before;
	job->author = it->author;
	job->comment = it->comment;
	b->bytes += (int64_t)job->size;
	return 0;
}

static void *
carry_out(void *given)
{
	struct batch *b = given;

	b->got = wiki_carry_out(b->wiki, b->jobs, b->count, &b->fault);
	return NULL;
}

void
batch_start(struct batch *b)
{
	b->started = true;
	b->running = pthread_create(&b->thread, NULL, carry_out, b) == 0;
	if (!b->running)
		(void)carry_out(b);
}

void
batch_wait(struct batch *b)
{
	if (b->running)
		(void)pthread_join(b->thread, NULL);
	b->running = false;
}

void
batch_clear(struct batch *b)
{
	size_t i;

	batch_wait(b);
	for (i = 0; i < b->count; i++) {
		wiki_job_clear(&b->jobs[i]);
		look_clear(&b->items[i].look);
		free(b->items[i].path);
		free(b->items[i].author);
		free(b->items[i].comment);
	}
	b->count = 0;
	b->bytes = 0;
	b->started = false;
	b->got = 0;
}

void
batch_free(struct batch *b)
{
	batch_clear(b);
	free(b->items);
	free(b->jobs);
	*b = (struct batch){ 0 };
}
