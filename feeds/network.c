#include "feeds/network.h"

#include <string.h>

#include "base/num.h"
#include "base/words.h"

void
network_init(struct network *n)
{
	*n = (struct network){ 0 };
}

static void
clear_places(struct network_place *places, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		free(places[i].url);
		free(places[i].notify);
	}
	free(places);
}

void
network_clear(struct network *n)
{
	clear_places(n->mirrors, n->mirror_count);
	clear_places(n->peers, n->peer_count);
	network_init(n);
}

/* A port, or nothing, up to the path. */
static bool
is_port(const char *text, size_t n)
{
	size_t i;

	if (n == 0)
		return true;
	if (text[0] != ':' || n < 2 || n > 6)
		return false;
	for (i = 1; i < n; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

static bool
is_host(const char *text, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char digits[] = "0123456789.-:";
	size_t i;

	for (i = 0; i < n; i++)
		if (strchr(letters, text[i]) == NULL &&
		    strchr(digits, text[i]) == NULL && text[i] != '_')
			return false;
	return n > 0;
}

/* Host and port: "a.example:8080", "[2001:db8::1]". */
static bool
is_authority(const char *text, size_t n)
{
	const char *close =
	    n > 0 && text[0] == '[' ? memchr(text, ']', n) : NULL;
	const char *port;

	if (close != NULL)
		return is_host(text + 1, (size_t)(close - text) - 1) &&
		    is_port(close + 1, n - (size_t)(close - text) - 1);
	port = memchr(text, ':', n);
	if (port == NULL)
		return is_host(text, n);
	return is_host(text, (size_t)(port - text)) &&
	    is_port(port, n - (size_t)(port - text));
}

bool
network_url_valid(const char *url)
{
	const char *host, *p;

	if (strnlen(url, NETWORK_URL_MAX + 1) > NETWORK_URL_MAX)
		return false;
	if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	else if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	else
		return false;
	/* Printable ASCII, without what RFC 3986 excludes, or fragments. */
	for (p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("\"<>\\^`{|}#", *p))
			return false;
	return is_authority(host, strcspn(host, "/?"));
}

/* Of a feed's folder: names are put behind it. */
bool
network_is_folder(const char *url)
{
	return network_url_valid(url) && strchr(url, '?') == NULL &&
	    url[strlen(url) - 1] == '/';
}

static int
add_place(struct network_place **places, size_t *count, const char *url,
    const char *notify, struct fault *f)
{
	struct network_place *more, place = { 0 };

	if (!network_is_folder(url))
		return fault_set(f, FAULT_FORMAT,
		    "'%.200s' is not an http or "
		    "https URL of a folder, with a slash at the end",
		    url);
	if (notify != NULL && !network_url_valid(notify))
		return fault_set(f, FAULT_FORMAT,
		    "'%.200s' is not an http or https URL", notify);
	more = reallocarray(*places, *count + 1, sizeof(*more));
	if (more == NULL)
		return fault_memory(f);
	*places = more;
	place.url = strdup(url);
	place.notify = notify == NULL ? NULL : strdup(notify);
	if (place.url == NULL || (notify != NULL && place.notify == NULL)) {
		free(place.url);
		free(place.notify);
		return fault_memory(f);
	}
	more[(*count)++] = place;
	return 0;
}

int
network_add_mirror(struct network *n, const char *url, int64_t priority,
    struct fault *f)
{
	if (priority < 0 || priority > NUM_MAX)
		return fault_set(f, FAULT_FORMAT,
		    "mirror '%.200s': priority %lld is out of range", url,
		    (long long)priority);
	if (add_place(&n->mirrors, &n->mirror_count, url, NULL, f) == -1)
		return fault_within(f, "mirror");
	n->mirrors[n->mirror_count - 1].priority = priority;
	return 0;
}

int
network_add_peer(struct network *n, const char *url, const char *notify,
    struct fault *f)
{
	if (add_place(&n->peers, &n->peer_count, url, notify, f) == -1)
		return fault_within(f, "peer");
	return 0;
}

int
network_add_line(struct network *n, const char *line, struct fault *f)
{
	OWNED_WORDS struct words w = WORDS_INIT;

	if (words_split(line, &w, f) == -1)
		return -1;
	if (w.count < 1 || w.count > 2)
		return fault_set(f, FAULT_FORMAT,
		    "a peer is a URL, and the URL of its receiver");
	return network_add_peer(n, w.word[0], w.count == 2 ? w.word[1] : NULL,
	    f);
}
