#include "fetch/announce.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"

#define REPLY_MAX 4096 /* bytes of an answer's body, which nobody reads */

struct http_limits
announce_limits(void)
{
	return (struct http_limits){ .connect_ms = 3000, .total_ms = 8000 };
}

static void
clear_one(struct announcement *a)
{
	size_t i;

	for (i = 0; i < a->place_count; i++)
		free(a->places[i].url);
	free(a->places);
}

void
announce_clear(struct announce_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		clear_one(&list->list[i]);
	free(list->list);
	*list = (struct announce_list){ .list = NULL };
}

int
announce_add(struct announce_list *list, const char *name,
    const struct notice *notice, const struct rumour_rule *rule,
    struct announcement **out, struct fault *f)
{
	struct announcement *more =
	    reallocarray(list->list, list->count + 1, sizeof(*more));

	if (more == NULL)
		return fault_memory(f);
	list->list = more;
	*out = &more[list->count++];
	**out = (struct announcement){ .name = name,
		.notice = *notice,
		.rule = rule };
	return 0;
}

static bool
is_listed(const struct announcement *a, const char *url)
{
	size_t i;

	for (i = 0; i < a->place_count; i++)
		if (strcmp(a->places[i].url, url) == 0)
			return true;
	return false;
}

static bool
has_tag(const struct words *tags, const char *url)
{
	char tag[NOTICE_TAG_TEXT];
	size_t i;

	notice_tag(url, tag);
	for (i = 0; tags != NULL && i < tags->count; i++)
		if (strcmp(tags->word[i], tag) == 0)
			return true;
	return false;
}

static int
add_place(struct announcement *a, const char *url, bool configured,
    struct fault *f)
{
	struct announce_place *more =
	    reallocarray(a->places, a->place_count + 1, sizeof(*more));
	char *copy = strdup(url);

	if (more != NULL)
		a->places = more;
	if (more == NULL || copy == NULL) {
		free(copy);
		return fault_memory(f);
	}
	more[a->place_count++] =
	    (struct announce_place){ .url = copy, .configured = configured };
	return 0;
}

int
announce_peers(struct announcement *a, const struct network *network,
    bool configured, const struct words *told, struct fault *f)
{
	size_t i;

	for (i = 0; i < network->peer_count; i++) {
		const struct network_place *peer = &network->peers[i];

		if (peer->notify == NULL || has_tag(told, peer->url) ||
		    strcmp(peer->url, a->notice.from) == 0 ||
		    is_listed(a, peer->notify))
			continue;
		if (add_place(a, peer->notify, configured, f) == -1)
			return -1;
	}
	return 0;
}

int
announce_followed(struct announcement *a, struct db *db, int64_t feed,
    const struct follow_settings *follow, const struct words *told,
    struct fault *f)
{
	OWNED_NETWORK struct network known;

	network_init(&known);
	if (mirror_peers(db, feed, &known, f) == -1 ||
	    announce_peers(a, &follow->network, true, told, f) == -1)
		return -1;
	return announce_peers(a, &known, false, told, f);
}

void
announce_leave_out(struct announcement *a, size_t i)
{
	free(a->places[i].url);
	a->places[i] = a->places[--a->place_count];
}

/* ---- telling ---- */

struct telling {
	struct announcement *a;
	struct http *http;
	const char *form;
	struct rumour rumour;
	struct http_job *jobs; /* one a place, in the order of asking */
	size_t *order;
	size_t next;
};

static int
ask_more(struct telling *t, struct fault *f)
{
	while (rumour_more(&t->rumour) > 0 && t->next < t->a->place_count) {
		const struct announce_place *place =
		    &t->a->places[t->order[t->next]];
		struct http_job *job = &t->jobs[t->next++];

		http_job(job, place->url, -1, REPLY_MAX);
		job->configured = place->configured;
		job->form = t->form;
		job->limits = announce_limits();
		if (http_add(t->http, job, f) == -1)
			return -1;
		rumour_ask(&t->rumour);
		t->a->asked++;
	}
	return 0;
}

static void
hear(struct telling *t, const struct http_job *job)
{
	enum rumour_answer answer = rumour_answer(job->got.status);
	static const char *const words[] = { "had not heard of it", "knew it",
		"does not want it", "does not answer" };
	int *const counts[] = { &t->a->news, &t->a->known, &t->a->refused,
		&t->a->silent };

	if (job->got.answer == HTTP_BUSY)
		t->a->places[t->order[job - t->jobs]].retry_after =
		    job->got.retry_after;
	rumour_hear(&t->rumour, answer);
	(*counts[answer])++;
	log_detail("feed '%s': serial %lld: '%s' %s%s%s", t->a->name,
	    (long long)t->a->notice.serial, job->url, words[answer],
	    answer < RUMOUR_REFUSED ? "" : ": ",
	    answer < RUMOUR_REFUSED ? "" : job->got.why.text);
}

static int
tell(struct telling *t, struct fault *f)
{
	struct http_job *job;
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return fault_system(f, errno, "no random numbers");
	rumour_shuffle(t->order, t->a->place_count, seed);
	do {
		if (ask_more(t, f) == -1 || http_next(t->http, &job, f) == -1)
			return -1;
		if (job != NULL)
			hear(t, job);
	} while (job != NULL);
	return 0;
}

int
announce_send(struct announcement *a, struct http *http, struct fault *f)
{
	OWNED_BUF struct buf form = BUF_INIT(NOTICE_MAX);
	OWNED_MEM struct http_job *jobs =
	    calloc(a->place_count + 1, sizeof(*jobs));
	OWNED_MEM size_t *order = calloc(a->place_count + 1, sizeof(*order));
	struct telling t = { .a = a,
		.http = http,
		.jobs = jobs,
		.order = order,
		.rumour = { .rule = a->rule } };
	int rc;

	if (jobs == NULL || order == NULL)
		return fault_memory(f);
	if (notice_write(&a->notice, &form, f) == -1)
		return -1;
	t.form = form.data;
	rc = tell(&t, f);
	http_drop(http);
	return rc;
}

void
announce_all(struct announce_list *list, struct http *http)
{
	struct fault f = { 0 };
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct announcement *a = &list->list[i];

		if (announce_send(a, http, &f) == -1)
			log_fault(&f);
		if (a->asked > 0)
			log_detail("feed '%s': %d others were told, %d had "
				   "not heard of it",
			    a->name, a->asked, a->news);
	}
}
